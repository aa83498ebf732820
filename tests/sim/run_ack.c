// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt that has ended a guest's run.  A VM exit acknowledges it, and the host finds
 * its vector in R9 and calls the handler itself (KVM: EOI and all); #VMEXIT leaves it
 * pending.  So it is taken, with the host's exceptions and NMIs, by an IDT of our own whose
 * other gates only tell the vector: the local APIC has it in service from then on.
 */
#include <linux/string.h>
#include <asm/desc.h>

#include "run.h"

#define FIRST_VECTOR	32
#define STUB_SIZE	16

static gate_desc idt[IDT_ENTRIES] __aligned(PAGE_SIZE);

/* The host's IDT is the same on all CPUs, its first 32 gates for good. */
int run_ack_init(void)
{
	struct desc_ptr host;
	int i;

	store_idt(&host);
	if (host.size + 1 != sizeof(idt))
		return -EOPNOTSUPP;
	memcpy(idt, (void *)host.address, sizeof(idt));
	for (i = FIRST_VECTOR; i < IDT_ENTRIES; i++) {
		u64 stub = (u64)run_ack_stubs + STUB_SIZE * (i - FIRST_VECTOR);

		idt[i] = (gate_desc){
			.offset_low = (u16)stub, .offset_middle = (u16)(stub >> 16),
			.offset_high = (u32)(stub >> 32), .segment = __KERNEL_CS,
			.bits = { .type = GATE_INTERRUPT, .p = 1 },
		};
	}
	return 0;
}

u32 run_ack(void)
{
	const struct desc_ptr ours = { .size = sizeof(idt) - 1, .address = (unsigned long)idt };
	struct desc_ptr host;
	u32 vector;

	store_idt(&host);
	asm volatile("lidt %0" : : "m" (ours));
	vector = run_ack_window();
	asm volatile("lidt %0" : : "m" (host));
	return vector;
}
