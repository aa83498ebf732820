// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/tdx_seamsim:
 *
 *   report      counts of calls and more, as "key value" lines
 *   violations  one a line; empty unless the host broke a rule
 *   vmx         CPUs with CR4.VMXE set or in VMX operation, and for whom
 *   verify      compares the PAMTs with what the TDX module wrote, then counts
 *   owner       write none, vmx or vmxe: on every CPU a hypervisor (KVM) has nothing,
 *               VMX operation, or CR4.VMXE and not yet VMX operation
 *   images/     of each TDX module, for the SEAM loader
 *   runs        of TDs that run: run_log.c
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/cpufeature.h>

#include "../model/image.h"
#include "run.h"
#include "sim.h"

struct sim_stats sim_stats;

static struct dentry *dir;
static DEFINE_MUTEX(verify_lock);

static void show_leaves(struct seq_file *file)
{
	u32 slot;

	for (slot = 0; slot < SIM_NR_LEAVES; slot++) {
		u64 calls = atomic64_read(&sim_stats.leaf_calls[slot]);
		u64 errors = atomic64_read(&sim_stats.leaf_errors[slot]);
		u64 absent = atomic64_read(&sim_stats.leaf_absent[slot]);

		if (!calls)
			continue;
		if (sim_leaf_name(slot))
			seq_printf(file, "leaf %s", sim_leaf_name(slot));
		else
			seq_printf(file, "leaf %u", slot);
		seq_printf(file, " calls %llu errors %llu absent %llu\n", calls, errors, absent);
	}
}

static void show_cpus(struct seq_file *file)
{
	u64 calls = 0, vmxons = 0, ns = 0, latency = 0;
	u32 in_a_row = 0;
	int i;

	for_each_possible_cpu(i) {
		const struct sim_cpu *cpu = per_cpu_ptr(&sim_cpus, i);

		if (cpu->calls)
			seq_printf(file, "cpu %d calls %llu vmxons %llu irqs_off_max_us %llu\n",
				   i, cpu->calls, cpu->vmxons, cpu->span_max_ns / 1000);
		calls += cpu->calls;
		vmxons += cpu->vmxons;
		ns = max(ns, cpu->span_max_ns);
		latency = max(latency, cpu->span_max_latency);
		in_a_row = max(in_a_row, cpu->span_max_calls);
	}
	seq_printf(file, "calls %llu\n", calls);
	seq_printf(file, "vmxons %llu\n", vmxons);
	/* The longest stretch by the clock, and what of it the TDX module asked for. */
	seq_printf(file, "irqs_off_max_us %llu\n", ns / 1000);
	seq_printf(file, "irqs_off_max_latency_us %llu\n", latency / 1000);
	seq_printf(file, "irqs_off_max_calls %u\n", in_a_row);
}

/* What sets one TDX module apart from another, for scenarios that take any. */
static void show_module(struct seq_file *file)
{
	enum tdxm_profile profile = tdxm_profile_now(sim_model);
	u32 leaf = tdxm_shutdown_leaf(profile);

	seq_printf(file, "profile %s\n", tdxm_profile_name(profile));
	seq_printf(file, "wants_every_lp %d\n", tdxm_wants_every_lp(profile));
	seq_printf(file, "shutdown_leaf %s\n", leaf ? sim_leaf_name(leaf) : "none");
}

