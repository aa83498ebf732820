// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long calls take: the longest run of each leaf since load, and the longest stretch in
 * which a loan of VMX operation kept interrupts off.  In cycles of the TSC.
 *
 * One table for all CPUs.  A call reads its entry and writes it only if it was the longest
 * so far, which soon is rare: the table stays shared in every CPU's cache, and no lock is
 * needed.
 */
#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <asm/msr.h>
#include <asm/tsc.h>

#include "host.h"

#define SEAMLDR		(1ULL << 63)
/* As many as any TDX module and SEAM loader have. */
#define NR_LEAVES	128
#define NR_LOADER	4
#define IRQS_OFF	(NR_LEAVES + NR_LOADER)

static u64 longest[IRQS_OFF + 1];

static void keep_longest(u32 i, u64 cycles)
{
	u64 old = READ_ONCE(longest[i]), seen;

	while (cycles > old) {
		seen = cmpxchg64(&longest[i], old, cycles);
		if (seen == old)
			return;
		old = seen;
	}
}

static void keep_leaf(u64 leaf, u64 cycles)
{
	u32 number = leaf & 0xffff;

	if (!(leaf & SEAMLDR) && number < NR_LEAVES)
		keep_longest(number, cycles);
	else if ((leaf & SEAMLDR) && number < NR_LOADER)
		keep_longest(NR_LEAVES + number, cycles);
}

/*
 * The TDX module takes no interrupt in a call anyway; those that come in the moment before
 * and after would count as the leaf's time.
 */
u64 tdx_seamcall_timed(u64 leaf, struct tdx_regs *regs)
{
	unsigned long flags;
	u64 start, status;

	local_irq_save(flags);
	start = rdtsc_ordered();
	status = tdx_seamcall(leaf, regs);
	keep_leaf(leaf, rdtsc_ordered() - start);
	local_irq_restore(flags);
	return status;
}

void tdx_times_irqs_off(u64 cycles)
{
	keep_longest(IRQS_OFF, cycles);
}

bool tdx_time_get(u32 i, struct tdx_time *time)
{
	u64 cycles;

	if (i > IRQS_OFF)
		return false;
	cycles = READ_ONCE(longest[i]);
	*time = (struct tdx_time){
		.name = i == IRQS_OFF ? "irqs_off" :
			tdx_leaf_name(i < NR_LEAVES ? i : SEAMLDR | (i - NR_LEAVES)),
		.cycles = cycles,
		.ns = tsc_khz ? cycles * 1000000 / tsc_khz : 0,
		.is_leaf = i != IRQS_OFF,
	};
	return true;
}
