/* SPDX-License-Identifier: GPL-2.0-only */
/* The first CPU of /proc/cpuinfo. */
#ifndef TDXHOST_CPUINFO_H
#define TDXHOST_CPUINFO_H

#include "types.h"

struct cpuinfo {
	char vendor[32];
	char name[64];
	char microcode[24];
	unsigned int family, model, stepping;
	unsigned int phys_bits;	/* less those that KeyIDs took; 0: not said */
	bool vmx, tme, sgx, hypervisor, tdx_guest;
};

void cpuinfo_read(struct cpuinfo *cpu);

#endif
