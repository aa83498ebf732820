// SPDX-License-Identifier: GPL-2.0-only
/* Does every LP answer?  TDH.PHYMEM.PAGE.RDMD of a page of our own, on each. */
#include <linux/cpumask.h>
#include <linux/gfp.h>
#include <linux/mm.h>

#include "selftest.h"

struct ask {
	u64 pa;
	u64 status;		/* of a CPU that failed */
};

static int ask_lp(void *arg)
{
	struct ask *ask = arg;
	struct tdx_regs regs = { .rcx = ask->pa };
	u64 status = tdx_call(TDH_PHYMEM_PAGE_RDMD, &regs);

	if (status == TDX_SUCCESS)
		return 0;
	WRITE_ONCE(ask->status, status);
	return -EIO;
}

static void ask_all(struct selftest_result *r, const struct cpumask *lps, struct cpumask *failed,
		    struct page *page)
{
	struct ask ask = { .pa = page_to_phys(page) };
	char where[96];
	int ret;

	cpumask_clear(failed);
	ret = tdx_on_cpus(lps, ask_lp, &ask, failed);
	if (ret < 0) {
		selftest_say(r, SELFTEST_FAIL, "no memory to ask the LPs");
	} else if (ret) {
		snprintf(where, sizeof(where), "on CPUs %*pbl", cpumask_pr_args(failed));
		selftest_say_call(r, TDH_PHYMEM_PAGE_RDMD, ask.status, where);
	} else {
		selftest_say(r, SELFTEST_PASS, "all %u initialised LPs answer", cpumask_weight(lps));
	}
}

void selftest_lps(struct selftest_result *r)
{
	struct page *page = alloc_page(GFP_KERNEL);
	cpumask_var_t lps, failed;

	if (!page || !zalloc_cpumask_var(&lps, GFP_KERNEL))
		goto out_page;
	if (!zalloc_cpumask_var(&failed, GFP_KERNEL))
		goto out_lps;

	cpumask_andnot(failed, cpu_online_mask, &tdx_lps);
	cpumask_and(lps, cpu_online_mask, &tdx_lps);
	if (!cpumask_empty(failed))
		selftest_say(r, SELFTEST_FAIL, "CPUs %*pbl are online and cannot run TDs: they had no LP.INIT",
			     cpumask_pr_args(failed));
	else
		ask_all(r, lps, failed, page);

	free_cpumask_var(failed);
out_lps:
	free_cpumask_var(lps);
out_page:
	if (page)
		__free_page(page);
	if (!r->text[0])
		selftest_say(r, SELFTEST_FAIL, "no memory to ask the LPs");
}
