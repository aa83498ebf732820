// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the BIOS has set up, read from MSRs (TDX module ABI, "Platform
 * configuration"; Intel SDM vol. 4).  Once tdx_host is loaded it has looked
 * itself, on every kernel and without the msr driver: then its word counts.
 */
#include "check.h"
#include "cpuinfo.h"
#include "msr.h"
#include "root.h"

#define TDX_IN_BIOS	"enable \"Trust Domain Extension (TDX)\" in BIOS"
#define LOADER_IN_BIOS	"enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS"

/* 0: *@value is there.  -EIO: the CPU has no such MSR.  Else said, and skipped. */
static int read_or_skip(struct check *c, const char *name, u32 msr, u64 *value)
{
	int err = msr_read(msr, value);

	if (!err || err == -EIO)
		return err;
	check_say(c, &(struct finding){ .result = SKIP, .name = name, .undecided = true,
		  .remedy = err == -ENOENT ? "modprobe msr, then run again as root; or load tdx_host, which looks itself" :
					     "run as root" },
		  "MSR 0x%x: %s", msr, err == -ENOENT ? "the msr driver is not loaded" : strerror(-err));
	return -EACCES;
}

static void check_tme(struct check *c)
{
	u64 tme;
	int err;

	if (check_by_module(c)) {
		check_pass(c, "tme", "on, says tdx_host");
		return;
	}
	err = read_or_skip(c, "tme", MSR_TME_ACTIVATE, &tme);
	if (err == -EIO)
		check_say(c, &(struct finding){ .result = FAIL, .name = "tme", .wanted = "total memory encryption",
			  .remedy = "none: this CPU has no TME" },
			  "the CPU has no IA32_TME_ACTIVATE");
	else if (!err && (tme & 3) == 3)
		check_pass(c, "tme", "on%s (IA32_TME_ACTIVATE 0x%llx)",
			   tme >> 31 & 1 ? ", bypassed for KeyID 0" : "", tme);
	else if (!err)
		check_say(c, &(struct finding){ .result = FAIL, .name = "tme", .wanted = "locked and enabled",
			  .remedy = "enable \"Total Memory Encryption (TME)\" in BIOS" },
			  "%s (IA32_TME_ACTIVATE 0x%llx)",
			  tme & 2 ? "not locked" : "off", tme);
}

static bool tme_on(void)
{
	u64 tme;

	return !msr_read(MSR_TME_ACTIVATE, &tme) && (tme & 3) == 3;
}

/*
 * KeyID bits come out of the physical address; a BIOS that limits it to 46 bits
 * leaves none.  With TME off that cannot be told from a CPU that has no more.
 */
static void check_address_bits(struct check *c, u64 nr_keyids)
{
	struct cpuinfo cpu;

	cpuinfo_read(&cpu);
	if (!cpu.phys_bits)
		return;
	if (!nr_keyids && cpu.phys_bits <= 46)
		check_say(c, &(struct finding){
			  .result = tme_on() ? FAIL : WARN, .name = "address_bits",
			  .wanted = "more than 46 bits, so that KeyIDs fit above memory",
			  .remedy = "disable \"Limit CPU PA to 46 bits\" in BIOS" },
			  "physical addresses have %u bits and no KeyID", cpu.phys_bits);
	else
		check_pass(c, "address_bits", "%u bits of physical address%s", cpu.phys_bits,
			   nr_keyids ? " below the KeyID" : "");
}

static void keyids_by_module(struct check *c)
{
	u64 start, nr;

	if (root_u64(&start, HOST_DIR "/keyid_start") ||
	    root_u64(&nr, HOST_DIR "/nr_keyids"))
		check_say(c, &(struct finding){ .result = SKIP, .name = "keyids", .undecided = true },
			  "tdx_host does not say");
	else
		check_pass(c, "keyids", "TDX KeyIDs [%llu, %llu), says tdx_host", start, start + nr);
}

static void check_keyids(struct check *c)
{
	u64 part, nr_mktme, nr_tdx;
	int err;

	if (check_by_module(c)) {
		keyids_by_module(c);
		return;
	}
	err = read_or_skip(c, "keyids", MSR_KEYID_PARTITIONING, &part);
	if (err && err != -EIO)
		return;
	if (err || !part) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "keyids",
			  .wanted = "at least 2 TDX KeyIDs",
			  .remedy = "enable \"Total Memory Encryption Multi-Tenant (TME-MT)\" and \"Trust Domain Extension (TDX)\" in BIOS" },
			  "no KeyIDs: TME-MT is off");
		check_address_bits(c, 0);
		return;
	}
	nr_mktme = part & 0xffffffff;
	nr_tdx = part >> 32;
	if (nr_tdx < 2)
		check_say(c, &(struct finding){ .result = FAIL, .name = "keyids",
			  .wanted = "at least 2 TDX KeyIDs: one is the TDX module's own",
			  .remedy = nr_tdx ? "raise \"TME-MT/TDX key split\" in BIOS" :
				    TDX_IN_BIOS " and set \"TME-MT/TDX key split\" to a non-zero value" },
			  "%llu KeyIDs for TME-MT, %llu for TDX", nr_mktme, nr_tdx);
	else
		check_pass(c, "keyids", "TDX KeyIDs [%llu, %llu), %llu for TME-MT", nr_mktme + 1,
			   nr_mktme + 1 + nr_tdx, nr_mktme);
	check_address_bits(c, nr_mktme + nr_tdx);
}

