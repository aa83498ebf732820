/* SPDX-License-Identifier: GPL-2.0-only */
/* Packages that dpkg has installed. */
#ifndef TDXHOST_DPKG_H
#define TDXHOST_DPKG_H

#include <stddef.h>

#include "types.h"

/* Does this system have dpkg's status file? */
bool dpkg_is_here(void);
/* The version of an installed package.  False: it is not installed. */
bool dpkg_version(const char *package, char *version, size_t size);

#endif
