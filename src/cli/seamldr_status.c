// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source of values and names: Intel TDX loader (P-SEAMLDR) interface specification,
 * "Error codes".
 */
#include "seamldr_status.h"
#include "status.h"

#define RELEASE	"a release of the TDX module for this CPU, as Intel published it"

static const struct seamldr_status statuses[] = {
	{ 0x8000000000000000, "PSEAMLDR_EBADPARAM", false,
	  "the SEAM loader refused an operand, or does not know the leaf: an address that is not shared memory, a reserved field that is not 0",
	  "a bug of the host's TDX code, or a SEAM loader older than it: update BIOS, else report it" },
	{ 0x8000000000000003, "PSEAMLDR_EBADCALL", false,
	  "the SEAM loader is not to be called like this now: an update has begun or the loader has been shut down",
	  "reboot the host" },
	{ 0x8000000000000004, "PSEAMLDR_EBADHANDOFF", false,
	  "the data that the running TDX module left do not fit the new one",
	  "install a TDX module that can take over from the running one, or load the new one by a reboot" },
	{ 0x8000000000000005, "PSEAMLDR_ECLEANUPREQ", true,
	  "an earlier installation was left half done and has to be cleaned up first",
	  "reboot the host" },
	{ 0x8000000000000006, "PSEAMLDR_EUNSUPPORTED", false,
	  "the new TDX module's major security version is not one that this SEAM loader takes",
	  "update BIOS, which brings a newer SEAM loader, or install an older TDX module" },
	{ 0x8000000000010002, "PSEAMLDR_ENOMEM", false,
	  "the TDX module does not fit into the SEAM range",
	  "update BIOS, which sets the size of the SEAM range" },
	{ 0x8000000000010003, "PSEAMLDR_EUNSPECERR", false,
	  "the platform is not set up as the SEAM loader needs; it does not say in what",
	  "load BIOS defaults, enable TDX again and update BIOS" },
	{ 0x8000000000010004, "PSEAMLDR_EUNSUPCPU", false,
	  "the TDX module is not made for a CPU of this host",
	  "install " RELEASE },
	{ 0x8000000000020000, "PSEAMLDR_EBADSIG", false,
	  "the TDX module's signature does not hold",
	  "install " RELEASE "; a module built from source is not signed by Intel and does not load" },
	{ 0x8000000000020001, "PSEAMLDR_EBADHASH", false,
	  "the TDX module's file is not what its signature says: damaged, or module and signature of two releases",
	  "copy module and signature anew, both from one release" },
	{ 0x8000000000030000, "PSEAMLDR_EINTERRUPT", true,
	  "an interrupt was pending", "call again" },
	{ 0x8000000000030001, "PSEAMLDR_ENOENTROPY", true,
	  "the random number generator (RDRAND, RDSEED) has run dry",
	  "call again a little later; if it stays, the CPU or its microcode is faulty" },
};

/* A status of the instruction, but of a call to the loader. */
static const struct seamldr_status no_loader = {
	TDX_SW_VMFAILINVALID, "TDX_SEAMCALL_VMFAILINVALID", false,
	"no SEAM loader (P-SEAMLDR) is loaded, or another CPU is in it",
	"call again; if it stays, enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS",
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
