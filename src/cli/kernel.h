/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's configuration and command line. */
#ifndef TDXHOST_KERNEL_H
#define TDXHOST_KERNEL_H

#include <stddef.h>

#include "types.h"

enum kconfig { KCONFIG_UNKNOWN, KCONFIG_NO, KCONFIG_YES };

/* From the config file that the distribution installed with the kernel; m is yes. */
enum kconfig kernel_config(const char *release, const char *option);

/*
 * Is "@name" or "@name=value" on the kernel's command line?  @value (may be
 * NULL) gets the last one's value.
 */
bool kernel_param(const char *name, char *value, size_t size);

/* Does this kernel take signed modules only, by parameter or lockdown? */
bool kernel_wants_signatures(void);

#endif
