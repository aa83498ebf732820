/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the module offer each other.  One section a file.
 *
 * Bring-up in one picture: platform.c says whether this machine can; state.c
 * lets one caller through; bringup.c runs the steps; cpus.c carries them to the
 * CPUs; each CPU borrows VMX operation (vmx.c) and makes the call (seamcall.c).
 *
 * Locks, outermost first: state.c's mutex; cpus_read_lock(); memory.c's mutex.
 * CPU and memory hotplug callbacks take none of the first, so neither can wait
 * for a bring-up that waits for it.
 */
#ifndef TDX_HOST_INTERNAL_H
#define TDX_HOST_INTERNAL_H

#include <linux/cpumask.h>
#include <linux/types.h>

#include "abi.h"
#include "status.h"
#include "sysinfo.h"
#include "tdmr_plan.h"

/* ---- state.c: what state we are in, and why ---- */

enum tdx_state {
	TDX_STATE_UNSUPPORTED,
	TDX_STATE_OFF,
	TDX_STATE_UNINITIALIZED,
	TDX_STATE_INITIALIZING,
	TDX_STATE_INITIALIZED,
	TDX_STATE_NOT_LOADED,
	TDX_STATE_FAILED,
	TDX_STATE_SHUTDOWN,
};

enum tdx_state tdx_state(void);
const char *tdx_state_name(enum tdx_state state);
void tdx_state_start(enum tdx_state state);
void tdx_state_stop(void);
/* Before reboot or kexec: no call any more, and memory fit for the next kernel. */
void tdx_state_quiesce(void);

#define TDX_ERROR_LEN 512
/* Log an error and keep it as last_error.  Any context that may print. */
__printf(1, 2) void tdx_error(const char *fmt, ...);
/* The same for a SEAMCALL that failed: leaf, status, cause and remedy by name. */
void tdx_error_call(u64 leaf, u64 status, const char *where);
void tdx_error_forget(void);
void tdx_last_error(char *buf, size_t size);

/* ---- platform.c: CPUID and MSRs ---- */

/* KeyIDs are 15 bits at most. */
#define TDX_MAX_KEYIDS	(1 << 15)

struct tdx_platform {
	u32 keyid_start;	/* first TDX KeyID */
	u32 nr_keyids;		/* the first of them becomes the global KeyID */
	u64 max_pa;		/* first address beyond memory, KeyID bits excluded */
	u32 vmcs_revision;
	bool keeps_vmcs;	/* the P-SEAMLDR leaves the current VMCS alone */
	bool partial_write_mce;	/* erratum of Sapphire and Emerald Rapids */
};

extern struct tdx_platform tdx_platform;
/* 0, or -ENODEV after tdx_error(). */
int tdx_platform_detect(void);

/* ---- seamcall.c and seamcall_insn.S: the instruction ---- */

struct tdx_regs {
	u64 rcx, rdx, r8, r9, r10, r11;
};

/* One SEAMCALL.  The CPU must be in VMX operation and stay there. */
u64 __tdx_seamcall(u64 rax, struct tdx_regs *regs);

/*
 * One leaf on this CPU: borrows VMX operation, repeats busy and no-entropy
 * answers within bounds.  May sleep between tries, so callers that need this
 * very CPU run bound to it.  @regs: operands in, results of the last try out.
 */
u64 tdx_call(u64 leaf, struct tdx_regs *regs);

/* ---- vmx.c: VMX operation, borrowed ---- */

