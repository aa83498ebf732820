// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks the TDX module for its limits and the CMRs: with TDH.SYS.RD, or with TDH.SYS.INFO
 * if it has no TDH.SYS.RD (TDX 1.0).
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "host.h"

struct query {
	struct tdx_sysinfo *si;
	struct tdx_sysinfo_fault fault;
	u64 leaf;
	u64 status;	/* of the call that failed; 0: a value was refused */
	bool no_sys_rd;
};

static int read_field(void *ctx, u64 field, u64 *value)
{
	struct query *q = ctx;
	struct tdx_regs regs = { .rdx = field };
	u64 status;

	q->leaf = TDH_SYS_RD;
	status = tdx_call_on_lp(TDH_SYS_RD, &regs);
	*value = regs.r8;
	if (status == TDX_SUCCESS)
		return 0;
	if (tdx_status_name_bits(status) == TDX_METADATA_FIELD_ID_INCORRECT)
		return 1;
	q->status = status;
	return -EIO;
}

/* TDX 1.0 has no such leaf.  It answers with the status of an unknown or a not-ready call. */
static bool means_no_sys_rd(u64 status)
{
	u64 name = tdx_status_name_bits(status);

	return name == TDX_SYS_NOT_READY || status == TDX_OPERAND_INVALID;
}

static int query_rd(struct query *q)
{
	int err = tdx_sysinfo_read(q->si, read_field, q, &q->fault);

	q->no_sys_rd = err && means_no_sys_rd(q->status);
	return err;
}

/* One page holds both buffers: each is aligned by its own size. */
static int query_info(struct query *q)
{
	void *page = (void *)get_zeroed_page(GFP_KERNEL);
	void *cmrs = page + TDX_SYSINFO_SIZE;
	struct tdx_regs regs;
	int err = -EIO;

	if (!page)
		return -ENOMEM;
	regs = (struct tdx_regs){ .rcx = __pa(page), .rdx = TDX_SYSINFO_SIZE,
				  .r8 = __pa(cmrs), .r9 = TDX_MAX_CMRS };
	q->leaf = TDH_SYS_INFO;
	q->status = tdx_call_on_lp(TDH_SYS_INFO, &regs);
	if (q->status == TDX_SUCCESS)
		err = tdx_sysinfo_parse(q->si, page, cmrs, regs.r9, &q->fault);
	free_page((unsigned long)page);
	return err;
}

static void report(const struct query *q)
{
	if (q->status)
		tdx_error_call(q->leaf, q->status, NULL);
	else if (q->fault.what)
		tdx_error("%s: the TDX module's answer makes no sense: %s (index %u, value 0x%llx): BIOS or TDX module bug, update them",
			  tdx_leaf_name(q->leaf), q->fault.what, q->fault.index, q->fault.value);
	else
		tdx_error("out of memory while reading the TDX module's limits");
}

static void print_sysinfo(const struct tdx_sysinfo *si)
{
	u32 i;

	pr_info("TDX module: version %u.%u.%02u, build_date %08x, build_num %u\n",
		si->major, si->minor, si->update, si->build_date, si->build);
	for (i = 0; i < si->nr_cmrs; i++)
		pr_info("CMR: [0x%llx, 0x%llx)\n", si->cmrs[i].start, si->cmrs[i].end);
}

int tdx_sysinfo_get(struct tdx_sysinfo *si)
{
	struct query q = { .si = si };
	int err = query_rd(&q);

	if (q.no_sys_rd) {
		q.status = 0;
		err = query_info(&q);
	}
	if (!err) {
		q.status = 0;
		err = tdx_sysinfo_check(si, tdx_platform.max_pa, &q.fault);
	}
	if (err) {
		report(&q);
		return -EINVAL;
	}
	print_sysinfo(si);
	return 0;
}

/* The host goes on if it fails: only what is shown would be of the old version. */
void tdx_sysinfo_renew(struct tdx_sysinfo *si)
{
	struct tdx_sysinfo *now = kvzalloc(sizeof(*now), GFP_KERNEL);

	if (!now || tdx_sysinfo_get(now)) {
		pr_warn("the version shown is that of the TDX module before the update\n");
	} else {
		si->major = now->major;
		si->minor = now->minor;
		si->update = now->update;
		si->build = now->build;
		si->build_date = now->build_date;
		si->features0 = now->features0;
	}
	kvfree(now);
}
