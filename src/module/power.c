// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend, hibernation, reboot and kexec.
 *
 * S3 and hibernation switch the TDX module's memory off: what was initialised is
 * gone when the machine wakes up, and it can be initialised only once.  So they
 * are refused while there is something to lose.  Suspend-to-idle keeps memory
 * and CPUs, and goes on.
 */
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/suspend.h>

#include "host.h"

static bool would_be_lost(void)
{
	enum tdx_state state = tdx_state();

	return state == TDX_STATE_INITIALIZING || state == TDX_STATE_INITIALIZED;
}

/*
 * Called for every kind of sleep, before any device is stopped and after user
 * space is frozen: no bring-up can begin behind it.
 */
static int sleep_prepare(struct device *dev)
{
	if (pm_suspend_target_state == PM_SUSPEND_TO_IDLE || !would_be_lost())
		return 0;
	pr_err("refusing %s: the TDX module would lose its state and cannot be initialised again; s2idle is possible (echo s2idle > /sys/power/mem_sleep), or unload tdx_host's users and tdx_host\n",
	       pm_suspend_target_state == PM_SUSPEND_ON ? "hibernation" : "suspend to RAM");
	return -EBUSY;
}

const struct dev_pm_ops tdx_pm_ops = {
	.prepare = sleep_prepare,
};

/*
 * After every other user of VMX (KVM's own notifier has the default priority),
 * so that nobody dirties a cache behind the flush.  The kernel that comes next,
 * by kexec, finds memory it can write.
 */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	tdx_enable_quiesce();
	return NOTIFY_OK;
}

static struct notifier_block reboot_nb = {
	.notifier_call = on_reboot,
	.priority = -1,
};

int tdx_power_start(void)
{
	return register_reboot_notifier(&reboot_nb);
}

void tdx_power_stop(void)
{
	unregister_reboot_notifier(&reboot_nb);
}
