// SPDX-License-Identifier: GPL-2.0-only
/* Numbers and names of leaves, for parameters and the report. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sim.h"

#define SEAMLDR		(1ULL << 63)
#define SEAMLDR_SLOT	128
#define OTHER_SLOT	(SIM_NR_LEAVES - 1)

static const char *const names[SIM_NR_LEAVES] = {
#define TDX_LEAF_ROW(leaf, name, id) [leaf] = name,
#define TDX_SEAMLDR_ROW(leaf, name) [SEAMLDR_SLOT + ((leaf) & 0xffff)] = name,
#include "status_tables.inc"
	[OTHER_SLOT] = "other",
};

u32 sim_leaf_slot(u64 leaf)
{
	if (leaf & SEAMLDR)
		return (leaf & 0xffff) < 4 ? SEAMLDR_SLOT + (leaf & 0xffff) : OTHER_SLOT;
	return (leaf & 0xffff) < SEAMLDR_SLOT ? (leaf & 0xffff) : OTHER_SLOT;
}

const char *sim_leaf_name(u32 slot)
{
	return names[slot];
}

int sim_leaf_parse(const char *text, u64 *leaf)
{
	u32 slot;

	for (slot = 0; slot < OTHER_SLOT; slot++) {
		if (!names[slot] || strcasecmp(names[slot], text))
			continue;
		*leaf = slot < SEAMLDR_SLOT ? slot : SEAMLDR | (slot - SEAMLDR_SLOT);
		return 0;
	}
	if (kstrtou64(text, 0, leaf) || (*leaf & ~SIM_LEAF_MASK))
		return -EINVAL;
	return 0;
}
