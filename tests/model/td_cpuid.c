// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a TD sees of CPUID, as its host may read it (TDX module ABI, "CPUID_VALUES"): the
 * highest leaves, and of those that can be chosen in TD_PARAMS what was, with the features
 * that every TD has.
 */
#include "model_state.h"

#define SUBLEAF_NA	0xffffffff

/* Code of the field: 16 bit 31 of the leaf, 15:9 its low bits, 8 no subleaf, 7:1 subleaf. */
static u32 leaf_of(u32 code)
{
	return (code & 1U << 16) << 15 | (code >> 9 & 0x7f);
}

static u32 subleaf_of(u32 code)
{
	if (code & 1U << 8)
		return (code >> 1 & 0x7f) == 0x7f ? SUBLEAF_NA : SUBLEAF_NA - 1;
	return code >> 1 & 0x7f;
}

static bool highest(u32 leaf, u32 *eax)
{
	*eax = leaf ? 0x80000008 : 0x21;
	return !(leaf & ~0x80000000U);
}

/* Leaf 1, ECX and EDX: the bits that are fixed to 1, x2APIC and hypervisor among them. */
#define LEAF_1_ALWAYS	0x07a9fbffc6faa217

bool tdxm_td_cpuid(const struct tdxm *m, const struct tdxm_td *td, u32 code, u64 *value)
{
	u32 leaf = leaf_of(code), subleaf = subleaf_of(code), half = code & 1, eax, i;
	const struct tdxm_version *v = m->version;

	if (code >> 17)
		return false;
	if (subleaf == SUBLEAF_NA && highest(leaf, &eax)) {
		*value = half ? 0 : eax;
		return true;
	}
	for (i = 0; i < v->nr_cpuid; i++) {
		const u32 *chosen = td->cpuid[i];

		if (v->cpuid[i].leaf != leaf || v->cpuid[i].subleaf != subleaf)
			continue;
		*value = half ? (u64)chosen[3] << 32 | chosen[2] : (u64)chosen[1] << 32 | chosen[0];
		if (leaf == 1 && half)
			*value |= LEAF_1_ALWAYS;
		return true;
	}
	return false;
}
