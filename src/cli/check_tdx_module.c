// SPDX-License-Identifier: GPL-2.0-only
/* The TDX module: only a SEAMCALL can ask it, so tdx_host's state tells. */
#include "check.h"
#include "root.h"

#define RELOAD	", reboot where it says so, then load tdx_host again"

static void say_version(struct check *c)
{
	char version[32], build[16], loader[32];

	root_line(version, sizeof(version), "/sys/kernel/tdx_host/version");
	root_line(build, sizeof(build), "/sys/kernel/tdx_host/build");
	root_line(loader, sizeof(loader), "/sys/kernel/tdx_host/seamldr_version");
	check_pass(c, "tdx_module", "%s%s%s, initialized%s%s",
		   version[0] ? version : "version unknown", build[0] ? " build " : "", build,
		   loader[0] ? "; SEAM loader " : "", loader);
}

void check_tdx_module(struct check *c)
{
	if (check_initialized(c)) {
		say_version(c);
	} else if (!strcmp(c->state, "not-loaded")) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module",
			  .wanted = "a TDX module, loaded by the BIOS",
			  .remedy = "enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS, or install the TDX module where the BIOS loads it from (EFI/TDX on the EFI system partition)" },
			  "no TDX module loaded: SEAM loader off in BIOS, or no module file");
	} else if (!strcmp(c->state, "failed")) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module", .wanted = "initialized",
			  .remedy = "do what it says" RELOAD },
			  "bring-up failed: %s",
			  c->last_error[0] ? c->last_error : "no reason kept");
	} else if (!strcmp(c->state, "shutdown")) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "tdx_module", .wanted = "not shut down",
			  .remedy = "reboot the host" },
			  "shut down: it can be initialised once per load");
	} else {
		check_say(c, &(struct finding){ .result = SKIP, .name = "tdx_module",
			  .remedy = c->count[FAIL] ? NULL : "'tdxhost enable' asks it" },
			  "only a SEAMCALL can tell whether one is loaded");
	}
}
