// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "host_files.h"
#include "kernel.h"
#include "modules_dep.h"
#include "root.h"

static FILE *open_config(const char *release)
{
	static const char * const places[] = {
		"/boot/config-%s", "/usr/lib/modules/%s/config", "/lib/modules/%s/config",
		"/lib/modules/%s/build/.config",
	};
	char path[256];
	FILE *f;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(path, sizeof(path), places[i], release);
		f = root_open("%s", path);
		if (f)
			return f;
	}
	return NULL;
}

enum kconfig kernel_config(const char *release, const char *option)
{
	enum kconfig found = KCONFIG_NO;
	size_t len = strlen(option);
	FILE *f = release[0] ? open_config(release) : NULL;
	char line[512];

	if (!f)
		return KCONFIG_UNKNOWN;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, option, len) && line[len] == '=' &&
		    (line[len + 1] == 'y' || line[len + 1] == 'm'))
			found = KCONFIG_YES;
	fclose(f);
	return found;
}

bool kernel_is_tdx_driver(const char *path)
{
	return !strncmp(path, KERNEL_TDX_DRIVER, strlen(KERNEL_TDX_DRIVER));
}

static bool is_tdx_driver(const char *path, const char *needs)
{
	(void)needs;
	return kernel_is_tdx_driver(path);
}

enum kconfig kernel_has_tdx(const char *release)
{
	enum kconfig config = kernel_config(release, "CONFIG_INTEL_TDX_HOST");

	if (config != KCONFIG_UNKNOWN || !release[0])
		return config;
	if (modules_dep_find(release, is_tdx_driver, NULL, 0) ||
	    (root_exists(KERNEL_TDX_DEVICE) && !root_exists(HOST_DIR)) ||
	    (root_exists(KERNEL_KVM_TDX) && !root_exists("/sys/module/tdx_host/holders/kvm_intel")))
		return KCONFIG_YES;
	return KCONFIG_UNKNOWN;
}

bool kernel_param(const char *name, char *value, size_t size)
{
	char line[4096], *word, *save;
	size_t len = strlen(name);
	bool found = false;

	root_line(line, sizeof(line), "/proc/cmdline");
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (strncmp(word, name, len) || (word[len] && word[len] != '='))
			continue;
		found = true;
		if (value)
			snprintf(value, size, "%s", word[len] ? word + len + 1 : "");
	}
	return found;
}

bool kernel_wants_signatures(void)
{
	char enforce[8], lockdown[64];

	root_line(enforce, sizeof(enforce), "/sys/module/module/parameters/sig_enforce");
	root_line(lockdown, sizeof(lockdown), "/sys/kernel/security/lockdown");
	return enforce[0] == 'Y' || strstr(lockdown, "[integrity]") ||
	       strstr(lockdown, "[confidentiality]");
}
