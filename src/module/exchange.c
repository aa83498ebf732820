// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts another TDX module in the place of the one that there is, with every CPU stopped: the
 * SEAM loader wants SEAMLDR.INSTALL from each LP that the firmware knows, from the first of
 * these calls on no leaf of a TDX module is served, and a consumer must not see that.
 *
 * stop_machine(), as Linux 7.2 does it, and no IPI: a CPU that is asked by IPI may hold a lock
 * that another one spins on with interrupts off.  In the stopper threads nobody holds any.
 *
 * All CPUs go from step to step together.  A step that fails on one ends it for all, after
 * every CPU has made that step, or has left it out.  What that leaves behind, by the step:
 *
 *   check, shutdown   Nothing has changed.  (TDH.SYS.SHUTDOWN does all or nothing.)
 *   install           If the first CPU's call failed, nothing has changed.  If another's did
 *                     that is not the last, the SEAM loader's session is open: no TDX module
 *                     takes calls, and the next attempt goes on with the session.  If the last
 *                     call failed, the session is closed.  RDX 1: there is no TDX module any
 *                     more (@gone).  RDX 0: the old one is as it was, which after
 *                     TDH.SYS.SHUTDOWN means that its data can still be handed over.
 *   verify            As install.  Also seen here: the firmware knows CPUs that this kernel
 *                     does not have, so that the session stays open.
 *   sys_init, lp_init, update   The new module is in place, without the TDs.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/stop_machine.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>

#include "host.h"
#include "seamldr_status.h"

/* A call that is to be repeated is, for ten milliseconds. */
#define TRIES		1000
#define TRY_US		10

/* The SEAM loader serves one CPU at a time. */
static DEFINE_RAW_SPINLOCK(loader_lock);

/* One exchange at a time: the state is installing. */
static atomic_t arrived;	/* CPUs, summed over the steps */
static int failed_step;		/* NO_STEP, or that of the first to fail, set before it arrives */
#define NO_STEP		INT_MAX
static atomic_t nr_failed;

/* ---- one call ---- */

static bool again(u64 leaf, u64 status)
{
	const struct seamldr_status *s;

	if (!(leaf & TDX_STATUS_ERROR))
		return tdx_status_retryable(status);
	s = seamldr_status(status, true);
	return s && s->recoverable;
}

static u64 call(u64 leaf, const struct tdx_regs *in, struct tdx_regs *out)
{
	struct tdx_vmx vmx;
	u64 status;
	u32 tries;

	if (tdx_vmx_begin(&vmx))
		return TDX_SW_UD;
	for (tries = 0; tries < TRIES; tries++) {
		*out = *in;
		status = tdx_vmx_call(&vmx, leaf, out);
		if (!again(leaf, status))
			break;
		udelay(TRY_US);
	}
	tdx_vmx_end(&vmx);
	return status;
}

/* The first failure is told. */
static bool fail(struct tdx_exchange *x, u64 leaf, u64 status, const char *why)
{
	if (atomic_inc_return(&nr_failed) > 1)
		return false;
	x->cpu = smp_processor_id();
	x->leaf = leaf;
	x->status = status;
	x->why = why;
	return false;
}

static bool made(struct tdx_exchange *x, u64 leaf, u64 rcx)
{
	struct tdx_regs in = { .rcx = rcx }, out;
	u64 status = call(leaf, &in, &out);

	return status == TDX_SUCCESS || fail(x, leaf, status, NULL);
}

/* ---- the steps ---- */

/*
 * Here and not earlier: no CPU comes or goes any more, and no owner enters VMX operation.
 * One that is on its way, with CR4.VMXE set, counts as in it.
 */
static bool check(struct tdx_exchange *x, bool lead)
{
	if (lead && !cpumask_equal(cpu_online_mask, cpu_present_mask))
		return fail(x, 0, 0, "a CPU is offline, and the SEAM loader wants a call from every one: bring all online (/sys/devices/system/cpu/cpuN/online, or smt/control where SMT is off)");
	if (!tdx_platform.keeps_vmcs && native_read_cr4() & X86_CR4_VMXE)
		return fail(x, 0, 0, "KVM is in VMX operation, and on this CPU a call to the SEAM loader loses the VMCS that KVM works with: end all virtual machines and unload kvm_intel");
	return true;
}

static bool shut_down(struct tdx_exchange *x, bool lead)
{
	if (!lead || !x->update || x->shut_down)
		return true;
	x->shut_down = made(x, TDH_SYS_SHUTDOWN, x->hv);
	return x->shut_down;
}

