// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory as a kernel log tells it:
 *   BIOS-e820: [mem 0x0000000000100000-0x000000005d168fff] usable
 *     node   0: [mem 0x0000000000100000-0x000000005d168fff]
 *   virt/tdx: CMR: [0x100000, 0x6f800000)
 * Node lines, where there are any, are the RAM; else usable e820 lines are.
 */
#include <ctype.h>
#include <stdlib.h>

#include "plan_input.h"

struct log {
	struct plan_ranges e820;	/* usable */
	struct plan_ranges node;
	struct plan_ranges cmr;
	u64 map_end;			/* of the last e820 or node line of any type */
};

static bool skip(const char **s, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*s, text, len))
		return false;
	*s += len;
	return true;
}

/* "[mem 0xSTART-0xLAST]" */
static bool parse_mem(const char **s, u64 *start, u64 *end)
{
	if (!skip(s, "[mem ") || !input_hex(s, start) || !skip(s, "-") || !input_hex(s, end) ||
	    !skip(s, "]") || *end == ~0ULL)
		return false;
	(*end)++;
	return true;
}

static int parse_e820(struct plan_input *in, struct log *log, const char *s, unsigned int line)
{
	u64 start, end;

	while (*s == ' ')
		s++;
	if (!parse_mem(&s, &start, &end))
		return input_error(in, line, "not an e820 line: no [mem 0xFIRST-0xLAST]");
	/* "usable" only; "(early) ..." and the like never is. */
	if (!skip(&s, " usable") || isalnum((unsigned char)*s)) {
		if (end <= TDX_MAX_PA)
			log->map_end = tdx_max(log->map_end, end);
		return 0;
	}
	log->map_end = tdx_max(log->map_end, end);
	return input_add(in, &log->e820, start, end, -1, line);
}

static int parse_cmr(struct plan_input *in, struct log *log, const char *s, unsigned int line)
{
	u64 start, end;

	if (!skip(&s, "[") || !input_hex(&s, &start) || !skip(&s, ", ") ||
	    !input_hex(&s, &end) || !skip(&s, ")"))
		return input_error(in, line, "not a CMR: no [0xSTART, 0xEND)");
	if ((start | end) & (TDX_SZ_4K - 1))
		return input_error(in, line, "this CMR does not start and end with a page");
	if (log->cmr.nr == TDX_MAX_CMRS)
		return input_error(in, line, "more than %d CMRs: is there more than one boot in it?",
				   TDX_MAX_CMRS);
	return input_add(in, &log->cmr, start, end, -1, line);
}

/* After "node": "   0: [mem 0x...-0x...]", else it is another line. */
static int parse_node(struct plan_input *in, struct log *log, const char *s, unsigned int line)
{
	u64 start, end;
	char *rest;
	long node;

	if (*s != ' ' || strncmp(s + strspn(s, " 0123456789"), ": [mem ", 7))
		return 0;
	errno = 0;
	node = strtol(s, &rest, 10);
	if (errno || node < 0 || node > 1 << 16 || *rest != ':')
		return input_error(in, line, "no such node");
	s = rest + 2;
	if (!parse_mem(&s, &start, &end))
		return input_error(in, line, "not a node's memory: no [mem 0xFIRST-0xLAST]");
	log->map_end = tdx_max(log->map_end, end);
	return input_add(in, &log->node, start, end, node, line);
}

static int parse_line(struct plan_input *in, struct log *log, const char *text, unsigned int line)
{
	const char *s;

	if (*text == '#')
		return 0;
	log_facts_line(&in->facts, text);
	s = strstr(text, "BIOS-e820:");
	if (s)
		return parse_e820(in, log, s + strlen("BIOS-e820:"), line);
	s = strstr(text, "CMR: ");
	if (s)
		return parse_cmr(in, log, s + strlen("CMR: "), line);
	s = strstr(text, "node ");
	if (s)
		return parse_node(in, log, s + strlen("node"), line);
	return 0;
}

/* Logs are often cut: CMR memory beyond what the map tells of is taken for RAM. */
static int add_ram_of_cmrs(struct plan_input *in, struct log *log, struct plan_ranges *ram)
{
	u32 i;
	int err;

	for (i = 0; i < log->cmr.nr; i++) {
		struct tdx_range r = log->cmr.at[i].r;

		r.start = tdx_max(r.start, log->map_end);
		if (r.start >= r.end)
			continue;
		err = input_add(in, ram, r.start, r.end, -1, log->cmr.at[i].line);
		if (err)
			return err;
		in->ram_from_cmrs += r.end - r.start;
	}
	return 0;
}

static int finish(struct plan_input *in, struct log *log)
{
	struct plan_ranges *ram = log->node.nr ? &log->node : &log->e820;
	int err;
	u32 i;

	err = input_sort(in, &log->cmr);
	if (!err)
		err = input_sort(in, ram);
	if (!err)
		err = add_ram_of_cmrs(in, log, ram);
	if (!err)
		err = input_sort(in, ram);
	if (!err)
		err = input_set_ram(in, ram);
	if (err)
		return err;
	for (i = 0; i < log->cmr.nr; i++)
		in->cmr[in->nr_cmr++] = log->cmr.at[i].r;
	if (!in->nr_ram)
		return input_error(in, 0, "no memory map in it: neither BIOS-e820, node nor CMR lines");
	return 0;
}

int input_dmesg(struct plan_input *in, FILE *f)
{
	struct log log = { 0 };
	unsigned int line = 0;
	char *text = NULL;
	size_t size = 0;
	int err = 0;

	memset(in, 0, sizeof(*in));
	log_facts_init(&in->facts);
	while (!err && getline(&text, &size, f) >= 0)
		err = parse_line(in, &log, text, ++line);
	if (!err && ferror(f))
		err = input_error(in, line + 1, "cannot be read");
	if (!err)
		err = finish(in, &log);
	free(text);
	free(log.e820.at);
	free(log.node.at);
	free(log.cmr.at);
	return err;
}
