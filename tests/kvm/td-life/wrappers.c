// SPDX-License-Identifier: GPL-2.0-only
/* Calls every wrapper once, on a TD that was never created. */
#include <linux/gfp.h>
#include <linux/printk.h>

#include "life.h"

#define GPA		0x1000

struct tally {
	u64 expected;
	uint matching;
	uint total;
};

static void count(struct tally *t, const char *wrapper, u64 status)
{
	t->total++;
	if (status == t->expected)
		t->matching++;
	else
		life_failed(wrapper, status);
}

#define COUNT(wrapper, ...) count(t, #wrapper, wrapper(__VA_ARGS__))

static void of_the_td(struct tally *t, struct tdx_td *td, struct page *page, kvm_pfn_t pfn)
{
	u64 one, two;

	COUNT(tdh_mng_create, td, 1);
	COUNT(tdh_mng_key_config, td);
	COUNT(tdh_mng_addcx, td, page);
	COUNT(tdh_mng_init, td, page_to_phys(page), &one);
	COUNT(tdh_mng_rd, td, 0, &one);
	COUNT(tdh_mr_extend, td, GPA, &one, &two);
	COUNT(tdh_mr_finalize, td);
	COUNT(tdh_mem_sept_add, td, GPA, PG_LEVEL_2M, page, &one, &two);
	COUNT(tdh_mem_page_add, td, GPA, pfn, page, &one, &two);
	COUNT(tdh_mem_page_aug, td, GPA, PG_LEVEL_4K, pfn, &one, &two);
	COUNT(tdh_mem_range_block, td, GPA, PG_LEVEL_4K, &one, &two);
	COUNT(tdh_mem_track, td);
	COUNT(tdh_mem_page_remove, td, GPA, PG_LEVEL_4K, &one, &two);
	COUNT(tdh_mng_vpflushdone, td);
	COUNT(tdh_mng_key_freeid, td);
	COUNT(tdh_phymem_page_wbinvd_tdr, td);
}

static void of_the_rest(struct tally *t, struct tdx_td *td, struct tdx_vp *vp, struct page *page)
{
	struct tdx_module_args args = {};
	u64 type, owner, size;

	COUNT(tdh_vp_create, td, vp);
	COUNT(tdh_vp_addcx, vp, page);
	COUNT(tdh_vp_init, vp, 0, 0);
	COUNT(tdh_vp_rd, vp, 0, &size);
	COUNT(tdh_vp_wr, vp, 0, 0, 0);
	COUNT(tdh_vp_flush, vp);
	COUNT(tdh_vp_enter, vp, &args);
	COUNT(tdh_phymem_cache_wb, false);
	COUNT(tdh_phymem_page_reclaim, page, &type, &owner, &size);
	COUNT(tdh_phymem_page_wbinvd_hkid, 1, page_to_pfn(page));
}

uint life_wrappers(u64 expected, uint *total)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	struct tally t = { .expected = expected };
	struct tdx_td td = { .tdr_page = page };
	struct tdx_vp vp = { .tdvpr_page = page };

	if (!page)
		return 0;
	vp.tdvpr_pa = page_to_phys(page);
	of_the_td(&t, &td, page, page_to_pfn(page));
	of_the_rest(&t, &td, &vp, page);
	__free_page(page);
	*total = t.total;
	return t.matching;
}
