// SPDX-License-Identifier: GPL-2.0-only
/*
 * One TD: it is created, gets pages, is measured, runs, loses pages and is destroyed.  If a
 * step fails, the TD is destroyed at once; if a step of its end fails, it is tried again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "../../sim/play_kvm.h"
#include "life.h"

#define MAX_CONTROL	32	/* TDCX pages of a TD or a vCPU */
#define NR_SEPT		3
#define MAX_TRIES	100000	/* of a wrapper that answers busy */
#define END_TRIES	3

/* VMX exit reasons that the simulated TD exits with, in this order. */
#define EXIT_TDCALL	77
#define EXIT_EPT	48
#define EXIT_INTERRUPT	1
#define TDVMCALL_HLT	12

#define FIELD_MRTD	0x1310000300000000ULL
#define FIELD_PEND_NMI	0x202000000000000bULL

/* A page, and whether the TDX module has it. */
struct given {
	struct page *page;
	bool is;
};

struct life {
	struct tdx_td td;
	struct tdx_vp vp;
	int keyid;
	bool on_cpu;			/* the vCPU is associated with this CPU */
	struct given tdr, tdvpr;
	struct given tdcs[MAX_CONTROL], tdcx[MAX_CONTROL];
	struct given sept[NR_SEPT];
	struct given data[NR_PAGES + 1];
	struct page *source;
	void *params;
};

static bool busy(u64 status)
{
	switch (status & 0xffffffff00000000ULL) {
	case TDX_OPERAND_BUSY:
	case TDX_SYS_BUSY:
	case TDX_PREVIOUS_TLB_EPOCH_BUSY:
		return true;
	}
	return false;
}

static u64 noted(const char *wrapper, u64 status)
{
	if (status)
		life_failed(wrapper, status);
	return status;
}

/* The status, of a call that was not answered busy. */
#define CALL(wrapper, ...) ({							\
	u64 status_;								\
	int tries_ = MAX_TRIES;							\
										\
	while (busy(status_ = wrapper(__VA_ARGS__)) && --tries_)		\
		cond_resched();							\
	noted(#wrapper, status_);						\
})

static struct page *get_page_for(struct given *g)
{
	if (!g->page) {
		g->page = alloc_page(GFP_KERNEL);
		if (g->page)
			atomic_inc(&life_pages);
	}
	return g->page;
}

static void put_page_of(struct given *g)
{
	if (!g->page)
		return;
	if (g->is) {
		atomic_inc(&life_leaked);
	} else {
		tdx_quirk_reset_page(g->page);
		__free_page(g->page);
		atomic_dec(&life_pages);
	}
	g->page = NULL;
}

/* On one CPU of each package. */
static int on_packages(long (*fn)(void *arg), void *arg)
{
	int cpu, other, err = 0;

	cpus_read_lock();
	for_each_online_cpu(cpu) {
		for_each_online_cpu(other)
			if (topology_physical_package_id(other) == topology_physical_package_id(cpu))
				break;
		if (other == cpu && !err)
			err = work_on_cpu(cpu, fn, arg);
	}
	cpus_read_unlock();
	return err;
}

static long key_config(void *arg)
{
	struct life *l = arg;

	return CALL(tdh_mng_key_config, &l->td) ? -EIO : 0;
}

static int create(struct life *l)
{
	l->keyid = tdx_guest_keyid_alloc();
	if (l->keyid < 0) {
		pr_err("no KeyID: error %d\n", l->keyid);
		return l->keyid;
	}
	l->td.tdr_page = get_page_for(&l->tdr);
	if (!l->tdr.page)
		return -ENOMEM;
	l->tdr.is = !CALL(tdh_mng_create, &l->td, l->keyid);
	return l->tdr.is ? on_packages(key_config, l) : -EIO;
}

static int add_control_pages(struct life *l, struct given *g, int nr, bool of_vp)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (!get_page_for(&g[i]))
			return -ENOMEM;
		g[i].is = of_vp ? !CALL(tdh_vp_addcx, &l->vp, g[i].page) :
				  !CALL(tdh_mng_addcx, &l->td, g[i].page);
		if (!g[i].is)
			return -EIO;
	}
	return 0;
}

