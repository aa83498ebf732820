/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXHOST_LOAD_H
#define TDXHOST_LOAD_H

/*
 * Loads @module as modprobe would, with "NAME=VALUE NAME=VALUE" as parameters.
 * 0, or -errno after a message that says what to do.
 */
int load_module(const char *module, const char *params);
/* Unloads @module; returns the same. */
int unload_module(const char *module);

#endif
