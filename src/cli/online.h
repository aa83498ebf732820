/* SPDX-License-Identifier: GPL-2.0-only */
/* Brings offline CPUs online for the duration of a bring-up. */
#ifndef TDXHOST_ONLINE_H
#define TDXHOST_ONLINE_H

#include "cpulist.h"

struct online {
	struct cpulist was_offline;
	char smt[16];		/* smt/control as it was */
};

/* Brings all present CPUs online.  On failure: -errno, a message, and every change undone. */
int online_all(struct online *o);
/* Undoes that.  CPUs that cannot be taken offline are named on stderr. */
void online_restore(const struct online *o);

#endif
