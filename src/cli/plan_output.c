// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "out.h"
#include "plan_output.h"

static const char * const reasons[TDMR_REASON_NR] = {
	[TDMR_OUTSIDE_CMRS] = "outside_cmrs",
	[TDMR_NO_AREA] = "no_reserved_area",
	[TDMR_NO_TDMR] = "no_tdmr",
};

static void json_area(struct json *j, const char *key, const char *start, u64 base, u64 size)
{
	json_object(j, key);
	json_u64(j, start, base);
	json_u64(j, "size", size);
	json_end(j);
}

static void json_node(struct json *j, s32 node)
{
	if (node < 0)
		json_string(j, "node", NULL);
	else
		json_int(j, "node", node);
}

static void json_limits(struct json *j, const struct tdmr_limits *limits)
{
	json_object(j, "limits");
	json_u64(j, "max_tdmrs", limits->max_tdmrs);
	json_u64(j, "max_reserved_per_tdmr", limits->max_reserved);
	json_array(j, "pamt_entry_size");
	for (int i = 0; i < TDX_PS_NR; i++)
		json_u64(j, NULL, limits->entry_size[i]);
	json_end(j);
	json_end(j);
}

static void json_tdmr(struct json *j, const struct tdmr *t)
{
	static const char * const levels[TDX_PS_NR] = { "4k", "2m", "1g" };

	json_object(j, NULL);
	json_u64(j, "base", t->base);
	json_u64(j, "size", t->size);
	json_node(j, t->node);
	json_object(j, "pamt");
	for (int i = 0; i < TDX_PS_NR; i++)
		json_area(j, levels[i], "base", t->pamt[i].base, t->pamt[i].size);
	json_end(j);
	json_array(j, "reserved");
	for (u32 i = 0; i < t->nr_reserved; i++)
		json_area(j, NULL, "offset", t->reserved[i].base, t->reserved[i].size);
	json_end(j);
	json_end(j);
}

static void json_excluded(struct json *j, const struct tdmr_planner *planner)
{
	json_array(j, "excluded");
	for (u32 i = 0; i < planner->nr_excluded; i++) {
		const struct tdmr_excluded *x = &planner->excluded[i];

		json_object(j, NULL);
		json_u64(j, "start", x->start);
		json_u64(j, "end", x->end);
		json_string(j, "reason", reasons[x->reason]);
		json_end(j);
	}
	json_end(j);
}

static void json_linux(struct json *j, const struct linux_advice *a)
{
	json_object(j, "linux");
	json_bool(j, "works", a->works);
	json_string(j, "reason", a->works ? NULL : a->reason);
	json_array(j, "unused");
	for (u32 i = 0; i < a->nr_unused; i++)
		json_area(j, NULL, "base", a->unused[i].start, a->unused[i].end - a->unused[i].start);
	json_end(j);
	json_end(j);
}

void plan_json(const struct tdmr_input *in, const struct planning *p)
{
	const struct tdmr_plan *plan = &p->plan;
	struct json j = { 0 };

	json_start(&j, stdout);
	json_object(&j, NULL);
	json_array(&j, "ram");
	for (u32 i = 0; i < in->nr_ram; i++) {
		json_object(&j, NULL);
		json_u64(&j, "start", in->ram[i].start);
		json_u64(&j, "end", in->ram[i].end);
		json_node(&j, in->ram[i].node);
		json_end(&j);
	}
	json_end(&j);
	json_array(&j, "cmrs");
	for (u32 i = 0; i < in->nr_cmr; i++)
		json_area(&j, NULL, "base", in->cmr[i].start, in->cmr[i].end - in->cmr[i].start);
	json_end(&j);
	json_limits(&j, &in->limits);
	json_array(&j, "tdmrs");
	for (u32 i = 0; i < plan->nr_tdmrs; i++)
		json_tdmr(&j, &plan->tdmrs[i]);
	json_end(&j);
	json_excluded(&j, &p->planner);
	json_bool(&j, "incomplete", p->incomplete);
	json_linux(&j, &p->kernel);
	json_object(&j, "totals");
	json_u64(&j, "tdx_bytes", plan->tdx_bytes);
	json_u64(&j, "pamt_bytes", plan->pamt_bytes);
	json_u64(&j, "largest_contiguous", plan->largest_contiguous);
	json_end(&j);
	json_end(&j);
}

static void text_excluded(FILE *to, const struct tdmr_planner *planner)
{
	char size[32];

	for (u32 i = 0; i < planner->nr_excluded; i++) {
		const struct tdmr_excluded *x = &planner->excluded[i];

		fprintf(to, "  [0x%llx, 0x%llx)  %s: %s\n", x->start, x->end,
			out_bytes(size, sizeof(size), x->end - x->start),
			tdmr_reason_text(x->reason));
	}
}

static bool is_outside(const struct tdmr_planner *planner, u64 start, u64 end)
{
	for (u32 i = 0; i < planner->nr_excluded; i++) {
		const struct tdmr_excluded *x = &planner->excluded[i];

		if (x->reason == TDMR_OUTSIDE_CMRS && x->start <= start && end <= x->end)
			return true;
	}
	return false;
}

