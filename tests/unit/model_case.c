// SPDX-License-Identifier: GPL-2.0-only
#include "model_case.h"

static struct CMUnitTest cases[128];
static size_t nr_cases;

void another_machine(struct rig *r, enum tdxm_profile profile)
{
	rig_stop(r);
	rig_describe(r, profile);
}

static void run_case(void **state)
{
	const struct model_case *c = *state;
	enum tdxm_profile profile;
	struct rig r;

	for (profile = c->first; profile <= c->last; profile++) {
		rig_describe(&r, profile);
		if (c->bring) {
			rig_start(&r);
			c->bring(&r);
		}
		if (c->then)
			c->then(&r);
		c->body(&r);
		rig_stop(&r);
	}
}

void add_case(const char *name, struct model_case *c)
{
	if (nr_cases == NR(cases))
		abort();
	cases[nr_cases++] = (struct CMUnitTest){ name, run_case, NULL, NULL, c };
}

int run_cases(const char *group)
{
	return _cmocka_run_group_tests(group, cases, nr_cases, NULL, NULL);
}

void expect_call(struct rig *r, u32 lp, u64 want, const u64 in[7], const char *file, int line)
{
	struct tdxm_regs regs = { .rcx = in[1], .rdx = in[2], .r8 = in[3], .r9 = in[4],
				  .r10 = in[5], .r11 = in[6] };
	u64 status = call(r, lp, in[0], &regs);

	r->out = regs;
	if (status != want)
		fail_msg("%s:%d: leaf %llu: %s 0x%llx, wanted %s 0x%llx", file, line,
			 in[0] & 0xffff, status_name(status), status, status_name(want), want);
}

u64 violations(struct rig *r)
{
	u64 n = 0;
	u32 kind;

	for (kind = 0; kind < TDXM_V_NR; kind++)
		n += tdxm_violations(r->m, kind);
	return n;
}
