// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine's last instant: right before the kernel starts another kernel, resets the
 * machine or halts; on the way into kexec, the other CPUs have been stopped by then.
 * Writes a line to the log, which the harness can require (scripts/vm --expect), and another
 * one, which fails the boot, if a rule was broken since the reboot notifiers began.
 *
 * Also ends VMX operation at the moment when this kernel's KVM would, for test modules that
 * play KVM.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/kmsg_dump.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/syscore_ops.h>

#include "play_kvm.h"
#include "sim.h"

static u64 violations_then;
static s64 resets_then, wbinvds_then;

/* Before all others. */
static int on_reboot(struct notifier_block *nb, unsigned long action, void *command)
{
	tdxm_verify_pamt(sim_model);
	violations_then = sim_violations_total();
	resets_then = atomic64_read(&sim_stats.movdir64b);
	wbinvds_then = atomic64_read(&sim_stats.wbinvd);
	return NOTIFY_OK;
}

static struct notifier_block reboot_nb = {
	.notifier_call = on_reboot,
	.priority = INT_MAX,
};

#define COM1		0x3f8
#define COM1_LSR	(COM1 + 5)
#define LSR_THR_EMPTY	0x20

/* PREEMPT_RT writes the log to the port from a thread, which runs no more. */
static void to_port(const char *text)
{
	for (; *text; text++) {
		while (!(inb(COM1_LSR) & LSR_THR_EMPTY))
			cpu_relax();
		outb(*text, COM1);
	}
}

static __printf(1, 2) void say(const char *format, ...)
{
	static char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pr_info("%s", text);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		to_port(text);
}

/*
 * PAMTs may be reset on the way into another kernel once nothing is left that needs them:
 * the TDX module is down, or it has no TD.
 */
static void last_look(void)
{
	u32 differ = tdxm_nr_tds(sim_model) ? tdxm_verify_pamt(sim_model) : 0;
	u64 broken = sim_violations_total() - violations_then;
	struct tdxm_violation v;
	u32 i;

	say("last look: pamt_pages_differ %u lines_reset %s caches_written_back %s still_ready %d\n",
		differ, atomic64_read(&sim_stats.movdir64b) == resets_then ? "no" : "yes",
		atomic64_read(&sim_stats.wbinvd) == wbinvds_then ? "no" : "yes",
		tdxm_ready(sim_model));
	if (!broken)
		return;
	for (i = 0; tdxm_violation(sim_model, i, &v); i++)
		say("%s cpu=%u leaf=%#llx pa=%#llx\n", tdxm_violation_name(v.kind), v.lp,
			v.leaf, v.pa);
	say("BUG: %llu rules broken on the way out\n", broken);
}

#ifdef HAVE_KMSG_DUMP_DETAIL
static void on_dump(struct kmsg_dumper *dumper, struct kmsg_dump_detail *detail)
{
	if (detail->reason == KMSG_DUMP_SHUTDOWN)
		last_look();
}
#else
static void on_dump(struct kmsg_dumper *dumper, enum kmsg_dump_reason reason)
{
	if (reason == KMSG_DUMP_SHUTDOWN)
		last_look();
}
#endif

/* All of these kernels call it right before the machine's own way out. */
static struct kmsg_dumper dumper = {
	.dump = on_dump,
	.max_reason = KMSG_DUMP_SHUTDOWN,
};

#ifdef KEXEC_DUMPS_NO_LOG
static int on_kexec(struct kprobe *kp, struct pt_regs *regs)
{
	last_look();
	return 0;
}

static struct kprobe kexec_probe = {
	.symbol_name = "machine_kexec", .pre_handler = on_kexec,
};

static int kexec_probe_init(void)
{
	return register_kprobe(&kexec_probe);
}

static void kexec_probe_exit(void)
{
	unregister_kprobe(&kexec_probe);
}
#else
static int kexec_probe_init(void)
{
	return 0;
}

static void kexec_probe_exit(void)
{
}
#endif

/* ---- KVM leaves ---- */

#ifdef KVM_LEAVES_IN_NOTIFIER
static int kvm_leaves(struct notifier_block *nb, unsigned long action, void *command)
{
	sim_owner_leaves();
	return NOTIFY_OK;
}

static struct notifier_block kvm_nb = {
	.notifier_call = kvm_leaves,
};

void tdx_seamsim_play_kvm(void)
{
	register_reboot_notifier(&kvm_nb);
}

void tdx_seamsim_kvm_played(void)
{
	unregister_reboot_notifier(&kvm_nb);
}
#else
#ifdef HAVE_SYSCORE
static void kvm_leaves(void *data)
{
	sim_owner_leaves();
}

static const struct syscore_ops kvm_ops = {
	.shutdown = kvm_leaves,
};
static struct syscore kvm_syscore = {
	.ops = &kvm_ops,
};
#else
#define register_syscore	register_syscore_ops
#define unregister_syscore	unregister_syscore_ops
static struct syscore_ops kvm_syscore = {
	.shutdown = sim_owner_leaves,
};
#endif

void tdx_seamsim_play_kvm(void)
{
	register_syscore(&kvm_syscore);
}

void tdx_seamsim_kvm_played(void)
{
	unregister_syscore(&kvm_syscore);
}
#endif
EXPORT_SYMBOL_GPL(tdx_seamsim_play_kvm);
EXPORT_SYMBOL_GPL(tdx_seamsim_kvm_played);

int sim_last_init(void)
{
	int ret = register_reboot_notifier(&reboot_nb);

	if (ret)
		return ret;
	ret = kmsg_dump_register(&dumper);
	if (ret)
		goto no_dump;
	ret = kexec_probe_init();
	if (ret)
		goto no_probe;
	return 0;

no_probe:
	kmsg_dump_unregister(&dumper);
no_dump:
	unregister_reboot_notifier(&reboot_nb);
	return ret;
}

void sim_last_exit(void)
{
	kexec_probe_exit();
	kmsg_dump_unregister(&dumper);
	unregister_reboot_notifier(&reboot_nb);
}
