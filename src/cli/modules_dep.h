/* SPDX-License-Identifier: GPL-2.0-only */
/* modules.dep of a kernel: a line "PATH: DEPENDENCIES" for each module. */
#ifndef TDXHOST_MODULES_DEP_H
#define TDXHOST_MODULES_DEP_H

#include <stddef.h>

#include "types.h"

/*
 * Finds the first module that @match accepts.  @path (may be NULL) gets its path under
 * /lib/modules/RELEASE.  False: there is none, or no modules.dep.
 */
bool modules_dep_find(const char *release, bool (*match)(const char *path, const char *needs),
		      char *path, size_t size);

#endif
