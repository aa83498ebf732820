/* SPDX-License-Identifier: GPL-2.0-only */
/* Shows the progress of a bring-up: a bar on a terminal, else a line now and then. */
#ifndef TDXHOST_PROGRESS_H
#define TDXHOST_PROGRESS_H

#include "host_files.h"

struct progress {
	bool bar;
	bool drawn;
	struct host_progress last;
};

void progress_start(struct progress *p);
void progress_show(struct progress *p, const struct host_progress *now);
void progress_end(struct progress *p);

#endif
