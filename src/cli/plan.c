// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost plan: the TDMRs, PAMTs and reserved areas that a machine would get. */
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "options.h"
#include "out.h"
#include "pamt_sim.h"
#include "plan_gaps.h"
#include "plan_input.h"
#include "plan_output.h"
#include "root.h"

/* A smaller bound would make the list of free ranges too long. */
#define LEAST_LARGEST_FREE	(1ULL << 20)
/* Without CMRs, and if asked to, holes below this size count as convertible. */
#define ASSUMED_HOLE		TDX_SZ_1G

static const char help_text[] =
"usage: tdxhost plan [OPTION]...\n"
"\n"
"Shows how tdx_host would hand the memory of this host (as root), or of the host that\n"
"wrote the kernel log FILE, to the TDX module: TDMRs, their PAMTs and reserved areas,\n"
"and memory left out.  Says whether Linux's own TDX host support could plan this\n"
"memory.  Changes nothing.\n"
"\n"
"  --from FILE           read a kernel log with BIOS-e820, \"node N: [mem ...]\" and\n"
"                        \"CMR:\" lines; - means standard input\n"
"  --assume-cmr          if CMRs are unknown, assume that holes in RAM of less than\n"
"                        1 GB are convertible too (default: RAM only)\n"
"  --coverage WHAT       online: plan for RAM (default); convertible: for all CMRs\n"
"  --best-effort         leave out memory that does not fit, instead of failing\n"
"  --tdmr-size SIZE      size of the largest TDMR, in whole GB (default: depends on\n"
"                        the memory)\n"
"  --max-tdmrs N         limits of the TDX module; default 64 TDMRs,\n"
"  --max-reserved N      16 reserved areas each,\n"
"  --entry-size N[,N,N]  PAMT entries of 16 bytes (4K, 2M, 1G pages)\n"
"  --largest-free SIZE   assume that no free block is larger; 1M or more\n"
"  --map                 also draw the memory, as a bar for each node\n"
"  --json                print one object, with sizes in bytes\n"
"  --root DIR            read files recorded in DIR instead of this host's files\n"
"  --help\n"
"\n"
"SIZE is in bytes, or has a suffix K, M, G or T.  All RAM above 1 MB counts as free.\n"
"Exit status: 0 there is a plan, 1 there is none, 2 bad usage or input, 3 could not\n"
"tell (not root).\n";

struct options {
	const char *from;
	bool assume_cmr;
	bool json;
	bool map;
	u64 largest_free;
	struct tdmr_input in;
};

static bool parse_number(const char *s, char **end, u64 *value)
{
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*value = strtoull(s, end, 0);
	return !errno;
}

static bool store_u32(void *to, const char *s)
{
	char *end;
	u64 v;

	if (!parse_number(s, &end, &v) || *end || v > UINT32_MAX)
		return false;
	*(u32 *)to = v;
	return true;
}

static bool store_nonzero_u32(void *to, const char *s)
{
	return store_u32(to, s) && *(u32 *)to;
}

static bool parse_size(const char *s, u64 *value)
{
	static const char units[] = "KMGT";
	const char *unit;
	int shift;
	char *end;

	if (!parse_number(s, &end, value))
		return false;
	if (!*end)
		return true;
	unit = strchr(units, *end);
	if (!unit || end[1])
		return false;
	shift = 10 * (unit - units + 1);
	if (*value > TDX_MAX_PA >> shift)
		return false;
	*value <<= shift;
	return true;
}

static bool store_tdmr_size(void *to, const char *s)
{
	u64 *size = to;

	return parse_size(s, size) && *size && !(*size % TDX_SZ_1G) && *size <= TDX_MAX_PA;
}

static bool store_largest_free(void *to, const char *s)
{
	u64 *size = to;

	return parse_size(s, size) && *size >= LEAST_LARGEST_FREE && !(*size % TDX_SZ_4K);
}

static bool store_entries(void *to, const char *s)
{
	u64 v[TDX_PS_NR];
	u32 *entry = to;
	char *end;
	int n;

	for (n = 0; n < TDX_PS_NR; n++) {
		if (!parse_number(s, &end, &v[n]) || !v[n] || v[n] > TDX_MAX_PAMT_ENTRY)
			return false;
		s = end + 1;
		if (!*end && (n == 0 || n == TDX_PS_NR - 1))
			break;
		if (*end != ',')
			return false;
	}
	if (n == TDX_PS_NR)
		return false;
	for (int i = 0; i < TDX_PS_NR; i++)
		entry[i] = v[n ? i : 0];
	return true;
}

