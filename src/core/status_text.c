// SPDX-License-Identifier: GPL-2.0-only
/*
 * Likely cause and remedy of each completion status, for the person who runs
 * the host.  Statuses that only a TD's owner (KVM, a guest) can meet share the
 * text of their class.
 */
#include "status.h"

struct status_text {
	u64 name;
	const char *cause;
	const char *remedy;
};

#define UPDATE_BIOS	"BIOS or microcode too old: update it"
#define REPORT_HOST	"a bug of the host's TDX code: report it with the output of 'tdxhost report'"
#define REPORT_KVM	"a bug of KVM or of the VMM: update it, or report it with the kernel log"
#define POWER_CYCLE	"reboot the host (kexec is not enough: the TDX module keeps its state)"

static const struct status_text texts[] = {
	/* The instruction. */
	{ TDX_SW_VMFAILINVALID,
	  "no TDX module is loaded",
	  "enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS, or install the TDX module where the BIOS loads it from (EFI/TDX on the EFI system partition)" },
	{ TDX_SW_GP,
	  "the platform does not allow SEAMCALL: the SEAM range (SEAMRR) is off, though KeyIDs may be reserved",
	  "enable \"Trust Domain Extension (TDX)\" and \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS" },
	{ TDX_SW_UD,
	  "the CPU was not in VMX operation, or has no SEAMCALL",
	  "enable \"Intel Virtualization Technology (VMX)\" in BIOS; inside a virtual machine there is no SEAMCALL" },

	/* Busy: another try is all it takes. */
	{ TDX_INTERRUPTED_RESUMABLE,
	  "an interrupt was pending; the call goes on where it stopped",
	  "call again with the same operands" },
	{ TDX_INTERRUPTED_RESTARTABLE,
	  "an interrupt was pending before anything was changed",
	  "call again" },
	{ TDX_OPERAND_BUSY,
	  "another CPU is using the same object",
	  "call again" },
	{ TDX_OPERAND_BUSY_HOST_PRIORITY,
	  "the guest holds the object; the host goes first next time",
	  "call again" },
	{ TDX_PREVIOUS_TLB_EPOCH_BUSY,
	  "a VCPU is still running with mappings of the previous TLB epoch",
	  "kick the TD's VCPUs out, then call again" },
	{ TDX_SYS_BUSY,
	  "another CPU holds the TDX module's global lock",
	  "call again" },
	{ TDX_RND_NO_ENTROPY,
	  "the random number generator (RDRAND, RDSEED) ran out of entropy",
	  "call again a little later; if the error persists, the CPU or its microcode is faulty" },
	{ TDX_KEY_GENERATION_FAILED,
	  "no key could be created (PCONFIG): out of entropy, or the key table is in use",
	  "call again a little later; if the error persists, the CPU or its microcode is faulty" },

	/* Operands. */
	{ TDX_OPERAND_INVALID,
	  "this TDX module does not accept the named operand, or for RAX the leaf or its version",
	  "the TDX module may be older than its caller: update BIOS and TDX module; if that does not help, report it" },
	{ TDX_OPERAND_ADDR_RANGE_ERROR,
	  "the address lies outside TDX memory (no TDMR covers it, or it is reserved)",
	  "compare it with the TDMRs of this host; " REPORT_HOST },

	{ TDX_EVENT_FILTER_INVALID,
	  "an entry of the TD's list of performance events is not valid",
	  REPORT_KVM },
	{ TDX_EVENT_FILTER_ORDER_INVALID,
	  "the TD's list of performance events is not in ascending order",
	  REPORT_KVM },
	{ TDX_HPA_RANGE_NOT_FREE,
	  "the 2 MB range already has its PAMT pages, or a page of it is in use",
	  REPORT_KVM },

	/* The state of the TDX module. */
	{ TDX_SYS_INIT_NOT_PENDING,
	  "the TDX module was initialised before: it can be initialised once per load, and its state survives kexec",
	  POWER_CYCLE },
	{ TDX_SYS_LP_INIT_NOT_DONE,
	  "this CPU has not been initialised (TDH.SYS.LP.INIT)",
	  "bring all CPUs online before bring-up, or see cpus_missing" },
	{ TDX_SYS_LP_INIT_DONE,
	  "this CPU was initialised before",
	  "nothing to do" },
	{ TDX_SYS_LP_INIT_NOT_PENDING,
	  "TDH.SYS.INIT has not been done, or this TDX module takes no further CPUs after TDH.SYS.CONFIG",
	  "bring all CPUs online before bring-up: 'tdxhost enable --online-cpus' after a power cycle" },
	{ TDX_SYS_NOT_READY,
	  "the TDX module is not initialised yet; a TDX 1.0 module gives the same answer for a leaf that it does not have (TDH.SYS.RD)",
	  "finish the bring-up; for TDH.SYS.RD use TDH.SYS.INFO or update the TDX module to 1.5" },
	{ TDX_SYS_SHUTDOWN,
	  "the TDX module has been shut down",
	  POWER_CYCLE },
	{ TDX_SYS_CONFIG_NOT_PENDING,
	  "TDH.SYS.CONFIG came too early or twice: this TDX module wants TDH.SYS.LP.INIT on every CPU the firmware knows, offline ones too",
	  "bring all CPUs online (SMT siblings too) before bring-up: 'tdxhost enable --online-cpus'" },
	{ TDX_SYS_KEY_CONFIG_NOT_PENDING,
	  "the global key is configured already, or TDH.SYS.CONFIG has not been done",
	  REPORT_HOST },
	{ TDX_SYS_STATE_INCORRECT,
	  "the call does not fit the state that the TDX module is in",
	  POWER_CYCLE },
	{ TDX_SYS_INVALID_HANDOFF,
	  "the data that the previous TDX module left do not fit the new one",
	  "install a TDX module that can take over from the previous one, or power cycle" },
	{ TDX_SYS_INCOMPATIBLE_SIGSTRUCT,
	  "the new TDX module's signature structure does not allow this update",
	  "install a TDX module made for this CPU and this update path" },
	{ TDX_CRYPTO_SELF_TEST_FAILED,
	  "the TDX module's self-test of its cryptography failed",
	  POWER_CYCLE "; if it stays, reinstall the TDX module, or the CPU is faulty" },
	{ TDX_INCOMPATIBLE_SEAM_CAPABILITIES,
	  "the CPU lacks a SEAM feature that this TDX module needs",
	  UPDATE_BIOS ", or use an older TDX module" },

	/* Platform: the checks of TDH.SYS.INIT and TDH.SYS.LP.INIT. */
	{ TDX_INCORRECT_CPUID_VALUE,
	  "a CPUID leaf (RCX: leaf, subleaf) does not have the value that this TDX module needs",
	  UPDATE_BIOS },
	{ TDX_LIMIT_CPUID_MAXVAL_SET,
	  "CPUID is limited to leaf 3 (IA32_MISC_ENABLE bit 22)",
	  "disable \"Limit CPUID Maximum\" in BIOS" },
	{ TDX_INCONSISTENT_CPUID_FIELD,
	  "a CPUID leaf (RCX: leaf, subleaf) differs between CPUs",
	  UPDATE_BIOS "; packages must have the same microcode" },
	{ TDX_CPUID_MAX_SUBLEAVES_UNRECOGNIZED,
	  "a CPUID leaf has more subleaves than this TDX module knows",
	  "TDX module too old for this CPU: update BIOS and TDX module" },
	{ TDX_CPUID_LEAF_1F_FORMAT_UNRECOGNIZED,
	  "this TDX module does not know the format of the CPU topology (CPUID leaf 0x1f)",
	  "TDX module too old for this CPU: update BIOS and TDX module" },
	{ TDX_INVALID_WBINVD_SCOPE,
	  "the last-level cache is not shared by exactly one package",
	  UPDATE_BIOS },
	{ TDX_INVALID_PKG_ID,
	  "a package number is too high for this TDX module (8 packages)",
	  UPDATE_BIOS },
	{ TDX_ENABLE_MONITOR_FSM_NOT_SET,
	  "MONITOR/MWAIT is off (IA32_MISC_ENABLE bit 18)",
	  "enable \"Monitor/MWAIT\" in BIOS" },
	{ TDX_CPUID_LEAF_NOT_SUPPORTED,
	  "the CPU or BIOS hides a CPUID leaf that this TDX module needs",
	  UPDATE_BIOS },
	{ TDX_SMRR_NOT_LOCKED,
	  "the SMM range register is not locked",
	  "BIOS bug: update it" },
	{ TDX_INVALID_SMRR_CONFIGURATION,
	  "the SMM range registers are set up wrongly or differ between CPUs",
	  "BIOS bug: update it" },
	{ TDX_SMRR_OVERLAPS_CMR,
	  "SMM memory lies in convertible memory (a CMR)",
	  "BIOS bug: update it" },
	{ TDX_SMRR_LOCK_NOT_SUPPORTED,
	  "the CPU cannot lock its SMM range register",
	  UPDATE_BIOS },
	{ TDX_SMRR_NOT_SUPPORTED,
	  "the CPU has no SMM range register",
	  "this CPU has no TDX" },
	{ TDX_INCONSISTENT_MSR,
	  "the MSR differs between CPUs",
	  UPDATE_BIOS "; do not write this MSR on single CPUs" },
	{ TDX_INCORRECT_MSR_VALUE,
	  "the MSR does not have the value that this TDX module needs",
	  UPDATE_BIOS "; look for a BIOS setting or kernel parameter that changes this MSR" },
	{ TDX_CMR_LIST_INVALID,
	  "the BIOS reports convertible memory ranges that overlap or are out of order",
	  "BIOS bug: update it" },
	{ TDX_SEAMREPORT_NOT_AVAILABLE,
	  "the CPU cannot make a SEAM report",
	  "enable \"SW Guard Extensions (SGX)\" in BIOS; " UPDATE_BIOS },
	{ TDX_SEAMVERIFYREPORT_NOT_AVAILABLE,
	  "the CPU cannot verify a SEAM report",
	  UPDATE_BIOS },
	{ TDX_SEAMDB_GETREF_NOT_AVAILABLE,
	  "the CPU has no SEAM database",
	  UPDATE_BIOS },
	{ TDX_SEAMDB_REPORT_NOT_AVAILABLE,
	  "the CPU has no SEAM database",
	  UPDATE_BIOS },

	/* TDH.SYS.CONFIG. */
	{ TDX_INVALID_TDMR,
	  "the TDMR's base or size is not a multiple of 1 GB, or it ends beyond physical memory",
	  REPORT_HOST },
	{ TDX_NON_ORDERED_TDMR,
	  "the TDMR overlaps the one before it or lies below it",
	  REPORT_HOST },
	{ TDX_TDMR_OUTSIDE_CMRS,
	  "a part of the TDMR that is not reserved lies outside convertible memory",
	  REPORT_HOST },
	{ TDX_INVALID_PAMT,
	  "the PAMT is too small, not 4 KB aligned, or ends beyond physical memory",
	  REPORT_HOST },
	{ TDX_PAMT_OUTSIDE_CMRS,
	  "the PAMT lies outside convertible memory",
	  REPORT_HOST },
	{ TDX_PAMT_OVERLAP,
	  "the PAMT overlaps another one or a part of a TDMR that is not reserved",
	  REPORT_HOST },
	{ TDX_INVALID_RESERVED_IN_TDMR,
	  "the reserved area is not 4 KB aligned or not inside its TDMR",
	  REPORT_HOST },
	{ TDX_NON_ORDERED_RESERVED_IN_TDMR,
	  "the reserved area overlaps the one before it or lies below it",
	  REPORT_HOST },
	{ TDX_TDMR_ALREADY_INITIALIZED,
	  "the whole TDMR was initialised before",
	  "nothing to do" },

	/* Keys. */
	{ TDX_KEY_CONFIGURED,
	  "this package has the key already",
	  "nothing to do" },
	{ TDX_TD_KEYS_NOT_CONFIGURED,
	  "the TD's key is not configured on every package",
	  "TDH.MNG.KEY.CONFIG on a CPU of each package; every package needs an online CPU" },
	{ TDX_HKID_NOT_FREE,
	  "the KeyID belongs to another TD, or its caches have not been written back",
	  REPORT_KVM },
	{ TDX_WBCACHE_NOT_COMPLETE,
	  "a package has not written its caches back for this KeyID",
	  "TDH.PHYMEM.CACHE.WB on a CPU of each package; every package needs an online CPU" },
	{ TDX_NO_HKID_READY_TO_WBCACHE,
	  "no KeyID waits for a cache write-back",
	  "nothing to do" },
	{ TDX_FLUSHVP_NOT_DONE,
	  "a VCPU of the TD is still associated with a CPU",
	  "TDH.VP.FLUSH on the CPU of each VCPU, then call again" },

	/* Pages and TDs, as KVM meets them. */
	{ TDX_PAGE_METADATA_INCORRECT,
	  "the page is not of the type that the call needs: in use for something else, or not given to the TDX module",
	  REPORT_KVM },
	{ TDX_PAGE_ALREADY_FREE,
	  "the page is free already",
	  "nothing to do" },
	{ TDX_TD_ASSOCIATED_PAGES_EXIST,
	  "the TD still has pages",
	  "reclaim every page of the TD before its TDR" },
	{ TDX_TD_FATAL,
	  "the TD has been stopped for good after an integrity or consistency error",
	  "destroy the TD; look for machine checks in the kernel log" },
	{ TDX_NON_RECOVERABLE_TD,
	  "the TD met an error that it cannot recover from",
	  "destroy the TD; look for machine checks and the guest's console" },
	{ TDX_NON_RECOVERABLE_VCPU,
	  "the VCPU met an error that it cannot recover from, such as a triple fault",
	  "destroy the TD; look at the guest's console" },
	{ TDX_MAX_VCPUS_EXCEEDED,
	  "the TD already has as many VCPUs as it was created for",
	  "create the TD with more VCPUs" },
	{ TDX_X2APIC_ID_NOT_UNIQUE,
	  "another VCPU of the TD has the same x2APIC ID",
	  "give each VCPU of the TD an APIC ID of its own" },
	{ TDX_INVALID_CPUSVN,
	  "the security version of the microcode in the report is not this CPU's",
	  "attest again on this host; update the microcode if the verifier asks for it" },

	{ TDX_SUCCESS, "no error", NULL },
};

