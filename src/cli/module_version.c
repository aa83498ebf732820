// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forms met in the wild:
 *   virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20240725, build_num 784
 *   tdx: TDX module: vendor_id 0x8086, major_version 1, minor_version 5, build_date 20230323, build_num 481
 *   virt/tdx: Module version: 1.5.24
 *   tdx_host: TDX module: version 1.5.24, build_date 20240129, build_num 1234
 *
 * Build numbers end the names of Intel's releases, such as 1.5.05.46.698 (which fixes
 * CVE-2023-45745) and 1.5.06.00.744 (required by the KVM patches for Linux 6.16).
 */
#include <stdio.h>
#include <stdlib.h>

#include "module_version.h"

#define BUILD_1_5_05	698
#define BUILD_1_5_06	744

#define UPDATE	"update the TDX module: update the BIOS, or replace the file in EFI/TDX on the EFI system partition"

struct numbers {
	unsigned int major, minor, update, date, build;
	bool has_update, has_date, has_build;
	bool old_form;		/* kernels before 6.8 */
};

static bool number_after(const char *line, const char *key, unsigned int *value)
{
	const char *p = strcasestr(line, key);
	char *end;
	unsigned long v;

	if (!p)
		return false;
	p += strlen(key);
	p += strspn(p, " :=");
	if (*p < '0' || *p > '9')
		return false;
	v = strtoul(p, &end, 0);
	*value = v;
	return v <= 99999999;
}

static bool long_form(const char *line, struct numbers *n)
{
	if (!number_after(line, "major_version", &n->major) ||
	    !number_after(line, "minor_version", &n->minor))
		return false;
	n->has_update = number_after(line, "update_version", &n->update);
	n->has_date = number_after(line, "build_date", &n->date);
	n->has_build = number_after(line, "build_num", &n->build);
	n->old_form = !strcasestr(line, "attributes");
	return true;
}

static bool short_form(const char *line, struct numbers *n)
{
	static const char * const keys[] = {
		"Module version: ", "TDX module: version ", "TDX module version ", "TDX module "
	};
	int got;

	if (!strcasestr(line, "tdx") || strcasestr(line, "SEAM loader"))
		return false;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const char *p = strcasestr(line, keys[i]);

		if (!p)
			continue;
		got = sscanf(p + strlen(keys[i]), "%3u.%3u.%3u", &n->major, &n->minor, &n->update);
		if (got < 2)
			continue;
		n->has_update = got == 3;
		n->has_date = number_after(p, "build_date", &n->date);
		n->has_build = number_after(p, "build_num", &n->build) || number_after(p, "build", &n->build);
		return true;
	}
	return false;
}

static bool older_than(const struct numbers *n, unsigned int update, unsigned int build)
{
	if (n->has_update)
		return n->update < update;
	return n->has_build && n->build < build;
}

static void judge(const struct numbers *n, struct module_version *v)
{
	v->remedy = UPDATE;
	if (n->major < 1 || (n->major == 1 && n->minor < 5)) {
		v->cause = "a TDX 1.0 module: it has no TDH.SYS.RD, so Linux 6.8 and later cannot use it (SEAMCALL 0x22 failed: 0xc000050500000000)";
		v->remedy = "update the BIOS, which brings a TDX module 1.5; tdx_host also works with 1.0";
	} else if (n->major == 1 && n->old_form) {
		v->cause = "a TDX 1.5 module, and a kernel that writes this line in the form used before 6.8; of those, 5.15 and 5.19 were made for TDX 1.0 and cannot start TDs on it: the module is too new for them";
		v->remedy = "use a kernel made for TDX 1.5: Linux 6.16 or later, or tdx_host on a kernel without TDX host support of its own";
	} else if (n->major == 1 && older_than(n, 5, BUILD_1_5_05)) {
		v->cause = "older than 1.5.05 (build 698), which fixes CVE-2023-45745, a privilege escalation; and KVM of Linux 6.16 requires 1.5.06 (build 744) or later";
	} else if (n->major == 1 && older_than(n, 6, BUILD_1_5_06)) {
		v->cause = "older than 1.5.06 (build 744), which KVM of Linux 6.16 and later requires; older modules may clobber RBP, and Linux then rejects them";
	} else if (n->major == 1) {
		v->cause = "a module of the 1.5 line (4th and 5th generation Xeon Scalable, Xeon 6 with E-cores); no problem with it is known";
		v->remedy = "nothing to do";
	} else {
		v->cause = "a module of the 2.0 line or later (Xeon 6 with P-cores and later); no problem with it is known";
		v->remedy = "nothing to do";
	}
}

bool module_version(const char *line, struct module_version *v)
{
	struct numbers n = { 0 };
	size_t len;

	if (!long_form(line, &n) && !short_form(line, &n))
		return false;
	len = snprintf(v->text, sizeof(v->text), "TDX module %u.%u", n.major, n.minor);
	if (n.has_update)
		len += snprintf(v->text + len, sizeof(v->text) - len, ".%02u", n.update);
	if (n.has_build)
		len += snprintf(v->text + len, sizeof(v->text) - len, ", build %u", n.build);
	if (n.has_date)
		snprintf(v->text + len, sizeof(v->text) - len, " of %04u-%02u-%02u", n.date / 10000,
			 n.date / 100 % 100, n.date % 100);
	judge(&n, v);
	return true;
}