static int init_td(struct life *l, const struct tdx_sys_info *info)
{
	int nr = info->td_ctrl.tdcs_base_size / PAGE_SIZE, err;
	u8 *p = l->params;
	u64 which;

	if (nr > MAX_CONTROL)
		return -EINVAL;
	err = add_control_pages(l, l->tdcs, nr, false);
	if (err)
		return err;
	*(u64 *)p = info->td_conf.attributes_fixed1;
	*(u64 *)(p + 8) = info->td_conf.xfam_fixed1;
	*(u16 *)(p + 16) = 1;			/* vCPU */
	*(u64 *)(p + 24) = 6 | 3 << 3;		/* EPT: write-back, four levels */
	*(u16 *)(p + 40) = 100;			/* TSC: 2.5 GHz */
	return CALL(tdh_mng_init, &l->td, __pa(p), &which) ? -EIO : 0;
}

static int create_vp(struct life *l, const struct tdx_sys_info *info)
{
	int nr = info->td_ctrl.tdvps_base_size / PAGE_SIZE - 1, err;

	if (nr > MAX_CONTROL)
		return -EINVAL;
	l->vp.tdvpr_page = get_page_for(&l->tdvpr);
	if (!l->tdvpr.page)
		return -ENOMEM;
	l->vp.tdvpr_pa = page_to_phys(l->tdvpr.page);
	l->tdvpr.is = !CALL(tdh_vp_create, &l->td, &l->vp);
	if (!l->tdvpr.is)
		return -EIO;
	err = add_control_pages(l, l->tdcx, nr, true);
	if (err)
		return err;
	l->on_cpu = !CALL(tdh_vp_init, &l->vp, 0, 0);
	return l->on_cpu ? 0 : -EIO;
}

static int add_sept(struct life *l)
{
	static const enum pg_level levels[NR_SEPT] = { PG_LEVEL_512G, PG_LEVEL_1G, PG_LEVEL_2M };
	u64 entry, level;
	int i;

	for (i = 0; i < NR_SEPT; i++) {
		struct given *g = &l->sept[i];

		if (!get_page_for(g))
			return -ENOMEM;
		g->is = !CALL(tdh_mem_sept_add, &l->td, 0, levels[i], g->page, &entry, &level);
		if (!g->is)
			return -EIO;
	}
	return 0;
}

static int add_page(struct life *l, int i)
{
	u64 gpa = (u64)i << PAGE_SHIFT, entry, level;
	struct given *g = &l->data[i];
	uint chunk;

	if (!get_page_for(g))
		return -ENOMEM;
	memset(page_address(l->source), i + 1, PAGE_SIZE);
	g->is = !CALL(tdh_mem_page_add, &l->td, gpa, page_to_pfn(g->page), l->source, &entry, &level);
	if (!g->is)
		return -EIO;
	for (chunk = 0; chunk < life_extend; chunk++)
		if (CALL(tdh_mr_extend, &l->td, gpa + chunk * 256, &entry, &level))
			return -EIO;
	return 0;
}

static int give_memory(struct life *l)
{
	int i, err = add_sept(l);

	for (i = 0; i < NR_PAGES && !err; i++) {
		err = add_page(l, i);
		cond_resched();
	}
	return err;
}

static int measure(struct life *l, u64 mrtd[6])
{
	int i;

	if (CALL(tdh_mr_finalize, &l->td))
		return -EIO;
	for (i = 0; i < 6; i++)
		if (CALL(tdh_mng_rd, &l->td, FIELD_MRTD + i, &mrtd[i]))
			return -EIO;
	return 0;
}

/* An exit for @reason, or what came instead is a failure. */
static int enter(struct life *l, struct tdx_module_args *args, u32 reason)
{
	int tries = MAX_TRIES;
	u64 status;

	do {
		*args = (struct tdx_module_args){};
		preempt_disable();
		status = tdh_vp_enter(&l->vp, args);
		preempt_enable();
		cond_resched();
	} while (busy(status) && --tries);
	if (status == reason)
		return 0;
	noted("tdh_vp_enter", status ?: 1ULL << 63);
	return -EIO;
}

