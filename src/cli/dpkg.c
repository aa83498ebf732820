// SPDX-License-Identifier: GPL-2.0-only
/* Paragraphs of "Field: value" lines, with an empty line between: dpkg(1), status file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dpkg.h"
#include "root.h"

#define STATUS	"/var/lib/dpkg/status"

bool dpkg_is_here(void)
{
	return root_exists(STATUS);
}

/* The value, without its newline, if @line is the field @field; else NULL. */
static char *value_of(char *line, const char *field)
{
	size_t len = strlen(field);

	if (strncmp(line, field, len) || strncmp(line + len, ": ", 2))
		return NULL;
	line += len + 2;
	line[strcspn(line, "\n")] = '\0';
	return line;
}

bool dpkg_version(const char *package, char *version, size_t size)
{
	FILE *f = root_open(STATUS);
	bool it = false, installed = false, found = false;
	char *line = NULL, *value;
	size_t room = 0;

	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		if (line[0] == '\n')
			it = installed = false;
		else if ((value = value_of(line, "Package")))
			it = !strcmp(value, package);
		else if (it && (value = value_of(line, "Status")))
			installed = strstr(value, " installed") != NULL;
		else if (installed && (value = value_of(line, "Version"))) {
			snprintf(version, size, "%s", value);
			found = true;
		}
	}
	free(line);
	fclose(f);
	return found;
}
