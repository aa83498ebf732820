/* SPDX-License-Identifier: GPL-2.0-only */
/* Shows the progress of what tdx_host does: a bar on a terminal, else a line now and then. */
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

/*
 * Writes @text to the file @path, which starts something that the kernel finishes even if this
 * process ends, and shows its progress until it is done.  0 or -errno, of the write.  With
 * @leave nothing is shown, and PROGRESS_LEFT comes back once it returns true.
 */
#define PROGRESS_LEFT	1
int progress_of_write(const char *path, const char *text, bool (*leave)(void));

#endif
