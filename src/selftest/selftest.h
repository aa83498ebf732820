/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tdx_host_selftest: tests what tdx_host relies on.
 *
 * `tdxhost selftest` loads this module once TDX is up, reads its parameter
 * `results`, and unloads it.  Loading runs the tests; a test that fails does not
 * fail the load.  No KVM is needed: calls borrow VMX operation as bring-up does.
 *
 * Nothing stays behind: every page that a test hands to the TDX module is taken
 * back.  A page that the TDX module does not give back is never freed, and the
 * parameter `left` counts it.
 */
#ifndef TDX_HOST_SELFTEST_H
#define TDX_HOST_SELFTEST_H

#include <linux/cpumask.h>
#include <linux/types.h>

#include "host.h"
#include "tdx_host.h"

enum selftest_verdict {
	SELFTEST_FAIL,		/* also a test without a result */
	SELFTEST_PASS,
};

#define SELFTEST_TEXT	200

struct selftest_result {
	const char *name;
	enum selftest_verdict verdict;
	char text[SELFTEST_TEXT];
};

/* Sets a test's result: one line, for people.  Process context. */
__printf(3, 4) void selftest_say(struct selftest_result *r, enum selftest_verdict verdict,
				 const char *fmt, ...);
/* Sets FAIL, with the names of the leaf and of the status. */
void selftest_say_call(struct selftest_result *r, u64 leaf, u64 status, const char *where);

/* Pages allocated and not freed; of these, kept since the TDX module has them. */
extern atomic_t selftest_pages, selftest_kept;
/* Guest KeyIDs that were not freed, because their TD could not be destroyed. */
extern atomic_t selftest_keyids_kept;

/* The tests.  cpus_read_lock() held, TDX up.  Each fills @r. */
void selftest_lps(struct selftest_result *r);
void selftest_pamt(struct selftest_result *r);
void selftest_td(struct selftest_result *r);
void selftest_packages(struct selftest_result *r);
void selftest_times(struct selftest_result *r);

/* vmx.c: CR4.VMXE of every CPU, before the tests and after them. */
int selftest_vmx_before(void);
void selftest_vmx(struct selftest_result *r);
void selftest_vmx_forget(void);

/* mrtd.c: SHA-384 as TDH.MNG.INIT, MEM.PAGE.ADD, MR.EXTEND and MR.FINALIZE compute it. */
struct selftest_mrtd;
struct selftest_mrtd *selftest_mrtd_begin(void);	/* ERR_PTR: no SHA-384 */
int selftest_mrtd_page(struct selftest_mrtd *m, u64 gpa, const void *contents);
/* Frees @m in any case. */
int selftest_mrtd_end(struct selftest_mrtd *m, u64 mrtd[6]);

#endif
