// SPDX-License-Identifier: GPL-2.0-only
/*
 * Handles a #GP that the emulated CPU raises.  The kernel does not export its search of the
 * exception tables, so this reads the tested module's table.
 */
#include <linux/errno.h>
#include <linux/extable.h>
#include <linux/module.h>
#include <asm/asm.h>

#include "sim.h"

static const struct exception_table_entry *find(const struct module *mod, unsigned long ip)
{
	const struct exception_table_entry *e = mod->extable;

	for (; e < mod->extable + mod->num_exentries; e++) {
		if ((unsigned long)&e->insn + e->insn == ip)
			return e;
	}
	return NULL;
}

#ifdef EX_TYPE_FAULT

static bool apply(const struct exception_table_entry *e, struct pt_regs *regs, int trapnr)
{
	u8 reg = (e->data & EX_DATA_REG_MASK) >> EX_DATA_REG_SHIFT;

	switch (e->data & EX_DATA_TYPE_MASK) {
	case EX_TYPE_DEFAULT:
		break;
	case EX_TYPE_FAULT:
		regs->ax = trapnr;
		break;
	case EX_TYPE_RDMSR_SAFE:
		regs->ax = 0;
		regs->dx = 0;
		*sim_gpr(regs, reg) = -EIO;
		break;
#ifdef EX_TYPE_IMM_REG
	case EX_TYPE_IMM_REG:
		*sim_gpr(regs, reg) = (long)(e->data >> EX_DATA_IMM_SHIFT);
		break;
#endif
	default:
		return false;
	}
	regs->ip = (unsigned long)&e->fixup + e->fixup;
	return true;
}

#else	/* before 5.16 an entry names its handler */

static bool apply(const struct exception_table_entry *e, struct pt_regs *regs, int trapnr)
{
	bool (*handler)(const struct exception_table_entry *e, struct pt_regs *regs,
			int trapnr, unsigned long error_code, unsigned long fault_addr);

	handler = (void *)((unsigned long)&e->handler + e->handler);
	return handler(e, regs, trapnr, 0, 0);
}

#endif

bool sim_fixup(const struct module *mod, struct pt_regs *regs, int trapnr)
{
	const struct exception_table_entry *e = mod ? find(mod, regs->ip) : NULL;

	return e && apply(e, regs, trapnr);
}
