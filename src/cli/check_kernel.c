// SPDX-License-Identifier: GPL-2.0-only
/* The kernel: TDX host support of its own, and what it lets modules do. */
#include <stdlib.h>

#include "check.h"
#include "kernel.h"
#include "root.h"

static bool check_config(struct check *c)
{
	switch (kernel_config(c->release, "CONFIG_INTEL_TDX_HOST")) {
	case KCONFIG_YES:
		check_say(c, &(struct finding){ .result = FAIL, .name = "kernel",
			  .wanted = "a kernel without CONFIG_INTEL_TDX_HOST: both cannot drive the TDX module",
			  .remedy = "use the kernel's own support: kvm_intel.tdx=1 on its command line; tdx_host is not for this kernel" },
			  "%s has TDX host support of its own", c->release);
		return false;
	case KCONFIG_NO:
		check_pass(c, "kernel", "%s, without TDX host support of its own", c->release);
		break;
	default:
		check_say(c, &(struct finding){ .result = SKIP, .name = "kernel",
			  .wanted = "a kernel without CONFIG_INTEL_TDX_HOST" },
			  "%s: no /boot/config-%s to look at", c->release, c->release);
	}
	return true;
}

/* "none [integrity] confidentiality": the one in brackets. */
static void check_lockdown(struct check *c)
{
	char lockdown[64], *start, *end;

	root_line(lockdown, sizeof(lockdown), "/sys/kernel/security/lockdown");
	start = strchr(lockdown, '[');
	end = start ? strchr(start, ']') : NULL;
	if (!end) {
		check_pass(c, "lockdown", "not in this kernel, or not readable");
		return;
	}
	*end = '\0';
	check_pass(c, "lockdown", "%s", start + 1);
}

bool check_kernel(struct check *c)
{
	if (!check_config(c))
		return false;
	check_lockdown(c);
	return true;
}