/* Causes of the statuses above that depend on the operand: bits 31:0. */
static const struct status_text operand_texts[] = {
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX,
	  "this TDX module does not know the leaf, its version, or a reserved bit of RAX",
	  "TDX module older than its caller: update BIOS and TDX module" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_CPUID_CONFIG,
	  "TDH.MNG.INIT refused a CPUID configuration of the TD (RCX: leaf, subleaf)",
	  "not the host's bring-up: compare the TD's CPU model with what the TDX module allows to configure, and update VMM and TDX module together" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_ATTRIBUTES,
	  "TDH.MNG.INIT refused the TD's ATTRIBUTES",
	  "ask for no attribute (debug, SEPT_VE_DISABLE, ...) that the TDX module does not offer" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_XFAM,
	  "TDH.MNG.INIT refused the TD's XFAM (extended features)",
	  "choose a CPU model whose features the TDX module offers" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_MAX_VCPUS,
	  "TDH.MNG.INIT refused the number of VCPUs",
	  "start the TD with fewer VCPUs" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_TSC_FREQUENCY,
	  "TDH.MNG.INIT refused the TSC frequency (100 MHz to 10 GHz in steps of 25 MHz)",
	  "leave the TSC frequency to the default" },
	{ TDX_OPERAND_INVALID | TDX_OPERAND_ID_TDMR_INFO_PA,
	  "TDH.SYS.CONFIG refused the address of a TDMR_INFO",
	  REPORT_HOST },
};

