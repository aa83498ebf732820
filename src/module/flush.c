// SPDX-License-Identifier: GPL-2.0-only
/*
 * Caches are not coherent across KeyIDs: if the same memory was written under two KeyIDs,
 * the cache has a line for each, and the one written back last wins.
 *
 * Before the TDX module uses a PAMT, lines that the kernel dirtied under KeyID 0 (at least
 * by zeroing the pages) must be gone.  CLFLUSHOPT by KeyID 0 address reaches them in every
 * cache.  Nobody touches these pages after that flush: tdx_host owns them and leaves them
 * alone.
 *
 * Before the kernel gets such memory back, lines that the TDX module dirtied under its own
 * KeyID must be gone.  The kernel has no address for them, so every cache is emptied by
 * WBINVD.  Then, on CPUs with the partial-write erratum, each line is written whole by
 * MOVDIR64B, which replaces the private line in memory.  In this order: a private line that
 * left a cache afterwards would overwrite the reset one.
 */
#include <linux/cpu.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/topology.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <asm/special_insns.h>

#include "host.h"
#include "tdx_host.h"
#include "words.h"

enum { FLUSH_CLFLUSH, FLUSH_WBINVD };
static const char * const flush_words[] = { "clflush", "wbinvd", NULL };
static struct tdx_words flush = { flush_words, FLUSH_CLFLUSH };
tdx_words_param(flush, flush);
MODULE_PARM_DESC(flush, "how to flush PAMTs from the caches: clflush (only their lines) or wbinvd (everything)");

/* Flushed between two scheduling points: takes well under a millisecond. */
#define FLUSH_CHUNK	TDX_SZ_2M

static void flush_area(u64 base, u64 size)
{
	u64 done, n;

	for (done = 0; done < size; done += n) {
		n = min(size - done, FLUSH_CHUNK);
		clflush_cache_range(__va(base + done), n);
		cond_resched();
	}
}

static int flush_pamt(const struct tdmr *tdmr, const bool *stop)
{
	u32 level;

	for (level = 0; level < TDX_PS_NR; level++)
		flush_area(tdmr->pamt[level].base, tdmr->pamt[level].size);
	return 0;
}

static int wbinvd_fn(void *arg)
{
	wbinvd();
	return 0;
}

/*
 * One CPU for each core with a CPU in @cpus, since siblings share every level of cache.  A
 * silent CPU is chosen only if its siblings are silent too.
 */
static void choose_cores(struct cpumask *cores, const struct cpumask *cpus)
{
	int cpu, pass;

	cpumask_clear(cores);
	for (pass = 0; pass < 2; pass++)
		for_each_cpu_and(cpu, cpus, cpu_online_mask)
			if (cpumask_test_cpu(cpu, &tdx_silent_cpus) == pass &&
			    !cpumask_intersects(topology_sibling_cpumask(cpu), cores))
				cpumask_set_cpu(cpu, cores);
}

/*
 * WBINVD on the cores of @cpus.  < 0: on none of them; else the number of silent cores,
 * whose CPUs are set in @silent (may be NULL).
 */
static int flush_caches_of(const struct cpumask *cpus, struct cpumask *silent)
{
	cpumask_var_t cores;
	int ret;

	if (!alloc_cpumask_var(&cores, GFP_KERNEL))
		return -ENOMEM;
	choose_cores(cores, cpus);
	ret = tdx_on_cpus(cores, wbinvd_fn, NULL, silent);
	free_cpumask_var(cores);
	return ret;
}

/* If a core is silent, CLFLUSHOPT does the work, as it reaches every cache. */
int tdx_flush_pamts(const struct tdmr_plan *plan)
{
	int ret = 1;

	if (flush.value == FLUSH_WBINVD)
		ret = flush_caches_of(cpu_online_mask, NULL);
	return ret > 0 ? tdx_for_each_tdmr(plan, flush_pamt) : ret;
}

/*
 * MOVDIR64B (%rdx), %rax: 64 bytes as one write, without a read of the old line
 * and never in parts.
 */
