// SPDX-License-Identifier: GPL-2.0-only
/* TD_PARAMS, the measurement (MRTD), and what the host may read of a TD. */
#include "model_state.h"

/* TD_PARAMS (module 1.5): offsets. */
#define PARAMS_SIZE	1024
#define ATTRIBUTES	0
#define XFAM		8
#define MAX_VCPUS	16
#define NUM_L2_VMS	18
#define EPTP_CONTROLS	24
#define CONFIG_FLAGS	32
#define TSC_FREQUENCY	40
#define RESERVED_1	42
#define MRCONFIGID	80
#define MROWNER		128
#define MROWNERCONFIG	176
#define RESERVED_2	224
#define CPUID_CONFIG	256

#define XFAM_AVX	(1ULL << 2)
#define XFAM_AVX512	(7ULL << 5)
#define XFAM_CET	(3ULL << 11)
#define XFAM_AMX	(3ULL << 17)
#define FLAG_GPAW	1ULL
#define EPTP_WB		6		/* memory type, 2:0 */
#define EPTP_LEVELS(e)	((e) >> 3 & 7)	/* less one, 5:3 */
#define TSC_25MHZ_MIN	4
#define TSC_25MHZ_MAX	400

static u64 get(const u8 *at, u32 offset, u32 size)
{
	u64 value = 0;

	memcpy(&value, at + offset, size);
	return value;
}

static u64 invalid(u32 operand)
{
	return tdxm_operand(TDX_OPERAND_INVALID, operand);
}

/* Features that come together or not at all. */
static bool together(u64 xfam, u64 bits)
{
	return !(xfam & bits) || (xfam & bits) == bits;
}

static bool xfam_valid(const struct tdxm_version *v, u64 xfam)
{
	if (xfam & ~v->xfam_fixed0 || ~xfam & v->xfam_fixed1)
		return false;
	if (!together(xfam, XFAM_AVX512) || !together(xfam, XFAM_CET) || !together(xfam, XFAM_AMX))
		return false;
	return !(xfam & XFAM_AVX512) || xfam & XFAM_AVX;
}

static bool eptp_valid(u64 eptp, bool gpaw)
{
	if (eptp & ~0x3fULL || (eptp & 7) != EPTP_WB)
		return false;
	/* Four levels do not reach a GPA of 52 bits. */
	return EPTP_LEVELS(eptp) == 4 || (EPTP_LEVELS(eptp) == 3 && !gpaw);
}

static u64 take_limits(const struct tdxm_version *v, struct tdxm_td *td, const u8 *p)
{
	td->attributes = get(p, ATTRIBUTES, 8);
	if (td->attributes & ~v->attributes_fixed0)
		return invalid(TDX_OPERAND_ID_ATTRIBUTES);
	td->xfam = get(p, XFAM, 8);
	if (!xfam_valid(v, td->xfam))
		return invalid(TDX_OPERAND_ID_XFAM);
	td->max_vcpus = (u16)get(p, MAX_VCPUS, 2);
	if (!td->max_vcpus || (v->max_vcpus && td->max_vcpus > v->max_vcpus))
		return invalid(TDX_OPERAND_ID_MAX_VCPUS);
	td->nr_l2_vms = (u8)get(p, NUM_L2_VMS, 1);
	if (td->nr_l2_vms > TDXM_MAX_L2_VMS)
		return invalid(TDX_OPERAND_ID_NUM_L2_VMS);
	if (td->nr_tdcx < TDXM_MIN_TDCS + td->nr_l2_vms)
		return TDX_TDCS_NOT_ALLOCATED;
	return tdxm_is_zero(p, NUM_L2_VMS + 1, EPTP_CONTROLS) ? TDX_SUCCESS : invalid(TDX_OPERAND_ID_RDX);
}

