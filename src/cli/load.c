// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <libkmod.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "load.h"

static const char *remedy(int err)
{
	switch (err) {
	case -EPERM:
	case -EACCES:
		return "run as root";
	case -ENOKEY:
	case -EKEYREJECTED:
	case -EKEYEXPIRED:
	case -EKEYREVOKED:
	case -EBADMSG:
		return "this kernel accepts only modules signed with a key that it trusts: see 'tdxhost check'";
	case -ENOENT:
		return "a module or symbol that it needs is missing, or a parameter is unknown: see the end of 'dmesg'";
	case -EINVAL:
		return "a parameter has an invalid value: see the end of 'dmesg' and tdx_host(4)";
	case -ENOEXEC:
		return "it was built for another kernel: run 'dkms autoinstall', or rebuild it";
	default:
		return "see the end of 'dmesg'";
	}
}

static int insert(struct kmod_ctx *ctx, const char *module, const char *params)
{
	struct kmod_list *list = NULL, *i;
	struct utsname name;
	int err;

	kmod_load_resources(ctx);
	err = kmod_module_new_from_lookup(ctx, module, &list);
	if (err < 0 || !list) {
		uname(&name);
		fprintf(stderr, "tdxhost: no %s.ko for %s in /lib/modules: install tdx-host-dkms; 'tdxhost check' says more\n",
			module, name.release);
		return -ENOENT;
	}
	kmod_list_foreach(i, list) {
		struct kmod_module *mod = kmod_module_get_module(i);

		err = kmod_module_probe_insert_module(mod, KMOD_PROBE_IGNORE_LOADED, params,
						      NULL, NULL, NULL);
		kmod_module_unref(mod);
		if (err)
			break;
	}
	kmod_module_unref_list(list);
	if (err < 0)
		fprintf(stderr, "tdxhost: %s could not be loaded: %s; %s\n", module,
			strerror(-err), remedy(err));
	return err < 0 ? err : 0;
}

static struct kmod_ctx *context(void)
{
	struct kmod_ctx *ctx = kmod_new(NULL, NULL);

	if (!ctx)
		fprintf(stderr, "tdxhost: libkmod: %s\n", strerror(errno));
	return ctx;
}

int load_module(const char *module, const char *params)
{
	struct kmod_ctx *ctx = context();
	int err;

	if (!ctx)
		return -ENOMEM;
	err = insert(ctx, module, params);
	kmod_unref(ctx);
	return err;
}

int unload_module(const char *module)
{
	struct kmod_ctx *ctx = context();
	struct kmod_module *mod;
	int err;

	if (!ctx)
		return -ENOMEM;
	err = kmod_module_new_from_name(ctx, module, &mod);
	if (!err) {
		err = kmod_module_remove_module(mod, 0);
		kmod_module_unref(mod);
	}
	if (err)
		fprintf(stderr, "tdxhost: %s could not be unloaded: %s\n", module, strerror(-err));
	kmod_unref(ctx);
	return err;
}
