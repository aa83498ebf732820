// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost selftest: loads tdx_host_selftest, prints its results and unloads it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "host_files.h"
#include "json.h"
#include "load.h"
#include "options.h"
#include "out.h"
#include "root.h"

#define MODULE		"tdx_host_selftest"
#define PARAMETERS	"/sys/module/" MODULE "/parameters"

static const char help_text[] =
"usage: tdxhost selftest [--all] [--json]\n"
"\n"
"Tests, once TDX is up, that the TDX module does what tdx_host relies on: every CPU\n"
"answers, PAMT entries have the values that bring-up gave them, a TD can be created,\n"
"measured and removed, and the state of VMX does not change.  Also names the longest\n"
"call so far.  To do so, it loads the kernel module tdx_host_selftest.\n"
"\n"
"  --all   read the PAMT entry of every page, not only of a sample (minutes per TB)\n"
"  --json  print an array of objects instead of text\n"
"  --help\n"
"\n"
"Exit status: 0 every test passed, 1 one failed, 2 bad usage, 3 could not run.\n";

struct output {
	bool as_json;
	struct json json;
	int status;		/* CLI_YES until a test fails */
};

static void print_result(struct output *out, const char *verdict, const char *name, const char *text)
{
	bool passed = !strcmp(verdict, "PASS");

	if (!passed)
		out->status = CLI_NO;
	if (out->as_json) {
		json_object(&out->json, NULL);
		json_string(&out->json, "verdict", verdict);
		json_string(&out->json, "name", name);
		json_string(&out->json, "text", text);
		json_end(&out->json);
		return;
	}
	out_colored(passed ? OUT_GREEN : OUT_RED, verdict);
	printf("  %-8s  %s\n", name, text);
}

/* "PASS lps all 4 initialised LPs answer" */
static int print_results(struct output *out)
{
	FILE *f = root_open(PARAMETERS "/results");
	char line[512], *name, *text;

	if (!f)
		return CLI_UNKNOWN;
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, ' ');
		text = name ? strchr(name + 1, ' ') : NULL;
		if (!text)
			continue;
		*name++ = '\0';
		*text++ = '\0';
		print_result(out, line, name, text);
	}
	fclose(f);
	return CLI_YES;
}

static void print_left(struct output *out)
{
	unsigned int pages, keyids;
	char line[64], text[160];

	if (root_line(line, sizeof(line), PARAMETERS "/left") < 0 ||
	    sscanf(line, "%u %u", &pages, &keyids) != 2) {
		print_result(out, "FAIL", "left", "the selftest module does not report what it has left behind");
		return;
	}
	if (!pages && !keyids)
		return;
	snprintf(text, sizeof(text),
		 "%u pages and %u KeyIDs stay with the TDX module until the machine restarts",
		 pages, keyids);
	print_result(out, "FAIL", "left", text);
}

/* The sum over all CPUs of the line "MCE:" of /proc/interrupts; 0 if there is none. */
static u64 machine_checks(void)
{
	FILE *f = root_open("/proc/interrupts");
	char *line = NULL, *at, *end;
	size_t size = 0;
	u64 sum = 0, n;

	while (f && getline(&line, &size, f) >= 0) {
		at = line + strspn(line, " ");
		if (strncmp(at, "MCE:", 4))
			continue;
		for (at += 4; n = strtoull(at, &end, 10), end != at; at = end)
			sum += n;
	}
	free(line);
	if (f)
		fclose(f);
	return sum;
}

static void print_machine_checks(struct output *out, u64 before)
{
	u64 now = machine_checks();
	char text[96];

	snprintf(text, sizeof(text), "%llu machine checks during the tests: see 'dmesg'",
		 (unsigned long long)(now - before));
	if (now == before)
		print_result(out, "PASS", "mce", "no machine check during the tests");
	else
		print_result(out, "FAIL", "mce", text);
}

/* Is a hypervisor loaded, which may be in VMX operation? */
static bool hypervisor_loaded(void)
{
	return root_exists("/sys/module/kvm_intel") || root_exists("/sys/module/vboxdrv") ||
	       root_exists("/sys/module/vmmon");
}

static int run(struct output *out, bool all)
{
	u64 before = machine_checks();
	char params[64];
	int status;

	snprintf(params, sizeof(params), "all_pages=%d vmx_owner=%d", all, hypervisor_loaded());
	if (load_module(MODULE, params))
		return CLI_UNKNOWN;
	if (out->as_json) {
		json_start(&out->json, stdout);
		json_array(&out->json, NULL);
	}
	status = print_results(out);
	print_left(out);
	print_machine_checks(out, before);
	if (out->as_json)
		json_end(&out->json);
	if (unload_module(MODULE) || status != CLI_YES)
		return CLI_UNKNOWN;
	return out->status;
}

int cmd_selftest(int argc, char **argv)
{
	struct output out = { .status = CLI_YES };
	bool all = false;
	const struct cli_option options[] = {
		OPTION_FLAG("all", &all),
		OPTION_FLAG("json", &out.as_json),
		OPTION_END
	};
	int status = options_parse(argc, argv, options, help_text, NULL);
	enum host_state state = host_state();

	if (status >= 0)
		return status;
	if (geteuid()) {
		fputs("tdxhost selftest: run as root\n", stderr);
		return CLI_UNKNOWN;
	}
	if (state != HOST_INITIALIZED) {
		fprintf(stderr, "tdxhost selftest: TDX is not up (%s): run 'tdxhost enable --wait' first\n",
			state == HOST_NO_DRIVER ? "tdx_host is not loaded" : host_state_name(state));
		return CLI_UNKNOWN;
	}
	return run(&out, all);
}
