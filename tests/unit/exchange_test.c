// SPDX-License-Identifier: GPL-2.0-only
/*
 * src/module/exchange.c and install.c against the model, a thread for each CPU: what an
 * installation and an update leave behind, whichever call fails, and on whichever CPU.
 */
#include "../../src/module/exchange.c"
#include "../../src/module/install.c"
#include "../../src/module/seamldr.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "../model/image.h"

#define NR_CPUS		4
#define ALL_CPUS	((1UL << NR_CPUS) - 1)
#define MB		(1ULL << 20)
#define GB		(1ULL << 30)
#define RAM_SIZE	(3 * GB)
#define IMAGE_PA	(16 * MB)
#define PAGES_PA	(32 * MB)
#define ARRAY_PA	(8 * MB)
#define TDMR_PA		(9 * MB)

static u8 *ram;
static struct tdxm *m;
static u64 next_page;
static int pages_out;

/* ---- what the kernel has ---- */

struct cpumask shim_online, shim_present, tdx_lps;
__thread int shim_cpu;
static char logged[4096];
static unsigned long cr4;

void shim_log(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(logged, sizeof(logged), fmt, args);
	va_end(args);
}

unsigned long get_zeroed_page(int flags)
{
	u8 *page = ram + next_page;

	next_page += 4096;
	memset(page, 0, 4096);
	pages_out++;
	return (unsigned long)page;
}

void free_page(unsigned long page)
{
	pages_out--;
}

u64 __pa(const void *p)
{
	return (u64)((const u8 *)p - ram);
}

unsigned long native_read_cr4(void) { return cr4; }
u64 rdtsc_ordered(void) { return 0; }

struct cpu_thread {
	pthread_t thread;
	int cpu;
	int (*fn)(void *arg);
	void *arg;
};

static void *cpu_main(void *arg)
{
	struct cpu_thread *t = arg;

	shim_cpu = t->cpu;
	t->fn(t->arg);
	return NULL;
}

int stop_machine(int (*fn)(void *arg), void *arg, const struct cpumask *cpus)
{
	struct cpu_thread t[NR_CPUS];
	int cpu;

	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		t[cpu] = (struct cpu_thread){ .cpu = cpu, .fn = fn, .arg = arg };
		if (cpus->bits >> cpu & 1)
			pthread_create(&t[cpu].thread, NULL, cpu_main, &t[cpu]);
	}
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		if (cpus->bits >> cpu & 1)
			pthread_join(t[cpu].thread, NULL);
	return 0;
}

/* ---- what the other files of the module have ---- */

struct tdx_host tdx_host;
struct tdx_platform tdx_platform;
static char last_error[TDX_ERROR_LEN];
static u32 keyids, users;
static int taken_back, renewed;

void tdx_error(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(last_error, sizeof(last_error), fmt, args);
	va_end(args);
}

void tdx_error_call(u64 leaf, u64 status, const char *where)
{
	tdx_error("%s failed %s: %s", tdx_leaf_name(leaf), where, tdx_status_name(status));
}

void tdx_error_forget(void) { last_error[0] = '\0'; }
static u32 ticks, ticks_wanted;

void tdx_progress(const char *step, u32 done, u32 total)
{
	ticks = done;
	ticks_wanted = total;
}

void tdx_progress_tick(void)
{
	__atomic_add_fetch(&ticks, 1, __ATOMIC_RELAXED);
}

void tdx_times_irqs_off(u64 cycles) { }
int tdx_vmx_prepare(void) { return 0; }
u32 tdx_keyids_in_use(void) { return keyids; }

u32 tdx_keyids_forget(void)
{
	u32 nr = keyids;

	users -= nr;
	keyids = 0;
	return nr;
}

int tdx_pin_users(void) { return (int)users; }
void tdx_memory_lock(void) { }
void tdx_memory_unlock(void) { }
void tdx_memory_cover(const struct tdmr_plan *plan) { }
void tdx_cpus_allow_init(bool allow) { }
void tdx_sysinfo_renew(struct tdx_sysinfo *si) { renewed++; }
void tdx_td_sysinfo_renew(const struct tdx_sysinfo *si) { }

