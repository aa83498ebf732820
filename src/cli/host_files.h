/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of tdx_host that more than one command reads. */
#ifndef TDXHOST_HOST_FILES_H
#define TDXHOST_HOST_FILES_H

#include "types.h"

#define HOST_DIR "/sys/kernel/tdx_host"

struct host_progress {
	char step[32];		/* "idle" or "": nothing runs */
	unsigned int done, total;
};

void host_progress_read(struct host_progress *p);
bool host_running(const struct host_progress *p);

#endif
