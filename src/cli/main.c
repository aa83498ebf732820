// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost: state, checks and remedies of TDX on a host. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const struct command commands[] = {
	{ "status", "show the state of TDX on this host", cmd_status },
	{ "check", "check whether TDX can be brought up; if not, say what to do", cmd_check },
	{ "plan", "show how memory would be divided into TDMRs and PAMTs", cmd_plan },
	{ "enable", "load tdx_host if necessary, and bring up TDX", cmd_enable },
	{ "module", "show, install, update or reset the TDX module", cmd_module },
	{ "selftest", "test that the TDX module does what tdx_host relies on", cmd_selftest },
	{ "explain", "explain a TDX status or a log line", cmd_explain },
	{ "report", "collect what a bug report needs", cmd_report },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *to)
{
	fputs("usage: tdxhost COMMAND [OPTION]...\n"
	      "       tdxhost COMMAND --help\n"
	      "       tdxhost --help | --version\n\n", to);
	for (size_t i = 0; i < NR_COMMANDS; i++)
		fprintf(to, "  %-8s  %s\n", commands[i].name, commands[i].summary);
	fputs("\nExit status: 0 yes, 1 no, 2 bad usage or input, 3 could not tell.\n", to);
}

int usage_error(const char *command, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "tdxhost%s%s: ", command ? " " : "", command ? command : "");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "; see 'tdxhost%s%s --help'\n", command ? " " : "", command ? command : "");
	return CLI_USAGE;
}

/* Output that could not be written, to a full disk or a closed pipe, is a failure. */
static int flushed(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	perror("tdxhost: standard output");
	return CLI_UNKNOWN;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return CLI_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		help(stdout);
		return flushed(CLI_YES);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("tdxhost %s\n", TDXHOST_VERSION);
		return flushed(CLI_YES);
	}
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return flushed(commands[i].run(argc - 1, argv + 1));
	return usage_error(NULL, "unknown command '%s'", argv[1]);
}
