/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The interfaces between the files of the module: one section per file, bottom-up.
 * A file uses only its own section and those before it.  Kbuild lists the objects in
 * the same order, and scripts/check-objects enforces it.
 *
 * Bring-up
 *   main.c checks the platform (platform.c).  enable.c admits one caller at a time.
 *   bringup.c runs the steps: LP.INIT on the CPUs that need it (lps.c), the TDX
 *   module's limits (sysinfo.c), the kernel's RAM (ram.c), the plan
 *   (src/core/tdmr_plan.c), memory for PAMTs (pamt.c), TDH.SYS.CONFIG (tdmr.c), cache
 *   flushes (flush.c), keys, and TDMR.INIT on many CPUs (tdmr.c, spread.c).  cpu_work.c
 *   and cpus.c send the work to its CPUs.  There each call borrows VMX operation (vmx.c),
 *   is timed (times.c) and is repeated while the TDX module is busy (seamcall.c).
 * Shutdown
 *   enable.c calls shutdown.c: after a failed bring-up, at unload, and before kexec
 *   (power.c).  pin.c prevents an unload that would lose memory.
 * In between
 *   cpu_hotplug.c and memory_gate.c handle CPUs and memory that come online later.
 *   keyid.c, td.c and td_enter.S serve KVM; td.c and td_enter.S neither lock nor sleep.
 * Another TDX module
 *   install.c, through enable.c, has the SEAM loader put another TDX module in place: image.c
 *   reads the file, exchange.c stops all CPUs and makes the calls.
 *
 * Locks, outermost first
 *   callers_mutex       enable.c       one caller of tdx_enable() at a time
 *   cpus_read_lock()    the kernel     no CPU goes online or offline: bring-up, shutdown;
 *                                      a caller of tdx_enable_cpus_locked() holds it
 *   enable_mutex        enable.c       transitions of the state, from begin to end
 *   memory_mutex        memory_gate.c  no memory comes online: from the walk over
 *                                      RAM to the end of bring-up; shutdown
 *   slots_mutex         cpu_work.c     one user of the CPUs' slots; nests no lock
 *   path_mutex          image.c        the file of the TDX module; nests no lock
 *   pin_mutex           pin.c          the module's reference to itself; nests no lock
 *   KeyID lock          keyid.c        raw, interrupts off, innermost
 *   last_error lock     error.c        raw, interrupts off, innermost
 *   CPU and memory hotplug callbacks never take enable_mutex, so neither waits for
 *   a bring-up that waits for it.
 *
 * Who writes what
 *   the state           enable.c, under enable_mutex; readers take no lock
 *   tdx_host            bringup.c, shutdown.c and install.c, under enable_mutex, and
 *                       exchange.c with every CPU stopped; constant while the state is
 *                       initialized but for an update, and read by others only then
 *   tdx_platform        platform.c, at load
 *   tdx_lps             lp_init.c: each CPU sets its own bit, atomically
 *   last_error          any file, through tdx_error()
 */
#ifndef TDX_HOST_INTERNAL_H
#define TDX_HOST_INTERNAL_H

#include <linux/cpumask.h>
#include <linux/types.h>

#include "abi.h"
#include "seam_image.h"
#include "status.h"
#include "sysinfo.h"
#include "tdmr_plan.h"

struct device;
struct tdx_sys_info;	/* tdx_host.h */

/* ---- error.c: the log, and last_error ---- */

#define TDX_ERROR_LEN	512
#define TDX_STATUS_LEN	160	/* what tdx_status_format() writes, at most */

/* Log an error and keep it as last_error.  Any context that may print. */
__printf(1, 2) void tdx_error(const char *fmt, ...);
/* The same for a SEAMCALL that failed: leaf, status, cause and remedy by name. */
void tdx_error_call(u64 leaf, u64 status, const char *where);
void tdx_error_forget(void);
void tdx_last_error(char *buf, size_t size);

/* ---- state.c: the state, and the results of bring-up ---- */

