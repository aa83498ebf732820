/* SPDX-License-Identifier: GPL-2.0-only */
/* CPU lists as the kernel writes them: "0-3,8". */
#ifndef TDXHOST_CPULIST_H
#define TDXHOST_CPULIST_H

#include "types.h"

#define CPULIST_MAX 8192	/* the largest NR_CPUS that x86 kernels are built with */

struct cpulist {
	bool set[CPULIST_MAX];
};

/* False: not a list. An empty text is an empty list. */
bool cpulist_parse(struct cpulist *list, const char *text);
unsigned int cpulist_count(const struct cpulist *list);
/* Removes the CPUs of @b from @a. */
void cpulist_minus(struct cpulist *a, const struct cpulist *b);
const char *cpulist_text(char *buf, size_t size, const struct cpulist *list);

/* /sys/devices/system/cpu/NAME; false: no such file. */
bool cpulist_read(struct cpulist *list, const char *name);

#endif
