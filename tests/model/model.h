/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TDX module as a C model: states, checks, limits and statuses, in the
 * order the real module has them.  It is "the hardware" of every test here, so
 * it shares no code with src/ except the list of status codes.
 *
 * No kernel API, no libc, no allocation: the same files run in the unit tests
 * and, inside the simulator, in the kernel's trap handler.  All entry points
 * may be called from several LPs at once, with interrupts off; locks are
 * try-locks that answer busy, as the module's own.
 */
#ifndef TDX_MODEL_H
#define TDX_MODEL_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef long long s64;
typedef unsigned long long u64;
#endif

#define TDXM_MAX_LPS	256
#define TDXM_MAX_PKGS	8
#define TDXM_MAX_CMRS	32
#define TDXM_MAX_TDMRS	64
#define TDXM_MAX_FAULTS	32
#define TDXM_MAX_VIOLATIONS 64
#define TDXM_MAX_OVERRIDES 8
#define TDXM_MAX_RESERVED 64	/* of a TDMR, whatever the machine asks for */
#define TDXM_NO_LP	0xffffffffU	/* a violation found, not made by a call */

/* P-SEAMLDR statuses: they follow an encoding of their own. */
#define TDXM_SEAMLDR_EBADPARAM		0x8000000000000000ULL
#define TDXM_SEAMLDR_EBADCALL		0x8000000000000003ULL
#define TDXM_SEAMLDR_EBADHANDOFF	0x8000000000000004ULL
#define TDXM_SEAMLDR_ECLEANUPREQ	0x8000000000000005ULL
#define TDXM_SEAMLDR_EUNSUPPORTED	0x8000000000000006ULL
#define TDXM_SEAMLDR_EUNSUPCPU		0x8000000000010004ULL
#define TDXM_SEAMLDR_EBADSIG		0x8000000000020000ULL
#define TDXM_SEAMLDR_EBADHASH		0x8000000000020001ULL

/*
 * As published, but for the last, which is what Linux 7.2 expects of modules to come:
 * TDH.SYS.DISABLE behind its feature bit; one LP per package before TDH.SYS.CONFIG, the
 * others whenever they come.  In the order in which leaves and fields were added.
 */
enum tdxm_profile {
	TDXM_1_0_3,
	TDXM_1_5_01,
	TDXM_1_5_05,
	TDXM_1_5_34,
	TDXM_2_0_14,
	TDXM_NEXT,
	TDXM_NR_PROFILES
};

struct tdxm_cmr {
	u64 base;
	u64 size;
};

/* The machine the module finds itself on. */
struct tdxm_machine {
	enum tdxm_profile profile;
	bool loaded;		/* false: every call is VMfailInvalid */
	bool no_module;		/* the SEAM loader is there, a TDX module is not */
	u32 updates;		/* of the TDX module that are left after the boot; 0: eight */
	u32 cpuid;		/* CPUID 1 EAX; 0: a Sapphire Rapids */
	u32 nr_cmrs;
	struct tdxm_cmr cmrs[TDXM_MAX_CMRS];
	u64 seamrr_base;	/* the module's own memory; size 0: somewhere out of reach */
	u64 seamrr_size;
	u32 nr_mktme_keyids;
	u32 nr_tdx_keyids;
	u8 phys_bits;		/* MAXPHYADDR; KeyIDs take its upper bits */
	u32 nr_lps;		/* all the firmware knows, online or not */
	u8 lp_pkg[TDXM_MAX_LPS];
	u16 max_tdmrs;		/* 0: the profile's own, and so below */
	u16 max_reserved;
	u16 pamt_entry_size[3];	/* 4K, 2M, 1G */
	u32 disable_steps;	/* of TDH.SYS.DISABLE that are interrupted; 0: one a TDMR */
	bool lp_shutdown_idle;	/* TDH.SYS.LP.SHUTDOWN succeeds and does nothing */
};

struct tdxm_call;	/* model_state.h */

