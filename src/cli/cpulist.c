// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "cpulist.h"
#include "root.h"

static bool number(const char **s, unsigned long *value)
{
	char *end;

	if (!isdigit((unsigned char)**s))
		return false;
	*value = strtoul(*s, &end, 10);
	*s = end;
	return *value < CPULIST_MAX;
}

bool cpulist_parse(struct cpulist *list, const char *text)
{
	unsigned long first, last;

	memset(list, 0, sizeof(*list));
	while (*text) {
		if (!number(&text, &first))
			return false;
		last = first;
		if (*text == '-') {
			text++;
			if (!number(&text, &last) || last < first)
				return false;
		}
		for (; first <= last; first++)
			list->set[first] = true;
		if (*text == ',')
			text++;
		else if (*text)
			return false;
	}
	return true;
}

unsigned int cpulist_count(const struct cpulist *list)
{
	unsigned int n = 0;

	for (int i = 0; i < CPULIST_MAX; i++)
		n += list->set[i];
	return n;
}

void cpulist_minus(struct cpulist *a, const struct cpulist *b)
{
	for (int i = 0; i < CPULIST_MAX; i++)
		a->set[i] &= !b->set[i];
}

const char *cpulist_text(char *buf, size_t size, const struct cpulist *list)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = 0; i < CPULIST_MAX && len < size; i++) {
		int first = i;

		if (!list->set[i])
			continue;
		while (i + 1 < CPULIST_MAX && list->set[i + 1])
			i++;
		len += snprintf(buf + len, size - len, first == i ? "%s%d" : "%s%d-%d",
				len ? "," : "", first, i);
	}
	return buf;
}

bool cpulist_read(struct cpulist *list, const char *name)
{
	char text[4096];

	if (root_line(text, sizeof(text), "/sys/devices/system/cpu/%s", name) < 0)
		return false;
	return cpulist_parse(list, text);
}
