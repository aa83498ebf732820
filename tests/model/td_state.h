/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDs, vCPUs and guest KeyIDs in the model.  Names as in the TDX module base
 * specification, "TD life cycle".
 *
 * What belongs to a page (type, owner, lock, TLB epoch) is in its PAMT entry, and
 * the secure EPT is in its own pages.  The rest is in the tables here: memory of
 * a TD is the host's to spoil, and a test must not crash over it.
 */
#ifndef TDX_MODEL_TD_STATE_H
#define TDX_MODEL_TD_STATE_H

#include "guest.h"
#include "model.h"
#include "td_sha384.h"

struct tdxm;
struct tdxm_tdmr;
struct tdxm_call;

#define TDXM_MAX_TDS	128	/* with those torn down, but for their TDR */
#define TDXM_MAX_VPS	512
#define TDXM_MIN_TDCS	6U	/* pages */
#define TDXM_MAX_TDCS	9U	/* three more for L2 VMs */
#define TDXM_MIN_TDVPS	6U	/* pages, the TDVPR among them */
#define TDXM_MAX_TDVPS	15
#define TDXM_MAX_L2_VMS	3
#define TDXM_SEPT_ROOT	3	/* which TDCS page */
/* Data of a TDCX: others have 0. */
#define TDXM_TDCX_SEPT_ROOT	1
#define TDXM_TDCX_VCPU		2
#define TDXM_MAX_EXITS	TDXM_MAX_SCRIPT
#define TDXM_FLAG_NO_RBP_MOD	(1ULL << 2)	/* of TD_PARAMS.CONFIG_FLAGS */
#define TDXM_NR_RTMRS	4
#define TDXM_REPORT_KEY	32	/* bytes */
#define TDXM_REPORT_MAC	32
#define TDXM_NR_TD_CPUID	32	/* TDXM_MAX_CPUID_CONFIG */

enum tdxm_lifecycle {
	TDXM_TD_HKID_ASSIGNED,
	TDXM_TD_KEYS_CONFIGURED,
	TDXM_TD_BLOCKED,
	TDXM_TD_TEARDOWN,
};

enum tdxm_op_state {
	TDXM_OP_UNINITIALIZED,
	TDXM_OP_INITIALIZED,
	TDXM_OP_RUNNABLE,
};

enum tdxm_vcpu_state {
	TDXM_VCPU_UNINITIALIZED,
	TDXM_VCPU_READY,
	TDXM_VCPU_DISABLED,	/* a fault has ended it */
};

enum tdxm_keyid_state {
	TDXM_KEYID_FREE,
	TDXM_KEYID_RESERVED,	/* the global one */
	TDXM_KEYID_ASSIGNED,
	TDXM_KEYID_CONFIGURED,	/* on all packages */
	TDXM_KEYID_RECLAIMING,	/* vCPUs flushed; caches to be written back */
};

struct tdxm_keyid {
	u8 state;
	u8 pkgs_dirty;		/* RECLAIMING: not written back */
	u8 pkgs_begun;		/* a write-back that includes it has begun */
};

struct tdxm_td {
	u64 tdr;
	u32 lifecycle;
	u32 keyid;
	u32 pkgs_keyed;
	u32 nr_tdcx;
	u64 tdcx[TDXM_MAX_TDCS];
	u64 children;		/* 4 KB pages that name this TDR as owner */

	u32 op_state;
	bool fatal;		/* the host has written one of its pages */
	u64 attributes;
	u64 xfam;
	u64 config_flags;
#define TDXM_CTL_PENDING_VE_DISABLE	1ULL
	u64 td_ctls, notify_enables;	/* the TD's own choice */
	u64 eptp_controls;
	u16 max_vcpus;
	u16 tsc_frequency;
	u32 cpuid[TDXM_NR_TD_CPUID][4];	/* EAX to EDX, as chosen */
	u8 nr_l2_vms;
	u8 root_level;		/* of the entries in the root page */
	bool gpaw;
	u32 nr_vcpus;
	u32 x2apicids[TDXM_MAX_VPS];	/* by index of the vCPU */
	u32 nr_assoc;

	int sept_lock;
	int epoch_lock;
	u64 epoch;
	u32 refcount[2];	/* vCPUs that run in the current and the last epoch */

