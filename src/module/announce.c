// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sets X86_FEATURE_TDX_HOST_PLATFORM, which tells other code, above all KVM, that this
 * machine is a TDX host.  A kernel that knows the bit sets it only if built with
 * CONFIG_INTEL_TDX_HOST.
 */
#include <linux/bitops.h>
#include <linux/cpuhotplug.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include "host.h"

#ifdef X86_FEATURE_TDX_HOST_PLATFORM

static int hotplug_state;

static unsigned long *features(void)
{
	return (unsigned long *)boot_cpu_data.x86_capability;
}

/* A CPU that comes online clears each feature bit that CPUID does not have, such as this. */
static int came_online(unsigned int cpu)
{
	set_bit(X86_FEATURE_TDX_HOST_PLATFORM, features());
	return 0;
}

int tdx_announce(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "x86/tdx_host:announce",
					    came_online, NULL);

	if (ret < 0)
		return ret;
	hotplug_state = ret;
	return came_online(0);
}

/* Whoever asked and took the answer, a KVM, holds this module. */
void tdx_announce_stop(void)
{
	if (!hotplug_state)
		return;
	cpuhp_remove_state_nocalls(hotplug_state);
	clear_bit(X86_FEATURE_TDX_HOST_PLATFORM, features());
}

#else

int tdx_announce(void)
{
	return 0;
}

void tdx_announce_stop(void)
{
}

#endif
