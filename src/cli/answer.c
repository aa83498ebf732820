// SPDX-License-Identifier: GPL-2.0-only
/* Answers of tdxhost explain, as text and as JSON. */
#include <stdlib.h>

#include "answer.h"
#include "seamldr_status.h"
#include "status.h"

/* Their bits say "not recoverable", but the same call succeeds after another one. */
static bool after_remedy(u64 status)
{
	switch (tdx_status_name_bits(status)) {
	case TDX_SYS_LP_INIT_NOT_DONE:
	case TDX_EPT_WALK_FAILED:
	case TDX_GPA_RANGE_NOT_BLOCKED:
	case TDX_GPA_RANGE_BLOCKED:
	case TDX_TLB_TRACKING_NOT_DONE:
	case TDX_L2_SEPT_WALK_FAILED:
	case TDX_L2_SEPT_PAGE_NOT_PROVIDED:
		return true;
	default:
		return false;
	}
}

static const char *kind(u64 status)
{
	if (tdx_status_name_bits(status) == TDX_SW_ERROR)
		return "error from the instruction, not an answer of the TDX module";
	if (!(status & TDX_STATUS_ERROR))
		return status >> 32 ? "warning or information, not an error" : "success";
	if (after_remedy(status))
		return "error: the same call will succeed after the remedy";
	if (status & TDX_STATUS_NON_RECOVERABLE)
		return "error, not recoverable: the same call will fail again";
	if (tdx_status_retryable(status))
		return "error, recoverable: the same call may succeed";
	return "error, recoverable: the same call may succeed after the remedy";
}

/* The named status with the same class and number, if only the flags differ. */
static const char *name_without_flags(u64 status)
{
	const u64 number = 0x0000ffff00000000ULL;

	for (u64 flags = 0; flags < 16; flags++) {
		u64 other = flags << 60 | (status & number);

		if (other >> 32 && tdx_status_known(other))
			return tdx_status_name(other);
	}
	return NULL;
}

/* "CPUID leaf 0x7, subleaf 0x1" where the ABI puts it in RCX; NULL. */
static const char *rcx_text(const struct log_status *s, char *buf, size_t size)
{
	switch (tdx_status_name_bits(s->status)) {
	case TDX_INCORRECT_CPUID_VALUE:
	case TDX_INCONSISTENT_CPUID_FIELD:
		break;
	default:
		if (s->status != (TDX_OPERAND_INVALID | TDX_OPERAND_ID_CPUID_CONFIG))
			return NULL;
	}
	if (!s->has_rcx)
		return NULL;
	snprintf(buf, size, "CPUID leaf 0x%llx, subleaf 0x%llx",
		 s->rcx & 0xffffffff, s->rcx >> 32);
	return buf;
}

static void field(const char *name, const char *value)
{
	if (value && *value)
		printf("  %-8s %s\n", name, value);
}

static void unknown_bits(const struct log_status *s)
{
	const char *class = tdx_status_class(s->status);
	const char *like = name_without_flags(s->status);

	printf("  bits     error %u, non-recoverable %u, 61:60 %u, class 0x%02x (%s), number 0x%02x, details 0x%08x\n",
	       (unsigned int)(s->status >> 63), (unsigned int)(s->status >> 62) & 1,
	       (unsigned int)(s->status >> 60) & 3, (unsigned int)(s->status >> 40) & 0xff,
	       class ? class : "unknown class", (unsigned int)(s->status >> 32) & 0xff,
	       (unsigned int)s->status);
	if (like)
		printf("  like     %s, except for the flags in bits 63:60\n", like);
	printf("  cause    unknown to tdxhost %s: a status of a newer TDX module, or not a status\n",
	       TDXHOST_VERSION);
}

/* A status of the SEAM loader: the leaf says so, or the TDX module has no such status. */
static const struct seamldr_status *of_loader(const struct log_status *s)
{
	bool from_loader = s->has_leaf && s->leaf >> 63;

	if (!from_loader && tdx_status_known(s->status))
		return NULL;
	return seamldr_status(s->status, from_loader);
}

static void loader_as_text(const struct log_status *s, const struct seamldr_status *loader)
{
	printf("%s (0x%016llx)\n", loader->name, s->status);
	if (s->has_leaf)
		printf("  leaf     %s (0x%llx)\n", tdx_leaf_name(s->leaf), s->leaf);
	field("class", "SEAM loader (P-SEAMLDR)");
	field("kind", loader->recoverable ? "error, recoverable: the same call may succeed" :
	      "error, not recoverable: the same call will fail again");
	field("cause", loader->cause);
	field("remedy", loader->remedy);
}

