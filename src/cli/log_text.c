// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "log_text.h"

/* ---- the file as UTF-8 without NUL ---- */

static int slurp(FILE *f, char **text, size_t *size)
{
	size_t room = 0, n;
	char *more;

	*text = NULL;
	*size = 0;
	do {
		if (*size + 1 >= room) {
			room = room ? room * 2 : 65536;
			more = realloc(*text, room);
			if (!more)
				return -ENOMEM;
			*text = more;
		}
		errno = 0;
		n = fread(*text + *size, 1, room - *size - 1, f);
		*size += n;
	} while (n);
	(*text)[*size] = '\0';
	return ferror(f) ? -(errno ? errno : EIO) : 0;
}

static size_t put_utf8(char *to, u32 c)
{
	if (c < 0x80) {
		to[0] = c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = 0xc0 | c >> 6;
		to[1] = 0x80 | (c & 0x3f);
		return 2;
	}
	to[0] = 0xe0 | c >> 12;
	to[1] = 0x80 | (c >> 6 & 0x3f);
	to[2] = 0x80 | (c & 0x3f);
	return 3;
}

enum encoding { BYTES, UTF16_LE, UTF16_BE };

/* Decided by the byte order mark, or by the position of zeros in ASCII. */
static enum encoding encoding(const unsigned char *s, size_t size)
{
	size_t even = 0, odd = 0, n = size < 512 ? size : 512;

	if (size >= 2 && s[0] == 0xff && s[1] == 0xfe)
		return UTF16_LE;
	if (size >= 2 && s[0] == 0xfe && s[1] == 0xff)
		return UTF16_BE;
	for (size_t i = 0; i < n; i++)
		*(i & 1 ? &odd : &even) += !s[i];
	if (odd > n / 4 && !even)
		return UTF16_LE;
	if (even > n / 4 && !odd)
		return UTF16_BE;
	return BYTES;
}

static int decode(char **text, size_t *size)
{
	const unsigned char *s = (unsigned char *)*text;
	enum encoding how = encoding(s, *size);
	size_t n = 0;
	char *to;

	if (how == BYTES) {
		for (size_t i = 0; i < *size; i++)
			if (!s[i])
				(*text)[i] = ' ';
		return 0;
	}
	to = malloc(*size / 2 * 3 + 1);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i + 1 < *size; i += 2) {
		u32 c = how == UTF16_LE ? s[i] | s[i + 1] << 8 : s[i] << 8 | s[i + 1];

		n += put_utf8(to + n, c ? c : ' ');
	}
	to[n] = '\0';
	free(*text);
	*text = to;
	*size = n;
	return 0;
}

/* ---- decoration of lines ---- */

