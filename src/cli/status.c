// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost status: prints the files of tdx_host in sysfs and debugfs. */
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "host_files.h"
#include "json.h"
#include "kernel.h"
#include "options.h"
#include "out.h"
#include "root.h"

static const char help_text[] =
"usage: tdxhost status [--json] [--watch] [--root DIR]\n"
"\n"
"Shows the state of TDX on this host: the TDX module, KeyIDs, memory, CPUs, and\n"
"why bring-up failed.  The names are those of the files in /sys/kernel/tdx_host;\n"
"files without a value are left out (null in JSON).  As root it also shows the\n"
"duration of each step of bring-up and, in JSON, the longest run of each leaf.  On a\n"
"kernel with TDX host support of its own it shows the state of that support.\n"
"\n"
"  --json      print one object instead of text; with --watch, one per line\n"
"  --watch     print again whenever state or progress changes, until interrupted\n"
"  --root DIR  read files recorded in DIR instead of this host's files\n"
"  --help\n"
"\n"
"Exit status: 0 TDX is up, 1 it is not, 2 bad usage, 3 could not tell.\n";

enum kind { TEXT, NUMBER, BYTES, MICROSECONDS, HEX };

/* The most important ones first. */
static const struct {
	const char *name;
	enum kind kind;
} fields[] = {
	{ "state", TEXT },
	{ "last_error", TEXT },
	{ "bios_warnings", TEXT },
	{ "version", TEXT },
	{ "build", NUMBER },
	{ "seamldr_version", TEXT },
	{ "num_remaining_updates", NUMBER },
	{ "features", HEX },
	{ "keyid_start", NUMBER },
	{ "nr_keyids", NUMBER },
	{ "nr_keyids_free", NUMBER },
	{ "cmr_bytes", BYTES },
	{ "tdx_memory_bytes", BYTES },
	{ "excluded_bytes", BYTES },
	{ "pamt_bytes", BYTES },
	{ "kept_bytes", BYTES },
	{ "stays_loaded", TEXT },
	{ "nr_tdmrs", NUMBER },
	{ "cpus_initialized", TEXT },
	{ "cpus_missing", TEXT },
	{ "init_time_us", MICROSECONDS },
};

#define NR_FIELDS (sizeof(fields) / sizeof(fields[0]))
#define MAX_STEPS 32

struct step {
	char name[32];
	u64 us;
};

/* What a kernel with TDX host support of its own shows of it. */
struct own_tdx {
	bool has;
	char version[32];
	char seamldr_version[32];
	char kvm[8];		/* kvm_intel's parameter tdx, "": none */
};

struct status {
	char value[NR_FIELDS][512];	/* "": none yet */
	bool for_root[NR_FIELDS];	/* only root may read it */
	struct host_progress progress;
	unsigned int nr_steps;
	struct step steps[MAX_STEPS];
	struct own_tdx own;
};

/* debugfs, root only: "name microseconds" in each line. */
static void read_steps(struct status *s)
{
	FILE *f = root_open(HOST_DEBUG_DIR "/steps");
	char line[128];

	s->nr_steps = 0;
	if (!f)
		return;
	while (s->nr_steps < MAX_STEPS && fgets(line, sizeof(line), f)) {
		struct step *step = &s->steps[s->nr_steps];

		if (sscanf(line, "%31s %llu", step->name, &step->us) == 2)
			s->nr_steps++;
	}
	fclose(f);
}

static void read_own_tdx(struct own_tdx *own)
{
	char release[128];

	root_line(release, sizeof(release), "/proc/sys/kernel/osrelease");
	own->has = kernel_has_tdx(release) == KCONFIG_YES;
	if (!own->has)
		return;
	root_line(own->version, sizeof(own->version), KERNEL_TDX_DEVICE "/version");
	root_line(own->seamldr_version, sizeof(own->seamldr_version),
		  KERNEL_TDX_DEVICE "/seamldr_version");
	root_line(own->kvm, sizeof(own->kvm), KERNEL_KVM_TDX);
}

static bool own_tdx_up(const struct own_tdx *own)
{
	return own->has && own->kvm[0] == 'Y';
}

/* The line of a file that only root can read is not left out, but says so. */
static void read_field(struct status *s, size_t i)
{
	char *value = s->value[i];
	int len = root_line(value, sizeof(s->value[i]), HOST_DIR "/%s", fields[i].name);

	s->for_root[i] = len == -EACCES;
}

static void read_status(struct status *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < NR_FIELDS; i++)
		read_field(s, i);
	host_progress_read(&s->progress);
	read_steps(s);
	if (!s->value[0][0])
		read_own_tdx(&s->own);
}

static bool not_loaded(const struct status *s)
{
	return !s->value[0][0];
}

static enum out_color state_color(enum host_state state)
{
	switch (state) {
	case HOST_INITIALIZED:
		return OUT_GREEN;
	case HOST_FAILED:
	case HOST_UNSUPPORTED:
	case HOST_NOT_LOADED:
		return OUT_RED;
	default:
		return OUT_YELLOW;
	}
}

static void number_text(char *buf, size_t size, enum kind kind, const char *value)
{
	char bytes[32];
	u64 n = strtoull(value, NULL, 0);

	if (kind == BYTES)
		snprintf(buf, size, "%s (%s)", value, out_bytes(bytes, sizeof(bytes), n));
	else if (kind == MICROSECONDS)
		snprintf(buf, size, "%s (%.3f s)", value, n / 1e6);
	else
		snprintf(buf, size, "%s", value);
}

