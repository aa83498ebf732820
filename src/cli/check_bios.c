// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the BIOS has set up, read from MSRs (TDX module ABI, "Platform
 * configuration"; Intel SDM vol. 4), each after the settings it depends on.  If tdx_host
 * is loaded, its findings count: it has read the MSRs itself, without the msr driver.
 *
 * If there are TDX KeyIDs, TME and the SEAM range can only raise a doubt: neither Linux
 * nor tdx_host refuses a machine for the contents of those MSRs.
 */
#include "check.h"
#include "cpuinfo.h"
#include "msr.h"
#include "root.h"

#define TDX_IN_BIOS	"enable \"Trust Domain Extension (TDX)\" in BIOS"
#define LOADER_IN_BIOS	"enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS"
#define TME_IN_BIOS	"enable \"Total Memory Encryption (TME)\" in BIOS"
#define MEMORY		"use identical DIMMs in every memory channel, the same on every socket"

/* The kernel clears the flag if the BIOS has locked VMX off. */
static void check_vmx(struct check *c, const struct cpuinfo *cpu)
{
	char control[48] = "";
	u64 value;

	if (!msr_read(MSR_FEATURE_CONTROL, &value))
		snprintf(control, sizeof(control), " (IA32_FEATURE_CONTROL 0x%llx)", value);
	if (check_by_module(c))
		check_pass(c, "vmx", "on, according to tdx_host");
	else if (cpu->vmx)
		check_pass(c, "vmx", "on%s", control);
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "vmx", .wanted = "VMX outside SMX, locked on",
			  .remedy = "enable \"Intel Virtualization Technology (VMX)\" in BIOS",
			  .if_set = "power the host off and on: a warm restart may keep the old setting" },
			  "off%s", control);
}

/* Only root can read MSRs, and only with the driver: say once which of the two is missing. */
static bool msrs_readable(struct check *c)
{
	u64 value;
	int err = msr_read(MSR_MTRRCAP, &value);

	if (!err || err == -EIO)
		return true;
	check_say(c, &(struct finding){ .result = SKIP, .name = "msr", .undecided = true,
		  .remedy = err == -ENOENT ? "run 'modprobe msr' and repeat this command as root; or load tdx_host, which reads the MSRs itself" :
					     "run as root" },
		  "%s: TME, KeyIDs, SEAM range and MCHECK cannot be read",
		  err == -ENOENT ? "the msr driver is not loaded" : strerror(-err));
	return false;
}

static bool tme_on(void)
{
	u64 tme;

	return !msr_read(MSR_TME_ACTIVATE, &tme) && (tme & 3) == 3;
}

/* The result when an MSR denies something that bring-up does not depend on. */
static enum result doubt(u64 nr_tdx_keyids)
{
	return nr_tdx_keyids < 2 ? FAIL : WARN;
}

static void check_tme(struct check *c, u64 nr_tdx_keyids)
{
	enum result bad = doubt(nr_tdx_keyids);
	u64 tme;

	if (msr_read(MSR_TME_ACTIVATE, &tme))
		check_say(c, &(struct finding){ .result = bad, .name = "tme", .undecided = bad == WARN,
			  .wanted = "total memory encryption",
			  .remedy = "use another host: this CPU has no TME, which TDX needs" },
			  "the CPU has no IA32_TME_ACTIVATE");
	else if ((tme & 3) == 3)
		check_pass(c, "tme", "on%s (IA32_TME_ACTIVATE 0x%llx)",
			   tme >> 31 & 1 ? ", bypassed for KeyID 0" : "", tme);
	else
		check_say(c, &(struct finding){ .result = bad, .name = "tme", .undecided = bad == WARN,
			  .wanted = "locked and enabled", .remedy = TME_IN_BIOS,
			  .if_set = "see bios_setup below" },
			  "%s (IA32_TME_ACTIVATE 0x%llx)",
			  tme & 2 ? "not locked" : "off", tme);
}

/*
 * KeyIDs take bits from the physical address.  CPUs with TDX have 52 address bits; if the
 * CPU reports 46 and KeyIDs take none, the BIOS limits them.
 */
static void check_address_bits(struct check *c, const struct cpuinfo *cpu, u64 nr_keyids)
{
	if (!cpu->phys_bits)
		return;
	if (!nr_keyids && cpu->phys_bits == 46)
		check_say(c, &(struct finding){ .result = tme_on() ? FAIL : WARN, .name = "address_bits",
			  .wanted = "more than 46 bits, so that there is room for KeyIDs above memory",
			  .remedy = "disable \"Limit CPU PA to 46 bits\" in BIOS",
			  .if_set = "see bios_setup below" },
			  "physical addresses have 46 bits, and none of them are KeyID bits");
	else
		check_pass(c, "address_bits", "%u bits of physical address%s", cpu->phys_bits,
			   nr_keyids ? " below the KeyID" : "");
}

static const char *keyids_cause(const struct check *c)
{
	return check_failed(c, "tme") ?: check_failed(c, "address_bits");
}

