// SPDX-License-Identifier: GPL-2.0-only
/*
 * The leaves that create, run and destroy TDs, for KVM; tdx_host.h describes each.
 * They borrow no VMX operation, take no lock and do not check the state: the TDX
 * module checks everything itself, and the caller gets its status.
 *
 * Operands: TDX module ABI, "Host-side (SEAMCALL) interface functions".
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/stddef.h>
#include <asm/cacheflush.h>

#include "host.h"
#include "tdx_host.h"

/* Bits 23:16 are the leaf's version. */
#define TDH_VP_INIT_V1	(TDH_VP_INIT | 1 << 16)

/* Tries while the CPU's random number generator has no entropy; Linux makes as many. */
#define ENTROPY_TRIES	10

#define CACHE_WB_RESUME	1

static u64 call(u64 leaf, struct tdx_regs *regs)
{
	const struct tdx_regs in = *regs;
	int tries = ENTROPY_TRIES;
	u64 status;

	do {
		*regs = in;
		status = tdx_seamcall_timed(leaf, regs);
	} while (tdx_status_name_bits(status) == TDX_RND_NO_ENTROPY && --tries);
	return status;
}

static u64 call_ext(u64 leaf, struct tdx_regs *regs, u64 *ext_err1, u64 *ext_err2)
{
	u64 status = call(leaf, regs);

	*ext_err1 = regs->rcx;
	*ext_err2 = regs->rdx;
	return status;
}

static u64 tdr_pa(const struct tdx_td *td)
{
	return page_to_phys(td->tdr_page);
}

/* A line of KeyID 0 written back later would overwrite what the module writes: see flush.c. */
static void flush_pfns(kvm_pfn_t pfn, unsigned long nr)
{
	clflush_cache_range(__va(PFN_PHYS(pfn)), nr * PAGE_SIZE);
}

static void flush_page(struct page *page)
{
	flush_pfns(page_to_pfn(page), 1);
}

/* The TDX module's level 0 is 4 KB. */
static u64 gpa_level(u64 gpa, enum pg_level level)
{
	return gpa | pg_level_to_tdx_sept_level(level);
}

/* The KeyID is in the bits directly above the physical address. */
static u64 keyed(u64 hkid, kvm_pfn_t pfn)
{
	return PFN_PHYS(pfn) + hkid * tdx_platform.max_pa;
}

/* ---- creating a TD ---- */

u64 tdh_mng_create(struct tdx_td *td, u16 hkid)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td), .rdx = hkid };

	flush_page(td->tdr_page);
	return call(TDH_MNG_CREATE, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mng_create);

u64 tdh_mng_key_config(struct tdx_td *td)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td) };

	return call(TDH_MNG_KEY_CONFIG, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mng_key_config);

u64 tdh_mng_addcx(struct tdx_td *td, struct page *tdcs_page)
{
	struct tdx_regs regs = { .rcx = page_to_phys(tdcs_page), .rdx = tdr_pa(td) };

	flush_page(tdcs_page);
	return call(TDH_MNG_ADDCX, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mng_addcx);

u64 tdh_mng_init(struct tdx_td *td, u64 td_params, u64 *extended_err)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td), .rdx = td_params };
	u64 status = call(TDH_MNG_INIT, &regs);

	*extended_err = regs.rcx;
	return status;
}
EXPORT_SYMBOL_GPL(tdh_mng_init);

static u64 read_field(u64 leaf, u64 pa, u64 field, u64 *data)
{
	struct tdx_regs regs = { .rcx = pa, .rdx = field };
	u64 status = call(leaf, &regs);

	*data = regs.r8;
	return status;
}

u64 tdh_mng_rd(struct tdx_td *td, u64 field, u64 *data)
{
	return read_field(TDH_MNG_RD, tdr_pa(td), field, data);
}
EXPORT_SYMBOL_GPL(tdh_mng_rd);

u64 tdh_mr_extend(struct tdx_td *td, u64 gpa, u64 *ext_err1, u64 *ext_err2)
{
	struct tdx_regs regs = { .rcx = gpa, .rdx = tdr_pa(td) };

	return call_ext(TDH_MR_EXTEND, &regs, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mr_extend);

u64 tdh_mr_finalize(struct tdx_td *td)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td) };

	return call(TDH_MR_FINALIZE, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mr_finalize);

