// SPDX-License-Identifier: GPL-2.0-only
/*
 * Suspend, hibernation, reboot and kexec.
 *
 * S3 and hibernation cut the power of the TDX module's memory.  Its state is lost, and it
 * cannot be initialised a second time, so both are refused while it is up or coming up.
 * Suspend-to-idle keeps memory and CPUs powered, and is allowed.
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

	return state == TDX_STATE_INITIALIZING || state == TDX_STATE_INITIALIZED ||
	       state == TDX_STATE_INSTALLING;
}

/*
 * Called for every kind of sleep, before any device is stopped and after user
 * space is frozen: no bring-up can begin after it.
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
 * Before another kernel starts, calls to the TDX module must end and memory must be made
 * fit for that kernel.  This has to follow KVM's exit from VMX operation on every CPU, which
 * ends the last vCPU.  KVM leaves VMX operation
 *
 *   in a reboot notifier of default priority (kvm_reboot() in virt/kvm/kvm_main.c) up to
 *   Linux 6.3.  The kexec path of those kernels, kernel_kexec() in kernel/kexec_core.c,
 *   runs reboot notifiers (kernel_restart_prepare()) and no syscore shutdown;
 *
 *   in syscore shutdown (kvm_shutdown()) since then.  kernel_kexec() runs that too, after
 *   migrate_to_reboot_cpu(), which turns CPU hotplug off.  The entry registered last is
 *   called first.  A KVM that creates TDs links to tdx_host, so it loads and registers
 *   after tdx_host, and is called before it.
 *
 * Between the two, EL 9.3's kernel_kexec() runs no syscore shutdown yet: there KVM does not leave
 * in time, and neither hook helps.
 *
 * So there is one hook of each kind, and the one that KVM uses does the work.
 * Both are called in task context, with interrupts on and every CPU online.
 *
 * A restart or power-off by firmware resets the TDX module and all memory, so nothing is
 * done.  Only the command passed to reboot notifiers tells a kexec from a restart
 * (kexec_in_progress is not exported).  Where it does not either, a restart without a
 * command is taken for a kexec: to do the work in vain only costs time.
 */
static bool kexec_under_way;

static bool may_be_kexec(const char *command)
{
	return command ? !strcmp(command, "kexec reboot") : !TDX_KEXEC_IS_NAMED;
}

static int on_reboot(struct notifier_block *nb, unsigned long action, void *command)
{
	kexec_under_way = action == SYS_RESTART && may_be_kexec(command);
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
	if (kexec_under_way && !TDX_KVM_LEAVES_IN_NOTIFIER)
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
