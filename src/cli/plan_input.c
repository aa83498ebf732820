// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#include "plan_input.h"

/* The kernel keeps the first 1 MB from its page allocator, and no CMR has it. */
#define LOW_MEMORY	(1ULL << 20)

int input_error(struct plan_input *in, unsigned int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(in->error, sizeof(in->error), fmt, args);
	va_end(args);
	in->line = line;
	return -EINVAL;
}

bool input_hex(const char **text, u64 *value)
{
	const char *s = *text;
	unsigned int digits = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	for (*value = 0; isxdigit((unsigned char)*s); s++, digits++) {
		if (*value >> 60)
			return false;
		*value = *value << 4 | (isdigit((unsigned char)*s) ? *s - '0' : (*s | 0x20) - 'a' + 10);
	}
	*text = s;
	return digits;
}

int input_add(struct plan_input *in, struct plan_ranges *to, u64 start, u64 end, s32 node,
	      unsigned int line)
{
	if (end > TDX_MAX_PA)
		return input_error(in, line, "0x%llx is beyond any physical address", end);
	if (start >= end)
		return input_error(in, line, "0x%llx is not below 0x%llx", start, end);
	if (to->nr == PLAN_MAX_RAM)
		return input_error(in, line, "more than %u ranges", PLAN_MAX_RAM);
	if (to->nr == to->room) {
		u32 room = to->room ? to->room * 2 : 64;
		void *at = realloc(to->at, room * sizeof(*to->at));

		if (!at)
			return -ENOMEM;
		to->at = at;
		to->room = room;
	}
	start = tdx_round_up(start, TDX_SZ_4K);
	end = tdx_round_down(end, TDX_SZ_4K);
	if (start < end)
		to->at[to->nr++] = (struct plan_range){ { start, end, node }, line };
	return 0;
}

static int by_start(const void *a, const void *b)
{
	const struct plan_range *x = a, *y = b;

	if (x->r.start != y->r.start)
		return x->r.start < y->r.start ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

int input_sort(struct plan_input *in, struct plan_ranges *ranges)
{
	u32 i, n = 0;

	if (!ranges->nr)
		return 0;
	qsort(ranges->at, ranges->nr, sizeof(*ranges->at), by_start);
	for (i = 1; i < ranges->nr; i++) {
		struct plan_range *last = &ranges->at[n], *next = &ranges->at[i];

		if (next->r.start < last->r.end)
			return input_error(in, last->line > next->line ? last->line : next->line,
					   "overlaps line %u: does the log cover more than one boot?",
					   last->line > next->line ? next->line : last->line);
		if (next->r.start == last->r.end && next->r.node == last->r.node)
			last->r.end = next->r.end;
		else
			ranges->at[++n] = *next;
	}
	ranges->nr = n + 1;
	return 0;
}

int input_set_ram(struct plan_input *in, const struct plan_ranges *ranges)
{
	u32 i;

	in->nr_ram = 0;
	in->ram = calloc(ranges->nr + 1, sizeof(*in->ram));
	if (!in->ram)
		return -ENOMEM;
	for (i = 0; i < ranges->nr; i++) {
		struct tdx_range r = ranges->at[i].r;

		r.start = tdx_max(r.start, LOW_MEMORY);
		if (r.start < r.end)
			in->ram[in->nr_ram++] = r;
	}
	return 0;
}

void input_free(struct plan_input *in)
{
	free(in->ram);
	free(in->never.at);
	in->never = (struct plan_ranges){ 0 };
	in->ram = NULL;
	in->nr_ram = 0;
}
