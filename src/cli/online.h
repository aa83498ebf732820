/* SPDX-License-Identifier: GPL-2.0-only */
/* Offline CPUs, up for the time of a bring-up. */
#ifndef TDXHOST_ONLINE_H
#define TDXHOST_ONLINE_H

#include "cpulist.h"

struct online {
	struct cpulist was_offline;
	char smt[16];		/* smt/control as it was */
};

/* All present CPUs online.  -errno after a message; what was changed is undone. */
int online_all(struct online *o);
/* As it was.  CPUs that will not go are named on stderr. */
void online_restore(const struct online *o);

#endif
