// SPDX-License-Identifier: GPL-2.0-only
/* Can KVM make TDs here, and if not, which piece is missing?  Bring-up does without. */
#include <string.h>

#include "check.h"
#include "kernel.h"
#include "modules_dep.h"
#include "root.h"

#define PIECE "a kvm_intel built for tdx_host: package tdx-host-kvm-dkms on 7.2 and later, 'make kvm' on 6.1 and 6.12"

/* "updates/kvm-intel.ko: ... updates/tdx_host.ko ..." */
static bool is_kvm_for_tdx_host(const char *path, const char *needs)
{
	return strstr(path, "/kvm-intel.ko") && strstr(needs, "tdx_host.ko");
}

static bool built_for_tdx_host(const char *release)
{
	return modules_dep_find(release, is_kvm_for_tdx_host, NULL, 0);
}

static void missing(struct check *c, const char *wanted, const char *remedy, const char *what)
{
	check_say(c, &(struct finding){ .result = WARN, .name = "kvm", .wanted = wanted,
		  .remedy = remedy }, "KVM cannot make TDs: %s", what);
}

static void say_bound(struct check *c)
{
	char tdx[8];

	root_line(tdx, sizeof(tdx), KERNEL_KVM_TDX);
	if (tdx[0] == 'N')
		missing(c, "kvm_intel.tdx=1", "put 'options kvm_intel tdx=1' into /etc/modprobe.d and load kvm_intel again",
			"kvm_intel is bound to tdx_host, but kvm_intel.tdx is N");
	else if (c->state == HOST_INITIALIZED)
		check_pass(c, "kvm", "KVM can make TDs: kvm_intel is bound to tdx_host");
	else
		check_pass(c, "kvm", "KVM can make TDs once TDX is up: kvm_intel is bound to tdx_host");
}

void check_kvm(struct check *c)
{
	bool built = built_for_tdx_host(c->release);

	if (root_exists("/sys/module/tdx_host/holders/kvm_intel"))
		say_bound(c);
	else if (root_exists("/sys/module/kvm_intel"))
		missing(c, PIECE, built ? "'modprobe -r kvm_intel', then 'modprobe kvm_intel'" :
			"none for bring-up, which leaves KVM alone; install that kvm_intel for TDs",
			built ? "the kernel's kvm_intel is loaded, not the one built for tdx_host" :
				"kvm_intel is loaded and not built for tdx_host; it runs VMs only");
	else if (built)
		check_say(c, &(struct finding){ .result = SKIP, .name = "kvm",
			  .remedy = "'modprobe kvm_intel' when TDs are wanted" },
			  "kvm_intel for tdx_host is installed, not loaded");
	else
		missing(c, PIECE, "none for bring-up; install that kvm_intel for TDs",
			"there is no kvm_intel built for tdx_host");
}