/* What the TD asks for, and all that it left in the registers. */
static int tdvmcall(struct life *l)
{
	struct tdx_module_args args;
	int err = enter(l, &args, EXIT_TDCALL);

	if (err)
		return err;
	if (args.rcx == 0xfc00 && args.r11 == TDVMCALL_HLT &&
	    args.r13 == 0x1313131313131313 && args.r14 == 0x1414141414141414 &&
	    args.r15 == 0x1515151515151515 && args.rbx == 0xbbbbbbbbbbbbbbbb &&
	    args.rsi == 0x5151515151515151 && args.rdi == 0xd1d1d1d1d1d1d1d1)
		return 0;
	pr_err("TDVMCALL: not the TD's registers\n");
	life_failed("tdvmcall", args.rcx);
	return -EIO;
}

/* The page that it misses is given to it. */
static int ept_violation(struct life *l)
{
	struct given *g = &l->data[NR_PAGES];
	struct tdx_module_args args;
	u64 entry, level;
	int err = enter(l, &args, EXIT_EPT);

	if (err)
		return err;
	if (args.r8 != NR_PAGES << PAGE_SHIFT) {
		life_failed("ept_violation", args.r8);
		return -EIO;
	}
	if (!get_page_for(g))
		return -ENOMEM;
	g->is = !CALL(tdh_mem_page_aug, &l->td, args.r8, PG_LEVEL_4K, page_to_pfn(g->page),
		      &entry, &level);
	return g->is ? enter(l, &args, EXIT_INTERRUPT) : -EIO;
}

static int run_vp(struct life *l)
{
	u64 pending;
	int err = tdvmcall(l);

	if (!err)
		err = ept_violation(l);
	if (err)
		return err;
	if (CALL(tdh_vp_wr, &l->vp, FIELD_PEND_NMI, 1, 1) ||
	    CALL(tdh_vp_rd, &l->vp, FIELD_PEND_NMI, &pending))
		return -EIO;
	if (pending == 1)
		return 0;
	life_failed("pend_nmi", pending);
	return -EIO;
}

static int remove_page(struct life *l, int i)
{
	struct given *g = &l->data[i];
	u64 pa, level;

	if (CALL(tdh_mem_page_remove, &l->td, (u64)i << PAGE_SHIFT, PG_LEVEL_4K, &pa, &level))
		return -EIO;
	if (pa != page_to_phys(g->page)) {
		life_failed("removed", pa);
		return -EIO;
	}
	g->is = false;
	return CALL(tdh_phymem_page_wbinvd_hkid, l->keyid, page_to_pfn(g->page)) ? -EIO : 0;
}

static int remove_pages(struct life *l)
{
	u64 entry, level;
	int i, err = 0;

	for (i = 0; i < NR_REMOVED; i++)
		if (CALL(tdh_mem_range_block, &l->td, (u64)i << PAGE_SHIFT, PG_LEVEL_4K,
			 &entry, &level))
			return -EIO;
	if (CALL(tdh_mem_track, &l->td))
		return -EIO;
	for (i = 0; i < NR_REMOVED && !err; i++)
		err = remove_page(l, i);
	return err;
}

/* ---- the end ---- */

/* Of one package, all of it: one at a time, or it could not be resumed. */
static long write_back(void *unused)
{
	u64 status = tdh_phymem_cache_wb(false);

	while (status == TDX_INTERRUPTED_RESUMABLE || busy(status))
		status = tdh_phymem_cache_wb(status == TDX_INTERRUPTED_RESUMABLE);
	return noted("tdh_phymem_cache_wb", status) ? -EIO : 0;
}

static DEFINE_MUTEX(write_back_lock);

static int write_back_all(void)
{
	int err;

	mutex_lock(&write_back_lock);
	err = on_packages(write_back, NULL);
	mutex_unlock(&write_back_lock);
	return err;
}

#define TRY(step) ({							\
	int tries_ = END_TRIES;						\
	bool ok_;							\
									\
	while (!(ok_ = !(step)) && --tries_)				\
		;							\
	ok_;								\
})

static bool free_key(struct life *l)
{
	if (l->on_cpu && !TRY(CALL(tdh_vp_flush, &l->vp)))
		return false;
	return TRY(CALL(tdh_mng_vpflushdone, &l->td)) && TRY(write_back_all()) &&
	       TRY(CALL(tdh_mng_key_freeid, &l->td));
}

