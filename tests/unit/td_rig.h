/* SPDX-License-Identifier: GPL-2.0-only */
/* A TD on the machine of model_harness.h, built step by step. */
#ifndef TD_RIG_H
#define TD_RIG_H

#include "model_harness.h"

#define VP_INIT_V1	(VP_INIT | 1 << 16)

enum { OP_TDR = 128, OP_SEPT_TREE = 146, OP_TD_EPOCH = 169, OP_KOT = 186, OP_KET = 187,
       OP_WBCACHE = 188 };
enum { PT_NDA, PT_RSVD, PT_REG = 3, PT_TDR, PT_TDCX, PT_TDVPR, PT_EPT = 8 };

/* Pages of the first TDMR. */
#define PAGE(n)		(4 * GB + (u64)(n) * 4096)
#define TDR		PAGE(0)
#define TDCX(n)		PAGE(1 + (n))		/* 6 */
#define TDVPR		PAGE(16)
#define TDVPX(n)	PAGE(17 + (n))		/* 5 */
#define SEPT(n)		PAGE(32 + (n))		/* 3: of the PDPT, the PD and the PT */
#define DATA(n)		PAGE(64 + (n))
#define SPARE		PAGE(1000)
#define LARGE(n)	PAGE(1024 + 512 * (n))	/* 2, of 2 MB */
#define NR_TD_PAGES	2048			/* where a TD's may be */
#define KEYID		17

/* Ordinary memory. */
#define PARAMS_PA	(8 * MB)
#define SOURCE_PA	(9 * MB)

/* Makes a call and returns its status; r->out gets the registers. */
u64 td_call(struct rig *r, u32 lp, u64 rax, u64 rcx, u64 rdx, u64 r8, u64 r9);

/* Adds @nr pages from PAGE(@first) on to a TD or vCPU. */
void td_add_pages(struct rig *r, u64 leaf, u64 owner, u32 first, u32 nr);
/* Creates a vCPU, complete for TDH.VP.INIT, whose TDVPR is PAGE(@first). */
void td_build_vp(struct rig *r, u32 first);

/* Brings a started machine to READY and initialises the first TDMR. */
void td_up(struct rig *r);
/* The same for a new machine. */
void td_ready(struct rig *r, enum tdxm_profile profile);
/* Each includes the one before. */
void td_created(struct rig *r);
void td_keyed(struct rig *r);
void td_allocated(struct rig *r);
void td_initialised(struct rig *r);
void td_with_vp(struct rig *r);
void td_with_sept(struct rig *r);
void td_with_page(struct rig *r, u32 n);	/* DATA(n) at GPA n * 4096 */
void td_runnable(struct rig *r);		/* with page 0 */

void td_good_params(struct rig *r);
u8 td_page_type(struct rig *r, u64 pa);
void td_assert_page(struct rig *r, u64 pa, u8 type);
/* Ends a TD in any state with keys and reclaims its pages; every step must succeed. */
void td_destroy(struct rig *r);

#endif
