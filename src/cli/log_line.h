/* SPDX-License-Identifier: GPL-2.0-only */
/* TDX in a line of a kernel log, as Linux, KVM, QEMU and tdx_host write it. */
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
 * All of @word is a number of at most 64 bits: hexadecimal with 0x or a final h or
 * with 16 digits, or decimal, negative too.  Between digits there may be _ ' ` or ,
 * and C's suffixes may follow.
 */
bool log_number(const char *word, u64 *value);

/* All of @word is a leaf's name: TDH.MNG.INIT, tdh_mng_init, SEAMLDR.INFO. */
bool log_leaf(const char *word, u64 *leaf);
/* All of @word is a status' name, in any case, with TDX_ or without. */
bool log_status_name(const char *word, u64 *status);

/*
 * The next status at or after *@at of @line, whose start gives the leaf.
 * Moves *@at behind it; false: no more.
 */
bool log_line_status(const char **at, const char *line, struct log_status *s);
/* A status by its name, where @line has it without its number. */
bool log_line_name(const char *line, struct log_status *s);
/* RCX of a line that dumps registers. */
bool log_line_rcx(const char *line, u64 *rcx);

/* Messages without a status that keep people wondering: log-messages.tsv. */
struct log_message {
	const char *text;	/* as printf() has it */
	const char *quote;	/* to show instead of what is on the line; "" */
	const char *near;	/* stands on the same line; "-" */
	const char *versions;	/* of Linux, or of the program named, that print it */
	const char *source;	/* file */
	const char *cause;	/* "-": the status on the line says it */
	const char *remedy;
};

/* The first row that fits @line; *at and *len: what of the line it fits.  NULL: none. */
const struct log_message *log_line_message(const char *line, const char **at, size_t *len);

#endif
