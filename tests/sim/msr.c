// SPDX-License-Identifier: GPL-2.0-only
/* The MSRs of a TDX machine, or of one that lacks a precondition. */
#include <linux/bits.h>
#include <linux/log2.h>
#include <asm/msr-index.h>

#include "registers.h"
#include "sim.h"

#define MSR_KEYID_PARTITIONING	0x087
#define MSR_MCHECK_ERROR	0x0a0
#define MSR_SEAMRR_BASE		0x1400
#define MSR_SEAMRR_MASK		0x1401

#define VMCS_REVISION		0x13

u32 sim_vmcs_revision(void)
{
	return VMCS_REVISION;
}

static u64 feature_control(void)
{
	switch (sim_config.feature_control) {
	case FC_OK:
		return BIT(0) | BIT(2);
	case FC_SMX:
		return BIT(0) | BIT(1);
	case FC_DISABLED:
		return BIT(0);
	default:
		return 0;
	}
}

/* Region size 1 KB, write-back, and what every processor with TDX says. */
static u64 vmx_basic(void)
{
	return VMCS_REVISION | 0x400ULL << 32 | 6ULL << 50 | BIT_ULL(54) | BIT_ULL(55) |
	       (sim_config.keep_vmcs ? BIT_ULL(60) : 0);
}

static bool is_vmx_msr(u32 msr)
{
	return msr == MSR_IA32_FEAT_CTL ||
	       (msr >= MSR_IA32_VMX_BASIC && msr <= MSR_IA32_VMX_VMFUNC);
}

static bool vmx_msr(u32 msr, u64 *value)
{
	if (sim_config.vmx_real)
		return is_vmx_msr(msr) && sim_real_rdmsr(msr, value);

	switch (msr) {
	case MSR_IA32_FEAT_CTL:
		*value = feature_control();
		break;
	case MSR_IA32_VMX_BASIC:
		*value = vmx_basic();
		break;
	case MSR_IA32_VMX_MISC:
		*value = BIT(14);
		break;
	case MSR_IA32_VMX_CR0_FIXED0:
		*value = 0x80000021;
		break;
	case MSR_IA32_VMX_CR4_FIXED0:
		*value = BIT(13);
		break;
	case MSR_IA32_VMX_CR0_FIXED1:
	case MSR_IA32_VMX_CR4_FIXED1:
		*value = 0xffffffff;
		break;
	default:
		return sim_config.vmx && sim_vmx_capability(msr, value);
	}
	return sim_config.vmx;
}

static u64 tme_activate(void)
{
	const struct tdxm_machine *m = &sim_config.machine;
	u64 bits = sim_keyid_bits();

	if (sim_config.tme == TME_OFF || sim_config.tme == TME_HIDDEN)
		return BIT(0);
	return BIT(0) | BIT(1) | bits << 32 | (bits - ilog2(m->nr_mktme_keyids + 1)) << 36;
}

static bool tme_msr(u32 msr, u64 *value)
{
	const struct tdxm_machine *m = &sim_config.machine;

	switch (msr) {
	case MSR_KEYID_PARTITIONING:
		*value = m->nr_mktme_keyids | (u64)m->nr_tdx_keyids << 32;
		break;
	case 0x981:	/* IA32_TME_CAPABILITY */
		*value = BIT(0) | (u64)sim_keyid_bits() << 32 |
			 (u64)(m->nr_mktme_keyids + m->nr_tdx_keyids) << 36;
		break;
	case 0x982:	/* IA32_TME_ACTIVATE */
		*value = tme_activate();
		break;
	default:
		return false;
	}
	return sim_config.tme != TME_UNSUPPORTED;
}

static bool has_seamrr_msrs(void)
{
	return sim_config.seamrr != SEAMRR_UNSUPPORTED && sim_config.seamrr != SEAMRR_HIDDEN;
}

/* The range is as large as it is aligned, at the end of what can be addressed. */
static bool seamrr_msr(u32 msr, u64 *value)
{
	u64 base = sim_config.machine.seamrr_base;

	switch (msr) {
	case MSR_SEAMRR_BASE:
		*value = base | BIT(3);
		break;
	case MSR_SEAMRR_MASK:
		*value = base;
		if (sim_config.seamrr != SEAMRR_UNLOCKED)
			*value |= BIT(10);
		if (sim_config.seamrr != SEAMRR_OFF)
			*value |= BIT(11);
		break;
	default:
		return false;
	}
	return has_seamrr_msrs();
}

bool sim_rdmsr(u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_MTRRcap:
		*value = 0x508 | (has_seamrr_msrs() ? BIT(15) : 0);
		return true;
	case MSR_MCHECK_ERROR:
	case MSR_PLATFORM_INFO:
	case MSR_IA32_RTIT_CTL:
		*value = 0;
		return true;
	case MSR_IA32_TSC:
	case MSR_IA32_APICBASE:
	case MSR_IA32_UCODE_REV:
	case MSR_EFER:
		*value = get_msr(msr);
		return true;
	default:
		return vmx_msr(msr, value) || tme_msr(msr, value) || seamrr_msr(msr, value);
	}
}
