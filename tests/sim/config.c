// SPDX-License-Identifier: GPL-2.0-only
/* The module parameters, which choose the machine and the TDX module, and their checks. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/processor.h>

#include "sim.h"

static char *profile = "1.5.01";
module_param(profile, charp, 0444);
MODULE_PARM_DESC(profile, "TDX module: 1.0.3, 1.5.01, 1.5.05, 1.5.34, 2.0.14 or next");

static bool loaded = true;
module_param(loaded, bool, 0444);
MODULE_PARM_DESC(loaded, "A TDX module is loaded");

static bool no_module;
module_param(no_module, bool, 0444);
MODULE_PARM_DESC(no_module, "The SEAM loader is there, and no TDX module is loaded");

static uint updates;
module_param(updates, uint, 0444);
MODULE_PARM_DESC(updates, "Updates of the TDX module that the SEAM loader has left (0: 8)");

static char *cmr = "";
module_param(cmr, charp, 0444);
MODULE_PARM_DESC(cmr, "Convertible memory: BASE-END,... (default: from the guest's RAM)");

static uint mktme_keyids = 15;
module_param(mktme_keyids, uint, 0444);
MODULE_PARM_DESC(mktme_keyids, "Number of shared KeyIDs");

static uint tdx_keyids = 48;
module_param(tdx_keyids, uint, 0444);
MODULE_PARM_DESC(tdx_keyids, "Number of private KeyIDs");

static char *seamrr = "on";
module_param(seamrr, charp, 0444);
MODULE_PARM_DESC(seamrr, "SEAM range registers: on, unlocked, off, unsupported, or hidden: on, and nothing says so");

static char *tme = "on";
module_param(tme, charp, 0444);
MODULE_PARM_DESC(tme, "Total memory encryption: on, off, unsupported, or hidden: on, and IA32_TME_ACTIVATE says off");

static bool vmx = true;
module_param(vmx, bool, 0444);
MODULE_PARM_DESC(vmx, "The CPU has VMX");

static char *feature_control = "ok";
module_param(feature_control, charp, 0444);
MODULE_PARM_DESC(feature_control, "IA32_FEATURE_CONTROL: ok, unlocked, disabled, or smx: VMX inside SMX only, as under tboot");

static bool vmx_owner;
module_param(vmx_owner, bool, 0444);
MODULE_PARM_DESC(vmx_owner, "A hypervisor (KVM) has every CPU in VMX operation");

static bool vmx_real;
module_param(vmx_real, bool, 0444);
MODULE_PARM_DESC(vmx_real, "VMX operation, CR4 and the VMX MSRs are the CPU's own");

static bool kvm;
module_param(kvm, bool, 0444);
MODULE_PARM_DESC(kvm,
		 "As much VMX as KVM needs to create TDs (Linux 7.2 or later); with vmx_real, the KeyIDs' address bits alone");

static bool guests;
module_param(guests, bool, 0444);
MODULE_PARM_DESC(guests, "TDs run, by SVM as QEMU's TCG has it; else exits= says what they do");

static bool keep_vmcs;
module_param(keep_vmcs, bool, 0444);
MODULE_PARM_DESC(keep_vmcs, "P-SEAMLDR calls keep the current VMCS (IA32_VMX_BASIC bit 60)");

static uint latency_us;
module_param(latency_us, uint, 0444);
MODULE_PARM_DESC(latency_us, "Minimum duration of a SEAMCALL, in microseconds");

static bool catch_up;
module_param(catch_up, bool, 0444);
MODULE_PARM_DESC(catch_up, "The time that a SEAMCALL takes beyond its latency shortens those that follow");

static char *latency = "";
module_param(latency, charp, 0444);
MODULE_PARM_DESC(latency, "The same for single leaves: LEAF:US,... (leaf by number or name)");

static int write_fault(const char *value, const struct kernel_param *param);
static const struct kernel_param_ops fault_ops = {
	.set = write_fault, .get = param_get_charp, .free = param_free_charp,
};
static char *fault = "";
module_param_cb(fault, &fault_ops, &fault, 0644);
MODULE_PARM_DESC(fault, "LEAF:NTH[:COUNT]:STATUS,... with STATUS a number, gp, ud, vmfail, or mce, of which the kernel panics; COUNT 0: for ever. A later write replaces the list, and NTH counts from then; do not write while a consumer makes calls");

static char *lie = "";
module_param(lie, charp, 0444);
MODULE_PARM_DESC(lie, "LEAF:NTH:REGISTER:VALUE,...: that call succeeds, and leaves VALUE in rcx, rdx, r8, r9, r10 or r11");

static char *field = "";
module_param(field, charp, 0444);
MODULE_PARM_DESC(field, "Answers of TDH.SYS.RD, valid or not: FIELD:VALUE,... (numbers)");

static char *past = "none";
module_param(past, charp, 0444);
MODULE_PARM_DESC(past, "What an earlier kernel did with the TDX module: none, ready or shutdown");

static ushort max_tdmrs;
module_param(max_tdmrs, ushort, 0444);
MODULE_PARM_DESC(max_tdmrs, "Maximum number of TDMRs (0: as in the profile)");

static ushort max_reserved;
module_param(max_reserved, ushort, 0444);
MODULE_PARM_DESC(max_reserved, "Reserved areas per TDMR (0: as in the profile)");

static ushort pamt_entry;
module_param(pamt_entry, ushort, 0444);
MODULE_PARM_DESC(pamt_entry, "Size of a PAMT entry in bytes (0: as in the profile)");

static uint disable_steps;
module_param(disable_steps, uint, 0444);
MODULE_PARM_DESC(disable_steps, "Number of calls of TDH.SYS.DISABLE that are interrupted (0: one per TDMR)");

static bool lp_shutdown_idle;
module_param(lp_shutdown_idle, bool, 0444);
MODULE_PARM_DESC(lp_shutdown_idle, "TDH.SYS.LP.SHUTDOWN succeeds and does nothing");

static uint nr_lps;
module_param(nr_lps, uint, 0444);
MODULE_PARM_DESC(nr_lps, "Number of LPs that the firmware knows (0: the present CPUs)");

static char *target = "tdx_host,tdx_host_selftest";
module_param(target, charp, 0444);
MODULE_PARM_DESC(target, "Modules whose VMX, MSR, CR4 and WBINVD instructions are emulated");

#define MAX_LATENCY_US	1000000
#define MAX_PHYS_BITS	52
#define SEAMRR_SIZE	SZ_128M

struct sim_config sim_config;
static u32 leaf_latency_us[SIM_NR_LEAVES];

u32 sim_latency_us(u32 slot)
{
	return leaf_latency_us[slot];
}

bool sim_config_is_target(const char *module_name)
{
	size_t length = strlen(module_name);
	const char *p = target;

	for (;;) {
		if (!strncmp(p, module_name, length) && (!p[length] || p[length] == ','))
			return true;
		p = strchr(p, ',');
		if (!p)
			return false;
		p++;
	}
}

u32 sim_keyid_bits(void)
{
	const struct tdxm_machine *m = &sim_config.machine;

	return order_base_2(1 + m->nr_mktme_keyids + m->nr_tdx_keyids);
}

/* The index of @value in @names, or -EINVAL with the names in the log. */
static int one_of(const char *param, const char *value, const char *const *names, int nr)
{
	int i = match_string(names, nr, value);

	if (i >= 0)
		return i;
	pr_err("%s=%s: not known; it takes:\n", param, value);
	for (i = 0; i < nr; i++)
		pr_err("  %s\n", names[i]);
	return -EINVAL;
}

