/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TDXHOST_WRITE_FILE_H
#define TDXHOST_WRITE_FILE_H

/* Writes to a file of this host's kernel, by one write(2).  May wait for the effect.  0, -errno. */
int write_file(const char *path, const char *text);

#endif
