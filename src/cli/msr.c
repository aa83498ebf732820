// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "msr.h"
#include "root.h"

/*
 * Devices cannot be recorded.  In a recorded tree the file is text: "MSR VALUE" in each
 * line, or "denied" if reading was not allowed.
 */
static int read_recorded(u32 msr, u64 *value)
{
	FILE *f = root_open("/dev/cpu/0/msr");
	int err = -EIO;
	char line[128];

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		char *end;

		if (!strncmp(line, "denied", 6)) {
			err = -EACCES;
			break;
		}
		if (strtoull(line, &end, 0) == msr && end != line) {
			*value = strtoull(end, NULL, 0);
			err = 0;
			break;
		}
	}
	fclose(f);
	return err;
}

int msr_read(u32 msr, u64 *value)
{
	int fd, err = 0;
	ssize_t got;

	if (root_is_recorded())
		return read_recorded(msr, value);
	fd = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENXIO ? -ENOENT : -errno;
	got = pread(fd, value, sizeof(*value), msr);
	if (got != (ssize_t)sizeof(*value))
		err = got < 0 ? -errno : -EIO;
	close(fd);
	return err;
}
