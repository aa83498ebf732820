/* SPDX-License-Identifier: GPL-2.0-only */
/* What a check found, as a line for people or an object for programs. */
#ifndef TDXHOST_FINDING_H
#define TDXHOST_FINDING_H

#include "host_files.h"
#include "json.h"

enum result { PASS, WARN, FAIL, SKIP, NR_RESULTS };

struct check {
	struct json *json;	/* NULL: text */
	unsigned int count[NR_RESULTS];
	bool undecided;		/* a precondition could not be looked at */
	enum host_state state;
	char release[128];	/* of the kernel; "": unknown */
};

struct finding {
	enum result result;
	const char *name;
	const char *wanted;	/* this and the next may be NULL */
	const char *remedy;
	bool undecided;		/* SKIP: without this the answer cannot be yes */
};

__attribute__((format(printf, 3, 4)))
void check_say(struct check *c, const struct finding *f, const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
void check_pass(struct check *c, const char *name, const char *fmt, ...);

/* tdx_host is loaded and has found the platform fit. */
bool check_by_module(const struct check *c);

#endif