/* While tdx_lps still says whose caches are to be written back. */
void tdx_take_back_pamts(void)
{
	assert_true(tdx_lps.bits != 0);
	taken_back++;
}

int tdx_vmx_begin(struct tdx_vmx *vmx)
{
	vmx->on = !(cr4 & X86_CR4_VMXE);
	return 0;
}

void tdx_vmx_end(struct tdx_vmx *vmx) { }

static u64 raw(int cpu, u64 leaf, struct tdx_regs *regs)
{
	struct tdxm_regs r = { .rax = leaf, .rcx = regs->rcx, .rdx = regs->rdx, .r8 = regs->r8 };

	switch (tdxm_seamcall(m, (u32)cpu, &r)) {
	case TDXM_COMPLETED:
		regs->rcx = r.rcx;
		regs->rdx = r.rdx;
		regs->r8 = r.r8;
		return r.rax;
	default:
		return TDX_SW_VMFAILINVALID;
	}
}

u64 tdx_vmx_call(struct tdx_vmx *vmx, u64 leaf, struct tdx_regs *regs)
{
	return raw(shim_cpu, leaf, regs);
}

u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs)
{
	return raw(0, leaf, regs);
}

/* ---- the machine ---- */

static struct tdxm_machine machine;

static void *page_at(void *ctx, u64 pa)
{
	return pa < RAM_SIZE ? ram + pa : NULL;
}

static u64 call1(int cpu, u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct tdx_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8 };

	return raw(cpu, leaf, &regs);
}

static void power_on(enum tdxm_profile profile)
{
	const struct tdxm_host host = { .page = page_at };

	machine = (struct tdxm_machine){
		.profile = profile, .loaded = true, .nr_cmrs = 1, .cmrs = { { MB, 2 * GB + 512 * MB } },
		.nr_mktme_keyids = 15, .nr_tdx_keyids = 48, .phys_bits = 46, .nr_lps = NR_CPUS,
		.lp_pkg = { 0, 0, 1, 1 },
	};
	if (!ram) {
		ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		m = malloc(tdxm_size());
	}
	assert_int_equal(tdxm_create(m, &machine, &host), 0);
	next_page = PAGES_PA;
	shim_online.bits = shim_present.bits = tdx_lps.bits = ALL_CPUS;
	tdx_platform = (struct tdx_platform){ .keeps_vmcs = true, .cpuid = 0x000806f5 };
	tdx_host = (struct tdx_host){ .sysinfo.features0 = FEATURES0_TD_PRESERVING };
	keyids = users = 0;
	cr4 = 0;
	taken_back = renewed = pages_out = 0;
	handed_over = false;
	last_error[0] = '\0';
}

static void bring_up(void)
{
	u64 tdmr[8] = { GB, GB, 2 * GB + 8 * MB, 4096, 2 * GB + 4 * MB, 8192, 2 * GB, 4 * MB };
	int cpu;

	assert_int_equal(call1(0, TDH_SYS_INIT, 0, 0, 0), 0);
	for (cpu = 0; cpu < NR_CPUS; cpu++)
		assert_int_equal(call1(cpu, TDH_SYS_LP_INIT, 0, 0, 0), 0);
	memset(ram + TDMR_PA, 0, 512);
	memcpy(ram + TDMR_PA, tdmr, sizeof(tdmr));
	*(u64 *)(ram + ARRAY_PA) = TDMR_PA;
	assert_int_equal(call1(0, TDH_SYS_CONFIG, ARRAY_PA, 1, 16), 0);
	tdxm_wbinvd(m, 0);
	tdxm_wbinvd(m, 2);
	assert_int_equal(call1(0, TDH_SYS_KEY_CONFIG, 0, 0, 0), 0);
	assert_int_equal(call1(2, TDH_SYS_KEY_CONFIG, 0, 0, 0), 0);
	assert_true(tdxm_ready(m));
}

static void fault(u64 leaf, u32 nth, u32 count, u64 status)
{
	const struct tdxm_fault f = { leaf, nth, count, TDXM_COMPLETED, status };

	tdxm_clear_faults(m);
	assert_int_equal(tdxm_add_fault(m, &f), 0);
}

