// SPDX-License-Identifier: GPL-2.0-only
/* Is this a host, and does its CPU have TDX? */
#include <stdlib.h>

#include "check.h"
#include "cpuinfo.h"
#include "driver.h"
#include "msr.h"

#define WANTED "an Intel Xeon of the Sapphire Rapids generation or later"

static const struct {
	unsigned int model;
	const char *name;
} tdx_models[] = {
	{ 0x8f, "Sapphire Rapids" },
	{ 0xcf, "Emerald Rapids" },
	{ 0xad, "Granite Rapids" },
	{ 0xae, "Granite Rapids D" },
	{ 0xaf, "Sierra Forest" },
	{ 0xdd, "Clearwater Forest" },
};

static const char *tdx_model(const struct cpuinfo *cpu)
{
	if (cpu->family != 6)
		return NULL;
	for (size_t i = 0; i < sizeof(tdx_models) / sizeof(tdx_models[0]); i++)
		if (tdx_models[i].model == cpu->model)
			return tdx_models[i].name;
	return NULL;
}

enum seam { SEAM_NO, SEAM_YES, SEAM_UNKNOWN };

/* Only CPUs with TDX have TDX KeyIDs, whatever IA32_MTRRCAP says. */
static bool has_tdx_keyids(void)
{
	u64 part;

	return !msr_read(MSR_KEYID_PARTITIONING, &part) && part >> 32 >= 2;
}

/* IA32_MTRRCAP bit 15: the CPU has SEAM range registers, whether or not the BIOS uses them. */
static enum seam has_seam(const struct check *c)
{
	u64 cap;
	int err;

	if (check_by_module(c))
		return SEAM_YES;
	err = msr_read(MSR_MTRRCAP, &cap);
	if (err && err != -EIO)
		return SEAM_UNKNOWN;
	return (!err && cap >> 15 & 1) || has_tdx_keyids() ? SEAM_YES : SEAM_NO;
}

/* A guest has no SEAMCALL, and no BIOS setting of the guest can change that. */
static void check_guest(struct check *c, const struct cpuinfo *cpu, enum seam seam)
{
	if (cpu->tdx_guest) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "guest", .wanted = "the host",
			  .remedy = "run tdxhost on the host; inside a TD, /dev/tdx_guest and 'dmesg | grep -i tdx' show that TDX works" },
			  "this is a TD: a guest, not a host");
		return;
	}
	if (!cpu->hypervisor)
		return;
	if (seam != SEAM_YES && c->state == HOST_NO_DRIVER) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "guest", .wanted = "the host",
			  .remedy = "run tdxhost on the host itself; no setting inside a virtual machine can provide SEAMCALL" },
			  "this is a virtual machine, which cannot run TDs");
		return;
	}
	check_say(c, &(struct finding){ .result = WARN, .name = "guest", .wanted = "the host",
		  .remedy = "none, if this virtual machine is supposed to have a TDX module" },
		  "this is a virtual machine");
}

/* If tdx_host is installed in a virtual machine, findings about it are useful. */
static bool guest_is_of_interest(const struct check *c, const struct cpuinfo *cpu)
{
	return !cpu->tdx_guest && driver_installed(c->release);
}

static bool check_model(struct check *c, const struct cpuinfo *cpu, enum seam seam)
{
	const char *name = tdx_model(cpu);

	if (seam == SEAM_NO) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "cpu", .wanted = WANTED,
			  .remedy = "use another host: no BIOS setting can change this" },
			  "this CPU has no TDX: %s has no SEAM range registers (IA32_MTRRCAP bit 15)",
			  cpu->name[0] ? cpu->name : name ? name : "it");
		return false;
	}
	c->tdx_cpu = name || seam == SEAM_YES;
	if (name)
		check_pass(c, "cpu", "%s, family 6 model 0x%x stepping %u, microcode %s", name,
			   cpu->model, cpu->stepping, cpu->microcode[0] ? cpu->microcode : "unknown");
	else if (seam == SEAM_YES)
		check_pass(c, "cpu", "family %u model 0x%x stepping %u, with SEAM range registers",
			   cpu->family, cpu->model, cpu->stepping);
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "cpu", .wanted = WANTED,
			  .remedy = "see 'msr' below: only an MSR can tell for certain" },
			  "%s (family %u model 0x%x stepping %u) is not known to have TDX",
			  cpu->name[0] ? cpu->name : "this CPU", cpu->family, cpu->model,
			  cpu->stepping);
	return true;
}

bool check_cpu(struct check *c)
{
	enum seam seam = has_seam(c);
	struct cpuinfo cpu;

	cpuinfo_read(&cpu);
	if (strcmp(cpu.vendor, "GenuineIntel")) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "cpu", .wanted = WANTED,
			  .remedy = "use another host; AMD's equivalent of TDX is SEV-SNP" },
			  "not an Intel CPU (%s)", cpu.vendor[0] ? cpu.vendor : "no vendor");
		return false;
	}
	check_guest(c, &cpu, seam);
	if (check_failed(c, "guest"))
		return guest_is_of_interest(c, &cpu);
	return check_model(c, &cpu, seam);
}
