// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory from a kernel log:
 *   BIOS-e820: [mem 0x0000000000100000-0x000000005d168fff] usable
 *   BIOS-e820: [mem 0x0000000000100000-0x000000005d168fff]  System RAM	(Linux 7.1)
 *   BIOS-e820: [gap 0x0000000090000000-0x00000000fdffffff]		(Linux 7.1)
 *   user: [mem 0x0000000000100000-0x00000007ffffffff] usable	(mem=, kdump)
 *     node   0: [mem 0x0000000000100000-0x000000005d168fff]
 *   virt/tdx: CMR: [0x100000, 0x6f800000)
 * If there are node lines, they are the RAM; otherwise the usable lines are.  Of several
 * boots only the last one counts.  log_facts.c reads the rest of the log.
 */
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "log_text.h"
#include "plan_input.h"

enum parsed {
	PARSED,
	BROKEN,		/* the line is incomplete: the next one may be the rest */
	NO_TYPE,	/* the same, but it has the range */
	BAD,		/* input_error() has been called */
	NO_MEMORY,
};

enum table {
	FIRMWARE,	/* every line of the firmware's map, of any type */
	E820,		/* its RAM */
	USER,		/* RAM of a user-defined map */
	NODE,
	CMR,
	NR_TABLES
};

struct reader {
	struct plan_input *in;
	struct plan_ranges table[NR_TABLES];
	struct tdx_range last[NR_TABLES];
	unsigned int boots;
	u64 map_end;		/* of the last e820 or node line of any type */
	u64 gap_start;		/* of memory that a map with gap lines lacks; 0: none */
	u64 gap_end;
	bool has_gaps;		/* the map has a line for every address (Linux 7.1) */
	bool new_boot;		/* a new boot has begun, without memory lines so far */
	bool again;		/* the line repeats the one before */
	bool at_end;		/* the line is the last one, and is cut off */
	unsigned int xen;	/* line; 0: none */
	unsigned int guest;
	unsigned int hypervisor;
};

static bool skip(const char **s, const char *text)
{
	size_t len = strlen(text);

	if (strncmp(*s, text, len))
		return false;
	*s += len;
	return true;
}

/* "0xSTART-0xLAST]" */
static bool parse_range(const char **s, u64 *start, u64 *end)
{
	if (!input_hex(s, start) || !skip(s, "-") || !input_hex(s, end) || !skip(s, "]") ||
	    *end == ~0ULL)
		return false;
	(*end)++;
	return true;
}

static bool parse_mem(const char **s, u64 *start, u64 *end)
{
	return skip(s, "[mem ") && parse_range(s, start, end);
}

static enum parsed added(int err)
{
	return !err ? PARSED : err == -ENOMEM ? NO_MEMORY : BAD;
}

/* ---- boots ---- */

static bool empty(const struct reader *r)
{
	for (int i = 0; i < NR_TABLES; i++)
		if (r->table[i].nr)
			return false;
	return true;
}

/* Another boot begins: forget the memory of the last one. */
static void next_boot(struct reader *r)
{
	r->new_boot = false;
	if (empty(r))
		return;
	r->boots++;
	for (int i = 0; i < NR_TABLES; i++)
		r->table[i].nr = 0;
	r->map_end = r->gap_start = r->gap_end = 0;
	r->hypervisor = 0;
	r->has_gaps = false;
	log_facts_init(&r->in->facts);
}

/*
 * A line of a table with ascending addresses.  If the address goes down, the line is from
 * another boot; if the line is the same, from another console.  False: nothing to add.
 */
static bool next_in(struct reader *r, enum table which, u64 start, u64 end)
{
	struct plan_ranges *table = &r->table[which];
	const struct tdx_range *last = &r->last[which];

	if (r->new_boot)
		next_boot(r);
	if (table->nr && last->start == start && last->end == end) {
		r->again = true;
		return false;
	}
	if (!table->nr || start > last->start)
		return true;
	/* A log may have only the CMRs and nodes of a boot. */
	if (which == FIRMWARE || !r->table[FIRMWARE].nr) {
		next_boot(r);
	} else {
		r->boots++;
		table->nr = 0;
	}
	return true;
}

