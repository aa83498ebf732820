// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forms met in the wild:
 *   SEAMCALL (0x0000000000000022) failed: 0xc000050500000000 RCX 0x...
 *   SEAMCALL failed: CPU 94: leaf 33, error 0xc000092100000122.
 *   SEAMCALL TDH_MNG_CREATE failed: 0x8000020000000000
 *   TDH.MNG.INIT failed with status: 0xc000010000000045
 */
#include <ctype.h>
#include <stdlib.h>

#include "log_line.h"
#include "status.h"

/* Digits at @s in @base: how many; 0 if there are none or too many for a u64. */
static size_t digits(const char *s, int base, u64 *value)
{
	size_t n = 0;
	char *end;

	while (base == 16 ? isxdigit((unsigned char)s[n]) : isdigit((unsigned char)s[n]))
		n++;
	if (!n || n > (base == 16 ? 16 : 19))
		return 0;
	*value = strtoull(s, &end, base);
	return n;
}

static size_t hex(const char *s, u64 *value)
{
	size_t n;

	if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
		return 0;
	n = digits(s + 2, 16, value);
	return n ? n + 2 : 0;
}

bool log_number(const char *word, u64 *value)
{
	size_t len = strlen(word);

	if (hex(word, value) == len && len)
		return true;
	if (len == 16 && digits(word, 16, value) == len)
		return true;
	return len && digits(word, 10, value) == len;
}

/* "TDH_MNG_CREATE" or "TDH.MNG.CREATE" at @s. */
static bool leaf_by_name(const char *s, u64 *leaf)
{
	const char *name;
	size_t i;

	for (*leaf = 0; *leaf < 256; ++*leaf) {
		name = tdx_leaf_name(*leaf);
		for (i = 0; name[i]; i++)
			if (s[i] != name[i] && !(name[i] == '.' && s[i] == '_'))
				break;
		if (!name[i] && !isalnum((unsigned char)s[i]) && s[i] != '.' && s[i] != '_')
			return true;
	}
	return false;
}

/* What stands right before @at: blanks, ":" and "(" aside. */
static bool follows(const char *line, const char *at, const char *word)
{
	size_t len = strlen(word);

	while (at > line && strchr(" \t:(=", at[-1]))
		at--;
	return (size_t)(at - line) >= len && !strncasecmp(at - len, word, len);
}

static bool is_register(const char *line, const char *at)
{
	static const char * const names[] = {
		"RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP", "R8", "R9", "R08", "R09",
		"R10", "R11", "R12", "R13", "R14", "R15",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (follows(line, at, names[i]))
			return true;
	return false;
}

static bool find_leaf(const char *line, const char *end, u64 *leaf)
{
	const char *s;

	for (s = line; s < end; s++) {
		if (!strncmp(s, "TDH", 3) && leaf_by_name(s, leaf))
			return true;
		if (!isdigit((unsigned char)*s) || (s > line && isalnum((unsigned char)s[-1])))
			continue;
		if (!follows(line, s, "SEAMCALL") && !follows(line, s, "leaf"))
			continue;
		if (hex(s, leaf) || digits(s, 10, leaf))
			return true;
	}
	return false;
}

static bool about_tdx(const char *line)
{
	return strcasestr(line, "SEAMCALL") || strcasestr(line, "TDX") || strstr(line, "TDH");
}

static bool about_failure(const char *line)
{
	return strcasestr(line, "fail") || strcasestr(line, "error") || strcasestr(line, "status");
}

/* Addresses and register values are no statuses. */
static bool is_status(const char *line, const char *at, u64 value, size_t len)
{
	if (is_register(line, at) || follows(line, at, "SEAMCALL") || follows(line, at, "leaf"))
		return false;
	if (tdx_status_known(value) && value >> 32)
		return about_tdx(line) || (value >> 63 && about_failure(line));
	return about_tdx(line) && len == 18 && value >> 63;
}

bool log_line_status(const char **at, const char *line, struct log_status *s)
{
	const char *p = *at;
	size_t len;
	u64 value;

	for (; *p; p++) {
		len = p == line || !isalnum((unsigned char)p[-1]) ? hex(p, &value) : 0;
		if (!len)
			continue;
		if (!is_status(line, p, value, len)) {
			p += len - 1;
			continue;
		}
		*s = (struct log_status){ .status = value };
		s->has_leaf = find_leaf(line, p, &s->leaf);
		s->has_rcx = log_line_rcx(p + len, &s->rcx);
		*at = p + len;
		return true;
	}
	*at = p;
	return false;
}

bool log_line_rcx(const char *line, u64 *rcx)
{
	const char *p;

	for (p = line; (p = strcasestr(p, "rcx")); p += 3) {
		const char *number = p + 3 + strspn(p + 3, " \t:=");

		if (hex(number, rcx))
			return true;
	}
	return false;
}