static int read_names(struct sim_config *c)
{
	const char *profiles[TDXM_NR_PROFILES];
	static const char *const seamrrs[] = { "on", "unlocked", "off", "unsupported", "hidden" };
	static const char *const tmes[] = { "on", "off", "unsupported", "hidden" };
	static const char *const fcs[] = { "ok", "unlocked", "disabled", "smx" };
	static const char *const pasts[] = { "none", "ready", "shutdown" };
	int i;

	for (i = 0; i < TDXM_NR_PROFILES; i++)
		profiles[i] = tdxm_profile_name(i);
	i = one_of("profile", profile, profiles, ARRAY_SIZE(profiles));
	if (i < 0)
		return i;
	c->machine.profile = i;
	i = one_of("seamrr", seamrr, seamrrs, ARRAY_SIZE(seamrrs));
	if (i < 0)
		return i;
	c->seamrr = i;
	i = one_of("tme", tme, tmes, ARRAY_SIZE(tmes));
	if (i < 0)
		return i;
	c->tme = i;
	i = one_of("feature_control", feature_control, fcs, ARRAY_SIZE(fcs));
	if (i < 0)
		return i;
	c->feature_control = i;
	i = one_of("past", past, pasts, ARRAY_SIZE(pasts));
	if (i < 0)
		return i;
	c->past = i;
	return 0;
}

static int read_keyids(struct tdxm_machine *m)
{
	m->nr_mktme_keyids = mktme_keyids;
	m->nr_tdx_keyids = tdx_keyids;
	if (mktme_keyids > 0x7fff || tdx_keyids > 0x7fff || mktme_keyids + tdx_keyids > 0x7fff) {
		pr_err("mktme_keyids=%u tdx_keyids=%u: more than 32767 together\n",
		       mktme_keyids, tdx_keyids);
		return -EINVAL;
	}

	/* As on a TDX machine, the kernel has taken the KeyID bits off already. */
	if (boot_cpu_data.x86_phys_bits + sim_keyid_bits() > MAX_PHYS_BITS) {
		pr_err("%u physical address bits leave no room for %u KeyID bits: fewer KeyIDs\n",
		       boot_cpu_data.x86_phys_bits, sim_keyid_bits());
		return -EINVAL;
	}
	m->phys_bits = boot_cpu_data.x86_phys_bits + sim_keyid_bits();
	m->seamrr_base = (1ULL << boot_cpu_data.x86_phys_bits) - SEAMRR_SIZE;
	m->seamrr_size = SEAMRR_SIZE;
	return 0;
}

