// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a TD that runs sees of the CPU's own CPUID (TDX module ABI, "CPUID virtualization"):
 * of each leaf the bits that no host can choose and that no TD must be kept from.
 */
#include "model_state.h"

#define XFAM_AVX	(1ULL << 2)
#define XFAM_PKRU	(1ULL << 9)
#define XSTATE_LEAF	0xd
#define TSC_LEAF	0x15
#define CACHE_LEAF	2
#define TSC_UNIT_HZ	25000000U

/* Leaf 1. */
#define ECX_AVX		(1U << 28 | 1U << 12 | 1U << 29)	/* FMA, F16C */
#define ECX_ALWAYS	(1U << 31 | 1U << 21)	/* hypervisor, x2APIC */
/* Leaf 7. */
#define EBX_AVX2	(1U << 5)
#define ECX_PKU		(1U << 3)

/* nr_subleaves 0: the leaf has none. */
static const struct row {
	u32 leaf, nr_subleaves;
	u32 bits[4];
} rows[] = {
	{ 0x0, 0, { 0, ~0U, ~0U, ~0U } },
	{ 0x1, 0, { 0, 0x0000ff00, 0x46da3203 | ECX_AVX, 0x07a9fbff } },
	{ CACHE_LEAF, 0, { 0 } },
	{ 0x7, 3, { 0, 0x23d426e3 & ~(1U << 25 | 1U << 12), ECX_PKU, 0x00004410 } },
	{ XSTATE_LEAF, 64, { ~0U, ~0U, ~0U, ~0U } },
	{ TSC_LEAF, 0, { 0 } },
	{ 0x80000000, 0, { 0 } },
	{ 0x80000001, 0, { 0, 0, 0x121, 0x2c100800 } },
	{ 0x80000002, 0, { ~0U, ~0U, ~0U, ~0U } },
	{ 0x80000003, 0, { ~0U, ~0U, ~0U, ~0U } },
	{ 0x80000004, 0, { ~0U, ~0U, ~0U, ~0U } },
	{ 0x80000006, 0, { 0, 0, ~0U, 0 } },
	{ 0x80000007, 0, { 0, 0, 0, 0x100 } },
	{ 0x80000008, 0, { 0x0000ff00, 0, 0, 0 } },
};

static const struct row *row_of(u32 leaf, u32 subleaf)
{
	u32 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].leaf == leaf)
			return rows[i].nr_subleaves ? (subleaf < rows[i].nr_subleaves ? &rows[i] : NULL) :
			       subleaf == TDXM_SUBLEAF_NA ? &rows[i] : NULL;
	return NULL;
}

/* By XFAM: components that the TD has not do not exist. */
static void xstate(const struct tdxm_td *td, u32 subleaf, u32 r[4])
{
	static const u32 none[4];

	if (!subleaf) {
		r[0] &= (u32)td->xfam;
		r[3] &= (u32)(td->xfam >> 32);
	} else if (subleaf == 1) {
		r[0] &= 7;		/* XSAVEOPT, XSAVEC, XGETBV of 1: no supervisor states */
		r[2] = 0;
		r[3] = 0;
	} else if (!(td->xfam >> subleaf & 1)) {
		memcpy(r, none, sizeof(none));
	}
}

static void by_leaf(const struct tdxm_td *td, u32 leaf, u32 subleaf, u32 r[4])
{
	bool avx = td->xfam & XFAM_AVX;

	switch (leaf) {
	case 1:
		r[2] = (r[2] & ~(avx ? 0 : ECX_AVX)) | ECX_ALWAYS;
		break;
	case CACHE_LEAF:
		r[0] = 0x00feff01;	/* leaves 4 and 18H say it */
		break;
	case 7:
		if (subleaf)
			r[1] = r[2] = r[3] = 0;
		if (!avx)
			r[1] &= ~EBX_AVX2;
		if (!(td->xfam & XFAM_PKRU))
			r[2] &= ~ECX_PKU;
		break;
	case XSTATE_LEAF:
		xstate(td, subleaf, r);
		break;
	case TSC_LEAF:
		r[0] = 1;
		r[1] = td->tsc_frequency;
		r[2] = TSC_UNIT_HZ;
		break;
	case 0x80000007:
		r[3] = 0x100;		/* invariant TSC */
		break;
	case 0x80000008:
		r[0] |= td->gpaw ? 52 << 16 : 48 << 16;
		break;
	}
}

bool tdxm_cpu_cpuid(const struct tdxm *m, const struct tdxm_td *td, u32 leaf, u32 subleaf, u32 r[4])
{
	const struct row *row = row_of(leaf, subleaf);
	u32 i;

	memset(r, 0, 4 * sizeof(r[0]));
	if (!m->host.cpuid || !row)
		return false;
	m->host.cpuid(m->host.ctx, leaf, subleaf == TDXM_SUBLEAF_NA ? 0 : subleaf, r);
	for (i = 0; i < 4; i++)
		r[i] &= row->bits[i];
	by_leaf(td, leaf, subleaf, r);
	return true;
}
