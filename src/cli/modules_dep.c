// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules_dep.h"
#include "root.h"

bool modules_dep_find(const char *release, bool (*match)(const char *path, const char *needs),
		      char *path, size_t size)
{
	FILE *f = root_open("/lib/modules/%s/modules.dep", release);
	bool found = false;
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return false;
	while (!found && getline(&line, &room, f) > 0) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		found = match(line, colon + 1);
	}
	if (found && path)
		snprintf(path, size, "%s", line);
	free(line);
	fclose(f);
	return found;
}
