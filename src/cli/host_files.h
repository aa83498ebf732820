/* SPDX-License-Identifier: GPL-2.0-only */
/* The files of tdx_host in sysfs and debugfs. */
#ifndef TDXHOST_HOST_FILES_H
#define TDXHOST_HOST_FILES_H

#include <stddef.h>
#include <stdio.h>

#include "types.h"

#define HOST_DIR	"/sys/kernel/tdx_host"
#define HOST_DEBUG_DIR	"/sys/kernel/debug/tdx_host"

/* The words of HOST_DIR/state. */
enum host_state {
	HOST_NO_DRIVER,		/* no such file: tdx_host is not loaded */
	HOST_UNSUPPORTED,
	HOST_OFF,
	HOST_UNINITIALIZED,
	HOST_INITIALIZING,
	HOST_INITIALIZED,
	HOST_NOT_LOADED,	/* the TDX module */
	HOST_FAILED,
	HOST_SHUTDOWN,
	HOST_INSTALLING,
	HOST_STATE_NR,		/* a word this version does not know */
};

enum host_state host_state_of(const char *word);
enum host_state host_state(void);
const char *host_state_name(enum host_state state);

/*
 * Why bring-up failed.  False: it did not.  Only root can read the file; for others, @buf
 * says that.
 */
bool host_last_error(char *buf, size_t size);
/* Is @word one of tdx_host's bios_warnings? */
bool host_doubts(const char *word);

struct host_progress {
	char step[32];		/* "idle" or "": no bring-up is running */
	unsigned int done, total;
};

struct host_time {
	char name[48];		/* of a leaf, or "irqs_off" */
	u64 ns, cycles;
};

/* NULL: not root, or tdx_host is not loaded.  The caller closes it. */
FILE *host_times_open(void);
/* The longest call of the next leaf; false: no more leaves. */
bool host_time_next(FILE *f, struct host_time *t);

void host_progress_read(struct host_progress *p);
bool host_running(const struct host_progress *p);

#endif
