// SPDX-License-Identifier: GPL-2.0-only
/*
 * Are PAMT entries as bring-up left them?  TDH.PHYMEM.PAGE.RDMD must report pages of
 * reserved areas as reserved, and every other page of a TDMR as free, unless a TD owns it.
 */
#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>

#include "selftest.h"

static bool all_pages;
module_param(all_pages, bool, 0444);
MODULE_PARM_DESC(all_pages, "read the PAMT entry of every page, not only of a sample (about 5 minutes per TB)");

/* Pages of each TDMR in a sample, in addition to the edges of its reserved areas. */
#define SAMPLE		1024

/* TDX module ABI, "Page types". */
enum { PT_NDA, PT_RSVD };

/* Pages read, and pages of a type that only a TD has. */
static atomic64_t asked, in_use;
/* The first entry that is wrong.  Written once, by the CPU that set @found. */
static struct {
	atomic_t found;
	u64 pa, status, type;
	bool reserved;		/* by the plan */
} wrong;

static bool is_reserved(const struct tdmr *tdmr, u64 offset)
{
	u32 i;

	for (i = 0; i < tdmr->nr_reserved; i++)
		if (offset - tdmr->reserved[i].base < tdmr->reserved[i].size)
			return true;
	return false;
}

static int found_wrong(u64 pa, bool reserved, u64 status, u64 type)
{
	if (!atomic_cmpxchg(&wrong.found, 0, 1)) {
		wrong.pa = pa;
		wrong.reserved = reserved;
		wrong.status = status;
		wrong.type = type;
	}
	return -EIO;
}

static int ask(const struct tdmr *tdmr, u64 offset)
{
	struct tdx_regs regs = { .rcx = tdmr->base + offset };
	bool reserved = is_reserved(tdmr, offset);
	u64 status = tdx_call(TDH_PHYMEM_PAGE_RDMD, &regs);

	if (status != TDX_SUCCESS)
		return found_wrong(tdmr->base + offset, reserved, status, 0);
	atomic64_inc(&asked);
	if (!reserved && regs.rcx > PT_RSVD)
		atomic64_inc(&in_use);
	else if (regs.rcx != (reserved ? PT_RSVD : PT_NDA))
		return found_wrong(tdmr->base + offset, reserved, 0, regs.rcx);
	return 0;
}

/* Both sides of both ends of each reserved area. */
static int ask_edges(const struct tdmr *tdmr)
{
	int err = 0;
	u32 i, side;

	for (i = 0; i < tdmr->nr_reserved && !err; i++) {
		const struct tdmr_area *area = &tdmr->reserved[i];
		u64 edge[] = { area->base - PAGE_SIZE, area->base,
			       area->base + area->size - PAGE_SIZE, area->base + area->size };

		/* Before the first page and after the last, an edge is out of the TDMR. */
		for (side = 0; side < ARRAY_SIZE(edge) && !err; side++)
			if (edge[side] < tdmr->size)
				err = ask(tdmr, edge[side]);
	}
	return err;
}

static int ask_tdmr(const struct tdmr *tdmr, const bool *stop)
{
	u64 nr = tdmr->size / PAGE_SIZE, step = all_pages ? 1 : max(nr / SAMPLE, 1ULL), i;
	int err = ask_edges(tdmr);

	for (i = 0; i < nr && !err && !READ_ONCE(*stop); i += step) {
		err = ask(tdmr, i * PAGE_SIZE);
		cond_resched();
	}
	return err;
}

void selftest_pamt(struct selftest_result *r)
{
	char where[48];
	int ret;

	atomic64_set(&asked, 0);
	atomic64_set(&in_use, 0);
	atomic_set(&wrong.found, 0);
	ret = tdx_for_each_tdmr(tdx_host.plan, ask_tdmr);
	snprintf(where, sizeof(where), "of the page at 0x%llx", wrong.pa);
	if (ret && !atomic_read(&wrong.found))
		selftest_say(r, SELFTEST_FAIL, "no memory to read PAMT entries");
	else if (ret && wrong.status)
		selftest_say_call(r, TDH_PHYMEM_PAGE_RDMD, wrong.status, where);
	else if (ret)
		selftest_say(r, SELFTEST_FAIL, "the PAMT entry %s has page type %llu: bring-up left that page %s",
			     where, wrong.type, wrong.reserved ? "reserved (1)" : "free (0)");
	else if (atomic64_read(&in_use) && !tdx_keyids_in_use())
		selftest_say(r, SELFTEST_FAIL, "%lld pages belong to a TD, and there is no TD",
			     (s64)atomic64_read(&in_use));
	else
		selftest_say(r, SELFTEST_PASS, "%lld PAMT entries read back as bring-up made them, %lld of them in use by TDs",
			     (s64)atomic64_read(&asked), (s64)atomic64_read(&in_use));
}
