/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before KVM's vmx/tdx.c, and nowhere else.
 *
 * The kernel's misc cgroup controller was built without the resource "tdx": it
 * has no room for it, and KVM would count KeyIDs in something else's place.
 */
#include <linux/misc_cgroup.h>
#define misc_cg_set_capacity(type, nr)		({ 0; })
#define misc_cg_try_charge(type, cg, nr)	({ 0; })
#define misc_cg_uncharge(type, cg, nr)		do { } while (0)

/* What tdx_host has, compared with what KVM has been told: see prepare. */
#include <asm/tdx.h>
#undef CONFIG_INTEL_TDX_HOST
#undef _ASM_X86_TDX_H
#include "tdx_host_abi.h"
#define _ASM_X86_TDX_H
#define CONFIG_INTEL_TDX_HOST 1