static enum parsed add(struct reader *r, enum table which, u64 start, u64 end, s32 node,
		       unsigned int line)
{
	int err;

	if (!next_in(r, which, start, end))
		return PARSED;
	err = input_add(r->in, &r->table[which], start, end, node, line);
	r->last[which] = (struct tdx_range){ start, end, node };
	return added(err);
}

/* ---- lines ---- */

/* The type of an e820 range; @s is the text after the range. */
static enum parsed parse_type(const char *s, bool *ram)
{
	static const char * const types[] = {
		"usable", "System RAM", "reserved", "device reserved", "soft reserved", "ACPI data",
		"ACPI NVS", "unusable", "persistent", "type ",
	};
	size_t len;

	s += strspn(s, " ");
	*ram = false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		len = strlen(types[i]);
		if (!strncmp(s, types[i], len) && !isalnum((unsigned char)s[len])) {
			*ram = i < 2;
			return PARSED;
		}
	}
	for (len = strlen(s); len && isspace((unsigned char)s[len - 1]); len--)
		;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strncmp(s, types[i], len))
			return NO_TYPE;
	return PARSED;
}

/* If every line continues the one before, one that does not shows that lines are lost. */
static void follow(struct reader *r, u64 before, u64 start, bool gap)
{
	r->has_gaps |= gap;
	if (before && start > before && !r->gap_start) {
		r->gap_start = before;
		r->gap_end = start;
	}
}

static enum parsed parse_firmware(struct reader *r, const char *s, unsigned int line)
{
	enum parsed type = PARSED;
	bool gap, ram = false;
	u64 start, end;

	s += strspn(s, " ");
	gap = skip(&s, "[gap ");
	if (!gap && !skip(&s, "[mem "))
		return BROKEN;
	if (!parse_range(&s, &start, &end))
		return BROKEN;
	if (!gap)
		type = parse_type(s, &ram);
	if (type == NO_TYPE && !r->at_end)
		return NO_TYPE;
	if (!ram && (end > TDX_MAX_PA || start >= end))
		return PARSED;
	type = add(r, FIRMWARE, start, end, -1, line);
	if (type != PARSED || r->again)
		return type;
	follow(r, r->map_end, start, gap);
	r->map_end = tdx_max(r->map_end, end);
	return ram ? add(r, E820, start, end, -1, line) : PARSED;
}

static enum parsed parse_user(struct reader *r, const char *s, unsigned int line)
{
	u64 start, end;
	bool ram;

	if (!parse_mem(&s, &start, &end) || parse_type(s, &ram) != PARSED)
		return BROKEN;
	return ram ? add(r, USER, start, end, -1, line) : PARSED;
}

/* After "CMR": ": [0xSTART, 0xEND)" or "[0]: [0xSTART, 0xEND)", else it is another line. */
static enum parsed parse_cmr(struct reader *r, const char *s, unsigned int line)
{
	u64 start, end;

	if (*s == '[') {
		s++;
		s += strspn(s, "0123456789");
		if (!skip(&s, "]"))
			return PARSED;
	}
	if (!skip(&s, ": "))
		return PARSED;
	if (!skip(&s, "[") || !input_hex(&s, &start) || !skip(&s, ",") || !skip(&s, " ") ||
	    !input_hex(&s, &end) || !skip(&s, ")"))
		return BROKEN;
	if ((start | end) & (TDX_SZ_4K - 1)) {
		input_error(r->in, line, "this CMR does not start and end on page boundaries");
		return BAD;
	}
	if (start == end && !start)
		return PARSED;	/* an unused one */
	return add(r, CMR, start, end, -1, line);
}

/* After "node": "   0: [mem 0x...-0x...]", else it is another line. */
static enum parsed parse_node(struct reader *r, const char *s, unsigned int line)
{
	u64 start, end;
	char *rest;
	long node;

