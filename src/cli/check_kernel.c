// SPDX-License-Identifier: GPL-2.0-only
/* The kernel: does it have TDX host support of its own, and does lockdown restrict modules? */
#include <stdlib.h>

#include "check.h"
#include "kernel.h"
#include "root.h"

/* The parameter of a TDX host on a kernel without TDX code: probably the wrong kernel. */
static void check_parameter(struct check *c)
{
	char value[16];

	if (root_exists(KERNEL_KVM_TDX) || kvm_is_built_for_tdx_host(c->release) ||
	    !kernel_param("kvm_intel.tdx", value, sizeof(value)))
		return;
	check_say(c, &(struct finding){ .result = WARN, .name = "kvm_parameter",
		  .wanted = "a KVM with TDX support: without it the parameter has no effect",
		  .remedy = "use tdx_host, see below; or boot a kernel built with CONFIG_INTEL_TDX_HOST" },
		  "kvm_intel.tdx=%s on the kernel command line has no effect: %s has no TDX host support",
		  value, c->release);
}

/* The parameter stays Y only if KVM has brought the TDX module up. */
static bool kvm_tdx_is_on(void)
{
	char value[8];

	root_line(value, sizeof(value), KERNEL_KVM_TDX);
	return value[0] == 'Y';
}

static void check_config(struct check *c)
{
	switch (kernel_has_tdx(c->release)) {
	case KCONFIG_YES:
		c->own_tdx = true;
		c->own_tdx_up = kvm_tdx_is_on();
		check_pass(c, "kernel", "%s has TDX host support of its own; tdx_host is not needed",
			   c->release);
		break;
	case KCONFIG_NO:
		check_pass(c, "kernel", "%s, without TDX host support of its own", c->release);
		check_parameter(c);
		break;
	default:
		check_say(c, &(struct finding){ .result = SKIP, .name = "kernel",
			  .wanted = "a kernel without CONFIG_INTEL_TDX_HOST" },
			  "%s has no /boot/config-%s", c->release, c->release);
	}
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

void check_kernel(struct check *c)
{
	check_config(c);
	if (!c->own_tdx)
		check_lockdown(c);
}