static bool store_coverage(void *to, const char *s)
{
	enum tdmr_coverage *coverage = to;

	if (!strcmp(s, "online"))
		*coverage = TDMR_COVER_ONLINE;
	else if (!strcmp(s, "convertible"))
		*coverage = TDMR_COVER_CONVERTIBLE;
	else
		return false;
	return true;
}

/* -1: continue; else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	bool best_effort = false;
	const struct cli_option options[] = {
		OPTION_STRING("from", &o->from),
		OPTION_FLAG("assume-cmr", &o->assume_cmr),
		{ "coverage", store_coverage, &o->in.coverage },
		OPTION_FLAG("best-effort", &best_effort),
		{ "tdmr-size", store_tdmr_size, &o->in.tdmr_size },
		{ "max-tdmrs", store_nonzero_u32, &o->in.limits.max_tdmrs },
		{ "max-reserved", store_u32, &o->in.limits.max_reserved },
		{ "entry-size", store_entries, o->in.limits.entry_size },
		{ "largest-free", store_largest_free, &o->largest_free },
		OPTION_FLAG("map", &o->map),
		OPTION_FLAG("json", &o->json),
		OPTION_ROOT,
		OPTION_END
	};
	int ret = options_parse(argc, argv, options, help_text, NULL);

	if (best_effort)
		o->in.policy = TDMR_BEST_EFFORT;
	return ret;
}

/* ---- input ---- */

static const char *source_name(const struct options *o)
{
	if (!o->from)
		return "/proc/iomem";
	return strcmp(o->from, "-") ? o->from : "standard input";
}

static FILE *open_source(const struct options *o)
{
	if (!o->from)
		return root_open("/proc/iomem");
	return strcmp(o->from, "-") ? fopen(o->from, "re") : stdin;
}

static int read_source(const struct options *o, struct plan_input *in)
{
	FILE *f = open_source(o);
	int err;

	if (!f) {
		fprintf(stderr, "tdxhost plan: %s: %s\n", source_name(o), strerror(errno));
		return o->from ? CLI_USAGE : CLI_UNKNOWN;
	}
	err = o->from ? input_dmesg(in, f) : input_iomem(in, f);
	if (f != stdin)
		fclose(f);
	if (!err && !o->from)
		err = input_host(in);
	if (!err)
		return CLI_YES;
	if (err == -EACCES) {
		fputs("tdxhost plan: /proc/iomem hides its addresses: run as root, or give a kernel log with --from FILE\n",
		      stderr);
		return CLI_UNKNOWN;
	}
	if (err == -ENOMEM)
		fputs("tdxhost plan: not enough memory\n", stderr);
	else if (in->line)
		fprintf(stderr, "tdxhost plan: %s:%u: %s\n", source_name(o), in->line, in->error);
	else
		fprintf(stderr, "tdxhost plan: %s: %s\n", source_name(o), in->error);
	plan_kinds(in, stderr);
	return CLI_USAGE;
}

static int too_many_pieces(const struct options *o)
{
	fprintf(stderr, "tdxhost plan: %s: it lists no CMRs, and more than %d ranges of RAM: try --assume-cmr\n",
		source_name(o), TDX_MAX_CMRS);
	return CLI_USAGE;
}

/* False: one CMR too many. */
static bool assume_cmr(struct plan_input *in, u64 start, u64 end, u64 hole)
{
	struct tdx_range *last = &in->cmr[in->nr_cmr];

	if (start >= end)
		return true;
	if (in->nr_cmr && start - last[-1].end < hole) {
		last[-1].end = end;
		return true;
	}
	if (in->nr_cmr == TDX_MAX_CMRS)
		return false;
	*last = (struct tdx_range){ start, end, -1 };
	in->nr_cmr++;
	return true;
}

/*
 * If the CMRs are unknown, all RAM is taken to be convertible, except for the kinds of RAM
 * that never are.
 */
static int assume_cmrs(const struct options *o, struct plan_input *in)
{
	u64 hole = o->assume_cmr ? ASSUMED_HOLE : 1;
	u32 i, n = 0;

	for (i = 0; i < in->nr_ram; i++) {
		u64 at = in->ram[i].start;

		while (n < in->never.nr && in->never.at[n].r.end <= at)
			n++;
		for (; n < in->never.nr && in->never.at[n].r.start < in->ram[i].end; n++) {
			if (!assume_cmr(in, at, in->never.at[n].r.start, hole))
				return too_many_pieces(o);
			at = tdx_min(in->never.at[n].r.end, in->ram[i].end);
			if (in->never.at[n].r.end > at)
				break;
		}
		if (!assume_cmr(in, at, in->ram[i].end, hole))
			return too_many_pieces(o);
	}
	return CLI_YES;
}