struct tdx_vmx {
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

/* ---- cpus.c: work on CPUs, and which are initialised ---- */

extern struct cpumask tdx_lps;	/* TDH.SYS.LP.INIT done */

int tdx_cpus_start(void);
void tdx_cpus_stop(void);
/*
 * Runs @fn on each CPU of @mask at once, by work items bound to them, and waits
 * for all.  Returns how many failed; they are set in @failed (may be NULL).
 * cpus_read_lock() held.  < 0: nothing ran.
 */
int tdx_on_cpus(const struct cpumask *mask, int (*fn)(void *arg), void *arg,
		struct cpumask *failed);
/* Online CPUs for heavy work: cpus= or the housekeeping ones, less what is not initialised. */
void tdx_heavy_cpus(struct cpumask *mask);
/* Online CPUs that latency-critical code may own (isolcpus=, nohz_full=). */
void tdx_isolated_cpus(struct cpumask *mask);
/* One CPU of @from for each package that has none in @have. */
void tdx_cpu_per_package(struct cpumask *mask, const struct cpumask *from,
			 const struct cpumask *have);
/* offline_cpus=online was asked for. */
bool tdx_cpus_may_wake(void);
/*
 * Brings every present CPU online; those it did are set in @woken, also on
 * failure.  0 or -EINVAL after tdx_error().  cpus_read_lock() not held.
 */
int tdx_cpus_wake(struct cpumask *woken);
void tdx_cpus_sleep(const struct cpumask *woken);
/* CPUs coming online are initialised from now on (@allow) or no longer. */
void tdx_cpus_allow_init(bool allow);
int tdx_lp_init(void *arg);

/* ---- spread.c: the same for every TDMR, on many CPUs ---- */

/*
 * @fn once for each TDMR on the heavy CPUs, concurrently.  After a failure no
 * further TDMR is begun, and *@stop tells those under way.  0 or < 0.
 * cpus_read_lock() held.
 */
int tdx_for_each_tdmr(const struct tdmr_plan *plan,
		      int (*fn)(const struct tdmr *tdmr, const bool *stop));

/* ---- sysinfo.c: what the TDX module says of itself ---- */

/* From a CPU of @lps.  0 or -EINVAL after tdx_error(). cpus_read_lock() held. */
int tdx_sysinfo_get(struct tdx_sysinfo *si);

/* ---- seamldr.c: the SEAM loader ---- */

struct tdx_seamldr {
	bool valid;
	u16 major, minor, update, build;
};

/* @loader->valid false: it could not be asked. cpus_read_lock() held. */
void tdx_seamldr_get(struct tdx_seamldr *loader);

/* ---- memory.c: the kernel's RAM ---- */

struct tdx_memory {
	struct tdx_range *ram;
	u32 nr;
};

int tdx_memory_start(void);
void tdx_memory_stop(void);
/* From lock to unlock no memory comes online. */
void tdx_memory_lock(void);
void tdx_memory_unlock(void);
int tdx_memory_get(struct tdx_memory *mem);
void tdx_memory_put(struct tdx_memory *mem);
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
/* WBINVD on every online CPU that has caches of its own. cpus_read_lock() held. */
int tdx_flush_all_caches(void);
/*
 * Makes memory written under a private KeyID safe for the kernel; false: it is not,
 * and @why, of @size bytes, says what failed.  cpus_read_lock() held.
 */
bool tdx_reclaim_pamts(const struct tdmr_plan *plan, char *why, size_t size);

/* ---- tdmr.c: hand TDMRs to the module ---- */

/* TDH.SYS.CONFIG. */
int tdx_tdmr_config(const struct tdmr_plan *plan, u32 max_reserved);
/* TDH.SYS.TDMR.INIT of all TDMRs, spread over the heavy CPUs. cpus_read_lock() held. */
int tdx_tdmr_init(const struct tdmr_plan *plan);

/* ---- bringup.c: the steps ---- */

#define TDX_MAX_STEPS 16

struct tdx_step_time {
	const char *name;
	u64 us;
};

/* What bring-up found and made.  Written by it alone; stable once initialized. */
struct tdx_host {
	struct tdx_sysinfo sysinfo;
	bool sysinfo_valid;
	struct tdx_seamldr seamldr;
	struct tdmr_plan *plan;		/* NULL until there is one */
	u64 kept_bytes;			/* PAMT memory not given back, on purpose */
	u64 init_time_us;
	struct tdx_step_time steps[TDX_MAX_STEPS];	/* name NULL: not reached */
};

extern struct tdx_host tdx_host;
/* 0, -ENODEV (no TDX module), -EINVAL.  state.c's mutex held. */
int tdx_bringup(void);
/*
 * One leaf on an online CPU that is initialised (before any is: on one that does
 * no latency-critical work).  The caller's own CPU may be one that is missing.
 * cpus_read_lock() held.
 */
u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs);
/* "step done total" for `progress`; step is "idle" when nothing runs. */
void tdx_progress(const char *step, u32 done, u32 total);
void tdx_progress_tick(void);
int tdx_progress_show(char *buf, size_t size);

/* ---- shutdown.c ---- */

/* How far the TDX module has come. */
enum tdx_reach {
	TDX_REACH_NOTHING,
	TDX_REACH_CONFIGURED,	/* knows the PAMTs, cannot touch them yet */
	TDX_REACH_READY,	/* may have written PAMTs under its KeyID */
};

/* Gives the plan's PAMTs back, or keeps and counts them. cpus_read_lock() held. */
void tdx_release_pamts(enum tdx_reach reach);
void tdx_drop_plan(void);
/* Shuts the module down where its version can; keeps what may not be given back. */
void tdx_bringdown(void);
/* The same, but everything stays allocated: the machine is about to leave. */
void tdx_quiesce(void);

/* ---- power.c: suspend, reboot, kexec ---- */

extern const struct dev_pm_ops tdx_pm_ops;
/* announce.c: after tdx_platform_detect() has found a TDX host. */
int tdx_announce(void);
void tdx_announce_stop(void);

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

/* ---- keyid.c: guest KeyIDs ---- */

/* How many a consumer holds. */
u32 tdx_keyids_in_use(void);

/* ---- td_sysinfo.c: what consumers may know ---- */

/* During bring-up, once @si is checked. */
void tdx_td_sysinfo_set(const struct tdx_sysinfo *si);

/* ---- debugfs.c: lists for the curious ---- */

void tdx_debugfs_start(void);
void tdx_debugfs_stop(void);

/* ---- sysfs.c ---- */

int tdx_sysfs_start(void);
void tdx_sysfs_stop(void);
void tdx_sysfs_changed(void);

#endif