static u64 take_controls(const struct tdxm_version *v, struct tdxm_td *td, const u8 *p)
{
	td->config_flags = get(p, CONFIG_FLAGS, 8);
	td->gpaw = td->config_flags & FLAG_GPAW;
	if (td->config_flags & ~v->config_flags_fixed0)
		return invalid(TDX_OPERAND_ID_EXEC_CONTROLS);
	td->eptp_controls = get(p, EPTP_CONTROLS, 8);
	if (!eptp_valid(td->eptp_controls, td->gpaw))
		return invalid(TDX_OPERAND_ID_EPTP_CONTROLS);
	td->root_level = (u8)EPTP_LEVELS(td->eptp_controls);
	td->tsc_frequency = (u16)get(p, TSC_FREQUENCY, 2);
	if (td->tsc_frequency < TSC_25MHZ_MIN || td->tsc_frequency > TSC_25MHZ_MAX)
		return invalid(TDX_OPERAND_ID_TSC_FREQUENCY);
	if (!tdxm_is_zero(p, RESERVED_1, MRCONFIGID) || !tdxm_is_zero(p, RESERVED_2, CPUID_CONFIG))
		return invalid(TDX_OPERAND_ID_RDX);
	memcpy(td->mrconfigid, p + MRCONFIGID, sizeof(td->mrconfigid));
	memcpy(td->mrowner, p + MROWNER, sizeof(td->mrowner));
	memcpy(td->mrownerconfig, p + MROWNERCONFIG, sizeof(td->mrownerconfig));
	return TDX_SUCCESS;
}

/* Only bits that can be set may be. *@which: the leaf at fault. */
static u64 take_cpuid(const struct tdxm_version *v, struct tdxm_td *td, const u8 *p, u64 *which)
{
	u32 i, reg, at = CPUID_CONFIG;

	_Static_assert(TDXM_NR_TD_CPUID == TDXM_MAX_CPUID_CONFIG, "a leaf for each that can be chosen");

	for (i = 0; i < v->nr_cpuid; i++, at += 16) {
		const struct tdxm_cpuid_config *c = &v->cpuid[i];

		for (reg = 0; reg < 4; reg++)
			if (get(p, at + 4 * reg, 4) & ~tdxm_cpuid_settable(c, reg)) {
				*which = (u64)c->subleaf << 32 | c->leaf;
				return invalid(TDX_OPERAND_ID_CPUID_CONFIG);
			}
		memcpy(td->cpuid[i], p + at, sizeof(td->cpuid[i]));
	}
	return tdxm_is_zero(p, at, PARAMS_SIZE) ? TDX_SUCCESS : invalid(TDX_OPERAND_ID_RDX);
}

u64 tdxm_mng_init(struct tdxm_call *c)
{
	const struct tdxm_version *v = c->m->version;
	struct tdxm_td *td = c->td;
	u64 status;
	const u8 *p;

	status = tdxm_check_shared(c->m, c->in.rdx, PARAMS_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RDX);
	p = tdxm_map(c->m, c->in.rdx);
	status = take_limits(v, td, p);
	if (!status)
		status = take_controls(v, td, p);
	if (!status)
		status = take_cpuid(v, td, p, &c->out->rcx);
	if (status)
		return status;
	td->epoch = 1;
	tdxm_sha384_init(&td->sha);
	td->op_state = TDXM_OP_INITIALIZED;
	return TDX_SUCCESS;
}

#define CHUNK	256

static void measure_chunk(struct tdxm *m, struct tdxm_td *td, u64 gpa, u64 hpa)
{
	u8 block[128] = "MR.EXTEND";
	u32 half, i;

	tdxm_put(block, 16, gpa, 8);
	tdxm_sha384_block(&td->sha, block);
	for (half = 0; half < CHUNK; half += sizeof(block)) {
		for (i = 0; i < sizeof(block); i += 8) {
			u32 word = (u32)(gpa % TDXM_4K + half + i) / 8;

			tdxm_put(block, i, tdxm_page_word(m, hpa, word), 8);
		}
		tdxm_sha384_block(&td->sha, block);
	}
}

/* A free entry is no leaf to walk to; one that is there, but not mapped, is found. */
u64 tdxm_mr_extend(struct tdxm_call *c)
{
	u64 gpa = c->in.rcx;
	struct tdxm_walk w;

	if (gpa % CHUNK || !tdxm_gpa_private(c->td, gpa))
		return invalid(TDX_OPERAND_ID_RCX);
	if (tdxm_sept_walk(c->m, c->lp, TDH_MR_EXTEND, c->td, gpa, TDXM_PS_4K, &w) ||
	    TDXM_SEPT_STATE(w.entry) == TDXM_SEPT_FREE) {
		tdxm_sept_report(c->out, &w);
		return tdxm_operand(TDX_EPT_ENTRY_NOT_PRESENT, TDX_OPERAND_ID_RCX);
	}
	if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_MAPPED)
		return TDX_EPT_ENTRY_NOT_PRESENT;
	measure_chunk(c->m, c->td, gpa, TDXM_SEPT_HPA(w.entry));
	return TDX_SUCCESS;
}

