// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs on all LPs at once, under the thread sanitizer: each LP creates and ends a TD of its own,
 * and all LPs change the memory of one TD.
 */
#include <pthread.h>

#include "td_rig.h"

#define ROUNDS	20

static struct rig rig;

static bool busy(u64 status)
{
	u64 name = status & 0xffffffff00000000ULL;

	return name == TDX_OPERAND_BUSY || name == TDX_PREVIOUS_TLB_EPOCH_BUSY;
}

/* Repeats the call while it is busy.  Threads must not use cmocka's checks. */
static struct tdxm_regs try(u32 lp, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	struct tdxm_regs regs;

	do {
		regs = (struct tdxm_regs){ .rax = rax, .rcx = rcx, .rdx = rdx, .r8 = r8, .r9 = r9 };
		if (tdxm_seamcall(rig.m, lp, &regs) != TDXM_COMPLETED)
			abort();
	} while (busy(regs.rax));
	return regs;
}

static void must(u32 lp, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9)
{
	struct tdxm_regs regs = try(lp, rax, rcx, rdx, r8, r9);

	if (regs.rax) {
		fprintf(stderr, "LP %u, leaf %llu: 0x%llx\n", lp, rax, regs.rax);
		abort();
	}
}

/* Writes back for the package of @lp, if another LP has not done that already. */
static void write_back(u32 lp)
{
	u64 status = try(lp, PHYMEM_CACHE_WB, 0, 0, 0, 0).rax;

	while (status == TDX_INTERRUPTED_RESUMABLE)
		status = try(lp, PHYMEM_CACHE_WB, 1, 0, 0, 0).rax;
	if (status && status != TDX_NO_HKID_READY_TO_WBCACHE && status != TDX_WBCACHE_RESUME_ERROR)
		abort();
}

static void one_life(u32 lp)
{
	u64 base = PAGE(2048 * lp);
	u32 i;

	must(lp, MNG_CREATE, base, KEYID + lp, 0, 0);
	must(0, MNG_KEY_CONFIG, base, 0, 0, 0);
	must(2, MNG_KEY_CONFIG, base, 0, 0, 0);
	for (i = 1; i < 7; i++)
		must(lp, MNG_ADDCX, base + i * 4096, base, 0, 0);
	must(lp, MNG_INIT, base, PARAMS_PA, 0, 0);
	must(lp, VP_CREATE, base + 7 * 4096, base, 0, 0);
	for (i = 8; i < 13; i++)
		must(lp, VP_ADDCX, base + i * 4096, base + 7 * 4096, 0, 0);
	must(lp, VP_INIT, base + 7 * 4096, 0, 0, 0);
	for (i = 3; i; i--)
		must(lp, MEM_SEPT_ADD, i, base, base + (12 + i) * 4096, 0);
	for (i = 0; i < 8; i++) {
		must(lp, MEM_PAGE_ADD, i * 4096, base, base + (20 + i) * 4096, SOURCE_PA);
		must(lp, MR_EXTEND, i * 4096, base, 0, 0);
	}
	must(lp, MR_FINALIZE, base, 0, 0, 0);
	if (try(lp, VP_ENTER, base + 7 * 4096, 0, 0, 0).rax != 77)
		abort();
	must(lp, VP_FLUSH, base + 7 * 4096, 0, 0, 0);
	must(lp, MNG_VPFLUSHDONE, base, 0, 0, 0);
	while (try(lp, MNG_KEY_FREEID, base, 0, 0, 0).rax == TDX_WBCACHE_NOT_COMPLETE) {
		write_back(0);
		write_back(2);
	}
	for (i = 1; i < 28; i++)
		if (i < 16 || i >= 20)
			must(lp, PHYMEM_PAGE_RECLAIM, base + i * 4096, 0, 0, 0);
	must(lp, PHYMEM_PAGE_RECLAIM, base, 0, 0, 0);
}

static void *lives(void *lp)
{
	u32 round;

	for (round = 0; round < ROUNDS; round++)
		one_life((u32)(uintptr_t)lp);
	return NULL;
}

