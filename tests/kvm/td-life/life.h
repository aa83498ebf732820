/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tdx_td_life: creates, runs and destroys TDs through tdx_host.h, as KVM would, on several
 * CPUs at once.  The TDs have no software, so this needs the simulated TDX module
 * (tests/sim), with every CPU in VMX operation.
 */
#ifndef TD_LIFE_H
#define TD_LIFE_H

#include <linux/mm.h>
#include <linux/types.h>

#include <tdx_host.h>
#include "status_codes.h"

#define NR_PAGES	64	/* measured, from GPA 0 */
#define NR_REMOVED	32	/* of these, taken out while the TD lives */

/* main.c: what every wrapper answered that was no success. */
void life_failed(const char *wrapper, u64 status);
extern uint life_extend;	/* chunks of a page to measure */
extern atomic_t life_pages;	/* allocated and not freed */
extern atomic_t life_leaked;	/* not given back by the TDX module: never freed */

/* round.c: one TD, on this CPU. 0, or -EIO: a wrapper failed; -ENOMEM, -ENOSPC. */
int life_round(u64 mrtd[6]);

/*
 * The same up to its first run; then a thread enters it again and again until the machine
 * leaves: this module cannot be unloaded any more.
 */
int life_hold(void);

/* wrappers.c: how many of the wrappers answer @expected, and how many there are. */
uint life_wrappers(u64 expected, uint *total);

/* keyids.c: takes all guest KeyIDs and returns how many; leaves @keep of them taken. */
int life_keyids(uint keep);

#endif