/* Names what is assumed rather than read from the source. */
static void say_assumptions(FILE *to, const struct options *o, const struct plan_input *in,
			    bool assumed)
{
	char size[32];

	if (assumed)
		fprintf(to, "note: CMRs are unknown; RAM above 1 MB is assumed to be convertible, %s\n",
			o->assume_cmr ? "and so are holes in it of less than 1 GB" :
			"holes in it are not");
	if (in->ram_from_cmrs && in->facts.map_start == ~0ULL)
		fprintf(to, "note: the log has no memory map; all %s of the CMRs is assumed to be RAM\n",
			out_bytes(size, sizeof(size), in->ram_from_cmrs));
	else if (in->ram_from_cmrs)
		fprintf(to, "note: %s beyond the end of the memory map is assumed to be RAM, because CMRs cover it\n",
			out_bytes(size, sizeof(size), in->ram_from_cmrs));
	for (u32 i = 0; i < in->nr_notes; i++)
		fprintf(to, "note: %s\n", in->note[i]);
}

/* ---- */

static int make_plan(const struct options *o, struct planning *p)
{
	struct tdmr_plan *plan = &p->plan;
	struct pamt_sim sim;
	int err;

	err = pamt_sim_init(&sim, o->in.ram, o->in.nr_ram, o->in.cmr, o->in.nr_cmr,
			    o->largest_free);
	if (err)
		return err;
	err = tdmr_plan(&p->planner, &o->in, plan);
	if (!err)
		err = tdmr_place(&p->planner, &sim.source);
	if (err) {
		plan->nr_tdmrs = 0;
		plan->tdx_bytes = plan->pamt_bytes = plan->largest_contiguous = 0;
	}
	pamt_sim_exit(&sim);
	return err;
}

static void show(const struct options *o, const struct planning *p, int err)
{
	if (o->json)
		plan_json(&o->in, p);
	else if (!err)
		plan_text(&o->in, p);
	if (!o->json && !err && o->map)
		plan_map(&o->in, p);
	if (err)
		plan_failure(&o->in, p, err);
}

static int show_plan(struct options *o, struct plan_input *in)
{
	struct planning *p;
	bool assumed = !in->nr_cmr;
	FILE *notes = o->json ? stderr : stdout;
	int ret, err;

	p = calloc(1, sizeof(*p));
	if (!p || (o->from && plan_gaps(in, notes, &p->incomplete))) {
		fputs("tdxhost plan: not enough memory\n", stderr);
		free(p);
		return CLI_UNKNOWN;
	}
	ret = assumed ? assume_cmrs(o, in) : CLI_YES;
	if (ret) {
		free(p);
		return ret;
	}
	p->incomplete |= in->lines_missing;
	say_assumptions(notes, o, in, assumed);
	fflush(notes);	/* before anything goes to stderr */
	o->in.ram = in->ram;
	o->in.nr_ram = in->nr_ram;
	o->in.cmr = in->cmr;
	o->in.nr_cmr = in->nr_cmr;
	err = make_plan(o, p);
	if (linux_advice(&p->kernel, &o->in)) {
		fputs("tdxhost plan: not enough memory\n", stderr);
		free(p);
		return CLI_UNKNOWN;
	}
	show(o, p, err);
	free(p);
	return err ? err == -EINVAL ? CLI_USAGE : CLI_NO : CLI_YES;
}

int cmd_plan(int argc, char **argv)
{
	struct options o = { .in.limits = { 64, 16, { 16, 16, 16 }, false } };
	struct plan_input in = { 0 };
	int ret;

	ret = parse_options(argc, argv, &o);
	if (ret >= 0)
		return ret;
	ret = read_source(&o, &in);
	if (ret == CLI_YES && in.facts.td_guest) {
		fprintf(stderr, "tdxhost plan: %s: this is the log of a TD, a guest: use the log of its host\n",
			source_name(&o));
		ret = CLI_USAGE;
	}
	if (ret == CLI_YES)
		ret = show_plan(&o, &in);
	input_free(&in);
	return ret;
}
