// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost module: what TDX module there is, and what an image of another one is. */
#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host_files.h"
#include "options.h"
#include "root.h"
#include "seam_image.h"

static const char help_text[] =
"usage: tdxhost module show [FILE]\n"
"\n"
"Shows which TDX module and SEAM loader there are and, with FILE, which TDX module is in\n"
"that image, as Intel publishes it (*.blob): version, build date, security version,\n"
"versions of handoff data, the CPUs it is made for, and whether this host's is one.\n"
"\n"
"  --help\n"
"\n"
"Exit status: 0 shown, 1 not for this host, 2 bad usage or no image.\n";

/* ---- the image ---- */

static bool read_image(struct seam_image *image, const char *path)
{
	u8 *data = malloc(SEAM_IMAGE_MAX_SIZE + 1);
	FILE *f = fopen(path, "re");
	const char *why = "out of memory";
	size_t size;

	if (f && data) {
		size = fread(data, 1, SEAM_IMAGE_MAX_SIZE + 1, f);
		why = ferror(f) ? strerror(errno) : seam_image_parse(image, data, size);
	} else if (!f) {
		why = strerror(errno);
	}
	if (why)
		fprintf(stderr, "tdxhost module: %s: %s\n", path, why);
	if (f)
		fclose(f);
	free(data);
	return !why;
}

static void show_image(const struct seam_image *image)
{
	if (image->major)
		printf("%-17s %u.%u.%02u\n", "image", image->major, image->minor, image->update);
	else
		printf("%-17s does not say its version\n", "image");
	printf("%-17s %04x-%02x-%02x\n", "  built", image->date >> 16, image->date >> 8 & 0xff,
	       image->date & 0xff);
	printf("%-17s %u.%u\n", "  security", image->svn_major, image->svn_minor);
	printf("%-17s %u to %u\n", "  handoff data", image->min_update_hv, image->module_hv);
	printf("%-17s", "  CPUs");
	for (u32 i = 0; i < image->nr_cpuids; i++)
		printf(" 0x%x", image->cpuid[i] & ~0xfU);
	puts(image->nr_cpuids ? " (CPUID 1 EAX)" : " any");
}

/* ---- show ---- */

static void show_line(const char *name, const char *file)
{
	char text[128];

	if (root_line(text, sizeof(text), "%s/%s", HOST_DIR, file) > 0)
		printf("%-17s %s\n", name, text);
}

/* Whether the SEAM loader of this host would take it, as far as can be told from here. */
static int show_fit(const struct seam_image *image)
{
	struct seam_place place = { 0 };
	unsigned int ebx, ecx, edx;
	const char *why;

	__get_cpuid(1, &place.cpuid, &ebx, &ecx, &edx);
	why = seam_image_refuse_install(image, &place);
	printf("%-17s %s%s\n", "  this host", why ? "no: " : "yes", why ? why : "");
	return why ? CLI_NO : CLI_YES;
}

static int show(const char *file)
{
	struct seam_image image;

	if (file && !read_image(&image, file))
		return CLI_USAGE;
	printf("%-17s %s\n", "state",
	       host_state() == HOST_NO_DRIVER ? "tdx_host is not loaded" : host_state_name(host_state()));
	show_line("version", "version");
	show_line("seamldr_version", "seamldr_version");
	if (!file)
		return CLI_YES;
	show_image(&image);
	return show_fit(&image);
}

int cmd_module(int argc, char **argv)
{
	const struct cli_option options[] = { OPTION_END };
	int first, ret = options_parse(argc, argv, options, help_text, &first);

	if (ret >= 0)
		return ret;
	if (first == argc)
		return usage_error("module", "show is missing");
	if (strcmp(argv[first], "show"))
		return usage_error("module", "unknown action '%s'", argv[first]);
	if (argc > first + 2)
		return usage_error("module", "unexpected argument '%s'", argv[first + 2]);
	return show(argv[first + 1]);
}
