// SPDX-License-Identifier: GPL-2.0-only
/*
 * The planner side by side with the reference policy, on the recorded maps and
 * on generated servers, with memory all free and fragmented.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "linux_plan.h"
#include "machine.h"
#include "plan_input.h"
#include "tdmr_check.h"

#define SERVERS 2000
#define ATTEMPTS 5

static struct machine machine;
static struct tdmr_planner planner;
static struct tdmr_plan plan, reference;

struct outcome {
	u32 machines;
	u32 served[2];		/* ours, reference */
	u32 both;
	u64 pamt[2];		/* of those that both serve */
	u64 largest[2];
	double us[2];
	u32 could;		/* be served by a plan that knows all */
	u32 attempt[ATTEMPTS + 1];	/* served by it */
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void make_sim(struct pamt_sim *sim, const struct tdmr_input *in, u64 largest_free)
{
	if (pamt_sim_init(sim, in->ram, in->nr_ram, in->cmr, in->nr_cmr, largest_free)) {
		fputs("plan_bench: not enough memory\n", stderr);
		exit(1);
	}
}

static bool accepted(const struct tdmr_input *in, const struct tdmr_plan *p)
{
	return !tdmr_check(p->tdmrs, p->nr_tdmrs, in->cmr, in->nr_cmr, &in->limits, TDX_MAX_PA);
}

/* The largest TDMR whose 4K level is one piece of at most @largest_free bytes (0: any). */
static u64 largest_tdmr(const struct tdmr_input *in, u64 largest_free)
{
	u64 size = TDX_SZ_1G;

	while (size < TDX_MAX_PA && (!largest_free ||
	       tdmr_pamt_size(size, TDX_PS_4K, in->limits.entry_size[TDX_PS_4K]) <= largest_free))
		size += TDX_SZ_1G;
	return size - TDX_SZ_1G;
}

/*
 * Is there a plan at all?  A page in use is no PAMT, so a TDMR has to cover it; TDMRs as
 * large as a piece allows, each from the first page not yet covered, are the fewest.
 * True is not a promise: reserved areas are not looked at.
 */
static bool could_be_served(const struct tdmr_input *in, const struct pamt_sim *sim,
			    u64 largest_free)
{
	u64 size = largest_tdmr(in, largest_free), covered = 0;
	u32 tdmrs = 0, i, f;

	for (i = 0; size && i < in->nr_ram; i++) {
		u64 at = tdx_max(in->ram[i].start, covered);

		while (at < in->ram[i].end) {
			f = tdx_ranges_find(sim->free, sim->nr_free, at);
			if (f < sim->nr_free && sim->free[f].start <= at) {
				at = sim->free[f].end;
				continue;
			}
			covered = tdx_round_down(at, TDX_SZ_1G) + size;
			at = covered;
			tdmrs++;
		}
	}
	return size && tdmrs <= in->limits.max_tdmrs;
}

static void try_both(const struct tdmr_input *in, u64 largest_free, struct outcome *o)
{
	const struct tdmr_plan *plans[2] = { &plan, &reference };
	struct pamt_sim sim;
	bool ok[2];
	double t;

	o->machines++;
	make_sim(&sim, in, largest_free);
	o->could += could_be_served(in, &sim, largest_free);
	t = now_us();
	ok[0] = !tdmr_plan(&planner, in, &plan) && !tdmr_place(&planner, &sim.source);
	o->us[0] += now_us() - t;
	ok[0] = ok[0] && accepted(in, &plan);
	o->attempt[ok[0] ? planner.attempt : 0]++;
	pamt_sim_exit(&sim);

	make_sim(&sim, in, largest_free);
	t = now_us();
	ok[1] = !linux_plan(in, &reference, &sim.source, NULL);
	o->us[1] += now_us() - t;
	ok[1] = ok[1] && accepted(in, &reference);
	pamt_sim_exit(&sim);

	o->both += ok[0] && ok[1];
	for (int i = 0; i < 2; i++) {
		o->served[i] += ok[i];
		if (ok[0] && ok[1]) {
			o->pamt[i] += plans[i]->pamt_bytes;
			o->largest[i] = tdx_max(o->largest[i], plans[i]->largest_contiguous);
		}
	}
}

static void show(const char *what, const struct outcome *o)
{
	static const char * const name[] = { "tdx_host", "reference" };

	for (int i = 0; i < 2; i++) {
		printf("%-28s %-10s %5u of %-5u %7.1f us", i ? "" : what, name[i], o->served[i],
		       o->machines, o->us[i] / o->machines);
		if (o->both)
			printf(" %9.1f MB %10.1f MB", o->pamt[i] / 1048576.0 / o->both,
			       o->largest[i] / 1048576.0);
		putchar('\n');
	}
	printf("%-28s %-10s %5u of %-5u  by attempt", "", "at most", o->could, o->machines);
	for (int i = 1; i <= ATTEMPTS; i++)
		printf(" %d: %u", i, o->attempt[i]);
	putchar('\n');
}

static void add(struct outcome *to, const struct outcome *o)
{
	to->machines += o->machines;
	to->served[0] += o->served[0];
	to->served[1] += o->served[1];
}

