// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a TD sees of CPUID, as its host may read it (TDX module ABI, "CPUID_VALUES"): the
 * highest leaves, and of those that can be chosen in TD_PARAMS what was, with the features
 * that every TD has; where TDs run, what else they see of the CPU's (td_cpuid_cpu.c).
 */
#include "model_state.h"

/* Code of the field: 16 bit 31 of the leaf, 15:9 its low bits, 8 no subleaf, 7:1 subleaf. */
static u32 leaf_of(u32 code)
{
	return (code & 1U << 16) << 15 | (code >> 9 & 0x7f);
}

static u32 subleaf_of(u32 code)
{
	if (code & 1U << 8)
		return (code >> 1 & 0x7f) == 0x7f ? TDXM_SUBLEAF_NA : TDXM_SUBLEAF_NA - 1;
	return code >> 1 & 0x7f;
}

static bool highest(u32 leaf, u32 *eax)
{
	*eax = leaf ? 0x80000008 : 0x21;
	return !(leaf & ~0x80000000U);
}

/* Leaf 1, ECX and EDX: the bits that are fixed to 1, x2APIC and hypervisor among them. */
#define LEAF_1_ALWAYS	0x07a9fbffc6faa217

static u64 half_of(const u32 r[4], u32 half)
{
	return half ? (u64)r[3] << 32 | r[2] : (u64)r[1] << 32 | r[0];
}

/* Of a leaf that the host configures: what it has chosen, else what the CPU has. */
static u64 configured(const struct tdxm *m, const struct tdxm_td *td, u32 i, u32 half)
{
	const struct tdxm_cpuid_config *c = &m->version->cpuid[i];
	u32 r[4], reg;
	u64 value;

	tdxm_cpu_cpuid(m, td, c->leaf, c->subleaf, r);
	for (reg = 0; reg < 4; reg++)
		r[reg] = (r[reg] & ~tdxm_cpuid_settable(c, reg)) | td->cpuid[i][reg];
	value = half_of(r, half);
	/* Whether the CPU has them or not, where no TD comes to use them. */
	if (!m->host.cpuid && c->leaf == 1 && half)
		value |= LEAF_1_ALWAYS;
	return value;
}

bool tdxm_td_cpuid(const struct tdxm *m, const struct tdxm_td *td, u32 code, u64 *value)
{
	u32 leaf = leaf_of(code), subleaf = subleaf_of(code), half = code & 1, r[4], last, i;
	const struct tdxm_version *v = m->version;
	bool seen;

	if (code >> 17)
		return false;
	seen = tdxm_cpu_cpuid(m, td, leaf, subleaf, r);
	if (subleaf == TDXM_SUBLEAF_NA && highest(leaf, &last)) {
		r[0] = last;
		*value = half_of(r, half);
		return true;
	}
	for (i = 0; i < v->nr_cpuid; i++)
		if (v->cpuid[i].leaf == leaf && v->cpuid[i].subleaf == subleaf) {
			*value = configured(m, td, i, half);
			return true;
		}
	*value = half_of(r, half);
	return seen;
}
