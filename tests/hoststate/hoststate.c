// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a CPU has when TDH.VP.ENTER begins, it has again when that comes back: beside each run
 * of a vCPU in the simulator (guests=1), registers get values that nobody has, all that can
 * be read is read before and after, and compared.  Meanwhile NMIs are sent to CPUs that run one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/desc_defs.h>
#include <asm/msr-index.h>
#include <asm/nmi.h>
#include <asm/processor-flags.h>

#include "../sim/registers.h"

static uint nmis = 20;
module_param(nmis, uint, 0444);
MODULE_PARM_DESC(nmis, "NMIs to send, one after the other");

/* The results. */
static atomic_t checked, differing, sent, taken, taken_inside, strays, lost;

static int show(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops result_ops = { .get = show };
#define RESULT(name, what) \
	module_param_cb(name, &result_ops, &name, 0444); \
	MODULE_PARM_DESC(name, what " (read only)")
RESULT(checked, "Runs that were looked at");
RESULT(differing, "Registers that were not restored: see the log");
RESULT(sent, "NMIs that were sent");
RESULT(taken, "NMIs that came");
RESULT(taken_inside, "NMIs of these that came while the CPU was at a vCPU");
RESULT(strays, "NMIs that came and were not sent");
RESULT(lost, "NMIs that were sent and did not come in time");

/* ---- what a CPU has */

enum {
	CR0, CR2, CR3, CR4, CR8, DR0, DR1, DR2, DR3, DR6, DR7, XCR0, FLAGS, CS, SS, DS, ES, FS, GS, TR,
	LDTR, GDT_BASE, GDT_LIMIT, IDT_BASE, IDT_LIMIT, FIRST_MSR, KERNEL_GS = FIRST_MSR,
};

static const char *const names[] = {
	"CR0", "CR2", "CR3", "CR4", "CR8", "DR0", "DR1", "DR2", "DR3", "DR6", "DR7", "XCR0", "RFLAGS",
	"CS", "SS", "DS", "ES", "FS", "GS", "TR", "LDTR", "GDTR.base", "GDTR.limit", "IDTR.base",
	"IDTR.limit",
};
static_assert(ARRAY_SIZE(names) == FIRST_MSR);

static const u32 msrs[] = {
	[KERNEL_GS - FIRST_MSR] = MSR_KERNEL_GS_BASE,
	MSR_EFER, MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_FS_BASE, MSR_GS_BASE,
	MSR_TSC_AUX, MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP,
	MSR_IA32_SYSENTER_EIP, MSR_IA32_CR_PAT, MSR_VM_HSAVE_PA, MSR_IA32_APICBASE,
};
#define NR_VALUES	(FIRST_MSR + ARRAY_SIZE(msrs))

/* Of the flags those that calls keep. */
#define FLAGS_KEPT	(X86_EFLAGS_IF | X86_EFLAGS_DF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_AC)

#define DR7_UNUSED	0xf0400UL	/* no breakpoint is on */
#define KNOWN(n)	(0x5eed00000000UL + (n) * 0x1010)

/* In an XSAVE area. */
#define FCW		0
#define FTW		4
#define MXCSR		24
#define ST0		32
#define XMM0		160
#define XMM_END		416
#define XSTATE_BV	512
#define X87_SSE_AVX	7UL

struct cpu {
	u64 before[NR_VALUES], after[NR_VALUES];
	u64 own[NR_VALUES];
	u8 *own_fpu, *fpu_before, *fpu_after;
	bool inside;
	atomic_t expects_nmi;
	u32 apic_id;
};

static DEFINE_PER_CPU(struct cpu, cpus);
static u32 fpu_size, ymm_at;

#define GET(insn) ({ unsigned long v_; asm volatile(insn : "=r" (v_)); v_; })
#define SET(insn, v) asm volatile(insn : : "r" ((unsigned long)(v)) : "memory")
#define SELECTOR(name) GET("mov %%" name ", %0")

static void save_fpu(u8 *area)
{
	memset(area, 0, fpu_size);
	xsave(area, ~0ULL);
}

static void look(u64 *v, unsigned long flags)
{
	struct desc_ptr gdt, idt;
	int i;

	asm volatile("sgdt %0" : "=m" (gdt));
	asm volatile("sidt %0" : "=m" (idt));
	v[CR0] = GET("mov %%cr0, %0");
	v[CR2] = GET("mov %%cr2, %0");
	v[CR3] = GET("mov %%cr3, %0");
	v[CR4] = GET("mov %%cr4, %0");
	v[CR8] = GET("mov %%cr8, %0");
	v[DR0] = GET("mov %%db0, %0");
	v[DR1] = GET("mov %%db1, %0");
	v[DR2] = GET("mov %%db2, %0");
	v[DR3] = GET("mov %%db3, %0");
	v[DR6] = GET("mov %%db6, %0");
	v[DR7] = GET("mov %%db7, %0");
	v[XCR0] = get_xcr0();
	v[FLAGS] = flags & FLAGS_KEPT;
	v[CS] = SELECTOR("cs");
	v[SS] = SELECTOR("ss");
	v[DS] = SELECTOR("ds");
	v[ES] = SELECTOR("es");
	v[FS] = SELECTOR("fs");
	v[GS] = SELECTOR("gs");
	v[TR] = GET("str %0");
	v[LDTR] = GET("sldt %0");
	v[GDT_BASE] = gdt.address;
	v[GDT_LIMIT] = gdt.size;
	v[IDT_BASE] = idt.address;
	v[IDT_LIMIT] = idt.size;
	for (i = 0; i < ARRAY_SIZE(msrs); i++)
		v[FIRST_MSR + i] = get_msr(msrs[i]);
}

/* DR7 first and last: no address is a breakpoint. */
static void set_registers(const u64 *v)
{
	SET("mov %0, %%db7", DR7_UNUSED);
	SET("mov %0, %%db0", v[DR0]);
	SET("mov %0, %%db1", v[DR1]);
	SET("mov %0, %%db2", v[DR2]);
	SET("mov %0, %%db3", v[DR3]);
	SET("mov %0, %%db6", v[DR6]);
	SET("mov %0, %%db7", v[DR7]);
	SET("mov %0, %%cr2", v[CR2]);
}

static void load_known_fpu(struct cpu *c)
{
	u8 *area = c->fpu_before;
	int i;

	memcpy(area, c->own_fpu, fpu_size);
	*(u16 *)(area + FCW) = 0x27f;
	*(u32 *)(area + MXCSR) = 0x3f80;
	area[FTW] = 0xff;
	for (i = 0; i < 8; i++) {
		*(u64 *)(area + ST0 + 16 * i) = 0x8000000000005eedUL + i;
		*(u16 *)(area + ST0 + 16 * i + 8) = 0x3fff;
	}
	for (i = XMM0; i < XMM_END; i++)
		area[i] = i;
	for (i = 0; ymm_at && i < 256; i++)
		area[ymm_at + i] = ~i;
	*(u64 *)(area + XSTATE_BV) |= X87_SSE_AVX & get_xcr0();
	xrstor(area, ~0ULL);
	save_fpu(area);
}

static int on_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct cpu *c = this_cpu_ptr(&cpus);
	u64 known[NR_VALUES] = {
		[CR2] = KNOWN(0), [DR0] = KNOWN(1), KNOWN(2), KNOWN(3), KNOWN(4), 0xffff0ff1, DR7_UNUSED,
	};

	look(c->own, regs->flags);
	save_fpu(c->own_fpu);
	load_known_fpu(c);
	set_registers(known);
	set_msr(MSR_KERNEL_GS_BASE, KNOWN(5));
	look(c->before, regs->flags);
	atomic_inc(&checked);
	WRITE_ONCE(c->inside, true);
	return 0;
}
NOKPROBE_SYMBOL(on_entry);

