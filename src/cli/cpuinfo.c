// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "cpuinfo.h"
#include "root.h"

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);
	const char *s;

	for (s = words; (s = strstr(s, word)); s += len)
		if ((s == words || s[-1] == ' ') && (s[len] == ' ' || !s[len]))
			return true;
	return false;
}

static void take(struct cpuinfo *cpu, const char *key, const char *value)
{
	if (!strcmp(key, "vendor_id")) {
		snprintf(cpu->vendor, sizeof(cpu->vendor), "%s", value);
	} else if (!strcmp(key, "model name")) {
		snprintf(cpu->name, sizeof(cpu->name), "%s", value);
	} else if (!strcmp(key, "microcode")) {
		snprintf(cpu->microcode, sizeof(cpu->microcode), "%s", value);
	} else if (!strcmp(key, "cpu family")) {
		cpu->family = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "model")) {
		cpu->model = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "stepping")) {
		cpu->stepping = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "address sizes")) {
		cpu->phys_bits = strtoul(value, NULL, 10);
	} else if (!strcmp(key, "flags")) {
		cpu->vmx = has_word(value, "vmx");
		cpu->tme = has_word(value, "tme");
		cpu->sgx = has_word(value, "sgx");
		cpu->hypervisor = has_word(value, "hypervisor");
		cpu->tdx_guest = has_word(value, "tdx_guest");
	}
}

void cpuinfo_read(struct cpuinfo *cpu)
{
	FILE *f = root_open("/proc/cpuinfo");
	char *line = NULL, *colon;
	size_t room = 0;

	*cpu = (struct cpuinfo){ 0 };
	if (!f)
		return;
	/* An empty line ends the first CPU. */
	while (getline(&line, &room, f) > 0 && line[0] != '\n') {
		line[strcspn(line, "\n")] = '\0';
		colon = strchr(line, ':');
		if (!colon)
			continue;
		*colon++ = '\0';
		line[strcspn(line, "\t")] = '\0';
		take(cpu, line, colon + strspn(colon, " "));
	}
	free(line);
	fclose(f);
}
