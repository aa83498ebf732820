/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON as it is written: objects and arrays are opened, filled in and closed. */
#ifndef TDXHOST_JSON_H
#define TDXHOST_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "types.h"

#define JSON_DEPTH 16

struct json {
	FILE *to;
	bool one_line;		/* set after json_start() */
	int depth;
	char close[JSON_DEPTH];	/* what ends each level */
	bool empty[JSON_DEPTH];
};

/* @key is NULL inside an array and for the outermost value. */
void json_start(struct json *j, FILE *to);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end(struct json *j);	/* the outermost one ends the line too */
void json_u64(struct json *j, const char *key, u64 value);
void json_int(struct json *j, const char *key, s64 value);
void json_bool(struct json *j, const char *key, bool value);
/* Bytes that are not UTF-8 become U+FFFD; NULL becomes null. */
void json_string(struct json *j, const char *key, const char *value);

#endif