static void compare(const struct cpu *c)
{
	u32 i;

	for (i = 0; i < NR_VALUES; i++) {
		if (c->before[i] == c->after[i])
			continue;
		atomic_inc(&differing);
		if (i < FIRST_MSR)
			pr_err_ratelimited("%s was %#llx and is %#llx\n", names[i], c->before[i], c->after[i]);
		else
			pr_err_ratelimited("MSR %#x was %#llx and is %#llx\n", msrs[i - FIRST_MSR], c->before[i],
			       c->after[i]);
	}
	for (i = 0; i < fpu_size && c->fpu_before[i] == c->fpu_after[i]; i++)
		;
	if (i == fpu_size)
		return;
	atomic_inc(&differing);
	pr_err_ratelimited("FPU: byte %u of the XSAVE area was %#x and is %#x\n", i, c->fpu_before[i],
			   c->fpu_after[i]);
}

static int on_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct cpu *c = this_cpu_ptr(&cpus);

	WRITE_ONCE(c->inside, false);
	look(c->after, regs->flags);
	save_fpu(c->fpu_after);
	set_msr(MSR_KERNEL_GS_BASE, c->own[KERNEL_GS]);
	set_registers(c->own);
	xrstor(c->own_fpu, ~0ULL);
	compare(c);
	return 0;
}
NOKPROBE_SYMBOL(on_return);

static struct kretprobe run_probe = {
	.kp.symbol_name = "run_td", .entry_handler = on_entry, .handler = on_return,
};

/* ---- NMIs */

