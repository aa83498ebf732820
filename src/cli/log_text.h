/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A log as people hand it in, made into the lines that were logged.
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
	bool starts;		/* has a time stamp or the like, so continues no other line */
	bool new_boot;		/* a mark says that a boot begins with it, */
	bool after_boot;	/* and the line before is of another one */
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

/* To end of file.  0; -ENOMEM; -errno of the file.  Free in every case. */
int log_text_read(struct log_text *log, FILE *f);
void log_text_free(struct log_text *log);

/*
 * Line @i and the one after it as one, as they were before a console or a mail
 * program broke them: @gap between them.  NULL: there is no next line, it starts on
 * its own, or no memory.  Free it.
 */
char *log_text_joined(const struct log_text *log, size_t i, const char *gap);

/* Boots that marks tell of, at least 1; *first: the line where the last one begins. */
unsigned int log_text_boots(const struct log_text *log, size_t *first);

#endif
