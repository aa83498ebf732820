// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explains what Linux, its forks, KVM, QEMU, libvirt and attestation log if TDX fails.
 * The table is log-messages.tsv.  It has each text as the source has it, so that
 * tests/cli/run-kernel-lines.sh can compare them.
 */
#include <ctype.h>

#include "log_line.h"

static const struct log_message messages[] = {
#define LOG_MESSAGE_ROW(...) { __VA_ARGS__ },
#include "log_messages.inc"
#undef LOG_MESSAGE_ROW
};

/* The most characters of a line that a %s matches. */
#define MAX_STRING 64

/* The end of a printf() conversion; *string: it is %s. */
static const char *skip_conversion(const char *format, bool *string)
{
	format += 1 + strspn(format + 1, "#0123456789.*lhz");
	*string = *format == 's';
	return *format ? format + 1 : format;
}

static size_t number_length(const char *s)
{
	size_t n = *s == '-';

	while (isxdigit((unsigned char)s[n]) || s[n] == 'x' || s[n] == 'X')
		n++;
	return n;
}

/* The end of @format in @s; NULL: @s does not start with it. */
static const char *match(const char *format, const char *s)
{
	const char *rest, *end;
	bool string;

	for (; *format; format++, s++) {
		if (*format == '%') {
			rest = skip_conversion(format, &string);
			if (!string)
				return number_length(s) ? match(rest, s + number_length(s)) : NULL;
			if (!*rest)
				return s + strcspn(s, " \t,;\"'");
			for (size_t n = 0; n <= MAX_STRING; n++) {
				end = match(rest, s + n);
				if (end || !s[n])
					return end;
			}
			return NULL;
		}
		if (tolower((unsigned char)*format) != tolower((unsigned char)*s))
			return NULL;
	}
	return s;
}

static const char *find(const char *line, const char *format, size_t *len)
{
	char start[64];
	const char *end;
	bool string;
	size_t n;

	const char *first = line;
	bool number = false;

	/* A format that begins with a number is searched for by the text after it. */
	while (*format == '%') {
		format = skip_conversion(format, &string);
		number = !string;
	}
	n = strcspn(format, "%");
	if (n >= sizeof(start))
		n = sizeof(start) - 1;
	memcpy(start, format, n);
	start[n] = '\0';
	for (; (line = strcasestr(line, start)); line++) {
		end = match(format, line);
		if (!end)
			continue;
		while (number && line > first && isxdigit((unsigned char)line[-1]))
			line--;
		*len = end - line;
		return line;
	}
	return NULL;
}

const struct log_message *log_line_message(const char *line, const char **at, size_t *len)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		const struct log_message *m = &messages[i];

		if (!strcmp(m->cause, "-"))
			continue;
		if (strcmp(m->near, "-") && !strcasestr(line, m->near))
			continue;
		*at = find(line, m->text, len);
		if (*at)
			return m;
	}
	return NULL;
}