	struct tdxm_sha384 sha;
	u64 mrtd[6];
	u64 mrconfigid[6];
	u64 mrowner[6];
	u64 mrownerconfig[6];
	int rtmr_lock;
	u64 rtmr[TDXM_NR_RTMRS][6];
};

struct tdxm_vp {
	u64 tdvpr;
	u32 td;			/* index */
	u32 state;
	u32 nr_pages;
	u64 pages[TDXM_MAX_TDVPS];	/* the TDVPR first */
	u32 index;
	u32 lp;			/* associated with; TDXM_NO_LP: none */
	u64 epoch;
	u64 initial_rcx;
	u64 pend_nmi;
	u64 shared_eptp;	/* VMCS fields that are the host's */
	u64 pi_desc;
	u16 pi_vector;
	bool posts;
	u32 next_exit;		/* of the script */
	u64 fault_gpa;		/* of the EPT violation it exited with last */
	bool faulted;
	struct tdxm_guest guest;
};

struct tdxm_tds {
	int kot_lock;
	int ket_lock[TDXM_MAX_PKGS];
	struct tdxm_keyid keyids[0x10000];
	/* TDH.PHYMEM.CACHE.WB of each package. */
	int wb_lock[TDXM_MAX_PKGS];
	u32 wb_starts[TDXM_MAX_PKGS];
	bool wb_interrupted[TDXM_MAX_PKGS];

	int td_used[TDXM_MAX_TDS];
	int vp_used[TDXM_MAX_VPS];
	struct tdxm_td td[TDXM_MAX_TDS];
	struct tdxm_vp vp[TDXM_MAX_VPS];

	u32 nr_exits;
	u64 exit_stride;
	struct tdxm_regs exits[TDXM_MAX_EXITS];
};

/* A locked page. Levels: 0 is 4 KB. */
struct tdxm_page {
	struct tdxm_tdmr *tdmr;
	u64 pa;
	u32 level;
	bool exclusive;
	u8 type;
	u64 owner;		/* its TDR */
	u32 data;		/* TDR, TDVPR: index of the slot; others: TLB epoch */
};

/*
 * td_page.c.  Statuses without operand: OPERAND_INVALID, OPERAND_ADDR_RANGE_ERROR,
 * OPERAND_BUSY; @level: of the page asked for. Found may be a larger one.
 */
u64 tdxm_page_lock(struct tdxm *m, u64 pa, u32 level, bool exclusive, struct tdxm_page *p);
void tdxm_page_unlock(struct tdxm *m, struct tdxm_page *p);
void tdxm_page_set(struct tdxm *m, struct tdxm_page *p, u8 type, u64 owner, u32 data);
/* The same, of a page of @type, with @operand in the status: or PAGE_METADATA_INCORRECT. */
u64 tdxm_page_take(struct tdxm *m, u64 pa, u32 level, bool exclusive, u8 type, u32 operand,
		   struct tdxm_page *p);
/* Without a lock: a page of that kind is there. */
bool tdxm_page_is(struct tdxm *m, u64 pa, u32 level, u8 type, u64 owner);
/* The data alone, of a page whose lock another may hold. */
void tdxm_page_set_data(struct tdxm *m, u64 pa, u32 level, u8 type, u64 owner, u32 data);
/* That the entry's two words belong together: a host has not written it. */
bool tdxm_entry_sane(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 index);
/* Contents under the TD's KeyID. */
void tdxm_page_fill(struct tdxm *m, u64 pa);
void tdxm_page_check_filled(struct tdxm *m, u32 lp, u64 leaf, u64 pa);
u64 tdxm_page_word(const struct tdxm *m, u64 pa, u32 word);

/* RDX of TDH.MEM.SEPT.ADD: the TDR between flags. */
#define TDXM_TDR_OF(rdx)	((rdx) & 0xffffffffff000ULL)

/* td_life.c: a TD by its TDR, which is locked from here on. */
struct tdxm_td *tdxm_td_of(struct tdxm *m, const struct tdxm_page *tdr);
u64 tdxm_td_take(struct tdxm *m, u64 tdr_pa, bool exclusive, u32 operand,
		 struct tdxm_page *tdr, struct tdxm_td **td);
/* Keys, TDCS, op state, of @op_states by bit: may a leaf run? */
u64 tdxm_td_check(const struct tdxm_td *td, u8 op_states);

