// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost explain: what a status means, by value, by name or from a log. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "json.h"
#include "log_line.h"
#include "options.h"
#include "status.h"

static const char help_text[] =
"usage: tdxhost explain [--json] VALUE|NAME|LINE...\n"
"       dmesg | tdxhost explain [--json]\n"
"\n"
"Says what a completion status of the TDX module means: its name, whether it is\n"
"an error, what its details say, the likely cause and what to do.\n"
"\n"
"  VALUE  the status: 0xc000010000000045\n"
"  NAME   TDX_OPERAND_INVALID, and so on\n"
"  LINE   a line of a kernel log, quoted: \"SEAMCALL (0x22) failed: 0x...\"\n"
"\n"
"Without arguments it reads a log from standard input and explains each line that\n"
"tells of a failed SEAMCALL or of TDX that did not come up.\n"
"\n"
"  --json  an array of objects instead of text\n"
"  --help\n"
"\n"
"Exit status: 0 all explained, 1 something unknown or nothing found, 2 bad usage.\n";

struct explain {
	struct json *json;	/* NULL: text */
	unsigned int found;
	unsigned int unknown;
};

static const char *kind(u64 status)
{
	if (tdx_status_name_bits(status) == TDX_SW_ERROR)
		return "error of the instruction, not an answer of the TDX module";
	if (!(status & TDX_STATUS_ERROR))
		return status >> 32 ? "warning or information, not an error" : "success";
	if (status & TDX_STATUS_NON_RECOVERABLE)
		return "error, not recoverable: the same call will fail again";
	if (tdx_status_retryable(status))
		return "error, recoverable: the same call may succeed";
	return "error, recoverable: the same call may succeed after the remedy";
}

/* The named status with the same class and number, if only the flags differ. */
static const char *name_without_flags(u64 status)
{
	const u64 number = 0x0000ffff00000000ULL;

	for (u64 flags = 0; flags < 16; flags++) {
		u64 other = flags << 60 | (status & number);

		if (other >> 32 && tdx_status_known(other))
			return tdx_status_name(other);
	}
	return NULL;
}

/* "CPUID leaf 0x7, subleaf 0x1" where the ABI puts it in RCX; NULL. */
static const char *rcx_text(const struct log_status *s, char *buf, size_t size)
{
	switch (tdx_status_name_bits(s->status)) {
	case TDX_INCORRECT_CPUID_VALUE:
	case TDX_INCONSISTENT_CPUID_FIELD:
		break;
	default:
		if (s->status != (TDX_OPERAND_INVALID | TDX_OPERAND_ID_CPUID_CONFIG))
			return NULL;
	}
	if (!s->has_rcx)
		return NULL;
	snprintf(buf, size, "CPUID leaf 0x%llx, subleaf 0x%llx",
		 s->rcx & 0xffffffff, s->rcx >> 32);
	return buf;
}

static void field(const char *name, const char *value)
{
	if (value && *value)
		printf("  %-8s %s\n", name, value);
}

static void unknown_bits(const struct log_status *s)
{
	const char *class = tdx_status_class(s->status);
	const char *like = name_without_flags(s->status);

	printf("  bits     error %u, non-recoverable %u, 61:60 %u, class 0x%02x (%s), number 0x%02x, details 0x%08x\n",
	       (unsigned int)(s->status >> 63), (unsigned int)(s->status >> 62) & 1,
	       (unsigned int)(s->status >> 60) & 3, (unsigned int)(s->status >> 40) & 0xff,
	       class ? class : "unknown class", (unsigned int)(s->status >> 32) & 0xff,
	       (unsigned int)s->status);
	if (like)
		printf("  like     %s, but for the flags in bits 63:60\n", like);
	printf("  cause    not in the TDX module ABI that tdxhost %s knows: a newer TDX module, or not a status\n",
	       TDXHOST_VERSION);
}

static void as_text(const struct log_status *s)
{
	char text[160], leaf[80], rcx[80];

	tdx_status_format(text, sizeof(text), s->status);
	printf("%s\n", text);
	if (s->has_leaf) {
		snprintf(leaf, sizeof(leaf), "%s (%llu)", tdx_leaf_name(s->leaf), s->leaf & 0xffff);
		field("leaf", leaf);
	}
	if (tdx_status_known(s->status))
		field("class", tdx_status_class(s->status));
	field("kind", kind(s->status));
	field("RCX", rcx_text(s, rcx, sizeof(rcx)));
	if (!tdx_status_known(s->status))
		unknown_bits(s);
	field("cause", tdx_status_cause(s->status));
	field("remedy", tdx_status_remedy(s->status));
	/* A small number is more often a leaf than TDH.VP.ENTER's exit reason. */
	if (!s->has_leaf && s->status && s->status < 0x100 &&
	    strcmp(tdx_leaf_name(s->status), "unknown leaf"))
		printf("  leaf     as a leaf's number it is %s\n", tdx_leaf_name(s->status));
}

