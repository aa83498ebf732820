// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.INFO: TDSYSINFO_STRUCT and the array of CMRs. */
#include "model_state.h"

#define TDSYSINFO_SIZE	1024
#define CMR_INFO_SIZE	16

const struct tdxm_cpuid_config tdxm_cpuid_config[TDXM_NR_CPUID_CONFIG] = {
	{ 0x1, 0xffffffff, 0x0fff3fff, 0x00ff0000, 0x00000000, 0x00000000 },
	{ 0x7, 0x0, 0x00000000, 0xd02b9b18, 0x02417f64, 0x00054010 },
	{ 0x80000008, 0xffffffff, 0x000000ff, 0x00000000, 0x00000000, 0x00000000 },
};

static void fill_sysinfo(const struct tdxm *m, u8 *s)
{
	const struct tdxm_version *v = &m->version;
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
	tdxm_put(s, 64, TDXM_ATTRIBUTES_FIXED0, 8);
	tdxm_put(s, 72, TDXM_ATTRIBUTES_FIXED1, 8);
	tdxm_put(s, 80, TDXM_XFAM_FIXED0, 8);
	tdxm_put(s, 88, TDXM_XFAM_FIXED1, 8);
	tdxm_put(s, 128, TDXM_NR_CPUID_CONFIG, 4);
	memcpy(s + 132, tdxm_cpuid_config, sizeof(tdxm_cpuid_config));
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

u64 tdxm_sys_info(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 info_pa = regs->rcx, info_size = regs->rdx;
	u64 cmr_pa = regs->r8, nr_cmrs = regs->r9, status;
	u8 *info, *cmrs;

	regs->rdx = 0;
	regs->r9 = 0;
	if (!tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	status = tdxm_check_shared(m, info_pa, TDSYSINFO_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	if (info_size < TDSYSINFO_SIZE)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	/* Cleared before the other operands are looked at (module 1.5 behaviour). */
	info = tdxm_map(m, info_pa);
	memset(info, 0, TDSYSINFO_SIZE);
	status = tdxm_check_shared(m, cmr_pa, TDXM_MAX_CMRS * CMR_INFO_SIZE);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_R8);
	if (nr_cmrs < TDXM_MAX_CMRS)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R9);
	cmrs = tdxm_map(m, cmr_pa);
	fill_sysinfo(m, info);
	fill_cmrs(m, cmrs);
	regs->rdx = TDSYSINFO_SIZE;
	regs->r9 = TDXM_MAX_CMRS;
	return TDX_SUCCESS;
}
