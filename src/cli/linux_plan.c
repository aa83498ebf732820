// SPDX-License-Identifier: GPL-2.0-only
#include "linux_plan.h"

static int make_tdmrs(const struct tdmr_input *in, struct tdmr_plan *plan,
		      struct linux_failure *failure)
{
	plan->nr_tdmrs = 0;
	for (u32 i = 0; i < in->nr_ram; i++) {
		u64 start = tdx_round_down(in->ram[i].start, TDX_SZ_1G);
		u64 end = tdx_round_up(in->ram[i].end, TDX_SZ_1G);
		struct tdmr *t = &plan->tdmrs[plan->nr_tdmrs];

		if (plan->nr_tdmrs) {
			u64 last_end = t[-1].base + t[-1].size;

			if (end <= last_end)
				continue;
			start = tdx_max(start, last_end);
		}
		if (plan->nr_tdmrs == tdx_min(in->limits.max_tdmrs, TDX_MAX_TDMRS)) {
			*failure = (struct linux_failure){ in->ram[i].start, in->ram[i].end, true, 0 };
			return -ENOSPC;
		}
		t->base = start;
		t->size = end - start;
		t->node = in->ram[i].node;
		t->nr_pieces = t->nr_placed = 1;
		plan->nr_tdmrs++;
	}
	return 0;
}

static int make_pamts(const struct tdmr_input *in, struct tdmr_plan *plan,
		      const struct pamt_source *src, struct linux_failure *failure)
{
	plan->pamt_bytes = plan->largest_contiguous = 0;
	for (u32 i = 0; i < plan->nr_tdmrs; i++) {
		struct tdmr *t = &plan->tdmrs[i];
		u64 size = 0, base;

		for (int l = 0; l < TDX_PS_NR; l++) {
			t->pamt[l].size = tdmr_pamt_size(t->size, l, in->limits.entry_size[l]);
			size += t->pamt[l].size;
		}
		base = src->get(src->ctx, size, t->node, 0);
		if (!base) {
			*failure = (struct linux_failure){ t->base, t->base + t->size, false, size };
			return -ENOMEM;
		}
		for (int l = 0; l < TDX_PS_NR; l++) {
			t->pamt[l].base = base;
			base += t->pamt[l].size;
		}
		plan->pamt_bytes += size;
		plan->largest_contiguous = tdx_max(plan->largest_contiguous, size);
	}
	return 0;
}

static int reserve(const struct tdmr_input *in, struct tdmr *t, u64 start, u64 end)
{
	start = tdx_max(start, t->base);
	end = tdx_min(end, t->base + t->size);
	if (start >= end)
		return 0;
	if (t->nr_reserved == tdx_min(in->limits.max_reserved, TDX_MAX_RESERVED))
		return -ENOSPC;
	t->reserved[t->nr_reserved++] = (struct tdmr_area){ start - t->base, end - start };
	return 0;
}

static void sort_areas(struct tdmr *t)
{
	for (u32 i = 1; i < t->nr_reserved; i++)
		for (u32 j = i; j && t->reserved[j].base < t->reserved[j - 1].base; j--) {
			struct tdmr_area area = t->reserved[j];

			t->reserved[j] = t->reserved[j - 1];
			t->reserved[j - 1] = area;
		}
}

static int fill_areas(const struct tdmr_input *in, const struct tdmr_plan *plan, struct tdmr *t)
{
	u64 end = 0;

	t->nr_reserved = 0;
	for (u32 r = 0; r <= in->nr_ram; r++) {
		if (reserve(in, t, end, r < in->nr_ram ? in->ram[r].start : TDX_MAX_PA))
			return -ENOSPC;
		if (r < in->nr_ram)
			end = in->ram[r].end;
	}
	for (u32 p = 0; p < plan->nr_tdmrs; p++) {
		const struct tdmr_area *pamt = plan->tdmrs[p].pamt;

		if (reserve(in, t, pamt[TDX_PS_4K].base,
			    pamt[TDX_PS_1G].base + pamt[TDX_PS_1G].size))
			return -ENOSPC;
	}
	sort_areas(t);
	return 0;
}

static int make_areas(const struct tdmr_input *in, struct tdmr_plan *plan,
		      struct linux_failure *failure)
{
	for (u32 i = 0; i < plan->nr_tdmrs; i++) {
		struct tdmr *t = &plan->tdmrs[i];

		if (fill_areas(in, plan, t)) {
			*failure = (struct linux_failure){ t->base, t->base + t->size, false, 0 };
			return -ENOSPC;
		}
	}
	return 0;
}

int linux_plan(const struct tdmr_input *in, struct tdmr_plan *plan,
	       const struct pamt_source *src, struct linux_failure *failure)
{
	struct linux_failure unused;
	int err;

	if (!failure)
		failure = &unused;
	err = make_tdmrs(in, plan, failure);
	if (!err)
		err = make_pamts(in, plan, src, failure);
	if (!err)
		err = make_areas(in, plan, failure);
	return err;
}
