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
#define FLAG_GPAW	1ULL
#define FLAG_NO_RBP_MOD	(1ULL << 2)
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

static bool zero(const u8 *at, u32 from, u32 to)
{
	while (from < to)
		if (at[from++])
			return false;
	return true;
}

static u64 invalid(u32 operand)
{
	return tdxm_operand(TDX_OPERAND_INVALID, operand);
}

static bool xfam_valid(u64 xfam)
{
	u64 avx512 = xfam & XFAM_AVX512;

	if (xfam & ~TDXM_XFAM_FIXED0 || ~xfam & TDXM_XFAM_FIXED1)
		return false;
	return !avx512 || (avx512 == XFAM_AVX512 && xfam & XFAM_AVX);
}

static bool eptp_valid(u64 eptp, bool gpaw)
{
	if (eptp & ~0x3fULL || (eptp & 7) != EPTP_WB)
		return false;
	/* Four levels do not reach a GPA of 52 bits. */
	return EPTP_LEVELS(eptp) == 4 || (EPTP_LEVELS(eptp) == 3 && !gpaw);
}

static u64 take_limits(struct tdxm_td *td, const u8 *p)
{
	td->attributes = get(p, ATTRIBUTES, 8);
	if (td->attributes & ~TDXM_ATTRIBUTES_FIXED0 || ~td->attributes & TDXM_ATTRIBUTES_FIXED1)
		return invalid(TDX_OPERAND_ID_ATTRIBUTES);
	td->xfam = get(p, XFAM, 8);
	if (!xfam_valid(td->xfam))
		return invalid(TDX_OPERAND_ID_XFAM);
	td->max_vcpus = (u16)get(p, MAX_VCPUS, 2);
	if (!td->max_vcpus)
		return invalid(TDX_OPERAND_ID_MAX_VCPUS);
	td->nr_l2_vms = (u8)get(p, NUM_L2_VMS, 1);
	if (td->nr_l2_vms > TDXM_MAX_L2_VMS)
		return invalid(TDX_OPERAND_ID_NUM_L2_VMS);
	if (td->nr_tdcx < TDXM_MIN_TDCS + td->nr_l2_vms)
		return TDX_TDCS_NOT_ALLOCATED;
	return zero(p, NUM_L2_VMS + 1, EPTP_CONTROLS) ? TDX_SUCCESS : invalid(TDX_OPERAND_ID_RDX);
}

static u64 take_controls(const struct tdxm *m, struct tdxm_td *td, const u8 *p)
{
	bool no_rbp_mod = m->version.features0 & TDXM_FEATURE_NO_RBP_MOD;

	td->config_flags = get(p, CONFIG_FLAGS, 8);
	td->gpaw = td->config_flags & FLAG_GPAW;
	if (td->config_flags & ~(FLAG_GPAW | (no_rbp_mod ? FLAG_NO_RBP_MOD : 0)))
		return invalid(TDX_OPERAND_ID_EXEC_CONTROLS);
	td->eptp_controls = get(p, EPTP_CONTROLS, 8);
	if (!eptp_valid(td->eptp_controls, td->gpaw))
		return invalid(TDX_OPERAND_ID_EPTP_CONTROLS);
	td->root_level = (u8)EPTP_LEVELS(td->eptp_controls);
	td->tsc_frequency = (u16)get(p, TSC_FREQUENCY, 2);
	if (td->tsc_frequency < TSC_25MHZ_MIN || td->tsc_frequency > TSC_25MHZ_MAX)
		return invalid(TDX_OPERAND_ID_TSC_FREQUENCY);
	if (!zero(p, RESERVED_1, MRCONFIGID) || !zero(p, RESERVED_2, CPUID_CONFIG))
		return invalid(TDX_OPERAND_ID_RDX);
	memcpy(td->mrconfigid, p + MRCONFIGID, sizeof(td->mrconfigid));
	memcpy(td->mrowner, p + MROWNER, sizeof(td->mrowner));
	memcpy(td->mrownerconfig, p + MROWNERCONFIG, sizeof(td->mrownerconfig));
	return TDX_SUCCESS;
}

/* Only bits that are said to be configurable may be set. *@which: the leaf at fault. */
static u64 take_cpuid(struct tdxm_td *td, const u8 *p, u64 *which)
{
	u32 i, at = CPUID_CONFIG;

	_Static_assert(TDXM_NR_TD_CPUID == TDXM_NR_CPUID_CONFIG, "a leaf for each that can be chosen");

	for (i = 0; i < TDXM_NR_CPUID_CONFIG; i++, at += 16) {
		const struct tdxm_cpuid_config *c = &tdxm_cpuid_config[i];

		if (get(p, at, 4) & ~c->eax || get(p, at + 4, 4) & ~c->ebx ||
		    get(p, at + 8, 4) & ~c->ecx || get(p, at + 12, 4) & ~c->edx) {
			*which = (u64)c->subleaf << 32 | c->leaf;
			return invalid(TDX_OPERAND_ID_CPUID_CONFIG);
		}
		memcpy(td->cpuid[i], p + at, sizeof(td->cpuid[i]));
	}
	return zero(p, at, PARAMS_SIZE) ? TDX_SUCCESS : invalid(TDX_OPERAND_ID_RDX);
}