static void reclaim(struct life *l, struct given *g)
{
	u64 type, owner, size;

	if (!g->is || !TRY(CALL(tdh_phymem_page_reclaim, g->page, &type, &owner, &size)))
		return;
	if (g != &l->tdr && owner != page_to_phys(l->tdr.page)) {
		life_failed("owner", owner);
		return;
	}
	g->is = g == &l->tdr ? !TRY(CALL(tdh_phymem_page_wbinvd_tdr, &l->td)) :
			       !TRY(CALL(tdh_phymem_page_wbinvd_hkid, l->keyid, page_to_pfn(g->page)));
}

static void for_each_page(struct life *l, void (*fn)(struct life *l, struct given *g))
{
	int i;

	for (i = 0; i <= NR_PAGES; i++)
		fn(l, &l->data[i]);
	for (i = 0; i < NR_SEPT; i++)
		fn(l, &l->sept[i]);
	for (i = 0; i < MAX_CONTROL; i++) {
		fn(l, &l->tdcx[i]);
		fn(l, &l->tdcs[i]);
	}
	fn(l, &l->tdvpr);
	fn(l, &l->tdr);
}

static void put(struct life *l, struct given *g)
{
	put_page_of(g);
}

static void end(struct life *l)
{
	if (l->tdr.is && free_key(l))
		for_each_page(l, reclaim);
	/* A KeyID that still belongs to a TD is lost with it. */
	if (l->keyid >= 0 && !l->tdr.is)
		tdx_guest_keyid_free(l->keyid);
	for_each_page(l, put);
}

/* Up to its first run. */
static int begin(struct life *l, u64 mrtd[6])
{
	const struct tdx_sys_info *info = tdx_get_sysinfo();
	int err = info ? create(l) : -ENODEV;

	if (!err)
		err = init_td(l, info);
	if (!err)
		err = create_vp(l, info);
	if (!err)
		err = give_memory(l);
	if (!err)
		err = measure(l, mrtd);
	return err;
}

static int live(struct life *l, u64 mrtd[6])
{
	int err = begin(l, mrtd);

	if (!err)
		err = run_vp(l);
	if (!err)
		err = remove_pages(l);
	return err;
}

static void forget(struct life *l)
{
	if (l->source)
		__free_page(l->source);
	free_page((unsigned long)l->params);
	kfree(l);
}

static struct life *new_life(void)
{
	struct life *l = kzalloc(sizeof(*l), GFP_KERNEL);

	if (!l)
		return NULL;
	l->keyid = -1;
	l->source = alloc_page(GFP_KERNEL);
	l->params = (void *)get_zeroed_page(GFP_KERNEL);
	if (l->source && l->params)
		return l;
	forget(l);
	return NULL;
}

int life_round(u64 mrtd[6])
{
	struct life *l = new_life();
	int err;

	if (!l)
		return -ENOMEM;
	err = live(l, mrtd);
	end(l);
	forget(l);
	return err;
}

/* ---- held ---- */

#define STATUS_UD	0x8000ff0000000006ULL	/* of tdx_host.h */

static DECLARE_COMPLETION(held);
static int held_err;

/* Bound to a CPU, as the vCPU is once it has been initialised there. */
static int hold(void *arg)
{
	struct tdx_module_args args;
	struct life *l = arg;
	u64 mrtd[6], status;

	held_err = begin(l, mrtd);
	if (held_err) {
		end(l);
		forget(l);
	}
	complete(&held);
	if (held_err)
		return 0;
	do {
		args = (struct tdx_module_args){};
		preempt_disable();
		status = tdh_vp_enter(&l->vp, &args);
		preempt_enable();
		cond_resched();
	} while (status != STATUS_UD);
	pr_info("the vCPU has left: VMX operation is off\n");
	return 0;
}

int life_hold(void)
{
	struct life *l = new_life();
	struct task_struct *task;

	if (!l)
		return -ENOMEM;
	task = kthread_create(hold, l, "td_life/held");
	if (IS_ERR(task)) {
		forget(l);
		return PTR_ERR(task);
	}
	__module_get(THIS_MODULE);
	tdx_seamsim_play_kvm();
	kthread_bind(task, cpumask_last(cpu_online_mask));
	wake_up_process(task);
	wait_for_completion(&held);
	if (held_err) {
		tdx_seamsim_kvm_played();
		module_put(THIS_MODULE);
	}
	return held_err;
}
