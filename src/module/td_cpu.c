// SPDX-License-Identifier: GPL-2.0-only
/* tdx_cpu_enable(): a consumer's CPU hotplug callback may run before ours. */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/printk.h>

#include "host.h"
#include "tdx_host.h"

/* Microseconds: longer than any other call holds the TDX module's global lock. */
#define MAX_TRIES	1000

/* In whatever context the consumer turned VMX on: no sleep, and no borrowing. */
static u64 lp_init(void)
{
	int tries = MAX_TRIES;
	struct tdx_regs regs;
	u64 status;

	for (;;) {
		regs = (struct tdx_regs){};
		status = __tdx_seamcall(TDH_SYS_LP_INIT, &regs);
		if (!tdx_status_retryable(status) || !--tries)
			return status;
		udelay(1);
	}
}

int tdx_cpu_enable(void)
{
	enum tdx_state state = tdx_state();
	int cpu = raw_smp_processor_id();
	char text[160];
	u64 status;

	/* Bring-up initialises every CPU itself. */
	if (state == TDX_STATE_UNINITIALIZED || state == TDX_STATE_INITIALIZING)
		return 0;
	if (state != TDX_STATE_INITIALIZED)
		return -ENODEV;
	if (cpumask_test_cpu(cpu, &tdx_lps))
		return 0;

	status = lp_init();
	if (status == TDX_SW_UD)
		return -EACCES;
	if (status != TDX_SUCCESS && tdx_status_name_bits(status) != TDX_SYS_LP_INIT_DONE) {
		tdx_status_format(text, sizeof(text), status);
		pr_warn("CPU %d cannot run TDs: %s: %s\n", cpu,
			tdx_leaf_name(TDH_SYS_LP_INIT), text);
		return -EIO;
	}
	cpumask_set_cpu(cpu, &tdx_lps);
	return 0;
}
EXPORT_SYMBOL_GPL(tdx_cpu_enable);
