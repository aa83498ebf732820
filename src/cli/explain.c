// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost explain: the meaning of a status, given by value, by name or in a log. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "answer.h"
#include "cli.h"
#include "log_text.h"
#include "module_version.h"
#include "options.h"
#include "seamldr_status.h"

static const char help_text[] =
"usage: tdxhost explain [--json] VALUE|NAME|LINE...\n"
"       dmesg | tdxhost explain [--json]\n"
"\n"
"Explains a completion status of the TDX module: its name, whether it is an error, the\n"
"meaning of its details, the likely cause and what to do.\n"
"\n"
"  VALUE  a status: 0xc000010000000045; also c0000100_00000045h, or in decimal\n"
"  NAME   of a status: TDX_OPERAND_INVALID; of a status of the SEAM loader:\n"
"         PSEAMLDR_EBADSIG; of a leaf: TDH.MNG.INIT\n"
"  LINE   a quoted log line: \"SEAMCALL (0x22) failed: 0x...\"\n"
"\n"
"Without arguments it reads a log from standard input and explains each line of the\n"
"kernel, KVM, QEMU, libvirt or the quoting service about a failed SEAMCALL or about\n"
"TDX.  It explains equal lines once.  If the log covers several boots, it explains the\n"
"last one.\n"
"\n"
"  --json  print an array of objects instead of text\n"
"  --help\n"
"\n"
"Exit status: 0 all explained, 1 something unknown or nothing found, 2 bad usage.\n";

struct explain {
	struct answer *answer;
	size_t nr;
	size_t room;
	bool no_memory;
};

/* Equal lines of a log get one answer; an argument given twice gets two. */
static void add(struct explain *e, const struct answer *a, size_t log_start)
{
	for (size_t i = log_start; i < e->nr; i++)
		if (answer_same(&e->answer[i], a)) {
			e->answer[i].count++;
			free(a->quote);
			return;
		}
	if (e->nr == e->room) {
		size_t room = e->room ? e->room * 2 : 32;
		void *answer = realloc(e->answer, room * sizeof(*e->answer));

		if (!answer) {
			e->no_memory = true;
			free(a->quote);
			return;
		}
		e->answer = answer;
		e->room = room;
	}
	e->answer[e->nr] = *a;
	e->answer[e->nr++].count = 1;
}

static void add_status(struct explain *e, const struct log_status *s, size_t log_start)
{
	struct answer a;

	/* Compared by memcmp(). */
	memset(&a, 0, sizeof(a));
	a.kind = ANSWER_STATUS;
	a.status.status = s->status;
	a.status.has_leaf = s->has_leaf;
	a.status.leaf = s->has_leaf ? s->leaf : 0;
	a.status.has_rcx = s->has_rcx;
	a.status.rcx = s->has_rcx ? s->rcx : 0;
	add(e, &a, log_start);
}

/* What a line says. */
struct said {
	bool status;
	const struct log_message *message;
	const char *at;
	size_t len;
	bool version;
	struct module_version module;
};

static bool look(const char *line, struct said *said)
{
	struct log_status s;
	const char *at = line;

	memset(said, 0, sizeof(*said));
	said->status = log_line_status(&at, line, &s) || log_line_name(line, &s);
	said->message = log_line_message(line, &said->at, &said->len);
	said->version = !said->message && module_version(line, &said->module);
	return said->status || said->message || said->version;
}

static char *quote(const struct said *said)
{
	if (said->version)
		return strdup(said->module.text);
	if (said->message->quote[0])
		return strdup(said->message->quote);
	return strndup(said->at, said->len);
}

/* "module initialization failed (-5)" only repeats that a SEAMCALL failed. */
static bool repeats(const struct explain *e, const struct said *said, size_t log_start)
{
	return said->message && strstr(said->message->text, "failed (-5)") && e->nr > log_start &&
	       e->answer[e->nr - 1].kind == ANSWER_STATUS;
}