static void say_no_keyids(struct check *c)
{
	check_say(c, &(struct finding){ .result = FAIL, .name = "keyids",
		  .wanted = "at least 2 TDX KeyIDs", .follows = keyids_cause(c),
		  .remedy = "enable \"Total Memory Encryption Multi-Tenant (TME-MT)\" and \"Trust Domain Extension (TDX)\" in BIOS",
		  .if_set = "see bios_setup below" },
		  "no KeyIDs: TME-MT is off");
}

static void check_keyids(struct check *c, u64 part)
{
	u64 nr_mktme = part & 0xffffffff, nr_tdx = part >> 32;

	if (!part)
		say_no_keyids(c);
	else if (nr_tdx < 2)
		check_say(c, &(struct finding){ .result = FAIL, .name = "keyids",
			  .wanted = "at least 2 TDX KeyIDs: the TDX module uses one itself",
			  .follows = keyids_cause(c),
			  .remedy = nr_tdx ? "raise \"TME-MT/TDX key split\" in BIOS" :
				    TDX_IN_BIOS " and set \"TME-MT/TDX key split\" to a non-zero value",
			  .if_set = "see bios_setup below" },
			  "%llu KeyIDs for TME-MT, %llu for TDX", nr_mktme, nr_tdx);
	else
		check_pass(c, "keyids", "TDX KeyIDs [%llu, %llu), %llu for TME-MT", nr_mktme + 1,
			   nr_mktme + 1 + nr_tdx, nr_mktme);
}

/* MCHECK, the check of the memory map in the BIOS, is for SGX and TDX. */
static void check_mcheck(struct check *c, const struct cpuinfo *cpu)
{
	u64 error;
	int err = msr_read(MSR_MCHECK_ERROR, &error);

	if (err == -EIO)
		return;
	if (err)
		check_say(c, &(struct finding){ .result = SKIP, .name = "mcheck" }, "MSR 0xa0 could not be read");
	else if (error)
		check_say(c, &(struct finding){ .result = FAIL, .name = "mcheck", .wanted = "0",
			  .remedy = cpu->sgx ? MEMORY : "enable \"SW Guard Extensions (SGX)\" in BIOS",
			  .if_set = cpu->sgx ? "remove DIMMs that differ, disable memory mirroring and sparing, update the BIOS" :
				    MEMORY "; update the BIOS" },
			  "MCHECK rejected the platform: error 0x%llx (MSR 0xa0)", error);
	else
		check_pass(c, "mcheck", "passed (MSR 0xa0 is 0)");
}

static const char *seamrr_cause(const struct check *c)
{
	return keyids_cause(c) ?: check_failed(c, "keyids") ?: check_failed(c, "mcheck");
}

static void check_seamrr(struct check *c)
{
	const char *cause = seamrr_cause(c);
	enum result bad = cause ? FAIL : WARN;
	u64 mask;

	if (msr_read(MSR_SEAMRR_MASK, &mask))
		mask = 0;
	if (!(mask >> 11 & 1))
		check_say(c, &(struct finding){ .result = bad, .name = "seamrr", .wanted = "locked and enabled",
			  .undecided = bad == WARN, .follows = cause, .remedy = LOADER_IN_BIOS,
			  .if_set = MEMORY "; update the BIOS: a BIOS without the SEAM loader leaves the range off" },
			  "%sSEAM range off (IA32_SEAMRR_MASK 0x%llx)",
			  check_failed(c, "keyids") ? "" : "TDX KeyIDs reserved, ", mask);
	else if (!(mask >> 10 & 1))
		check_say(c, &(struct finding){ .result = bad, .name = "seamrr", .wanted = "locked and enabled",
			  .undecided = bad == WARN, .follows = cause, .remedy = LOADER_IN_BIOS,
			  .if_set = "this BIOS lacks the SEAM loader (P-SEAMLDR): update it, or ask the vendor for a version that includes it" },
			  "SEAM range enabled but not locked (IA32_SEAMRR_MASK 0x%llx): the BIOS did not load the SEAM loader", mask);
	else
		check_pass(c, "seamrr", "locked and enabled (IA32_SEAMRR_MASK 0x%llx)", mask);
}

static void check_sgx(struct check *c, const struct cpuinfo *cpu)
{
	if (cpu->sgx)
		check_pass(c, "sgx", "on");
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "sgx",
			  .wanted = "on: attestation of TDs needs it, and many BIOSes offer TDX only with it",
			  .remedy = "enable \"SW Guard Extensions (SGX)\" in BIOS",
			  .if_set = "this kernel may lack CONFIG_X86_SGX: TDs run without it, but attestation on this host does not work" },
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

