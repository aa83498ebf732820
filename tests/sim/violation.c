// SPDX-License-Identifier: GPL-2.0-only
/* Rules that a correct host never breaks: keeps the first violations and counts all. */
#include <linux/seq_file.h>
#include <linux/smp.h>

#include "sim.h"

#define MAX_LOGGED	64

static const char *const names[SIM_V_NR] = {
	[SIM_V_CALL_OUTSIDE_VMX] = "call-outside-vmx",
	[SIM_V_CALL_IRQS_ON] = "call-in-borrowed-vmx-irqs-on",
	[SIM_V_VMXON_IRQS_ON] = "vmxon-irqs-on",
	[SIM_V_VMXON_TWICE] = "vmxon-in-vmx-operation",
	[SIM_V_VMXON_REVISION] = "vmxon-wrong-revision",
	[SIM_V_VMXON_REGION] = "vmxon-bad-region",
	[SIM_V_VMXOFF_FOREIGN] = "vmxoff-of-owners-vmx",
	[SIM_V_VMX_LEFT_ON] = "vmx-left-on",
	[SIM_V_VMXE_LEFT_ON] = "cr4-vmxe-left-on",
	[SIM_V_VMXE_CLEARED_IN_VMX] = "cr4-vmxe-cleared-in-vmx-operation",
	[SIM_V_VMXE_FOREIGN] = "cr4-vmxe-of-owner-cleared",
	[SIM_V_SEAMLDR_DROPS_VMCS] = "seamldr-call-drops-owners-vmcs",
	[SIM_V_UNHANDLED_FAULT] = "gp-without-fixup",
	[SIM_V_UNKNOWN_INSN] = "instruction-not-understood",
};

struct logged {
	enum sim_violation_kind kind;
	u32 cpu;
	u64 leaf;
	unsigned long ip;
	char at[64];		/* the same in words, once its module goes */
	bool complete;
};

static struct logged log[MAX_LOGGED];
static atomic_t nr_logged = ATOMIC_INIT(0);
static atomic64_t total[SIM_V_NR];

void sim_violation(enum sim_violation_kind kind, const struct pt_regs *regs, u64 leaf)
{
	struct logged *l;
	int slot;

	atomic64_inc(&total[kind]);
	slot = atomic_fetch_add_unless(&nr_logged, 1, MAX_LOGGED);
	if (slot >= MAX_LOGGED)
		return;

	l = &log[slot];
	l->kind = kind;
	l->cpu = raw_smp_processor_id();
	l->leaf = leaf;
	l->ip = regs ? regs->ip : 0;
	smp_store_release(&l->complete, true);
}

u64 sim_violations_total(void)
{
	u64 n = 0;
	u32 i;

	for (i = 0; i < SIM_V_NR; i++)
		n += atomic64_read(&total[i]);
	for (i = 0; i < TDXM_V_NR; i++)
		n += tdxm_violations(sim_model, i);
	return n;
}

void sim_violations_name(void)
{
	struct logged *l;

	for (l = log; l < log + MAX_LOGGED; l++) {
		if (smp_load_acquire(&l->complete) && l->ip && !l->at[0])
			snprintf(l->at, sizeof(l->at), "%pS", (void *)l->ip);
	}
}

static void show_own(struct seq_file *file)
{
	const struct logged *l;

	for (l = log; l < log + MAX_LOGGED; l++) {
		if (!smp_load_acquire(&l->complete))
			continue;
		seq_printf(file, "%s cpu=%u", names[l->kind], l->cpu);
		if (l->leaf != ~0ULL)
			seq_printf(file, " leaf=%#llx", l->leaf);
		if (l->at[0])
			seq_printf(file, " at=%s", l->at);
		seq_putc(file, '\n');
	}
}

void sim_violations_show(struct seq_file *file)
{
	struct tdxm_violation v;
	u32 i;

	sim_violations_name();
	show_own(file);
	for (i = 0; tdxm_violation(sim_model, i, &v); i++)
		seq_printf(file, "%s cpu=%u leaf=%#llx pa=%#llx\n",
			   tdxm_violation_name(v.kind), v.lp, v.leaf, v.pa);
}