static void add_said(struct explain *e, const struct said *said, size_t log_start)
{
	struct answer a;

	if (repeats(e, said, log_start))
		return;
	memset(&a, 0, sizeof(a));
	a.kind = ANSWER_MESSAGE;
	a.message = said->message;
	a.quote = quote(said);
	a.cause = said->message ? said->message->cause : said->module.cause;
	a.remedy = said->message ? said->message->remedy : said->module.remedy;
	if (a.quote)
		add(e, &a, log_start);
	else
		e->no_memory = true;
}

/* A status whose registers may be on the next line. */
struct pending {
	struct log_status status;
	bool there;
	bool above;	/* on the line before */
};

static void flush(struct explain *e, struct pending *p, size_t log_start)
{
	if (p->there)
		add_status(e, &p->status, log_start);
	p->there = p->above = false;
}

static void explain_line(struct explain *e, struct pending *p, const char *line, size_t log_start)
{
	const char *rest = line;
	struct log_status next;
	struct said said;

	if (p->above && !p->status.has_rcx)
		p->status.has_rcx = log_line_rcx(line, &p->status.rcx);
	p->above = false;
	while (log_line_status(&rest, line, &next)) {
		flush(e, p, log_start);
		p->status = next;
		p->there = p->above = true;
	}
	if (!p->above && log_line_name(line, &next)) {
		flush(e, p, log_start);
		p->status = next;
		p->there = p->above = true;
	}
	look(line, &said);
	if (said.message || said.version) {
		flush(e, p, log_start);
		add_said(e, &said, log_start);
	}
}

/* Two lines as one, if only together they say something; else NULL.  Free it. */
static char *broken_line(const struct log_text *log, size_t i)
{
	static const char * const gaps[] = { "", " " };
	struct said said;

	if (i + 1 >= log->nr || log->line[i + 1].starts || look(log->line[i].text, &said) || look(log->line[i + 1].text, &said))
		return NULL;
	for (size_t g = 0; g < 2; g++) {
		char *joined = log_text_joined(log, i, gaps[g]);

		if (joined && look(joined, &said))
			return joined;
		free(joined);
	}
	return NULL;
}

static void explain_range(struct explain *e, const struct log_text *log, size_t first)
{
	struct pending pending = { 0 };
	size_t log_start = e->nr;

	for (size_t i = first; i < log->nr; i++) {
		char *joined = broken_line(log, i);

		explain_line(e, &pending, joined ? joined : log->line[i].text, log_start);
		i += !!joined;
		free(joined);
	}
	flush(e, &pending, log_start);
}

/* A guest's log after its host's is not a later boot of the host. */
static bool guest(const struct log_text *log, size_t first)
{
	for (size_t i = first; i < log->nr; i++)
		if (strstr(log->line[i].text, "tdx: Guest detected"))
			return true;
	return false;
}

static void explain_log(struct explain *e, const struct log_text *log)
{
	size_t first, before = e->nr;
	unsigned int boots = log_text_boots(log, &first);

	if (first && guest(log, first))
		boots = first = 0;
	explain_range(e, log, first);
	if (boots < 2)
		return;
	if (e->nr > before) {
		fprintf(stderr, "tdxhost explain: the log covers %u boots; only the last one, from line %u, is explained ('journalctl -k -b' shows one boot)\n",
			boots, log->line[first].nr);
		return;
	}
	explain_range(e, log, 0);
	if (e->nr > before)
		fprintf(stderr, "tdxhost explain: the log covers %u boots; the last one says nothing about TDX, so the earlier ones are explained ('journalctl -k -b' shows one boot)\n",
			boots);
}

/* 0, or an errno value. */
static int explain_file(struct explain *e, FILE *f)
{
	struct log_text log;
	int err = log_text_read(&log, f);

	if (!err)
		explain_log(e, &log);
	log_text_free(&log);
	return -err;
}

