// SPDX-License-Identifier: GPL-2.0-only
#include "host_files.h"
#include "root.h"

void host_progress_read(struct host_progress *p)
{
	char line[96];

	memset(p, 0, sizeof(*p));
	root_line(line, sizeof(line), HOST_DIR "/progress");
	if (sscanf(line, "%31s %u %u", p->step, &p->done, &p->total) != 3)
		memset(p, 0, sizeof(*p));
}

bool host_running(const struct host_progress *p)
{
	return p->step[0] && strcmp(p->step, "idle");
}
