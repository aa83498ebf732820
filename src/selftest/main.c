// SPDX-License-Identifier: GPL-2.0-only
/* Runs the tests at load and keeps their results (selftest.h). */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "selftest.h"

atomic_t selftest_pages = ATOMIC_INIT(0);
atomic_t selftest_kept = ATOMIC_INIT(0);
atomic_t selftest_keyids_kept = ATOMIC_INIT(0);

static const struct test {
	const char *name;
	void (*run)(struct selftest_result *r);
} tests[] = {
	{ "lps", selftest_lps },
	{ "pamt", selftest_pamt },
	{ "td", selftest_td },
	{ "packages", selftest_packages },
	{ "times", selftest_times },
	{ "vmx", selftest_vmx },	/* last: finds what the others have left on */
};

static struct selftest_result results[ARRAY_SIZE(tests)];

void selftest_say(struct selftest_result *r, enum selftest_verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, args);
	va_end(args);
	r->verdict = verdict;
}

void selftest_say_call(struct selftest_result *r, u64 leaf, u64 status, const char *where)
{
	char text[120];

	tdx_status_format(text, sizeof(text), status);
	selftest_say(r, SELFTEST_FAIL, "%s %s failed: %s", tdx_leaf_name(leaf), where, text);
}

/* cat /sys/module/tdx_host_selftest/parameters/results: "PASS lps all 4 LPs answer" */
static int results_get(char *buf, const struct kernel_param *kp)
{
	static const char *const words[] = { "FAIL", "PASS" };
	int at = 0;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(results); i++)
		at += sysfs_emit_at(buf, at, "%s %s %s\n", words[results[i].verdict],
				    results[i].name, results[i].text);
	return at;
}

static const struct kernel_param_ops results_ops = { .get = results_get };
module_param_cb(results, &results_ops, NULL, 0400);
MODULE_PARM_DESC(results, "verdict, name and finding of each test, one test per line (read-only)");

/* cat .../left: pages and KeyIDs that the TDX module did not give back */
static int left_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d %d\n", atomic_read(&selftest_kept),
			  atomic_read(&selftest_keyids_kept));
}

static const struct kernel_param_ops left_ops = { .get = left_get };
module_param_cb(left, &left_ops, NULL, 0400);
MODULE_PARM_DESC(left, "pages and KeyIDs that the TDX module did not give back (read-only)");

static void run(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		results[i].name = tests[i].name;
		tests[i].run(&results[i]);
	}
	if (atomic_read(&selftest_kept) || atomic_read(&selftest_keyids_kept))
		pr_warn("%d pages and %d KeyIDs stay with the TDX module until the machine restarts: it did not give them back\n",
			atomic_read(&selftest_kept), atomic_read(&selftest_keyids_kept));
}

/* No CPU goes online or offline during the tests: the results contain CPU numbers. */
static int __init selftest_init(void)
{
	int err;

	if (tdx_state() != TDX_STATE_INITIALIZED) {
		pr_err("TDX is not up (state %s): 'tdxhost enable --wait' first\n",
		       tdx_state_name(tdx_state()));
		return -ENODEV;
	}
	cpus_read_lock();
	err = selftest_vmx_before();
	if (!err) {
		run();
		selftest_vmx_forget();
	}
	cpus_read_unlock();
	return err ? -ENOMEM : 0;
}

/* Nothing to undo: each test has taken its pages back. */
static void __exit selftest_exit(void)
{
}

module_init(selftest_init);
module_exit(selftest_exit);

MODULE_DESCRIPTION("Shows that the TDX module keeps what tdx_host relies on; run by 'tdxhost selftest'");
MODULE_AUTHOR("The tdx_host developers");
MODULE_VERSION(TDX_HOST_VERSION);
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(TDX_SELFTEST_NS);
