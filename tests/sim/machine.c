// SPDX-License-Identifier: GPL-2.0-only
/* Describes the guest to the model as the firmware of a TDX machine would. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/smp.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include "run.h"
#include "sim.h"

#define FIRST_MB	SZ_1M
/* Firmware keeps no hole of its own so large: beyond, a new CMR begins. */
#define CMR_GAP		SZ_64M

/* Below 4 GB all RAM is one CMR, whatever the kernel's map cuts out of it. */
static bool same_cmr(const struct tdxm_cmr *cmr, u64 base)
{
	u64 end = cmr->base + cmr->size;

	return base < SZ_4G || base - end < CMR_GAP;
}

static int add_ram(struct resource *res, void *data)
{
	struct tdxm_machine *m = data;
	u64 base = max_t(u64, PAGE_ALIGN(res->start), FIRST_MB);
	u64 end = (res->end + 1) & PAGE_MASK;

	if (base >= end)
		return 0;
	if (m->nr_cmrs && same_cmr(&m->cmrs[m->nr_cmrs - 1], base)) {
		m->cmrs[m->nr_cmrs - 1].size = end - m->cmrs[m->nr_cmrs - 1].base;
		return 0;
	}
	if (m->nr_cmrs == TDXM_MAX_CMRS) {
		pr_err("RAM in more than %d pieces: give cmr=\n", TDXM_MAX_CMRS);
		return -ENOSPC;
	}
	m->cmrs[m->nr_cmrs++] = (struct tdxm_cmr){ .base = base, .size = end - base };
	return 0;
}

int sim_machine_cmrs(struct tdxm_machine *machine)
{
	return walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
				   0, U64_MAX, machine, add_ram);
}

/* The kernel's own changes its header from one release to the next. */
void sim_cpuid(void *ctx, u32 leaf, u32 subleaf, u32 regs[4])
{
	asm volatile("cpuid" : "=a" (regs[0]), "=b" (regs[1]), "=c" (regs[2]), "=d" (regs[3])
		     : "a" (leaf), "c" (subleaf));
}

/* CPUID leaf 0xB: by how much to shift an APIC ID to get the package. */
static u32 package_shift(void)
{
	u32 regs[4], level, shift = 0;

	if (boot_cpu_data.cpuid_level < 0xb)
		return 0;
	for (level = 0; level < 8; level++) {
		sim_cpuid(NULL, 0xb, level, regs);
		if (!(regs[2] & 0xff00))
			break;
		shift = regs[0] & 0x1f;
	}
	return shift;
}

/* Packages in the order of their first CPU. */
static int package_of(u32 id, u32 *seen, u32 *nr_seen)
{
	u32 i;

	for (i = 0; i < *nr_seen; i++) {
		if (seen[i] == id)
			return i;
	}
	if (*nr_seen == TDXM_MAX_PKGS)
		return -ENOSPC;
	seen[(*nr_seen)++] = id;
	return i;
}

int sim_machine_lps(struct tdxm_machine *machine, u32 nr_lps)
{
	u32 shift = package_shift(), seen[TDXM_MAX_PKGS], nr_seen = 0;
	u32 present = 0;
	int cpu, pkg;

	for_each_present_cpu(cpu) {
		pkg = package_of(cpu_physical_id(cpu) >> shift, seen, &nr_seen);
		if (pkg < 0 || cpu >= TDXM_MAX_LPS) {
			pr_err("CPU %d: at most %d CPUs in %d packages\n", cpu,
			       TDXM_MAX_LPS, TDXM_MAX_PKGS);
			return -EINVAL;
		}
		machine->lp_pkg[cpu] = pkg;
		present = cpu + 1;
	}

	/* LPs beyond, which the kernel does not know, are in the first package. */
	if (nr_lps && (nr_lps < present || nr_lps > TDXM_MAX_LPS)) {
		pr_err("nr_lps=%u: between %u and %d\n", nr_lps, present, TDXM_MAX_LPS);
		return -EINVAL;
	}
	machine->nr_lps = nr_lps ?: present;
	return 0;
}

/*
 * Pages of the page allocator only: nothing else is sure to be mapped. But for the page of
 * zeros, which a monitor's untouched memory is, and TDs are filled from.
 */
void *sim_page(void *ctx, u64 pa)
{
	unsigned long pfn = PHYS_PFN(pa);

	if (pa >> boot_cpu_data.x86_phys_bits || !pfn_valid(pfn))
		return NULL;
	if (PageReserved(pfn_to_page(pfn)) && pfn != page_to_pfn(ZERO_PAGE(0)))
		return NULL;
	return sim_config.guests ? run_page(pa) : pfn_to_kaddr(pfn);
}

/* What a TDX machine's CPUs have and the guest's may lack: how it was found. */
static struct {
	int bit;
	bool had;
	bool wanted;
} caps[] = {
	{ .bit = X86_FEATURE_VMX },
	{ .bit = X86_FEATURE_TME },
	{ .bit = X86_FEATURE_MOVDIR64B, .wanted = true },
	{ .bit = X86_BUG_L1TF },
};

static int hotplug_state;

static void set_cap(int bit, bool on)
{
	unsigned long *words = (unsigned long *)boot_cpu_data.x86_capability;

	if (on)
		set_bit(bit, words);
	else
		clear_bit(bit, words);
}

/* A CPU that comes online strikes what it lacks itself off the list. */
static int cpu_online_cb(unsigned int cpu)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(caps); i++)
		set_cap(caps[i].bit, caps[i].wanted);
	return 0;
}

int sim_caps_set(void)
{
	u32 i;

	caps[0].wanted = sim_config.vmx;
	caps[1].wanted = sim_config.tme != TME_UNSUPPORTED;
	/* No CPU with TDX has it, and with it KVM takes GPAs of 48 bits for too many. */
	caps[3].wanted = boot_cpu_has(X86_BUG_L1TF) && !sim_config.guests;
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		caps[i].had = boot_cpu_has(caps[i].bit);
	hotplug_state = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "tests/tdx_seamsim:online",
						  cpu_online_cb, NULL);
	if (hotplug_state < 0)
		return hotplug_state;
	return cpu_online_cb(0);
}

void sim_caps_restore(void)
{
	u32 i;

	cpuhp_remove_state_nocalls(hotplug_state);
	for (i = 0; i < ARRAY_SIZE(caps); i++)
		set_cap(caps[i].bit, caps[i].had);
}
