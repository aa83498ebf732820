// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "online.h"
#include "root.h"
#include "write_file.h"

#define SMT_CONTROL "/sys/devices/system/cpu/smt/control"

static int set_cpu(int cpu, bool online)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	return write_file(path, online ? "1" : "0");
}

static bool smt_is_off(const struct online *o)
{
	return !strcmp(o->smt, "off");
}

/* SMT first: siblings do not come online while it is off. */
static int bring_up(struct online *o)
{
	int err;

	if (!strcmp(o->smt, "forceoff")) {
		fputs("tdxhost enable: SMT is forced off: remove nosmt=force from the kernel command line and reboot\n", stderr);
		return -EPERM;
	}
	if (smt_is_off(o)) {
		err = write_file(SMT_CONTROL, "on");
		if (err) {
			fprintf(stderr, "tdxhost enable: SMT could not be turned on: %s\n",
				strerror(-err));
			return err;
		}
	}
	for (int cpu = 0; cpu < CPULIST_MAX; cpu++) {
		if (!o->was_offline.set[cpu])
			continue;
		err = set_cpu(cpu, true);
		if (err) {
			fprintf(stderr, "tdxhost enable: CPU %d could not be brought online: %s\n",
				cpu, strerror(-err));
			return err;
		}
	}
	return 0;
}

int online_all(struct online *o)
{
	struct cpulist online;
	int err;

	root_line(o->smt, sizeof(o->smt), SMT_CONTROL);
	if (!cpulist_read(&o->was_offline, "present") || !cpulist_read(&online, "online")) {
		fputs("tdxhost enable: /sys/devices/system/cpu does not say which CPUs are offline\n",
		      stderr);
		return -ENODATA;
	}
	cpulist_minus(&o->was_offline, &online);
	err = bring_up(o);
	if (err)
		online_restore(o);
	return err;
}

void online_restore(const struct online *o)
{
	struct cpulist online;
	int err = 0;

	/* To turn SMT off also takes the siblings offline. */
	if (smt_is_off(o))
		err = write_file(SMT_CONTROL, "off");
	if (err)
		fprintf(stderr, "tdxhost enable: SMT could not be turned off again: %s\n",
			strerror(-err));
	if (!cpulist_read(&online, "online"))
		return;
	for (int cpu = 0; cpu < CPULIST_MAX; cpu++) {
		if (!o->was_offline.set[cpu] || !online.set[cpu])
			continue;
		err = set_cpu(cpu, false);
		if (err)
			fprintf(stderr, "tdxhost enable: CPU %d could not be taken offline again: %s\n",
				cpu, strerror(-err));
	}
}
