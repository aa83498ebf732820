// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs on all LPs at once, under the thread sanitizer: each LP creates and ends a TD of its own,
 * all LPs change the memory of one TD, and two change that of a TD that runs on the others.
 */
#include <pthread.h>
#include <sched.h>

#include "model_state.h"
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

/* Takes the page at @gpa from the TD; others track meanwhile. */
static void take(u32 lp, u64 gpa)
{
	u64 status;

	must(lp, MEM_RANGE_BLOCK, gpa, TDR, 0, 0);
	do {
		must(lp, MEM_TRACK, TDR, 0, 0, 0);
		status = try(lp, MEM_PAGE_REMOVE, gpa, TDR, 0, 0).rax;
	} while (status == (TDX_TLB_TRACKING_NOT_DONE | RCX));
	if (status)
		abort();
}

/* Each LP has a GPA and a page, in one page table; LP 0 also enters the TD. */
static void *memory(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, round;
	u64 gpa = (64 + lp) * 4096;

	for (round = 0; round < ROUNDS; round++) {
		must(lp, MEM_PAGE_AUG, gpa, TDR, SPARE + lp * 4096, 0);
		if (!lp)
			try(0, VP_ENTER, TDVPR, 0, 0, 0);
		take(lp, gpa);
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

/* ---- two vCPUs call the module, on LPs 0 and 1, while 2 and 3 take pages away */

#define NR_VCPUS	2
#define NR_ENTRIES	4000
#define CALLS		16		/* of an entry */
#define RTMR		2
#define GPA_OWN(vcpu)	((1 + (vcpu)) * 4096ULL)	/* GPA 0 is only read */
#define GPA_TAKEN(i)	((64 + (i)) * 4096ULL)

static const u64 tdvprs[NR_VCPUS] = { TDVPR, PAGE(24) };
static u64 seeds[NR_VCPUS];
static u32 extended, accepted, nr_running, removed;

static u64 any(u32 vcpu)
{
	u64 *seed = &seeds[vcpu];

	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A leaf and operands that it may like. */
static void any_operands(struct tdxm_regs *g, u32 vcpu)
{
	static const u64 leaves[] = {
		TDG_VP_VMCALL, TDG_VP_INFO, TDG_MR_RTMR_EXTEND, TDG_VP_VEINFO_GET, TDG_MR_REPORT,
		TDG_VP_CPUIDVE_SET, TDG_MEM_PAGE_ACCEPT, TDG_VM_RD, TDG_VM_WR, TDG_VP_RD, TDG_VP_WR,
		TDG_SYS_RD, TDG_SYS_RDALL, TDG_MEM_PAGE_ATTR_RD, TDG_MEM_PAGE_ATTR_WR,
	};
	static const u64 fields[] = {
		0x1110000300000017, 0x9110000300000010, 0xa020000000000007, 0xa120000000000003,
		0x0a00000300000008,
	};

	memset(g, 0, sizeof(*g));
	g->rax = leaves[any(vcpu) % (sizeof(leaves) / sizeof(leaves[0]))];
	switch (g->rax) {
	case TDG_VP_VMCALL:
		g->rcx = any(vcpu) & 0xffc8;
		break;
	case TDG_MR_RTMR_EXTEND:
		g->rdx = RTMR;
		break;
	case TDG_MR_REPORT:
		g->rcx = GPA_OWN(vcpu);
		break;
	case TDG_SYS_RDALL:
		g->rdx = GPA_OWN(vcpu);
		g->r8 = ~0ULL;
		break;
	case TDG_MEM_PAGE_ACCEPT:
	case TDG_MEM_PAGE_ATTR_RD:
	case TDG_MEM_PAGE_ATTR_WR:
		g->rcx = GPA_TAKEN(any(vcpu) % 2);
		break;
	default:
		g->rdx = fields[any(vcpu) % (sizeof(fields) / sizeof(fields[0]))];
		g->r9 = 1;
		break;
	}
}

static void run_calls(void *ctx, struct tdxm_call *c)
{
	const struct tdxm_mode mode = { .code64 = true };
	const struct tdxm_exit interrupt = { .reason = TDXM_ON_INTERRUPT };
	struct tdxm_regs *g = &c->vp->guest.regs;
	u64 leaf;
	u32 i;

	(void)ctx;
	tdxm_guest_enter(c);
	for (i = 0; i < CALLS; i++) {
		any_operands(g, c->vp->index);
		leaf = g->rax;
		if (tdxm_tdcall(c, &mode) == TDXM_EXIT)
			return;
		if (leaf == TDG_MR_RTMR_EXTEND && !g->rax)
			__atomic_fetch_add(&extended, 1, __ATOMIC_RELAXED);
		if (leaf == TDG_MEM_PAGE_ACCEPT && !g->rax)
			__atomic_fetch_add(&accepted, 1, __ATOMIC_RELAXED);
	}
	tdxm_guest_exit(c, &interrupt);
}

static void take_and_give(u32 lp)
{
	u64 gpa = GPA_TAKEN(lp - NR_VCPUS);
	u32 before = __atomic_load_n(&accepted, __ATOMIC_RELAXED), i;

	must(lp, MEM_PAGE_AUG, gpa, TDR, SPARE + lp * 4096, 0);
	/* Often long enough for a vCPU to accept it. */
	for (i = 0; i < 100 && __atomic_load_n(&accepted, __ATOMIC_RELAXED) == before; i++)
		sched_yield();
	take(lp, gpa);
	__atomic_fetch_add(&removed, 1, __ATOMIC_RELAXED);
}

/* Also of LPs 2 and 3, which may be late. */
static bool enough(u32 entries)
{
	return entries >= NR_ENTRIES && __atomic_load_n(&accepted, __ATOMIC_RELAXED) >= ROUNDS &&
	       __atomic_load_n(&removed, __ATOMIC_RELAXED) >= ROUNDS;
}

static void *calls_and_takes(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, i;

	if (lp < NR_VCPUS) {
		for (i = 0; !enough(i) && i < 1000 * NR_ENTRIES; i++)
			if (try(lp, VP_ENTER, tdvprs[lp], 0, 0, 0).rax >> 32)
				abort();
		__atomic_fetch_sub(&nr_running, 1, __ATOMIC_RELEASE);
	}
	while (lp >= NR_VCPUS && __atomic_load_n(&nr_running, __ATOMIC_ACQUIRE))
		take_and_give(lp);
	return NULL;
}

/* As one vCPU alone would have left it. */
static void rtmr_has_all(const u8 *data)
{
	u64 rtmr[6] = { 0 };
	u8 bytes[96];

	for (u32 i = 0; i < extended; i++) {
		memcpy(bytes, rtmr, 48);
		memcpy(bytes + 48, data, 48);
		tdxm_sha384_digest(bytes, sizeof(bytes), rtmr);
	}
	assert_memory_equal(rig.m->tds.td[0].rtmr[RTMR], rtmr, sizeof(rtmr));
}

static void vcpus(void **state)
{
	u32 n;

	(void)state;
	td_ready(&rig, TDXM_1_5_01);
	rig.m->host.run = run_calls;
	td_with_sept(&rig);
	td_build_vp(&rig, 24);
	assert_int_equal(td_call(&rig, 1, VP_INIT, tdvprs[1], 0, 0, 0), TDX_SUCCESS);
	for (n = 0; n < 1 + NR_VCPUS; n++)
		td_with_page(&rig, n);
	assert_int_equal(td_call(&rig, 0, MR_FINALIZE, TDR, 0, 0, 0), TDX_SUCCESS);
	for (n = 0; n < NR_VCPUS; n++)
		seeds[n] = n + 1;
	nr_running = NR_VCPUS;
	on_all_lps(calls_and_takes);
	assert_true(extended >= ROUNDS && accepted >= ROUNDS && removed >= ROUNDS);
	rtmr_has_all(rig.ram + DATA(0));
	assert_int_equal(td_call(&rig, 1, VP_FLUSH, tdvprs[1], 0, 0, 0), TDX_SUCCESS);
	td_destroy(&rig);
	assert_int_equal(tdxm_nr_tds(rig.m), 0);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tds),
		cmocka_unit_test(one_td),
		cmocka_unit_test(slots),
		cmocka_unit_test(vcpus),
	};

	return cmocka_run_group_tests_name("model_td_smp", tests, NULL, NULL);
}