static void say_state(const char *state)
{
	printf("%-17s ", "state");
	out_colored(state_color(host_state_of(state)), state);
	putchar('\n');
}

/* Advice is never "enable": the kernel's KVM brings the TDX module up. */
static void own_tdx_text(const struct own_tdx *own)
{
	printf("%-17s ", "state");
	out_colored(own_tdx_up(own) ? OUT_GREEN : OUT_YELLOW, own_tdx_up(own) ? "up" : "not up");
	puts(", managed by the kernel itself, without tdx_host");
	if (own->version[0])
		printf("%-17s %s\n", "version", own->version);
	if (own->seamldr_version[0])
		printf("%-17s %s\n", "seamldr_version", own->seamldr_version);
	printf("%-17s %s\n", "kvm_intel.tdx", own->kvm[0] ? own->kvm : "no such parameter, or kvm_intel is not loaded");
	if (!own_tdx_up(own))
		puts("'tdxhost check' says what is missing");
}

static void as_text(const struct status *s)
{
	char text[600];

	if (s->own.has) {
		own_tdx_text(&s->own);
		return;
	}
	if (not_loaded(s)) {
		puts("tdx_host is not loaded: 'tdxhost enable' loads it, 'tdxhost check' says whether bring-up would work");
		return;
	}
	say_state(s->value[0]);
	if (host_running(&s->progress))
		printf("%-17s %s %u of %u\n", "progress", s->progress.step, s->progress.done,
		       s->progress.total);
	for (size_t i = 1; i < NR_FIELDS; i++) {
		if (s->for_root[i])
			printf("%-17s (for root only)\n", fields[i].name);
		if (!s->value[i][0])
			continue;
		number_text(text, sizeof(text), fields[i].kind, s->value[i]);
		printf("%-17s %s\n", fields[i].name, text);
	}
	for (unsigned int i = 0; i < s->nr_steps; i++)
		printf("%-17s %-10s %10llu us\n", i ? "" : "steps", s->steps[i].name, s->steps[i].us);
}

static void field_json(struct json *j, const char *name, enum kind kind, const char *value)
{
	if (!value[0] || kind == TEXT || kind == HEX)
		json_string(j, name, value[0] ? value : NULL);
	else
		json_u64(j, name, strtoull(value, NULL, 0));
}

static void own_tdx_json(struct json *j, const struct own_tdx *own)
{
	if (!own->has) {
		json_string(j, "kernel_tdx", NULL);
		return;
	}
	json_object(j, "kernel_tdx");
	json_bool(j, "up", own_tdx_up(own));
	json_string(j, "version", own->version[0] ? own->version : NULL);
	json_string(j, "seamldr_version", own->seamldr_version[0] ? own->seamldr_version : NULL);
	json_string(j, "kvm_intel_tdx", own->kvm[0] ? own->kvm : NULL);
	json_end(j);
}

/* Only leaves that have been called. */
static void times_json(struct json *j)
{
	FILE *f = host_times_open();
	struct host_time t;

	json_array(j, "times");
	while (f && host_time_next(f, &t)) {
		json_object(j, NULL);
		json_string(j, "name", t.name);
		json_u64(j, "ns", t.ns);
		json_u64(j, "cycles", t.cycles);
		json_end(j);
	}
	json_end(j);
	if (f)
		fclose(f);
}

static void as_json(const struct status *s, bool one_line)
{
	struct json j;

	json_start(&j, stdout);
	j.one_line = one_line;
	json_object(&j, NULL);
	json_bool(&j, "loaded", !not_loaded(s));
	for (size_t i = 0; i < NR_FIELDS; i++)
		field_json(&j, fields[i].name, fields[i].kind, s->value[i]);
	if (host_running(&s->progress)) {
		json_object(&j, "progress");
		json_string(&j, "step", s->progress.step);
		json_u64(&j, "done", s->progress.done);
		json_u64(&j, "total", s->progress.total);
		json_end(&j);
	} else {
		json_string(&j, "progress", NULL);
	}
	own_tdx_json(&j, &s->own);
	json_array(&j, "steps");
	for (unsigned int i = 0; i < s->nr_steps; i++) {
		json_object(&j, NULL);
		json_string(&j, "name", s->steps[i].name);
		json_u64(&j, "us", s->steps[i].us);
		json_end(&j);
	}
	json_end(&j);
	times_json(&j);
	json_end(&j);
}

static int answer(const struct status *s)
{
	return host_state_of(s->value[0]) == HOST_INITIALIZED || own_tdx_up(&s->own) ?
	       CLI_YES : CLI_NO;
}

/* Looks ten times a second and prints changes; ends when nobody reads the output. */
static int watch(bool json)
{
	struct status last, now;
	bool first = true;

	for (;;) {
		read_status(&now);
		if (first || memcmp(&now, &last, sizeof(now))) {
			if (!first && !json)
				putchar('\n');
			if (json)
				as_json(&now, true);
			else
				as_text(&now);
			if (fflush(stdout))
				return CLI_UNKNOWN;
		}
		first = false;
		last = now;
		usleep(100 * 1000);
	}
}

int cmd_status(int argc, char **argv)
{
	bool json = false, watching = false;
	const struct cli_option options[] = {
		OPTION_FLAG("json", &json),
		OPTION_FLAG("watch", &watching),
		OPTION_ROOT,
		OPTION_END
	};
	struct status s;
	int ret = options_parse(argc, argv, options, help_text, NULL);

	if (ret >= 0)
		return ret;
	if (watching)
		return watch(json);
	read_status(&s);
	if (json)
		as_json(&s, false);
	else
		as_text(&s);
	return answer(&s);
}
