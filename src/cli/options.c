// SPDX-License-Identifier: GPL-2.0-only
#include <getopt.h>
#include <stdio.h>

#include "cli.h"
#include "options.h"
#include "root.h"

#define MAX_OPTIONS	24
#define VALUE_BASE	256	/* above every short option */

bool option_string(void *to, const char *value)
{
	*(const char **)to = value;
	return true;
}

bool option_root(void *to, const char *value)
{
	(void)to;
	root_set(value);
	return true;
}

static void make_long_options(struct option *to, const struct cli_option *table)
{
	int i;

	for (i = 0; table[i].name; i++)
		to[i] = (struct option){ table[i].name, table[i].store ? required_argument : no_argument,
					 NULL, VALUE_BASE + i };
	to[i] = (struct option){ "help", no_argument, NULL, 'h' };
	to[i + 1] = (struct option){ 0 };
}

static int bad_option(char **argv, const struct cli_option *table)
{
	if (optopt >= VALUE_BASE)
		return usage_error(argv[0], "--%s takes no value", table[optopt - VALUE_BASE].name);
	if (optopt)
		return usage_error(argv[0], "unknown option '-%c'", optopt);
	return usage_error(argv[0], "unknown option '%s'", argv[optind - 1]);
}

int options_parse(int argc, char **argv, const struct cli_option *table, const char *help,
		  int *first)
{
	struct option options[MAX_OPTIONS + 2];
	int c;

	make_long_options(options, table);
	opterr = 0;
	optind = 0;	/* glibc: from the start, whatever was parsed before */
	while ((c = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		const struct cli_option *o = c >= VALUE_BASE ? &table[c - VALUE_BASE] : NULL;

		if (c == 'h') {
			fputs(help, stdout);
			return CLI_YES;
		}
		if (c == ':')
			return usage_error(argv[0], "--%s needs a value",
					   table[optopt - VALUE_BASE].name);
		if (!o)
			return bad_option(argv, table);
		if (!o->store)
			*(bool *)o->to = true;
		else if (!o->store(o->to, optarg))
			return usage_error(argv[0], "invalid value '%s' for --%s", optarg, o->name);
	}
	if (first)
		*first = optind;
	else if (optind < argc)
		return usage_error(argv[0], "unexpected argument '%s'", argv[optind]);
	return -1;
}
