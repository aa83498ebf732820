// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdx_host: brings up the Intel TDX module on kernels built without TDX host support,
 * and exports tdx_enable() to a KVM built against it.
 *
 *   modprobe tdx_host init=eager
 *   cat /sys/kernel/tdx_host/state
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "host.h"
#include "tdx_host.h"
#include "words.h"

enum { INIT_ONDEMAND, INIT_EAGER, INIT_OFF };
static const char * const init_words[] = { "ondemand", "eager", "off", NULL };
static struct tdx_words init = { init_words, INIT_ONDEMAND };
tdx_words_param(init, init);
MODULE_PARM_DESC(init, "when to bring up the TDX module: ondemand (first user, or `enable` in sysfs), eager (at load) or off (never)");

/*
 * tdx_host loads even on a machine without TDX: the state and last_error say what is
 * missing, and a consumer that needs the symbols can load.
 */
static enum tdx_state first_state(void)
{
	if (tdx_platform_detect())
		return TDX_STATE_UNSUPPORTED;
	if (tdx_announce())
		pr_warn("KVM will find no TDX host: no CPU hotplug callback is free\n");
	return init.value == INIT_OFF ? TDX_STATE_OFF : TDX_STATE_UNINITIALIZED;
}

static int __init tdx_host_init(void)
{
	int err = tdx_cpus_start();

	if (err)
		return err;
	err = tdx_cpu_hotplug_start();
	if (err)
		goto out_cpus;
	err = tdx_memory_gate_start();
	if (err)
		goto out_hotplug;
	err = tdx_power_start();
	if (err)
		goto out_memory;
	tdx_enable_start(first_state());
	err = tdx_sysfs_start();
	if (err)
		goto out_power;
	tdx_debugfs_start();
	tdx_mce_start();
	if (init.value == INIT_EAGER)
		tdx_enable();	/* the result is in state and last_error */
	return 0;

out_power:
	tdx_announce_stop();
	tdx_power_stop();
out_memory:
	tdx_memory_gate_stop();
out_hotplug:
	tdx_cpu_hotplug_stop();
out_cpus:
	tdx_cpus_stop();
	return err;
}

/*
 * Without sysfs nobody can ask for a bring-up any more, so that tdx_enable_stop() undoes
 * the last one.  VMXON regions are freed after the last call has been made.
 */
static void __exit tdx_host_exit(void)
{
	tdx_sysfs_stop();
	tdx_debugfs_stop();
	tdx_mce_stop();
	tdx_power_stop();
	tdx_announce_stop();
	tdx_enable_stop();
	tdx_memory_gate_stop();
	tdx_cpu_hotplug_stop();
	tdx_cpus_stop();
	tdx_vmx_release();
}

module_init(tdx_host_init);
module_exit(tdx_host_exit);

MODULE_DESCRIPTION("Intel TDX host initialisation for kernels without TDX host support");
MODULE_AUTHOR("The tdx_host developers");
MODULE_VERSION(TDX_HOST_VERSION);
MODULE_LICENSE("GPL");