struct class_text {
	u8 class;
	const char *cause;
	const char *remedy;
};

/* For statuses without a row of their own. */
static const struct class_text class_texts[] = {
	{ 0x00, "a TD could not go on", "destroy the TD; look at the kernel log and the guest's console" },
	{ 0x02, "another CPU or the guest is using it", "call again" },
	{ 0x03, "the page is not in the state that the call needs", REPORT_KVM },
	{ 0x06, "the call does not fit the state that the TD is in", REPORT_KVM },
	{ 0x07, "the call does not fit the state that the VCPU is in", REPORT_KVM },
	{ 0x08, "the call does not fit the state that the KeyID is in", REPORT_KVM },
	{ 0x0b, "the TD's secure EPT has no such entry, or it is in another state", REPORT_KVM },
	{ 0x0c, "the metadata field does not exist in this TDX module or cannot be accessed this way",
	  "the TDX module and its caller do not match: update both" },
	{ 0x0d, "this TD is not bound to that service TD", "check the migration TD's set-up" },
	{ 0x0e, "a step of TD migration failed or came out of order", "abort the migration and start it again" },
	{ 0x10, "the attestation report is not valid on this host", "create the report again on this host" },
	{ 0x11, "a nested guest of the TD (TD partitioning) needs its host", "nothing to do on the host" },
};

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const struct status_text *find(u64 status)
{
	u64 name = tdx_status_name_bits(status);
	size_t i;

	for (i = 0; i < NR(operand_texts); i++)
		if (operand_texts[i].name == status)
			return &operand_texts[i];
	if (name == TDX_SW_ERROR)
		name = status;
	for (i = 0; i < NR(texts); i++)
		if (texts[i].name == name)
			return &texts[i];
	return NULL;
}

static const struct class_text *find_class(u64 status)
{
	u8 class = (status >> 40) & 0xff;
	size_t i;

	if (!tdx_status_known(status))
		return NULL;
	for (i = 0; i < NR(class_texts); i++)
		if (class_texts[i].class == class)
			return &class_texts[i];
	return NULL;
}

const char *tdx_status_cause(u64 status)
{
	const struct status_text *text = find(status);
	const struct class_text *class;

	if (text)
		return text->cause;
	class = find_class(status);
	return class ? class->cause : NULL;
}

const char *tdx_status_remedy(u64 status)
{
	const struct status_text *text = find(status);
	const struct class_text *class;

	if (text)
		return text->remedy;
	class = find_class(status);
	return class ? class->remedy : NULL;
}
