// SPDX-License-Identifier: GPL-2.0-only
/*
 * Creates and destroys a TD, without running it: its key, its control structures, one
 * vCPU, 64 measured pages, and a measurement that must equal one computed here.  First
 * one TD alone, then one TD on each package, all at once.
 *
 * The phases below run one after the other for all TDs of a test.  A TD that fails in a
 * phase skips to the first phase of its end, which takes all pages back.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/cacheflush.h>

#include "selftest.h"

#define NR_PAGES	64	/* measured, from GPA 0 */
#define NR_SEPT		3	/* levels 3 to 1: with 4 levels the root is in the TDCS */
#define MAX_CONTROL	32	/* TDCX pages of a TD or a vCPU */

/* TDX module ABI, "Metadata fields" and "TD_PARAMS". */
#define FIELD_MRTD		0x1310000300000000ULL
#define FEATURES0_TOPOLOGY_ENUM	(1ULL << 20)
#define VP_INIT_V1		(1ULL << 16)
#define CACHE_WB_RESUME		1
#define EPTP_WB_4_LEVELS	(6 | 3 << 3)
#define TSC_2_5_GHZ		100	/* units of 25 MHz */

/* To write back the caches of a package never takes as long. */
#define WRITE_BACK_LIMIT	(10 * HZ)

struct td_params {
	u64 attributes;
	u64 xfam;
	u16 max_vcpus;
	u8 reserved0[6];
	u64 eptp_controls;
	u64 config_flags;
	u16 tsc_frequency;
	u8 reserved1[4096 - 42];
} __packed;

static_assert(sizeof(struct td_params) == PAGE_SIZE);

/* A page, and whether the TDX module has it. */
struct given {
	struct page *page;
	bool is;
};

struct td {
	int cpu;			/* where its vCPU is */
	int keyid;			/* < 0: none */
	bool vp_on_cpu;
	struct given tdr, tdvpr;
	struct given tdcs[MAX_CONTROL], tdcx[MAX_CONTROL];
	struct given sept[NR_SEPT], data[NR_PAGES];
	struct td_params *params;
	void *source;			/* contents of the page to add */
	struct selftest_mrtd *computing;
	u64 mrtd[6], computed[6];
	int err;			/* the first failure: */
	u64 leaf, status;		/* of a leaf; leaf ~0: of another kind, */
	const char *why;		/* which this says */
};

static int failed(struct td *td, const char *why)
{
	if (!td->err) {
		td->err = -EIO;
		td->leaf = ~0ULL;
		td->why = why;
	}
	return -EIO;
}

static int failed_call(struct td *td, u64 leaf, u64 status)
{
	if (!td->err) {
		td->err = -EIO;
		td->leaf = leaf;
		td->status = status;
	}
	return -EIO;
}

/* 0, or -EIO; records the first failure of @td. */
static int call(struct td *td, u64 leaf, struct tdx_regs *regs)
{
	u64 status = tdx_call(leaf, regs);

	return status == TDX_SUCCESS ? 0 : failed_call(td, leaf, status);
}

#define CALL(td, leaf, ...) call(td, leaf, &(struct tdx_regs){ __VA_ARGS__ })

static u64 pa(const struct given *g)
{
	return page_to_phys(g->page);
}

/*
 * Allocates a page for the TDX module.  Its lines under KeyID 0 are written back before
 * the call, as a later write-back would overwrite what the TDX module writes.
 */
static int get(struct td *td, struct given *g)
{
	g->page = alloc_page(GFP_KERNEL);
	if (!g->page)
		return failed(td, "no memory for a page");
	atomic_inc(&selftest_pages);
	clflush_cache_range(page_address(g->page), PAGE_SIZE);
	return 0;
}

/*
 * Frees a page after TDH.PHYMEM.PAGE.RECLAIM and PAGE.WBINVD: no line under a private
 * KeyID is left.  On a CPU with the partial-write erratum, MOVDIR64B must clear the page
 * before the kernel reads it.
 */
static void put(struct td *td, struct given *g)
{
	if (!g->page)
		return;
	if (g->is) {
		atomic_inc(&selftest_kept);
	} else {
		tdx_quirk_reset_page(g->page);
		__free_page(g->page);
	}
	atomic_dec(&selftest_pages);
	g->page = NULL;
}

/* ---- creation ---- */

static int create(struct td *td)
{
	td->keyid = tdx_guest_keyid_alloc();
	if (td->keyid < 0)
		return failed(td, "no guest KeyID is free");
	if (get(td, &td->tdr))
		return -EIO;
	td->tdr.is = !CALL(td, TDH_MNG_CREATE, .rcx = pa(&td->tdr), .rdx = td->keyid);
	return td->tdr.is ? 0 : -EIO;
}