static bool install_here(struct tdx_exchange *x)
{
	struct tdx_regs in = { .rcx = __pa(x->params) }, out = {};
	u64 status = call(SEAMLDR_INSTALL, &in, &out);

	/* This CPU has called in a session that an earlier attempt left open. */
	if (status == SEAMLDR_EBADCALL)
		return true;
	x->gone = seamldr_status(status, false) && out.rdx == 1;
	if (status != TDX_SUCCESS)
		return fail(x, SEAMLDR_INSTALL, status, NULL);
	if (!made(x, SEAMLDR_INFO, __pa(x->info)))
		return false;
	x->installed = x->info->seam_ready;
	return true;
}

/*
 * A call after the session's last one, or after one that failed, would open another session.
 * Where an earlier attempt left one open the last call may be that of any CPU.
 */
static bool install(struct tdx_exchange *x, bool lead)
{
	bool ok = true;

	raw_spin_lock(&loader_lock);
	if (!x->installed && !atomic_read(&nr_failed))
		ok = install_here(x);
	raw_spin_unlock(&loader_lock);
	return ok;
}

static const char *not_installed(const struct tdx_exchange *x)
{
	const struct tdx_seamldr *l = &tdx_host.seamldr;

	if (!l->module_ready)
		return "every CPU has called, and the SEAM loader waits for more: boot this machine with all its CPUs (without nr_cpus= and maxcpus=)";
	if (l->svn_major != x->image->svn_major || l->svn_minor != x->image->svn_minor ||
	    (x->update && l->updates_left >= x->updates_left))
		return "the SEAM loader has refused the call, and left the TDX module as it was";
	return NULL;
}

static bool verify(struct tdx_exchange *x, bool lead)
{
	const char *why;

	if (!lead)
		return true;
	if (!made(x, SEAMLDR_INFO, __pa(x->info)))
		return false;
	tdx_seamldr_note(&tdx_host.seamldr, x->info);
	why = not_installed(x);
	return !why || fail(x, 0, 0, why);
}

static bool sys_init(struct tdx_exchange *x, bool lead)
{
	return !lead || !x->update || made(x, TDH_SYS_INIT, 0);
}

static bool lp_init(struct tdx_exchange *x, bool lead)
{
	return !x->update || made(x, TDH_SYS_LP_INIT, 0);
}

static bool update(struct tdx_exchange *x, bool lead)
{
	return !lead || !x->update || made(x, TDH_SYS_UPDATE, 0);
}

static bool (*const steps[])(struct tdx_exchange *x, bool lead) = {
	[TDX_EXCHANGE_CHECK] = check,
	[TDX_EXCHANGE_SHUTDOWN] = shut_down,
	[TDX_EXCHANGE_INSTALL] = install,
	[TDX_EXCHANGE_VERIFY] = verify,
	[TDX_EXCHANGE_SYS_INIT] = sys_init,
	[TDX_EXCHANGE_LP_INIT] = lp_init,
	[TDX_EXCHANGE_UPDATE] = update,
};

/* ---- all CPUs ---- */

/* A full barrier on both sides: what a CPU did before it arrived all see that wait for it. */
static void wait_for_all(u32 step)
{
	int wanted = (step + 1) * num_online_cpus();

	atomic_inc_return(&arrived);
	tdx_progress_tick();
	while (atomic_read_acquire(&arrived) < wanted)
		cpu_relax();
}

static int stopped(void *arg)
{
	struct tdx_exchange *x = arg;
	bool lead = smp_processor_id() == cpumask_first(cpu_online_mask);
	u64 start = rdtsc_ordered();
	u32 step;

	for (step = 0; step < ARRAY_SIZE(steps); step++) {
		if (!steps[step](x, lead))
			cmpxchg(&failed_step, NO_STEP, step);
		wait_for_all(step);
		/* A faster CPU may have failed at the next step already. */
		if (READ_ONCE(failed_step) <= (int)step)
			break;
	}
	if (lead) {
		x->step = step;
		x->cycles = rdtsc_ordered() - start;
		tdx_times_irqs_off(x->cycles);
	}
	return 0;
}

int tdx_exchange(struct tdx_exchange *x)
{
	int err;

	x->info = (void *)get_zeroed_page(GFP_KERNEL);
	if (!x->info)
		return -ENOMEM;
	atomic_set(&arrived, 0);
	atomic_set(&nr_failed, 0);
	failed_step = NO_STEP;
	tdx_progress(x->update ? "update" : "install", 0, num_online_cpus() * ARRAY_SIZE(steps));
	err = stop_machine(stopped, x, cpu_online_mask);
	free_page((unsigned long)x->info);
	return err;
}