static void on_all_lps(void *(*work)(void *))
{
	pthread_t thread[NR_LPS];
	uintptr_t lp;

	for (lp = 0; lp < NR_LPS; lp++)
		assert_int_equal(pthread_create(&thread[lp], NULL, work, (void *)lp), 0);
	/* Each PAMT entry is consistent at any moment. */
	assert_int_equal(tdxm_verify_pamt(rig.m), 0);
	for (lp = 0; lp < NR_LPS; lp++)
		assert_int_equal(pthread_join(thread[lp], NULL), 0);
	assert_int_equal(tdxm_verify_pamt(rig.m), 0);
	assert_int_equal(tdxm_violations(rig.m, TDXM_V_TD_PAGE_TOUCHED), 0);
	assert_int_equal(tdxm_violations(rig.m, TDXM_V_PAMT_TOUCHED), 0);
}

static void tds(void **state)
{
	(void)state;
	td_ready(&rig, TDXM_1_5_01);
	td_good_params(&rig);
	on_all_lps(lives);
	assert_int_equal(tdxm_nr_tds(rig.m), 0);
	assert_int_equal(tdxm_nr_keyids_used(rig.m), 0);
	rig_stop(&rig);
}

/* Each LP has a GPA and a page, in one page table; LP 0 also enters the TD. */
static void *memory(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, round;
	u64 gpa = (64 + lp) * 4096, status;

	for (round = 0; round < ROUNDS; round++) {
		must(lp, MEM_PAGE_AUG, gpa, TDR, SPARE + lp * 4096, 0);
		if (!lp)
			try(0, VP_ENTER, TDVPR, 0, 0, 0);
		must(lp, MEM_RANGE_BLOCK, gpa, TDR, 0, 0);
		do {
			must(lp, MEM_TRACK, TDR, 0, 0, 0);
			status = try(lp, MEM_PAGE_REMOVE, gpa, TDR, 0, 0).rax;
		} while (status == (TDX_TLB_TRACKING_NOT_DONE | RCX));
		if (status)
			abort();
	}
	return NULL;
}

static void one_td(void **state)
{
	(void)state;
	td_ready(&rig, TDXM_1_5_01);
	td_runnable(&rig);
	on_all_lps(memory);
	assert_int_equal(call3(&rig, 0, MNG_RD, TDR, 0x8010000300000004, 0), TDX_SUCCESS);
	td_destroy(&rig);
	assert_int_equal(tdxm_nr_tds(rig.m), 0);
	rig_stop(&rig);
}

/* TDs and vCPUs come and go: no slot of the model has two owners. */
static void *churn(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, round;
	u64 tdr = PAGE(4096 + lp), tdvpr = PAGE(4200 + lp);

	for (round = 0; round < 5 * ROUNDS; round++) {
		must(lp, MNG_CREATE, tdr, KEYID + 10 + lp, 0, 0);
		must(lp, VP_CREATE, tdvpr, TDR, 0, 0);
		must(lp, VP_ADDCX, tdvpr + 4096 * 4096ULL, tdvpr, 0, 0);
		must(lp, MNG_VPFLUSHDONE, tdr, 0, 0, 0);
		while (try(lp, MNG_KEY_FREEID, tdr, 0, 0, 0).rax == TDX_WBCACHE_NOT_COMPLETE) {
			write_back(0);
			write_back(2);
		}
		must(lp, PHYMEM_PAGE_RECLAIM, tdr, 0, 0, 0);
		/* vCPUs stay as long as their TD: the model has room for 512. */
		tdvpr += NR_LPS * 4096;
	}
	return NULL;
}

static void slots(void **state)
{
	(void)state;
	td_ready(&rig, TDXM_1_5_01);
	td_initialised(&rig);
	on_all_lps(churn);
	assert_int_equal(tdxm_nr_tds(rig.m), 1);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tds),
		cmocka_unit_test(one_td),
		cmocka_unit_test(slots),
	};

	return cmocka_run_group_tests_name("model_td_smp", tests, NULL, NULL);
}
