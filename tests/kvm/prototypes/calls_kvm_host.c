// SPDX-License-Identifier: GPL-2.0-only
/* As in KVM, this kernel's own asm/tdx.h, with functions that only fail, is included too. */
#include <linux/kvm_host.h>
#include <tdx_host.h>
#ifndef _ASM_X86_TDX_H
#error "linux/kvm_host.h does not bring asm/tdx.h: this test tests nothing"
#endif
#include "calls.h"
#include "linux-7.2.h"
#include "calls-7.2.inc"
