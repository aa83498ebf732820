// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend, hibernation, reboot and kexec.
 *
 * In S3 and hibernation the TDX module's memory loses power: what was initialised is gone
 * when the machine wakes up, and it can be initialised only once.  So both are refused
 * while there is something to lose.  Suspend-to-idle keeps memory and CPUs powered, and is
 * allowed.
 */
#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pm.h>
#include <linux/printk.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/suspend.h>
#include <linux/syscore_ops.h>

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

/* ---- reboot and kexec ---- */

/*
 * On the way into another kernel the TDX module must see no call any more, and memory must
 * be fit for the next kernel: after KVM has left VMX operation on every CPU, and with it
 * the last vCPU.  KVM does that
 *
 *   in a reboot notifier of default priority (kvm_reboot() in virt/kvm/kvm_main.c) up to
 *   Linux 6.3.  The kexec path of those kernels, kernel_kexec() in kernel/kexec_core.c,
 *   runs reboot notifiers (kernel_restart_prepare()) and no syscore shutdown;
 *
 *   in syscore shutdown (kvm_shutdown()) since then.  kernel_kexec() runs that too, after
 *   migrate_to_reboot_cpu(), which turns CPU hotplug off.  It goes from the entry that was
 *   registered last to the first.  A KVM that makes TDs is bound to tdx_host, so that it
 *   loads and registers after it, and leaves before it.
 *
 * So there is one hook of either kind; the first that comes after KVM does the work.  Both
 * are called in task context, with interrupts on and every CPU online.
 *
 * A restart or power-off by firmware resets the TDX module and all memory: nothing is
 * called and nothing is written.  What kind of restart it is, the kernel says only in
 * the command that reboot notifiers get (kexec_in_progress is not exported).
 */
static bool kexec_under_way;

static int on_reboot(struct notifier_block *nb, unsigned long action, void *command)
{
	kexec_under_way = action == SYS_RESTART && command && !strcmp(command, "kexec reboot");
	if (kexec_under_way && TDX_KVM_LEAVES_IN_NOTIFIER)
		tdx_enable_quiesce();
	return NOTIFY_OK;
}

/* After KVM's. */
static struct notifier_block reboot_nb = {
	.notifier_call = on_reboot,
	.priority = -1,
};

static void on_syscore_shutdown(void)
{
	if (kexec_under_way)
		tdx_enable_quiesce();
}
TDX_SYSCORE_SHUTDOWN(tdx_syscore, on_syscore_shutdown);

int tdx_power_start(void)
{
	int err = register_reboot_notifier(&reboot_nb);

	if (!err)
		register_syscore(&tdx_syscore);
	return err;
}

void tdx_power_stop(void)
{
	unregister_syscore(&tdx_syscore);
	unregister_reboot_notifier(&reboot_nb);
}