enum tdx_state {
	TDX_STATE_UNSUPPORTED,
	TDX_STATE_OFF,
	TDX_STATE_UNINITIALIZED,
	TDX_STATE_INITIALIZING,
	TDX_STATE_INITIALIZED,
	TDX_STATE_NOT_LOADED,
	TDX_STATE_FAILED,
	TDX_STATE_SHUTDOWN,
	TDX_STATE_INSTALLING,
};

struct tdx_seamldr {
	bool valid;		/* false: it could not be asked */
	u16 major, minor, update, build;
	u32 updates_left;
	bool module_ready;	/* there is a TDX module, and it takes calls */
	u8 svn_major, svn_minor;	/* the module's security version */
};

#define TDX_MAX_STEPS	16

struct tdx_step_time {
	const char *name;	/* NULL: not reached */
	u64 us;
};

struct tdx_host {
	struct tdx_sysinfo sysinfo;
	struct tdx_seamldr seamldr;
	struct tdmr_plan *plan;		/* of the PAMTs that the TDX module has; else NULL */
	u64 kept_bytes;			/* PAMT memory not given back, on purpose */
	u64 init_time_us;
	struct tdx_step_time steps[TDX_MAX_STEPS];
};

extern struct tdx_host tdx_host;

enum tdx_state tdx_state(void);
const char *tdx_state_name(enum tdx_state state);
/* Both for enable.c alone, under its mutex. */
void tdx_state_set(enum tdx_state state);
/* @fn after each change of state; NULL: nobody. */
void tdx_state_notify(void (*fn)(void));

/* ---- progress.c: the current step ---- */

/* "step done total" for `progress`; step is "idle" when nothing runs. */
void tdx_progress(const char *step, u32 done, u32 total);
void tdx_progress_tick(void);
int tdx_progress_show(char *buf, size_t size);

/* ---- platform.c: CPUID and MSRs ---- */

/* KeyIDs are 15 bits at most. */
#define TDX_MAX_KEYIDS	(1 << 15)

/* What an MSR says that Linux does not read, and that need not be true. */
enum tdx_doubt {
	TDX_DOUBT_PT,
	TDX_DOUBT_TME,
	TDX_DOUBT_KEYIDS,
	TDX_DOUBT_SEAMRR_MISSING,
	TDX_DOUBT_SEAMRR_OFF,
	TDX_DOUBT_SEAMRR_UNLOCKED,
	TDX_NR_DOUBTS
};

struct tdx_platform {
	u32 doubts;		/* bits by enum tdx_doubt */
	u32 keyid_start;	/* first TDX KeyID */
	u32 nr_keyids;		/* the first of them becomes the global KeyID */
	u64 max_pa;		/* first address beyond memory, KeyID bits excluded */
	u32 vmcs_revision;
	u32 cpuid;		/* CPUID 1 EAX */
	bool keeps_vmcs;	/* the P-SEAMLDR leaves the current VMCS alone */
	bool partial_write_mce;	/* erratum of Sapphire and Emerald Rapids */
};

extern struct tdx_platform tdx_platform;
/* 0, or -ENODEV after tdx_error(): no Intel CPU, no VMX, fewer than two TDX KeyIDs. */
int tdx_platform_detect(void);
/* The doubts, a word each, for `bios_warnings`. */
int tdx_doubts_show(char *buf, size_t size);
/* tdx_error_call(); where there are doubts, they are named as the likely cause. */
void tdx_error_call_platform(u64 leaf, u64 status);

/* ---- announce.c: X86_FEATURE_TDX_HOST_PLATFORM ---- */

/* Once tdx_platform_detect() has found a TDX host.  0, or < 0: not announced. */
int tdx_announce(void);
void tdx_announce_stop(void);

/* ---- keyid.c: guest KeyIDs ---- */

/* How many a consumer holds. */
u32 tdx_keyids_in_use(void);
/* Frees them all and says how many those were: each was left by a consumer that is gone. */
u32 tdx_keyids_forget(void);

/* ---- seamcall_insn.S: the instruction ---- */