/* Colours and the like: ESC [ ... letter.  No-break spaces become spaces. */
static void strip_controls(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\033' && s[1] == '[') {
			s += 2;
			s += strspn(s, "0123456789;?");
			s += !!*s;
		} else if (!strncmp(s, "\xc2\xa0", 2)) {
			*to++ = ' ';
			s += 2;
		} else if (!strncmp(s, "\xef\xbb\xbf", 3)) {
			s += 3;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* "> ", ">> > ": marks of quoting in mail. */
static char *skip_quotes(char *s)
{
	char *p = s;

	while (p[strspn(p, " \t")] == '>')
		p += strspn(p, " \t") + 1;
	if (p > s && *p == ' ')
		p++;
	return p;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Each LEAD and two hex digits becomes the character; never a NUL. */
static void unescape_hex(char *s, const char *lead)
{
	size_t len = strlen(lead);
	char *to = s;

	while (*s) {
		int hi = -1, lo = -1;

		if (!strncmp(s, lead, len)) {
			hi = hex_digit(s[len]);
			lo = hi < 0 ? -1 : hex_digit(s[len + 1]);
		}
		if (lo >= 0 && hi + lo) {
			*to++ = hi << 4 | lo;
			s += len + 2;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The JSON string at @s, after its quote, in place; ends at the closing one. */
static void unescape_json(char *s)
{
	char *to = s;

	for (; *s && *s != '"'; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		if (!*++s)
			break;
		switch (*s) {
		case 'n':
		case 'r':
		case 't':
		case 'b':
		case 'f':
			*to++ = ' ';
			break;
		case 'u': {
			u32 c = 0;
			int i;

			for (i = 1; i <= 4 && hex_digit(s[i]) >= 0; i++)
				c = c << 4 | hex_digit(s[i]);
			if (i != 5) {
				*to++ = 'u';
				break;
			}
			/* At most 3 bytes from 6. */
			to += put_utf8(to, c ? c : ' ');
			s += 4;
			break;
		}
		default:
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* "[54, 46, ...]": journalctl's form of text with control characters. */
static void unescape_bytes(char *s)
{
	char *to = s;

	while (*s && *s != ']') {
		if (isdigit((unsigned char)*s)) {
			long c = strtol(s, &s, 10);

			*to++ = c > 0 && c < 256 ? c : ' ';
		} else {
			s++;
		}
	}
	*to = '\0';
}

/* The value of a line's "KEY" : VALUE; NULL. */
static char *json_value(char *line, const char *key)
{
	char *p = strstr(line, key);

	if (!p || p[strlen(key)] != '"')
		return NULL;
	p += strlen(key) + 1;
	p += strspn(p, " \t");
	if (*p++ != ':')
		return NULL;
	return p + strspn(p, " \t");
}

/* The message in a line of JSON, from any program; @line itself if it is not JSON. */
static char *json_message(char *line)
{
	static const char * const keys[] = { "\"MESSAGE", "\"message", "\"msg", "\"log" };
	const char *start = line + strspn(line, " \t");

	if (*start != '{' && *start != '"')
		return line;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *value = json_value(line, keys[i]);

		if (!value)
			continue;
		if (*value == '"') {
			unescape_json(++value);
			return value;
		}
		if (*value == '[') {
			unescape_bytes(++value);
			return value;
		}
	}
	return line;
}

/* /dev/kmsg: "6,339,5140900,-;text", with \x for unprintable characters. */
static bool is_kmsg(const char *s)
{
	size_t n = strspn(s, "0123456789,");

	return n > 4 && s[n] && strchr("-cf+", s[n]) && strchr(s + n, ';') && strchr(s, ',') < s + n;
}

/* ---- starts of lines ---- */

static bool is_month(const char *s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 36; i += 3)
		if (!strncasecmp(s, months + i, 3) && s[3] == ' ')
			return true;
	return false;
}

/* "2024-05-30T11:10:09" */
static bool is_date(const char *s)
{
	return strspn(s, "0123456789") == 4 && s[4] == '-' && strspn(s + 5, "0123456789") == 2 &&
	       s[7] == '-';
}

/* "[    1.234567]", "[Tue Mar 21 09:40:00 2023]" */
static bool is_stamp(const char *s)
{
	const char *end;

	if (*s != '[')
		return false;
	end = strchr(s, ']');
	s += 1 + strspn(s + 1, " ");
	if (!end || end - s > 40)
		return false;
	return (isdigit((unsigned char)*s) && s + strspn(s, "0123456789.") == end) ||
	       (isalpha((unsigned char)*s) && memchr(s, ':', end - s));
}

static bool starts(const char *s)
{
	if (*s == '<' && isdigit((unsigned char)s[1]) && strchr(s, '>'))
		return true;
	return is_stamp(s) || is_month(s) || is_date(s) || is_kmsg(s) || !strncmp(s, "-- ", 3);
}

/* journalctl's line between boots, or the first line of every Linux kernel. */
static bool starts_boot(const char *s)
{
	return !strncmp(s, "-- Boot ", 8) || !strncmp(s, "-- Reboot --", 12) ||
	       strstr(s, "Linux version ");
}

/* ---- lines ---- */

/* Is @line, JSON of journald, from another boot than the line before? */
static bool other_boot(struct log_text *log, char *line)
{
	char *id = json_value(line, "\"_BOOT_ID");
	char boot[sizeof(log->boot)];
	bool other;
	size_t n;

	if (!id || *id++ != '"')
		return false;
	n = strcspn(id, "\"");
	if (n >= sizeof(boot))
		return false;
	memcpy(boot, id, n);
	boot[n] = '\0';
	other = log->boot[0] && strcmp(log->boot, boot);
	memcpy(log->boot, boot, n + 1);
	return other;
}

static int add_line(struct log_text *log, char *text, unsigned int nr)
{
	bool other = other_boot(log, text);

	if (log->nr == log->room) {
		size_t room = log->room ? log->room * 2 : 256;
		void *line = realloc(log->line, room * sizeof(*log->line));

		if (!line)
			return -ENOMEM;
		log->line = line;
		log->room = room;
	}
	if (is_kmsg(text))
		unescape_hex(text, "\\x");
	text = json_message(text);
	if (!strncmp(text + strspn(text, " \t"), "MESSAGE=", 8))
		text += strspn(text, " \t") + 8;
	log->line[log->nr++] = (struct log_text_line){
		.text = text, .nr = nr, .starts = starts(text), 
		.new_boot = other || starts_boot(text), .after_boot = other,
	};
	return 0;
}

/* Ends the line at @s; returns where the next one begins. */
static char *cut_line(char *s, bool *ended)
{
	char *end = s + strcspn(s, "\r\n"), *next = end;

	*ended = *end;
	while (*next == '\r')
		next++;
	if (*next == '\n')
		next++;
	*end = '\0';
	return next;
}

/* Two lines that end with "=" are not a coincidence. */
static bool is_quoted_printable(const char *text)
{
	unsigned int n = 0;

	if (strcasestr(text, "Content-Transfer-Encoding: quoted-printable"))
		return true;
	for (const char *p = text; n < 2 && (p = strchr(p, '=')); p++)
		n += p[1] == '\n' || (p[1] == '\r' && p[2] == '\n');
	return n >= 2;
}

/* Appends the text after a soft line break; both are in one buffer, in this order. */
static char *append(char *s, char *more)
{
	size_t len = strlen(s);

	memmove(s + len, more, strlen(more) + 1);
	return s;
}

static int split(struct log_text *log, char *s)
{
	bool qp = is_quoted_printable(s), ended = true;
	unsigned int nr = 0;
	int err = 0;

	while (*s && !err) {
		char *line = s;
		unsigned int first = ++nr;
		size_t len;

		s = cut_line(s, &ended);
		line = skip_quotes(line);
		while (qp && *s && (len = strlen(line)) && line[len - 1] == '=') {
			char *more = s;

			s = cut_line(s, &ended);
			nr++;
			line[len - 1] = '\0';
			line = append(line, skip_quotes(more));
		}
		if (qp)
			unescape_hex(line, "=");
		strip_controls(line);
		err = add_line(log, line, first);
	}
	log->cut = !ended;
	return err;
}

int log_text_read(struct log_text *log, FILE *f)
{
	size_t size;
	int err;

	memset(log, 0, sizeof(*log));
	err = slurp(f, &log->text, &size);
	if (!err)
		err = decode(&log->text, &size);
	if (!err)
		err = split(log, log->text);
	return err;
}

void log_text_free(struct log_text *log)
{
	free(log->line);
	free(log->text);
	memset(log, 0, sizeof(*log));
}

char *log_text_joined(const struct log_text *log, size_t i, const char *gap)
{
	const char *next;
	char *joined;

	if (i + 1 >= log->nr || log->line[i + 1].starts)
		return NULL;
	next = log->line[i + 1].text;
	return asprintf(&joined, "%s%s%s", log->line[i].text, gap, next) < 0 ? NULL : joined;
}

unsigned int log_text_boots(const struct log_text *log, size_t *first)
{
	unsigned int boots = 0;
	size_t last = 0;

	*first = 0;
	for (size_t i = 0; i < log->nr; i++) {
		if (!log->line[i].new_boot)
			continue;
		/* journalctl's line and the kernel's first, one after the other. */
		if (!boots || i > last + 1) {
			boots += !boots && log->line[i].after_boot ? 2 : 1;
			*first = i;
		}
		last = i;
	}
	/* Lines before the first mark may be the end of another boot. */
	return boots ? boots : 1;
}
