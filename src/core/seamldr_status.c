// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source of values and names: Intel TDX loader (P-SEAMLDR) interface specification,
 * "Error codes"; of the causes: the published P-SEAMLDR.
 */
#include "seamldr_status.h"
#include "status.h"

#define RELEASE	"a release of the TDX module for this CPU, as Intel published it"

static const struct seamldr_status statuses[] = {
	{ 0x8000000000000000, "PSEAMLDR_EBADPARAM", false,
	  "the SEAM loader rejected an operand, such as an address that is not in shared memory or a reserved field that is not 0, or does not know the leaf",
	  "a bug in the host's TDX code, or a SEAM loader that is too old for it: update the BIOS, or else report the bug" },
	{ SEAMLDR_EBADCALL, "PSEAMLDR_EBADCALL", false,
	  "the SEAM loader does not accept this call now: this CPU has made it already in this installation, no update is left, or the loader has been shut down",
	  "install the TDX module from scratch, with no TD left, or reboot the host" },
	{ 0x8000000000000004, "PSEAMLDR_EBADHANDOFF", false,
	  "the new TDX module cannot use the data that the running one left",
	  "install a TDX module that can take over from the running one, or reboot to load the new one" },
	{ 0x8000000000000005, "PSEAMLDR_ECLEANUPREQ", false,
	  "a TDX module was installed since the host started, and this one has another major or a lower security version",
	  "install a TDX module whose security version is not lower, or power-cycle the host" },
	{ 0x8000000000000006, "PSEAMLDR_EUNSUPPORTED", false,
	  "this SEAM loader does not accept the new TDX module's major security version",
	  "update the BIOS, which brings a newer SEAM loader, or install an older TDX module" },
	{ 0x8000000000010002, "PSEAMLDR_ENOMEM", false,
	  "the TDX module does not fit into the SEAM range",
	  "update the BIOS, which sets the size of the SEAM range" },
	{ 0x8000000000010003, "PSEAMLDR_EUNSPECERR", false,
	  "the platform is not configured as the SEAM loader requires; the status does not give details",
	  "load the BIOS defaults, enable TDX again and update the BIOS" },
	{ 0x8000000000010004, "PSEAMLDR_EUNSUPCPU", false,
	  "the TDX module does not support the CPUs of this host",
	  "install " RELEASE },
	{ 0x8000000000020000, "PSEAMLDR_EBADSIG", false,
	  "the TDX module's signature is invalid",
	  "install " RELEASE "; a module built from source is not signed by Intel and cannot be loaded" },
	{ 0x8000000000020001, "PSEAMLDR_EBADHASH", false,
	  "the TDX module does not match its signature: the file is damaged, or the two come from different releases",
	  "copy the module and the signature again, both from one release" },
	{ 0x8000000000030000, "PSEAMLDR_EINTERRUPT", true,
	  "an interrupt was pending", "call again" },
	{ 0x8000000000030001, "PSEAMLDR_ENOENTROPY", true,
	  "the random number generator (RDRAND, RDSEED) returned no data",
	  "call again a little later; if the error persists, the CPU or its microcode is faulty" },
};

/* The instruction's status of a call to a loader that is missing. */
static const struct seamldr_status no_loader = {
	TDX_SW_VMFAILINVALID, "TDX_SEAMCALL_VMFAILINVALID", false,
	"no SEAM loader (P-SEAMLDR) is loaded, or another CPU is executing it",
	"call again; if the error persists, enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS",
};

const struct seamldr_status *seamldr_status(u64 value, bool from_loader)
{
	if (from_loader && value == no_loader.value)
		return &no_loader;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].value == value)
			return &statuses[i];
	return NULL;
}

const struct seamldr_status *seamldr_status_by_name(const char *name)
{
	static const char * const prefixes[] = { "", "P", "PSEAMLDR_" };

	if (!strncasecmp(name, "P_", 2))
		name += 2;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++) {
			size_t len = strlen(prefixes[p]);

			if (!strncmp(statuses[i].name, prefixes[p], len) &&
			    !strcasecmp(statuses[i].name + len, name))
				return &statuses[i];
		}
	return NULL;
}
