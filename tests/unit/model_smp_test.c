// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several LPs call the model at once, under the thread sanitizer: the later one gets a busy
 * status, nothing is lost, and no LP waits for another.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "model_harness.h"

static struct rig rig;

/* For threads: cmocka's assertions work in the main thread only. */
static u64 raw_call(u32 lp, u64 leaf, u64 rcx, u64 rdx)
{
	struct tdxm_regs regs = { .rax = leaf, .rcx = rcx, .rdx = rdx, .r8 = CMR_INFO_PA,
				  .r9 = 32 };

	return tdxm_seamcall(rig.m, lp, &regs) == TDXM_COMPLETED ? regs.rax : ~0ULL;
}

static void run_on_all(void *(*fn)(void *))
{
	pthread_t threads[NR_LPS];
	uintptr_t lp;

	for (lp = 0; lp < NR_LPS; lp++)
		assert_int_equal(pthread_create(&threads[lp], NULL, fn, (void *)lp), 0);
	for (lp = 0; lp < NR_LPS; lp++)
		pthread_join(threads[lp], NULL);
}

/* One LP is held inside a call, where it touches memory, while the others call. */

static sem_t inside, go_on;
static _Thread_local bool hold_me;
static u64 held_leaf, held_rcx, held_rdx, held_status;

static void hold(void)
{
	if (!hold_me)
		return;
	hold_me = false;
	sem_post(&inside);
	sem_wait(&go_on);
}

static void *held_call(void *arg)
{
	(void)arg;
	hold_me = true;
	held_status = raw_call(0, held_leaf, held_rcx, held_rdx);
	return NULL;
}

static pthread_t start_held(u64 leaf, u64 rcx, u64 rdx)
{
	pthread_t thread;

	held_leaf = leaf;
	held_rcx = rcx;
	held_rdx = rdx;
	rig.on_page = hold;
	sem_init(&inside, 0, 0);
	sem_init(&go_on, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, held_call, NULL), 0);
	sem_wait(&inside);
	return thread;
}

static u64 end_held(pthread_t thread)
{
	sem_post(&go_on);
	pthread_join(thread, NULL);
	rig.on_page = NULL;
	return held_status;
}

static void held_global_lock(void **state)
{
	pthread_t thread;

	(void)state;
	rig_new(&rig, TDXM_1_5_01);
	to_lps(&rig);
	good_tdmrs(&rig);
	thread = start_held(SYS_CONFIG, TDMR_ARRAY_PA, 0);
	assert_int_equal(raw_call(1, SYS_INIT, 0, 0), TDX_SYS_BUSY);
	assert_int_equal(raw_call(1, SYS_LP_INIT, 0, 0), TDX_SYS_BUSY);
	assert_int_equal(raw_call(1, SYS_CONFIG, 0, 0), TDX_SYS_BUSY);
	assert_int_equal(raw_call(2, SYS_KEY_CONFIG, 0, 0), TDX_SYS_BUSY);
	/* These leaves do not take the global lock. */
	assert_int_equal(raw_call(3, SYS_RD, 0, 0x0800000200000000), TDX_SUCCESS);
	assert_int_equal(raw_call(3, SYS_INFO, SYSINFO_PA, 1024), TDX_SUCCESS);
	assert_int_equal(end_held(thread), TDX_OPERAND_INVALID | RDX);
	assert_int_equal(raw_call(1, SYS_INIT, 0, 0), TDX_SYS_INIT_NOT_PENDING);
	rig_stop(&rig);
}

