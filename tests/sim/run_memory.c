// SPDX-License-Identifier: GPL-2.0-only
/*
 * With guests=1 pages of TDs hold plaintext in the hardware's formats, so no sum shows that
 * the host has been there.  Instead they are absent from the kernel's direct map for as long
 * as they are the TDX module's: an access of the host's faults.  It is named and counted, the
 * page comes back, and the access is made again; the TD whose page was written runs no more.
 *
 * The model reads and writes by a mapping of its own.  A CPU whose TLB has the direct map's
 * entry from before does not fault: that costs a report, never a false one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/pgtable.h>
#include <linux/vmalloc.h>
#include <asm/trap_pf.h>

#include "run.h"
#include "sim.h"

#define MAX_RANGES	32
#define RANGE_PAGES	65536UL	/* vmap() refuses more than the kernel's allocator was given */

/* Of System RAM, and where the model sees it. */
static struct ram {
	unsigned long pfn, nr;
	void *at;
} ranges[MAX_RANGES];
static int nr_ranges;

void *run_page(u64 pa)
{
	unsigned long pfn = PHYS_PFN(pa);
	int i;

	for (i = 0; i < nr_ranges; i++)
		if (pfn - ranges[i].pfn < ranges[i].nr)
			return ranges[i].at + PFN_PHYS(pfn - ranges[i].pfn);
	return NULL;
}

/* NULL: not mapped by pages of 4 KB, as memory that came after this module is. */
static pte_t *entry_of(u64 pa)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)__va(pa), &level);

	return pte && level == PG_LEVEL_4K ? pte : NULL;
}

/*
 * Interrupts off.  The module has taken the page from a host that does not use it, and gives
 * it back before the host may: the entry changes while nobody looks it up.
 */
void run_hide(void *ctx, u64 pa, u64 size, bool hidden)
{
	u64 end = pa + size;
	pte_t *pte;

	for (; pa < end; pa += PAGE_SIZE) {
		pte = entry_of(pa);
		if (!pte)
			continue;
		if (hidden)
			clear_bit(_PAGE_BIT_PRESENT, (unsigned long *)pte);
		else
			set_bit(_PAGE_BIT_PRESENT, (unsigned long *)pte);
		asm volatile("invlpg (%0)" : : "r" (__va(pa)) : "memory");
	}
}

/* ---- the host's accesses */

static noinline void fault_handled(void)
{
}
NOKPROBE_SYMBOL(fault_handled);

/* bad_area_nosemaphore(regs, error_code, address) */
static int on_fault(struct kprobe *kp, struct pt_regs *args)
{
	struct pt_regs *regs = (struct pt_regs *)args->di;
	unsigned long address = args->dx;
	bool write = args->si & X86_PF_WRITE;
	u64 pa;

	if (user_mode(regs) || args->si & X86_PF_PROT || address < PAGE_OFFSET ||
	    address >= (unsigned long)high_memory)
		return 0;
	pa = __pa(address) & PAGE_MASK;
	if (!entry_of(pa) || !run_page(pa))
		return 0;
	pr_err("the host %s page %#llx of a TD at %pS\n", write ? "writes" : "reads", pa,
	       (void *)regs->ip);
	tdxm_page_touched(sim_model, raw_smp_processor_id(), pa, write);
	run_hide(NULL, pa, PAGE_SIZE, false);
	args->ip = (unsigned long)fault_handled;
	return 1;
}

static struct kprobe fault_probe = {
	.symbol_name = "bad_area_nosemaphore", .pre_handler = on_fault,
	.post_handler = sim_probe_done,
};
static bool probed;

/* ---- load and unload */

static int add_ram(struct resource *res, void *unused)
{
	unsigned long pfn = PFN_UP(res->start), end = PFN_DOWN(res->end + 1);

	for (; pfn < end; pfn += ranges[nr_ranges++].nr) {
		if (nr_ranges == MAX_RANGES)
			return -ENOSPC;
		ranges[nr_ranges] = (struct ram){ .pfn = pfn, .nr = min(end - pfn, RANGE_PAGES) };
	}
	return 0;
}

static int map_ram(struct ram *r)
{
	struct page **pages = kvmalloc_array(r->nr, sizeof(*pages), GFP_KERNEL);
	unsigned long i;

	if (!pages)
		return -ENOMEM;
	for (i = 0; i < r->nr; i++)
		pages[i] = pfn_to_page(r->pfn + i);
	r->at = vmap(pages, r->nr, VM_MAP, PAGE_KERNEL);
	kvfree(pages);
	return r->at ? 0 : -ENOMEM;
}

/* The direct map stays split when this module goes, as after any change of its attributes. */
static int split_direct_map(void)
{
	static struct kprobe found = { .symbol_name = "set_memory_4k" };
	int (*set_memory_4k)(unsigned long addr, int nr_pages);
	int i, ret = register_kprobe(&found);
	unsigned long pfn;

	if (ret) {
		pr_err("guests=1: no set_memory_4k() in this kernel: error %d\n", ret);
		return ret;
	}
	set_memory_4k = (void *)found.addr;
	unregister_kprobe(&found);
	for (i = 0; i < nr_ranges && !ret; i++)
		for (pfn = ranges[i].pfn; pfn < ranges[i].pfn + ranges[i].nr && !ret;
		     pfn = (pfn | (PTRS_PER_PTE - 1)) + 1)
			ret = set_memory_4k((unsigned long)pfn_to_kaddr(pfn), 1);
	return ret;
}

int run_memory_init(void)
{
	int i, ret = walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
					 0, -1, NULL, add_ram);

	for (i = 0; i < nr_ranges && !ret; i++)
		ret = map_ram(&ranges[i]);
	if (!ret)
		ret = split_direct_map();
	if (!ret)
		ret = register_kprobe(&fault_probe);
	probed = !ret;
	return ret;
}

/* No TD is left that could have a page hidden, or the module would not go. */
void run_memory_exit(void)
{
	int i;

	if (probed)
		unregister_kprobe(&fault_probe);
	for (i = 0; i < nr_ranges; i++)
		vunmap(ranges[i].at);
	nr_ranges = 0;
}
