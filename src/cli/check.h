/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks, one group a file: check_NAME() is in check_NAME.c. */
#ifndef TDXHOST_CHECK_H
#define TDXHOST_CHECK_H

#include "finding.h"

/* False: a guest, or a CPU without TDX: nothing further down has a meaning. */
bool check_cpu(struct check *c);
void check_bios(struct check *c);
/* TME and KeyIDs by the kernel's log, where MSRs cannot be read. */
void check_log(struct check *c);
void check_tdx_module(struct check *c);
/* Sets c->own_tdx. */
void check_kernel(struct check *c);
/* Instead of the ones that follow, where the kernel has TDX of its own. */
void check_own_tdx(struct check *c);
void check_driver(struct check *c);
void check_cpus(struct check *c);
void check_memory(struct check *c);
/* RAM that can never be TDX memory. */
void check_memory_kind(struct check *c);
void check_power(struct check *c);
void check_kvm(struct check *c);
/* A kvm_intel that binds to tdx_host is installed, whether or not it is loaded. */
bool kvm_is_built_for_tdx_host(const char *release);

#endif
