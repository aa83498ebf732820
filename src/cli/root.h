/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files of this host or, with --root DIR, those recorded on another one.
 * Paths are absolute printf() formats.
 */
#ifndef TDXHOST_ROOT_H
#define TDXHOST_ROOT_H

#include <stdio.h>

#include "types.h"

/* To be called first; the caller keeps @dir.  NULL: this host. */
void root_set(const char *dir);
bool root_is_recorded(void);

__attribute__((format(printf, 1, 2))) FILE *root_open(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) bool root_exists(const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
int root_path(char *buf, size_t size, const char *fmt, ...);

/*
 * Reads the first line of a file, without the newline.  Length, -errno.  @buf is "" on
 * error.
 */
__attribute__((format(printf, 3, 4)))
int root_line(char *buf, size_t size, const char *fmt, ...);
/* Reads a number, decimal or 0x.  0, -errno (-EINVAL: not a number). */
__attribute__((format(printf, 2, 3)))
int root_u64(u64 *value, const char *fmt, ...);

#endif