/* What the model asks of the place it runs in. */
struct tdxm_host {
	/* A 4 KB page of physical memory at @pa (4K-aligned); NULL: no memory there. */
	void *(*page)(void *ctx, u64 pa);
	/* @leaf takes its time here, its lock held.  NULL: no time passes. */
	void (*dwell)(void *ctx, u64 leaf);
	/*
	 * Runs the vCPU that TDH.VP.ENTER has entered, by guest.h, until the host is to hear
	 * of it; memory of TDs is then in plaintext.  NULL: TDs are a script.
	 */
	void (*run)(void *ctx, struct tdxm_call *c);
	/* With run(): the CPU's CPUID, EAX to EDX.  NULL: a TD sees what it was given. */
	void (*cpuid)(void *ctx, u32 leaf, u32 subleaf, u32 regs[4]);
	/* With run(): the memory is the module's from now on, or no more.  NULL: none cares. */
	void (*hide)(void *ctx, u64 pa, u64 size, bool hidden);
	void *ctx;
};

struct tdxm_regs {
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
};

/* What the instruction does, besides what it leaves in the registers. */
enum tdxm_outcome {
	TDXM_COMPLETED,		/* CF=0, RAX is a completion status */
	TDXM_VMFAILINVALID,	/* CF=1, registers untouched */
	TDXM_GP,		/* #GP, registers untouched */
	TDXM_UD,		/* #UD, registers untouched */
	TDXM_MACHINE_CHECK,	/* fatal: the host panics */
};

/* Answer calls @nth .. @nth + @count - 1 (from 1) of @leaf otherwise than by running them. */
struct tdxm_fault {
	u64 leaf;		/* without version; with bit 63 for the P-SEAMLDR */
	u32 nth;
	u32 count;		/* 0: from then on */
	enum tdxm_outcome outcome;
	u64 status;		/* TDXM_COMPLETED: RAX */
};

/* What a correct host never does.  Each is also counted in full. */
enum tdxm_violation_kind {
	TDXM_V_KEY_CONFIG_UNFLUSHED,	/* PAMT not written back before TDH.SYS.KEY.CONFIG */
	TDXM_V_PAMT_TOUCHED,		/* PAMT contents changed by the host */
	TDXM_V_CALL_AFTER_SHUTDOWN,	/* the module was shut down by this host */
	TDXM_V_TD_PAGE_TOUCHED,		/* a TD's page changed by the host */
	TDXM_V_PAMT_FREED,		/* PAMT memory freed while it is the module's */
	TDXM_V_PAMT_FREED_UNFLUSHED,	/* ... while lines of the module's are in caches */
	TDXM_V_NR
};

struct tdxm_violation {
	enum tdxm_violation_kind kind;
	u32 lp;
	u64 leaf;
	u64 pa;			/* 0 where none is meant */
};

struct tdxm;	/* opaque: model_state.h */

size_t tdxm_size(void);
/* Initialises @m (tdxm_size() bytes).  0, or -1: the description is no machine. */
int tdxm_create(struct tdxm *m, const struct tdxm_machine *machine,
		const struct tdxm_host *host);

/* SEAMCALL on @lp, which is in VMX root operation at CPL 0 in 64-bit mode. */
enum tdxm_outcome tdxm_seamcall(struct tdxm *m, u32 lp, struct tdxm_regs *regs);

/* The host wrote back and invalidated [pa, pa + size) on all CPUs (CLFLUSH). */
void tdxm_clflush(struct tdxm *m, u64 pa, u64 size);
/*
 * The host has accessed the page at @pa while it was the module's (struct tdxm_host's hide()).
 * A TD whose page it wrote is not entered any more.
 */
void tdxm_page_touched(struct tdxm *m, u32 lp, u64 pa, bool written);
/* WBINVD on @lp: all caches of its package. */
void tdxm_wbinvd(struct tdxm *m, u32 lp);

/* 0, or -1: table full.  Not while calls run. */
int tdxm_add_fault(struct tdxm *m, const struct tdxm_fault *fault);
/* Not while calls run. */
void tdxm_clear_faults(struct tdxm *m);

/* What an earlier kernel, which kexec has replaced, did with the module. */
enum tdxm_past {
	TDXM_PAST_NONE,
	TDXM_PAST_READY,	/* brought it up */
	TDXM_PAST_SHUTDOWN,	/* and shut it down */
};

