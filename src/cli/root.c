// SPDX-License-Identifier: GPL-2.0-only
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "root.h"

static const char *root;

void root_set(const char *dir)
{
	root = dir;
}

bool root_is_recorded(void)
{
	return root;
}

static int path_va(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = snprintf(buf, size, "%s", root ? root : "");

	if (len < 0 || (size_t)len >= size)
		return -ENAMETOOLONG;
	len += vsnprintf(buf + len, size - len, fmt, args);
	return (size_t)len < size ? 0 : -ENAMETOOLONG;
}

int root_path(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = path_va(buf, size, fmt, args);
	va_end(args);
	return err;
}

static FILE *open_va(const char *fmt, va_list args)
{
	char path[PATH_MAX];
	int err = path_va(path, sizeof(path), fmt, args);

	if (err) {
		errno = -err;
		return NULL;
	}
	return fopen(path, "re");
}

FILE *root_open(const char *fmt, ...)
{
	va_list args;
	FILE *f;

	va_start(args, fmt);
	f = open_va(fmt, args);
	va_end(args);
	return f;
}

bool root_exists(const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int err;

	va_start(args, fmt);
	err = path_va(path, sizeof(path), fmt, args);
	va_end(args);
	return !err && !access(path, F_OK);
}

static int line_va(char *buf, size_t size, const char *fmt, va_list args)
{
	FILE *f = open_va(fmt, args);
	int err = 0;

	buf[0] = '\0';
	if (!f)
		return -errno;
	if (!fgets(buf, size, f) && ferror(f))
		err = -errno;
	fclose(f);
	if (err) {
		buf[0] = '\0';
		return err;
	}
	buf[strcspn(buf, "\n")] = '\0';
	return strlen(buf);
}

int root_line(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = line_va(buf, size, fmt, args);
	va_end(args);
	return len;
}

int root_u64(u64 *value, const char *fmt, ...)
{
	char text[64], *end;
	va_list args;
	int len;

	va_start(args, fmt);
	len = line_va(text, sizeof(text), fmt, args);
	va_end(args);
	if (len < 0)
		return len;
	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno || end == text || *end || text[0] == '-')
		return -EINVAL;
	return 0;
}
