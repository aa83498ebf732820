// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>

#include "finding.h"
#include "out.h"

static const char * const words[NR_RESULTS] = {
	[PASS] = "PASS", [WARN] = "WARN", [FAIL] = "FAIL", [SKIP] = "SKIP",
};

static void say_text(const struct finding *f, const char *found)
{
	static const enum out_color colors[NR_RESULTS] = {
		[PASS] = OUT_GREEN, [WARN] = OUT_YELLOW, [FAIL] = OUT_RED, [SKIP] = OUT_DIM,
	};

	out_colored(colors[f->result], words[f->result]);
	printf("  %-14s %s\n", f->name, found);
	if (f->wanted)
		printf("%20s wanted: %s\n", "", f->wanted);
	if (f->follows)
		printf("%20s follows from '%s' above\n", "", f->follows);
	else if (f->remedy)
		printf("%20s to do:  %s\n", "", f->remedy);
	if (f->if_set && !f->follows)
		printf("%20s if set: %s\n", "", f->if_set);
}

static void say_json(struct json *j, const struct finding *f, const char *found)
{
	json_object(j, NULL);
	json_string(j, "name", f->name);
	json_string(j, "result", words[f->result]);
	json_string(j, "found", found);
	json_string(j, "wanted", f->wanted);
	json_string(j, "remedy", f->follows ? NULL : f->remedy);
	json_string(j, "if_set", f->follows ? NULL : f->if_set);
	json_string(j, "follows", f->follows);
	json_end(j);
}

static void say(struct check *c, const struct finding *f, const char *fmt, va_list args)
{
	char found[1024];

	vsnprintf(found, sizeof(found), fmt, args);
	if (c->json)
		say_json(c->json, f, found);
	else
		say_text(f, found);
	c->count[f->result]++;
	c->undecided |= f->undecided;
	c->bios |= (f->result == FAIL || (f->result == WARN && f->undecided)) && f->if_set &&
		   !f->follows;
	if (f->result == FAIL && c->nr_failed < sizeof(c->failed) / sizeof(c->failed[0]))
		c->failed[c->nr_failed++] = f->name;
}

void check_say(struct check *c, const struct finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(c, f, fmt, args);
	va_end(args);
}

void check_pass(struct check *c, const char *name, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(c, &(struct finding){ .result = PASS, .name = name }, fmt, args);
	va_end(args);
}

const char *check_failed(const struct check *c, const char *name)
{
	for (unsigned int i = 0; i < c->nr_failed; i++)
		if (!strcmp(c->failed[i], name))
			return c->failed[i];
	return NULL;
}

bool check_by_module(const struct check *c)
{
	return c->state != HOST_NO_DRIVER && c->state != HOST_UNSUPPORTED;
}
