/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine's memory, read from its log or from this host's files. */
#ifndef TDXHOST_PLAN_INPUT_H
#define TDXHOST_PLAN_INPUT_H

#include <stdio.h>

#include "log_facts.h"
#include "tdmr_plan.h"

/* Notes of input_dmesg() on a log. */
#define PLAN_MAX_NOTES	6

/* More RAM ranges than this are refused. */
#define PLAN_MAX_RAM	(1U << 20)

struct plan_range {
	struct tdx_range r;
	unsigned int line;	/* where it was read */
};

struct plan_ranges {
	struct plan_range *at;
	u32 nr;
	u32 room;
};

struct plan_input {
	struct tdx_range *ram;	/* above 1 MB, as the planner requires */
	u32 nr_ram;
	struct tdx_range cmr[TDX_MAX_CMRS];
	u32 nr_cmr;		/* 0: not known */
	u64 ram_from_cmrs;	/* bytes of RAM known only from the CMRs */
	struct plan_ranges never;	/* RAM that is never in a CMR: CXL, persistent */
	struct log_facts facts;	/* of a log, of its last boot */
	char note[PLAN_MAX_NOTES][160];
	u32 nr_notes;
	bool lines_missing;	/* a note says so */

	/* The error, and its line of the file. */
	char error[160];
	unsigned int line;
};

/*
 * Reads the BIOS-e820, "node N: [mem ...]" and CMR lines of a kernel log, in any form
 * that log_text.h understands.  0; -EINVAL (error, line); -ENOMEM.
 */
int input_dmesg(struct plan_input *in, FILE *f);

/* Reads /proc/iomem.  The same; -EACCES: not root, so its addresses are hidden. */
int input_iomem(struct plan_input *in, FILE *f);
/* Adds the nodes of this host's RAM, and the CMRs if tdx_host lists them.  0, -ENOMEM. */
int input_host(struct plan_input *in);

void input_free(struct plan_input *in);

/* For the parsers. */
__attribute__((format(printf, 3, 4)))
int input_error(struct plan_input *in, unsigned int line, const char *fmt, ...);
/* Hexadecimal, at most 64 bits, with or without 0x; moves *text past it. */
bool input_hex(const char **text, u64 *value);
/* Adds the whole pages of [start, end).  0, -ENOMEM, -EINVAL. */
int input_add(struct plan_input *in, struct plan_ranges *to, u64 start, u64 end, s32 node,
	      unsigned int line);
/* Sorts the ranges and removes duplicates; joins ranges of a node that touch. */
int input_sort(struct plan_input *in, struct plan_ranges *ranges);
/* Sets in->ram to the ranges without the first 1 MB.  0, -ENOMEM. */
int input_set_ram(struct plan_input *in, const struct plan_ranges *ranges);

#endif
