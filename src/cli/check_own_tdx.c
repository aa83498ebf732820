// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel with TDX host support of its own (CONFIG_INTEL_TDX_HOST): what it requires
 * before its KVM brings the TDX module up.  Sources: arch/x86/virt/vmx/tdx/tdx.c
 * (tdx_init()) and arch/x86/kvm/vmx/tdx.c (tdx_bringup()) of Linux 6.16 and later.
 */
#include <limits.h>

#include "check.h"
#include "driver.h"
#include "kernel.h"
#include "root.h"

static void say_tdx_module(struct check *c)
{
	char version[32], loader[32];

	root_line(version, sizeof(version), KERNEL_TDX_DEVICE "/version");
	root_line(loader, sizeof(loader), KERNEL_TDX_DEVICE "/seamldr_version");
	if (version[0])
		check_pass(c, "tdx_module", "%s%s%s, according to the kernel's tdx_host device", version,
			   loader[0] ? "; SEAM loader " : "", loader);
	else
		check_say(c, &(struct finding){ .result = SKIP, .name = "tdx_module",
			  .remedy = "'dmesg | tdxhost explain' says what the kernel found" },
			  "this kernel reports no version (no " KERNEL_TDX_DEVICE ")");
}

/* Our module, in updates/ or extra/, would be loaded instead of the kernel's own. */
static void check_shadow(struct check *c)
{
	char path[PATH_MAX];

	if (driver_path(c->release, path, sizeof(path)))
		check_say(c, &(struct finding){ .result = FAIL, .name = "driver",
			  .wanted = "no tdx_host.ko other than the kernel's own",
			  .remedy = "run 'dkms remove tdx-host --all -k $(uname -r)', or delete the file; then run depmod" },
			  "/lib/modules/%s/%s replaces the kernel's own module of the same name",
			  c->release, path);
	else
		check_pass(c, "driver", "not needed: the kernel manages the TDX module itself");
}

/* The kernel refuses TDX if hibernation is possible: "disk" is among its sleep states. */
static void check_hibernation(struct check *c)
{
	char states[64];

	root_line(states, sizeof(states), "/sys/power/state");
	if (strstr(states, "disk") && c->own_tdx_up)
		check_pass(c, "hibernation", "available, but this kernel has brought up TDX anyway");
	else if (strstr(states, "disk"))
		check_say(c, &(struct finding){ .result = FAIL, .name = "hibernation",
			  .wanted = "off: this kernel does not enable TDX otherwise",
			  .remedy = "add nohibernate to the kernel command line and reboot" },
			  "available");
	else
		check_pass(c, "hibernation", "off");
}

static void check_virt_at_load(struct check *c)
{
	char value[8];

	root_line(value, sizeof(value), "/sys/module/kvm/parameters/enable_virt_at_load");
	if (value[0] == 'N')
		check_say(c, &(struct finding){ .result = FAIL, .name = "kvm_virt",
			  .wanted = "kvm.enable_virt_at_load=1: KVM's TDX code needs it",
			  .remedy = "remove kvm.enable_virt_at_load=0 from the kernel command line and from /etc/modprobe.d" },
			  "kvm.enable_virt_at_load is N");
}

static const char *kvm_cause(const struct check *c)
{
	return c->nr_failed ? c->failed[0] : NULL;
}

static void say_tdx_off(struct check *c)
{
	char asked[8];
	bool wanted = kernel_param("kvm_intel.tdx", asked, sizeof(asked)) &&
		      (asked[0] == '1' || asked[0] == 'Y' || asked[0] == 'y' || !strcmp(asked, "on"));

	check_say(c, &(struct finding){ .result = FAIL, .name = "kvm", .wanted = "kvm_intel.tdx=1",
		  .follows = wanted ? kvm_cause(c) : NULL,
		  .remedy = wanted ? "'dmesg | tdxhost explain' explains the messages of kvm_intel and virt/tdx" :
			    "add kvm_intel.tdx=1 to the kernel command line and reboot; or 'modprobe -r kvm_intel' and 'modprobe kvm_intel tdx=1'" },
		  wanted ? "KVM cannot make TDs: kvm_intel.tdx=1 is set, but KVM turned it off" :
			   "KVM cannot make TDs: kvm_intel.tdx is off");
}

static void check_kvm_tdx(struct check *c)
{
	char value[8];

	root_line(value, sizeof(value), KERNEL_KVM_TDX);
	if (c->own_tdx_up)
		check_pass(c, "kvm", "KVM can make TDs (kvm_intel.tdx is Y)");
	else if (value[0])
		say_tdx_off(c);
	else if (root_exists("/sys/module/kvm_intel"))
		check_say(c, &(struct finding){ .result = FAIL, .name = "kvm",
			  .wanted = "a KVM built with CONFIG_KVM_INTEL_TDX",
			  .remedy = "boot a kernel that has it" },
			  "KVM cannot make TDs: its kvm_intel has no parameter tdx");
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "kvm", .wanted = "kvm_intel, loaded with tdx=1",
			  .follows = check_failed(c, "vmx"),
			  .remedy = "'modprobe kvm_intel tdx=1', or kvm_intel.tdx=1 on the kernel command line" },
			  "KVM cannot make TDs: kvm_intel is not loaded");
}

void check_own_tdx(struct check *c)
{
	say_tdx_module(c);
	check_shadow(c);
	check_hibernation(c);
	check_virt_at_load(c);
	check_cpus(c);
	check_memory_kind(c);
	check_kvm_tdx(c);
}
