// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does this machine support TDX?  The answer is in the CPUID bits that the kernel has
 * read and in the MSRs that the BIOS has set up.  Every missing precondition has its own
 * message, with the usual name of the BIOS setting.
 *
 * Only what Linux also requires is fatal, since nothing works without it: VMX, and two TDX
 * KeyIDs.  Linux does not read IA32_MTRRCAP, IA32_TME_ACTIVATE and IA32_SEAMRR_MASK, which
 * may mislead on an unknown BIOS or CPU.  So what they say is only a doubt: it is logged,
 * kept, and named as the likely cause if the TDX module is missing or refuses to start.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include "host.h"

/* Intel SDM vol. 4; Intel TDX module ABI, "Platform configuration". */
#define MSR_FEATURE_CONTROL	0x3a
#define  FEATURE_LOCKED		BIT(0)
#define  FEATURE_VMXON_SMX	BIT(1)	/* inside SMX, where tboot has put the kernel */
#define  FEATURE_VMXON		BIT(2)	/* outside SMX */
#define MSR_KEYID_PARTITIONING	0x87	/* 31:0 MKTME, 63:32 TDX KeyIDs */
#define MSR_MTRRCAP		0xfe
#define  MTRRCAP_SEAMRR		BIT(15)
#define MSR_VMX_BASIC		0x480
#define  VMX_BASIC_REVISION	GENMASK(30, 0)
#define  VMX_BASIC_KEEPS_VMCS	BIT_ULL(60)
#define MSR_VMX_MISC		0x485
#define  VMX_MISC_PT		BIT(14)	/* Intel PT may trace in VMX operation */
#define MSR_TME_ACTIVATE	0x982
#define  TME_LOCKED		BIT(0)
#define  TME_ENABLED		BIT(1)
#define MSR_SEAMRR_MASK		0x1401
#define  SEAMRR_LOCKED		BIT(10)
#define  SEAMRR_ENABLED		BIT(11)

#define MODEL_SAPPHIRERAPIDS	0x8f
#define MODEL_EMERALDRAPIDS	0xcf

struct tdx_platform tdx_platform;

static const struct doubt {
	const char *word;	/* in bios_warnings */
	const char *text;
} doubts[] = {
	[TDX_DOUBT_PT] = { "intel_pt",
		"this CPU cannot enter VMX operation while Intel PT traces (IA32_VMX_MISC bit 14): no CPU with TDX is like that" },
	[TDX_DOUBT_TME] = { "tme_off",
		"memory encryption is off (IA32_TME_ACTIVATE): enable \"Total Memory Encryption (TME)\" in BIOS" },
	[TDX_DOUBT_KEYIDS] = { "keyids",
		"more KeyIDs than 15 bits can name (IA32_MKTME_KEYID_PARTITIONING): BIOS bug, update it" },
	[TDX_DOUBT_SEAMRR_MISSING] = { "seamrr_missing",
		"the CPU has no SEAM range registers (IA32_MTRRCAP bit 15): no CPU with TDX is like that" },
	[TDX_DOUBT_SEAMRR_OFF] = { "seamrr_off",
		"the SEAM range is off (IA32_SEAMRR_MASK): enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS" },
	[TDX_DOUBT_SEAMRR_UNLOCKED] = { "seamrr_unlocked",
		"the SEAM range is not locked (IA32_SEAMRR_MASK): the BIOS has not loaded the SEAM loader, update it" },
};

static_assert(ARRAY_SIZE(doubts) == TDX_NR_DOUBTS);

static void doubt(u32 i)
{
	tdx_platform.doubts |= BIT(i);
	pr_warn("%s; bring-up is tried all the same\n", doubts[i].text);
}

/* The doubts so far, with @before the first and @between them; "" without any. */
static int list_doubts(char *buf, size_t size, bool words, const char *before,
		       const char *between)
{
	int at = 0;
	u32 i;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(doubts); i++)
		if (tdx_platform.doubts & BIT(i))
			at += scnprintf(buf + at, size - at, "%s%s", at ? between : before,
					words ? doubts[i].word : doubts[i].text);
	return at;
}

int tdx_doubts_show(char *buf, size_t size)
{
	int at = list_doubts(buf, size, true, "", " ");

	return at ? at + scnprintf(buf + at, size - at, "\n") : 0;
}

static void likely_cause(char *buf, size_t size)
{
	list_doubts(buf, size, false, "; likely cause: ", "; ");
}

void tdx_error_call_platform(u64 leaf, u64 status)
{
	char text[TDX_STATUS_LEN], why[TDX_ERROR_LEN];

	if (!tdx_platform.doubts) {
		tdx_error_call(leaf, status, NULL);
		return;
	}
	tdx_status_format(text, sizeof(text), status);
	likely_cause(why, sizeof(why));
	tdx_error("%s failed: %s%s", tdx_leaf_name(leaf), text, why);
}

/* Final. */
static int no_keyids(const char *what)
{
	char why[TDX_ERROR_LEN];

	likely_cause(why, sizeof(why));
	tdx_error("%s%s", what, why);
	return -ENODEV;
}

/*
 * A plain RDMSR: a paravirtualised read would ask a hypervisor, and guests have no
 * SEAM mode.  -EIO: the CPU has no such MSR.
 */
