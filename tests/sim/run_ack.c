// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt or NMI that has ended a guest's run.  A VM exit acknowledges it, and the host
 * finds its vector in R9 and calls the handler itself (KVM: EOI and all); #VMEXIT leaves it
 * pending.  So it is taken by an IDT of our own, the host's but for gates that only tell the
 * vector: the local APIC has an interrupt in service from then on.  NMIs are blocked no
 * longer when an acknowledged one reaches the host's handler, unlike after a VM exit: the
 * IRET of the trap that TDH.VP.ENTER is comes first.
 */
#include <linux/string.h>
#include <asm/desc.h>
#include <asm/trapnr.h>

#include "run.h"

#define FIRST_VECTOR	32
#define STUB_SIZE	16

static gate_desc idt[IDT_ENTRIES] __aligned(PAGE_SIZE);
static gate_desc nmi_idt[IDT_ENTRIES] __aligned(PAGE_SIZE);

static gate_desc gate(const u8 *to)
{
	u64 stub = (u64)to;

	return (gate_desc){
		.offset_low = (u16)stub, .offset_middle = (u16)(stub >> 16),
		.offset_high = (u32)(stub >> 32), .segment = __KERNEL_CS,
		.bits = { .type = GATE_INTERRUPT, .p = 1 },
	};
}

/* The host's IDT is the same on all CPUs, its first 32 gates for good. */
int run_ack_init(void)
{
	struct desc_ptr host;
	int i;

	store_idt(&host);
	if (host.size + 1 != sizeof(idt))
		return -EOPNOTSUPP;
	memcpy(idt, (void *)host.address, sizeof(idt));
	for (i = FIRST_VECTOR; i < IDT_ENTRIES; i++)
		idt[i] = gate(run_ack_stubs + STUB_SIZE * (i - FIRST_VECTOR));
	memcpy(nmi_idt, (void *)host.address, sizeof(nmi_idt));
	nmi_idt[X86_TRAP_NMI] = gate(run_nmi_stub);
	return 0;
}

static u32 with_idt(gate_desc *table, u32 (*window)(void))
{
	const struct desc_ptr ours = { .size = sizeof(idt) - 1, .address = (unsigned long)table };
	struct desc_ptr host;
	u32 vector;

	store_idt(&host);
	asm volatile("lidt %0" : : "m" (ours));
	vector = window();
	asm volatile("lidt %0" : : "m" (host));
	return vector;
}

u32 run_ack(void)
{
	return with_idt(idt, run_ack_window);
}

bool run_ack_nmi(void)
{
	return with_idt(nmi_idt, run_nmi_window);
}
