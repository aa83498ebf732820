/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds TDX statuses and messages in a log line of Linux, KVM, QEMU or tdx_host. */
#ifndef TDXHOST_LOG_LINE_H
#define TDXHOST_LOG_LINE_H

#include "types.h"

struct log_status {
	u64 status;
	bool has_leaf;
	u64 leaf;
	bool has_rcx;
	u64 rcx;
};

/*
 * Is @word a number of at most 64 bits?  Hexadecimal with 0x, a final h or 16 digits, or
 * decimal, also negative.  Digits may be separated by _ ' ` or , and C's suffixes may
 * follow.
 */
bool log_number(const char *word, u64 *value);

/* Is @word the name of a leaf: TDH.MNG.INIT, tdh_mng_init, SEAMLDR.INFO? */
bool log_leaf(const char *word, u64 *leaf);
/* Is @word the name of a status, in any case, with or without TDX_? */
bool log_status_name(const char *word, u64 *status);

/*
 * Finds the next status of @line at or after *@at, and its leaf earlier in the line.
 * Moves *@at behind it; false: there is none.
 */
bool log_line_status(const char **at, const char *line, struct log_status *s);
/* Finds a status that @line has by name, without the number. */
bool log_line_name(const char *line, struct log_status *s);
/* RCX in a line that dumps registers. */
bool log_line_rcx(const char *line, u64 *rcx);

/* Messages without a status that need an explanation: log-messages.tsv. */
struct log_message {
	const char *text;	/* printf() format */
	const char *quote;	/* shown instead of the text on the line; "": none */
	const char *near;	/* must be on the same line; "-": nothing */
	const char *versions;	/* of Linux, or of the program named, that print it */
	const char *source;	/* file */
	const char *cause;	/* "-": the status on the line explains it */
	const char *remedy;
};

/* The first row that matches @line; *at and *len: the part that it matches.  NULL: none. */
const struct log_message *log_line_message(const char *line, const char **at, size_t *len);

#endif
