// SPDX-License-Identifier: GPL-2.0-only
#include <libkmod.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"
#include "kernel.h"
#include "modules_dep.h"
#include "root.h"

static bool is_driver(const char *path, const char *needs)
{
	const char *slash = strrchr(path, '/');

	(void)needs;
	return !strncmp(slash ? slash + 1 : path, "tdx_host.ko", 11) && !kernel_is_tdx_driver(path);
}

bool driver_path(const char *release, char *path, size_t size)
{
	return modules_dep_find(release, is_driver, path, size);
}

bool driver_installed(const char *release)
{
	char path[PATH_MAX];

	return root_exists(DRIVER_DKMS) || driver_path(release, path, sizeof(path));
}

/* libkmod reads compressed modules too.  False: it cannot read this one. */
static bool signer_by_kmod(const char *file, char *signer, size_t size)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);
	struct kmod_list *info = NULL, *i;
	struct kmod_module *mod;
	bool read = false;

	signer[0] = '\0';
	if (!ctx)
		return false;
	if (!kmod_module_new_from_path(ctx, file, &mod)) {
		read = kmod_module_get_info(mod, &info) >= 0;
		kmod_list_foreach(i, info)
			if (!strcmp(kmod_module_info_get_key(i), "signer"))
				snprintf(signer, size, "%s", kmod_module_info_get_value(i));
		kmod_module_info_free_list(info);
		kmod_module_unref(mod);
	}
	kmod_unref(ctx);
	return read;
}

/* Every signature ends with this line: Documentation/admin-guide/module-signing.rst. */
static bool has_marker(FILE *f)
{
	static const char marker[] = "~Module signature appended~\n";
	char end[sizeof(marker)] = "";

	if (fseek(f, -(long)(sizeof(marker) - 1), SEEK_END))
		return false;
	return fread(end, 1, sizeof(marker) - 1, f) == sizeof(marker) - 1 && !strcmp(end, marker);
}

enum signature driver_signature(const char *release, const char *path, char *signer, size_t size)
{
	size_t len = strlen(path);
	char file[PATH_MAX];
	bool marked;
	FILE *f;

	signer[0] = '\0';
	if (root_path(file, sizeof(file), "/lib/modules/%s/%s", release, path))
		return SIGNATURE_UNKNOWN;
	if (signer_by_kmod(file, signer, size))
		return signer[0] ? SIGNED : UNSIGNED;
	if (len < 3 || strcmp(path + len - 3, ".ko"))
		return SIGNATURE_UNKNOWN;
	f = fopen(file, "re");
	if (!f)
		return SIGNATURE_UNKNOWN;
	marked = has_marker(f);
	fclose(f);
	return marked ? SIGNED : UNSIGNED;
}
