// SPDX-License-Identifier: GPL-2.0-only
/*
 * Extrapolates the time of each step of bring-up to large machines.  The argument is the
 * time of a call of the TDX module (15 us); clearing and flushing memory is measured on this
 * CPU; TDMRs are spread over CPUs as in src/module/spread.c: the largest first, and those of
 * a CPU's own node first.  For comparison, the time that memory bandwidth alone would allow.
 * Also measures what src/module/times.c adds to a call.
 */
#include <emmintrin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "plan_input.h"
#include "tdmr_plan.h"

#define MAX_CPUS	1024
#define CALLS_PER_GB	256
/* SYS.INIT, SEAMLDR.INFO, SYS.RD of 34 fields, CONFIG. */
#define SERIAL_CALLS	37
/* Assumed: to queue a work item, and of one socket's memory (8 channels of DDR5-4800). */
#define QUEUE_US	2.0
#define SOCKET_GB_S	250.0
/* PAMTs are cleared by the kernel, flushed, and written by the TDX module. */
#define PAMT_PASSES	3

struct machine {
	const char *name;
	u32 nodes;	/* one package each */
	u32 cpus;
	u32 heavy_cpus;	/* that take TDMRs: not isolated, one per core */
};

static struct tdmr_planner planner;
static struct tdmr_plan plan;
static double call_us = 15, clear_gb_s, flush_gb_s;

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

#define SAMPLE	(1UL << 30)

/* CLFLUSH, as not every CPU has CLFLUSHOPT. */
static int measure_memory(void)
{
	char *area = aligned_alloc(4096, SAMPLE);
	double start;

	if (!area)
		return -1;
	memset(area, 1, SAMPLE);
	start = now_s();
	memset(area, 0, SAMPLE);
	clear_gb_s = SAMPLE / 1e9 / (now_s() - start);
	start = now_s();
	for (size_t at = 0; at < SAMPLE; at += 64)
		_mm_clflush(area + at);
	_mm_mfence();
	flush_gb_s = SAMPLE / 1e9 / (now_s() - start);
	free(area);
	return 0;
}

#define CALLS	10000000

static u64 longest;

static void __attribute__((noinline)) no_call(void)
{
	asm volatile("" : : : "memory");
}

