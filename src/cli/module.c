// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost module: what TDX module there is, and another one in its place. */
#include <cpuid.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "host_files.h"
#include "options.h"
#include "out.h"
#include "progress.h"
#include "root.h"
#include "seam_image.h"

/* Nothing installs images there but the administrator: Linux has no place for them. */
#define IMAGE_DIR	"/lib/firmware/intel/tdx"

static const char help_text[] =
"usage: tdxhost module show [FILE]\n"
"       tdxhost module install|update [--dry-run] FILE\n"
"       tdxhost module reset [--dry-run] [FILE]\n"
"\n"
"FILE is the image of a TDX module, as Intel publishes it (*.blob).\n"
"\n"
"  show     show which TDX module and SEAM loader there are, what FILE is, and whether\n"
"           it is made for this host's CPU\n"
"  install  install the TDX module in FILE where none is loaded, or where bring-up\n"
"           has failed or not begun\n"
"  update   replace the TDX module by that in FILE; TDs go on\n"
"  reset    as install, also where TDX is initialized; refused while TDs live.  Without\n"
"           FILE: the one that was installed or updated to last, or else the newest one\n"
"           for this CPU in " IMAGE_DIR "\n"
"\n"
"  --dry-run  only check whether it could be done\n"
"  --help\n"
"\n"
"Needs tdx_host loaded, every CPU online, and root.  All CPUs are stopped for a moment.\n"
"After install and reset, 'tdxhost enable' brings TDX up.\n"
"\n"
"Exit status: 0 done (--dry-run: possible), 1 refused, failed or not for this host,\n"
"2 bad usage or input, 3 could not tell (for example not root).\n";

#define MODULE_FILE	HOST_DIR "/tdx_module"

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

static u32 cpuid_1(void)
{
	u32 eax, ebx, ecx, edx;

	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) ? eax : 0;
}

static void show_line(const char *name, const char *file)
{
	char text[128];

	if (root_line(text, sizeof(text), "%s/%s", HOST_DIR, file) > 0)
		printf("%-17s %s\n", name, text);
}

/* Whether the SEAM loader of this host would take it, as far as can be told from here. */
static int show_fit(const struct seam_image *image)
{
	struct seam_place place = { .cpuid = cpuid_1() };
	const char *why;

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
	show_line("updates left", "num_remaining_updates");
	if (!file)
		return CLI_YES;
	show_image(&image);
	return show_fit(&image);
}

/* ---- reset without FILE ---- */

/* By what the SEAM loader minds first: it refuses a lower security version. */
static u64 age(const struct seam_image *image)
{
	return (u64)image->svn_major << 56 | (u64)image->svn_minor << 48 | image->date;
}

/* Takes @file for @path if it is newer than *@best. */
static void consider(const char *file, struct seam_image *best, char *path, size_t size)
{
	struct seam_place place = { .cpuid = cpuid_1() };
	struct seam_image image;

	if (!read_image(&image, file) || seam_image_refuse_install(&image, &place) ||
	    age(&image) <= age(best))
		return;
	*best = image;
	snprintf(path, size, "%s", file);
}

static bool newest(char *path, size_t size)
{
	struct seam_image best = { 0 };
	glob_t found;

	path[0] = '\0';
	if (!glob(IMAGE_DIR "/*.blob", 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc; i++)
			consider(found.gl_pathv[i], &best, path, size);
	globfree(&found);
	return path[0];
}

/* Only root can read which file was the last. */
static bool find_image(char *path, size_t size)
{
	if (root_line(path, size, MODULE_FILE) > 0 || newest(path, size)) {
		printf("%-17s %s\n", "file", path);
		return true;
	}
	fprintf(stderr, "tdxhost module: it is not known which file the TDX module is from, and no *.blob for this CPU is in %s: name a FILE\n",
		IMAGE_DIR);
	return false;
}

/* ---- install, update, reset ---- */

/* 0 or -errno.  The kernel reads the file itself, and answers when all is done. */
static int ask(const char *verb, bool dry_run, const char *path)
{
	char text[PATH_MAX + 32];

	snprintf(text, sizeof(text), "%s%s %s\n", dry_run ? "check-" : "", verb, path);
	return progress_of_write(MODULE_FILE, text, NULL);
}

static int tell(const char *verb, int err)
{
	char error[512];

	if (err == -EACCES || err == -EPERM || err == -ENOENT) {
		fprintf(stderr, "tdxhost module: %s: %s%s\n", MODULE_FILE, strerror(-err),
			err == -ENOENT ? ": load tdx_host" : "; run as root");
		return CLI_UNKNOWN;
	}
	out_colored(OUT_RED, "not done");
	printf(": %s: %s\n", verb,
	       host_last_error(error, sizeof(error)) ? error : strerror(-err));
	return CLI_NO;
}

static int exchange(const char *verb, bool dry_run, const char *file)
{
	bool update = !strcmp(verb, "update");
	struct seam_image image;
	char path[PATH_MAX];
	int err;

	if (!read_image(&image, file))
		return CLI_USAGE;
	if (!realpath(file, path)) {
		fprintf(stderr, "tdxhost module: %s: %s\n", file, strerror(errno));
		return CLI_USAGE;
	}
	show_image(&image);
	if (!strcmp(verb, "install") && host_state() == HOST_INITIALIZED) {
		puts("not done: TDX is initialized: 'tdxhost module update' keeps TDs, 'tdxhost module reset' begins from scratch");
		return CLI_NO;
	}
	fflush(stdout);
	err = ask(update ? "update" : "install", dry_run, path);
	if (err)
		return tell(verb, err);
	out_colored(OUT_GREEN, dry_run ? "possible" : "done");
	puts(dry_run || update ? "" : ": 'tdxhost enable' brings it up");
	return CLI_YES;
}

int cmd_module(int argc, char **argv)
{
	static const char * const verbs[] = { "show", "install", "update", "reset" };
	bool dry_run = false;
	const struct cli_option options[] = {
		OPTION_FLAG("dry-run", &dry_run),
		OPTION_END
	};
	int first, ret = options_parse(argc, argv, options, help_text, &first);
	char path[PATH_MAX];
	const char *verb;
	size_t i;

	if (ret >= 0)
		return ret;
	if (first == argc)
		return usage_error("module", "show, install, update or reset is missing");
	verb = argv[first++];
	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]) && strcmp(verb, verbs[i]); i++)
		;
	if (i == sizeof(verbs) / sizeof(verbs[0]))
		return usage_error("module", "unknown action '%s'", verb);
	if (argc > first + 1)
		return usage_error("module", "unexpected argument '%s'", argv[first + 1]);
	if (!i)
		return show(argv[first]);
	if (first < argc)
		return exchange(verb, dry_run, argv[first]);
	if (strcmp(verb, "reset"))
		return usage_error("module", "%s needs a FILE", verb);
	return find_image(path, sizeof(path)) ? exchange(verb, dry_run, path) : CLI_USAGE;
}
