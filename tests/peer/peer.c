// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linux's own bring-up, arch/x86/virt/vmx/tdx/tdx.c, as a module: it does what the kernel
 * does at boot when 1 is written to /sys/module/tdx_peer/parameters/enable. Other files
 * there have the results.
 */
#include "shim.h"
#include "tdx.c"

static int result = 1;
module_param(result, int, 0444);
MODULE_PARM_DESC(result, "What tdx_enable() returned; 1: it has not been called");
static ulong time_us;
module_param(time_us, ulong, 0444);
MODULE_PARM_DESC(time_us, "Microseconds that it took");
static uint tdmrs;
module_param(tdmrs, uint, 0444);
MODULE_PARM_DESC(tdmrs, "TDMRs");
static ulong pamt_bytes;
module_param(pamt_bytes, ulong, 0444);
MODULE_PARM_DESC(pamt_bytes, "Bytes of all PAMTs");

static void *peer_address_of(const char *name)
{
	struct kprobe probe = { .symbol_name = name };
	void *address;

	if (register_kprobe(&probe))
		return NULL;
	address = probe.addr;
	unregister_kprobe(&probe);
	return address;
}

static int peer_enable(const char *text, const struct kernel_param *kp)
{
	ktime_t start;

	if (!sysfs_streq(text, "1") || result != 1)
		return -EINVAL;
	start = ktime_get();
	result = tdx_enable();
	time_us = ktime_us_delta(ktime_get(), start);
	if (result)
		return result;
	tdmrs = tdx_tdmr_list.nr_consumed_tdmrs;
	pamt_bytes = tdmrs_count_pamt_kb(&tdx_tdmr_list) * 1024;
	return 0;
}

static const struct kernel_param_ops peer_enable_ops = { .set = peer_enable };
module_param_cb(enable, &peer_enable_ops, NULL, 0200);
MODULE_PARM_DESC(enable, "Write 1: tdx_enable(), once");

static int peer_load(void)
{
	peer_get_ref = peer_address_of("x86_virt_get_ref");
	peer_put_ref = peer_address_of("x86_virt_put_ref");
	if (!peer_get_ref || !peer_put_ref)
		return -ENOENT;
	tdx_init();
	return 0;
}

/*
 * The kernel never does this. Wants a TDX module that TDH.SYS.DISABLE ends: tdx_shutdown()
 * writes the caches back after it, and then the PAMTs are the kernel's again.
 */
static void peer_unload(void)
{
	unregister_memory_notifier(&tdx_memory_nb);
	clear_bit(X86_FEATURE_TDX_HOST_PLATFORM, (unsigned long *)boot_cpu_data.x86_capability);
	if (result)
		return;
	unregister_syscore(&tdx_syscore);
	cpuhp_remove_state_nocalls(peer_cpuhp_state);
	tdx_shutdown(NULL);
	tdmrs_quirk_reset_pamt_all(&tdx_tdmr_list);
	tdmrs_free_pamt_all(&tdx_tdmr_list);
	free_tdmr_list(&tdx_tdmr_list);
	free_tdx_memlist(&tdx_memlist);
}

module_init(peer_load);
module_exit(peer_unload);
MODULE_DESCRIPTION("Linux's own bring-up of the TDX module");
MODULE_LICENSE("GPL");