/* ---- as enable.c calls it ---- */

static struct tdx_exchange x;

/* As tdx_image_get() has it; the caller frees @params. */
static void get_image(struct tdx_image *image, enum tdxm_profile of)
{
	u32 i;

	tdxm_image_make(ram + IMAGE_PA, of, &machine);
	assert_null(seam_image_parse(&image->info, ram + IMAGE_PA, TDXM_IMAGE_SIZE));
	image->params = (void *)get_zeroed_page(GFP_KERNEL);
	image->params->sigstruct_pa = IMAGE_PA + SEAM_IMAGE_SIGSTRUCT;
	image->params->nr_pages = image->info.nr_pages;
	for (i = 0; i < image->info.nr_pages; i++)
		image->params->page_pa[i] = IMAGE_PA + SEAM_IMAGE_MODULE + i * SEAM_PAGE;
}

static enum tdx_state attempt(enum tdxm_profile to, bool update, enum tdx_state before)
{
	struct tdx_image image;

	get_image(&image, to);
	x = (struct tdx_exchange){ .update = update };
	if (!tdx_install_check(&x, &image, before)) {
		assert_int_equal(tdx_exchange(&x), 0);
		before = tdx_install_finish(&x, before);
	}
	free_page((unsigned long)image.params);
	assert_int_equal(pages_out, 0);
	return before;
}

static void says(const char *text)
{
	if (!strstr(last_error, text))
		fail_msg("\"%s\" does not say \"%s\"", last_error, text);
}

static void updated(enum tdxm_profile to)
{
	assert_int_equal(x.step, TDX_EXCHANGE_DONE);
	assert_int_equal(tdxm_profile_now(m), to);
	assert_true(tdxm_ready(m));
	assert_int_equal(renewed, 1);
	assert_int_equal(ticks_wanted, NR_CPUS * TDX_EXCHANGE_DONE);
	assert_int_equal(ticks, ticks_wanted);
	assert_int_equal(taken_back, 0);
	assert_string_equal(last_error, "");
	assert_non_null(strstr(logged, "TDX module updated"));
}

/* Nothing of it is known any more, and it can be brought up. */
static void installed(enum tdxm_profile to)
{
	assert_int_equal(x.step, TDX_EXCHANGE_DONE);
	assert_int_equal(tdxm_profile_now(m), to);
	assert_int_equal(tdx_lps.bits, 0);
	assert_int_equal(taken_back, 1);
	assert_string_equal(last_error, "");
	bring_up();
}

/* ---- tests ---- */

static void no_module(void **state)
{
	power_on(TDXM_1_5_01);
	machine.no_module = true;
	assert_int_equal(tdxm_create(m, &machine, &(struct tdxm_host){ .page = page_at }), 0);
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_NOT_LOADED), TDX_STATE_NOT_LOADED);
	says("not initialized");
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED), TDX_STATE_UNINITIALIZED);
	assert_int_equal(tdxm_calls(m, SEAMLDR_INSTALL), NR_CPUS);
	installed(TDXM_1_5_34);
}

static void no_loader(void **state)
{
	power_on(TDXM_1_5_01);
	machine.loaded = false;
	assert_int_equal(tdxm_create(m, &machine, &(struct tdxm_host){ .page = page_at }), 0);
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED), TDX_STATE_NOT_LOADED);
	says("the SEAM loader does not answer");
}

static void update_and_load(void **state)
{
	power_on(TDXM_1_5_01);
	bring_up();
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_INITIALIZED);
	updated(TDXM_1_5_34);
	assert_int_equal(tdxm_verify_pamt(m), 0);
	assert_int_equal(tdx_host.seamldr.updates_left, 7);
	assert_int_equal(attempt(TDXM_NEXT, false, TDX_STATE_INITIALIZED), TDX_STATE_UNINITIALIZED);
	installed(TDXM_NEXT);
}