struct tdx_regs {
	u64 rcx, rdx, r8, r9, r10, r11;
};

/* One SEAMCALL.  The CPU must be in VMX operation and stay there. */
u64 tdx_seamcall(u64 rax, struct tdx_regs *regs);

/* ---- times.c: how long calls take ---- */

struct tdx_time {
	const char *name;	/* of the leaf, or "irqs_off" */
	u64 cycles;		/* the longest, of the TSC; 0: never called */
	u64 ns;			/* the same; 0: the kernel does not know the TSC's frequency */
	bool is_leaf;
};

/* tdx_seamcall(), with its time kept. */
u64 tdx_seamcall_timed(u64 leaf, struct tdx_regs *regs);
/* Interrupts were off for so long. */
void tdx_times_irqs_off(u64 cycles);
/* The @i-th; false: there are no more. */
bool tdx_time_get(u32 i, struct tdx_time *time);

/* ---- vmx.c: VMX operation, borrowed ---- */

struct tdx_vmx {
	u64 start;		/* by the TSC */
	unsigned long flags;
	unsigned long cr4;
	bool on;	/* VMXON was ours */
};

int tdx_vmx_prepare(void);
void tdx_vmx_release(void);
/* Interrupts stay off from begin to end: at most about 100 us. */
int tdx_vmx_begin(struct tdx_vmx *vmx);
u64 tdx_vmx_call(struct tdx_vmx *vmx, u64 leaf, struct tdx_regs *regs);
void tdx_vmx_end(struct tdx_vmx *vmx);
/* SEAMCALLs made through the two above on @cpu since load. */
u64 tdx_vmx_calls(int cpu);

/* ---- seamcall.c: one leaf on this CPU ---- */

/*
 * Borrows VMX operation, and repeats busy and no-entropy answers for up to a second.
 * May sleep between tries, so callers that need this very CPU run bound to it.
 * @regs: operands in, results of the last try out.
 */
u64 tdx_call(u64 leaf, struct tdx_regs *regs);
/*
 * The same for a caller that is in VMX operation and may not sleep: spins for up to
 * a millisecond.  Preemption off.
 */
u64 tdx_call_in_vmx(u64 leaf, struct tdx_regs *regs);
/* One try of tdx_call(): neither sleeps nor repeats, so that an IPI can make it. */
u64 tdx_call_once(u64 leaf, struct tdx_regs *regs);

/* For callers of that.  Zero: nothing tried yet. */
struct tdx_tries {
	unsigned long deadline;
	unsigned int backoff_us;
};

/* Is a call that was answered by @status to be repeated?  Sleeps first if it is. */
bool tdx_try_again(struct tdx_tries *tries, u64 status);

/* ---- cpu_work.c: functions on CPUs, and CPUs that real-time tasks keep to themselves ---- */

int tdx_cpu_work_start(void);
void tdx_cpu_work_stop(void);
/* CPUs that began no work item when they were asked last. */
extern struct cpumask tdx_silent_cpus;
/*
 * Runs @fn on each CPU of @cpus, all online, with interrupts off, and waits for all.  Those
 * where it returns 0 are taken out of @cpus; returns how many are left.  By work items, and
 * by an IPI on a CPU that begins none within two seconds.  cpus_read_lock() held; sleeps.
 */
int tdx_on_cpus_short(struct cpumask *cpus, int (*fn)(void *arg), void *arg);
/* The same, or another way to reach those CPUs. */
typedef int (*tdx_on_cpus_t)(struct cpumask *cpus, int (*fn)(void *arg), void *arg);
/* The same on one CPU, at once if it is this one.  Returns what @fn does. */
int tdx_on_cpu_short(int cpu, int (*fn)(void *arg), void *arg);
/* Asks every online CPU.  For one caller at a time; cpus_read_lock() held; sleeps. */
bool tdx_every_cpu_answers(void);
/*
 * Runs @fn, which may sleep, on each CPU of @mask at once, and waits for all.  On a CPU that
 * does not begin within two seconds it is not run, which counts as failed.  Returns how many
 * failed; they are set in @failed (may be NULL).  < 0: nothing ran.  cpus_read_lock() held.
 */
