/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Recovers the lines that were logged from a log in any form in which people pass it on.
 *
 * Undone: UTF-16 and byte order marks, CR LF, colours, quoting by mail (">"),
 * quoted-printable, JSON (journalctl, dmesg, containers), journalctl's export and
 * verbose forms, escapes of /dev/kmsg.
 */
#ifndef TDXHOST_LOG_TEXT_H
#define TDXHOST_LOG_TEXT_H

#include <stdio.h>

#include "types.h"

struct log_text_line {
	const char *text;
	unsigned int nr;	/* of the file's line, from 1 */
	bool starts;		/* has a time stamp or similar: continues no other line */
	bool new_boot;		/* the first line of a boot, according to a mark, */
	bool after_boot;	/* and the line before is from another boot */
};

struct log_text {
	struct log_text_line *line;
	size_t nr;
	bool cut;		/* the last line does not end with a newline */
	/* Private. */
	char *text;
	size_t room;
	char boot[40];		/* journald's identifier of the last line's boot */
};

/* Reads to end of file.  0; -ENOMEM; -errno of the file.  Free it in every case. */
int log_text_read(struct log_text *log, FILE *f);
void log_text_free(struct log_text *log);

/*
 * Line @i and the next one joined, with @gap between them, to undo a break by a console or
 * a mail program.  NULL: there is no next line, it is a line of its own, or there is no
 * memory.  Free it.
 */
char *log_text_joined(const struct log_text *log, size_t i, const char *gap);

/* The number of boots, at least 1; *first: the line where the last one begins. */
unsigned int log_text_boots(const struct log_text *log, size_t *first);

#endif
