// SPDX-License-Identifier: GPL-2.0-only
/* CPUs that are offline, and CPUs that are isolated. */
#include <stdlib.h>

#include "check.h"
#include "cpulist.h"
#include "kernel.h"
#include "root.h"

static bool module_onlines_cpus(void)
{
	char value[16];

	root_line(value, sizeof(value), "/sys/module/tdx_host/parameters/offline_cpus");
	return !strcmp(value, "online");
}

static void say_missing(struct check *c)
{
	char missing[256];

	root_line(missing, sizeof(missing), HOST_DIR "/cpus_missing");
	if (missing[0])
		check_say(c, &(struct finding){ .result = WARN, .name = "cpus", .wanted = "every CPU initialized",
			  .remedy = "none while TDX is up: the TDX modules published so far initialize no CPU after bring-up; bring every CPU online before the next one" },
			  "initialized without CPUs %s", missing);
	else
		check_pass(c, "cpus", "all initialized");
}

static void check_offline(struct check *c)
{
	struct cpulist present, online;
	char text[256], smt[32];

	if (!cpulist_read(&present, "present") || !cpulist_read(&online, "online")) {
		check_say(c, &(struct finding){ .result = SKIP, .name = "cpus", .undecided = true },
			  "/sys/devices/system/cpu does not say which CPUs are online");
		return;
	}
	cpulist_minus(&present, &online);
	cpulist_text(text, sizeof(text), &present);
	root_line(smt, sizeof(smt), "/sys/devices/system/cpu/smt/control");
	if (!text[0])
		check_pass(c, "cpus", "all %u online", cpulist_count(&online));
	else if (module_onlines_cpus())
		check_pass(c, "cpus", "offline CPUs: %s; tdx_host brings them online for bring-up (offline_cpus=online)", text);
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "cpus",
			  .wanted = "every CPU online for bring-up: the TDX modules published so far require it",
			  .remedy = !strcmp(smt, "forceoff") ?
				    "remove nosmt=force from the kernel command line and reboot" :
				    c->own_tdx ? "bring them online before kvm_intel is loaded" :
				    "'tdxhost enable --online-cpus' brings them online during bring-up; so does tdx_host with offline_cpus=online" },
			  "offline CPUs: %s%s%s%s", text, smt[0] == 'o' && smt[1] == 'f' ? " (SMT is " : "",
			  smt[0] == 'o' && smt[1] == 'f' ? smt : "", smt[0] == 'o' && smt[1] == 'f' ? ")" : "");
}

/* The TDX module also counts CPUs that this kernel cannot use. */
static void check_limited(struct check *c)
{
	static const char * const params[] = { "nr_cpus", "maxcpus", "possible_cpus" };
	char value[16];

	for (size_t i = 0; i < sizeof(params) / sizeof(params[0]); i++)
		if (kernel_param(params[i], value, sizeof(value)))
			check_say(c, &(struct finding){ .result = WARN, .name = "cpu_limit",
				  .wanted = "every CPU of the machine in use by the kernel",
				  .remedy = "remove it: the TDX modules published so far require TDH.SYS.LP.INIT on every CPU that the firmware knows" },
				  "%s=%s on the kernel command line", params[i], value);
}

static void check_isolated(struct check *c)
{
	struct cpulist list;
	char nohz[256];

	/* "(null)" without nohz_full=. */
	if (!cpulist_read(&list, "nohz_full") || !cpulist_count(&list))
		return;
	cpulist_text(nohz, sizeof(nohz), &list);
	check_say(c, &(struct finding){ .result = WARN, .name = "isolated_cpus",
		  .remedy = "none needed: long-running work stays off them; to avoid the interruption, bring up TDX before the workload starts" },
		  "nohz_full CPUs %s are interrupted once, for TDH.SYS.LP.INIT, which the TDX modules published so far require on every CPU",
		  nohz);
}

void check_cpus(struct check *c)
{
	if (c->state == HOST_INITIALIZED) {
		say_missing(c);
		return;
	}
	check_offline(c);
	check_limited(c);
	if (!c->own_tdx)
		check_isolated(c);
}