int tdx_on_cpus(const struct cpumask *mask, int (*fn)(void *arg), void *arg,
		struct cpumask *failed);

/* ---- cpus.c: which CPUs do what ---- */

extern struct cpumask tdx_lps;	/* TDH.SYS.LP.INIT done */

int tdx_cpus_start(void);
void tdx_cpus_stop(void);
/* Online LPs for heavy work: cpus= or the housekeeping ones, less those that are silent. */
void tdx_heavy_cpus(struct cpumask *mask);
/* Online CPUs that latency-critical code may own (isolcpus=, nohz_full=). */
void tdx_isolated_cpus(struct cpumask *mask);
/* One CPU of @from for each package that has none in @have. */
void tdx_cpu_per_package(struct cpumask *mask, const struct cpumask *from,
			 const struct cpumask *have);
/*
 * tdx_call() for another CPU, which is online.  cpus_read_lock() held; sleeps.
 */
u64 tdx_call_on(int cpu, u64 leaf, struct tdx_regs *regs);
/*
 * The same on an online CPU that is initialised (before any is: on one that runs no
 * latency-critical code): this one if it is.
 */
u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs);

/* One leaf on many CPUs. */
struct tdx_each {
	u64 leaf;
	struct tdx_regs regs;		/* of every CPU */
	bool (*wanted)(u64 status);	/* called there, interrupts off */
	u64 failure;			/* a status that was not wanted, of the last try */
};

/*
 * Makes the call on each CPU of @cpus, reached by @on_cpus, and repeats it as tdx_call() does
 * where the status is not wanted.  Returns how many those are; they are left in @cpus.
 */
int tdx_call_on_each(struct cpumask *cpus, struct tdx_each *each, tdx_on_cpus_t on_cpus);

/* ---- spread.c: work on every TDMR, on many CPUs ---- */

/*
 * @fn once for each TDMR on the heavy CPUs, concurrently.  After a failure no
 * further TDMR is begun, and *@stop tells those under way.  0 or < 0.
 * cpus_read_lock() held.
 */
int tdx_for_each_tdmr(const struct tdmr_plan *plan,
		      int (*fn)(const struct tdmr *tdmr, const bool *stop));

/* ---- lp_init.c: TDH.SYS.LP.INIT on this CPU ---- */

/* Takes note that this CPU is initialised, if that is what @status of LP.INIT says.  Any context. */
bool tdx_lp_note(u64 status);
/* 0, or -EIO: the TDX module refused this CPU with *@status.  May sleep, bound to the CPU. */
int tdx_lp_init(u64 *status);
/* Logs that. */
void tdx_lp_refused(int cpu, u64 status);

/* ---- cpu_hotplug.c: CPUs that go online or offline ---- */

int tdx_cpu_hotplug_start(void);
void tdx_cpu_hotplug_stop(void);
/* CPUs coming online are initialised from now on (@allow) or no longer. */
void tdx_cpus_allow_init(bool allow);
/* offline_cpus=online was asked for. */
bool tdx_cpus_may_wake(void);
/*
 * Brings every present CPU online; those it did are set in @woken, also on
 * failure.  0 or -EINVAL after tdx_error().  cpus_read_lock() not held.
 */
int tdx_cpus_wake(struct cpumask *woken);
void tdx_cpus_sleep(const struct cpumask *woken);

/* ---- lps.c: LP.INIT on as many CPUs as the TDX module wants ---- */

struct tdx_lps_run {
	bool resumed;		/* TDH.SYS.INIT was done before this bring-up */
	bool awake;		/* every CPU that can be brought online is */
	bool cpus_locked;	/* none can be: the caller's lock is not ours to release */
	struct cpumask refused;	/* CPUs whose LP.INIT has failed, once at least */
};

#define TDX_LPS_ASLEEP	1	/* it wants CPUs that tdx_cpus_wake() could bring online */

