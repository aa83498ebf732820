/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks, one file for each group: check_NAME() is in check_NAME.c. */
#ifndef TDXHOST_CHECK_H
#define TDXHOST_CHECK_H

#include "finding.h"

/* False: a guest, or a CPU without TDX, for which the other checks make no sense. */
bool check_cpu(struct check *c);
void check_bios(struct check *c);
/* TME and KeyIDs by the kernel's log, where MSRs cannot be read. */
void check_log(struct check *c);
void check_tdx_module(struct check *c);
/* Sets c->own_tdx. */
void check_kernel(struct check *c);
/* Replaces the checks below on a kernel with TDX host support of its own. */
void check_own_tdx(struct check *c);
void check_driver(struct check *c);
void check_cpus(struct check *c);
void check_memory(struct check *c);
/* RAM that can never be TDX memory. */
void check_memory_kind(struct check *c);
void check_power(struct check *c);
void check_kvm(struct check *c);
/* Is a kvm_intel that links to tdx_host installed, loaded or not? */
bool kvm_is_built_for_tdx_host(const char *release);

#endif
