/* SPDX-License-Identifier: GPL-2.0-only */
/* The options of a command, as a table. */
#ifndef TDXHOST_OPTIONS_H
#define TDXHOST_OPTIONS_H

#include "types.h"

struct cli_option {
	const char *name;	/* without the dashes */
	/* Stores @value in @to; false: @value is not valid.  NULL: a flag. */
	bool (*store)(void *to, const char *value);
	void *to;		/* of a flag: a bool, set to true */
};

#define OPTION_FLAG(name, to)		{ (name), NULL, (to) }
#define OPTION_STRING(name, to)		{ (name), option_string, (to) }
#define OPTION_ROOT			{ "root", option_root, NULL }
#define OPTION_END			{ NULL, NULL, NULL }

bool option_string(void *to, const char *value);	/* @to: const char ** */
bool option_root(void *to, const char *value);

/*
 * Parses the options of command argv[0].  --help prints @help.
 *
 * Returns -1 if the command should run, else its exit status.  *@first becomes the
 * index of the first argument that is not an option (argc: none); if @first is NULL,
 * the command takes no such argument.
 */
int options_parse(int argc, char **argv, const struct cli_option *table, const char *help,
		  int *first);

#endif