	if (*s != ' ' || strncmp(s + strspn(s, " 0123456789"), ": [mem", 6))
		return PARSED;
	errno = 0;
	node = strtol(s, &rest, 10);
	if (errno || node < 0 || node > 1 << 16 || *rest != ':') {
		input_error(r->in, line, "no such node");
		return BAD;
	}
	s = rest + 2;
	if (!parse_mem(&s, &start, &end))
		return BROKEN;
	r->map_end = tdx_max(r->map_end, end <= TDX_MAX_PA ? end : 0);
	return add(r, NODE, start, end, node, line);
}

static enum parsed parse_line(struct reader *r, const char *text, unsigned int line)
{
	const char *s;

	if (*text == '#')
		return PARSED;
	if (strstr(text, "Xen: [mem"))
		r->xen = line;
	if (strstr(text, "Hypervisor detected: "))
		r->hypervisor = line;
	s = strstr(text, "BIOS-e820:");
	if (s)
		return parse_firmware(r, s + strlen("BIOS-e820:"), line);
	s = strstr(text, "CMR");
	if (s)
		return parse_cmr(r, s + strlen("CMR"), line);
	s = strstr(text, "user: [");
	if (s)
		return parse_user(r, s + strlen("user: "), line);
	s = strstr(text, "node ");
	if (s)
		return parse_node(r, s + strlen("node"), line);
	return PARSED;
}

static const char *whole_form(const char *text)
{
	if (strstr(text, "BIOS-e820:"))
		return "not an e820 line: no [mem 0xFIRST-0xLAST]";
	if (strstr(text, "CMR"))
		return "not a CMR: no [0xSTART, 0xEND)";
	return "not a node's memory: no [mem 0xFIRST-0xLAST]";
}

static enum parsed whole_line(struct reader *r, const char *text, unsigned int line)
{
	enum parsed parsed;

	r->again = false;
	parsed = parse_line(r, text, line);
	if (parsed == PARSED && !r->again)
		log_facts_line(&r->in->facts, text);
	return parsed;
}

/* The line, joined with the next one if a console or a mail program broke it. */
static enum parsed parse_at(struct reader *r, const struct log_text *text, size_t *i)
{
	static const char * const gaps[] = { "", " " };
	const struct log_text_line *line = &text->line[*i];
	enum parsed parsed = whole_line(r, line->text, line->nr);

	for (size_t g = 0; (parsed == BROKEN || parsed == NO_TYPE) && g < 2; g++) {
		char *joined = log_text_joined(text, *i, gaps[g]);
		enum parsed both;

		if (!joined)
			break;
		both = whole_line(r, joined, line->nr);
		free(joined);
		if (both != BROKEN && both != NO_TYPE) {
			++*i;
			return both;
		}
	}
	if (parsed != BROKEN && parsed != NO_TYPE)
		return parsed;
	if (r->at_end || parsed == NO_TYPE) {
		/* Without a type it does not count as RAM. */
		log_facts_line(&r->in->facts, line->text);
		return PARSED;
	}
	input_error(r->in, line->nr, "%s", whole_form(line->text));
	return BAD;
}

static bool is_guest(const char *text)
{
	return strstr(text, "tdx: Guest detected") ||
	       strstr(text, "Memory Encryption Features active: Intel TDX");
}

static enum parsed parse_text(struct reader *r, const struct log_text *text)
{
	enum parsed parsed = PARSED;

	for (size_t i = 0; i < text->nr && parsed == PARSED; i++) {
		const struct log_text_line *line = &text->line[i];

		r->new_boot |= line->new_boot;
		/* A TD's log after its host's: the host's counts. */
		if (is_guest(line->text) && r->table[CMR].nr) {
			r->guest = line->nr;
			break;
		}
		r->at_end = text->cut && i + 1 == text->nr;
		parsed = parse_at(r, text, &i);
		if (is_guest(line->text))
			r->in->facts.td_guest = true;
	}
	return parsed;
}

/* ---- the whole ---- */