static bool cmr_valid(const struct tdxm_machine *m, u64 base, u64 end)
{
	const struct tdxm_cmr *last = m->nr_cmrs ? &m->cmrs[m->nr_cmrs - 1] : NULL;

	return PAGE_ALIGNED(base) && PAGE_ALIGNED(end) && base < end &&
	       !(end >> boot_cpu_data.x86_phys_bits) &&
	       (!last || base >= last->base + last->size);
}

static int read_cmrs(struct tdxm_machine *m)
{
	char *p = cmr, *end;

	if (!*cmr)
		return sim_machine_cmrs(m);

	for (;;) {
		u64 from, to;

		if (m->nr_cmrs == TDXM_MAX_CMRS) {
			pr_err("cmr=: more than %d ranges\n", TDXM_MAX_CMRS);
			return -EINVAL;
		}
		from = memparse(p, &end);
		if (end == p || *end != '-')
			break;
		p = end + 1;
		to = memparse(p, &end);
		if (end == p || (*end && *end != ',') || !cmr_valid(m, from, to))
			break;
		m->cmrs[m->nr_cmrs++] = (struct tdxm_cmr){ .base = from, .size = to - from };
		if (!*end)
			return 0;
		p = end + 1;
	}
	pr_err("cmr=: range %u, at \"%s\", is not BASE-END of whole pages, ascending, below %u bits\n",
	       m->nr_cmrs + 1, p, boot_cpu_data.x86_phys_bits);
	return -EINVAL;
}

static int read_latency_item(char *item)
{
	char *us = strchr(item, ':');
	u64 leaf;
	u32 value;

	if (!us)
		return -EINVAL;
	*us++ = '\0';
	if (sim_leaf_parse(item, &leaf) || kstrtou32(us, 0, &value) || value > MAX_LATENCY_US)
		return -EINVAL;
	leaf_latency_us[sim_leaf_slot(leaf)] = value;
	return 0;
}

static bool parse_outcome(const char *text, struct tdxm_fault *f)
{
	if (!strcmp(text, "gp"))
		f->outcome = TDXM_GP;
	else if (!strcmp(text, "ud"))
		f->outcome = TDXM_UD;
	else if (!strcmp(text, "vmfail"))
		f->outcome = TDXM_VMFAILINVALID;
	else if (!strcmp(text, "mce"))
		f->outcome = TDXM_MACHINE_CHECK;
	else if (!kstrtou64(text, 0, &f->status))
		f->outcome = TDXM_COMPLETED;
	else
		return false;
	return true;
}

static int read_fault_item(char *item)
{
	struct tdxm_fault *f = &sim_config.faults[sim_config.nr_faults];
	char *field[4], *p = item;
	int n = 0;

	if (sim_config.nr_faults == TDXM_MAX_FAULTS)
		return -ENOSPC;
	while (n < 4 && p)
		field[n++] = strsep(&p, ":");
	if (p || n < 3)
		return -EINVAL;

	f->count = 1;
	if (sim_leaf_parse(field[0], &f->leaf) || kstrtou32(field[1], 0, &f->nth) || !f->nth ||
	    (n == 4 && kstrtou32(field[2], 0, &f->count)) || !parse_outcome(field[n - 1], f))
		return -EINVAL;
	sim_config.nr_faults++;
	return 0;
}

