// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDCALL: the leaves that a TD calls, one row each.  A leaf that the module knows and the
 * model does not is answered as if it were unknown.  Order of the checks: module 1.5.
 */
#include "model_state.h"

#define LEAF(rax)	((rax) & 0xffffULL)
#define RAX_RESERVED	(~0xffffffULL)
#define VERSION(rax)	((u32)((rax) >> 16) & 0xff)

#define ALWAYS		false
#define SINCE_1_5	true

static const struct {
	u16 leaf;
	tdxm_tdg_fn *run;
	bool since_1_5;
} rows[] = {
	{ TDG_VP_VMCALL, tdxm_tdg_vp_vmcall, ALWAYS },
	{ TDG_VP_INFO, tdxm_tdg_vp_info, ALWAYS },
	{ TDG_MR_RTMR_EXTEND, tdxm_tdg_mr_rtmr_extend, ALWAYS },
	{ TDG_VP_VEINFO_GET, tdxm_tdg_vp_veinfo_get, ALWAYS },
	{ TDG_MR_REPORT, tdxm_tdg_mr_report, ALWAYS },
	{ TDG_VP_CPUIDVE_SET, tdxm_tdg_vp_cpuidve_set, ALWAYS },
	{ TDG_MEM_PAGE_ACCEPT, tdxm_tdg_mem_page_accept, ALWAYS },
	{ TDG_VM_RD, tdxm_tdg_vm_rd, ALWAYS },
	{ TDG_VM_WR, tdxm_tdg_vm_wr, ALWAYS },
	{ TDG_VP_RD, tdxm_tdg_vp_rd, SINCE_1_5 },
	{ TDG_VP_WR, tdxm_tdg_vp_wr, SINCE_1_5 },
	{ TDG_SYS_RD, tdxm_tdg_sys_rd, SINCE_1_5 },
	{ TDG_SYS_RDALL, tdxm_tdg_sys_rdall, SINCE_1_5 },
	{ TDG_MEM_PAGE_ATTR_RD, tdxm_tdg_mem_page_attr_rd, SINCE_1_5 },
	{ TDG_MEM_PAGE_ATTR_WR, tdxm_tdg_mem_page_attr_wr, SINCE_1_5 },
};

static tdxm_tdg_fn *find(const struct tdxm *m, u64 rax)
{
	u32 i;

	/* TDG.VM.RD looks at its version itself, the others have none but 0. */
	if (rax & RAX_RESERVED || (VERSION(rax) && (LEAF(rax) != TDG_VM_RD || !m->version->has_sys_rd)))
		return NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].leaf == LEAF(rax) && (!rows[i].since_1_5 || m->version->has_sys_rd))
			return rows[i].run;
	return NULL;
}

/* The CPU looks at the privilege level, the module at the mode: both before any leaf. */
enum tdxm_after tdxm_tdcall(struct tdxm_call *c, const struct tdxm_mode *mode)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	tdxm_tdg_fn *run = find(c->m, g->rax);
	u64 status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
	enum tdxm_after after = TDXM_NEXT_INSN;

	if (mode->cpl || !mode->code64)
		return tdxm_guest_fault(c, TDXM_VECTOR_GP);
	if (run)
		after = run(c, &status);
	/* A guest that is left within a leaf gets its RAX when it is entered again. */
	if (after == TDXM_NEXT_INSN)
		g->rax = status;
	return after;
}
