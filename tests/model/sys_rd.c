// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.RD: the module's global metadata, one 64-bit element a call (TDX
 * module ABI, "Metadata field identifier").
 */
#include "model_state.h"

#define ID_CLASS(id)	((u32)((id) >> 56) & 0x3f)
#define ID_CODE(id)	((u32)(id) & 0xffffff)

enum source {
	CONST,			/* .value */
	VERSION, CMR_BASE, CMR_SIZE, LIMIT, PAMT_ENTRY, NR_PKGS, FEATURES, FIXED, HANDOFF,
	CPUID_NR, CPUID_LEAF, CPUID_VALUE, MAX_VCPUS,
};

enum { FIXED_ATTRIBUTES0, FIXED_XFAM0, FIXED_XFAM1, FIXED_FLAGS0 };
enum { HANDOFF_MODULE, HANDOFF_MIN, HANDOFF_VALID, HANDOFF_HV, HANDOFF_SIZE };

#define HANDOFF_PAGES	16	/* less one; a platform's choice */
#define HANDOFF_BYTES	0xd09a	/* as much as 1.5.34 writes */

/* Ascending by class and code, as TDH.SYS.RDALL lists them. */
static const struct field {
	u64 id;
	u16 elements;
	u8 source;
	u8 since;		/* profile */
	u64 value;		/* or which one of its source */
} fields[] = {
	{ 0x0000000200000000, 1, .source = NR_PKGS },
	{ 0x0000000200000001, 8, CONST, .value = 0x000806f8 },		/* PKG_FMS */
	{ 0x0800000200000000, 1, CONST, .value = 0x8086 },		/* VENDOR_ID */
	{ 0x8800000200000001, 1, VERSION, .value = 0 },			/* BUILD_DATE */
	{ 0x8800000100000002, 1, VERSION, .value = 1 },			/* BUILD_NUM */
	{ 0x0800000100000003, 1, VERSION, .value = 2 },			/* MINOR_VERSION */
	{ 0x0800000100000004, 1, VERSION, .value = 3 },			/* MAJOR_VERSION */
	{ 0x0800000100000005, 1, VERSION, .value = 4 },			/* UPDATE_VERSION */
	{ 0x0800000100000006, 1, CONST, .value = 0 },			/* INTERNAL_VERSION */
	{ 0x8900000100000000, 1, HANDOFF, .value = HANDOFF_MODULE },
	{ 0x8900000100000001, 1, HANDOFF, .value = HANDOFF_MIN },
	{ 0x8900000000000002, 1, CONST, .value = 0 },			/* NO_DOWNGRADE */
	{ 0x8900000100000003, 1, CONST, .value = HANDOFF_PAGES },
	{ 0x8900000000000004, 1, HANDOFF, .value = HANDOFF_VALID },
	{ 0x8900000100000005, 1, HANDOFF, .value = HANDOFF_HV },
	{ 0x8900000200000006, 1, HANDOFF, .value = HANDOFF_SIZE },
	{ 0x0a00000200000000, 1, CONST, .value = 0 },			/* SYS_ATTRIBUTES */
	{ 0x0a00000000000001, 1, CONST, .value = 1 },			/* NUM_TDX_FEATURES */
	{ 0x0a00000300000008, 1, .source = FEATURES },				/* TDX_FEATURES0 */
	{ 0x9000000100000000, 1, CONST, .value = TDXM_MAX_CMRS },	/* NUM_CMRS */
	{ 0x9000000300000080, TDXM_MAX_CMRS, .source = CMR_BASE },
	{ 0x9000000300000100, TDXM_MAX_CMRS, .source = CMR_SIZE },
	{ 0x9100000100000008, 1, LIMIT, .value = 0 },			/* MAX_TDMRS */
	{ 0x9100000100000009, 1, LIMIT, .value = 1 },		/* MAX_RESERVED_PER_TDMR */
	{ 0x9100000100000010, 1, PAMT_ENTRY, .value = TDXM_PS_4K },
	{ 0x9100000100000011, 1, PAMT_ENTRY, .value = TDXM_PS_2M },
	{ 0x9100000100000012, 1, PAMT_ENTRY, .value = TDXM_PS_1G },
	{ 0x9100000000000013, 1, CONST, TDXM_1_5_34, 1 },	/* PAMT_PAGE_BITMAP_ENTRY_BITS */
	{ 0x9100000000000014, 1, CONST, TDXM_1_5_34, 0 }, /* MIN_DYNAMIC_PAMT_NUM_HKID_BITS */
	{ 0x9800000100000000, 1, CONST, .value = TDXM_4K },		/* TDR_BASE_SIZE */
	{ 0x9800000100000100, 1, CONST, .value = TDXM_TDCS_BASE_SIZE },
	{ 0x9800000100000101, 1, CONST, .value = TDXM_4K },	/* TDCS_SIZE_PER_L2_VM */
	{ 0x9800000100000200, 1, CONST, .value = TDXM_TDVPS_BASE_SIZE },
	{ 0x9800000100000201, 1, CONST, .value = 3 * TDXM_4K },	/* TDVPS_SIZE_PER_L2_VM */
	{ 0x1900000300000000, 1, FIXED, .value = FIXED_ATTRIBUTES0 },
	{ 0x1900000300000001, 1, CONST, .value = 0 },			/* ATTRIBUTES_FIXED1 */
	{ 0x1900000300000002, 1, FIXED, .value = FIXED_XFAM0 },
	{ 0x1900000300000003, 1, FIXED, .value = FIXED_XFAM1 },
	{ 0x9900000100000004, 1, .source = CPUID_NR },				/* NUM_CPUID_CONFIG */
	{ 0x9900000300000006, 1, FIXED, .value = FIXED_FLAGS0 },	/* CONFIG_FLAGS_FIXED0 */
	{ 0x9900000300000007, 1, CONST, .value = 0 },			/* CONFIG_FLAGS_FIXED1 */
	{ 0x9900000100000008, 1, MAX_VCPUS, TDXM_1_5_05, 0 },		/* MAX_VCPUS_PER_TD */
	{ 0x9900000300000400, 32, .source = CPUID_LEAF },
	{ 0x9900000300000500, 64, .source = CPUID_VALUE },
	{ 0x9900000300000600, 1, CONST, .value = 0x1180010 }, /* IA32_ARCH_CAPABILITIES_CONFIG_MASK */
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

static u64 version_value(const struct tdxm_version *v, u64 which)
{
	const u64 values[] = { v->date, v->build, v->minor, v->major, v->update };

	return values[which];
}

static u64 fixed_value(const struct tdxm_version *v, u64 which)
{
	const u64 values[] = { v->attributes_fixed0, v->xfam_fixed0, v->xfam_fixed1,
			       v->config_flags_fixed0 };

	return values[which];
}

static u64 handoff_value(const struct tdxm *m, u64 which)
{
	const u64 values[] = { m->version->module_hv, m->version->min_update_hv,
			       m->handoff.valid, m->handoff.hv,
			       m->handoff.valid ? HANDOFF_BYTES : 0 };

	return values[which];
}

static u64 cpuid_value(const struct tdxm_version *v, u32 element)
{
	const struct tdxm_cpuid_config *c = &v->cpuid[element / 2];
	u32 reg = element % 2 * 2;

	if (element / 2 >= v->nr_cpuid)
		return 0;
	if (v->rd_says_allowed)
		return (u64)tdxm_cpuid_settable(c, reg + 1) << 32 | tdxm_cpuid_settable(c, reg);
	return (u64)c->direct[reg + 1] << 32 | c->direct[reg];
}

static u64 cpuid_leaf(const struct tdxm_version *v, u32 element)
{
	if (element >= v->nr_cpuid)
		return ~0ULL;
	return (u64)v->cpuid[element].subleaf << 32 | v->cpuid[element].leaf;
}

static u64 value(const struct tdxm *m, const struct field *f, u32 element)
{
	const struct tdxm_machine *mc = &m->machine;
	const struct tdxm_version *v = m->version;

	switch (f->source) {
	case VERSION:
		return version_value(v, f->value);
	case CMR_BASE:
		return element < mc->nr_cmrs ? mc->cmrs[element].base : 0;
	case CMR_SIZE:
		return element < mc->nr_cmrs ? mc->cmrs[element].size : 0;
	case LIMIT:
		return f->value ? mc->max_reserved : mc->max_tdmrs;
	case PAMT_ENTRY:
		return mc->pamt_entry_size[f->value];
	case FEATURES:
		return v->features0;
	case NR_PKGS:
		return m->nr_pkgs;
	case FIXED:
		return fixed_value(v, f->value);
	case HANDOFF:
		return handoff_value(m, f->value);
	case CPUID_NR:
		return v->nr_cpuid;
	case CPUID_LEAF:
		return cpuid_leaf(v, element);
	case CPUID_VALUE:
		return cpuid_value(v, element);
	case MAX_VCPUS:
		return v->max_vcpus;
	default:
		return f->value;
	}
}

static bool present(const struct tdxm *m, const struct field *f)
{
	return m->machine.profile >= f->since;
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
	return TDXM_NULL_FIELD;
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

bool tdxm_sys_element(const struct tdxm *m, u64 id, u64 *v, u64 *next)
{
	const struct field *f;
	u32 element;

	if (id & TDXM_FIELD_MUST_BE_0)
		return false;
	f = find(m, id, &element);
	if (!f)
		return false;
	*v = overridden(m, id, value(m, f, element));
	*next = next_id(m, f, element);
	return true;
}

u64 tdxm_sys_first_id(const struct tdxm *m)
{
	(void)m;
	return fields[0].id;
}

u64 tdxm_sys_rd(struct tdxm_call *c)
{
	c->out->rdx = TDXM_NULL_FIELD;
	if (c->in.rdx == TDXM_NULL_FIELD) {
		c->out->rdx = tdxm_sys_first_id(c->m);
		return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	}
	if (!tdxm_sys_element(c->m, c->in.rdx, &c->out->r8, &c->out->rdx))
		return TDX_METADATA_FIELD_ID_INCORRECT;
	return TDX_SUCCESS;
}
