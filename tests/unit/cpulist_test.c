// SPDX-License-Identifier: GPL-2.0-only
/* CPU lists as the kernel writes them, and malformed ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cpulist.h"

static void lists(void **state)
{
	static const struct {
		const char *text;
		unsigned int count;
	} rows[] = {
		{ "", 0 }, { "0", 1 }, { "0-3", 4 }, { "0-3,8", 5 }, { "0,2,4", 3 },
		{ "1-2,4-8191", 8190 }, { "8191", 1 },
	};
	struct cpulist *list = malloc(sizeof(*list));
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(cpulist_parse(list, rows[i].text));
		assert_int_equal(cpulist_count(list), rows[i].count);
		assert_string_equal(cpulist_text(buf, sizeof(buf), list), rows[i].text);
	}
	free(list);
}

static void no_lists(void **state)
{
	static const char * const texts[] = {
		"(null)", "-", "-1", "1-", "3-1", "8192", "0-8192", "1,,2", "a", "0-3;", " 1",
		"99999999999999999999", "0-99999999999999999999", "1 2",
	};
	struct cpulist *list = malloc(sizeof(*list));

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(cpulist_parse(list, texts[i]));
	free(list);
}

static void difference(void **state)
{
	struct cpulist *a = malloc(sizeof(*a)), *b = malloc(sizeof(*b));
	char buf[64], tiny[4];

	(void)state;
	assert_true(cpulist_parse(a, "0-127"));
	assert_true(cpulist_parse(b, "0-63,70,126-200"));
	cpulist_minus(a, b);
	assert_string_equal(cpulist_text(buf, sizeof(buf), a), "64-69,71-125");
	/* The text is terminated even if the buffer is too small. */
	cpulist_text(tiny, sizeof(tiny), a);
	assert_string_equal(tiny, "64-");
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(no_lists),
		cmocka_unit_test(difference),
	};

	return cmocka_run_group_tests_name("cpulist", tests, NULL, NULL);
}
