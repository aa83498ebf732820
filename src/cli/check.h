/* SPDX-License-Identifier: GPL-2.0-only */
/* The preconditions of bring-up: what check.c runs and check_*.c look at. */
#ifndef TDXHOST_CHECK_H
#define TDXHOST_CHECK_H

#include "json.h"

enum result { PASS, WARN, FAIL, SKIP, NR_RESULTS };

struct check {
	struct json *json;	/* NULL: text */
	unsigned int count[NR_RESULTS];
	bool undecided;		/* a precondition could not be looked at */

	/* What more than one file needs; "" where there is none. */
	char release[128];	/* of the kernel */
	char state[32];		/* tdx_host's */
	char last_error[512];
};

/* Found something, in a sentence; @wanted and @remedy may be NULL. */
struct finding {
	enum result result;
	const char *name;
	const char *wanted;
	const char *remedy;
	bool undecided;		/* SKIP: without this the answer cannot be yes */
};

__attribute__((format(printf, 3, 4)))
void check_say(struct check *c, const struct finding *f, const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
void check_pass(struct check *c, const char *name, const char *fmt, ...);

/* tdx_host is loaded and has found the platform fit. */
bool check_by_module(const struct check *c);
bool check_initialized(const struct check *c);

/* False: not an Intel CPU, so that nothing further down has a meaning. */
bool check_cpu(struct check *c);
void check_bios(struct check *c);
void check_tdx_module(struct check *c);
/* False: tdx_host is not for this kernel. */
bool check_kernel(struct check *c);
void check_driver(struct check *c);
void check_cpus(struct check *c);
void check_memory(struct check *c);
void check_power(struct check *c);
void check_kvm(struct check *c);

/* The report's and check's common entry: all of the above, on stdout. */
int check_run(struct json *json);

#endif