/* ---- vCPUs ---- */

u64 tdh_vp_create(struct tdx_td *td, struct tdx_vp *vp)
{
	struct tdx_regs regs = { .rcx = vp->tdvpr_pa, .rdx = tdr_pa(td) };

	flush_page(vp->tdvpr_page);
	return call(TDH_VP_CREATE, &regs);
}
EXPORT_SYMBOL_GPL(tdh_vp_create);

u64 tdh_vp_addcx(struct tdx_vp *vp, struct page *tdcx_page)
{
	struct tdx_regs regs = { .rcx = page_to_phys(tdcx_page), .rdx = vp->tdvpr_pa };

	flush_page(tdcx_page);
	return call(TDH_VP_ADDCX, &regs);
}
EXPORT_SYMBOL_GPL(tdh_vp_addcx);

u64 tdh_vp_init(struct tdx_vp *vp, u64 initial_rcx, u32 x2apicid)
{
	struct tdx_regs regs = { .rcx = vp->tdvpr_pa, .rdx = initial_rcx, .r8 = x2apicid };

	return call(TDH_VP_INIT_V1, &regs);
}
EXPORT_SYMBOL_GPL(tdh_vp_init);

u64 tdh_vp_rd(struct tdx_vp *vp, u64 field, u64 *data)
{
	return read_field(TDH_VP_RD, vp->tdvpr_pa, field, data);
}
EXPORT_SYMBOL_GPL(tdh_vp_rd);

u64 tdh_vp_wr(struct tdx_vp *vp, u64 field, u64 data, u64 mask)
{
	struct tdx_regs regs = { .rcx = vp->tdvpr_pa, .rdx = field, .r8 = data, .r9 = mask };

	return call(TDH_VP_WR, &regs);
}
EXPORT_SYMBOL_GPL(tdh_vp_wr);

u64 tdh_vp_flush(struct tdx_vp *vp)
{
	struct tdx_regs regs = { .rcx = vp->tdvpr_pa };

	return call(TDH_VP_FLUSH, &regs);
}
EXPORT_SYMBOL_GPL(tdh_vp_flush);

/* tdh_vp_enter() is in td_enter.S, which has these offsets as numbers. */
static_assert(offsetof(struct tdx_vp, tdvpr_pa) == 8);
static_assert(offsetof(struct tdx_module_args, rcx) == 0);
static_assert(offsetof(struct tdx_module_args, rdx) == 8);
static_assert(offsetof(struct tdx_module_args, r8) == 16);
static_assert(offsetof(struct tdx_module_args, r9) == 24);
static_assert(offsetof(struct tdx_module_args, r10) == 32);
static_assert(offsetof(struct tdx_module_args, r11) == 40);
static_assert(offsetof(struct tdx_module_args, r12) == 48);
static_assert(offsetof(struct tdx_module_args, r13) == 56);
static_assert(offsetof(struct tdx_module_args, r14) == 64);
static_assert(offsetof(struct tdx_module_args, r15) == 72);
static_assert(offsetof(struct tdx_module_args, rbx) == 80);
static_assert(offsetof(struct tdx_module_args, rdi) == 88);
static_assert(offsetof(struct tdx_module_args, rsi) == 96);
EXPORT_SYMBOL_GPL(tdh_vp_enter);

/* ---- memory of a TD ---- */

