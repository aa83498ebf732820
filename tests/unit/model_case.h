/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How tests of the model are written:
 *
 *	TEST(key_config_once, TDXM_1_5_01, to_config)
 *	{
 *		expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
 *		expect(r, TDX_KEY_CONFIGURED, SYS_KEY_CONFIG);
 *	}
 *
 * Tests run in the order of the file.
 */
#ifndef MODEL_CASE_H
#define MODEL_CASE_H

#include "answers.h"
#include "model_harness.h"

struct model_case {
	enum tdxm_profile first, last;
	void (*bring)(struct rig *r);	/* NULL: the body calls rig_start() */
	void (*then)(struct rig *r);	/* may be NULL */
	void (*body)(struct rig *r);
};

/*
 * A machine of @profile that @bring has brought up: started, to_init,
 * to_lps, to_config or to_ready.  The body uses it as r.
 */
#define TEST(name, profile, bring) TEST_EACH(name, profile, profile, bring)
/* The same for each profile from @first to @last. */
#define TEST_EACH(name, first, last, bring) TEST_CASE(name, first, last, bring, NULL)
/* A test of one call: the arguments of expect(). */
#define TEST_CALL(name, profile, bring, ...) \
	TEST(name, profile, bring) { expect(r, __VA_ARGS__); }
/* The body may change r->machine before it calls rig_start(). */
#define TEST_MACHINE(name, profile) TEST_CASE(name, profile, profile, NULL, NULL)

#define TEST_CASE(name, first, last, bring, then) \
	static void name(struct rig *r); \
	__attribute__((constructor)) static void add_##name(void) \
	{ \
		static struct model_case c = { first, last, bring, then, name }; \
		add_case(#name, &c); \
	} \
	static void name(__attribute__((unused)) struct rig *r)

static inline void started(__attribute__((unused)) struct rig *r)
{
}

/* Replaces the machine; the caller may change r->machine before it calls rig_start(). */
void another_machine(struct rig *r, enum tdxm_profile profile);

void add_case(const char *name, struct model_case *c);
int run_cases(const char *group);

/*
 * Makes a call that must complete with @status. The leaf, RCX, RDX, R8, R9, R10 and R11
 * follow, 0 if missing. r->out gets the registers. expect() calls on LP 0.
 */
#define expect(r, status, ...) expect_on(r, 0, status, __VA_ARGS__)
#define expect_on(r, lp, status, ...) \
	expect_call(r, lp, status, (const u64[7]){ __VA_ARGS__ }, __FILE__, __LINE__)
/* The same; register @reg of r->out must be @value afterwards. */
#define expect_out(r, reg, value, status, ...) do { \
		expect(r, status, __VA_ARGS__); \
		assert_int_equal((r)->out.reg, value); \
	} while (0)
/* The same; RCX, RDX and R8 to R11 must be 0 afterwards. */
#define expect_zeroed(r, status, ...) do { \
		expect(r, status, __VA_ARGS__); \
		assert_int_equal(outputs(r), 0); \
	} while (0)
/* Several calls, each as { leaf, RCX, ... }, that must all complete with @status. */
#define expect_each(r, status, ...) expect_each_on(r, 0, status, __VA_ARGS__)
#define expect_each_on(r, lp, status, ...) do { \
		static const u64 calls_[][7] = { __VA_ARGS__ }; \
		for (size_t i_ = 0; i_ < NR(calls_); i_++) \
			expect_call(r, lp, status, calls_[i_], __FILE__, __LINE__); \
	} while (0)
void expect_call(struct rig *r, u32 lp, u64 want, const u64 in[7], const char *file, int line);

/* RCX, RDX and R8 to R11 of r->out, combined by OR. */
static inline u64 outputs(const struct rig *r)
{
	return r->out.rcx | r->out.rdx | r->out.r8 | r->out.r9 | r->out.r10 | r->out.r11;
}

/* The number of violations of all kinds. */
u64 violations(struct rig *r);

#define NR(array) (sizeof(array) / sizeof((array)[0]))

#endif