static int report_show(struct seq_file *file, void *unused)
{
	sim_check_left_on();
	seq_printf(file, "ready %d\n", tdxm_ready(sim_model));
	seq_printf(file, "lps %u\n", sim_config.machine.nr_lps);
	show_module(file);
	show_leaves(file);
	show_cpus(file);
	seq_printf(file, "vmfailinvalid %lld\n", atomic64_read(&sim_stats.vmfailinvalid));
	seq_printf(file, "gp %lld\n", atomic64_read(&sim_stats.gp));
	seq_printf(file, "ud %lld\n", atomic64_read(&sim_stats.ud));
	seq_printf(file, "wbinvd %lld\n", atomic64_read(&sim_stats.wbinvd));
	seq_printf(file, "movdir64b %lld\n", atomic64_read(&sim_stats.movdir64b));
	seq_printf(file, "invept %lld\n", atomic64_read(&sim_stats.invept));
	seq_printf(file, "flushes %lld\n", atomic64_read(&sim_stats.flushes));
	seq_printf(file, "flush_bytes %lld\n", atomic64_read(&sim_stats.flush_bytes));
	seq_printf(file, "flushes_ignored %lld\n", atomic64_read(&sim_stats.flushes_ignored));
	seq_printf(file, "unflushed_after_shutdown %llu\n",
		   tdxm_unflushed_after_shutdown(sim_model));
	seq_printf(file, "tds %u\n", tdxm_nr_tds(sim_model));
	seq_printf(file, "guest_keyids_used %u\n", tdxm_nr_keyids_used(sim_model));
#ifdef X86_FEATURE_TDX_HOST_PLATFORM
	/* /proc/cpuinfo does not show it. */
	seq_printf(file, "tdx_host_platform %d\n", boot_cpu_has(X86_FEATURE_TDX_HOST_PLATFORM));
#endif
	seq_printf(file, "probes_missed %lu\n", sim_probes_missed());
	seq_printf(file, "violations %llu\n", sim_violations_total());
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(report);

static int violations_show(struct seq_file *file, void *unused)
{
	sim_check_left_on();
	sim_violations_show(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(violations);

static int vmx_show(struct seq_file *file, void *unused)
{
	static const char *const names[] = {
		[VMX_OFF] = "off", [VMX_BORROWED] = "borrowed", [VMX_OWNED] = "owned",
	};
	int i;

	sim_check_left_on();
	for_each_possible_cpu(i) {
		const struct sim_cpu *cpu = per_cpu_ptr(&sim_cpus, i);

		if (cpu->vmxe || cpu->vmx != VMX_OFF)
			seq_printf(file, "cpu %d vmxe %d vmx %s\n", i, cpu->vmxe,
				   names[cpu->vmx]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vmx);

static int verify_show(struct seq_file *file, void *unused)
{
	mutex_lock(&verify_lock);
	seq_printf(file, "pamt_pages_differ %u\n", tdxm_verify_pamt(sim_model));
	mutex_unlock(&verify_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(verify);

static ssize_t owner_write(struct file *file, const char __user *text, size_t size, loff_t *pos)
{
	static const char *const names[] = {
		[OWNER_NONE] = "none", [OWNER_VMX] = "vmx", [OWNER_VMXE] = "vmxe",
	};
	char word[8] = "";
	int owner;

	if (size >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, text, size))
		return -EFAULT;
	owner = sysfs_match_string(names, word);
	if (owner < 0)
		return owner;
	if (!sim_config.vmx || sim_config.vmx_real)
		return -ENODEV;
	sim_owner_changes(owner);
	return size;
}

static const struct file_operations owner_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = owner_write,
	.llseek = noop_llseek,
};

/* Hashed and signed for a reader alone: few scenarios have one. */
static int image_open(struct inode *inode, struct file *file)
{
	u8 *image = vmalloc(TDXM_IMAGE_SIZE);

	if (!image)
		return -ENOMEM;
	tdxm_image_make(image, (unsigned long)inode->i_private, &sim_config.machine);
	file->private_data = image;
	return 0;
}

static ssize_t image_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	return simple_read_from_buffer(to, size, pos, file->private_data, TDXM_IMAGE_SIZE);
}

static int image_release(struct inode *inode, struct file *file)
{
	vfree(file->private_data);
	return 0;
}

static const struct file_operations image_fops = {
	.owner = THIS_MODULE,
	.open = image_open,
	.read = image_read,
	.release = image_release,
	.llseek = default_llseek,
};

static void show_images(void)
{
	struct dentry *sub = debugfs_create_dir("images", dir);
	unsigned long i;

	for (i = 0; i < TDXM_NR_PROFILES; i++)
		debugfs_create_file(tdxm_profile_name(i), 0400, sub, (void *)i, &image_fops);
}

int sim_report_init(void)
{
	dir = debugfs_create_dir("tdx_seamsim", NULL);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	debugfs_create_file("report", 0400, dir, NULL, &report_fops);
	debugfs_create_file("violations", 0400, dir, NULL, &violations_fops);
	debugfs_create_file("vmx", 0400, dir, NULL, &vmx_fops);
	debugfs_create_file("verify", 0400, dir, NULL, &verify_fops);
	debugfs_create_file("owner", 0200, dir, NULL, &owner_fops);
	show_images();
	run_log_show(dir);
	return 0;
}

void sim_report_exit(void)
{
	debugfs_remove_recursive(dir);
}