static void timed_no_call(void)
{
	unsigned int cpu;
	u64 start = __rdtscp(&cpu), old = __atomic_load_n(&longest, __ATOMIC_RELAXED), cycles;

	no_call();
	cycles = __rdtscp(&cpu) - start;
	while (cycles > old && !__atomic_compare_exchange_n(&longest, &old, cycles, false,
							    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		;
}

/* Of this process' own time: the machine may be busy. */
static double ns_each(void (*fn)(void))
{
	clock_t start = clock();

	for (u32 i = 0; i < CALLS; i++)
		fn();
	return (double)(clock() - start) / CLOCKS_PER_SEC * 1e9 / CALLS;
}

/* As times.c, but for CLI and STI, which only a kernel may. */
static void measure_timing(void)
{
	printf("call_untimed %.1f ns\n", ns_each(no_call));
	printf("call_timed %.1f ns\n", ns_each(timed_no_call));
}

static double init_s(const struct tdmr *tdmr)
{
	return (tdmr->size >> 30) * CALLS_PER_GB * call_us / 1e6;
}

static u64 pamt_of(const struct tdmr *tdmr)
{
	u64 bytes = 0;

	for (u32 level = 0; level < TDX_PS_NR; level++)
		bytes += tdmr->pamt[level].size;
	return bytes;
}

static double flush_s(const struct tdmr *tdmr)
{
	return pamt_of(tdmr) / 1e9 / flush_gb_s;
}

/* The largest TDMR left, of @node first; nr_tdmrs if none is. */
static u32 take(const bool *taken, s32 node)
{
	u32 i, best = plan.nr_tdmrs;
	int pass;

	for (pass = 0; pass < 2 && best == plan.nr_tdmrs; pass++)
		for (i = 0; i < plan.nr_tdmrs; i++)
			if (!taken[i] && (pass || plan.tdmrs[i].node == node) &&
			    (best == plan.nr_tdmrs || plan.tdmrs[i].size > plan.tdmrs[best].size))
				best = i;
	return best;
}

/* Seconds until the last CPU has done its last TDMR. */
static double critical_path(const struct machine *m, double (*cost)(const struct tdmr *))
{
	bool taken[TDX_MAX_TDMRS] = { false };
	static double busy[MAX_CPUS];
	u32 left, cpu, next, i;

	memset(busy, 0, sizeof(busy));
	for (left = plan.nr_tdmrs; left; left--) {
		for (cpu = 0, i = 1; i < m->heavy_cpus; i++)
			if (busy[i] < busy[cpu])
				cpu = i;
		next = take(taken, cpu * m->nodes / m->heavy_cpus);
		taken[next] = true;
		busy[cpu] += cost(&plan.tdmrs[next]);
	}
	for (cpu = 0, i = 1; i < m->heavy_cpus; i++)
		if (busy[i] > busy[cpu])
			cpu = i;
	return busy[cpu];
}

/*
 * The heavy CPUs of each node clear that node's PAMTs, as fast as its memory allows at most:
 * the node with the most of them counts. Where the map does not say which node, they are
 * taken as spread evenly.
 */
static double clear_s(const struct machine *m)
{
	double most = 0, gb_s = clear_gb_s * m->heavy_cpus / m->nodes;

	for (u32 node = 0; node < m->nodes; node++) {
		double bytes = 0;

		for (u32 i = 0; i < plan.nr_tdmrs; i++) {
			if (plan.tdmrs[i].node == (s32)node)
				bytes += pamt_of(&plan.tdmrs[i]);
			else if (plan.tdmrs[i].node < 0)
				bytes += (double)pamt_of(&plan.tdmrs[i]) / m->nodes;
		}
		if (bytes > most)
			most = bytes;
	}
	return most / 1e9 / (gb_s < SOCKET_GB_S ? gb_s : SOCKET_GB_S);
}

static int show(const struct machine *m, const struct tdmr_input *in)
{
	double series = 0, total, start, steps[6];
	u64 pamt = 0;

	start = now_s();
	if (tdmr_plan(&planner, in, &plan))
		return -1;
	steps[1] = now_s() - start;
	for (u32 i = 0; i < plan.nr_tdmrs; i++) {
		series += init_s(&plan.tdmrs[i]);
		pamt += pamt_of(&plan.tdmrs[i]);
	}
	steps[0] = (SERIAL_CALLS * call_us + m->cpus * QUEUE_US + call_us) / 1e6;
	steps[2] = clear_s(m);
	steps[3] = critical_path(m, flush_s);
	steps[4] = m->nodes * call_us / 1e6;
	steps[5] = critical_path(m, init_s);
	total = steps[0] + steps[1] + steps[2] + steps[3] + steps[4] + steps[5];
	printf("%s: %u packages, %u CPUs, %u TDMRs, %.1f GB of PAMTs; TDMR.INIT in series %.2f s\n"
	       "  calls and LP.INIT %.4f, plan %.4f, clearing %.3f, flush %.3f, KEY.CONFIG %.4f, TDMR.INIT %.3f s\n",
	       m->name, m->nodes, m->cpus, plan.nr_tdmrs, pamt / 1e9, series,
	       steps[0], steps[1], steps[2], steps[3], steps[4], steps[5]);
	printf("tdmr_init_%s_extrapolated %.4f s\n", m->name, steps[5]);
	printf("bringup_%s_extrapolated %.3f s\n", m->name, total);
	printf("bringup_%s_by_bandwidth %.3f s\n", m->name,
	       PAMT_PASSES * pamt / 1e9 / (m->nodes * SOCKET_GB_S));
	return 0;
}

static int show_1tb(void)
{
	static const struct machine m = { "1tb", 4, 128, 64 };
	struct plan_input map = { 0 };
	struct tdmr_input in;
	FILE *f = fopen(MAPS "/spr-1tb.dmesg", "r");

	if (!f || input_dmesg(&map, f))
		return -1;
	fclose(f);
	in = (struct tdmr_input){ .ram = map.ram, .nr_ram = map.nr_ram,
				  .cmr = map.cmr, .nr_cmr = map.nr_cmr,
				  .limits = { 64, 16, { 16, 16, 16 }, false } };
	return show(&m, &in);
}

static int show_32tb(void)
{
	static const struct machine m = { "32tb", 4, 1024, 512 };
	const u64 node = 8ULL << 40;
	struct tdx_range ram[5];
	struct tdmr_input in = { .ram = ram, .nr_ram = 5, .cmr = ram, .nr_cmr = 5,
				 .limits = { 64, 16, { 16, 16, 16 }, false } };

	ram[0] = (struct tdx_range){ 1 << 20, 0x77800000, 0 };
	for (int n = 0; n < 4; n++)
		ram[n + 1] = (struct tdx_range){ (4ULL << 30) + n * node,
						 (4ULL << 30) + (n + 1) * node - (64 << 20), n };
	return show(&m, &in);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		call_us = strtod(argv[1], NULL);
	if (measure_memory() || call_us <= 0) {
		fprintf(stderr, "usage: cost_bench [US-PER-CALL]\n");
		return 2;
	}
	printf("Extrapolated at %g us a call, clearing %.1f GB/s and flushing %.1f GB/s a CPU as measured here,\n"
	       "assumed: %g us to queue a work item, %g GB/s of memory a socket\n",
	       call_us, clear_gb_s, flush_gb_s, QUEUE_US, SOCKET_GB_S);
	measure_timing();
	if (show_1tb() || show_32tb()) {
		fprintf(stderr, "cost_bench: no plan\n");
		return 1;
	}
	return 0;
}