static int key_config(struct td *td)
{
	return CALL(td, TDH_MNG_KEY_CONFIG, .rcx = pa(&td->tdr));
}

static int add_control(struct td *td, u64 leaf, struct given *g, u32 nr, const struct given *to)
{
	u32 i;

	if (nr > MAX_CONTROL)
		return failed(td, "the TDX module asks for more control pages than any known one");
	for (i = 0; i < nr; i++) {
		if (get(td, &g[i]))
			return -EIO;
		g[i].is = !CALL(td, leaf, .rcx = pa(&g[i]), .rdx = pa(to));
		if (!g[i].is)
			return -EIO;
	}
	return 0;
}

static int init_td(struct td *td, const struct tdx_sys_info *info)
{
	if (add_control(td, TDH_MNG_ADDCX, td->tdcs, info->td_ctrl.tdcs_base_size / PAGE_SIZE,
			&td->tdr))
		return -EIO;
	*td->params = (struct td_params){
		.attributes = info->td_conf.attributes_fixed1,
		.xfam = info->td_conf.xfam_fixed1,
		.max_vcpus = 1,
		.eptp_controls = EPTP_WB_4_LEVELS,
		.tsc_frequency = TSC_2_5_GHZ,
	};
	return CALL(td, TDH_MNG_INIT, .rcx = pa(&td->tdr), .rdx = __pa(td->params));
}

static int create_vp(struct td *td, const struct tdx_sys_info *info)
{
	u64 leaf = TDH_VP_INIT;

	if (info->features.tdx_features0 & FEATURES0_TOPOLOGY_ENUM)
		leaf |= VP_INIT_V1;
	if (get(td, &td->tdvpr))
		return -EIO;
	td->tdvpr.is = !CALL(td, TDH_VP_CREATE, .rcx = pa(&td->tdvpr), .rdx = pa(&td->tdr));
	if (!td->tdvpr.is)
		return -EIO;
	if (add_control(td, TDH_VP_ADDCX, td->tdcx, info->td_ctrl.tdvps_base_size / PAGE_SIZE - 1,
			&td->tdvpr))
		return -EIO;
	td->vp_on_cpu = !CALL(td, leaf, .rcx = pa(&td->tdvpr));
	return td->vp_on_cpu ? 0 : -EIO;
}

static int add_sept(struct td *td)
{
	u32 i;

	for (i = 0; i < NR_SEPT; i++) {
		if (get(td, &td->sept[i]))
			return -EIO;
		td->sept[i].is = !CALL(td, TDH_MEM_SEPT_ADD, .rcx = NR_SEPT - i, .rdx = pa(&td->tdr),
				       .r8 = pa(&td->sept[i]));
		if (!td->sept[i].is)
			return -EIO;
	}
	return 0;
}

/* The contents are random: a measurement that ignores them cannot match. */
static int add_page(struct td *td, u32 i)
{
	u64 gpa = (u64)i * PAGE_SIZE;
	u32 at;

	if (get(td, &td->data[i]))
		return -EIO;
	get_random_bytes(td->source, PAGE_SIZE);
	td->data[i].is = !CALL(td, TDH_MEM_PAGE_ADD, .rcx = gpa, .rdx = pa(&td->tdr),
			       .r8 = pa(&td->data[i]), .r9 = __pa(td->source));
	if (!td->data[i].is)
		return -EIO;
	for (at = 0; at < PAGE_SIZE; at += 256)
		if (CALL(td, TDH_MR_EXTEND, .rcx = gpa + at, .rdx = pa(&td->tdr)))
			return -EIO;
	return selftest_mrtd_page(td->computing, gpa, td->source) ?
	       failed(td, "SHA-384 failed") : 0;
}

static int measure(struct td *td)
{
	struct tdx_regs regs;
	u32 i;

	if (CALL(td, TDH_MR_FINALIZE, .rcx = pa(&td->tdr)))
		return -EIO;
	for (i = 0; i < ARRAY_SIZE(td->mrtd); i++) {
		regs = (struct tdx_regs){ .rcx = pa(&td->tdr), .rdx = FIELD_MRTD + i };
		if (call(td, TDH_MNG_RD, &regs))
			return -EIO;
		td->mrtd[i] = regs.r8;
	}
	return 0;
}