static u64 mng_init(struct tdxm *m, struct tdxm_td *td, u64 params, u64 *which)
{
	u64 status = tdxm_td_check(td, TDH_MNG_INIT);
	const u8 *p;

	if (status)
		return status;
	status = tdxm_check_shared(m, params, PARAMS_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RDX);
	p = tdxm_map(m, params);
	tdxm_dwell(m, TDH_MNG_INIT);
	status = take_limits(td, p);
	if (!status)
		status = take_controls(m, td, p);
	if (!status)
		status = take_cpuid(td, p, which);
	if (status)
		return status;
	td->epoch = 1;
	tdxm_sha384_init(&td->sha);
	td->op_state = TDXM_OP_INITIALIZED;
	return TDX_SUCCESS;
}

u64 tdxm_mng_init(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status = tdxm_td_take(m, regs->rcx, true, TDX_OPERAND_ID_RCX, &tdr, &td);

	(void)lp;
	regs->rcx = 0;
	if (status)
		return status;
	status = mng_init(m, td, regs->rdx, &regs->rcx);
	tdxm_page_unlock(m, &tdr);
	return status;
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

static u64 mr_extend(struct tdxm *m, u32 lp, struct tdxm_td *td, u64 gpa, struct tdxm_regs *regs)
{
	u64 status = tdxm_td_check(td, TDH_MR_EXTEND);
	struct tdxm_walk w;

	if (status)
		return status;
	if (gpa % CHUNK || !tdxm_gpa_private(td, gpa))
		return invalid(TDX_OPERAND_ID_RCX);
	if (tdxm_sept_walk(m, lp, TDH_MR_EXTEND, td, gpa, TDXM_PS_4K, &w)) {
		tdxm_sept_report(regs, &w);
		return tdxm_operand(TDX_EPT_ENTRY_NOT_PRESENT, TDX_OPERAND_ID_RCX);
	}
	if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_MAPPED)
		return TDX_EPT_ENTRY_NOT_PRESENT;
	tdxm_dwell(m, TDH_MR_EXTEND);
	measure_chunk(m, td, gpa, TDXM_SEPT_HPA(w.entry));
	return TDX_SUCCESS;
}

u64 tdxm_mr_extend(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 gpa = regs->rcx, status;
	struct tdxm_page tdr;
	struct tdxm_td *td;

	status = tdxm_td_take(m, regs->rdx, true, TDX_OPERAND_ID_RDX, &tdr, &td);
	regs->rcx = 0;
	regs->rdx = 0;
	if (status)
		return status;
	status = mr_extend(m, lp, td, gpa, regs);
	tdxm_page_unlock(m, &tdr);
	return status;
}

u64 tdxm_mr_finalize(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status = tdxm_td_take(m, regs->rcx, true, TDX_OPERAND_ID_RCX, &tdr, &td);

	(void)lp;
	if (status)
		return status;
	tdxm_dwell(m, TDH_MR_FINALIZE);
	status = tdxm_td_check(td, TDH_MR_FINALIZE);
	if (!status && !td->nr_vcpus)
		status = TDX_NO_VCPUS;
	if (!status) {
		tdxm_sha384_final(&td->sha, td->mrtd);
		td->op_state = TDXM_OP_RUNNABLE;
	}
	tdxm_page_unlock(m, &tdr);
	return status;
}

/* Metadata fields of a TD: class and code of the id (sys_rd.c). */
#define FIELD(class, code)	((u64)(class) << 56 | (code))
#define FIELD_KEY(id)		((id) & (0x3fULL << 56 | 0xffffff))
#define FIELD_MUST_BE_0		(1ULL << 62 | 1ULL << 55 | 7ULL << 47 | 0x1ffULL << 38 | \
				 0xfULL << 34 | 0xffULL << 24)

static bool measurement(const struct tdxm_td *td, u32 code, u64 *value)
{
	const u64 *const of[] = { td->mrtd, NULL, td->mrconfigid, td->mrowner, td->mrownerconfig };

	if (code / 8 >= sizeof(of) / sizeof(of[0]) || !of[code / 8] || code % 8 >= 6)
		return false;
	*value = of[code / 8][code % 8];
	return true;
}

static bool field_value(const struct tdxm_td *td, u64 key, u64 *value)
{
	switch (key) {
	case FIELD(0, 1):			/* FATAL */
		*value = 0;
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
		       (key >> 56 == 20 && tdxm_td_cpuid(td, (u32)key & 0xffffff, value));
	}
}

u64 tdxm_mng_rd(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status, value;

	(void)lp;
	regs->r8 = 0;
	status = tdxm_td_take(m, regs->rcx, false, TDX_OPERAND_ID_RCX, &tdr, &td);
	if (status)
		return status;
	tdxm_dwell(m, TDH_MNG_RD);
	status = tdxm_td_check(td, TDH_MNG_RD);
	if (!status && (regs->rdx & FIELD_MUST_BE_0 || !field_value(td, FIELD_KEY(regs->rdx), &value)))
		status = TDX_METADATA_FIELD_ID_INCORRECT;
	if (!status)
		regs->r8 = value;
	tdxm_page_unlock(m, &tdr);
	return status;
}
