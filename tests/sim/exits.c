// SPDX-License-Identifier: GPL-2.0-only
/*
 * exits=NAME[@GPA],...: a script of the exits of TDs' vCPUs, repeated endlessly:
 * TDG.VP.VMCALLs (Guest-Hypervisor Communication Interface) and exits without one.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "sim.h"

static char *exits = "";
module_param(exits, charp, 0444);
MODULE_PARM_DESC(exits, "What TDs do: NAME[@GPA],... of apic-on, in, out, mmio-read, mmio-write, hlt, interrupt, fault, map-shared, map-private, fault-shared, end");

static ulong exit_stride;
module_param(exit_stride, ulong, 0444);
MODULE_PARM_DESC(exit_stride, "Distance in memory at which each further vCPU of a TD does the same");

#define SHARED_BIT	BIT_ULL(47)
#define MMIO_GPA	0xfe000000
#define PORT		0x3f8
#define END_PORT	0x604

/* R10 to R15 are passed. */
#define VMCALL(function, a, b, c, d) \
	{ .rax = 77, .rcx = 0xfc00, .r11 = (function), .r12 = (a), .r13 = (b), .r14 = (c), .r15 = (d) }

static const struct {
	const char *name;
	struct tdxm_regs regs;
	enum { NO_GPA, GPA_R8, GPA_R12 } gpa;
} kinds[] = {
	{ "apic-on", VMCALL(32, 0x80f, 0x1ff, 0, 0) },		/* WRMSR of SVR */
	{ "in", VMCALL(30, 1, 0, PORT, 0) },
	{ "out", VMCALL(30, 1, 1, PORT, TDXM_EXIT_ECHO) },
	{ "mmio-read", VMCALL(48, 4, 0, MMIO_GPA | SHARED_BIT, 0) },
	{ "mmio-write", VMCALL(48, 4, 1, MMIO_GPA | SHARED_BIT, TDXM_EXIT_ECHO) },
	{ "hlt", VMCALL(12, 0, 0, 0, 0) },
	{ "end", VMCALL(30, 1, 1, END_PORT, 0) },
	{ "map-shared", VMCALL(0x10001, SHARED_BIT, PAGE_SIZE, 0, 0), GPA_R12 },
	{ "map-private", VMCALL(0x10001, 0, PAGE_SIZE, 0, 0), GPA_R12 },
	{ "interrupt", { .rax = 1, .r9 = BIT(31) | 0xec } },
	{ "fault", { .rax = 48, .rcx = 1 }, GPA_R8 },
	{ "fault-shared", { .rax = 48, .rcx = 2, .r8 = SHARED_BIT }, GPA_R8 },
};

static int read_exit(char *item, struct tdxm_regs *regs)
{
	char *at = strchr(item, '@');
	u64 gpa = 0;
	int i;

	if (at) {
		*at++ = '\0';
		if (kstrtou64(at, 0, &gpa) || !PAGE_ALIGNED(gpa))
			return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(item, kinds[i].name))
			continue;
		if (at && kinds[i].gpa == NO_GPA)
			return -EINVAL;
		*regs = kinds[i].regs;
		if (kinds[i].gpa == GPA_R8)
			regs->r8 |= gpa;
		else if (kinds[i].gpa == GPA_R12)
			regs->r12 |= gpa;
		return 0;
	}
	return -EINVAL;
}

int sim_exits_set(void)
{
	static struct tdxm_regs script[TDXM_MAX_SCRIPT];
	char copy[512], *p = copy, *item;
	int nr = 0;

	if (!*exits)
		return 0;
	if (sim_config.guests) {
		pr_err("exits= with guests=1: a TD that runs has no script\n");
		return -EINVAL;
	}
	if (strscpy(copy, exits, sizeof(copy)) < 0) {
		pr_err("exits=: more than %zu characters\n", sizeof(copy) - 1);
		return -EINVAL;
	}
	while ((item = strsep(&p, ","))) {
		if (nr == ARRAY_SIZE(script) || read_exit(item, &script[nr])) {
			pr_err("exits=: item %d, %s, is not understood, or one too many\n", nr + 1, item);
			return -EINVAL;
		}
		nr++;
	}
	tdxm_set_exit_stride(sim_model, exit_stride);
	return tdxm_set_exits(sim_model, script, nr) ? -EINVAL : 0;
}