/* A slot for a vCPU or TD: its index, or @nr. And back, when it is no more. */
u32 tdxm_slot_take(int *used, u32 nr);
void tdxm_slot_free(int *used);
void tdxm_children(struct tdxm_td *td, s64 delta);

/* td_init.c: a field of the TD by class and code. False: the host may read no such one. */
bool tdxm_td_field(const struct tdxm *m, const struct tdxm_td *td, u64 key, u64 *value);

/* td_cpuid_cpu.c: what the TD may see of the CPU. False: nothing, and @r is 0. */
#define TDXM_SUBLEAF_NA	0xffffffffU	/* the leaf has none */
bool tdxm_cpu_cpuid(const struct tdxm *m, const struct tdxm_td *td, u32 leaf, u32 subleaf,
		    u32 r[4]);

/* td_cpuid.c: a field of class 20, by its code. False: the TD has no such leaf. */
bool tdxm_td_cpuid(const struct tdxm *m, const struct tdxm_td *td, u32 code, u64 *value);

/* td_sept.c: an entry of the secure EPT. */
enum tdxm_sept_state {
	TDXM_SEPT_FREE,
	TDXM_SEPT_NL_MAPPED,
	TDXM_SEPT_NL_BLOCKED,
	TDXM_SEPT_MAPPED,
	TDXM_SEPT_BLOCKED,
	TDXM_SEPT_PENDING,
	TDXM_SEPT_PENDING_BLOCKED,
	TDXM_SEPT_NR
};

#define TDXM_SEPT_STATE(e)	((u32)(e) & 0xff)
#define TDXM_SEPT_LOCK		(1ULL << 8)
#define TDXM_SEPT_HPA(e)	((e) & 0xffffffffff000ULL)
#define TDXM_SEPT_SUM(e)	((u32)((e) >> 52))	/* of the page's contents; 0: none */
#define TDXM_SEPT_ENTRY(state, hpa, sum) ((u64)(sum) << 52 | (hpa) | (state))

struct tdxm_walk {
	u64 table;		/* page that holds the entry */
	u32 index;
	u32 level;		/* reached */
	u64 entry;
	bool found;		/* at the level asked for */
};

/* RCX of a leaf: level and GPA. False: not that. */
bool tdxm_gpa_level(u64 rcx, u32 min, u32 max, u64 *gpa, u32 *level);
bool tdxm_gpa_private(const struct tdxm_td *td, u64 gpa);
/* To the entry of @gpa at @level, or to where the way ends: EPT_WALK_FAILED. */
u64 tdxm_sept_walk(struct tdxm *m, u32 lp, u64 leaf, const struct tdxm_td *td, u64 gpa, u32 level,
		   struct tdxm_walk *w);
/* False: locked by another, or no longer what the walk has found. */
bool tdxm_sept_lock(struct tdxm *m, struct tdxm_walk *w);
void tdxm_sept_write(struct tdxm *m, const struct tdxm_walk *w, u64 entry);
/* RCX and RDX on a failure: the entry and its level, state. */
void tdxm_sept_report(struct tdxm_regs *regs, const struct tdxm_walk *w);
void tdxm_sept_check_page(struct tdxm *m, u32 lp, u64 leaf, u64 pa);
/* Of a page's contents; never 0. */
u32 tdxm_page_sum(const struct tdxm *m, u64 pa);

/* sept_format.c: an entry as it lies at @at, and back; a whole page of free ones. */
u64 tdxm_sept_encode(const struct tdxm *m, u64 at, u32 level, u64 entry);
u64 tdxm_sept_decode(const struct tdxm *m, u64 at, u64 word);
void tdxm_sept_fill(struct tdxm *m, u64 pa);

/* td_enter.c */
void tdxm_default_exits(struct tdxm *m);

/* td_vp.c: a vCPU by its TDVPR, and its TD; both locked. */
u64 tdxm_vp_take(struct tdxm_call *c, u64 tdvpr_pa, bool exclusive, bool tdr_exclusive,
		 u32 operand);
void tdxm_vp_release(struct tdxm_call *c);
/* All pages of the TDVPS are there, or TDCX_NUM_INCORRECT. */
u64 tdxm_vp_complete(const struct tdxm_call *c);
u64 tdxm_vp_associate(struct tdxm_call *c);

