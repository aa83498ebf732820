// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost check: would bring-up work, and if not, what is to be done? */
#include "check.h"
#include "cli.h"
#include "options.h"
#include "root.h"

static const char help_text[] =
"usage: tdxhost check [--json] [--root DIR]\n"
"\n"
"Checks everything that TDX needs on this host, causes before effects.  Each line begins\n"
"with PASS, WARN (works, with a caveat), FAIL, or SKIP (could not be checked), and says\n"
"what was found, what is wanted and what to do.  A FAIL with an earlier cause names that\n"
"check instead.  Run it as root for complete results.\n"
"\n"
"  --json      print one object instead of text\n"
"  --root DIR  read files recorded in DIR instead of this host's files; in DIR,\n"
"              dev/cpu/0/msr is text with \"MSR VALUE\" on each line\n"
"  --help\n"
"\n"
"Exit status: 0 bring-up would work, 1 it would not, 2 bad usage, 3 could not tell.\n";

static int verdict(const struct check *c)
{
	if (c->count[FAIL])
		return CLI_NO;
	return c->undecided ? CLI_UNKNOWN : CLI_YES;
}

static bool only_driver_missing(const struct check *c)
{
	return c->nr_failed == 1 && check_failed(c, "driver") && c->state == HOST_NO_DRIVER;
}

static const char *verdict_text(const struct check *c)
{
	switch (verdict(c)) {
	case CLI_YES:
		return c->own_tdx || c->state == HOST_INITIALIZED ? "TDX is up" : "bring-up would work";
	case CLI_NO:
		if (check_failed(c, "guest"))
			return "this is a guest, not a host";
		if (c->own_tdx)
			return c->own_tdx_up ? "TDX is up, but some checks failed" : "TDX is not up";
		if (!only_driver_missing(c))
			return "bring-up would not work";
		return c->undecided ?
		       "install tdx_host first; nothing else prevents bring-up, but some checks were not possible" :
		       "install tdx_host first; nothing else prevents bring-up";
	default:
		return c->own_tdx ? "could not tell whether TDX is up" :
				    "could not tell whether bring-up would work";
	}
}

/* In the order of cause and effect: a failure explains later ones. */
static void run_checks(struct check *c)
{
	if (!check_cpu(c))
		return;
	if (!check_failed(c, "guest"))
		check_bios(c);
	check_kernel(c);
	if (c->own_tdx) {
		check_own_tdx(c);
		return;
	}
	check_driver(c);
	check_tdx_module(c);
	check_cpus(c);
	check_memory(c);
	check_memory_kind(c);
	check_power(c);
	check_kvm(c);
}

static int check_run(struct json *json)
{
	struct check c = { .json = json };

	root_line(c.release, sizeof(c.release), "/proc/sys/kernel/osrelease");
	c.state = host_state();
	if (json) {
		json_object(json, NULL);
		json_array(json, "checks");
	}
	run_checks(&c);
	if (json) {
		json_end(json);
		json_string(json, "verdict", verdict_text(&c));
		json_int(json, "exit_status", verdict(&c));
		json_end(json);
	} else {
		printf("%u passed, %u warned, %u failed, %u skipped: %s\n", c.count[PASS],
		       c.count[WARN], c.count[FAIL], c.count[SKIP], verdict_text(&c));
	}
	return verdict(&c);
}

int cmd_check(int argc, char **argv)
{
	bool as_json = false;
	const struct cli_option options[] = {
		OPTION_FLAG("json", &as_json),
		OPTION_ROOT,
		OPTION_END
	};
	struct json json;
	int ret = options_parse(argc, argv, options, help_text, NULL);

	if (ret >= 0)
		return ret;
	if (!root_exists("/proc/cpuinfo")) {
		fprintf(stderr, "tdxhost check: no proc/cpuinfo%s: DIR must hold a copy of the root directory tree\n",
			root_is_recorded() ? " under --root" : "");
		return CLI_USAGE;
	}
	if (as_json)
		json_start(&json, stdout);
	return check_run(as_json ? &json : NULL);
}
