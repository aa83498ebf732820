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
	unsigned int phys_bits;	/* without those that KeyIDs take; 0: not listed */
	bool vmx, tme, sgx, hypervisor, tdx_guest;
};

void cpuinfo_read(struct cpuinfo *cpu);

#endif
