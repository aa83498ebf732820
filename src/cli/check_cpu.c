// SPDX-License-Identifier: GPL-2.0-only
/* The CPU, as the kernel describes it in /proc/cpuinfo. */
#include <stdlib.h>

#include "check.h"
#include "cpuinfo.h"
#include "msr.h"

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

static bool check_model(struct check *c, const struct cpuinfo *cpu)
{
	const char *name = tdx_model(cpu);

	if (strcmp(cpu->vendor, "GenuineIntel")) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "cpu",
			  .wanted = "an Intel Xeon of the Sapphire Rapids generation or later",
			  .remedy = "run on another host; AMD's counterpart of TDX is SEV-SNP" },
			  "not an Intel CPU (%s)", cpu->vendor[0] ? cpu->vendor : "no vendor");
		return false;
	}
	if (name)
		check_pass(c, "cpu", "%s, family 6 model 0x%x stepping %u, microcode %s", name,
			   cpu->model, cpu->stepping, cpu->microcode[0] ? cpu->microcode : "unknown");
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "cpu",
			  .wanted = "an Intel Xeon of the Sapphire Rapids generation or later",
			  .remedy = "none, if 'seamrr' below passes: then the CPU has TDX" },
			  "family %u model 0x%x stepping %u is not known here to have TDX",
			  cpu->family, cpu->model, cpu->stepping);
	if (cpu->hypervisor)
		check_say(c, &(struct finding){ .result = WARN, .name = "hypervisor",
			  .wanted = "the bare machine",
			  .remedy = "run on the host itself; a virtual machine has no SEAMCALL" },
			  "this is a virtual machine");
	return true;
}

/* The kernel clears the flag where the BIOS locked VMX off. */
static void check_vmx(struct check *c, const struct cpuinfo *cpu)
{
	char control[48] = "";
	u64 value;

	if (!msr_read(MSR_FEATURE_CONTROL, &value))
		snprintf(control, sizeof(control), " (IA32_FEATURE_CONTROL 0x%llx)", value);
	if (check_by_module(c))
		check_pass(c, "vmx", "on, says tdx_host");
	else if (cpu->vmx)
		check_pass(c, "vmx", "on%s", control);
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "vmx", .wanted = "VMX outside SMX, locked on",
			  .remedy = "enable \"Intel Virtualization Technology (VMX)\" in BIOS" },
			  "off%s", control);
}

bool check_cpu(struct check *c)
{
	struct cpuinfo cpu;

	cpuinfo_read(&cpu);
	if (!check_model(c, &cpu))
		return false;
	check_vmx(c, &cpu);
	return true;
}