static int build(struct td *td)
{
	const struct tdx_sys_info *info = tdx_get_sysinfo();
	u32 i;

	if (!info)
		return failed(td, "the TDX module did not say what a TD takes");
	if (init_td(td, info) || create_vp(td, info) || add_sept(td))
		return -EIO;
	for (i = 0; i < NR_PAGES; i++) {
		if (add_page(td, i))
			return -EIO;
		cond_resched();
	}
	return measure(td);
}

/* ---- its end: TDX module base specification, "TD teardown sequence" ---- */

static int flush_vp(struct td *td)
{
	if (!td->tdr.is)
		return 0;
	if (td->vp_on_cpu && CALL(td, TDH_VP_FLUSH, .rcx = pa(&td->tdvpr)))
		return -EIO;
	td->vp_on_cpu = false;
	return CALL(td, TDH_MNG_VPFLUSHDONE, .rcx = pa(&td->tdr));
}

/* The package's caches, for all TDs whose vCPUs are flushed. */
static int write_back(struct td *td)
{
	unsigned long deadline = jiffies + WRITE_BACK_LIMIT;
	bool resume = false;
	u64 status;

	/* Not tdx_call(): after an interruption the leaf resumes instead of starting over. */
	do {
		status = tdx_call_once(TDH_PHYMEM_CACHE_WB, &(struct tdx_regs){
				       .rcx = resume ? CACHE_WB_RESUME : 0 });
		resume = tdx_status_name_bits(status) == TDX_INTERRUPTED_RESUMABLE;
		cond_resched();
	} while (tdx_status_retryable(status) && time_before(jiffies, deadline));
	return status == TDX_SUCCESS ? 0 : failed_call(td, TDH_PHYMEM_CACHE_WB, status);
}

static u64 with_keyid(u64 pa, u32 keyid)
{
	return pa + keyid * tdx_platform.max_pa;
}

/* The TDR comes last: the TDX module needs it to know the owner of the other pages. */
static void reclaim(struct td *td, struct given *g)
{
	u32 keyid = g == &td->tdr ? tdx_platform.keyid_start : td->keyid;

	if (!g->is || CALL(td, TDH_PHYMEM_PAGE_RECLAIM, .rcx = pa(g)))
		return;
	g->is = CALL(td, TDH_PHYMEM_PAGE_WBINVD, .rcx = with_keyid(pa(g), keyid)) != 0;
}

static void for_each_page(struct td *td, void (*fn)(struct td *td, struct given *g))
{
	u32 i;

	for (i = 0; i < NR_PAGES; i++)
		fn(td, &td->data[i]);
	for (i = NR_SEPT; i--; )
		fn(td, &td->sept[i]);
	for (i = 0; i < MAX_CONTROL; i++) {
		fn(td, &td->tdcx[i]);
		fn(td, &td->tdcs[i]);
	}
	fn(td, &td->tdvpr);
	fn(td, &td->tdr);
}

static int take_back(struct td *td)
{
	if (td->tdr.is && !CALL(td, TDH_MNG_KEY_FREEID, .rcx = pa(&td->tdr)))
		for_each_page(td, reclaim);
	return td->err;
}

/* ---- the phases ---- */

enum where {
	OWN_CPU,	/* each TD on its own CPU, all at once */
	PACKAGES,	/* each TD in turn, on a CPU of every package at once */
	PACKAGES_ONCE,	/* once for all TDs */
};

static const struct phase {
	enum where where;
	bool of_end;	/* also for a TD that has failed */
	int (*run)(struct td *td);
} phases[] = {
	{ OWN_CPU, false, create },
	{ PACKAGES, false, key_config },
	{ OWN_CPU, false, build },
	{ OWN_CPU, true, flush_vp },
	{ PACKAGES_ONCE, true, write_back },
	{ OWN_CPU, true, take_back },
};

struct tds {
	struct td *td;
	u32 nr;
	cpumask_var_t cpus;		/* one for each TD */
	cpumask_var_t packages;		/* one of each package */
	const struct phase *phase;
	struct td *of;			/* PACKAGES: the TD whose turn it is */
};

static int on_own_cpu(void *arg)
{
	struct tds *tds = arg;
	u32 i;

	for (i = 0; i < tds->nr; i++)
		if (tds->td[i].cpu == raw_smp_processor_id() &&
		    (tds->phase->of_end || !tds->td[i].err))
			tds->phase->run(&tds->td[i]);
	return 0;
}

static int on_package(void *arg)
{
	struct tds *tds = arg;

	return tds->phase->run(tds->of);
}