static int read_msr(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	int err = -EIO;	/* as it stays when the instruction traps */

	asm volatile("1: rdmsr\n\t"
		     "xorl %[err], %[err]\n"
		     "2:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : "=a" (low), "=d" (high), [err] "+r" (err)
		     : "c" (msr)
		     : "cc");
	*value = err ? 0 : (u64)high << 32 | low;
	return err;
}

static int detect_vmx(void)
{
	u64 control, basic, misc;

	if (boot_cpu_data.x86_vendor != X86_VENDOR_INTEL) {
		tdx_error("not an Intel CPU: TDX needs a Xeon of the Sapphire Rapids generation or later");
		return -ENODEV;
	}
	if (read_msr(MSR_FEATURE_CONTROL, &control) || read_msr(MSR_VMX_BASIC, &basic) ||
	    !boot_cpu_has(X86_FEATURE_VMX)) {
		tdx_error("no VMX: enable \"Intel Virtualization Technology (VMX)\" in BIOS");
		return -ENODEV;
	}
	/* X86_FEATURE_VMX is the kernel's decision which of the two VMXON bits counts. */
	if (!(control & FEATURE_LOCKED) || !(control & (FEATURE_VMXON | FEATURE_VMXON_SMX))) {
		tdx_error("VMX is disabled by BIOS (IA32_FEATURE_CONTROL 0x%llx): enable \"Intel Virtualization Technology (VMX)\"",
			  control);
		return -ENODEV;
	}
	if (boot_cpu_has(X86_FEATURE_INTEL_PT) &&
	    (read_msr(MSR_VMX_MISC, &misc) || !(misc & VMX_MISC_PT)))
		doubt(TDX_DOUBT_PT);
	tdx_platform.vmcs_revision = basic & VMX_BASIC_REVISION;
	tdx_platform.keeps_vmcs = basic & VMX_BASIC_KEEPS_VMCS;
	return 0;
}

static void detect_tme(void)
{
	u64 tme;

	if (read_msr(MSR_TME_ACTIVATE, &tme) || !(tme & TME_LOCKED) || !(tme & TME_ENABLED))
		doubt(TDX_DOUBT_TME);
}

static int detect_keyids(void)
{
	u64 part;
	u32 nr_mktme, nr_tdx;

	if (read_msr(MSR_KEYID_PARTITIONING, &part) || !part)
		return no_keyids("no KeyIDs: enable \"Total Memory Encryption Multi-Tenant (TME-MT)\" in BIOS; you may have to disable \"Limit CPU PA to 46 bits\" first");
	nr_mktme = part & U32_MAX;
	nr_tdx = part >> 32;
	/* An address has no room for more. */
	if (nr_mktme >= TDX_MAX_KEYIDS || nr_tdx >= TDX_MAX_KEYIDS - nr_mktme) {
		doubt(TDX_DOUBT_KEYIDS);
		nr_mktme = min_t(u32, nr_mktme, TDX_MAX_KEYIDS - 1);
		nr_tdx = min_t(u32, nr_tdx, TDX_MAX_KEYIDS - 1 - nr_mktme);
	}
	if (!nr_tdx)
		return no_keyids("no TDX KeyIDs: enable \"Trust Domain Extension (TDX)\" in BIOS and set \"TME-MT/TDX key split\" to a non-zero value");
	if (nr_tdx < 2)
		return no_keyids("only one TDX KeyID, but two are required (the TDX module uses one itself): raise \"TME-MT/TDX key split\" in BIOS");
	tdx_platform.keyid_start = nr_mktme + 1;
	tdx_platform.nr_keyids = nr_tdx;
	pr_info("BIOS enabled: private KeyID range [%u, %u)\n",
		tdx_platform.keyid_start, tdx_platform.keyid_start + nr_tdx);
	return 0;
}

static void detect_seamrr(void)
{
	u64 cap, mask;

	if (read_msr(MSR_MTRRCAP, &cap) || !(cap & MTRRCAP_SEAMRR))
		doubt(TDX_DOUBT_SEAMRR_MISSING);
	else if (read_msr(MSR_SEAMRR_MASK, &mask) || !(mask & SEAMRR_ENABLED))
		doubt(TDX_DOUBT_SEAMRR_OFF);
	else if (!(mask & SEAMRR_LOCKED))
		doubt(TDX_DOUBT_SEAMRR_UNLOCKED);
}

/*
 * Intel SPR/EMR specification updates, "partial write to private memory": a line that
 * was private must be cleared by MOVDIR64B before it is read with KeyID 0.
 */
static bool has_partial_write_mce(void)
{
	return boot_cpu_data.x86 == 6 &&
	       (boot_cpu_data.x86_model == MODEL_SAPPHIRERAPIDS ||
		boot_cpu_data.x86_model == MODEL_EMERALDRAPIDS);
}

/* As CPUID 1 EAX has it: no header has a function for that on every kernel. */
static u32 cpuid_1_eax(void)
{
	u32 eax = 1, ebx, ecx = 0, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "+c" (ecx), "=d" (edx));
	return eax;
}

int tdx_platform_detect(void)
{
	int err = detect_vmx();

	if (err)
		return err;
	detect_tme();
	err = detect_keyids();
	if (err)
		return err;
	detect_seamrr();
	tdx_platform.max_pa = 1ULL << boot_cpu_data.x86_phys_bits;
	tdx_platform.cpuid = cpuid_1_eax();
	tdx_platform.partial_write_mce = has_partial_write_mce();
	return 0;
}