static void held_tdmr(void **state)
{
	pthread_t thread;

	(void)state;
	rig_new(&rig, TDXM_NEXT);
	to_ready(&rig);
	thread = start_held(SYS_TDMR_INIT, 4 * GB, 0);
	assert_int_equal(raw_call(1, SYS_TDMR_INIT, 4 * GB, 0), TDX_OPERAND_BUSY | RCX);
	assert_int_equal(raw_call(1, SYS_TDMR_INIT, 5 * GB, 0), TDX_SUCCESS);
	assert_int_equal(raw_call(1, SYS_SHUTDOWN, 1, 0), TDX_SYS_BUSY);
	assert_true(tdxm_ready(rig.m));
	assert_int_equal(raw_call(1, SYS_DISABLE, 0, 0), TDX_SYS_BUSY);
	assert_int_equal(raw_call(1, SYS_TDMR_INIT, 5 * GB, 0), TDX_SYS_BUSY);
	assert_int_equal(end_held(thread), TDX_SUCCESS);
	assert_int_equal(raw_call(1, SYS_DISABLE, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	rig_stop(&rig);
}

static void held_seamldr(void **state)
{
	pthread_t thread;

	(void)state;
	rig_new(&rig, TDXM_NEXT);
	thread = start_held(1ULL << 63, SEAMLDR_PA, 0);
	assert_int_equal(raw_call(1, 1ULL << 63, SEAMLDR_PA, 0), ~0ULL);	/* VMfailInvalid */
	assert_int_equal(end_held(thread), 0);
	assert_int_equal(raw_call(1, 1ULL << 63, SEAMLDR_PA, 0), 0);
	rig_stop(&rig);
}

/* Each LP is initialised once, whatever the others call. */

static u32 lps_taken, wrong;

static void *lp_init_all(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, i;
	bool done = false;

	for (i = 0; i < 200; i++) {
		u64 status = raw_call(lp, SYS_LP_INIT, 0, 0);

		if (status == TDX_SUCCESS)
			__atomic_fetch_add(&lps_taken, 1, __ATOMIC_RELAXED);
		else if (status != TDX_SYS_BUSY && !(done && status == TDX_SYS_LP_INIT_DONE))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
		done |= status == TDX_SUCCESS;
		/* The leaf takes the lock exclusively, and fails. */
		status = raw_call(lp, SYS_INIT, 0, 0);
		if (status != TDX_SYS_BUSY && status != TDX_SYS_INIT_NOT_PENDING)
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void lp_init_at_once(void **state)
{
	(void)state;
	lps_taken = 0;
	wrong = 0;
	rig_new(&rig, TDXM_1_5_01);
	to_init(&rig);
	run_on_all(lp_init_all);
	assert_int_equal(lps_taken, NR_LPS);
	assert_int_equal(wrong, 0);
	good_tdmrs(&rig);
	assert_int_equal(config(&rig), TDX_SUCCESS);
	rig_stop(&rig);
}

/* All LPs initialise the same two TDMRs: exactly 256 calls per GB succeed. */

static u32 steps;

static void *tdmr_init_all(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg, done = 0;

	while (done != 3) {
		u32 i = (lp + done) & 1;
		u64 status = raw_call(lp, SYS_TDMR_INIT, (4 + i) * GB, 0);

		if (done & 1 << i)
			status = raw_call(lp, SYS_TDMR_INIT, (4 + !i) * GB, 0), i = !i;
		if (status == TDX_SUCCESS)
			__atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);
		else if (status == TDX_TDMR_ALREADY_INITIALIZED)
			done |= 1 << i;
		else if (status == (TDX_OPERAND_BUSY | RCX))
			sched_yield();
		else
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED), done = 3;
	}
	return NULL;
}

static void tdmr_init_at_once(void **state)
{
	(void)state;
	steps = 0;
	wrong = 0;
	rig_new(&rig, TDXM_1_5_01);
	to_ready(&rig);
	run_on_all(tdmr_init_all);
	assert_int_equal(wrong, 0);
	assert_int_equal(steps, 3 * 256);
	assert_int_equal(tdxm_verify_pamt(rig.m), 0);
	rig_stop(&rig);
}

#define CHUNK	(64 * 1024ULL)

/* Each LP flushes every fourth chunk, so that none of its chunks touch. */
static void *clflush_all(void *arg)
{
	u64 lp = (uintptr_t)arg, off;

	for (off = lp * CHUNK; off < 16 * MB; off += NR_LPS * CHUNK) {
		tdxm_clflush(rig.m, 256 * MB + off, CHUNK);
		tdxm_clflush(rig.m, 512 * MB + off, CHUNK);
		sched_yield();
	}
	return NULL;
}

static void clflush_at_once(void **state)
{
	(void)state;
	rig_new(&rig, TDXM_1_5_01);
	to_config(&rig);
	run_on_all(clflush_all);
	assert_int_equal(call3(&rig, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_violations(rig.m, TDXM_V_KEY_CONFIG_UNFLUSHED), 0);
	rig_stop(&rig);
}

/* A shutdown under load happens at one moment for all. */

static bool shut;

static void *use_until_shutdown(void *arg)
{
	u32 lp = (u32)(uintptr_t)arg;
	u64 status;

	do {
		if (!lp) {
			status = raw_call(lp, SYS_SHUTDOWN, 0, 0);
			if (status == TDX_SYS_BUSY) {
				sched_yield();
				continue;
			}
			/* The others must end, even if it failed. */
			__atomic_store_n(&shut, true, __ATOMIC_RELEASE);
			if (status == TDX_SUCCESS)
				return NULL;
			break;
		}
		if (__atomic_load_n(&shut, __ATOMIC_ACQUIRE))
			break;
		status = raw_call(lp, SYS_TDMR_INIT, 5 * GB, 0);
		if (status != TDX_SUCCESS && status != (TDX_OPERAND_BUSY | RCX) &&
		    status != TDX_TDMR_ALREADY_INITIALIZED && status != TDX_SYS_SHUTDOWN)
			break;
		sched_yield();
	} while (1);
	/* Only after the shutdown, and from then on no other status. */
	if (!lp || !__atomic_load_n(&shut, __ATOMIC_ACQUIRE) ||
	    raw_call(lp, SYS_TDMR_INIT, 5 * GB, 0) != TDX_SYS_SHUTDOWN)
		__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void shutdown_under_load(void **state)
{
	(void)state;
	wrong = 0;
	shut = false;
	rig_new(&rig, TDXM_1_5_01);
	to_ready(&rig);
	run_on_all(use_until_shutdown);
	assert_int_equal(wrong, 0);
	assert_true(tdxm_violations(rig.m, TDXM_V_CALL_AFTER_SHUTDOWN) >= NR_LPS - 1);
	rig_stop(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(held_global_lock),
		cmocka_unit_test(held_tdmr),
		cmocka_unit_test(held_seamldr),
		cmocka_unit_test(lp_init_at_once),
		cmocka_unit_test(tdmr_init_at_once),
		cmocka_unit_test(clflush_at_once),
		cmocka_unit_test(shutdown_under_load),
	};

	return cmocka_run_group_tests_name("model_smp", tests, NULL, NULL);
}