#define XAPIC	0xfee00000
#define X2APIC		BIT(10)		/* of MSR_IA32_APICBASE */
#define MSR_X2APIC_ICR	0x830
#define ICR		0x300
#define ICR2		0x310
#define ICR_NMI		0x4400		/* assert */
#define PATIENCE_MS	10000

static void __iomem *apic_at;
static struct task_struct *sender;

static int on_nmi(unsigned int type, struct pt_regs *regs)
{
	struct cpu *c = this_cpu_ptr(&cpus);

	if (!atomic_xchg(&c->expects_nmi, 0)) {
		atomic_inc(&strays);
		return NMI_DONE;
	}
	if (READ_ONCE(c->inside))
		atomic_inc(&taken_inside);
	atomic_inc(&taken);
	return NMI_HANDLED;
}

/* Interrupts off. */
static void send_nmi(const struct cpu *c)
{
	if (get_msr(MSR_IA32_APICBASE) & X2APIC) {
		set_msr(MSR_X2APIC_ICR, (u64)c->apic_id << 32 | ICR_NMI);
		return;
	}
	writel(c->apic_id << 24, apic_at + ICR2);
	writel(ICR_NMI, apic_at + ICR);
}

/* To a CPU that is at a vCPU; NULL: there is none but, perhaps, this one. */
static struct cpu *send_one(void)
{
	struct cpu *c, *to = NULL;
	int cpu;

	local_irq_disable();
	for_each_online_cpu(cpu) {
		c = per_cpu_ptr(&cpus, cpu);
		if (cpu == smp_processor_id() || !READ_ONCE(c->inside))
			continue;
		to = c;
		atomic_set(&c->expects_nmi, 1);
		send_nmi(c);
		break;
	}
	local_irq_enable();
	return to;
}

static int send_nmis(void *unused)
{
	struct cpu *to;
	int ms;

	while (!kthread_should_stop()) {
		usleep_range(500, 1000);
		if (atomic_read(&sent) >= nmis)
			continue;
		to = send_one();
		if (!to)
			continue;
		atomic_inc(&sent);
		for (ms = 0; atomic_read(&to->expects_nmi) && ms < PATIENCE_MS; ms++)
			usleep_range(1000, 1500);
		if (ms == PATIENCE_MS)
			atomic_inc(&lost);
	}
	return 0;
}

/* ---- load and unload */

static void read_apic_id(void *unused)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	this_cpu_write(cpus.apic_id, ebx >> 24);
}

static void measure_fpu(void)
{
	u32 eax = 0xd, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	fpu_size = ebx;
	eax = 0xd;
	ecx = 2;
	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	ymm_at = get_xcr0() & BIT(2) ? ebx : 0;
}

static u8 *fpu_area(void)
{
	return (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(fpu_size));
}

static void free_areas(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct cpu *c = per_cpu_ptr(&cpus, cpu);

		free_pages((unsigned long)c->own_fpu, get_order(fpu_size));
		free_pages((unsigned long)c->fpu_before, get_order(fpu_size));
		free_pages((unsigned long)c->fpu_after, get_order(fpu_size));
	}
}

static int make_areas(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct cpu *c = per_cpu_ptr(&cpus, cpu);

		c->own_fpu = fpu_area();
		c->fpu_before = fpu_area();
		c->fpu_after = fpu_area();
		if (!c->own_fpu || !c->fpu_before || !c->fpu_after)
			return -ENOMEM;
	}
	return 0;
}

static int begin(void)
{
	int ret = register_nmi_handler(NMI_LOCAL, on_nmi, 0, KBUILD_MODNAME);

	if (ret)
		return ret;
	run_probe.maxactive = 2 * nr_cpu_ids;
	ret = register_kretprobe(&run_probe);
	if (!ret) {
		sender = kthread_run(send_nmis, NULL, "hoststate");
		if (!IS_ERR(sender))
			return 0;
		ret = PTR_ERR(sender);
		unregister_kretprobe(&run_probe);
	}
	unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
	return ret;
}

static int __init hoststate_init(void)
{
	int ret;

	measure_fpu();
	on_each_cpu(read_apic_id, NULL, 1);
	apic_at = ioremap(XAPIC, PAGE_SIZE);
	if (!apic_at)
		return -ENOMEM;
	ret = make_areas();
	if (!ret)
		ret = begin();
	if (ret) {
		free_areas();
		iounmap(apic_at);
	}
	return ret;
}

static void __exit hoststate_exit(void)
{
	kthread_stop(sender);
	unregister_kretprobe(&run_probe);
	unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
	if (run_probe.nmissed)
		pr_err("%d runs were not looked at\n", run_probe.nmissed);
	free_areas();
	iounmap(apic_at);
}

module_init(hoststate_init);
module_exit(hoststate_exit);
MODULE_DESCRIPTION("Test: the host's registers over TDH.VP.ENTER, and NMIs");
MODULE_LICENSE("GPL");
