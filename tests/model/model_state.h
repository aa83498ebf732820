/* SPDX-License-Identifier: GPL-2.0-only */
/* Internal to the model: shared by its files only. */
#ifndef TDX_MODEL_STATE_H
#define TDX_MODEL_STATE_H

#include "model.h"
#include "lock.h"
#include "status_codes.h"
#include "td_state.h"

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#define TDXM_4K		(1ULL << 12)
#define TDXM_4M		(1ULL << 22)
#define TDXM_1G		(1ULL << 30)

#define TDXM_SEAMLDR_LEAF	(1ULL << 63)
#define TDXM_MAX_LEAF		128
#define TDXM_MAX_FLUSHED	1024

/* The order is that of bring-up: comparisons rely on it. */
enum tdxm_sys_state {
	TDXM_INIT_PENDING,
	TDXM_INIT_DONE,
	TDXM_CONFIG_DONE,
	TDXM_READY,
	TDXM_DISABLING,		/* TDH.SYS.DISABLE begun: all else is locked out */
	TDXM_SHUTDOWN,
};

/* PAMT levels, and the sizes of page that they are for. */
enum tdxm_level { TDXM_PS_4K, TDXM_PS_2M, TDXM_PS_1G, TDXM_PS_NR };

/* Page types in a PAMT entry, byte 2. */
#define TDXM_PT_NDA	0
#define TDXM_PT_RSVD	1
#define TDXM_PT_REG	3
#define TDXM_PT_TDR	4
#define TDXM_PT_TDCX	5	/* of a TDCS or a TDVPS */
#define TDXM_PT_TDVPR	6
#define TDXM_PT_EPT	8

struct tdxm_cpuid_config {
	u32 leaf, subleaf;
	u32 direct[4];		/* EAX to EDX: the host may set them */
	u32 allowed[4];		/* ... and these where the CPU has them: it has them all */
};
#define TDXM_MAX_CPUID_CONFIG	32

/* What one module version is, besides its leaves (leaves.c). */
struct tdxm_version {
	const char *name;
	const char *assumed;	/* what of it is from no source; NULL: nothing */
	u16 major, minor, update, build;
	u32 date;		/* BCD yyyymmdd */
	u64 features0;
	u64 attributes_fixed0;	/* of a TD: bits that may be 1 */
	u64 xfam_fixed0, xfam_fixed1;
	u64 config_flags_fixed0;
	u32 nr_cpuid;
	const struct tdxm_cpuid_config *cpuid;
	u16 max_vcpus;		/* of a TD; 0: no limit of the module's own */
	u16 module_hv, min_update_hv;	/* handoff versions */
	bool rd_says_allowed;	/* TDH.SYS.RD, too, names the bits that are only allowed */
	bool has_sys_rd;
	bool whole_rax;		/* a version is part of the leaf's number */
	bool lp_shutdown_works;
	u16 svn;		/* security version: major in the upper byte */
	bool end_in_cmr;	/* CONFIG's rule of TDX 1.0, in sys_config.c */
	bool lp_init_any_time;	/* and CONFIG asks for one LP per package */
	bool avoid_sensitive;	/* TDH.SYS.SHUTDOWN's AVOID_COMPAT_SENSITIVE */
};

struct tdxm_area {
	u64 base;		/* of a reserved area: offset in the TDMR */
	u64 size;
};

struct tdxm_tdmr {
	u64 base;
	u64 size;
	struct tdxm_area pamt[TDXM_PS_NR];
	u32 nr_reserved;
	struct tdxm_area reserved[TDXM_MAX_RESERVED];
	u64 next;		/* next to initialise */
	int lock;
	int entry_lock;		/* of the entries' words, in td_page.c */
};

struct tdxm_flushed {
	u64 start;
	u64 end;
};

struct tdxm {
	struct tdxm_machine machine;
	struct tdxm_host host;
	const struct tdxm_version *version;
	u8 pa_bits;		/* below the KeyID */
	u64 pa_limit;
	u32 pkgs;		/* bitmap of all packages, and so below */
	u32 nr_pkgs;

	u8 report_key[TDXM_REPORT_KEY];	/* of TDG.MR.REPORT's MAC */