u64 tdh_mem_sept_add(struct tdx_td *td, u64 gpa, enum pg_level level, struct page *page,
		     u64 *ext_err1, u64 *ext_err2)
{
	struct tdx_regs regs = { .rcx = gpa_level(gpa, level), .rdx = tdr_pa(td),
				 .r8 = page_to_phys(page) };

	flush_page(page);
	return call_ext(TDH_MEM_SEPT_ADD, &regs, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mem_sept_add);

u64 tdh_mem_page_add(struct tdx_td *td, u64 gpa, kvm_pfn_t pfn, struct page *source,
		     u64 *ext_err1, u64 *ext_err2)
{
	struct tdx_regs regs = { .rcx = gpa, .rdx = tdr_pa(td), .r8 = PFN_PHYS(pfn),
				 .r9 = page_to_phys(source) };

	flush_pfns(pfn, 1);
	return call_ext(TDH_MEM_PAGE_ADD, &regs, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mem_page_add);

u64 tdh_mem_page_aug(struct tdx_td *td, u64 gpa, enum pg_level level, kvm_pfn_t pfn,
		     u64 *ext_err1, u64 *ext_err2)
{
	struct tdx_regs regs = { .rcx = gpa_level(gpa, level), .rdx = tdr_pa(td),
				 .r8 = PFN_PHYS(pfn) };

	flush_pfns(pfn, page_level_size(level) / PAGE_SIZE);
	return call_ext(TDH_MEM_PAGE_AUG, &regs, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mem_page_aug);

static u64 range_call(u64 leaf, struct tdx_td *td, u64 gpa, enum pg_level level,
		      u64 *ext_err1, u64 *ext_err2)
{
	struct tdx_regs regs = { .rcx = gpa_level(gpa, level), .rdx = tdr_pa(td) };

	return call_ext(leaf, &regs, ext_err1, ext_err2);
}

u64 tdh_mem_range_block(struct tdx_td *td, u64 gpa, enum pg_level level,
			u64 *ext_err1, u64 *ext_err2)
{
	return range_call(TDH_MEM_RANGE_BLOCK, td, gpa, level, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mem_range_block);

u64 tdh_mem_track(struct tdx_td *td)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td) };

	return call(TDH_MEM_TRACK, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mem_track);

u64 tdh_mem_page_remove(struct tdx_td *td, u64 gpa, enum pg_level level,
			u64 *ext_err1, u64 *ext_err2)
{
	return range_call(TDH_MEM_PAGE_REMOVE, td, gpa, level, ext_err1, ext_err2);
}
EXPORT_SYMBOL_GPL(tdh_mem_page_remove);

/* ---- destroying a TD ---- */

u64 tdh_mng_vpflushdone(struct tdx_td *td)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td) };

	return call(TDH_MNG_VPFLUSHDONE, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mng_vpflushdone);

u64 tdh_phymem_cache_wb(bool resume)
{
	struct tdx_regs regs = { .rcx = resume ? CACHE_WB_RESUME : 0 };

	return call(TDH_PHYMEM_CACHE_WB, &regs);
}
EXPORT_SYMBOL_GPL(tdh_phymem_cache_wb);

u64 tdh_mng_key_freeid(struct tdx_td *td)
{
	struct tdx_regs regs = { .rcx = tdr_pa(td) };

	return call(TDH_MNG_KEY_FREEID, &regs);
}
EXPORT_SYMBOL_GPL(tdh_mng_key_freeid);

u64 tdh_phymem_page_reclaim(struct page *page, u64 *tdx_pt, u64 *tdx_owner, u64 *tdx_size)
{
	struct tdx_regs regs = { .rcx = page_to_phys(page) };
	u64 status = call(TDH_PHYMEM_PAGE_RECLAIM, &regs);

	*tdx_pt = regs.rcx;
	*tdx_owner = regs.rdx;
	*tdx_size = regs.r8;
	return status;
}
EXPORT_SYMBOL_GPL(tdh_phymem_page_reclaim);

u64 tdh_phymem_page_wbinvd_hkid(u64 hkid, kvm_pfn_t pfn)
{
	struct tdx_regs regs = { .rcx = keyed(hkid, pfn) };

	return call(TDH_PHYMEM_PAGE_WBINVD, &regs);
}
EXPORT_SYMBOL_GPL(tdh_phymem_page_wbinvd_hkid);

u64 tdh_phymem_page_wbinvd_tdr(struct tdx_td *td)
{
	return tdh_phymem_page_wbinvd_hkid(tdx_platform.keyid_start, page_to_pfn(td->tdr_page));
}
EXPORT_SYMBOL_GPL(tdh_phymem_page_wbinvd_tdr);