/* Right after tdxm_create(). */
void tdxm_set_past(struct tdxm *m, enum tdxm_past past);

/* TDH.SYS.RD of @field answers @value, sense or none. 0, or -1: table full. Not while calls run. */
int tdxm_override_field(struct tdxm *m, u64 field, u64 value);

/*
 * PAMT pages that @is_free again, the host having ended: none may be while the
 * module has them, nor before their lines have left the caches.
 */
void tdxm_check_freed(struct tdxm *m, bool (*is_free)(void *ctx, u64 pa));

/* Compares every PAMT page with what the model wrote; adds violations. Returns the number of pages that differ. */
u32 tdxm_verify_pamt(struct tdxm *m);

/* "1.5.01"; NULL: no profile. */
const char *tdxm_profile_name(u32 profile);
/* What of the profile no published source says; NULL: nothing. */
const char *tdxm_profile_assumed(u32 profile);

/* TDH.SYS.CONFIG of @profile wants every LP, not one per package. */
bool tdxm_wants_every_lp(enum tdxm_profile profile);
/* The leaf after which a module of @profile lets go of its memory; 0: none does that. */
u32 tdxm_shutdown_leaf(enum tdxm_profile profile);

/*
 * Whether a module of @profile knows @leaf, as far as the table of leaves says, and how
 * the model answers it. False: no leaf of that number.
 */
struct tdxm_leaf_facts {
	bool known;		/* by the module */
	bool modelled;		/* else the model answers as if it were unknown */
	bool version_1;
	bool before_ready;	/* answered by the leaf itself, not by the module's state */
	bool after_shutdown;
};
bool tdxm_leaf_facts(enum tdxm_profile profile, u32 leaf, struct tdxm_leaf_facts *facts);

u64 tdxm_calls(const struct tdxm *m, u64 leaf);
u64 tdxm_violations(const struct tdxm *m, enum tdxm_violation_kind kind);
/* The first TDXM_MAX_VIOLATIONS; false beyond the last. */
bool tdxm_violation(const struct tdxm *m, u32 index, struct tdxm_violation *out);
const char *tdxm_violation_name(enum tdxm_violation_kind kind);
bool tdxm_ready(const struct tdxm *m);
/* The TDX module that is in place now, whether it takes calls or not. */
enum tdxm_profile tdxm_profile_now(const struct tdxm *m);

/*
 * What TDH.VP.ENTER comes back with, one entry of @exits after the other and
 * again from the first: RAX and the registers as they are left. An EPT violation
 * (RAX 48) at the GPA in R8 comes back until the host has added a page there,
 * which the TD then accepts. Without this: a TDVMCALL, an EPT violation, an
 * interrupt. 0, or -1: too many. Not while calls run.
 */
#define TDXM_MAX_SCRIPT	16
int tdxm_set_exits(struct tdxm *m, const struct tdxm_regs *exits, u32 nr);
/*
 * The script of the TD's second vCPU is about GPAs that lie @stride further on than the
 * first one's, and so on: of EPT violations and of TDG.VP.VMCALL <MapGPA>.
 */
void tdxm_set_exit_stride(struct tdxm *m, u64 stride);
/* As R15 of a TDG.VP.VMCALL in the script: what the host gave for the last one, in R11. */
#define TDXM_EXIT_ECHO	0x6563686f6563686fULL
/* TDs that are not yet reclaimed altogether, and guest KeyIDs that are not free. */
u32 tdxm_nr_tds(const struct tdxm *m);
u32 tdxm_nr_keyids_used(const struct tdxm *m);

/* Bits of a physical address below the KeyID: all that memory has. */
u8 tdxm_pa_bits(const struct tdxm *m);
/* Plaintext of the 8 bytes of PAMT at @pa, which lie there as under the global KeyID. */
u64 tdxm_pamt_word(const struct tdxm *m, u64 pa);
/*
 * Bytes of PAMT not written back since the module let go of them: to be 0
 * before their memory is used again. 0 also while the module still holds them.
 */
u64 tdxm_unflushed_after_shutdown(struct tdxm *m);

#endif