/*
 * May be called again once CPUs have come online, with @run as it was left.
 * 0, TDX_LPS_ASLEEP, -ENOMEM, or -EINVAL after tdx_error().  cpus_read_lock() held.
 */
int tdx_lps_init(struct tdx_lps_run *run);
/* Logs which present CPUs cannot run TDs.  CPUs neither come nor go meanwhile. */
void tdx_lps_tell_missing(void);

/* ---- sysinfo.c: the TDX module's limits ---- */

/* 0 or -EINVAL after tdx_error(). cpus_read_lock() held. */
int tdx_sysinfo_get(struct tdx_sysinfo *si);
/* After an update: version and features anew; limits stay as consumers know them. */
void tdx_sysinfo_renew(struct tdx_sysinfo *si);

/* ---- td_sysinfo.c: the part of them that consumers see ---- */

/* During bring-up, once @si is checked. */
void tdx_td_sysinfo_set(const struct tdx_sysinfo *si);
/* After an update: its version alone. */
void tdx_td_sysinfo_renew(const struct tdx_sysinfo *si);
/* NULL: the TDX module did not say what building a TD takes.  Once initialized. */
const struct tdx_sys_info *tdx_td_sysinfo(void);

/* ---- seamldr.c: the SEAM loader ---- */

/* enable_mutex held. */
void tdx_seamldr_get(struct tdx_seamldr *loader);
/* What SEAMLDR.INFO has written. */
void tdx_seamldr_note(struct tdx_seamldr *loader, const struct seamldr_info *info);

/* ---- image.c: the image of a TDX module ---- */

struct tdx_image {
	struct seam_image info;
	void *data;			/* the whole file */
	char *path;			/* NULL: from no file */
	struct seamldr_params *params;	/* all but the scenario */
};

/* The file at @path, checked; or ERR_PTR() after tdx_error().  May sleep. */
struct tdx_image *tdx_image_read(const char *path);
/* The same of a copy of the @size bytes at @data. */
struct tdx_image *tdx_image_copy(const void *data, size_t size);
void tdx_image_put(struct tdx_image *image);
/* The TDX module in place is that of @image (NULL: of no image that is known), which loses its path. */
void tdx_image_in_place(struct tdx_image *image);
/* The file it is from, and a newline; nothing: it is not known. */
int tdx_image_path_show(char *buf, size_t size);

/* ---- exchange.c: another TDX module, with every CPU stopped ---- */

enum tdx_exchange_step {
	TDX_EXCHANGE_CHECK,
	TDX_EXCHANGE_SHUTDOWN,		/* this and the last three: of an update alone */
	TDX_EXCHANGE_INSTALL,
	TDX_EXCHANGE_VERIFY,
	TDX_EXCHANGE_SYS_INIT,
	TDX_EXCHANGE_LP_INIT,
	TDX_EXCHANGE_UPDATE,
	TDX_EXCHANGE_DONE
};

struct tdx_exchange {
	bool update;			/* TDs are kept */
	const struct seam_image *image;
	struct seamldr_params *params;
	u16 hv;				/* version of the data to be handed over */
	u32 updates_left;		/* before it */
	struct seamldr_info *info;	/* a page, for the call */
	/* What has come of it. */
	enum tdx_exchange_step step;	/* the one that failed, or done */
	bool shut_down;			/* TDH.SYS.SHUTDOWN is made; also in, by an earlier attempt */
	bool installed;			/* by the SEAM loader */
	bool gone;			/* no TDX module is left */
	int cpu;			/* of the failure: the leaf and its status there, or @why */
	u64 leaf, status;
	const char *why;
	u64 cycles;			/* that all CPUs were stopped for, of the TSC */
};

/* 0, also where a step has failed; < 0: nothing was tried.  No lock held; sleeps. */
int tdx_exchange(struct tdx_exchange *x);

/* ---- ram.c: the kernel's RAM ---- */

struct tdx_ram {
	struct tdx_range *range;	/* ascending */
	u32 nr;
};

