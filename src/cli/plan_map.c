// SPDX-License-Identifier: GPL-2.0-only
/*
 * A picture of a plan.  Each node has a bar of its addresses, with rows for the RAM, the
 * CMRs, the TDMRs (a letter each), and their PAMTs and reserved areas.
 */
#include <stdio.h>
#include <string.h>

#include "out.h"
#include "plan_output.h"

#define WIDTH 72

struct bar {
	u64 start, end;
	u64 cell;	/* bytes of a column */
	char text[WIDTH + 1];
};

static void draw(struct bar *b, u64 start, u64 end, char c)
{
	start = tdx_max(start, b->start);
	end = tdx_min(end, b->end);
	for (u64 at = start; at < end; at = b->start + ((at - b->start) / b->cell + 1) * b->cell)
		b->text[(at - b->start) / b->cell] = c;
}

static void clear(struct bar *b)
{
	memset(b->text, '.', WIDTH);
	b->text[(b->end - b->start + b->cell - 1) / b->cell] = '\0';
}

static void show(const struct bar *b, const char *name)
{
	printf("  %-8s %s\n", name, b->text);
}

static void grow(struct bar *b, u64 start, u64 end)
{
	b->start = tdx_min(b->start, start);
	b->end = tdx_max(b->end, end);
}

/* False: @node has no memory. */
static bool span(struct bar *b, const struct tdmr_input *in, const struct tdmr_plan *plan, s32 node)
{
	*b = (struct bar){ .start = ~0ULL };
	for (u32 i = 0; i < in->nr_ram; i++)
		if (in->ram[i].node == node)
			grow(b, in->ram[i].start, in->ram[i].end);
	for (u32 i = 0; i < plan->nr_tdmrs; i++)
		if (plan->tdmrs[i].node == node)
			grow(b, plan->tdmrs[i].base, plan->tdmrs[i].base + plan->tdmrs[i].size);
	if (b->start >= b->end)
		return false;
	b->cell = tdx_round_up((b->end - b->start + WIDTH - 1) / WIDTH, TDX_SZ_4K);
	return true;
}

/* As many letters as there can be TDMRs. */
static const char letters[TDX_MAX_TDMRS + 1] =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/";

static void draw_tdmrs(struct bar *b, const struct tdmr_plan *plan)
{
	clear(b);
	for (u32 i = 0; i < plan->nr_tdmrs; i++)
		draw(b, plan->tdmrs[i].base, plan->tdmrs[i].base + plan->tdmrs[i].size, letters[i]);
	show(b, "TDMR");
}

/* PAMTs last: they are reserved areas as well. */
static void draw_areas(struct bar *b, const struct tdmr_plan *plan)
{
	clear(b);
	for (u32 i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];

		for (u32 r = 0; r < t->nr_reserved; r++)
			draw(b, t->base + t->reserved[r].base,
			     t->base + t->reserved[r].base + t->reserved[r].size, 'r');
	}
	for (u32 i = 0; i < plan->nr_tdmrs; i++)
		for (int l = 0; l < TDX_PS_NR; l++) {
			const struct tdmr_area *p = &plan->tdmrs[i].pamt[l];

			draw(b, p->base, p->base + p->size, 'P');
		}
	show(b, "areas");
}

static void draw_memory(struct bar *b, const struct tdmr_input *in, const struct tdmr_planner *planner)
{
	clear(b);
	for (u32 i = 0; i < in->nr_ram; i++)
		draw(b, in->ram[i].start, in->ram[i].end, '#');
	for (u32 i = 0; i < planner->nr_excluded; i++)
		draw(b, planner->excluded[i].start, planner->excluded[i].end, 'x');
	show(b, "RAM");
	clear(b);
	for (u32 i = 0; i < in->nr_cmr; i++)
		draw(b, in->cmr[i].start, in->cmr[i].end, '#');
	show(b, "CMR");
}

static void map_node(const struct tdmr_input *in, const struct planning *p, s32 node)
{
	char size[32];
	struct bar b;

	if (!span(&b, in, &p->plan, node))
		return;
	if (node < 0)
		fputs("\nnode unknown", stdout);
	else
		printf("\nnode %d", node);
	printf("  [0x%llx, 0x%llx), %s a column\n", b.start, b.end,
	       out_bytes(size, sizeof(size), b.cell));
	draw_memory(&b, in, &p->planner);
	draw_tdmrs(&b, &p->plan);
	draw_areas(&b, &p->plan);
}

static s32 next_node(const struct tdmr_input *in, s32 after)
{
	s32 next = INT32_MAX;

	for (u32 i = 0; i < in->nr_ram; i++)
		if (in->ram[i].node > after && in->ram[i].node < next)
			next = in->ram[i].node;
	return next;
}

void plan_map(const struct tdmr_input *in, const struct planning *p)
{
	for (s32 node = -1; node != INT32_MAX; node = next_node(in, node))
		map_node(in, p, node);
	puts("\n# memory, x left out, . nothing; TDMRs by letter; P PAMT, r other reserved area");
}
