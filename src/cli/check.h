/* SPDX-License-Identifier: GPL-2.0-only */
/* The checks, one group a file: check_NAME() is in check_NAME.c. */
#ifndef TDXHOST_CHECK_H
#define TDXHOST_CHECK_H

#include "finding.h"

/* False: not an Intel CPU, so that nothing further down has a meaning. */
bool check_cpu(struct check *c);
void check_bios(struct check *c);
void check_tdx_module(struct check *c);
/* False: tdx_host is not for this kernel. */
bool check_kernel(struct check *c);
void check_driver(struct check *c);
void check_cpus(struct check *c);
void check_memory(struct check *c);
void check_power(struct check *c);
void check_kvm(struct check *c);

#endif
