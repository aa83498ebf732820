/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test lists the statuses that each leaf of the model can return. These functions compare
 * the list with the model: it returns no other, the tests have seen each, and the list has
 * every status that the model's sources name.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "model_harness.h"

#define NAME_BITS	0xffffffff00000000ULL

struct answer {
	u64 leaf;
	u64 status;
};

struct answers {
	const struct answer *list;
	size_t nr;
	bool *seen;	/* for each: a leaf has returned it */
};

const char *status_name(u64 status);

#define assert_status(got, want) do { \
	u64 got_ = (got), want_ = (want); \
	if (got_ != want_) \
		fail_msg("line %d: %s 0x%llx, wanted %s 0x%llx", __LINE__, status_name(got_), \
			 got_, status_name(want_), want_); \
} while (0)

/* Marks the status as seen; fails the test if the list does not have it. */
void answers_note(struct answers *a, u64 leaf, u64 status);
void answers_all_seen(const struct answers *a);
/* Reads the sources in @dir for which @is_ours is true, @at_least so many. */
void answers_cover(const struct answers *a, const char *dir, bool (*is_ours)(const char *file),
		   u32 at_least);

#endif