/* Whole only if no memory comes online meanwhile.  0 or -EINVAL after tdx_error(). */
int tdx_ram_get(struct tdx_ram *ram);
void tdx_ram_put(struct tdx_ram *ram);

/* ---- memory_gate.c: memory that comes online ---- */

int tdx_memory_gate_start(void);
void tdx_memory_gate_stop(void);
/* From lock to unlock no memory comes online. */
void tdx_memory_lock(void);
void tdx_memory_unlock(void);
/* Memory coming online from now on must lie in @plan (NULL: anywhere). */
void tdx_memory_cover(const struct tdmr_plan *plan);

/* ---- pamt.c: memory for PAMTs ---- */

struct tdx_pamt_pool;
/*
 * Takes what @plan's PAMTs are likely to need, on all nodes at once.  No two of @cmr
 * touch; they last as long as the pool.  cpus_read_lock() held.
 */
struct tdx_pamt_pool *tdx_pamt_pool_create(const struct tdx_range *cmr, u32 nr_cmr,
					   const struct tdmr_plan *plan);
/* Gives back what is not in use by a PAMT, then forgets the pool. */
void tdx_pamt_pool_destroy(struct tdx_pamt_pool *pool);
struct pamt_source tdx_pamt_source(struct tdx_pamt_pool *pool);
u64 tdx_pamt_largest(struct tdx_pamt_pool *pool, u64 size, s32 node);
void tdx_pamt_free(const struct tdmr_plan *plan);

/* ---- flush.c: caches ---- */

/* Write back and invalidate every PAMT.  cpus_read_lock() held. */
int tdx_flush_pamts(const struct tdmr_plan *plan);
/*
 * Makes memory written under a private KeyID safe for the kernel; false: it is not,
 * and @why, of @size bytes, says what failed.  cpus_read_lock() held.
 */
bool tdx_reclaim_pamts(const struct tdmr_plan *plan, char *why, size_t size);
/*
 * The two halves of it for the way into another kernel, where nothing may wait for
 * another CPU's scheduler: caches by IPI, PAMTs by this CPU alone.  Task context.
 */
void tdx_write_back_now(void);
bool tdx_reset_pamts_here(const struct tdmr_plan *plan, char *why, size_t size);

/* ---- tdmr.c: hand TDMRs to the module ---- */

/* TDH.SYS.CONFIG. */
int tdx_tdmr_config(const struct tdmr_plan *plan, u32 max_reserved);
/* TDH.SYS.TDMR.INIT of all TDMRs, spread over the heavy CPUs. cpus_read_lock() held. */
int tdx_tdmr_init(const struct tdmr_plan *plan);

/* ---- shutdown.c: shuts down the TDX module, takes back its memory ---- */

/* How far the TDX module has come. */
enum tdx_reach {
	TDX_REACH_NOTHING,
	TDX_REACH_CONFIGURED,	/* knows the PAMTs, cannot touch them yet */
	TDX_REACH_READY,	/* may have written PAMTs under its KeyID */
};

/* This version of the TDX module has a leaf to shut it down.  Once initialized. */
bool tdx_can_shut_down(void);
/*
 * Shuts the TDX module down, reaching CPUs by @on_cpus.  True: no online LP serves a leaf
 * any more.  Else @why, of @size bytes, says what failed.  enable_mutex held; may sleep.
 */
bool tdx_shut_down(tdx_on_cpus_t on_cpus, char *why, size_t size);
/* Gives the plan's PAMTs back, or keeps and counts them. cpus_read_lock() held. */
void tdx_release_pamts(enum tdx_reach reach);
void tdx_drop_plan(void);
/*
 * PAMTs of a TDX module that the SEAM loader has replaced or removed go back to the kernel.
 * cpus_read_lock() and enable_mutex held, while tdx_lps still has the CPUs that were LPs.
 */
void tdx_take_back_pamts(void);
/*
 * Shuts the module down where its version can; keeps what may not be given back.
 * cpus_read_lock() and enable_mutex held.
 */