/* Numbers of Intel's attestation software (DCAP), often mistaken for the TDX module's. */
static bool explain_attestation(struct explain *e, u64 value)
{
	struct said said;
	char line[48];

	if (value > 0xfffff)
		return false;
	snprintf(line, sizeof(line), "attestation error 0x%llx", value);
	if (!look(line, &said) || !said.message)
		return false;
	add_said(e, &said, e->nr);
	return true;
}

static bool explain_name(struct explain *e, const char *word)
{
	const struct seamldr_status *loader;
	struct log_status s = { 0 };
	struct answer a;

	if (log_number(word, &s.status) && explain_attestation(e, s.status))
		return true;
	if (log_number(word, &s.status) || log_status_name(word, &s.status)) {
		add_status(e, &s, e->nr);
		return true;
	}
	loader = seamldr_status_by_name(word);
	if (loader) {
		s.status = loader->value;
		add_status(e, &s, e->nr);
		return true;
	}
	memset(&a, 0, sizeof(a));
	a.kind = ANSWER_LEAF;
	if (!log_leaf(word, &a.leaf))
		return false;
	add(e, &a, e->nr);
	return true;
}

static int explain_word(struct explain *e, const char *word)
{
	size_t before = e->nr;
	FILE *f;

	if (explain_name(e, word))
		return CLI_YES;
	f = *word ? fmemopen((void *)word, strlen(word), "r") : NULL;
	if (f) {
		explain_file(e, f);
		fclose(f);
	}
	if (e->nr > before)
		return CLI_YES;
	return usage_error("explain", "no TDX status in '%s': give 0x and up to 16 hex digits, a name TDX_..., or a log line",
			   word);
}

static int explain_stdin(struct explain *e)
{
	int err;

	if (isatty(STDIN_FILENO))
		return usage_error("explain", "nothing to explain");
	err = explain_file(e, stdin);
	if (err) {
		fprintf(stderr, "tdxhost explain: standard input: %s\n", strerror(err));
		return CLI_UNKNOWN;
	}
	if (!e->nr)
		fputs("tdxhost explain: no TDX status and no known message in the input\n", stderr);
	return e->nr ? CLI_YES : CLI_NO;
}

/* Prints the answers.  Returns whether all are known. */
static bool print(struct explain *e, bool as_json)
{
	bool known = true;
	struct json json;

	if (as_json) {
		json_start(&json, stdout);
		json_array(&json, NULL);
	}
	for (size_t i = 0; i < e->nr; i++) {
		known &= answer_known(&e->answer[i]);
		if (as_json) {
			answer_json(&json, &e->answer[i]);
		} else {
			fputs(i ? "\n" : "", stdout);
			answer_text(&e->answer[i]);
		}
		free(e->answer[i].quote);
	}
	if (as_json)
		json_end(&json);
	free(e->answer);
	return known;
}

/* Hides "-4611...", a status in decimal, from getopt, which would take it for options. */
static int hide_negative(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || argv[i][1] < '0' || argv[i][1] > '9')
			continue;
		if (asprintf(&argv[i], " %s", argv[i]) < 0)
			return -1;
	}
	return 0;
}

int cmd_explain(int argc, char **argv)
{
	bool as_json = false;
	const struct cli_option options[] = {
		OPTION_FLAG("json", &as_json),
		OPTION_END
	};
	struct explain e = { 0 };
	int first, ret;

	if (hide_negative(argc, argv))
		return CLI_UNKNOWN;
	ret = options_parse(argc, argv, options, help_text, &first);
	if (ret >= 0)
		return ret;
	ret = CLI_YES;
	if (first == argc)
		ret = explain_stdin(&e);
	for (int i = first; i < argc; i++) {
		int one = explain_word(&e, argv[i]);

		if (one)
			ret = one;
	}
	if (!print(&e, as_json) && !ret)
		ret = CLI_NO;
	if (e.no_memory) {
		fputs("tdxhost explain: not enough memory\n", stderr);
		return CLI_UNKNOWN;
	}
	return ret;
}