static void refusals(void **state)
{
	power_on(TDXM_1_5_34);
	bring_up();
	keyids = 1;
	users = 2;
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_INITIALIZED), TDX_STATE_INITIALIZED);
	says("TDs live");
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_FAILED);
	says("TDs that are lost: end them and unload kvm_intel");
	keyids = 0;
	users = 1;
	attempt(TDXM_1_5_34, false, TDX_STATE_INITIALIZED);
	says("other kernel modules use tdx_host");
	attempt(TDXM_1_5_01, true, TDX_STATE_INITIALIZED);
	says("lower than");
	attempt(TDXM_2_0_14, true, TDX_STATE_INITIALIZED);
	says("another major");
	tdx_host.sysinfo.features0 = 0;
	attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED);
	says("cannot hand TDs over");
	assert_int_equal(tdxm_calls(m, SEAMLDR_INSTALL), 0);
	assert_true(tdxm_ready(m));
	/* A consumer whose bring-up has failed does not stand in the way. */
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_UNINITIALIZED);
}

/* KVM could not remove its TDs, and has been unloaded. */
static void keyids_left(void **state)
{
	power_on(TDXM_1_5_01);
	bring_up();
	keyids = 2;
	users = 3;
	fault(SEAMLDR_INSTALL, 4, 1, 0x8000000000000000ULL);
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_FAILED);
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_FAILED);
	says("TDs wait for another update");
	users = 2;
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_UNINITIALIZED);
	assert_int_equal(keyids, 0);
	assert_non_null(strstr(logged, "TDX module installed"));
	installed(TDXM_1_5_34);
	/* PAMTs, and so what TDs had, could not be written back. */
	tdx_lps.bits = ALL_CPUS;
	keyids = users = 1;
	tdx_host.kept_bytes = 1;
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_UNINITIALIZED);
	assert_int_equal(keyids, 1);
}

/* Seen only once all CPUs are stopped. */
static void refused_when_stopped(void **state)
{
	power_on(TDXM_1_5_01);
	bring_up();
	shim_online.bits = ALL_CPUS & ~4UL;
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_INITIALIZED);
	says("a CPU is offline");
	assert_int_equal(x.step, TDX_EXCHANGE_CHECK);
	shim_online.bits = ALL_CPUS;
	cr4 = X86_CR4_VMXE;
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_INITIALIZED);
	updated(TDXM_1_5_34);
	/* It came after the SEAM loader was asked. */
	tdx_platform.keeps_vmcs = false;
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_UNINITIALIZED),
			 TDX_STATE_UNINITIALIZED);
	says("the SEAM loader does not answer");
	x = (struct tdx_exchange){ .params = (void *)ram };
	assert_int_equal(tdx_exchange(&x), 0);
	assert_int_equal(x.step, TDX_EXCHANGE_CHECK);
	assert_non_null(strstr(x.why, "KVM is in VMX operation"));
	assert_true(tdxm_ready(m));
}

/* Each leaf on each CPU that makes it: what is left, and the way out. */
static void update_fails(u64 leaf, u32 nth, u64 status, enum tdx_state left, bool again)
{
	power_on(TDXM_1_5_01);
	bring_up();
	fault(leaf, nth, 1, status);
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), left);
	says(tdx_leaf_name(leaf));
	says("on CPU ");
	assert_int_equal(renewed, 0);
	assert_int_equal(taken_back, 0);
	if (again) {
		assert_int_equal(attempt(TDXM_1_5_05, true, left), TDX_STATE_INITIALIZED);
		updated(TDXM_1_5_05);
		assert_int_equal(tdxm_verify_pamt(m), 0);
		return;
	}
	assert_int_equal(attempt(TDXM_1_5_34, true, left), left);
	says("TDX is not initialized");
	assert_int_equal(attempt(TDXM_1_5_34, false, left), TDX_STATE_UNINITIALIZED);
	installed(TDXM_1_5_34);
}

#define ERROR	0xc000010000000001ULL	/* TDX_OPERAND_INVALID */