static bool keyids_reserved(void)
{
	u64 part;

	return !msr_read(MSR_KEYID_PARTITIONING, &part) && part >> 32;
}

static void check_seamrr(struct check *c)
{
	u64 cap, mask;
	int err;

	if (check_by_module(c)) {
		check_pass(c, "seamrr", "locked and enabled, says tdx_host");
		return;
	}
	err = read_or_skip(c, "seamrr", MSR_MTRRCAP, &cap);
	if (err && err != -EIO)
		return;
	if (err || !(cap >> 15 & 1)) {
		check_say(c, &(struct finding){ .result = FAIL, .name = "seamrr", .wanted = "SEAM range registers",
			  .remedy = "none: this CPU has no TDX" },
			  "the CPU has no SEAM range registers (IA32_MTRRCAP bit 15)");
		return;
	}
	if (msr_read(MSR_SEAMRR_MASK, &mask))
		mask = 0;
	if (!(mask >> 11 & 1))
		check_say(c, &(struct finding){ .result = FAIL, .name = "seamrr", .wanted = "locked and enabled",
			  .remedy = keyids_reserved() ? LOADER_IN_BIOS :
				    TDX_IN_BIOS ", then \"TDX Secure Arbitration Mode Loader (SEAM Loader)\"" },
			  "%sSEAM range off (IA32_SEAMRR_MASK 0x%llx)",
			  keyids_reserved() ? "KeyIDs reserved, " : "", mask);
	else if (!(mask >> 10 & 1))
		check_say(c, &(struct finding){ .result = FAIL, .name = "seamrr", .wanted = "locked and enabled",
			  .remedy = "the BIOS did not load the SEAM loader (P-SEAMLDR): " LOADER_IN_BIOS ", or update a BIOS that comes without it" },
			  "SEAM range enabled but not locked (IA32_SEAMRR_MASK 0x%llx)", mask);
	else
		check_pass(c, "seamrr", "locked and enabled (IA32_SEAMRR_MASK 0x%llx)", mask);
}

/* The BIOS' own check of the memory map; SGX and TDX share it. */
static void check_mcheck(struct check *c)
{
	u64 error;
	int err = msr_read(MSR_MCHECK_ERROR, &error);

	if (err == -EIO)
		return;
	if (err)
		check_say(c, &(struct finding){ .result = SKIP, .name = "mcheck" }, "MSR 0xa0 could not be read");
	else if (error)
		check_say(c, &(struct finding){ .result = FAIL, .name = "mcheck", .wanted = "0",
			  .remedy = "enable \"SW Guard Extensions (SGX)\" in BIOS; populate memory alike on all channels of all packages; update the BIOS" },
			  "MCHECK refused the platform: error 0x%llx (MSR 0xa0)", error);
	else
		check_pass(c, "mcheck", "content (MSR 0xa0 is 0)");
}

static void check_sgx(struct check *c)
{
	struct cpuinfo cpu;

	cpuinfo_read(&cpu);
	if (cpu.sgx)
		check_pass(c, "sgx", "on");
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "sgx",
			  .wanted = "on: TDX attestation needs it, and many BIOSes want it for TDX",
			  .remedy = "enable \"SW Guard Extensions (SGX)\" in BIOS" },
			  "off, or unknown to this kernel");
}

static void check_production(struct check *c)
{
	u64 info;
	int err = msr_read(MSR_PLATFORM_INFO, &info);

	if (err)
		check_say(c, &(struct finding){ .result = SKIP, .name = "production" }, "MSR 0xce could not be read");
	else if (info >> 27 & 1)
		check_say(c, &(struct finding){ .result = WARN, .name = "production", .wanted = "a production part",
			  .remedy = "use a TDX module and a SEAM loader signed for pre-production parts" },
			  "pre-production part (MSR_PLATFORM_INFO bit 27)");
	else
		check_pass(c, "production", "production part");
}

void check_bios(struct check *c)
{
	char error[512];

	if (c->state == HOST_UNSUPPORTED)
		check_say(c, &(struct finding){ .result = FAIL, .name = "platform",
			  .wanted = "a platform on which tdx_host can work",
			  .remedy = "as it says, and as the lines below say" },
			  "tdx_host says: %s", host_last_error(error, sizeof(error)) ? error : "unsupported");
	check_tme(c);
	check_keyids(c);
	check_seamrr(c);
	check_mcheck(c);
	check_sgx(c);
	check_production(c);
}
