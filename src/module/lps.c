// SPDX-License-Identifier: GPL-2.0-only
/*
 * Chooses the CPUs that bring-up initialises: CPUs without latency-critical code, at
 * least one per package, and the isolated CPUs if the TDX module says that it needs
 * them, as all modules published so far do.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>

#include "host.h"

static int already_initialized(void)
{
	tdx_error("the TDX module was initialised before, by another kernel or driver, which is possible only once per load: have the SEAM loader install it again (tdxhost module reset), or power-cycle the machine");
	return -EINVAL;
}

/* LP.INIT on @cpus.  0, also where some refuse, and those are left in @cpus; or < 0. */
static int lp_init_on(struct tdx_lps_run *run, struct cpumask *cpus)
{
	struct tdx_each each = { .leaf = TDH_SYS_LP_INIT, .wanted = tdx_lp_note };
	char where[128];

	if (!tdx_call_on_each(cpus, &each, tdx_on_cpus_short))
		return 0;
	cpumask_or(&run->refused, &run->refused, cpus);
	if (run->resumed && tdx_status_name_bits(each.failure) == TDX_SYS_LP_INIT_NOT_PENDING)
		return already_initialized();
	snprintf(where, sizeof(where), "on CPU %*pbl", cpumask_pr_args(&run->refused));
	tdx_error_call(TDH_SYS_LP_INIT, each.failure, where);
	return 0;	/* whether the module can do without them, it says next */
}

/* CPUs of @mask that have had no LP.INIT get it. */
static int lp_init_rest(struct tdx_lps_run *run, const struct cpumask *mask)
{
	cpumask_var_t rest;
	int err = 0;

	if (!alloc_cpumask_var(&rest, GFP_KERNEL))
		return -ENOMEM;
	if (cpumask_andnot(rest, mask, &tdx_lps))
		err = lp_init_on(run, rest);
	free_cpumask_var(rest);
	return err;
}

static int lp_init_housekeeping(struct tdx_lps_run *run)
{
	cpumask_var_t mask;
	int err;

	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return -ENOMEM;
	tdx_isolated_cpus(mask);
	cpumask_andnot(mask, cpu_online_mask, mask);
	err = lp_init_rest(run, mask);
	if (!err) {
		tdx_cpu_per_package(mask, cpu_online_mask, &tdx_lps);
		err = lp_init_rest(run, mask);
	}
	free_cpumask_var(mask);
	return err;
}

/*
 * Does the module accept a configuration with the LPs initialised so far?  It
 * checks that before it looks at the operands, and those are invalid here on
 * purpose: the call cannot succeed, and changes nothing.
 */
static u64 probe_config(void)
{
	return tdx_call_on_lp(TDH_SYS_CONFIG, &(struct tdx_regs){ .rcx = 1 });
}

static bool is_ready(void)
{
	/* Misaligned on purpose: answered before any PAMT is looked at. */
	struct tdx_regs misaligned = { .rcx = 1 };
	u64 status = tdx_call_on_lp(TDH_PHYMEM_PAGE_RDMD, &misaligned);

	return tdx_status_name_bits(status) != TDX_SYS_NOT_READY;
}

/* @offline: CPUs this kernel has and that are offline. */
static int explain_missing(struct tdx_lps_run *run, const struct cpumask *offline)
{
	bool wake = !cpumask_empty(offline) && tdx_cpus_may_wake() && !run->awake;

	if (wake && !run->cpus_locked)
		return TDX_LPS_ASLEEP;
	if (wake)
		tdx_error("this TDX module requires every CPU to be initialised before it is configured (offline: %*pbl), and offline_cpus=online cannot serve a caller that holds the CPU hotplug lock, such as KVM: load tdx_host again with init=eager, or echo 1 > /sys/kernel/tdx_host/enable before KVM is loaded",
			  cpumask_pr_args(offline));
	else if (!cpumask_empty(offline))
		tdx_error("this TDX module requires every CPU to be initialised before it is configured (offline: %*pbl): bring all online (/sys/devices/system/cpu/cpuN/online, or smt/control where SMT is off) and load tdx_host again, or load it with offline_cpus=online",
			  cpumask_pr_args(offline));
	else if (run->resumed)
		return already_initialized();
	else
		tdx_error("the TDX module requires more CPUs to be initialised than the %u that this kernel has: remove maxcpus= or nr_cpus= from the kernel command line",
			  num_online_cpus());
	return -EINVAL;
}

/* Why the module refuses a configuration: the most useful of the possible reasons. */
static int explain_not_pending(struct tdx_lps_run *run)
{
	cpumask_var_t offline;
	int ret;

	if (run->resumed && is_ready())
		return already_initialized();
	if (!cpumask_subset(&run->refused, &tdx_lps))
		return -EINVAL;		/* said already, CPU by CPU */
	if (!alloc_cpumask_var(&offline, GFP_KERNEL))
		return -ENOMEM;
	cpumask_andnot(offline, cpu_present_mask, cpu_online_mask);
	ret = explain_missing(run, offline);
	free_cpumask_var(offline);
	return ret;
}

static int check(struct tdx_lps_run *run, u64 status)
{
	switch (tdx_status_name_bits(status)) {
	case TDX_OPERAND_INVALID:
		/* No error is kept of a CPU that failed first and succeeded later. */
		if (cpumask_subset(&run->refused, &tdx_lps))
			tdx_error_forget();
		return 0;
	case TDX_SYS_CONFIG_NOT_PENDING:
		return explain_not_pending(run);
	}
	tdx_error_call(TDH_SYS_CONFIG, status, NULL);
	return -EINVAL;
}

int tdx_lps_init(struct tdx_lps_run *run)
{
	u64 status;
	int err = lp_init_housekeeping(run);

	if (err)
		return err;
	if (!cpumask_intersects(&tdx_lps, cpu_online_mask))
		return -EINVAL;
	status = probe_config();
	if (tdx_status_name_bits(status) == TDX_SYS_CONFIG_NOT_PENDING) {
		err = lp_init_rest(run, cpu_online_mask);
		if (err)
			return err;
		status = probe_config();
	}
	return check(run, status);
}

/* Offline ones too: a TDX module that is configured may refuse them once they come online. */
void tdx_lps_tell_missing(void)
{
	cpumask_var_t missing;

	if (!alloc_cpumask_var(&missing, GFP_KERNEL))
		return;		/* cpus_missing still tells */
	if (cpumask_andnot(missing, cpu_present_mask, &tdx_lps))
		pr_warn("CPUs on which no TD can run: %*pbl (the TDX modules published so far initialize no CPU after TDH.SYS.CONFIG)\n",
			cpumask_pr_args(missing));
	free_cpumask_var(missing);
}
