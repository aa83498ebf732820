// SPDX-License-Identifier: GPL-2.0-only
/*
 * Forms met in the wild:
 *   SEAMCALL (0x0000000000000022) failed: 0xc000050500000000 RCX 0x...
 *   SEAMCALL failed: CPU 94: leaf 33, error 0xc000092100000122.
 *   SEAMCALL TDH_MNG_CREATE failed: 0x8000020000000000
 *   TDH.MNG.INIT failed with status: 0xc000010000000045
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "log_line.h"
#include "status.h"

/* The number of digits at @s in @base; 0 if there are none or too many for a u64. */
static size_t digits(const char *s, int base, u64 *value)
{
	size_t n = 0;
	char *end;

	while (base == 16 ? isxdigit((unsigned char)s[n]) : isdigit((unsigned char)s[n]))
		n++;
	if (!n || (base == 16 && n > 16))
		return 0;
	errno = 0;
	*value = strtoull(s, &end, base);
	return errno ? 0 : n;
}

static size_t hex(const char *s, u64 *value)
{
	size_t n;

	if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
		return 0;
	n = digits(s + 2, 16, value);
	return n ? n + 2 : 0;
}

/* @word in lower case, without separators between digits.  False: too long. */
static bool plain_digits(const char *word, char *to, size_t size)
{
	size_t n = 0;

	for (; *word; word++) {
		if (n && strchr("_',`", *word) && isxdigit((unsigned char)word[1]) &&
		    isxdigit((unsigned char)to[n - 1]))
			continue;
		if (n + 1 == size)
			return false;
		to[n++] = tolower((unsigned char)*word);
	}
	to[n] = '\0';
	return n;
}

/* C's suffixes of an integer, in lower case. */
static void cut_suffix(char *s)
{
	static const char * const suffixes[] = { "ull", "llu", "ul", "lu", "ll", "u", "l" };
	size_t len = strlen(s);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i]);

		if (len > n && !strcmp(s + len - n, suffixes[i])) {
			s[len - n] = '\0';
			return;
		}
	}
}

bool log_number(const char *word, u64 *value)
{
	bool negative;
	char s[64];
	size_t len;

	word += strspn(word, " \t");
	if (!plain_digits(word, s, sizeof(s)))
		return false;
	cut_suffix(s);
	len = strlen(s);
	if (hex(s, value) == len)
		return true;
	if (len > 1 && s[len - 1] == 'h') {
		/* Assemblers require a digit first. */
		size_t zero = len == 18 && s[0] == '0';

		if (digits(s + zero, 16, value) == len - 1 - zero)
			return true;
	}
	if (len == 16 && digits(s, 16, value) == len)
		return true;
	negative = s[0] == '-';
	if (len == negative || digits(s + negative, 10, value) != len - negative)
		return false;
	if (negative)
		*value = -*value;
	return !negative || *value >> 63;
}

/* "TDH_MNG_CREATE", "TDH.MNG.CREATE" or "tdh_mng_create" at @s: its length; 0. */
static size_t leaf_at(const char *s, u64 base, u64 *leaf)
{
	const char *name;
	size_t i;

	for (*leaf = base; *leaf < base + 256; ++*leaf) {
		name = tdx_leaf_name(*leaf);
		for (i = 0; name[i]; i++)
			if (toupper((unsigned char)s[i]) != name[i] && !(name[i] == '.' && s[i] == '_'))
				break;
		if (!name[i] && !isalnum((unsigned char)s[i]) && s[i] != '.' && s[i] != '_')
			return i;
	}
	return 0;
}

static bool leaf_by_name(const char *s, u64 *leaf)
{
	return leaf_at(s, 0, leaf);
}

#define SEAMLDR_LEAVES (1ULL << 63)

bool log_leaf(const char *word, u64 *leaf)
{
	size_t len = strlen(word);

	return len && (leaf_at(word, 0, leaf) == len || leaf_at(word, SEAMLDR_LEAVES, leaf) == len);
}

bool log_status_name(const char *word, u64 *status)
{
	char name[80];
	size_t n = 0;

	if (strncasecmp(word, "TDX_", 4) && strncasecmp(word, "TDX-", 4))
		n = snprintf(name, sizeof(name), "TDX_");
	for (; *word; word++) {
		if (n + 1 == sizeof(name))
			return false;
		name[n++] = *word == '-' ? '_' : toupper((unsigned char)*word);
	}
	name[n] = '\0';
	return tdx_status_by_name(name, status);
}

/* Is @word right before @at, except for blanks, ":" and "("? */
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
		if (!strncasecmp(s, "TDH", 3) && leaf_by_name(s, leaf))
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
	return strcasestr(line, "SEAM") || strcasestr(line, "TDX") || strcasestr(line, "TDH_") ||
	       strcasestr(line, "TDH.");
}

static bool about_failure(const char *line)
{
	return strcasestr(line, "fail") || strcasestr(line, "error") || strcasestr(line, "status");
}

/* Only 0x makes a number certain; other words with digits may be a status. */
static size_t number_at(const char *p, u64 *value, bool *sure)
{
	char word[48];
	size_t n;

	*sure = true;
	n = hex(p, value);
	if (n && !(p[n] && strchr("_'`", p[n])))
		return n;
	n = strspn(p, "0123456789abcdefABCDEFxX_'`-");
	if (n < 16 || n >= sizeof(word))
		return 0;
	memcpy(word, p, n);
	word[n] = '\0';
	*sure = !strncasecmp(word, "0x", 2);
	return log_number(word, value) ? n : 0;
}

/* False for addresses and register values. */
static bool is_status(const char *line, const char *at, u64 value, size_t len, bool sure)
{
	if (is_register(line, at) || follows(line, at, "SEAMCALL") || follows(line, at, "leaf"))
		return false;
	if (tdx_status_known(value) && value >> 32)
		return about_tdx(line) || (value >> 63 && about_failure(line) && sure);
	return sure && about_tdx(line) && len >= 18 && value >> 63;
}

bool log_line_status(const char **at, const char *line, struct log_status *s)
{
	const char *p = *at;
	bool sure;
	size_t len;
	u64 value;

	for (; *p; p++) {
		len = p == line || !isalnum((unsigned char)p[-1]) ? number_at(p, &value, &sure) : 0;
		if (!len)
			continue;
		if (!is_status(line, p, value, len, sure)) {
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

bool log_line_name(const char *line, struct log_status *s)
{
	char name[80];
	const char *p;
	size_t n;

	for (p = line; (p = strstr(p, "TDX_")); p += 4) {
		n = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		if ((p > line && (isalnum((unsigned char)p[-1]) || p[-1] == '_')) || n >= sizeof(name))
			continue;
		memcpy(name, p, n);
		name[n] = '\0';
		*s = (struct log_status){ .status = 0 };
		if (!tdx_status_by_name(name, &s->status))
			continue;
		s->has_leaf = find_leaf(line, p, &s->leaf);
		return true;
	}
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
