// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.LP.INIT on this CPU: for a CPU that comes online (cpu_hotplug.c), and for a
 * consumer whose own hotplug callback runs earlier than ours (tdx_cpu_enable()).  Bring-up
 * (lps.c) calls the leaf on many CPUs itself and records the results here.
 */
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/printk.h>
#include <linux/smp.h>

#include "host.h"
#include "tdx_host.h"

/* LP_INIT_DONE: an earlier load of tdx_host, or the kernel before kexec, initialised this LP. */
bool tdx_lp_note(u64 status)
{
	if (status != TDX_SUCCESS && tdx_status_name_bits(status) != TDX_SYS_LP_INIT_DONE)
		return false;
	cpumask_set_cpu(raw_smp_processor_id(), &tdx_lps);
	return true;
}

int tdx_lp_init(u64 *status)
{
	*status = tdx_call(TDH_SYS_LP_INIT, &(struct tdx_regs){});
	return tdx_lp_note(*status) ? 0 : -EIO;
}

void tdx_lp_refused(int cpu, u64 status)
{
	char text[TDX_STATUS_LEN];

	tdx_status_format(text, sizeof(text), status);
	pr_warn("CPU %d cannot run TDs: %s: %s\n", cpu, tdx_leaf_name(TDH_SYS_LP_INIT), text);
}

int tdx_cpu_enable(void)
{
	enum tdx_state state = tdx_state();
	int cpu = raw_smp_processor_id();
	u64 status;

	/* Bring-up initialises every CPU itself. */
	if (state == TDX_STATE_UNINITIALIZED || state == TDX_STATE_INITIALIZING)
		return 0;
	if (state != TDX_STATE_INITIALIZED && state != TDX_STATE_INSTALLING)
		return -ENODEV;
	if (cpumask_test_cpu(cpu, &tdx_lps))
		return 0;
	status = tdx_call_in_vmx(TDH_SYS_LP_INIT, &(struct tdx_regs){});
	if (status == TDX_SW_UD)
		return -EACCES;
	if (tdx_lp_note(status))
		return 0;
	tdx_lp_refused(cpu, status);
	return -EIO;
}
EXPORT_SYMBOL_GPL(tdx_cpu_enable);
