// SPDX-License-Identifier: GPL-2.0-only
/* Leaves by number and by name, for parameters and the report. */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sim.h"

#define SEAMLDR		(1ULL << 63)
#define SEAMLDR_SLOT	128
#define OTHER_SLOT	(SIM_NR_LEAVES - 1)

static const char *const names[SIM_NR_LEAVES] = {
	[0] = "TDH.VP.ENTER",
	[1] = "TDH.MNG.ADDCX",
	[2] = "TDH.MEM.PAGE.ADD",
	[3] = "TDH.MEM.SEPT.ADD",
	[4] = "TDH.VP.ADDCX",
	[6] = "TDH.MEM.PAGE.AUG",
	[7] = "TDH.MEM.RANGE.BLOCK",
	[8] = "TDH.MNG.KEY.CONFIG",
	[9] = "TDH.MNG.CREATE",
	[10] = "TDH.VP.CREATE",
	[11] = "TDH.MNG.RD",
	[16] = "TDH.MR.EXTEND",
	[17] = "TDH.MR.FINALIZE",
	[18] = "TDH.VP.FLUSH",
	[19] = "TDH.MNG.VPFLUSHDONE",
	[20] = "TDH.MNG.KEY.FREEID",
	[21] = "TDH.MNG.INIT",
	[22] = "TDH.VP.INIT",
	[24] = "TDH.PHYMEM.PAGE.RDMD",
	[26] = "TDH.VP.RD",
	[28] = "TDH.PHYMEM.PAGE.RECLAIM",
	[29] = "TDH.MEM.PAGE.REMOVE",
	[31] = "TDH.SYS.KEY.CONFIG",
	[32] = "TDH.SYS.INFO",
	[33] = "TDH.SYS.INIT",
	[34] = "TDH.SYS.RD",
	[35] = "TDH.SYS.LP.INIT",
	[36] = "TDH.SYS.TDMR.INIT",
	[38] = "TDH.MEM.TRACK",
	[40] = "TDH.PHYMEM.CACHE.WB",
	[41] = "TDH.PHYMEM.PAGE.WBINVD",
	[43] = "TDH.VP.WR",
	[44] = "TDH.SYS.LP.SHUTDOWN",
	[45] = "TDH.SYS.CONFIG",
	[52] = "TDH.SYS.SHUTDOWN",
	[53] = "TDH.SYS.UPDATE",
	[69] = "TDH.SYS.DISABLE",
	[SEAMLDR_SLOT] = "SEAMLDR.INFO",
	[SEAMLDR_SLOT + 1] = "SEAMLDR.INSTALL",
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
