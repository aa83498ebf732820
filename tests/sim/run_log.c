// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tdx_seamsim/runs: the TDs with their TDR and the root of their secure EPT,
 * how many vCPUs were on CPUs at once, at most, how often vCPUs have left the CPU, by SVM exit
 * code, and the last of these exits, oldest first.  A vCPU that cannot go on is named in the
 * kernel log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/smp.h>

#include "run.h"
#include "sim.h"

#define NR_CODES	0x90	/* and the one above: all others, nested faults among them */
#define NR_LAST		64U

struct last {
	u64 code, info_1, info_2, rip, rax, event;
	u32 vcpu;
	u32 after;
};

static atomic64_t exits[NR_CODES + 1];
static struct last last[NR_LAST];
static atomic_t nr_last = ATOMIC_INIT(0);
static atomic_t inside = ATOMIC_INIT(0), most_inside = ATOMIC_INIT(0);

static const char *const after_names[] = {
	[TDXM_NEXT_INSN] = "next instruction", [TDXM_SAME_INSN] = "same instruction",
	[TDXM_EVENT] = "exception", [TDXM_EXIT] = "host",
};

void run_log_enter(void)
{
	int now = atomic_inc_return(&inside), most = atomic_read(&most_inside);

	if (!smp_processor_id() && num_online_cpus() > 1)
		pr_warn_once("a vCPU runs on CPU 0, where QEMU may lose it, or this host, for what other CPUs do: keep TDs on these (taskset)\n");
	while (now > most && !atomic_try_cmpxchg(&most_inside, &most, now))
		;
}

void run_log_leave(void)
{
	atomic_dec(&inside);
}

/* Another CPU may be at the same entry: it then shows parts of both exits. */
void run_log_exit(const struct run *r, enum tdxm_after after)
{
	const struct vmcb *b = r->vmcb;

	atomic64_inc(&exits[min_t(u64, b->exit_code, NR_CODES)]);
	last[(u32)atomic_inc_return(&nr_last) % NR_LAST] = (struct last){
		.code = b->exit_code, .info_1 = b->exit_info_1, .info_2 = b->exit_info_2,
		.rip = b->rip, .rax = b->rax, .event = b->exit_int_info,
		.vcpu = r->c->vp->index, .after = after,
	};
}

void run_log_end(const struct run *r)
{
	const struct vmcb *b = r->vmcb;

	pr_info("vCPU %u ends: exit %#llx (%#llx, %#llx) at RIP %#llx, CS %#x, RSP %#llx, CR0 %#llx, CR2 %#llx, CR3 %#llx, CR4 %#llx, EFER %#llx, event %#llx\n",
		r->c->vp->index, b->exit_code, b->exit_info_1, b->exit_info_2, b->rip, b->cs.selector,
		b->rsp, r->vcpu->cr0, b->cr2, r->vcpu->cr3, r->vcpu->cr4, r->vcpu->efer,
		b->exit_int_info);
}

static int runs_show(struct seq_file *file, void *unused)
{
	const struct tdxm_tds *tds = &sim_model->tds;
	u32 i, n = atomic_read(&nr_last);

	for (i = 0; i < TDXM_MAX_TDS; i++)
		if (READ_ONCE(tds->td_used[i]))
			seq_printf(file, "td %u tdr %#llx root %#llx\n", i, tds->td[i].tdr,
				   tds->td[i].tdcx[TDXM_SEPT_ROOT]);

	seq_printf(file, "at_once %d\n", atomic_read(&most_inside));
	for (i = 0; i <= NR_CODES; i++)
		if (atomic64_read(&exits[i]))
			seq_printf(file, "exit %#x %lld\n", i == NR_CODES ? SVM_NPF : i,
				   atomic64_read(&exits[i]));
	for (i = 1; i <= NR_LAST; i++) {
		const struct last *l = &last[(n + i) % NR_LAST];

		if (l->rip)
			seq_printf(file, "vcpu %u exit %#llx %#llx %#llx rip %#llx rax %#llx event %#llx: %s\n",
				   l->vcpu, l->code, l->info_1, l->info_2, l->rip, l->rax, l->event,
				   after_names[l->after]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(runs);

void run_log_show(struct dentry *dir)
{
	if (sim_config.guests)
		debugfs_create_file("runs", 0400, dir, NULL, &runs_fops);
}
