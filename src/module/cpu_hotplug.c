// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs that go online or offline while TDX is up, and CPUs that bring-up itself brings
 * online (offline_cpus=online).
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/printk.h>
#include <linux/topology.h>
#include <asm/special_insns.h>

#include "host.h"
#include "words.h"

enum { OFFLINE_FAIL, OFFLINE_ONLINE };
static const char * const offline_words[] = { "fail", "online", NULL };
static struct tdx_words offline_cpus = { offline_words, OFFLINE_FAIL };
tdx_words_param(offline_cpus, offline_cpus);
MODULE_PARM_DESC(offline_cpus, "what to do if the TDX module needs offline CPUs: fail (the error names them) or online (bring them online during bring-up, then take them offline again)");

static enum cpuhp_state hotplug_state;
static bool init_allowed;	/* written under cpus_read_lock() */

void tdx_cpus_allow_init(bool allow)
{
	init_allowed = allow;
}

static bool last_of_package(unsigned int cpu)
{
	int other;

	for_each_online_cpu(other)
		if (other != cpu &&
		    topology_physical_package_id(other) == topology_physical_package_id(cpu))
			return false;
	return true;
}

/*
 * In the hotplug thread of @cpu, before anything else runs there.  A CPU that the
 * TDX module rejects still comes online, but cannot run TDs.
 */
static int came_online(unsigned int cpu)
{
	u64 status;

	if (init_allowed && !cpumask_test_cpu(cpu, &tdx_lps) && tdx_lp_init(&status))
		tdx_lp_refused(cpu, status);
	return 0;
}

/*
 * WBINVD: what a TD has left in this core's own caches under a private KeyID is
 * in memory before the core stops taking part.  VMX is never on here: it is only
 * ever borrowed with interrupts off.
 */
static int going_offline(unsigned int cpu)
{
	if (!init_allowed || !cpumask_test_cpu(cpu, &tdx_lps))
		return 0;
	if (tdx_keyids_in_use() && last_of_package(cpu)) {
		pr_err("CPU %u stays online: it is the last of its package, and %u guest KeyIDs are in use, whose keys are torn down package by package\n",
		       cpu, tdx_keyids_in_use());
		return -EBUSY;
	}
	wbinvd();
	return 0;
}

/* ---- offline_cpus=online ---- */

bool tdx_cpus_may_wake(void)
{
	return offline_cpus.value == OFFLINE_ONLINE;
}

/*
 * Not under cpus_read_lock(): the kernel takes the write side.  A CPU that
 * someone brings up meanwhile is theirs, and is left up.
 */
int tdx_cpus_wake(struct cpumask *woken)
{
	int cpu, err, ret = 0;

	cpumask_clear(woken);
	for_each_present_cpu(cpu) {
		if (cpu_online(cpu))
			continue;
		err = add_cpu(cpu);
		if (!err) {
			cpumask_set_cpu(cpu, woken);
			continue;
		}
		if (err == -EPERM)
			tdx_error("CPU %d cannot be brought online: SMT is off; %s", cpu,
				  cpu_smt_possible() ?
				  "echo on > /sys/devices/system/cpu/smt/control" :
				  "boot without nosmt=force");
		else
			tdx_error("CPU %d cannot be brought online: error %d, see the kernel's message above",
				  cpu, err);
		ret = -EINVAL;
	}
	return ret;
}

void tdx_cpus_sleep(const struct cpumask *woken)
{
	int cpu;

	for_each_cpu(cpu, woken)
		if (remove_cpu(cpu))
			pr_warn("CPU %d could not be taken offline again: it stays online\n", cpu);
}

int tdx_cpu_hotplug_start(void)
{
	int ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "x86/tdx_host:online",
					    came_online, going_offline);

	if (ret < 0)
		return ret;
	hotplug_state = ret;
	return 0;
}

void tdx_cpu_hotplug_stop(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
}
