// SPDX-License-Identifier: GPL-2.0-only
/* The progress of bring-up, for userspace. */
#include <linux/atomic.h>
#include <linux/kernel.h>

#include "host.h"

static struct {
	const char *step;
	u32 total;
	atomic_t done;
} progress = { .step = "idle" };

void tdx_progress(const char *step, u32 done, u32 total)
{
	WRITE_ONCE(progress.step, step);
	WRITE_ONCE(progress.total, total);
	atomic_set(&progress.done, done);
}

void tdx_progress_tick(void)
{
	atomic_inc(&progress.done);
}

/* The three values are not read atomically: for display only. */
int tdx_progress_show(char *buf, size_t size)
{
	return scnprintf(buf, size, "%s %d %u\n", READ_ONCE(progress.step),
			 atomic_read(&progress.done), READ_ONCE(progress.total));
}
