/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Provides what arch/x86/virt/vmx/tdx/tdx.c needs and the kernel does not export to modules,
 * so that tdx.c can be built unchanged.
 */
#include <linux/acpi.h>
#include <linux/cpu.h>
#include <linux/ioport.h>
#include <linux/kprobes.h>
#include <linux/kvm_types.h>
#include <linux/memblock.h>
#include <linux/memory_hotplug.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/suspend.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/smp.h>
#include <asm/tdx.h>
#include <asm/virt.h>

/* The module's init function calls what the kernel calls at boot; no one else wants its exports. */
#undef subsys_initcall
#define subsys_initcall(fn)
#undef EXPORT_SYMBOL_FOR_KVM
#define EXPORT_SYMBOL_FOR_KVM(name)
#undef EXPORT_SYMBOL_FOR_MODULES
#define EXPORT_SYMBOL_FOR_MODULES(name, modules)

/* Its exit function frees what the kernel frees only when bring-up fails. */
#undef __init
#define __init
#undef __ro_after_init
#define __ro_after_init

/* Feature bits are set after the kernel has patched the places that ask for them. */
#undef setup_force_cpu_cap
#define setup_force_cpu_cap(bit)	set_bit(bit, (unsigned long *)boot_cpu_data.x86_capability)
#undef cpu_feature_enabled
#define cpu_feature_enabled(bit)	boot_cpu_has(bit)

/* Variables and functions that the kernel does not export. */
#define cache_state_incoherent	peer_cache_state_incoherent
static DEFINE_PER_CPU(bool, peer_cache_state_incoherent);
#define acpi_suspend_lowlevel	peer_suspend_lowlevel
static int (*peer_suspend_lowlevel)(void) __maybe_unused;
#define hibernation_available()	false
#define get_online_mems()	do { } while (0)	/* no test brings memory online meanwhile */
#define put_online_mems()	do { } while (0)

/* The kernel's function, but with its WBINVD where the simulator sees it. */
static void peer_wbinvd(void *unused)
{
	wbinvd();
}
#define wbinvd_on_all_cpus()	on_each_cpu(peer_wbinvd, NULL, 1)

/* Exported to modules of KVM's name only. */
static int (*peer_get_ref)(int feature);
static void (*peer_put_ref)(int feature);
#define x86_virt_get_ref(feature)	peer_get_ref(feature)
#define x86_virt_put_ref(feature)	peer_put_ref(feature)

/* memblock is gone after boot; the resource tree has the same ranges, but for their nodes. */
struct peer_walk {
	int skip;
	unsigned long *start, *end;
	int *nid;
};

static int peer_node(unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page ? page_to_nid(page) : NUMA_NO_NODE;
}

static int peer_ram_resource(struct resource *res, void *data)
{
	unsigned long pfn = PFN_UP(res->start), end = PFN_DOWN(res->end + 1), next;
	struct peer_walk *walk = data;

	for (; pfn < end; pfn = next) {
		int nid = peer_node(pfn);

		for (next = pfn; next < end && peer_node(next) == nid;)
			next = min(end, (next | (PAGES_PER_SECTION - 1)) + 1);
		if (walk->skip-- == 0) {
			*walk->start = pfn;
			*walk->end = next;
			*walk->nid = nid;
			return 1;
		}
	}
	return 0;
}

static bool peer_ram(int i, unsigned long *start, unsigned long *end, int *nid)
{
	struct peer_walk walk = { i, start, end, nid };

	return walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY, 0, -1,
				   &walk, peer_ram_resource) == 1;
}

#undef for_each_mem_pfn_range
#define for_each_mem_pfn_range(i, node, p_start, p_end, p_nid) \
	for (i = 0; peer_ram(i, p_start, p_end, p_nid); i++)

/* tdx_enable() keeps the number to itself. */
static int peer_cpuhp_state;
#define cpuhp_setup_state(state, name, startup, teardown) \
	(peer_cpuhp_state = __cpuhp_setup_state(state, name, true, startup, teardown, false))

#undef pr_fmt	/* tdx.c has its own */
