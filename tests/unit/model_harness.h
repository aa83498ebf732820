/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine of 4 LPs in 2 packages with the model, for the model's own tests. */
#ifndef MODEL_HARNESS_H
#define MODEL_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "image.h"
#include "model.h"
#include "status_codes.h"

#define MB	(1ULL << 20)
#define GB	(1ULL << 30)

#define RAM_SIZE	(9 * GB)
#define NR_LPS		4
#define PA_BITS		40	/* 46 less 6 of KeyID */
#define KEYID_PA(id)	((u64)(id) << PA_BITS)
#define GLOBAL_KEYID	16

/* The memory that calls pass to the TDX module. */
#define TDMR_ARRAY_PA	(2 * MB)
#define TDMR_INFO_PA(i)	(3 * MB + (u64)(i) * 512)
#define SYSINFO_PA	(4 * MB)
#define CMR_INFO_PA	(5 * MB)
#define SEAMLDR_PA	(6 * MB)

/* VP_ENTER, SYS_INIT, ... */
enum {
#define TDX_LEAF_ROW(leaf, name, id) id = (leaf) & 0xffff,
#include "status_tables.inc"
#undef TDX_LEAF_ROW
};

enum { RCX = 1, RDX = 2, R8 = 8, R9 = 9 };	/* operand ids; RAX is 0 */

struct tdmr_info {
	u64 base, size;
	struct { u64 base, size; } pamt[3];	/* 1G, 2M, 4K */
	struct { u64 offset, size; } reserved[16];
};
#define P1G 0
#define P2M 1
#define P4K 2

struct rig {
	struct tdxm *m;
	u8 *ram;
	struct tdxm_machine machine;
	struct tdxm_regs out;	/* of the last expect(), see model_case.h */
	/* The next call that touches memory makes this call from within. */
	bool armed;
	u32 inner_lp;
	struct tdxm_regs inner;
	/* If set, called whenever the model touches memory. */
	void (*on_page)(void);
	/* If set, called when a leaf takes its time. */
	void (*on_dwell)(struct rig *r, u64 leaf);
};

/* Describes the machine.  The caller may change rig->machine before rig_start(). */
void rig_describe(struct rig *r, enum tdxm_profile profile);
void rig_start(struct rig *r);
/* The TDX module starts afresh, on the same machine and in the same memory. */
void rig_power_on(struct rig *r);
void rig_stop(struct rig *r);
static inline void rig_new(struct rig *r, enum tdxm_profile profile)
{
	rig_describe(r, profile);
	rig_start(r);
}

/* Where rig_image() puts what SEAMLDR.INSTALL takes. */
#define INSTALL_PA	(7 * MB)
#define IMAGE_PA	(10 * MB)
/* The image of @profile at IMAGE_PA, and parameters that are right for it. */
void rig_image(struct rig *r, enum tdxm_profile profile, u32 scenario);
/* SEAMLDR.INSTALL on one LP, and on each: the last one's status. */
u64 install_on(struct rig *r, u32 lp);
u64 install(struct rig *r);

enum tdxm_outcome rig_seamcall(struct rig *r, u32 lp, struct tdxm_regs *regs);
/* Makes a call that must complete, and returns its status. */
u64 call(struct rig *r, u32 lp, u64 leaf, struct tdxm_regs *regs);
u64 call3(struct rig *r, u32 lp, u64 leaf, u64 rcx, u64 rdx, u64 r8);
/* If set, called for every completed call. */
extern void (*rig_on_status)(u64 leaf, u64 status);

struct tdmr_info *tdmr(struct rig *r, u32 i);
static inline u64 pamt(struct rig *r, u32 i, u32 level)
{
	return tdmr(r, i)->pamt[level].base;
}
/* Two valid TDMRs: [4G, 5G), [5G, 7G) with [5G+16M, 5G+24M) reserved. */
void good_tdmrs(struct rig *r);
#define CONFIG	SYS_CONFIG, TDMR_ARRAY_PA, 2, GLOBAL_KEYID
u64 config(struct rig *r);
void good_config(struct rig *r);
/* TDH.SYS.KEY.CONFIG on one LP of each package. */
void key_packages(struct rig *r);

/* Each includes the one before. */
void to_init(struct rig *r);
void to_lps(struct rig *r);
void to_config(struct rig *r);
void to_ready(struct rig *r);
/* The LPs that later modules want before TDH.SYS.CONFIG: one of each package. */
void to_packages(struct rig *r);
/* Initialises the whole TDMR, of which @done bytes are initialised already. */
void init_tdmr(struct rig *r, u64 base, u64 done);
void flush_pamts(struct rig *r);

#endif