/* No error stops the loop: every TD has to be destroyed. */
static void run_phase(struct tds *tds, const struct phase *phase)
{
	u32 i;

	tds->phase = phase;
	if (phase->where == OWN_CPU) {
		if (tdx_on_cpus(tds->cpus, on_own_cpu, tds, NULL) < 0)
			for (i = 0; i < tds->nr; i++)
				failed(&tds->td[i], "no memory for work on a CPU");
		return;
	}
	for (i = 0; i < (phase->where == PACKAGES ? tds->nr : 1); i++) {
		tds->of = &tds->td[i];
		if ((phase->of_end || !tds->of->err) &&
		    tdx_on_cpus(tds->packages, on_package, tds, NULL) < 0)
			failed(tds->of, "no memory for work on a CPU");
	}
}

/* ---- result ---- */

static int prepare(struct td *td, int cpu)
{
	td->cpu = cpu;
	td->keyid = -1;
	td->params = (void *)get_zeroed_page(GFP_KERNEL);
	td->source = (void *)__get_free_page(GFP_KERNEL);
	td->computing = selftest_mrtd_begin();
	if (!td->params || !td->source)
		return failed(td, "no memory");
	return IS_ERR(td->computing) ? failed(td, "the kernel has no SHA-384: load sha512_generic") : 0;
}

static void end(struct td *td)
{
	if (!IS_ERR_OR_NULL(td->computing) && selftest_mrtd_end(td->computing, td->computed))
		failed(td, "SHA-384 failed");
	for_each_page(td, put);
	/* A KeyID that still belongs to a TD stays with it. */
	if (td->keyid >= 0 && !td->tdr.is)
		tdx_guest_keyid_free(td->keyid);
	else if (td->keyid >= 0)
		atomic_inc(&selftest_keyids_kept);
	free_page((unsigned long)td->params);
	free_page((unsigned long)td->source);
}

static void judge(struct selftest_result *r, const struct td *td, u32 nr)
{
	char where[32];

	snprintf(where, sizeof(where), "on CPU %d", td->cpu);
	if (td->err && td->leaf == ~0ULL)
		selftest_say(r, SELFTEST_FAIL, "%s: %s", where, td->why);
	else if (td->err)
		selftest_say_call(r, td->leaf, td->status, where);
	else if (memcmp(td->mrtd, td->computed, sizeof(td->mrtd)))
		selftest_say(r, SELFTEST_FAIL, "%s: MRTD is %*phN, computed here %*phN", where,
			     16, td->mrtd, 16, td->computed);
	else
		selftest_say(r, SELFTEST_PASS,
			     "%u TD%s made, measured as computed here (%u pages), and taken back", nr,
			     nr == 1 ? "" : "s at once", NR_PAGES);
}

static void run_tds(struct selftest_result *r, struct tds *tds)
{
	u32 i = 0;
	int cpu;

	for_each_cpu(cpu, tds->cpus)
		prepare(&tds->td[i++], cpu);
	for (i = 0; i < ARRAY_SIZE(phases); i++)
		run_phase(tds, &phases[i]);
	for (i = 0; i < tds->nr; i++)
		end(&tds->td[i]);
	for (i = 0; i < tds->nr; i++) {
		judge(r, &tds->td[i], tds->nr);
		if (r->verdict == SELFTEST_FAIL)
			break;
	}
}

/* One TD on the first package, or one on each. */
static void test(struct selftest_result *r, bool each_package)
{
	struct tds tds = {};

	if (!zalloc_cpumask_var(&tds.cpus, GFP_KERNEL))
		goto out;
	if (!zalloc_cpumask_var(&tds.packages, GFP_KERNEL))
		goto out_cpus;
	cpumask_and(tds.cpus, cpu_online_mask, &tdx_lps);
	tdx_cpu_per_package(tds.packages, tds.cpus, cpu_none_mask);
	if (each_package)
		cpumask_copy(tds.cpus, tds.packages);
	else
		cpumask_copy(tds.cpus, cpumask_of(cpumask_first(tds.packages)));
	tds.nr = cpumask_weight(tds.cpus);
	tds.td = kvcalloc(tds.nr, sizeof(*tds.td), GFP_KERNEL);
	if (tds.td)
		run_tds(r, &tds);
	kvfree(tds.td);
	free_cpumask_var(tds.packages);
out_cpus:
	free_cpumask_var(tds.cpus);
out:
	if (!r->text[0])
		selftest_say(r, SELFTEST_FAIL, "no memory for a TD");
}

void selftest_td(struct selftest_result *r)
{
	test(r, false);
}

void selftest_packages(struct selftest_result *r)
{
	test(r, true);
}
