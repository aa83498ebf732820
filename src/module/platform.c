// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can this machine?  CPUID as the kernel has read it, and the MSRs in which the
 * BIOS has left its choices.  Every missing precondition has its own message,
 * with the setting's usual name.
 */
#include <linux/bits.h>
#include <linux/printk.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>

#include "host.h"

/* Intel SDM vol. 4; Intel TDX module ABI, "Platform configuration". */
#define MSR_FEATURE_CONTROL	0x3a
#define  FEATURE_LOCKED		BIT(0)
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

/*
 * RDMSR where it stands: a paravirtualised read would ask a hypervisor, and
 * under one there is no SEAM.  -EIO: the CPU has no such MSR.
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
	if (!(control & FEATURE_LOCKED) || !(control & FEATURE_VMXON)) {
		tdx_error("VMX is disabled by BIOS (IA32_FEATURE_CONTROL 0x%llx): enable \"Intel Virtualization Technology (VMX)\"",
			  control);
		return -ENODEV;
	}
	if (boot_cpu_has(X86_FEATURE_INTEL_PT) &&
	    (read_msr(MSR_VMX_MISC, &misc) || !(misc & VMX_MISC_PT))) {
		tdx_error("this CPU cannot enter VMX operation while Intel PT traces: no CPU with TDX is like that");
		return -ENODEV;
	}
	tdx_platform.vmcs_revision = basic & VMX_BASIC_REVISION;
	tdx_platform.keeps_vmcs = basic & VMX_BASIC_KEEPS_VMCS;
	return 0;
}

static int detect_keyids(void)
{
	u64 tme, part;
	u32 nr_mktme, nr_tdx;

	if (read_msr(MSR_TME_ACTIVATE, &tme) || !(tme & TME_LOCKED) || !(tme & TME_ENABLED)) {
		tdx_error("memory encryption is off: enable \"Total Memory Encryption (TME)\" in BIOS");
		return -ENODEV;
	}
	if (read_msr(MSR_KEYID_PARTITIONING, &part) || !part) {
		tdx_error("no KeyIDs: enable \"Total Memory Encryption Multi-Tenant (TME-MT)\" in BIOS; it may need \"Limit CPU PA to 46 bits\" off");
		return -ENODEV;
	}
	nr_mktme = part & U32_MAX;
	nr_tdx = part >> 32;
	if (!nr_tdx) {
		tdx_error("no TDX KeyIDs: enable \"Trust Domain Extension (TDX)\" in BIOS and set \"TME-MT/TDX key split\" to a non-zero value");
		return -ENODEV;
	}
	if (nr_tdx < 2) {
		tdx_error("one TDX KeyID, two are the least (one is the TDX module's own): raise \"TME-MT/TDX key split\" in BIOS");
		return -ENODEV;
	}
	/* What is beyond cannot be in an address. */
	if (nr_mktme >= TDX_MAX_KEYIDS || nr_tdx >= TDX_MAX_KEYIDS - nr_mktme) {
		tdx_error("KeyID partitioning 0x%llx is more than 15 bits of KeyID can say: BIOS bug, update it", part);
		return -ENODEV;
	}
	tdx_platform.keyid_start = nr_mktme + 1;
	tdx_platform.nr_keyids = nr_tdx;
	pr_info("BIOS enabled: private KeyID range [%u, %u)\n",
		tdx_platform.keyid_start, tdx_platform.keyid_start + nr_tdx);
	return 0;
}

static int detect_seamrr(void)
{
	u64 cap, mask;

	if (read_msr(MSR_MTRRCAP, &cap) || !(cap & MTRRCAP_SEAMRR)) {
		tdx_error("the CPU has no SEAM range registers: this model has no TDX");
		return -ENODEV;
	}
	if (read_msr(MSR_SEAMRR_MASK, &mask) || !(mask & SEAMRR_ENABLED)) {
		tdx_error("KeyIDs are reserved but the SEAM range is off: enable \"TDX Secure Arbitration Mode Loader (SEAM Loader)\" in BIOS");
		return -ENODEV;
	}
	if (!(mask & SEAMRR_LOCKED)) {
		tdx_error("the SEAM range is not locked: BIOS bug, update it");
		return -ENODEV;
	}
	return 0;
}

/*
 * Intel SPR/EMR specification updates, "partial write to private memory": such
 * a line must be cleared by MOVDIR64B before it is read with KeyID 0.
 */
static bool has_partial_write_mce(void)
{
	return boot_cpu_data.x86 == 6 &&
	       (boot_cpu_data.x86_model == MODEL_SAPPHIRERAPIDS ||
		boot_cpu_data.x86_model == MODEL_EMERALDRAPIDS);
}

int tdx_platform_detect(void)
{
	int err = detect_vmx();

	if (!err)
		err = detect_keyids();
	if (!err)
		err = detect_seamrr();
	if (err)
		return err;
	tdx_platform.max_pa = 1ULL << boot_cpu_data.x86_phys_bits;
	tdx_platform.partial_write_mce = has_partial_write_mce();
	return 0;
}
