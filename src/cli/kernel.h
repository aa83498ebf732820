/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's configuration and command line. */
#ifndef TDXHOST_KERNEL_H
#define TDXHOST_KERNEL_H

#include <stddef.h>

#include "types.h"

enum kconfig { KCONFIG_UNKNOWN, KCONFIG_NO, KCONFIG_YES };

/* Upstream's driver for that, a module named tdx_host too, under /lib/modules/RELEASE. */
#define KERNEL_TDX_DRIVER	"kernel/drivers/virt/coco/tdx-host/tdx_host.ko"
bool kernel_is_tdx_driver(const char *path);
/* Its device; ours has the same name, but also HOST_DIR. */
#define KERNEL_TDX_DEVICE	"/sys/devices/faux/tdx_host"

/* Y once its KVM has brought the TDX module up. */
#define KERNEL_KVM_TDX		"/sys/module/kvm_intel/parameters/tdx"

/*
 * Does this kernel have TDX host support of its own?  Its config tells; if there is none,
 * upstream's driver, or a KVM with TDX that does not use our module.
 */
enum kconfig kernel_has_tdx(const char *release);

/* Reads the config file that the distribution installed with the kernel; m counts as yes. */
enum kconfig kernel_config(const char *release, const char *option);

/*
 * Is "@name" or "@name=value" on the kernel's command line?  @value (may be
 * NULL) gets the last one's value.
 */
bool kernel_param(const char *name, char *value, size_t size);

/* Does this kernel accept signed modules only, because of a parameter or of lockdown? */
bool kernel_wants_signatures(void);

#endif
