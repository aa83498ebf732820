// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>

#include "answers.h"

static const struct status_name {
	u64 value;
	const char *name;
} names[] = {
#define TDX_STATUS_ROW(value, name) { value, name },
#include "status_tables.inc"
};

#define NR_NAMES	(sizeof(names) / sizeof(names[0]))

const char *status_name(u64 status)
{
	size_t i;

	for (i = 0; i < NR_NAMES; i++)
		if (names[i].value == (status & NAME_BITS))
			return names[i].name;
	return "unknown status";
}

void answers_note(struct answers *a, u64 leaf, u64 status)
{
	size_t i;

	for (i = 0; i < a->nr; i++)
		if (a->list[i].leaf == leaf && a->list[i].status == (status & NAME_BITS)) {
			a->seen[i] = true;
			return;
		}
	fail_msg("leaf %llu answered %s, which the test does not list", leaf,
		 status_name(status));
}

void answers_all_seen(const struct answers *a)
{
	u32 missing = 0;
	size_t i;

	for (i = 0; i < a->nr; i++)
		if (!a->seen[i]) {
			print_error("leaf %llu never answered %s\n", a->list[i].leaf,
				    status_name(a->list[i].status));
			missing++;
		}
	assert_int_equal(missing, 0);
}

static bool is_answer(const struct answers *a, u64 status)
{
	size_t i;

	for (i = 0; i < a->nr; i++)
		if (a->list[i].status == status)
			return true;
	return false;
}

/* The number of statuses that the source names and the list does not contain. */
static u32 unlisted(const struct answers *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char word[128];
	size_t n = 0, i;
	u32 found = 0;
	int c;

	assert_non_null(f);
	do {
		c = fgetc(f);
		if (c != EOF && (isalnum(c) || c == '_') && n < sizeof(word) - 1) {
			word[n++] = (char)c;
			continue;
		}
		word[n] = 0;
		n = 0;
		for (i = 0; i < NR_NAMES; i++)
			if (!strcmp(word, names[i].name) && !is_answer(a, names[i].value)) {
				print_error("%s: %s is in no answer\n", path, word);
				found++;
			}
	} while (c != EOF);
	fclose(f);
	return found;
}

void answers_cover(const struct answers *a, const char *dir, bool (*is_ours)(const char *file),
		   u32 at_least)
{
	DIR *d = opendir(dir);
	u32 files = 0, found = 0;
	struct dirent *e;
	char path[4096];

	assert_non_null(d);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 2 || strcmp(e->d_name + len - 2, ".c") || !is_ours(e->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		found += unlisted(a, path);
		files++;
	}
	closedir(d);
	assert_true(files >= at_least);
	assert_int_equal(found, 0);
}
