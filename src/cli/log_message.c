// SPDX-License-Identifier: GPL-2.0-only
/* What Linux, its forks and KVM log where TDX does not come up, in more words. */
#include "log_line.h"

static const struct log_message messages[] = {
	{ "TDX is not enabled by BIOS",
	  "SEAMCALL is refused by the platform: KeyIDs are reserved, but the SEAM range (SEAMRR) is off",
	  "enable \"Trust Domain Extension (TDX)\" and \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS; 'tdxhost check' as root names what is missing" },
	{ "tdx: not enabled by BIOS",
	  "SEAMCALL is refused by the platform: KeyIDs are reserved, but the SEAM range (SEAMRR) is off",
	  "enable \"Trust Domain Extension (TDX)\" and \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS; 'tdxhost check' as root names what is missing" },
	{ "virt/tdx: module not loaded",
	  "the SEAM range is on, but the BIOS loaded no TDX module: SEAM loader off in BIOS, or no module file",
	  "enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS, or install the TDX module where the BIOS loads it from (EFI/TDX on the EFI system partition)" },
	{ "reserved areas exhausted",
	  "Linux spends a reserved area on each hole of its RAM map, and a TDMR has 16; the holes lie in convertible memory and need none",
	  "use tdx_host, which plans by convertible memory (CMRs): 'dmesg | tdxhost plan --from -' shows the plan" },
	{ "too few private KeyIDs",
	  "fewer than two TDX KeyIDs: one is the TDX module's own",
	  "raise \"TME-MT/TDX key split\" in BIOS" },
	{ "Hibernation support is enabled",
	  "Linux refuses TDX on kernels that may hibernate: the TDX module's state would be lost",
	  "add nohibernate to the kernel command line" },
	{ "Disable ACPI S3",
	  "not an error: suspend to RAM would lose the TDX module's state, so it is off while TDX is on",
	  "nothing to do" },
	{ "Failed to initialize TDX module",
	  "KVM asked for TDX and the bring-up failed before this line",
	  "look at the lines before it; 'tdxhost check' as root names what is missing" },
};

const struct log_message *log_line_message(const char *line)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (strcasestr(line, messages[i].text))
			return &messages[i];
	return NULL;
}