/* What to do if the BIOS setup lacks the settings named above. */
static void say_bios_setup(struct check *c)
{
	char vendor[64], product[64], version[64];

	if (!c->bios)
		return;
	root_line(vendor, sizeof(vendor), "/sys/class/dmi/id/sys_vendor");
	root_line(product, sizeof(product), "/sys/class/dmi/id/product_name");
	root_line(version, sizeof(version), "/sys/class/dmi/id/bios_version");
	check_say(c, &(struct finding){ .result = WARN, .name = "bios_setup",
		  .remedy = "if an option is greyed out, missing or without effect: load the BIOS defaults; disable \"Limit CPU PA to 46 bits\"; enable VMX, TME, TME-MT, SGX, TDX, SEAM loader in this order, and restart if the next option is not offered yet; " MEMORY "; update the BIOS; ask its vendor whether it supports TDX" },
		  "BIOS settings need to change, see above (%s%s%s%s%s)",
		  vendor[0] ? vendor : "vendor unknown", product[0] ? " " : "", product,
		  version[0] ? ", BIOS " : "", version);
}

/* Did TDH.SYS.INIT fail?  Bring-up may also have failed later, for another reason. */
static bool sys_init_failed(const struct check *c)
{
	char error[512];

	return c->state == HOST_NOT_LOADED ||
	       (c->state == HOST_FAILED && host_last_error(error, sizeof(error)) &&
		!strncmp(error, "TDH.SYS.INIT ", strlen("TDH.SYS.INIT ")));
}

/* A doubt of tdx_host's: wrong if TDX is up, the likely cause if TDH.SYS.INIT failed. */
static void say_doubt(struct check *c, const char *name, const char *what, const char *remedy)
{
	bool failed = sys_init_failed(c);

	if (c->state == HOST_INITIALIZED)
		check_pass(c, name, "%s, according to an MSR, but TDX is up", what);
	else
		check_say(c, &(struct finding){ .result = failed ? FAIL : WARN, .name = name,
			  .undecided = !failed, .wanted = "locked and enabled", .remedy = remedy,
			  .if_set = "see bios_setup below" },
			  "%s, according to tdx_host", what);
}

static void tme_by_module(struct check *c)
{
	if (host_doubts("tme_off"))
		say_doubt(c, "tme", "off", TME_IN_BIOS);
	else
		check_pass(c, "tme", "on, according to tdx_host");
}

static void seamrr_by_module(struct check *c)
{
	if (host_doubts("seamrr_off"))
		say_doubt(c, "seamrr", "SEAM range off", LOADER_IN_BIOS);
	else if (host_doubts("seamrr_unlocked"))
		say_doubt(c, "seamrr", "SEAM range not locked", LOADER_IN_BIOS);
	else if (host_doubts("seamrr_missing"))
		say_doubt(c, "seamrr", "no SEAM range registers",
			  "use another host: CPUs with TDX have SEAM range registers");
	else
		check_pass(c, "seamrr", "locked and enabled, according to tdx_host");
}

static void by_module(struct check *c)
{
	u64 start, nr;

	tme_by_module(c);
	if (root_u64(&start, HOST_DIR "/keyid_start") || root_u64(&nr, HOST_DIR "/nr_keyids"))
		check_say(c, &(struct finding){ .result = SKIP, .name = "keyids", .undecided = true },
			  "tdx_host does not report them");
	else
		check_pass(c, "keyids", "TDX KeyIDs [%llu, %llu), according to tdx_host", start, start + nr);
	seamrr_by_module(c);
}

static void by_msrs(struct check *c, const struct cpuinfo *cpu)
{
	u64 part;

	if (msr_read(MSR_KEYID_PARTITIONING, &part))
		part = 0;
	check_tme(c, part >> 32);
	check_address_bits(c, cpu, (part & 0xffffffff) + (part >> 32));
	check_keyids(c, part);
	check_mcheck(c, cpu);
	check_seamrr(c);
}

static void say_unsupported(struct check *c)
{
	char error[512];

	check_say(c, &(struct finding){ .result = FAIL, .name = "platform",
		  .wanted = "a platform on which tdx_host can work",
		  .follows = c->nr_failed ? c->failed[0] : NULL,
		  .remedy = "follow this advice, then reload tdx_host" },
		  "tdx_host says: %s", host_last_error(error, sizeof(error)) ? error : "unsupported");
}

static void check_settings(struct check *c, bool readable)
{
	struct cpuinfo cpu;

	cpuinfo_read(&cpu);
	check_vmx(c, &cpu);
	if (check_by_module(c))
		by_module(c);
	else if (readable)
		by_msrs(c, &cpu);
	else
		check_log(c);
	check_sgx(c, &cpu);
	if (check_by_module(c))
		check_mcheck(c, &cpu);
	if (readable)
		check_production(c);
}

void check_bios(struct check *c)
{
	bool readable = check_by_module(c) || msrs_readable(c);

	/* Advice about the BIOS makes no sense if the CPU may lack TDX. */
	if (c->tdx_cpu)
		check_settings(c, readable);
	if (c->state == HOST_UNSUPPORTED)
		say_unsupported(c);
	say_bios_setup(c);
}