static void as_text(const struct log_status *s)
{
	const struct seamldr_status *loader = of_loader(s);
	char text[160], leaf[80], rcx[80];

	if (loader) {
		loader_as_text(s, loader);
		return;
	}
	tdx_status_format(text, sizeof(text), s->status);
	printf("%s\n", text);
	if (s->has_leaf) {
		snprintf(leaf, sizeof(leaf), "%s (%llu)", tdx_leaf_name(s->leaf), s->leaf & 0xffff);
		field("leaf", leaf);
	}
	if (tdx_status_known(s->status))
		field("class", tdx_status_class(s->status));
	field("kind", kind(s->status));
	field("RCX", rcx_text(s, rcx, sizeof(rcx)));
	if (!tdx_status_known(s->status))
		unknown_bits(s);
	field("cause", tdx_status_cause(s->status));
	field("remedy", tdx_status_remedy(s->status));
	/* A small number is more often a leaf than TDH.VP.ENTER's exit reason. */
	if (!s->has_leaf && s->status && s->status < 0x100 &&
	    strcmp(tdx_leaf_name(s->status), "unknown leaf"))
		printf("  leaf     as a leaf's number it is %s\n", tdx_leaf_name(s->status));
}

static void loader_as_json(struct json *j, const struct log_status *s,
			   const struct seamldr_status *loader)
{
	json_string(j, "name", loader->name);
	json_string(j, "class", "SEAM loader (P-SEAMLDR)");
	json_bool(j, "error", true);
	json_bool(j, "recoverable", loader->recoverable);
	json_bool(j, "retryable", loader->recoverable);
	json_string(j, "details", NULL);
	json_string(j, "leaf", s->has_leaf ? tdx_leaf_name(s->leaf) : NULL);
	json_string(j, "rcx", NULL);
	json_string(j, "cause", loader->cause);
	json_string(j, "remedy", loader->remedy);
}

static void as_json(struct json *j, const struct log_status *s)
{
	const struct seamldr_status *loader = of_loader(s);
	char value[24], details[128], rcx[80];

	snprintf(value, sizeof(value), "0x%016llx", s->status);
	tdx_status_details(details, sizeof(details), s->status);
	json_string(j, "value", value);
	if (loader) {
		loader_as_json(j, s, loader);
		return;
	}
	json_string(j, "name", tdx_status_known(s->status) ? tdx_status_name(s->status) : NULL);
	json_string(j, "class", tdx_status_class(s->status));
	json_bool(j, "error", s->status & TDX_STATUS_ERROR);
	json_bool(j, "recoverable", !(s->status & TDX_STATUS_NON_RECOVERABLE));
	json_bool(j, "retryable", tdx_status_retryable(s->status));
	json_string(j, "details", details[0] && tdx_status_known(s->status) ? details : NULL);
	json_string(j, "leaf", s->has_leaf ? tdx_leaf_name(s->leaf) : NULL);
	json_string(j, "rcx", rcx_text(s, rcx, sizeof(rcx)));
	json_string(j, "cause", tdx_status_cause(s->status));
	json_string(j, "remedy", tdx_status_remedy(s->status));
}

bool answer_known(const struct answer *a)
{
	return a->kind != ANSWER_STATUS || of_loader(&a->status) || tdx_status_known(a->status.status);
}

bool answer_same(const struct answer *a, const struct answer *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case ANSWER_STATUS:
		return !memcmp(&a->status, &b->status, sizeof(a->status));
	case ANSWER_LEAF:
		return a->leaf == b->leaf;
	case ANSWER_MESSAGE:
		break;
	}
	return !strcmp(a->quote, b->quote) && a->cause == b->cause;
}

static void times(unsigned int count)
{
	if (count > 1)
		printf("  seen     %u times\n", count);
}

void answer_text(const struct answer *a)
{
	switch (a->kind) {
	case ANSWER_STATUS:
		as_text(&a->status);
		break;
	case ANSWER_LEAF:
		printf("%s\n", tdx_leaf_name(a->leaf));
		if (a->leaf >> 63)
			printf("  leaf     0x%llx, of the SEAM loader (P-SEAMLDR)\n", a->leaf);
		else
			printf("  leaf     %llu (0x%llx), of the TDX module\n", a->leaf, a->leaf);
		break;
	case ANSWER_MESSAGE:
		printf("\"%s\"\n", a->quote);
		field("cause", a->cause);
		field("remedy", a->remedy);
		break;
	}
	times(a->count);
}

void answer_json(struct json *j, const struct answer *a)
{
	char number[24];

	json_object(j, NULL);
	switch (a->kind) {
	case ANSWER_STATUS:
		as_json(j, &a->status);
		break;
	case ANSWER_LEAF:
		snprintf(number, sizeof(number), "0x%llx", a->leaf);
		json_string(j, "leaf", tdx_leaf_name(a->leaf));
		json_string(j, "number", number);
		break;
	case ANSWER_MESSAGE:
		json_string(j, "message", a->quote);
		json_string(j, "cause", a->cause);
		json_string(j, "remedy", a->remedy);
		if (a->message) {
			json_string(j, "versions", a->message->versions);
			json_string(j, "source", a->message->source);
		}
		break;
	}
	if (a->count > 1)
		json_u64(j, "count", a->count);
	json_end(j);
}
