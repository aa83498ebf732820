// SPDX-License-Identifier: GPL-2.0-only
/* Is VMX operation on each CPU as before the tests, and off if no hypervisor is loaded? */
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/moduleparam.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>

#include "selftest.h"

static bool vmx_owner;
module_param(vmx_owner, bool, 0444);
MODULE_PARM_DESC(vmx_owner, "KVM or another hypervisor is loaded, so VMX may be on");

static cpumask_var_t on_before, on_now;

/*
 * VMX operation cannot be on with CR4.VMXE clear: clearing it raises #GP (SDM
 * vol. 3, "Enabling and entering VMX operation").
 */
static int look(void *arg)
{
	struct cpumask *on = arg;

	if (native_read_cr4() & X86_CR4_VMXE)
		cpumask_set_cpu(raw_smp_processor_id(), on);
	return 0;
}

int selftest_vmx_before(void)
{
	if (!zalloc_cpumask_var(&on_before, GFP_KERNEL))
		return -ENOMEM;
	if (!zalloc_cpumask_var(&on_now, GFP_KERNEL)) {
		free_cpumask_var(on_before);
		return -ENOMEM;
	}
	return tdx_on_cpus(cpu_online_mask, look, on_before, NULL);
}

void selftest_vmx(struct selftest_result *r)
{
	cpumask_clear(on_now);
	if (tdx_on_cpus(cpu_online_mask, look, on_now, NULL))
		selftest_say(r, SELFTEST_FAIL, "CR4 could not be read on every CPU");
	else if (!vmx_owner && !cpumask_empty(on_before))
		selftest_say(r, SELFTEST_FAIL,
			     "VMX was on before the tests on CPUs %*pbl, and no hypervisor is loaded",
			     cpumask_pr_args(on_before));
	else if (!cpumask_equal(on_before, on_now))
		selftest_say(r, SELFTEST_FAIL, "VMX was on on CPUs '%*pbl' before the tests, and is on '%*pbl'",
			     cpumask_pr_args(on_before), cpumask_pr_args(on_now));
	else if (cpumask_empty(on_now))
		selftest_say(r, SELFTEST_PASS, "VMX is off on every CPU, as before the tests");
	else
		selftest_say(r, SELFTEST_PASS, "VMX is on on CPUs %*pbl, as before the tests",
			     cpumask_pr_args(on_now));
}

void selftest_vmx_forget(void)
{
	free_cpumask_var(on_now);
	free_cpumask_var(on_before);
}
