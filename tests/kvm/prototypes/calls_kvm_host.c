// SPDX-License-Identifier: GPL-2.0-only
/* As KVM includes it: this kernel's own asm/tdx.h is in sight, and says no. */
#include <linux/kvm_host.h>
#include <tdx_host.h>
#ifndef _ASM_X86_TDX_H
#error "linux/kvm_host.h does not bring asm/tdx.h: this test tests nothing"
#endif
#include "calls.h"
#include "linux-7.2.h"
#include "calls-7.2.inc"
