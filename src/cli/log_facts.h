/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a kernel log says about memory apart from the map: it can prove that lines of the
 * map are missing, or that memory is of a kind that is never convertible.
 */
#ifndef TDXHOST_LOG_FACTS_H
#define TDXHOST_LOG_FACTS_H

#include "ranges.h"

#define LOG_MAX_RANGES 256

struct log_facts {
	bool td_guest;		/* "tdx: Guest detected" */
	u64 soft_reserved;	/* bytes: CXL or HBM that is not RAM yet */
	u64 persistent;		/* bytes */
	u64 total;		/* bytes of RAM, counted by the kernel; 0: not logged */
	u64 top;		/* end of RAM, by last_pfn, zones and nodes; 0: not logged */
	u64 usable;		/* bytes of RAM above 1 MB in the e820 map */
	bool user_map;		/* mem=, memmap= or kexec restricts the kernel */
	u32 nr_user;
	struct tdx_range user[LOG_MAX_RANGES];	/* to these ranges */
	u32 garbled;		/* lines of the map, except the last, that are cut off */
	u64 map_start;		/* of the first line of the map; ~0: none */
	bool ends_in_map;	/* the log's last line is one of the e820 map, */
	bool cut;		/* and that line is cut off */
	u32 nr_srat;		/* firmware's memory affinity, in the log's order */
	struct tdx_range srat[LOG_MAX_RANGES];
};

void log_facts_init(struct log_facts *facts);
/* Reads one line of the log, with or without a time stamp. */
void log_facts_line(struct log_facts *facts, const char *line);

#endif
