// SPDX-License-Identifier: GPL-2.0-only
/* Can KVM create TDs here, and if not, what is missing?  Bring-up does not need KVM. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "dpkg.h"
#include "driver.h"
#include "host_files.h"
#include "kernel.h"
#include "modules_dep.h"
#include "root.h"

/* The name in src/kvm/dkms.conf; src/kvm/source-for has the kernels. */
#define KVM_DKMS	"/var/lib/dkms/tdx-host-kvm"
#define KVM_SERIES	"Linux 7.2 or 7.3"

#define FEATURES0_TOPOLOGY_ENUM	(1ULL << 20)	/* TDX_FEATURES0 */

#define PIECE "a kvm_intel built for tdx_host, by package tdx-host-kvm-dkms or 'make kvm'"

/* "updates/kvm-intel.ko: ... updates/tdx_host.ko ..." */
static bool is_kvm_for_tdx_host(const char *path, const char *needs)
{
	return strstr(path, "/kvm-intel.ko") && strstr(needs, "tdx_host.ko");
}

bool kvm_is_built_for_tdx_host(const char *release)
{
	return modules_dep_find(release, is_kvm_for_tdx_host, NULL, 0);
}

__attribute__((format(printf, 4, 5)))
static void missing(struct check *c, const char *wanted, const char *remedy, const char *fmt, ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	check_say(c, &(struct finding){ .result = WARN, .name = "kvm", .wanted = wanted,
		  .remedy = remedy }, "KVM cannot make TDs: %s", what);
}

/* "7.2" of "7.2.12+deb13-amd64".  False: the package does not support this kernel's KVM. */
static bool series_of(const char *release, char *series, size_t size)
{
	unsigned int major, minor;

	series[0] = '\0';
	if (sscanf(release, "%u.%u", &major, &minor) != 2)
		return false;
	snprintf(series, size, "%u.%u", major, minor);
	return major == 7 && (minor == 2 || minor == 3);
}

/* The source of KVM must have the version of the kernel's headers. */
static bool say_source(struct check *c, const char *series)
{
	char package[160], source[64], wanted[128], has[128], remedy[320];

	snprintf(package, sizeof(package), "linux-headers-%s", c->release);
	if (!dpkg_version(package, wanted, sizeof(wanted))) {
		snprintf(remedy, sizeof(remedy), "apt-get install %s linux-source-%s", package, series);
		missing(c, PIECE, remedy, "package %s is not installed", package);
		return true;
	}
	snprintf(source, sizeof(source), "linux-source-%s", series);
	snprintf(remedy, sizeof(remedy), "apt-get install %s=%s", source, wanted);
	if (!dpkg_version(source, has, sizeof(has)))
		missing(c, PIECE, remedy, "its source is missing, package %s", source);
	else if (strcmp(has, wanted))
		missing(c, "its source in the same version as the kernel's headers", remedy,
			"its source, package %s, has version %s, but this kernel has version %s", source, has, wanted);
	else
		return false;
	return true;
}

static void say_not_built(struct check *c)
{
	char series[24], remedy[512];

	if (!series_of(c->release, series, sizeof(series)))
		missing(c, KVM_SERIES ", whose own KVM can be built against tdx_host",
			"none for bring-up; for TDs boot " KVM_SERIES ", for example from Debian 13's backports, with package tdx-host-kvm-dkms",
			"there is no kvm_intel for tdx_host on Linux %s", series[0] ? series : "of unknown version");
	else if (kernel_config(c->release, "CONFIG_KVM_INTEL") == KCONFIG_NO)
		missing(c, "a kernel with CONFIG_KVM_INTEL", "boot the distribution's ordinary kernel",
			"%s was built without KVM for Intel CPUs", c->release);
	else if (!root_exists(KVM_DKMS) && !dpkg_is_here())
		missing(c, PIECE, "none for bring-up; for TDs run 'make kvm' in the source of tdx_host, see docs/kvm.md there",
			"there is no kvm_intel built for tdx_host");
	else if (!root_exists(KVM_DKMS)) {
		snprintf(remedy, sizeof(remedy), "none for bring-up; for TDs install tdx-host-kvm-dkms and linux-source-%s", series);
		missing(c, PIECE, remedy, "package tdx-host-kvm-dkms is not installed");
	} else if (!dpkg_is_here() || !say_source(c, series)) {
		check_say(c, &(struct finding){ .result = WARN, .name = "kvm", .wanted = PIECE,
			  .follows = check_failed(c, "driver"),
			  .remedy = "run 'dkms autoinstall'; if that fails, make.log under " KVM_DKMS " says why" },
			  "KVM cannot make TDs: DKMS has tdx-host-kvm, but not built for %s", c->release);
	}
}

/* KVM turns its parameter off if tdx_host cannot bring TDX up. */
static void say_tdx_off(struct check *c)
{
	if (c->state == HOST_UNINITIALIZED || c->state == HOST_INITIALIZED)
		missing(c, "kvm_intel.tdx=1", "put 'options kvm_intel tdx=1' into /etc/modprobe.d and reload kvm_intel",
			"kvm_intel is bound to tdx_host, but kvm_intel.tdx is N");
	else
		missing(c, "TDX up when kvm_intel is loaded",
			"find out why TDX is not up; then run 'modprobe -r kvm_intel tdx_host' and 'modprobe kvm_intel'",
			"kvm_intel is bound to tdx_host, whose state is %s, so kvm_intel.tdx is N",
			host_state_name(c->state));
}

static void say_bound(struct check *c)
{
	char tdx[8];

	root_line(tdx, sizeof(tdx), KERNEL_KVM_TDX);
	if (tdx[0] == 'N')
		say_tdx_off(c);
	else if (c->state == HOST_INITIALIZED)
		check_pass(c, "kvm", "KVM can make TDs: kvm_intel is bound to tdx_host");
	else
		check_pass(c, "kvm", "KVM can make TDs once TDX is up: kvm_intel is bound to tdx_host");
}

/*
 * tdx_bringup() in Linux's arch/x86/kvm/vmx/tdx.c, since 6.16; KVM logs nothing then.  False
 * until TDX is up.
 */
static bool tdx_module_is_too_old(void)
{
	u64 features;

	return !root_u64(&features, HOST_DIR "/features") && !(features & FEATURES0_TOPOLOGY_ENUM);
}

void check_kvm(struct check *c)
{
	bool built = kvm_is_built_for_tdx_host(c->release);

	if (tdx_module_is_too_old())
		missing(c, "a TDX module with TOPOLOGY_ENUM (bit 20 of /sys/kernel/tdx_host/features)",
			"update the BIOS, which brings a newer TDX module; 1.5.05 and older are too old",
			"the TDX module is too old: it cannot give TDs a CPU topology");
	else if (root_exists("/sys/module/tdx_host/holders/kvm_intel"))
		say_bound(c);
	else if (!built)
		say_not_built(c);
	else if (root_exists("/sys/module/kvm_intel"))
		missing(c, PIECE, "run 'modprobe -r kvm_intel', then 'modprobe kvm_intel'",
			"the kernel's kvm_intel is loaded, not the one built for tdx_host");
	else
		check_say(c, &(struct finding){ .result = SKIP, .name = "kvm",
			  .remedy = "run 'modprobe kvm_intel' to create TDs" },
			  "kvm_intel for tdx_host is installed but not loaded");
}
