// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that do not trap: puts kprobes on each RDMSR, MOV to and from CR4 and WBINVD
 * in a tested module's text, and on the kernel's clflush_cache_range().
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/io.h>
#include <asm/trapnr.h>

#include "sim.h"

#define LONGEST_PATTERN	4
#define MAX_PROBES	256	/* in one module */

struct sim_probe {
	struct kprobe kp;
	struct sim_insn insn;
	const struct module *mod;
};

struct sim_probes {
	int nr;
	struct kprobe *kp[MAX_PROBES];
};

static atomic_long_t missed = ATOMIC_LONG_INIT(0);

static bool emulate_rdmsr(struct pt_regs *regs)
{
	u64 value;

	if (!sim_rdmsr(regs->cx, &value))
		return false;
	regs->ax = (u32)value;
	regs->dx = value >> 32;
	return true;
}

/* false: #GP */
static bool execute(struct sim_cpu *cpu, struct pt_regs *regs, const struct sim_insn *insn)
{
	switch (insn->kind) {
	case INSN_RDMSR:
		return emulate_rdmsr(regs);
	case INSN_CR4_READ:
		/* The look before a loan: what came before is another stretch. */
		if (cpu->vmx != VMX_BORROWED)
			sim_span_cut(cpu);
		*sim_gpr(regs, insn->reg) = sim_cr4_read(cpu);
		return true;
	case INSN_CR4_WRITE:
		return sim_cr4_write(cpu, regs, *sim_gpr(regs, insn->reg)) == SIM_OK;
	default:
		tdxm_wbinvd(sim_model, raw_smp_processor_id());
		atomic64_inc(&sim_stats.wbinvd);
		return true;
	}
}

static int on_probe(struct kprobe *kp, struct pt_regs *regs)
{
	const struct sim_probe *probe = container_of(kp, struct sim_probe, kp);
	struct sim_cpu *cpu = this_cpu_ptr(&sim_cpus);

	regs->ip = (unsigned long)kp->addr;	/* it stood behind the int3 */
	sim_span_enter(cpu, regs);
	if (execute(cpu, regs, &probe->insn)) {
		regs->ip += probe->insn.length;
	} else if (!sim_fixup(probe->mod, regs, X86_TRAP_GP)) {
		sim_violation(SIM_V_UNHANDLED_FAULT, regs, ~0ULL);
		regs->ip += probe->insn.length;
	}
	sim_span_leave(cpu);
	return 1;	/* carried out: no single step */
}

void sim_probe_done(struct kprobe *kp, struct pt_regs *regs, unsigned long flags)
{
}

/*
 * Within what may be a call or jump: one that the kernel patches, a static call for
 * example, takes no kprobe, and where it goes depends on where things were loaded.
 */
static bool in_branch(struct module *mod, const u8 *addr)
{
	int i;	/* signed: addr[-i] */

	for (i = 1; i <= 4 && within_module((unsigned long)addr - i, mod); i++)
		if (addr[-i] == 0xe8 || addr[-i] == 0xe9)
			return true;
	return false;
}

/* 0: planted, or no instruction starts here. */
static int plant(struct sim_probes *probes, struct module *mod, u8 *addr)
{
	struct sim_probe *probe;
	struct sim_insn insn;
	int ret;

	sim_decode(addr, NULL, &insn);
	switch (insn.kind) {
	case INSN_RDMSR:
	case INSN_CR4_WRITE:
	case INSN_CR4_READ:
	case INSN_WBINVD:
		break;
	default:
		return 0;
	}

	if (probes->nr == MAX_PROBES)
		return -ENOSPC;
	probe = kzalloc(sizeof(*probe), GFP_KERNEL);
	if (!probe)
		return -ENOMEM;
	probe->kp.addr = addr;
	probe->kp.pre_handler = on_probe;
	probe->kp.post_handler = sim_probe_done;
	probe->insn = insn;
	probe->mod = mod;
	ret = register_kprobe(&probe->kp);
	if (ret) {
		kfree(probe);
		/* Are these bytes inside an instruction? */
		if (ret == -EILSEQ || (ret == -EINVAL && in_branch(mod, addr)))
			return 0;
		pr_err("%s: no kprobe at %pS: error %d\n", mod->name, addr, ret);
		return ret;
	}
	probes->kp[probes->nr++] = &probe->kp;
	return 0;
}

static int plant_range(struct sim_probes *probes, struct module *mod, void *base,
		       unsigned long size)
{
	unsigned long i;
	int ret = 0;

	for (i = 0; !ret && i + LONGEST_PATTERN <= size; i++)
		ret = plant(probes, mod, (u8 *)base + i);
	return ret;
}

static int plant_all(struct sim_probes *probes, struct module *mod)
{
	int ret;

#ifdef HAVE_MODULE_MEMORY
	ret = plant_range(probes, mod, mod->mem[MOD_TEXT].base, mod->mem[MOD_TEXT].size);
	if (!ret)
		ret = plant_range(probes, mod, mod->mem[MOD_INIT_TEXT].base,
				  mod->mem[MOD_INIT_TEXT].size);
#else
	ret = plant_range(probes, mod, mod->core_layout.base, mod->core_layout.text_size);
	if (!ret)
		ret = plant_range(probes, mod, mod->init_layout.base,
				  mod->init_layout.text_size);
#endif
	return ret;
}

struct sim_probes *sim_probes_plant(struct module *mod)
{
	struct sim_probes *probes;
	int ret;

	probes = kzalloc(sizeof(*probes), GFP_KERNEL);
	if (!probes)
		return ERR_PTR(-ENOMEM);
	ret = plant_all(probes, mod);
	if (ret) {
		sim_probes_remove(probes);
		return ERR_PTR(ret);
	}
	return probes;
}

void sim_probes_remove(struct sim_probes *probes)
{
	int i;

	/* All at once: each time it waits for RCU. */
	unregister_kprobes(probes->kp, probes->nr);
	for (i = 0; i < probes->nr; i++) {
		atomic_long_add(probes->kp[i]->nmissed, &missed);
		kfree(container_of(probes->kp[i], struct sim_probe, kp));
	}
	kfree(probes);
}

unsigned long sim_probes_missed(void)
{
	return atomic_long_read(&missed);
}

static int on_flush(struct kprobe *kp, struct pt_regs *regs)
{
	void *addr = (void *)regs->di;
	u32 size = regs->si;
	unsigned long flags;

	if (!size)
		return 0;
	if (!virt_addr_valid(addr)) {
		atomic64_inc(&sim_stats.flushes_ignored);
		return 0;
	}
	atomic64_inc(&sim_stats.flushes);
	atomic64_add(size, &sim_stats.flush_bytes);
	/* By ftrace the probe comes with interrupts on; the model's lock wants them off. */
	local_irq_save(flags);
	tdxm_clflush(sim_model, virt_to_phys(addr), size);
	local_irq_restore(flags);
	return 0;
}

static struct kprobe flush_probe = {
	.symbol_name = "clflush_cache_range",
	.pre_handler = on_flush,
};

int sim_flush_probe_init(void)
{
	int ret = register_kprobe(&flush_probe);

	if (ret)
		pr_err("no kprobe at clflush_cache_range: error %d\n", ret);
	return ret;
}

void sim_flush_probe_exit(void)
{
	unregister_kprobe(&flush_probe);
	atomic_long_add(flush_probe.nmissed, &missed);
}
