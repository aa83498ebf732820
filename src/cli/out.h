/* SPDX-License-Identifier: GPL-2.0-only */
/* Text for people: colours and sizes. */
#ifndef TDXHOST_OUT_H
#define TDXHOST_OUT_H

#include "types.h"

enum out_color { OUT_GREEN = 32, OUT_YELLOW = 33, OUT_RED = 31, OUT_DIM = 2 };

/* On a terminal, unless NO_COLOR is set (no-color.org). */
void out_colored(enum out_color color, const char *text);
/* "4.2 GB", binary units; returns @buf. */
const char *out_bytes(char *buf, size_t size, u64 bytes);

#endif
