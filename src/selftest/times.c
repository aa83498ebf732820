// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports the longest calls since tdx_host was loaded.  No bound is tested: the figures
 * describe a machine that nobody has measured.
 */
#include "selftest.h"

void selftest_times(struct selftest_result *r)
{
	struct tdx_time t, leaf = {}, irqs_off = {};
	u32 i;

	for (i = 0; tdx_time_get(i, &t); i++)
		if (!t.is_leaf)
			irqs_off = t;
		else if (t.cycles > leaf.cycles)
			leaf = t;
	if (!leaf.cycles || !irqs_off.cycles)
		selftest_say(r, SELFTEST_FAIL, "no call has taken any time: the TSC does not count");
	else
		selftest_say(r, SELFTEST_PASS,
			     "longest call %s %llu ns (%llu cycles); interrupts off for %llu ns at most",
			     leaf.name, leaf.ns, leaf.cycles, irqs_off.ns);
}
