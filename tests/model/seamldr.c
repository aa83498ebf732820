// SPDX-License-Identifier: GPL-2.0-only
/* The P-SEAMLDR: SEAMLDR.INFO. One LP at a time; a second one gets VMfailInvalid. */
#include "model_state.h"

#define SEAMLDR_INFO_SIZE	256

static u64 seamldr_info(struct tdxm *m, u64 pa)
{
	const struct tdxm_version *v = m->version;
	u8 *info;

	if (tdxm_check_shared(m, pa, SEAMLDR_INFO_SIZE))
		return TDXM_SEAMLDR_EBADPARAM;
	info = tdxm_map(m, pa);
	memset(info, 0, SEAMLDR_INFO_SIZE);
	tdxm_put(info, 8, 0x8086, 4);
	tdxm_put(info, 12, v->date, 4);
	tdxm_put(info, 16, v->build, 2);
	tdxm_put(info, 18, v->minor, 2);
	tdxm_put(info, 20, v->major, 2);
	tdxm_put(info, 22, v->update, 2);
	tdxm_put(info, 28, v->has_sys_rd ? 8 : 0, 4);	/* updates that are left */
	tdxm_put(info, 160, tdxm_state(m) != TDXM_SHUTDOWN, 1);
	tdxm_put(info, 162, 1, 1);
	return TDX_SUCCESS;
}

enum tdxm_outcome tdxm_seamldr(struct tdxm *m, struct tdxm_regs *regs)
{
	if (!tdxm_try_exclusive(&m->seamldr_lock))
		return TDXM_VMFAILINVALID;
	tdxm_dwell(m, regs->rax);
	if (regs->rax == SEAMLDR_INFO)
		regs->rax = seamldr_info(m, regs->rcx);
	else
		regs->rax = TDXM_SEAMLDR_EBADCALL;
	tdxm_unlock_exclusive(&m->seamldr_lock);
	return TDXM_COMPLETED;
}
