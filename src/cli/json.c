// SPDX-License-Identifier: GPL-2.0-only
#include "json.h"

void json_start(struct json *j, FILE *to)
{
	*j = (struct json){ .to = to };
}

/* Length of the UTF-8 character at @s, 0 if it is none (RFC 3629). */
static int utf8_length(const unsigned char *s)
{
	int len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static void quote(struct json *j, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	int len;

	fputc('"', j->to);
	while (*s) {
		len = utf8_length(s);
		if (!len)
			fputs("\\ufffd", j->to);
		else if (*s == '"' || *s == '\\')
			fprintf(j->to, "\\%c", *s);
		else if (*s < 0x20)
			fprintf(j->to, "\\u%04x", *s);
		else
			fwrite(s, 1, len, j->to);
		s += len ? len : 1;
	}
	fputc('"', j->to);
}

static void new_line(struct json *j)
{
	if (j->one_line)
		return;
	fprintf(j->to, "\n%*s", 2 * j->depth, "");
}

static void begin(struct json *j, const char *key)
{
	if (j->depth) {
		if (!j->empty[j->depth - 1])
			fputc(',', j->to);
		j->empty[j->depth - 1] = false;
		new_line(j);
	}
	if (key) {
		quote(j, key);
		fputs(": ", j->to);
	}
}

static void level(struct json *j, const char *key, char open, char close)
{
	begin(j, key);
	fputc(open, j->to);
	j->close[j->depth] = close;
	j->empty[j->depth] = true;
	j->depth++;
}

void json_object(struct json *j, const char *key)
{
	level(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	level(j, key, '[', ']');
}

void json_end(struct json *j)
{
	j->depth--;
	if (!j->empty[j->depth])
		new_line(j);
	fputc(j->close[j->depth], j->to);
	if (!j->depth)
		fputc('\n', j->to);
}

void json_u64(struct json *j, const char *key, u64 value)
{
	begin(j, key);
	fprintf(j->to, "%llu", value);
}

void json_int(struct json *j, const char *key, s64 value)
{
	begin(j, key);
	fprintf(j->to, "%lld", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	fputs(value ? "true" : "false", j->to);
}

void json_string(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	if (value)
		quote(j, value);
	else
		fputs("null", j->to);
}
