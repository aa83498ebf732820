// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.RD: the module's global metadata, one 64-bit element a call (TDX
 * module ABI, "Metadata field identifier").
 */
#include "model_state.h"

#define NULL_FIELD	(~0ULL)

/*
 * Of a field id only class (61:56) and code (23:0) choose the field: element
 * size, context and the non-architectural bit are the caller's notes. The rest
 * is reserved, or for sequences.
 */
#define ID_CLASS(id)	((u32)((id) >> 56) & 0x3f)
#define ID_CODE(id)	((u32)(id) & 0xffffff)
#define ID_MUST_BE_0	(1ULL << 62 | 1ULL << 55 | 7ULL << 47 | 0x1ffULL << 38 | \
			 0xfULL << 34 | 0xffULL << 24)

enum source {
	CONST,			/* .value */
	VERSION, CMR_BASE, CMR_SIZE, LIMIT, PAMT_ENTRY, FEATURES, NR_PKGS,
	CPUID_LEAF, CPUID_VALUE,
};

/* Ascending by class and code. */
static const struct field {
	u64 id;
	u16 elements;
	u8 source;
	bool later;		/* not in module 1.5.01 */
	u64 value;		/* or which one of its source */
} fields[] = {
	{ 0x0000000200000000, 1, NR_PKGS, false, 0 },
	{ 0x0000000200000001, 8, CONST, false, 0x000806f8 },		/* PKG_FMS */
	{ 0x0800000200000000, 1, CONST, false, 0x8086 },		/* VENDOR_ID */
	{ 0x8800000200000001, 1, VERSION, false, 0 },			/* BUILD_DATE */
	{ 0x8800000100000002, 1, VERSION, false, 1 },			/* BUILD_NUM */
	{ 0x0800000100000003, 1, VERSION, false, 2 },			/* MINOR_VERSION */
	{ 0x0800000100000004, 1, VERSION, false, 3 },			/* MAJOR_VERSION */
	{ 0x0800000100000005, 1, VERSION, false, 4 },			/* UPDATE_VERSION */
	{ 0x0800000100000006, 1, CONST, false, 0 },			/* INTERNAL_VERSION */
	{ 0x8900000100000000, 1, CONST, false, TDXM_MODULE_HV },
	{ 0x8900000100000001, 1, CONST, false, TDXM_MIN_UPDATE_HV },
	{ 0x8900000000000002, 1, CONST, false, 0 },			/* NO_DOWNGRADE */
	{ 0x8900000100000003, 1, CONST, false, 4 },			/* NUM_HANDOFF_PAGES */
	{ 0x0a00000200000000, 1, CONST, false, 0 },			/* SYS_ATTRIBUTES */
	{ 0x0a00000000000001, 1, CONST, false, 1 },			/* NUM_TDX_FEATURES */
	{ 0x0a00000300000008, 1, FEATURES, false, 0 },			/* TDX_FEATURES0 */
	{ 0x9000000100000000, 1, CONST, false, TDXM_MAX_CMRS },		/* NUM_CMRS */
	{ 0x9000000300000080, TDXM_MAX_CMRS, CMR_BASE, false, 0 },
	{ 0x9000000300000100, TDXM_MAX_CMRS, CMR_SIZE, false, 0 },
	{ 0x9100000100000008, 1, LIMIT, false, 0 },			/* MAX_TDMRS */
	{ 0x9100000100000009, 1, LIMIT, false, 1 },			/* MAX_RESERVED_PER_TDMR */
	{ 0x9100000100000010, 1, PAMT_ENTRY, false, TDXM_PS_4K },
	{ 0x9100000100000011, 1, PAMT_ENTRY, false, TDXM_PS_2M },
	{ 0x9100000100000012, 1, PAMT_ENTRY, false, TDXM_PS_1G },
	{ 0x9800000100000000, 1, CONST, false, TDXM_4K },		/* TDR_BASE_SIZE */
	{ 0x9800000100000100, 1, CONST, false, TDXM_TDCS_BASE_SIZE },
	{ 0x9800000100000101, 1, CONST, false, TDXM_4K },		/* TDCS_SIZE_PER_L2_VM */
	{ 0x9800000100000200, 1, CONST, false, TDXM_TDVPS_BASE_SIZE },
	{ 0x9800000100000201, 1, CONST, false, 3 * TDXM_4K },		/* TDVPS_SIZE_PER_L2_VM */
	{ 0x1900000300000000, 1, CONST, false, TDXM_ATTRIBUTES_FIXED0 },
	{ 0x1900000300000001, 1, CONST, false, TDXM_ATTRIBUTES_FIXED1 },
	{ 0x1900000300000002, 1, CONST, false, TDXM_XFAM_FIXED0 },
	{ 0x1900000300000003, 1, CONST, false, TDXM_XFAM_FIXED1 },
	{ 0x9900000100000004, 1, CONST, false, TDXM_NR_CPUID_CONFIG },
	{ 0x9900000300000006, 1, CONST, true, 0x7 },			/* CONFIG_FLAGS_FIXED0 */
	{ 0x9900000300000007, 1, CONST, true, 0 },			/* CONFIG_FLAGS_FIXED1 */
	{ 0x9900000100000008, 1, CONST, true, 576 },			/* MAX_VCPUS_PER_TD: since 1.5.05 */
	{ 0x9900000300000400, 32, CPUID_LEAF, false, 0 },
	{ 0x9900000300000500, 64, CPUID_VALUE, false, 0 },
	{ 0x9900000300000600, 1, CONST, true, 0 },	/* IA32_ARCH_CAPABILITIES_CONFIG_MASK */
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

static u64 version_value(const struct tdxm_version *v, u64 which)
{
	switch (which) {
	case 0:
		return v->date;
	case 1:
		return v->build;
	case 2:
		return v->minor;
	case 3:
		return v->major;
	default:
		return v->update;
	}
}

static u64 cpuid_value(u32 element)
{
	const struct tdxm_cpuid_config *c;

	if (element / 2 >= TDXM_NR_CPUID_CONFIG)
		return 0;
	c = &tdxm_cpuid_config[element / 2];
	return element % 2 ? (u64)c->edx << 32 | c->ecx : (u64)c->ebx << 32 | c->eax;
}

static u64 cpuid_leaf(u32 element)
{
	if (element >= TDXM_NR_CPUID_CONFIG)
		return ~0ULL;
	return (u64)tdxm_cpuid_config[element].subleaf << 32 | tdxm_cpuid_config[element].leaf;
}

static u64 value(const struct tdxm *m, const struct field *f, u32 element)
{
	const struct tdxm_machine *mc = &m->machine;

	switch (f->source) {
	case VERSION:
		return version_value(&m->version, f->value);
	case CMR_BASE:
		return element < mc->nr_cmrs ? mc->cmrs[element].base : 0;
	case CMR_SIZE:
		return element < mc->nr_cmrs ? mc->cmrs[element].size : 0;
	case LIMIT:
		return f->value ? mc->max_reserved : mc->max_tdmrs;
	case PAMT_ENTRY:
		return mc->pamt_entry_size[f->value];
	case FEATURES:
		return m->version.features0;
	case NR_PKGS:
		return m->nr_pkgs;
	case CPUID_LEAF:
		return cpuid_leaf(element);
	case CPUID_VALUE:
		return cpuid_value(element);
	default:
		return f->value;
	}
}

static bool present(const struct tdxm *m, const struct field *f)
{
	return !f->later || m->machine.profile == TDXM_NEXT;
}

static const struct field *find(const struct tdxm *m, u64 id, u32 *element)
{
	u32 i;

	for (i = 0; i < NR_FIELDS; i++) {
		const struct field *f = &fields[i];
		u32 distance = ID_CODE(id) - ID_CODE(f->id);

		if (ID_CLASS(id) == ID_CLASS(f->id) && ID_CODE(id) >= ID_CODE(f->id) &&
		    distance < f->elements && present(m, f)) {
			*element = distance;
			return f;
		}
	}
	return NULL;
}

/* The next element of @f, or the first of the next field. */
static u64 next_id(const struct tdxm *m, const struct field *f, u32 element)
{
	if (element + 1 < f->elements)
		return f->id + element + 1;
	while (++f < fields + NR_FIELDS)
		if (present(m, f))
			return f->id;
	return NULL_FIELD;
}

int tdxm_override_field(struct tdxm *m, u64 field, u64 value)
{
	if (m->nr_overrides == TDXM_MAX_OVERRIDES)
		return -1;
	m->overrides[m->nr_overrides].field = field;
	m->overrides[m->nr_overrides].value = value;
	m->nr_overrides++;
	return 0;
}

/* The last one wins; @value where there is none. */
static u64 overridden(const struct tdxm *m, u64 id, u64 value)
{
	u32 i;

	for (i = 0; i < m->nr_overrides; i++)
		if (m->overrides[i].field == id)
			value = m->overrides[i].value;
	return value;
}

u64 tdxm_sys_rd(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 id = regs->rdx;
	const struct field *f;
	u32 element;

	regs->rdx = NULL_FIELD;
	regs->r8 = 0;
	if (!tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (id == NULL_FIELD) {
		regs->rdx = fields[0].id;
		return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	}
	if (id & ID_MUST_BE_0)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	f = find(m, id, &element);
	if (!f)
		return TDX_METADATA_FIELD_ID_INCORRECT;
	regs->r8 = overridden(m, id, value(m, f, element));
	regs->rdx = next_id(m, f, element);
	return TDX_SUCCESS;
}
