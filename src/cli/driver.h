/* SPDX-License-Identifier: GPL-2.0-only */
/* tdx_host.ko as a file: where it is, and who signed it. */
#ifndef TDXHOST_DRIVER_H
#define TDXHOST_DRIVER_H

#include <stddef.h>

#include "types.h"

/* The path of our module, not upstream's, under /lib/modules/RELEASE, from modules.dep. */
bool driver_path(const char *release, char *path, size_t size);

/* In DKMS, by the PACKAGE_NAME of dkms.conf. */
#define DRIVER_DKMS "/var/lib/dkms/tdx-host"

/* Is it built for this kernel, or in DKMS? */
bool driver_installed(const char *release);

enum signature { UNSIGNED, SIGNED, SIGNATURE_UNKNOWN };
/* @signer: the key's name, "" if unknown. */
enum signature driver_signature(const char *release, const char *path, char *signer, size_t size);

#endif