static void load_map(const char *name, struct plan_input *map, struct tdmr_input *in)
{
	FILE *f = fopen(name, "r");

	if (!f || input_dmesg(map, f)) {
		fprintf(stderr, "plan_bench: %s: %s\n", name, f ? map->error : "cannot be opened");
		exit(1);
	}
	fclose(f);
	*in = (struct tdmr_input){
		.ram = map->ram, .nr_ram = map->nr_ram,
		.cmr = map->nr_cmr ? map->cmr : map->ram,
		.nr_cmr = map->nr_cmr ? map->nr_cmr : map->nr_ram,
		.limits = { 64, 16, { 16, 16, 16 }, false },
	};
}

static void real_maps(struct outcome *all)
{
	struct outcome o = { 0 };
	struct plan_input map;
	struct tdmr_input in;
	glob_t found;

	if (glob(MAPS "/*.dmesg", 0, NULL, &found)) {
		fputs("plan_bench: no maps in " MAPS "\n", stderr);
		exit(1);
	}
	for (size_t i = 0; i < found.gl_pathc; i++) {
		load_map(found.gl_pathv[i], &map, &in);
		try_both(&in, 0, &o);
		input_free(&map);
	}
	globfree(&found);
	show("recorded maps", &o);
	add(all, &o);
}

/* Free memory in pieces of @least to @most MB at most. */
static double servers(const char *what, u64 least, u64 most, struct outcome *all)
{
	struct prng rng = { .state = 1 };
	struct outcome o = { 0 };

	for (u32 i = 0; i < SERVERS; i++) {
		machine_server(&machine, &rng);
		try_both(&machine.in, most ? prng_log(&rng, least, most) << 20 : 0, &o);
	}
	show(what, &o);
	add(all, &o);
	return (double)o.served[0] / o.could;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* 16 nodes of 768 GB, 2,000 RAM ranges: the median, in ms. */
static double plan_12tb(void)
{
	const u64 node = 768ULL << 30;
	static struct tdx_range ram[2000], cmr[17];
	struct tdmr_input in = { .ram = ram, .nr_ram = 2000, .cmr = cmr, .nr_cmr = 17,
				 .limits = { 64, 16, { 16, 16, 16 }, false } };
	double ms[101];

	cmr[0] = (struct tdx_range){ 1 << 20, 0x77800000, 0 };
	for (int n = 0; n < 16; n++) {
		u64 start = (4ULL << 30) + n * node;

		cmr[n + 1] = (struct tdx_range){ start, start + node - (64 << 20), n };
		for (int i = 0; i < 125; i++) {
			u64 at = start + i * (6ULL << 30);

			/* The first node's first range is all that is below 4 GB. */
			ram[n * 125 + i] = (struct tdx_range){ at, at + (6ULL << 30) - (1 << 20), n };
		}
	}
	ram[0] = cmr[0];
	for (int i = 0; i < 101; i++) {
		struct pamt_sim sim;
		double t;

		make_sim(&sim, &in, 0);
		t = now_us();
		if (tdmr_plan(&planner, &in, &plan) || tdmr_place(&planner, &sim.source)) {
			fputs("plan_bench: no plan for 12 TB\n", stderr);
			exit(1);
		}
		ms[i] = (now_us() - t) / 1e3;
		pamt_sim_exit(&sim);
	}
	qsort(ms, 101, sizeof(*ms), by_value);
	return ms[50];
}

/* PAMT bytes of each GB that holds TDX memory: less there cannot be. */
static u64 lower_bound(const struct tdmr_input *in)
{
	u64 last = 0, gbs = 0;

	for (u32 i = 0; i < in->nr_ram; i++) {
		u64 start = tdx_max(in->ram[i].start >> 30, last);
		u64 end = (in->ram[i].end + TDX_SZ_1G - 1) >> 30;

		if (end > start) {
			gbs += end - start;
			last = end;
		}
	}
	return gbs * ((4 << 20) + 8192 + 4096);
}

int main(void)
{
	struct outcome all = { 0 }, spr = { 0 };
	struct plan_input map;
	struct tdmr_input in;
	double ms, of_bound;

	printf("%-28s %-10s %-14s %10s %12s %13s\n", "machines", "policy", "served", "time",
	       "PAMT, mean", "largest piece");
	real_maps(&all);
	servers("servers, memory free", 0, 0, &all);
	of_bound = servers("servers, pieces to 1 GB", 64, 1024, &all);
	puts("(PAMT and largest piece: of the machines that both serve;\n"
	     " at most: no plan could serve more)\n");

	ms = plan_12tb();
	load_map(MAPS "/spr-1tb.dmesg", &map, &in);
	try_both(&in, 0, &spr);
	printf("plan_12tb %.3f ms\n", ms);
	printf("plannable_share_ours %.4f ratio\n", (double)all.served[0] / all.machines);
	printf("plannable_share_reference %.4f ratio\n", (double)all.served[1] / all.machines);
	printf("plannable_fragmented_of_bound %.4f ratio\n", of_bound);
	printf("pamt_over_bound_1tb %.5f ratio\n", (double)plan.pamt_bytes / lower_bound(&in));
	printf("largest_contiguous_1tb %llu KiB\n", plan.largest_contiguous >> 10);
	input_free(&map);
	return !spr.served[0];
}
