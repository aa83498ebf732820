/* SPDX-License-Identifier: GPL-2.0-only */
/* The TDX module's version as kernels log it, and what is known about that version. */
#ifndef TDXHOST_MODULE_VERSION_H
#define TDXHOST_MODULE_VERSION_H

#include <stddef.h>

#include "types.h"

struct module_version {
	char text[80];		/* "TDX module 1.5, build 784 of 2024-07-25" */
	const char *cause;
	const char *remedy;
};

/* Reads a line such as "TDX module: attributes 0x0, vendor_id ...".  False: another line. */
bool module_version(const char *line, struct module_version *v);

#endif
