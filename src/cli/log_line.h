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

/* All of @word is a number: 0x and hex digits, 16 hex digits, or decimal. */
bool log_number(const char *word, u64 *value);

/*
 * The next status at or after *@at of @line, whose start gives the leaf.
 * Moves *@at behind it; false: no more.
 */
bool log_line_status(const char **at, const char *line, struct log_status *s);
/* RCX of a line that dumps registers. */
bool log_line_rcx(const char *line, u64 *rcx);

/* Messages without a status that keep people wondering. */
struct log_message {
	const char *text;
	const char *cause;
	const char *remedy;
};

const struct log_message *log_line_message(const char *line);

#endif
