/* SPDX-License-Identifier: GPL-2.0-only */
/* What tdxhost explain says about a status, a leaf or a line. */
#ifndef TDXHOST_ANSWER_H
#define TDXHOST_ANSWER_H

#include "json.h"
#include "log_line.h"

enum answer_kind { ANSWER_STATUS, ANSWER_LEAF, ANSWER_MESSAGE };

struct answer {
	enum answer_kind kind;
	unsigned int count;		/* of equal lines */
	struct log_status status;
	u64 leaf;
	/* Of a message. */
	const struct log_message *message;	/* NULL: a version, which is not in the table */
	char *quote;
	const char *cause;
	const char *remedy;
};

bool answer_known(const struct answer *a);
bool answer_same(const struct answer *a, const struct answer *b);
void answer_text(const struct answer *a);
void answer_json(struct json *j, const struct answer *a);

#endif