static void clear_line(void *line, const void *zero)
{
	asm volatile(".byte 0x66, 0x0f, 0x38, 0xf8, 0x02"
		     : : "a" (line), "d" (zero) : "memory");
}

static void clear_lines(u64 base, u64 size)
{
	const void *zero = page_address(ZERO_PAGE(0));
	u64 done;

	for (done = 0; done < size; done += 64)
		clear_line(__va(base + done), zero);
}

static void reset_area(u64 base, u64 size)
{
	u64 done, n;

	for (done = 0; done < size; done += n) {
		n = min(size - done, FLUSH_CHUNK);
		clear_lines(base + done, n);
		cond_resched();
	}
}

static int reset_pamt(const struct tdmr *tdmr, const bool *stop)
{
	u32 level;

	for (level = 0; level < TDX_PS_NR; level++)
		reset_area(tdmr->pamt[level].base, tdmr->pamt[level].size);
	/* MOVDIR64B is weakly ordered: complete it before the pages are freed. */
	mb();
	tdx_progress_tick();
	return 0;
}

void tdx_quirk_reset_paddr(unsigned long base, unsigned long size)
{
	if (!tdx_platform.partial_write_mce)
		return;
	clear_lines(base, size);
	mb();	/* as above */
}
EXPORT_SYMBOL_GPL(tdx_quirk_reset_paddr);

void tdx_quirk_reset_page(struct page *page)
{
	tdx_quirk_reset_paddr(page_to_phys(page), PAGE_SIZE);
}
EXPORT_SYMBOL_GPL(tdx_quirk_reset_page);

void tdx_cpu_flush_cache_for_kexec(void)
{
	if (tdx_state() == TDX_STATE_INITIALIZED)
		wbinvd();
}
EXPORT_SYMBOL_GPL(tdx_cpu_flush_cache_for_kexec);

static bool can_reset(char *why, size_t size)
{
	if (!tdx_platform.partial_write_mce || boot_cpu_has(X86_FEATURE_MOVDIR64B))
		return true;
	snprintf(why, size, "it must be reset by MOVDIR64B on this CPU, which the kernel says it lacks: remove clearcpuid= from the command line");
	return false;
}

/*
 * Only cores with an initialised LP have private lines in their caches: SEAMCALLs and TDs
 * run nowhere else.  (An LP's caches were written back when it went offline.)
 */
static bool flush_private_lines(char *why, size_t size)
{
	cpumask_var_t silent;
	int ret = -ENOMEM;

	if (zalloc_cpumask_var(&silent, GFP_KERNEL)) {
		ret = flush_caches_of(&tdx_lps, silent);
		if (ret > 0)
			snprintf(why, size, "the caches of CPU %*pbl cannot be written back, which a real-time task seems to keep to itself",
				 cpumask_pr_args(silent));
		free_cpumask_var(silent);
	}
	if (ret < 0)
		snprintf(why, size, "no memory to write back the caches of every CPU");
	return !ret;
}

bool tdx_reclaim_pamts(const struct tdmr_plan *plan, char *why, size_t size)
{
	if (!can_reset(why, size) || !flush_private_lines(why, size))
		return false;
	if (!tdx_platform.partial_write_mce || !tdx_for_each_tdmr(plan, reset_pamt))
		return true;
	snprintf(why, size, "it could not be reset on any CPU");
	return false;
}

/* ---- on the way into another kernel ---- */

static void wbinvd_ipi(void *unused)
{
	wbinvd();
}

/* Siblings do it twice: a few milliseconds do not matter here. */
void tdx_write_back_now(void)
{
	on_each_cpu(wbinvd_ipi, NULL, true);
}

bool tdx_reset_pamts_here(const struct tdmr_plan *plan, char *why, size_t size)
{
	u32 i;

	if (!can_reset(why, size))
		return false;
	for (i = 0; i < plan->nr_tdmrs && tdx_platform.partial_write_mce; i++)
		reset_pamt(&plan->tdmrs[i], NULL);
	return true;
}
