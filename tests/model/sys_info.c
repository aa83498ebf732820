// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.INFO: TDSYSINFO_STRUCT and the array of CMRs. */
#include "model_state.h"

#define TDSYSINFO_SIZE	1024
#define CMR_INFO_SIZE	16

static void fill_cpuid(const struct tdxm_version *v, u8 *s)
{
	u32 i, reg;

	tdxm_put(s, 128, v->nr_cpuid, 4);
	for (i = 0, s += 132; i < v->nr_cpuid; i++, s += 24) {
		tdxm_put(s, 0, v->cpuid[i].leaf, 4);
		tdxm_put(s, 4, v->cpuid[i].subleaf, 4);
		for (reg = 0; reg < 4; reg++)
			tdxm_put(s, 8 + 4 * reg, tdxm_cpuid_settable(&v->cpuid[i], reg), 4);
	}
}

static void fill_sysinfo(const struct tdxm *m, u8 *s)
{
	const struct tdxm_version *v = m->version;
	const struct tdxm_machine *mc = &m->machine;

	tdxm_put(s, 4, 0x8086, 4);
	tdxm_put(s, 8, v->date, 4);
	tdxm_put(s, 12, v->build, 2);
	tdxm_put(s, 14, v->minor, 2);
	tdxm_put(s, 16, v->major, 2);
	tdxm_put(s, 18, v->has_sys_rd, 1);
	tdxm_put(s, 32, mc->max_tdmrs, 2);
	tdxm_put(s, 34, mc->max_reserved, 2);
	tdxm_put(s, 36, mc->pamt_entry_size[TDXM_PS_4K], 2);
	tdxm_put(s, 48, TDXM_TDCS_BASE_SIZE, 2);
	tdxm_put(s, 52, TDXM_TDVPS_BASE_SIZE, 2);
	tdxm_put(s, 64, v->attributes_fixed0, 8);
	tdxm_put(s, 80, v->xfam_fixed0, 8);
	tdxm_put(s, 88, v->xfam_fixed1, 8);
	fill_cpuid(v, s);
}

/* Always the whole array: entries without a CMR are null. */
static void fill_cmrs(const struct tdxm *m, u8 *c)
{
	u32 i;

	memset(c, 0, TDXM_MAX_CMRS * CMR_INFO_SIZE);
	for (i = 0; i < m->machine.nr_cmrs; i++) {
		tdxm_put(c, i * CMR_INFO_SIZE, m->machine.cmrs[i].base, 8);
		tdxm_put(c, i * CMR_INFO_SIZE + 8, m->machine.cmrs[i].size, 8);
	}
}

u64 tdxm_sys_info(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u8 *info, *cmrs;
	u64 status;

	status = tdxm_check_shared(m, c->in.rcx, TDSYSINFO_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	if (c->in.rdx < TDSYSINFO_SIZE)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	/* Cleared before the other operands are looked at (module 1.5 behaviour). */
	info = tdxm_map(m, c->in.rcx);
	memset(info, 0, TDSYSINFO_SIZE);
	status = tdxm_check_shared(m, c->in.r8, TDXM_MAX_CMRS * CMR_INFO_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_R8);
	if (c->in.r9 < TDXM_MAX_CMRS)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R9);
	cmrs = tdxm_map(m, c->in.r8);
	fill_sysinfo(m, info);
	fill_cmrs(m, cmrs);
	c->out->rdx = TDSYSINFO_SIZE;
	c->out->r9 = TDXM_MAX_CMRS;
	return TDX_SUCCESS;
}