/* The leaves, by file. */
typedef u64 tdxm_leaf_fn(struct tdxm_call *c);
/* td_life.c */
tdxm_leaf_fn tdxm_mng_create, tdxm_mng_create_operands, tdxm_mng_key_config, tdxm_mng_addcx,
	tdxm_mng_vpflushdone, tdxm_mng_key_freeid, tdxm_phymem_cache_wb,
	tdxm_phymem_page_reclaim, tdxm_phymem_page_wbinvd;
/* td_init.c */
tdxm_leaf_fn tdxm_mng_init, tdxm_mng_rd, tdxm_mr_extend, tdxm_mr_finalize;
/* td_mem.c */
tdxm_leaf_fn tdxm_mem_sept_add, tdxm_mem_sept_add_operands, tdxm_mem_page_add,
	tdxm_mem_page_aug, tdxm_mem_range_block, tdxm_mem_track, tdxm_mem_page_remove;
/* td_vp.c, td_enter.c */
tdxm_leaf_fn tdxm_vp_create, tdxm_vp_addcx, tdxm_vp_init, tdxm_vp_rd, tdxm_vp_wr,
	tdxm_vp_flush, tdxm_vp_enter;

/* guest.c, for the guest's leaves: registers by the mask of TDG.VP.VMCALL. */
void tdxm_guest_pass(u64 select, const struct tdxm_regs *from, struct tdxm_regs *to);
void tdxm_guest_leave(struct tdxm_call *c, u64 status, u64 select);
void tdxm_guest_walk(struct tdxm_call *c, u64 gpa, struct tdxm_walk *w);

/* The guest's leaves. *@status: what RAX gets, where the guest goes on behind TDCALL. */
enum {
	TDG_VP_VMCALL = 0,
	TDG_VP_INFO = 1,
	TDG_MR_RTMR_EXTEND = 2,
	TDG_VP_VEINFO_GET = 3,
	TDG_MR_REPORT = 4,
	TDG_VP_CPUIDVE_SET = 5,
	TDG_MEM_PAGE_ACCEPT = 6,
	TDG_VM_RD = 7,
	TDG_VM_WR = 8,
	TDG_VP_RD = 9,
	TDG_VP_WR = 10,
	TDG_SYS_RD = 11,
	TDG_SYS_RDALL = 12,
	TDG_MEM_PAGE_ATTR_RD = 23,
	TDG_MEM_PAGE_ATTR_WR = 24,
};
typedef enum tdxm_after tdxm_tdg_fn(struct tdxm_call *c, u64 *status);
/* tdg_vp.c, tdg_vp_field.c, tdg_mem.c, tdg_mr.c, tdg_report.c, tdg_vm.c, tdg_sys.c */
tdxm_tdg_fn tdxm_tdg_vp_info, tdxm_tdg_vp_veinfo_get, tdxm_tdg_vp_vmcall, tdxm_tdg_vp_cpuidve_set,
	tdxm_tdg_mem_page_accept, tdxm_tdg_mem_page_attr_rd, tdxm_tdg_mem_page_attr_wr,
	tdxm_tdg_mr_rtmr_extend, tdxm_tdg_mr_report, tdxm_tdg_vm_rd, tdxm_tdg_vm_wr,
	tdxm_tdg_vp_rd, tdxm_tdg_vp_wr, tdxm_tdg_sys_rd, tdxm_tdg_sys_rdall;

/*
 * tdg_field.c: metadata that is the guest's.  @fields ascend by class and code, as the guest is
 * led from one to the next.
 */
struct tdxm_guest_field {
	u64 id;
	u64 writable;
	u32 nr;			/* elements */
	u32 at;			/* of a vCPU's: in struct tdxm_vp */
};
/* The one with @id, and which of its elements; NULL: it is not the guest's. */
const struct tdxm_guest_field *tdxm_guest_field(const struct tdxm_guest_field *fields, u32 nr,
						u64 id, u32 *element);
u64 tdxm_guest_field_next(const struct tdxm_guest_field *fields, u32 nr,
			  const struct tdxm_guest_field *f, u32 element);
/* A field of which @writable are the guest's, with the bits of @mask from @value. */
u64 tdxm_guest_write(u64 before, u64 value, u64 mask, u64 writable, u64 *after);

/* tdg_report.c */
void tdxm_report_mac(const struct tdxm *m, const u8 *report, u8 mac[TDXM_REPORT_MAC]);

#endif