u64 tdxm_mr_finalize(struct tdxm_call *c)
{
	struct tdxm_td *td = c->td;

	if (!td->nr_vcpus)
		return TDX_NO_VCPUS;
	tdxm_sha384_final(&td->sha, td->mrtd);
	td->op_state = TDXM_OP_RUNNABLE;
	return TDX_SUCCESS;
}

/* Metadata fields of a TD: class and code of the id (sys_rd.c). */
#define FIELD(class, code)	((u64)(class) << 56 | (code))

static bool measurement(const struct tdxm_td *td, u32 code, u64 *value)
{
	const u64 *const of[] = { td->mrtd, NULL, td->mrconfigid, td->mrowner, td->mrownerconfig };

	if (code / 8 >= sizeof(of) / sizeof(of[0]) || !of[code / 8] || code % 8 >= 6)
		return false;
	*value = of[code / 8][code % 8];
	return true;
}

bool tdxm_td_field(const struct tdxm *m, const struct tdxm_td *td, u64 key, u64 *value)
{
	switch (key) {
	case FIELD(0, 1):			/* FATAL */
		*value = td->fatal;
		return true;
	case FIELD(0, 2):
		*value = td->nr_tdcx;
		return true;
	case FIELD(0, 4):			/* CHLDCNT */
		*value = __atomic_load_n(&td->children, __ATOMIC_RELAXED);
		return true;
	case FIELD(0, 5):
		*value = td->lifecycle;
		return true;
	case FIELD(1, 1):			/* HKID */
		*value = td->keyid;
		return true;
	case FIELD(16, 1):			/* NUM_VCPUS */
		*value = td->nr_vcpus;
		return true;
	case FIELD(16, 2):			/* NUM_ASSOC_VCPUS */
		*value = __atomic_load_n(&td->nr_assoc, __ATOMIC_RELAXED);
		return true;
	case FIELD(16, 4):
		*value = td->op_state;
		return true;
	case FIELD(17, 0):
		*value = td->attributes;
		return true;
	case FIELD(17, 1):
		*value = td->xfam;
		return true;
	case FIELD(17, 2):
		*value = td->max_vcpus;
		return true;
	case FIELD(17, 3):
		*value = td->gpaw;
		return true;
	case FIELD(17, 10):			/* TSC_OFFSET */
		*value = 0;
		return true;
	case FIELD(17, 11):			/* TSC_MULTIPLIER: the host's own frequency */
		*value = 1ULL << 48;
		return true;
	case FIELD(18, 0):			/* TD_EPOCH */
		*value = __atomic_load_n(&td->epoch, __ATOMIC_RELAXED);
		return true;
	default:
		return (key >> 56 == 19 && measurement(td, (u32)key & 0xffffff, value)) ||
		       (key >> 56 == 20 && tdxm_td_cpuid(m, td, (u32)key & 0xffffff, value));
	}
}

/*
 * Version 1 also says which element is next, in RDX: its class and code, and the TD as
 * context.  The element's size, which a module adds, is left out.
 */
#define CONTEXT_TD	(1ULL << 52)

static u64 next_field(const struct tdxm *m, const struct tdxm_td *td, u64 key)
{
	u32 class = (u32)(key >> 56) & 0x3f, code = (u32)key & 0xffffff;
	u64 value;

	for (code++; class <= 20; class++, code = 0)
		for (; code < (class == 20 ? 1U << 17 : 64U); code++)
			if (tdxm_td_field(m, td, FIELD(class, code), &value))
				return FIELD(class, code) | CONTEXT_TD;
	return TDXM_NULL_FIELD;
}

u64 tdxm_mng_rd(struct tdxm_call *c)
{
	u64 key = TDXM_FIELD_KEY(c->in.rdx);

	if (c->version) {
		c->out->rdx = TDXM_NULL_FIELD;
		if (c->in.rdx == TDXM_NULL_FIELD) {
			c->out->rdx = next_field(c->m, c->td, 0);
			return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
		}
	}
	if (c->in.rdx & TDXM_FIELD_MUST_BE_0 || !tdxm_td_field(c->m, c->td, key, &c->out->r8))
		return TDX_METADATA_FIELD_ID_INCORRECT;
	if (c->version)
		c->out->rdx = next_field(c->m, c->td, key);
	return TDX_SUCCESS;
}
