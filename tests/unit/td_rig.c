// SPDX-License-Identifier: GPL-2.0-only
#include "td_rig.h"

u64 td_call(struct rig *r, u32 lp, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	struct tdxm_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };
	u64 status = call(r, lp, rax, &regs);

	r->out = regs;
	return status;
}

static void good(struct rig *r, u32 lp, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	u64 status = td_call(r, lp, rax, rcx, rdx, r8, r9);

	if (status)
		fail_msg("leaf %llu: 0x%llx", rax & 0xffff, status);
}

void td_ready(struct rig *r, enum tdxm_profile profile)
{
	rig_new(r, profile);
	td_up(r);
}

void td_up(struct rig *r)
{
	to_ready(r);
	init_tdmr(r, 4 * GB, 0);
}

void td_created(struct rig *r)
{
	good(r, 0, MNG_CREATE, TDR, KEYID, 0, 0);
}

void td_keyed(struct rig *r)
{
	td_created(r);
	good(r, 0, MNG_KEY_CONFIG, TDR, 0, 0, 0);
	good(r, 2, MNG_KEY_CONFIG, TDR, 0, 0, 0);
}

void td_add_pages(struct rig *r, u64 leaf, u64 owner, u32 first, u32 nr)
{
	for (u32 i = 0; i < nr; i++)
		good(r, 0, leaf, PAGE(first + i), owner, 0, 0);
}

void td_allocated(struct rig *r)
{
	td_keyed(r);
	td_add_pages(r, MNG_ADDCX, TDR, 1, 6);
}

void td_good_params(struct rig *r)
{
	u8 *p = r->ram + PARAMS_PA;

	memset(p, 0, 1024);
	p[8] = 0x3;		/* XFAM: x87, SSE */
	p[16] = 2;		/* MAX_VCPUS */
	p[24] = 6 | 3 << 3;	/* EPTP: write-back, 4 levels */
	p[40] = 100;		/* 2.5 GHz */
	memset(p + 80, 0xc1, 48);
	memset(p + 128, 0x0e, 48);
}

void td_initialised(struct rig *r)
{
	td_allocated(r);
	td_good_params(r);
	good(r, 0, MNG_INIT, TDR, PARAMS_PA, 0, 0);
}

void td_build_vp(struct rig *r, u32 first)
{
	good(r, 0, VP_CREATE, PAGE(first), TDR, 0, 0);
	td_add_pages(r, VP_ADDCX, PAGE(first), first + 1, 5);
}

void td_with_vp(struct rig *r)
{
	td_initialised(r);
	td_build_vp(r, 16);
	good(r, 0, VP_INIT, TDVPR, 0x1234, 0, 0);
}

void td_with_sept(struct rig *r)
{
	td_with_vp(r);
	good(r, 0, MEM_SEPT_ADD, 3, TDR, SEPT(0), 0);
	good(r, 0, MEM_SEPT_ADD, 2, TDR, SEPT(1), 0);
	good(r, 0, MEM_SEPT_ADD, 1, TDR, SEPT(2), 0);
}

void td_with_page(struct rig *r, u32 n)
{
	good(r, 0, MEM_PAGE_ADD, n * 4096, TDR, DATA(n), SOURCE_PA);
}

void td_runnable(struct rig *r)
{
	td_with_sept(r);
	td_with_page(r, 0);
	good(r, 0, MR_FINALIZE, TDR, 0, 0, 0);
}

u8 td_page_type(struct rig *r, u64 pa)
{
	assert_int_equal(td_call(r, 0, PHYMEM_PAGE_RDMD, pa, 0, 0, 0), TDX_SUCCESS);
	return (u8)r->out.rcx;
}

void td_assert_page(struct rig *r, u64 pa, u8 type)
{
	assert_int_equal(td_page_type(r, pa), type);
}

static void write_back(struct rig *r, u32 lp)
{
	u64 status = td_call(r, lp, PHYMEM_CACHE_WB, 0, 0, 0, 0);

	if (status == TDX_INTERRUPTED_RESUMABLE)
		status = td_call(r, lp, PHYMEM_CACHE_WB, 1, 0, 0, 0);
	assert_int_equal(status, TDX_SUCCESS);
}

void td_destroy(struct rig *r)
{
	u32 n;

	if (td_page_type(r, TDVPR) == PT_TDVPR)
		good(r, 0, VP_FLUSH, TDVPR, 0, 0, 0);
	good(r, 0, MNG_VPFLUSHDONE, TDR, 0, 0, 0);
	write_back(r, 1);
	write_back(r, 3);
	good(r, 0, MNG_KEY_FREEID, TDR, 0, 0, 0);
	for (n = 1; n < NR_TD_PAGES; n++)
		if (td_page_type(r, PAGE(n)) != PT_NDA) {
			good(r, 0, PHYMEM_PAGE_RECLAIM, PAGE(n), 0, 0, 0);
			assert_int_equal(r->out.rdx, TDR);
			good(r, 0, PHYMEM_PAGE_WBINVD, PAGE(n) | KEYID_PA(KEYID), 0, 0, 0);
		}
	good(r, 0, PHYMEM_PAGE_RECLAIM, TDR, 0, 0, 0);
	good(r, 0, PHYMEM_PAGE_WBINVD, TDR | KEYID_PA(GLOBAL_KEYID), 0, 0, 0);
}
