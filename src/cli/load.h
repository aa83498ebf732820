/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXHOST_LOAD_H
#define TDXHOST_LOAD_H

/*
 * Loads tdx_host as modprobe would, with "NAME=VALUE NAME=VALUE" as parameters.
 * 0, or -errno after a message that says what to do.
 */
int load_driver(const char *params);

#endif