static void update_failures(void **state)
{
	u32 nth;

	update_fails(TDH_SYS_SHUTDOWN, 1, ERROR, TDX_STATE_INITIALIZED, true);
	for (nth = 1; nth <= NR_CPUS; nth++) {
		update_fails(SEAMLDR_INSTALL, nth, 0x8000000000010003ULL, TDX_STATE_FAILED, true);
		update_fails(SEAMLDR_INSTALL, nth, 0x8000000000000000ULL, TDX_STATE_FAILED, true);
		update_fails(TDH_SYS_LP_INIT, nth, ERROR, TDX_STATE_FAILED, false);
	}
	update_fails(TDH_SYS_INIT, 1, ERROR, TDX_STATE_FAILED, false);
	update_fails(TDH_SYS_UPDATE, 1, ERROR, TDX_STATE_FAILED, false);
}

/* SEAMLDR.INFO: before all CPUs are stopped, after each call, then once more. */
static void verify_fails(void **state)
{
	for (u32 nth = 2; nth <= NR_CPUS + 2; nth++) {
		power_on(TDXM_1_5_01);
		bring_up();
		fault(SEAMLDR_INFO, nth, 1, 0x8000000000010003ULL);
		assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_INITIALIZED),
				 TDX_STATE_NOT_LOADED);
		says("SEAMLDR.INFO");
		assert_int_equal(taken_back, 0);
		assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED),
				 TDX_STATE_UNINITIALIZED);
		installed(TDXM_1_5_34);
	}
	power_on(TDXM_1_5_01);
	bring_up();
	fault(SEAMLDR_INFO, 2, 1, 0x8000000000010003ULL);
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_FAILED);
	says("SEAMLDR.INFO");
	/* The module is there all the same. */
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_FAILED), TDX_STATE_UNINITIALIZED);
}

/* The first call that fails has done nothing; later ones leave the session open. */
static void load_failures(void **state)
{
	for (u32 nth = 1; nth <= NR_CPUS; nth++) {
		enum tdx_state left = nth == 1 ? TDX_STATE_INITIALIZED : TDX_STATE_NOT_LOADED;

		power_on(TDXM_1_5_01);
		bring_up();
		fault(SEAMLDR_INSTALL, nth, 1, 0x8000000000010003ULL);
		assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_INITIALIZED), left);
		says("SEAMLDR.INSTALL failed on CPU ");
		says("PSEAMLDR_EUNSPECERR");
		assert_int_equal(tdxm_calls(m, SEAMLDR_INSTALL), nth);
		assert_int_equal(taken_back, 0);
		assert_int_equal(attempt(TDXM_1_5_34, false, left), TDX_STATE_UNINITIALIZED);
		installed(TDXM_1_5_34);
	}
}

/* One that another kernel has left: nobody knows which CPUs have called. */
static void open_session(void **state)
{
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		power_on(TDXM_1_5_01);
		assert_int_equal(call1(cpu, SEAMLDR_INSTALL, 0, 0, 0), 0);
		assert_int_equal(call1(cpu ^ 1, SEAMLDR_INSTALL, 0, 0, 0), 0);
		assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED),
				 TDX_STATE_UNINITIALIZED);
		installed(TDXM_1_5_34);
	}
}

static void other_cpu(struct tdxm_sigstruct *s) { s->cpuid_table[0] = 0xa06f0; }
static void other_hash(struct tdxm_sigstruct *s) { s->seamhash[0] ^= 1; }

/* Past what tdx_host checks itself: the SEAM loader has the last word. */
static enum tdx_state attempt_with(void (*damage)(struct tdxm_sigstruct *s), bool update)
{
	struct tdxm_sigstruct *s = (void *)(ram + IMAGE_PA + TDXM_IMAGE_SIGSTRUCT);
	struct tdx_image image;
	u64 digest[6];

	get_image(&image, TDXM_1_5_34);
	damage(s);
	tdxm_image_digest(s, digest);
	memcpy(s->signature, digest, sizeof(digest));
	x = (struct tdx_exchange){ .update = update };
	assert_int_equal(tdx_install_check(&x, &image, TDX_STATE_INITIALIZED), 0);
	assert_int_equal(tdx_exchange(&x), 0);
	free_page((unsigned long)image.params);
	return tdx_install_finish(&x, TDX_STATE_INITIALIZED);
}

