// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "out.h"

void out_colored(enum out_color color, const char *text)
{
	const char *no_color = getenv("NO_COLOR");

	if (isatty(STDOUT_FILENO) && !(no_color && *no_color))
		printf("\033[%dm%s\033[0m", color, text);
	else
		fputs(text, stdout);
}

const char *out_bytes(char *buf, size_t size, u64 bytes)
{
	static const char * const units[] = { "bytes", "KB", "MB", "GB", "TB", "PB", "EB" };
	double value = bytes;
	int i = 0;

	while (value >= 1024 && i < 6) {
		value /= 1024;
		i++;
	}
	if (value == (u64)value)
		snprintf(buf, size, "%.0f %s", value, units[i]);
	else
		snprintf(buf, size, "%.1f %s", value, units[i]);
	return buf;
}
