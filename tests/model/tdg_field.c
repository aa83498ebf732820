// SPDX-License-Identifier: GPL-2.0-only
/* The fields that TDG.VM.RD, VM.WR, VP.RD and VP.WR have in common: found, led along, written. */
#include "model_state.h"

const struct tdxm_guest_field *tdxm_guest_field(const struct tdxm_guest_field *fields, u32 nr,
						u64 id, u32 *element)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		*element = TDXM_FIELD_CODE(id) - TDXM_FIELD_CODE(fields[i].id);
		if (TDXM_FIELD_CLASS(id) == TDXM_FIELD_CLASS(fields[i].id) && *element < fields[i].nr)
			return &fields[i];
	}
	return NULL;
}

u64 tdxm_guest_field_next(const struct tdxm_guest_field *fields, u32 nr,
			  const struct tdxm_guest_field *f, u32 element)
{
	if (element + 1 < f->nr)
		return f->id + element + 1;
	return f + 1 < fields + nr ? f[1].id : TDXM_NULL_FIELD;
}

/* Bits of @mask that are not the guest's must stay as they are. */
u64 tdxm_guest_write(u64 before, u64 value, u64 mask, u64 writable, u64 *after)
{
	if (!(mask & writable))
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	if ((before ^ value) & mask & ~writable)
		return TDX_METADATA_FIELD_VALUE_NOT_VALID;
	*after = (before & ~mask) | (value & mask);
	return TDX_SUCCESS;
}
