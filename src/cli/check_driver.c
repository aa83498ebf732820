// SPDX-License-Identifier: GPL-2.0-only
/* Is tdx_host built for this kernel or in DKMS, and signed by a key that the kernel trusts? */
#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>

#include "check.h"
#include "driver.h"
#include "kernel.h"
#include "root.h"

/* What scripts/probe-kernel said about this kernel, from DKMS's log of the build. */
static bool refused(const char *release, char *why, size_t size)
{
	static const char start[] = "tdx_host: kernel ";
	char pattern[PATH_MAX], line[512], *name = line + sizeof(start) - 1;
	size_t len = strlen(release), i;
	bool found = false;
	glob_t logs;
	FILE *f;

	if (root_path(pattern, sizeof(pattern), DRIVER_DKMS "/*/build/make.log") ||
	    glob(pattern, 0, NULL, &logs))
		return false;
	for (i = 0; i < logs.gl_pathc; i++) {
		f = fopen(logs.gl_pathv[i], "re");
		while (f && fgets(line, sizeof(line), f)) {
			if (strncmp(line, start, sizeof(start) - 1) ||
			    strncmp(name, release, len) || name[len] != ' ')
				continue;
			name[strcspn(name, "\n")] = '\0';
			snprintf(why, size, "%s", name);
			found = true;
		}
		if (f)
			fclose(f);
	}
	globfree(&logs);
	return found;
}

static void say_not_built(struct check *c)
{
	char why[512];

	if (!root_exists(DRIVER_DKMS))
		check_say(c, &(struct finding){ .result = FAIL, .name = "driver",
			  .wanted = "tdx_host.ko for the running kernel",
			  .remedy = "install tdx-host-dkms, or 'make && make install' from the source" },
			  "tdx_host is not built for %s and not in DKMS", c->release);
	else if (!root_exists("/lib/modules/%s/build", c->release))
		check_say(c, &(struct finding){ .result = FAIL, .name = "driver",
			  .wanted = "tdx_host.ko for the running kernel",
			  .remedy = "install the headers of this kernel (linux-headers-... on Debian, kernel-devel-... on Fedora), then run 'dkms autoinstall'" },
			  "DKMS has tdx_host, but %s has no headers to build it with", c->release);
	else if (refused(c->release, why, sizeof(why)))
		check_say(c, &(struct finding){ .result = FAIL, .name = "driver",
			  .wanted = "tdx_host.ko for the running kernel",
			  .remedy = "fix that, then run 'dkms autoinstall'" },
			  "DKMS could not build tdx_host: kernel %s", why);
	else
		check_say(c, &(struct finding){ .result = FAIL, .name = "driver",
			  .wanted = "tdx_host.ko for the running kernel",
			  .remedy = "run 'dkms autoinstall'; if that fails, make.log under /var/lib/dkms says why" },
			  "DKMS has tdx_host, but not built for %s", c->release);
}

/* The kernel's keyrings list a key by its subject, which is the signer's name. */
static bool key_enrolled(const char *signer)
{
	FILE *f = root_open("/proc/keys");
	char line[512];
	bool found = false;

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = strstr(line, "asymmetri") && strstr(line, signer);
	fclose(f);
	return found;
}

/* The key that DKMS signs with: on Ubuntu shim-signed's, unless framework.conf names another. */
static void dkms_certificate(char *path, size_t size)
{
	static const char key[] = "mok_certificate=", ubuntu[] = "/var/lib/shim-signed/mok/MOK.der";
	FILE *f = root_open("/etc/dkms/framework.conf");
	char line[512], *value;

	snprintf(path, size, "%s", root_exists("%s", ubuntu) ? ubuntu : "/var/lib/dkms/mok.pub");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, sizeof(key) - 1))
			continue;
		value = line + sizeof(key) - 1;
		value += strspn(value, "\"'");
		value[strcspn(value, "\"' \t\n")] = '\0';
		if (value[0] == '/')
			snprintf(path, size, "%s", value);
	}
	if (f)
		fclose(f);
}

static void check_signature(struct check *c, const char *path)
{
	bool wanted = kernel_wants_signatures();
	char signer[128], certificate[256], remedy[512];

	dkms_certificate(certificate, sizeof(certificate));

	switch (driver_signature(c->release, path, signer, sizeof(signer))) {
	case SIGNED:
		if (!wanted)
			check_pass(c, "signature", "signed%s%s", signer[0] ? " by " : "", signer);
		else if (signer[0] && key_enrolled(signer))
			check_pass(c, "signature", "signed by %s, which the kernel trusts", signer);
		else {
			snprintf(remedy, sizeof(remedy),
				 "if loading fails with \"Key was rejected\": enrol the key with 'mokutil --import' (DKMS: %s), reboot, confirm",
				 certificate);
			check_say(c, &(struct finding){ .result = WARN, .name = "signature",
				  .wanted = "a signature by a key that the kernel trusts",
				  .remedy = remedy },
				  "signed%s%s; its key is not among those that the kernel lists",
				  signer[0] ? " by " : "", signer);
		}
		break;
	case UNSIGNED:
		if (wanted) {
			snprintf(remedy, sizeof(remedy),
				 "let DKMS sign it: run 'mokutil --import %s', reboot, confirm, run 'dkms install --force'; or disable Secure Boot",
				 certificate);
			check_say(c, &(struct finding){ .result = FAIL, .name = "signature",
				  .wanted = "a signature: Secure Boot, lockdown or module.sig_enforce is on",
				  .remedy = remedy },
				  "tdx_host.ko is not signed, and this kernel accepts only signed modules");
		} else {
			check_pass(c, "signature", "not signed; this kernel does not require it");
		}
		break;
	default:
		if (wanted)
			check_say(c, &(struct finding){ .result = SKIP, .name = "signature", .undecided = true },
				  "%s could not be read, and this kernel accepts only signed modules", path);
	}
}

void check_driver(struct check *c)
{
	char path[PATH_MAX];

	if (c->state != HOST_NO_DRIVER) {
		check_pass(c, "driver", "tdx_host is loaded, state %s",
			   host_state_name(c->state));
		if (c->state == HOST_OFF)
			check_say(c, &(struct finding){ .result = FAIL, .name = "driver_init", .wanted = "init=ondemand or init=eager",
				  .remedy = "'modprobe -r tdx_host', remove init=off from /etc/modprobe.d, reload tdx_host" },
				  "tdx_host is loaded with init=off");
		return;
	}
	if (!driver_path(c->release, path, sizeof(path))) {
		say_not_built(c);
		return;
	}
	check_pass(c, "driver", "/lib/modules/%s/%s, not loaded", c->release, path);
	check_signature(c, path);
}