/* Does the node have memory, but no CMR?  It is CXL or persistent memory then. */
static bool node_is_outside(const struct tdmr_input *in, const struct tdmr_planner *planner, s32 node)
{
	for (u32 i = 0; i < in->nr_ram; i++)
		if (in->ram[i].node == node &&
		    !is_outside(planner, in->ram[i].start, in->ram[i].end))
			return false;
	return true;
}

static void text_nodes_outside(FILE *to, const struct tdmr_input *in,
			       const struct tdmr_planner *planner)
{
	s32 last = -1;

	for (u32 i = 0; i < in->nr_ram; i++) {
		s32 node = in->ram[i].node;

		if (node <= last || !node_is_outside(in, planner, node))
			continue;
		fprintf(to, "  all of node %d lies outside the CMRs: it is CXL or persistent memory, which is never convertible\n",
			node);
		last = node;
	}
}

/* Kernels with CONFIG_INTEL_TDX_HOST have a planner of their own, with simpler rules. */
static void text_linux(const struct linux_advice *a)
{
	char size[32];

	if (a->works) {
		puts("Linux's own planner would succeed too");
		return;
	}
	printf("Linux's own planner (CONFIG_INTEL_TDX_HOST) would fail: %s\n", a->reason);
	if (!a->nr_unused)
		return;
	printf("  it would succeed without %s of RAM, with this on the kernel command line (in GRUB, write \\$ for $):\n ",
	       out_bytes(size, sizeof(size), a->unused_bytes));
	for (u32 i = 0; i < a->nr_unused; i++)
		printf(" memmap=0x%llx$0x%llx", a->unused[i].end - a->unused[i].start,
		       a->unused[i].start);
	putchar('\n');
}

static u64 pamt_bytes(const struct tdmr *t)
{
	return t->pamt[TDX_PS_4K].size + t->pamt[TDX_PS_2M].size + t->pamt[TDX_PS_1G].size;
}

void plan_text(const struct tdmr_input *in, const struct planning *p)
{
	const struct tdmr_plan *plan = &p->plan;
	char size[32], pamt[32];
	u32 i;

	printf("TDMR  %-16s %8s  node  %-16s %9s  pieces  reserved\n",
	       "base", "size", "PAMT at", "PAMT");
	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];
		char node[16] = "?";

		if (t->node >= 0)
			snprintf(node, sizeof(node), "%d", t->node);
		printf("%4u  0x%-14llx %8s  %4s  0x%-14llx %9s  %6u  %5u/%u\n", i, t->base,
		       out_bytes(size, sizeof(size), t->size), node, t->pamt[TDX_PS_4K].base,
		       out_bytes(pamt, sizeof(pamt), pamt_bytes(t)), t->nr_pieces,
		       t->nr_reserved, in->limits.max_reserved);
	}
	printf("\nTDX memory          %s\n", out_bytes(size, sizeof(size), plan->tdx_bytes));
	printf("PAMT                %s (%.2f %%)\n", out_bytes(size, sizeof(size), plan->pamt_bytes),
	       100.0 * plan->pamt_bytes / (plan->tdx_bytes + plan->pamt_bytes));
	printf("largest contiguous  %s\n", out_bytes(size, sizeof(size), plan->largest_contiguous));
	printf("left out            %s%s\n", plan->excluded_bytes ?
	       out_bytes(size, sizeof(size), plan->excluded_bytes) : "nothing",
	       p->incomplete ? " of the memory in the log; see the notes" : "");
	text_excluded(stdout, &p->planner);
	text_nodes_outside(stdout, in, &p->planner);
	text_linux(&p->kernel);
}

static void say_no_block(const struct tdmr_planner *planner)
{
	char size[32], near[32] = "";

	if (planner->wanted_node >= 0)
		snprintf(near, sizeof(near), " near node %d", planner->wanted_node);
	fprintf(stderr, "tdxhost plan: no plan: no free block of %s%s, and too few TDMRs to split further\n",
		out_bytes(size, sizeof(size), planner->wanted), near);
}

void plan_failure(const struct tdmr_input *in, const struct planning *p, int err)
{
	const struct tdmr_planner *planner = &p->planner;

	switch (err) {
	case -ENOMEM:
		say_no_block(planner);
		break;
	case -ENOSPC:
		if (!planner->nr_excluded) {
			fputs("tdxhost plan: no plan: no reserved area is left for a PAMT\n", stderr);
			break;
		}
		fputs("tdxhost plan: no plan covers all memory; --best-effort would leave this out:\n",
		      stderr);
		text_excluded(stderr, planner);
		text_nodes_outside(stderr, in, planner);
		fputs("  on the host: load tdx_host with policy=best-effort, or keep that memory offline\n",
		      stderr);
		break;
	default:
		fprintf(stderr, "tdxhost plan: the planner rejects this input: %s\n", strerror(-err));
	}
}