	int global_lock;
	u32 state;		/* enum tdxm_sys_state */
	bool crashed;		/* no call is answered any more */
	u32 inside;		/* LPs in the module now */
	u32 nr_lps_init;
	u32 pkgs_lp_init;
	u32 pkgs_keyed;
	bool lp_init[TDXM_MAX_LPS];
	bool lp_shutdown[TDXM_MAX_LPS];
	u32 nr_lps_shutdown;
	bool down;		/* shut down altogether: PAMTs are the host's again */
	u32 disable_steps;
	bool disabled;		/* by TDH.SYS.DISABLE: TDH.SYS.INIT begins from scratch */
	struct {
		bool valid;
		u16 hv;
	} handoff;		/* what TDH.SYS.SHUTDOWN leaves to TDH.SYS.UPDATE */
	int seamldr_lock;
	struct {
		bool ready;		/* SEAM_READY: the module takes calls */
		bool was_ready;		/* ... before SEAMLDR.INSTALL was called first */
		bool called[TDXM_MAX_LPS];
		u32 nr_called;
		u32 updates_left;
		u16 svn;		/* of the module in place */
		bool dirty;		/* keys and caches, since an installation */
		enum tdxm_profile version;	/* whose version SEAMLDR.INFO names as its own */
	} loader;

	u64 pamt_key;		/* stands for the global KeyID's key */
	u32 nr_tdmrs;
	struct tdxm_tdmr tdmrs[TDXM_MAX_TDMRS];

	int flush_lock;
	u32 nr_flushed;
	struct tdxm_flushed flushed[TDXM_MAX_FLUSHED];	/* ascending, apart */
	u32 pkgs_flushed;
	u32 pkgs_called;	/* since their last WBINVD */

	struct tdxm_tds tds;

	u32 nr_overrides;
	struct {
		u64 field;
		u64 value;
	} overrides[TDXM_MAX_OVERRIDES];

	u32 nr_faults;
	struct tdxm_fault faults[TDXM_MAX_FAULTS];
	u32 fault_calls[TDXM_MAX_FAULTS];

	u64 calls[2][TDXM_MAX_LEAF];	/* module, P-SEAMLDR */

	int violation_lock;
	u32 nr_violations;
	struct tdxm_violation violations[TDXM_MAX_VIOLATIONS];
	u64 violation_count[TDXM_V_NR];
};

static inline u64 tdxm_operand(u64 status, u32 operand)
{
	return status | operand;
}

static inline u64 tdxm_info(u64 status, u32 info0, u32 info1, u32 info2)
{
	return status | info0 | info1 << 8 | info2 << 16;
}

static inline u32 tdxm_state(const struct tdxm *m)
{
	return __atomic_load_n(&m->state, __ATOMIC_ACQUIRE);
}