__attribute__((format(printf, 2, 3)))
static void note(struct plan_input *in, const char *fmt, ...)
{
	va_list args;

	if (in->nr_notes == PLAN_MAX_NOTES)
		return;
	va_start(args, fmt);
	vsnprintf(in->note[in->nr_notes++], sizeof(in->note[0]), fmt, args);
	va_end(args);
}

static void add_notes(const struct reader *r)
{
	struct plan_input *in = r->in;

	if (r->boots)
		note(in, "the log covers %u boots; the plan is for the last one ('journalctl -k -b' shows one boot)",
		     r->boots + 1);
	if (r->guest)
		note(in, "from line %u on, this is the log of a TD, which is ignored", r->guest);
	if (r->hypervisor)
		note(in, "line %u shows that this is a virtual machine, whose memory is not that of its host",
		     r->hypervisor);
	if (r->has_gaps && r->gap_start) {
		note(in, "the memory map in the log does not mention [0x%llx, 0x%llx): lines are missing",
		     r->gap_start, r->gap_end);
		in->lines_missing = true;
	}
}

/* Logs are often cut off: CMR memory beyond the end of the map counts as RAM. */
static int add_ram_of_cmrs(struct reader *r, struct plan_ranges *ram)
{
	const struct plan_ranges *cmr = &r->table[CMR];
	int err = 0;

	for (u32 i = 0; i < cmr->nr && !err; i++) {
		struct tdx_range range = cmr->at[i].r;

		range.start = tdx_max(range.start, r->map_end);
		if (range.start >= range.end)
			continue;
		err = input_add(r->in, ram, range.start, range.end, -1, cmr->at[i].line);
		r->in->ram_from_cmrs += range.end - range.start;
	}
	return err;
}

static int no_ram(const struct reader *r)
{
	if (r->xen)
		return input_error(r->in, r->xen,
				   "this is the log of a Xen domain, whose memory is not that of the host; Xen does not support TDX: use the log of a boot without Xen");
	if (r->table[FIRMWARE].nr && r->in->facts.map_start > TDX_SZ_1G)
		return input_error(r->in, 0, "there is no RAM in the memory map, which begins at 0x%llx: earlier lines are missing",
				   r->in->facts.map_start);
	return input_error(r->in, 0, "it contains no memory map: neither BIOS-e820, node nor CMR lines");
}

static int finish(struct reader *r)
{
	struct plan_ranges *cmr = &r->table[CMR];
	bool user = r->table[USER].nr;
	struct plan_ranges *ram = &r->table[r->table[NODE].nr ? NODE : user ? USER : E820];
	int err;

	if (cmr->nr > TDX_MAX_CMRS)
		return input_error(r->in, cmr->at[TDX_MAX_CMRS].line,
				   "more than %d CMRs: does the log cover more than one boot?", TDX_MAX_CMRS);
	add_notes(r);
	err = input_sort(r->in, cmr);
	if (!err)
		err = input_sort(r->in, ram);
	if (!err && !user)
		err = add_ram_of_cmrs(r, ram);
	if (!err)
		err = input_sort(r->in, ram);
	if (!err)
		err = input_set_ram(r->in, ram);
	if (err)
		return err;
	for (u32 i = 0; i < cmr->nr; i++)
		r->in->cmr[r->in->nr_cmr++] = cmr->at[i].r;
	return r->in->nr_ram ? 0 : no_ram(r);
}

int input_dmesg(struct plan_input *in, FILE *f)
{
	struct reader r = { .in = in };
	enum parsed parsed = PARSED;
	struct log_text text;
	int err;

	memset(in, 0, sizeof(*in));
	log_facts_init(&in->facts);
	err = log_text_read(&text, f);
	if (err && err != -ENOMEM)
		err = input_error(in, 0, "cannot be read: %s", strerror(-err));
	if (!err)
		parsed = parse_text(&r, &text);
	if (!err && parsed != PARSED)
		err = parsed == NO_MEMORY ? -ENOMEM : -EINVAL;
	if (!err)
		err = finish(&r);
	log_text_free(&text);
	for (int i = 0; i < NR_TABLES; i++)
		free(r.table[i].at);
	return err;
}
