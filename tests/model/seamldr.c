// SPDX-License-Identifier: GPL-2.0-only
/*
 * The P-SEAMLDR.  One LP at a time: a second one gets VMfailInvalid.
 *
 * SEAMLDR.INSTALL is called once on each LP that the firmware knows.  The first call blocks
 * the TDX module, the last one installs, with its own operand; between them the session stays
 * open, whatever happens to the host.  If the last call fails before it has touched the
 * module, that one takes calls again; if after (RDX 1), there is none.
 */
#include "model_state.h"

#define SEAMLDR_INFO_SIZE	256

/* TEE_TCB_INFO of the module, as SEAMLDR_INFO holds it from here on. */
#define SEAM_INFO		32

static void put_seam_info(const struct tdxm *m, u8 *info)
{
	if (!m->loader.svn && !tdxm_module_ready(m))
		return;
	tdxm_put(info, SEAM_INFO, 0x1ff, 8);
	tdxm_put(info, SEAM_INFO + 8, m->loader.svn, 2);
}

static u64 seamldr_info(struct tdxm *m, u64 pa)
{
	const struct tdxm_version *v = &tdxm_versions[m->loader.version];
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
	tdxm_put(info, 28, m->loader.updates_left, 4);
	put_seam_info(m, info);
	tdxm_put(info, 160, tdxm_module_ready(m), 1);
	tdxm_put(info, 162, 1, 1);
	return TDX_SUCCESS;
}

static void open_session(struct tdxm *m)
{
	m->loader.was_ready = tdxm_module_ready(m);
	__atomic_store_n(&m->loader.ready, false, __ATOMIC_RELEASE);
}

static void close_session(struct tdxm *m, bool ready)
{
	memset(m->loader.called, 0, sizeof(m->loader.called));
	m->loader.nr_called = 0;
	__atomic_store_n(&m->loader.ready, ready, __ATOMIC_RELEASE);
}

/* RDX: the module that there was is lost. */
static u64 seamldr_install(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	bool unrecoverable = false;
	u64 status;

	regs->rdx = 0;
	if (m->loader.called[lp])
		return TDXM_SEAMLDR_EBADCALL;
	if (!m->loader.nr_called)
		open_session(m);
	m->loader.called[lp] = true;
	if (++m->loader.nr_called < m->machine.nr_lps)
		return TDX_SUCCESS;
	status = tdxm_seamldr_install(m, regs->rcx, &unrecoverable);
	close_session(m, !status || (m->loader.was_ready && !unrecoverable));
	regs->rdx = status && unrecoverable;
	return status;
}

enum tdxm_outcome tdxm_seamldr(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	if (!tdxm_try_exclusive(&m->seamldr_lock))
		return TDXM_VMFAILINVALID;
	tdxm_dwell(m, regs->rax);
	if (regs->rax == SEAMLDR_INFO)
		regs->rax = seamldr_info(m, regs->rcx);
	else if (regs->rax == SEAMLDR_INSTALL)
		regs->rax = seamldr_install(m, lp, regs);
	else
		regs->rax = TDXM_SEAMLDR_EBADPARAM;
	tdxm_unlock_exclusive(&m->seamldr_lock);
	return TDXM_COMPLETED;
}
