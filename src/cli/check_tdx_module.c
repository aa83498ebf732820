// SPDX-License-Identifier: GPL-2.0-only
/* The TDX module.  Only SEAMCALLs reach it, so tdx_host's state has to tell. */
#include "check.h"
#include "msr.h"
#include "root.h"

#define RELOAD	", reboot if it says to, then reload tdx_host"

static void say_version(struct check *c)
{
	char version[32], build[16], loader[32];

	root_line(version, sizeof(version), HOST_DIR "/version");
	root_line(build, sizeof(build), HOST_DIR "/build");
	root_line(loader, sizeof(loader), HOST_DIR "/seamldr_version");
	check_pass(c, "tdx_module", "%s%s%s, initialized%s%s",
		   version[0] ? version : "version unknown", build[0] ? " build " : "", build,
		   loader[0] ? "; SEAM loader " : "", loader);
}

/* If TDH.SYS.INIT failed, last_error names the doubts too. */
static const char *doubt(const struct check *c)
{
	return check_failed(c, "tme") ?: check_failed(c, "seamrr");
}

static void say_failed(struct check *c)
{
	char error[512];

	check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module", .wanted = "initialized",
		  .follows = doubt(c),
		  .remedy = "follow this advice" RELOAD },
		  "bring-up failed: %s",
		  host_last_error(error, sizeof(error)) ? error : "no reason recorded");
}

/* Only if the loader was asked does tdx_host have its version. */
static void say_not_loaded(struct check *c)
{
	char loader[32];

	if (root_line(loader, sizeof(loader), HOST_DIR "/seamldr_version") > 0)
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module",
			  .wanted = "a TDX module, loaded by the BIOS or installed since",
			  .remedy = "get the TDX module for this CPU from Intel, then: tdxhost module install FILE" },
			  "no TDX module is loaded; SEAM loader %s is there and can install one", loader);
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module",
			  .wanted = "a TDX module, loaded by the BIOS", .follows = doubt(c),
			  .remedy = "enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS, or install the TDX module where the BIOS loads it from (EFI/TDX on the EFI system partition)" },
			  "no TDX module is loaded: the SEAM loader is off in BIOS, or there is no module file");
}

/* IA32_VMX_BASIC bit 60: the return from the SEAM loader leaves the current VMCS alone. */
static void warn_of_vmcs(struct check *c)
{
	u64 basic;

	if (msr_read(MSR_VMX_BASIC, &basic) || basic >> 60 & 1)
		return;
	check_say(c, &(struct finding){ .result = WARN, .name = "seam_loader",
		  .wanted = "IA32_VMX_BASIC bit 60 set, to exchange the TDX module while KVM is loaded",
		  .remedy = "none for TDX itself; before 'tdxhost module', end all virtual machines and unload kvm_intel" },
		  "on this CPU a call to the SEAM loader loses the VMCS that KVM works with");
}

void check_tdx_module(struct check *c)
{
	switch (c->state) {
	case HOST_INITIALIZED:
		say_version(c);
		break;
	case HOST_NOT_LOADED:
		say_not_loaded(c);
		break;
	case HOST_FAILED:
		say_failed(c);
		break;
	case HOST_SHUTDOWN:
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module", .wanted = "not shut down",
			  .remedy = "reboot the host" },
			  "shut down; a loaded TDX module can be initialized only once");
		break;
	default:
		check_say(c, &(struct finding){ .result = SKIP, .name = "tdx_module",
			  .remedy = c->count[FAIL] ? NULL : "'tdxhost enable' will tell" },
			  "only a SEAMCALL can tell whether one is loaded");
	}
	warn_of_vmcs(c);
}