static void as_json(struct json *j, const struct log_status *s)
{
	char value[24], details[128], rcx[80];

	snprintf(value, sizeof(value), "0x%016llx", s->status);
	tdx_status_details(details, sizeof(details), s->status);
	json_object(j, NULL);
	json_string(j, "value", value);
	json_string(j, "name", tdx_status_known(s->status) ? tdx_status_name(s->status) : NULL);
	json_string(j, "class", tdx_status_class(s->status));
	json_bool(j, "error", s->status & TDX_STATUS_ERROR);
	json_bool(j, "recoverable", !(s->status & TDX_STATUS_NON_RECOVERABLE));
	json_bool(j, "retryable", tdx_status_retryable(s->status));
	json_string(j, "details", details[0] && tdx_status_known(s->status) ? details : NULL);
	json_string(j, "leaf", s->has_leaf ? tdx_leaf_name(s->leaf) : NULL);
	json_string(j, "rcx", rcx_text(s, rcx, sizeof(rcx)));
	json_string(j, "cause", tdx_status_cause(s->status));
	json_string(j, "remedy", tdx_status_remedy(s->status));
	json_end(j);
}

static void explain_status(struct explain *e, const struct log_status *s)
{
	if (!tdx_status_known(s->status))
		e->unknown++;
	if (e->json) {
		as_json(e->json, s);
	} else {
		fputs(e->found ? "\n" : "", stdout);
		as_text(s);
	}
	e->found++;
}

static void explain_message(struct explain *e, const struct log_message *m)
{
	if (e->json) {
		json_object(e->json, NULL);
		json_string(e->json, "message", m->text);
		json_string(e->json, "cause", m->cause);
		json_string(e->json, "remedy", m->remedy);
		json_end(e->json);
	} else {
		printf("%s\"%s\"\n", e->found ? "\n" : "", m->text);
		field("cause", m->cause);
		field("remedy", m->remedy);
	}
	e->found++;
}

/* A status waits for the next line, which may have its registers. */
static void explain_lines(struct explain *e, FILE *from)
{
	struct log_status pending, next;
	bool have_pending = false, above = false;	/* @above: on the line before */
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, from) >= 0) {
		const struct log_message *m;
		const char *rest = line;

		if (above && !pending.has_rcx)
			pending.has_rcx = log_line_rcx(line, &pending.rcx);
		above = false;
		while (log_line_status(&rest, line, &next)) {
			if (have_pending)
				explain_status(e, &pending);
			pending = next;
			have_pending = above = true;
		}
		m = log_line_message(line);
		if (m) {
			if (have_pending)
				explain_status(e, &pending);
			have_pending = above = false;
			explain_message(e, m);
		}
	}
	if (have_pending)
		explain_status(e, &pending);
	free(line);
}

static int explain_word(struct explain *e, const char *word)
{
	struct log_status s = { 0 };
	unsigned int before = e->found;
	FILE *f;

	if (log_number(word, &s.status) || tdx_status_by_name(word, &s.status)) {
		explain_status(e, &s);
		return CLI_YES;
	}
	f = *word ? fmemopen((void *)word, strlen(word), "r") : NULL;
	if (f) {
		explain_lines(e, f);
		fclose(f);
	}
	if (e->found > before)
		return CLI_YES;
	return usage_error("explain", "no TDX status in '%s': wanted 0x and up to 16 hex digits, a name TDX_..., or a line of a log",
			   word);
}

static int explain_stdin(struct explain *e)
{
	if (isatty(STDIN_FILENO))
		return usage_error("explain", "nothing to explain");
	explain_lines(e, stdin);
	if (ferror(stdin)) {
		fprintf(stderr, "tdxhost explain: standard input: %s\n", strerror(errno));
		return CLI_UNKNOWN;
	}
	if (!e->found)
		fputs("tdxhost explain: no TDX status and no known message in the input\n", stderr);
	return e->found ? CLI_YES : CLI_NO;
}

int cmd_explain(int argc, char **argv)
{
	bool as_json = false;
	const struct cli_option options[] = {
		OPTION_FLAG("json", &as_json),
		OPTION_END
	};
	struct explain e = { 0 };
	struct json json;
	int first, ret = options_parse(argc, argv, options, help_text, &first);

	if (ret >= 0)
		return ret;
	ret = CLI_YES;
	if (as_json)
		e.json = &json;
	if (e.json) {
		json_start(&json, stdout);
		json_array(&json, NULL);
	}
	if (first == argc)
		ret = explain_stdin(&e);
	for (int i = first; i < argc; i++) {
		int one = explain_word(&e, argv[i]);

		if (one)
			ret = one;
	}
	if (e.json)
		json_end(&json);
	return ret ? ret : e.unknown ? CLI_NO : CLI_YES;
}