static void last_call(void **state)
{
	/* Before it has touched the old module: that one goes on. */
	power_on(TDXM_1_5_01);
	bring_up();
	assert_int_equal(attempt_with(other_cpu, false), TDX_STATE_INITIALIZED);
	says("PSEAMLDR_EUNSUPCPU");
	assert_true(tdxm_ready(m));
	assert_int_equal(call1(0, TDH_SYS_RD, 0, 0, 0) == TDX_SW_VMFAILINVALID, false);
	/* After: there is none. */
	assert_int_equal(attempt_with(other_hash, false), TDX_STATE_NOT_LOADED);
	says("PSEAMLDR_EBADHASH");
	assert_true(x.gone);
	assert_int_equal(taken_back, 1);
	tdx_lps.bits = ALL_CPUS;
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED), TDX_STATE_UNINITIALIZED);
	/* In an update TDs are lost with it. */
	power_on(TDXM_1_5_01);
	bring_up();
	assert_int_equal(attempt_with(other_hash, true), TDX_STATE_FAILED);
	assert_non_null(strstr(logged, "they are lost"));
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_FAILED), TDX_STATE_FAILED);
	power_on(TDXM_1_5_01);
	bring_up();
	assert_int_equal(attempt_with(other_cpu, true), TDX_STATE_FAILED);
	assert_non_null(strstr(logged, "update it again"));
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_FAILED), TDX_STATE_INITIALIZED);
	updated(TDXM_1_5_34);
}

static void repeated(void **state)
{
	power_on(TDXM_1_5_01);
	bring_up();
	fault(SEAMLDR_INSTALL, 2, 5, 0x8000000000030001ULL);	/* no entropy */
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_INITIALIZED);
	updated(TDXM_1_5_34);
	assert_int_equal(tdxm_calls(m, SEAMLDR_INSTALL), NR_CPUS + 5);
	power_on(TDXM_1_5_01);
	bring_up();
	fault(SEAMLDR_INSTALL, 2, 0, 0x8000000000030001ULL);
	assert_int_equal(attempt(TDXM_1_5_34, true, TDX_STATE_INITIALIZED), TDX_STATE_FAILED);
	says("PSEAMLDR_ENOENTROPY");
}

/* The firmware knows one more: the session stays open, and nothing else helps. */
static void cpu_unknown(void **state)
{
	power_on(TDXM_1_5_01);
	machine.nr_lps = NR_CPUS + 1;
	assert_int_equal(tdxm_create(m, &machine, &(struct tdxm_host){ .page = page_at }), 0);
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_UNINITIALIZED), TDX_STATE_NOT_LOADED);
	says("boot this machine with all its CPUs");
	assert_int_equal(x.step, TDX_EXCHANGE_VERIFY);
	assert_int_equal(attempt(TDXM_1_5_34, false, TDX_STATE_NOT_LOADED), TDX_STATE_NOT_LOADED);
}

static void until_none_is_left(void **state)
{
	u32 n;

	power_on(TDXM_1_5_01);
	machine.updates = 200;
	assert_int_equal(tdxm_create(m, &machine, &(struct tdxm_host){ .page = page_at }), 0);
	bring_up();
	for (n = 0; attempt(TDXM_1_5_01, true, TDX_STATE_INITIALIZED) == TDX_STATE_INITIALIZED &&
	     !last_error[0]; n++)
		;
	assert_int_equal(n, 200);
	assert_int_equal(renewed, 200);
	assert_int_equal(tdx_host.seamldr.updates_left, 0);
	assert_int_equal(tdxm_verify_pamt(m), 0);
	says("no update left");
	assert_true(tdxm_ready(m));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_module),
		cmocka_unit_test(no_loader),
		cmocka_unit_test(update_and_load),
		cmocka_unit_test(refusals),
		cmocka_unit_test(keyids_left),
		cmocka_unit_test(refused_when_stopped),
		cmocka_unit_test(update_failures),
		cmocka_unit_test(verify_fails),
		cmocka_unit_test(load_failures),
		cmocka_unit_test(open_session),
		cmocka_unit_test(last_call),
		cmocka_unit_test(repeated),
		cmocka_unit_test(cpu_unknown),
		cmocka_unit_test(until_none_is_left),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
