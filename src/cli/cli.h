/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of tdxhost share. */
#ifndef TDXHOST_CLI_H
#define TDXHOST_CLI_H

/* Exit status of every command. */
enum {
	CLI_YES = 0,		/* yes, or done */
	CLI_NO = 1,		/* no, or failed */
	CLI_USAGE = 2,		/* bad options or bad input */
	CLI_UNKNOWN = 3,	/* cannot tell: not root, or a file is missing */
};

struct command {
	const char *name;
	const char *summary;
	/* argv[0] is the command's name. */
	int (*run)(int argc, char **argv);
};

int cmd_check(int argc, char **argv);
int cmd_enable(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_module(int argc, char **argv);
int cmd_plan(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_selftest(int argc, char **argv);
int cmd_status(int argc, char **argv);

/* "tdxhost COMMAND: message; see 'tdxhost COMMAND --help'" on stderr; returns CLI_USAGE. */
__attribute__((format(printf, 2, 3)))
int usage_error(const char *command, const char *fmt, ...);

#endif