static int read_register(const char *name, u32 *offset)
{
	static const struct {
		const char *name;
		u32 offset;
	} registers[] = {
		{ "rcx", offsetof(struct tdxm_regs, rcx) }, { "rdx", offsetof(struct tdxm_regs, rdx) },
		{ "r8", offsetof(struct tdxm_regs, r8) }, { "r9", offsetof(struct tdxm_regs, r9) },
		{ "r10", offsetof(struct tdxm_regs, r10) }, { "r11", offsetof(struct tdxm_regs, r11) },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		if (!strcmp(name, registers[i].name)) {
			*offset = registers[i].offset;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_lie_item(char *item)
{
	struct sim_lie *l = &sim_config.lies[sim_config.nr_lies];
	char *part[4], *p = item;
	int n = 0;

	if (sim_config.nr_lies == SIM_MAX_LIES)
		return -ENOSPC;
	while (n < 4 && p)
		part[n++] = strsep(&p, ":");
	if (p || n < 4 || sim_leaf_parse(part[0], &l->leaf) || kstrtou32(part[1], 0, &l->nth) ||
	    !l->nth || read_register(part[2], &l->reg) || kstrtou64(part[3], 0, &l->value))
		return -EINVAL;
	sim_config.nr_lies++;
	return 0;
}

static int read_field_item(char *item)
{
	struct sim_config *c = &sim_config;
	char *value = strchr(item, ':');

	if (c->nr_overrides == TDXM_MAX_OVERRIDES)
		return -ENOSPC;
	if (!value)
		return -EINVAL;
	*value++ = '\0';
	if (kstrtou64(item, 0, &c->overrides[c->nr_overrides].field) ||
	    kstrtou64(value, 0, &c->overrides[c->nr_overrides].value))
		return -EINVAL;
	c->nr_overrides++;
	return 0;
}

/* read() gets each item of a comma separated list, in a copy that it may change. */
static int read_list(const char *param, const char *value, int (*read)(char *item))
{
	char *copy, *p, *item;
	int ret = 0;

	if (!*value)
		return 0;
	copy = kstrdup(value, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	p = copy;
	while (!ret && (item = strsep(&p, ",")))
		ret = read(item);
	if (ret)
		pr_err("%s=%s: item at offset %td %s\n", param, value, item - copy,
		       ret == -ENOSPC ? "is one too many" : "is not understood");
	kfree(copy);
	return ret;
}

/* The model forgets what it had. */
int sim_faults_set(void)
{
	u32 i;

	tdxm_clear_faults(sim_model);
	for (i = 0; i < sim_config.nr_faults; i++) {
		if (tdxm_add_fault(sim_model, &sim_config.faults[i])) {
			pr_err("fault=: the model does not take item %u\n", i + 1);
			return -EINVAL;
		}
	}
	return 0;
}

static int write_fault(const char *value, const struct kernel_param *param)
{
	int ret = param_set_charp(value, param);

	if (ret || !sim_model)
		return ret;
	strreplace(fault, '\n', '\0');
	sim_config.nr_faults = 0;
	ret = read_list("fault", fault, read_fault_item);
	return ret ?: sim_faults_set();
}

static int read_latencies(void)
{
	u32 i;

	if (latency_us > MAX_LATENCY_US) {
		pr_err("latency_us=%u: at most %u\n", latency_us, MAX_LATENCY_US);
		return -EINVAL;
	}
	for (i = 0; i < SIM_NR_LEAVES; i++)
		leaf_latency_us[i] = latency_us;
	return read_list("latency", latency, read_latency_item);
}

int sim_config_read(void)
{
	struct sim_config *c = &sim_config;
	struct tdxm_machine *m = &c->machine;
	u32 cpuid[4];
	int ret;

	ret = read_names(c);
	if (!ret)
		ret = read_keyids(m);
	if (!ret)
		ret = read_cmrs(m);
	if (!ret)
		ret = sim_machine_lps(m, nr_lps);
	if (!ret)
		ret = read_latencies();
	if (!ret)
		ret = read_list("fault", fault, read_fault_item);
	if (!ret)
		ret = read_list("lie", lie, read_lie_item);
	if (!ret)
		ret = read_list("field", field, read_field_item);
	if (ret)
		return ret;

	c->vmx = vmx;
	c->vmx_owner = vmx_owner;
	c->vmx_real = vmx_real;
	c->kvm = kvm;
	c->guests = guests;
	c->keep_vmcs = keep_vmcs;
	c->catch_up = catch_up;
	m->loaded = loaded;
	m->no_module = no_module;
	m->updates = updates;
	sim_cpuid(NULL, 1, 0, cpuid);
	m->cpuid = cpuid[0];
	m->max_tdmrs = max_tdmrs;
	m->max_reserved = max_reserved;
	m->pamt_entry_size[0] = pamt_entry;
	m->pamt_entry_size[1] = pamt_entry;
	m->pamt_entry_size[2] = pamt_entry;
	m->disable_steps = disable_steps;
	m->lp_shutdown_idle = lp_shutdown_idle;
	if (vmx_real && (vmx_owner || !vmx || c->feature_control != FC_OK)) {
		pr_err("vmx_real=1 takes no vmx=, vmx_owner= or feature_control=: they are the CPU's own\n");
		return -EINVAL;
	}
	if (kvm && (vmx_owner || !vmx)) {
		pr_err("kvm=1 takes no vmx_owner= or vmx=0: KVM is to be the owner of VMX\n");
		return -EINVAL;
	}
	if (vmx_owner && !vmx) {
		pr_err("vmx_owner=1 with vmx=0: nobody can be in VMX operation\n");
		return -EINVAL;
	}
	return 0;
}
