// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdx_host: brings the Intel TDX module up on kernels built without TDX host
 * support, and exports tdx_enable() to a KVM that binds to it.
 *
 *   modprobe tdx_host init=eager
 *   cat /sys/kernel/tdx_host/state
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "host.h"
#include "tdx_host.h"

static char *init = "ondemand";
module_param(init, charp, 0444);
MODULE_PARM_DESC(init, "when the TDX module is brought up: ondemand (first user or `enable`), eager (at load) or off");

static bool init_is(const char *value)
{
	return !strcmp(init, value);
}

static int check_init(void)
{
	if (init_is("ondemand") || init_is("eager") || init_is("off"))
		return 0;
	pr_err("init=%s: say ondemand, eager or off\n", init);
	return -EINVAL;
}

/*
 * A machine that cannot is not an error of the load: the state says so, and why,
 * and a consumer that needs the symbol loads all the same.
 */
static enum tdx_state first_state(void)
{
	if (tdx_platform_detect())
		return TDX_STATE_UNSUPPORTED;
	if (tdx_announce())
		pr_warn("KVM will find no TDX host: no CPU hotplug callback is free\n");
	return init_is("off") ? TDX_STATE_OFF : TDX_STATE_UNINITIALIZED;
}

static int __init tdx_host_init(void)
{
	int err = check_init();

	if (err)
		return err;
	err = tdx_cpus_start();
	if (err)
		return err;
	err = tdx_memory_start();
	if (err)
		goto out_cpus;
	err = tdx_power_start();
	if (err)
		goto out_memory;
	tdx_state_start(first_state());
	err = tdx_sysfs_start();
	if (err)
		goto out_power;
	tdx_debugfs_start();
	tdx_mce_start();
	if (init_is("eager"))
		tdx_enable();	/* the result is in state and last_error */
	return 0;

out_power:
	tdx_announce_stop();
	tdx_power_stop();
out_memory:
	tdx_memory_stop();
out_cpus:
	tdx_cpus_stop();
	return err;
}

/* Nobody can ask for a bring-up any more once sysfs is gone; then it is undone. */
static void __exit tdx_host_exit(void)
{
	tdx_sysfs_stop();
	tdx_debugfs_stop();
	tdx_mce_stop();
	tdx_power_stop();
	tdx_announce_stop();
	tdx_state_stop();
	tdx_memory_stop();
	tdx_cpus_stop();
	tdx_vmx_release();
}

module_init(tdx_host_init);
module_exit(tdx_host_exit);

MODULE_DESCRIPTION("Intel TDX host initialisation for kernels without TDX host support");
MODULE_AUTHOR("The tdx_host developers");
MODULE_VERSION(TDX_HOST_VERSION);
MODULE_LICENSE("GPL");
