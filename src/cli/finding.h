/* SPDX-License-Identifier: GPL-2.0-only */
/* The result of a check, printed as a line for people or as a JSON object. */
#ifndef TDXHOST_FINDING_H
#define TDXHOST_FINDING_H

#include "host_files.h"
#include "json.h"

enum result { PASS, WARN, FAIL, SKIP, NR_RESULTS };

struct check {
	struct json *json;	/* NULL: text */
	unsigned int count[NR_RESULTS];
	const char *failed[16];	/* names of FAILs, in their order */
	unsigned int nr_failed;
	bool undecided;		/* a precondition could not be checked, or is in doubt */
	bool bios;		/* a BIOS setting has to be changed */
	enum host_state state;
	char release[128];	/* of the kernel; "": unknown */
	bool tdx_cpu;		/* the CPU is known to have TDX */
	bool own_tdx;		/* that kernel has TDX host support of its own, */
	bool own_tdx_up;	/* and KVM has brought TDX up */
};

struct finding {
	enum result result;
	const char *name;
	const char *wanted;	/* this and the next may be NULL */
	const char *remedy;
	const char *if_set;	/* what to do if the BIOS setting is as the remedy says */
	const char *follows;	/* name of the FAIL above that explains this one */
	bool undecided;		/* SKIP, WARN: without this the answer cannot be yes */
};

__attribute__((format(printf, 3, 4)))
void check_say(struct check *c, const struct finding *f, const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
void check_pass(struct check *c, const char *name, const char *fmt, ...);

/* Returns @name if its check failed, else NULL. */
const char *check_failed(const struct check *c, const char *name);

/* tdx_host is loaded and has accepted the platform. */
bool check_by_module(const struct check *c);

#endif
