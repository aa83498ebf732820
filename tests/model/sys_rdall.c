// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.RDALL: the metadata as a list in a page of the host's (TDX module ABI,
 * "Metadata list").  A header: bytes (15:0) and sequences (31:16).  A sequence: the id of
 * its first field, with the number of further fields in bits 46:38, then the elements.
 */
#include "model_state.h"

#define HEADER		8U
#define MAX_FURTHER	0x1ffU	/* fields of a sequence, after the first */

/* The same class and element size, and one code further. */
static bool follows(u64 id, u64 next)
{
	return next == id + 1;
}

/* A sequence from *@id on; returns its bytes, 0: no room for one element. */
static u32 put_sequence(const struct tdxm *m, u8 *at, u32 room, u64 *id)
{
	u64 first = *id, value, next;
	u32 n = 0;

	while ((n + 2) * 8 <= room && tdxm_sys_element(m, *id, &value, &next)) {
		u64 last = *id;

		n++;
		tdxm_put(at, 8 * n, value, 8);
		*id = next;
		if (!follows(last, next) || n > MAX_FURTHER)
			break;
	}
	if (n)
		tdxm_put(at, 0, first | (u64)(n - 1) << 38, 8);
	return n ? (n + 1) * 8 : 0;
}

u64 tdxm_sys_rdall(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u32 size = HEADER, sequences = 0, put;
	u64 id = c->in.r8, status, value, next;
	u8 *list;

	c->out->r8 = TDXM_NULL_FIELD;
	status = tdxm_check_shared(m, c->in.rdx, TDXM_4K);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RDX);
	if (id == TDXM_NULL_FIELD)
		id = tdxm_sys_first_id(m);
	if (!tdxm_sys_element(m, id, &value, &next))
		return TDX_METADATA_FIELD_ID_INCORRECT;
	list = tdxm_map(m, c->in.rdx);
	do {
		put = put_sequence(m, list + size, (u32)TDXM_4K - size, &id);
		size += put;
		sequences += put != 0;
	} while (put && id != TDXM_NULL_FIELD);
	tdxm_put(list, 0, (u64)sequences << 16 | size, HEADER);
	c->out->r8 = id;
	return id == TDXM_NULL_FIELD ? TDX_SUCCESS : TDX_METADATA_LIST_OVERFLOW;
}
