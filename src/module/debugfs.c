// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tdx_host/{cmrs,tdmrs,steps,calls,times}.  Only root can read them,
 * as some contain physical addresses.
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "host.h"

static struct dentry *dir;

static bool initialized(void)
{
	return tdx_state() == TDX_STATE_INITIALIZED;
}

static int cmrs_show(struct seq_file *m, void *v)
{
	u32 i;

	for (i = 0; initialized() && i < tdx_host.sysinfo.nr_cmrs; i++)
		seq_printf(m, "[0x%llx, 0x%llx)\n", tdx_host.sysinfo.cmrs[i].start,
			   tdx_host.sysinfo.cmrs[i].end);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cmrs);

static void show_area(struct seq_file *m, const char *what, u64 start, u64 size)
{
	seq_printf(m, "  %s [0x%llx, 0x%llx)\n", what, start, start + size);
}

static void show_tdmr(struct seq_file *m, const struct tdmr *t)
{
	u32 i;

	seq_printf(m, "TDMR [0x%llx, 0x%llx) node %d\n", t->base, t->base + t->size, t->node);
	show_area(m, "PAMT 4K", t->pamt[TDX_PS_4K].base, t->pamt[TDX_PS_4K].size);
	show_area(m, "PAMT 2M", t->pamt[TDX_PS_2M].base, t->pamt[TDX_PS_2M].size);
	show_area(m, "PAMT 1G", t->pamt[TDX_PS_1G].base, t->pamt[TDX_PS_1G].size);
	for (i = 0; i < t->nr_reserved; i++)
		show_area(m, "reserved", t->base + t->reserved[i].base, t->reserved[i].size);
}

static int tdmrs_show(struct seq_file *m, void *v)
{
	u32 i;

	for (i = 0; initialized() && i < tdx_host.plan->nr_tdmrs; i++)
		show_tdmr(m, &tdx_host.plan->tdmrs[i]);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tdmrs);

/* The duration of each step of bring-up, in microseconds. */
static int steps_show(struct seq_file *m, void *v)
{
	u32 i;

	for (i = 0; i < TDX_MAX_STEPS && tdx_host.steps[i].name; i++)
		seq_printf(m, "%s %llu\n", tdx_host.steps[i].name, tdx_host.steps[i].us);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(steps);

/* The number of SEAMCALLs that each CPU has made for bring-up. */
static int calls_show(struct seq_file *m, void *v)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (tdx_vmx_calls(cpu))
			seq_printf(m, "cpu %d %llu\n", cpu, tdx_vmx_calls(cpu));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(calls);

/* The longest call of each leaf, and the longest time with interrupts off: name, ns, cycles. */
static int times_show(struct seq_file *m, void *v)
{
	struct tdx_time t;
	u32 i;

	for (i = 0; tdx_time_get(i, &t); i++)
		if (t.cycles)
			seq_printf(m, "%s %llu %llu\n", t.name, t.ns, t.cycles);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(times);

/* Errors are ignored: nothing depends on debugfs. */
void tdx_debugfs_start(void)
{
	dir = debugfs_create_dir("tdx_host", NULL);
	debugfs_create_file("cmrs", 0400, dir, NULL, &cmrs_fops);
	debugfs_create_file("tdmrs", 0400, dir, NULL, &tdmrs_fops);
	debugfs_create_file("steps", 0400, dir, NULL, &steps_fops);
	debugfs_create_file("calls", 0400, dir, NULL, &calls_fops);
	debugfs_create_file("times", 0400, dir, NULL, &times_fops);
}

void tdx_debugfs_stop(void)
{
	debugfs_remove(dir);
}