/* A shutdown that came in between stands. */
static inline void tdxm_advance(struct tdxm *m, u32 from, u32 to)
{
	__atomic_compare_exchange_n(&m->state, &from, to, false,
				    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static inline void tdxm_set_state(struct tdxm *m, enum tdxm_sys_state state)
{
	__atomic_store_n(&m->state, state, __ATOMIC_RELEASE);
}

static inline bool tdxm_module_ready(const struct tdxm *m)
{
	return __atomic_load_n(&m->loader.ready, __ATOMIC_ACQUIRE);
}

/* To be called with the leaf's lock: who comes meanwhile is told that it is busy. */
static inline void tdxm_dwell(const struct tdxm *m, u64 leaf)
{
	if (m->host.dwell)
		m->host.dwell(m->host.ctx, leaf);
}

static inline bool tdxm_lp_is_init(const struct tdxm *m, u32 lp)
{
	return __atomic_load_n(&m->lp_init[lp], __ATOMIC_ACQUIRE);
}

/* Little endian, as the machine is: the low bytes of @value. */
static inline void tdxm_put(u8 *at, u32 offset, u64 value, u32 size)
{
	memcpy(at + offset, &value, size);
}

static inline bool tdxm_is_zero(const u8 *at, u32 from, u32 to)
{
	while (from < to)
		if (at[from++])
			return false;
	return true;
}

static inline bool tdxm_overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* hostmem.c: memory of the host, which is not to be trusted */
bool tdxm_private_keyid(const struct tdxm *m, u64 keyid);
bool tdxm_plain_pa(const struct tdxm *m, u64 pa);
/* Success, or OPERAND_INVALID: aligned to @align (a power of 2), below MAXPHYADDR, shared KeyID. */
u64 tdxm_check_shared(const struct tdxm *m, u64 pa, u64 align);
/* After tdxm_check_shared(), within one page. */
void *tdxm_map(const struct tdxm *m, u64 pa);
void tdxm_read(const struct tdxm *m, u64 pa, void *to, u32 size);

/* One SEAMCALL. */
struct tdxm_call {
	struct tdxm *m;
	u32 lp;
	u32 leaf, version;
	struct tdxm_regs in;		/* as the host passed them */
	struct tdxm_regs *out;
	/* Locked by leaves.c, where the leaf's row says so. */
	struct tdxm_page tdr;
	struct tdxm_td *td;
	struct tdxm_page tdvpr;
	struct tdxm_vp *vp;
};

/* leaves.c: the gate, the leaf and what it locks, by the row of the leaf. */
u64 tdxm_run_leaf(struct tdxm *m, u32 lp, struct tdxm_regs *regs);

/* The leaves; each returns the completion status. Those of TDs: td_state.h. */
tdxm_leaf_fn tdxm_sys_init, tdxm_sys_lp_init, tdxm_sys_info, tdxm_sys_rd, tdxm_sys_rdall,
	tdxm_sys_config, tdxm_sys_key_config, tdxm_sys_tdmr_init, tdxm_sys_lp_shutdown,
	tdxm_sys_shutdown, tdxm_sys_shutdown_operands, tdxm_sys_update, tdxm_sys_disable,
	tdxm_phymem_page_rdmd;
enum tdxm_outcome tdxm_seamldr(struct tdxm *m, u32 lp, struct tdxm_regs *regs);

/* seamldr_install.c: on the last LP; *@unrecoverable: the module that there was is lost. */
u64 tdxm_seamldr_install(struct tdxm *m, u64 pa, bool *unrecoverable);

/* profiles.c */
extern const struct tdxm_version tdxm_versions[TDXM_NR_PROFILES];
#define TDXM_FEATURE_NO_RBP_MOD	(1ULL << 18)	/* of TDX_FEATURES0 */
#define TDXM_FEATURE_SYS_DISABLE (1ULL << 53)
#define TDXM_TDCS_BASE_SIZE	(6 * TDXM_4K)
#define TDXM_TDVPS_BASE_SIZE	(6 * TDXM_4K)
/* EAX to EDX, by @reg, that a host may set. */
static inline u32 tdxm_cpuid_settable(const struct tdxm_cpuid_config *c, u32 reg)
{
	return c->direct[reg] | c->allowed[reg];
}

/* model.c: as right after the module was loaded. */
void tdxm_reset(struct tdxm *m);
/* shutdown.c: the module holds no memory any more; another LP is in the module. */
void tdxm_let_go(struct tdxm *m);
bool tdxm_others_inside(const struct tdxm *m);
/* sys_config.c: all LPs that TDH.SYS.CONFIG asks for are initialised. */
bool tdxm_enough_lps(const struct tdxm *m);

/*
 * sys_rd.c: the module's metadata. Of a field id only class (61:56) and code (23:0)
 * choose the field: element size, context and the non-architectural bit are the
 * caller's notes. The rest is reserved, or for sequences.
 */
#define TDXM_FIELD_MUST_BE_0	(1ULL << 62 | 1ULL << 55 | 7ULL << 47 | 0x1ffULL << 38 | \
				 0xfULL << 34 | 0xffULL << 24)
#define TDXM_FIELD_CLASS(id)	((u32)((id) >> 56) & 0x3f)
#define TDXM_FIELD_CODE(id)	((u32)(id) & 0xffffff)
#define TDXM_FIELD_KEY(id)	((id) & (0x3fULL << 56 | 0xffffff))
#define TDXM_NULL_FIELD		(~0ULL)
/* The element at @id and the next one after it; false: none there. */
bool tdxm_sys_element(const struct tdxm *m, u64 id, u64 *value, u64 *next);
u64 tdxm_sys_first_id(const struct tdxm *m);

/* pamt.c */
void tdxm_pamt_put(struct tdxm *m, u64 pa, u64 plain);
/* Masks the 8 bytes of TD memory at @pa, so that KeyID 0 does not read them; 0: TDs run. */
u64 tdxm_cipher(const struct tdxm *m, u64 pa);
void tdxm_pamt_guard(struct tdxm *m);
void tdxm_pamt_init_4m(struct tdxm *m, u32 lp, const struct tdxm_tdmr *tdmr);

/* flush.c */
/* First page of @area that was not written back, or its end. */
u64 tdxm_first_unflushed(struct tdxm *m, const struct tdxm_area *area);
void tdxm_flush_forget(struct tdxm *m);
/* A call on @lp: lines of the module's may be in the caches of its package. */
void tdxm_flush_called(struct tdxm *m, u32 lp);

/* violation.c */
void tdxm_violate(struct tdxm *m, enum tdxm_violation_kind kind, u32 lp, u64 leaf, u64 pa);

#endif