void tdx_bringdown(void);
/*
 * On the way into another kernel: the same without work items, and everything stays
 * allocated.  After KVM has left VMX operation.  enable_mutex held, task context.
 */
void tdx_quiesce(void);

/* ---- pin.c: keeps tdx_host loaded ---- */

/* After each change of the state to or from initialized.  May sleep. */
void tdx_pin_update(void);
/* Why tdx_host cannot be unloaded; "": by this reason alone it can. */
const char *tdx_pin_reason(void);
/* Others that use tdx_host: consumers, and each KeyID that one of them holds. */
int tdx_pin_users(void);

/* ---- install.c: installs and updates TDX modules ---- */

/*
 * 0: @x is what tdx_exchange() takes.  Else < 0 after tdx_error().  @before: the state.  Asks
 * the SEAM loader and the TDX module.  cpus_read_lock() and enable_mutex held.
 */
int tdx_install_check(struct tdx_exchange *x, const struct tdx_image *image,
		      enum tdx_state before);
/* Is there anything that an update could keep?  enable_mutex held. */
bool tdx_install_keeps(enum tdx_state before);
/* After tdx_exchange(): the state that is left, all else brought in line with it.  As above. */
enum tdx_state tdx_install_finish(struct tdx_exchange *x, enum tdx_state before);

/* ---- bringup.c: the steps ---- */

/* In between cpus_read_lock() and enable_mutex are released. */
struct tdx_window {
	void (*open)(void);
	bool (*close)(void);	/* false: bring-up is to end */
};

/*
 * 0, -ENODEV (no TDX module), -EINVAL.  CPUs that it has brought online in @window are set
 * in @woken, also on failure; both NULL: it brings none online.  cpus_read_lock() and
 * enable_mutex held.
 */
int tdx_bringup(const struct tdx_window *window, struct cpumask *woken);

/* ---- enable.c: serialises bring-up and shutdown (tdx_enable(): tdx_host.h) ---- */

void tdx_enable_start(enum tdx_state first);
void tdx_enable_stop(void);
/*
 * Before kexec, once KVM has left VMX operation: no call any more, and memory fit for the
 * next kernel.  Task context.  A second call does nothing.
 */
void tdx_enable_quiesce(void);
enum tdx_install_how {
	TDX_INSTALL,		/* from scratch */
	TDX_UPDATE,		/* TDs go on */
	TDX_INSTALL_OR_UPDATE,	/* an update where there is something to keep */
};

/*
 * Puts the TDX module of @image in place, and frees @image; @dry_run: only checks whether it
 * could.  0, or < 0 after tdx_error(); ERR_PTR() as @image comes back.  May sleep.
 */
int tdx_enable_install(struct tdx_image *image, enum tdx_install_how how, bool dry_run);
/* @fn after each change of state; NULL: nobody, and none runs any more. */
void tdx_enable_notify(void (*fn)(void));

/* ---- power.c: suspend, reboot, kexec ---- */

extern const struct dev_pm_ops tdx_pm_ops;
int tdx_power_start(void);
void tdx_power_stop(void);

/* ---- mce.c: machine checks in TDX memory ---- */

#ifdef CONFIG_X86_MCE
void tdx_mce_start(void);
void tdx_mce_stop(void);
#else
static inline void tdx_mce_start(void) { }
static inline void tdx_mce_stop(void) { }
#endif

/* ---- debugfs.c: lists for debugging ---- */

void tdx_debugfs_start(void);
void tdx_debugfs_stop(void);

/* ---- upload.c: /sys/class/firmware/tdx_module ---- */

#ifdef CONFIG_FW_UPLOAD
void tdx_upload_start(struct device *parent);
void tdx_upload_stop(void);
#else
static inline void tdx_upload_start(struct device *parent) { }
static inline void tdx_upload_stop(void) { }
#endif

/* ---- sysfs.c ---- */

int tdx_sysfs_start(void);
void tdx_sysfs_stop(void);

#endif
