// SPDX-License-Identifier: GPL-2.0-only
/* Does every LP answer?  Calls TDH.PHYMEM.PAGE.RDMD of a page of our own on each. */
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/mm.h>

#include "selftest.h"

static bool is_success(u64 status)
{
	return status == TDX_SUCCESS;
}

/* Leaves the LPs that failed in @lps. */
static void ask_all(struct selftest_result *r, struct cpumask *lps, struct page *page)
{
	struct tdx_each each = {
		.leaf = TDH_PHYMEM_PAGE_RDMD,
		.regs = { .rcx = page_to_phys(page) },
		.wanted = is_success,
	};
	unsigned int nr = cpumask_weight(lps);
	char where[96];

	if (tdx_call_on_each(lps, &each, tdx_on_cpus_short)) {
		snprintf(where, sizeof(where), "on CPUs %*pbl", cpumask_pr_args(lps));
		selftest_say_call(r, each.leaf, each.failure, where);
	} else {
		selftest_say(r, SELFTEST_PASS, "all %u initialised LPs answer", nr);
	}
}

void selftest_lps(struct selftest_result *r)
{
	struct page *page = alloc_page(GFP_KERNEL);
	cpumask_var_t lps;

	if (!page || !zalloc_cpumask_var(&lps, GFP_KERNEL)) {
		selftest_say(r, SELFTEST_FAIL, "no memory to ask the LPs");
		goto out;
	}
	if (cpumask_andnot(lps, cpu_online_mask, &tdx_lps)) {
		selftest_say(r, SELFTEST_FAIL, "no TD can run on some online CPUs, which had no LP.INIT: %*pbl",
			     cpumask_pr_args(lps));
	} else {
		cpumask_and(lps, cpu_online_mask, &tdx_lps);
		ask_all(r, lps, page);
	}
	free_cpumask_var(lps);
out:
	if (page)
		__free_page(page);
}
