// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>

#include "linux_advice.h"
#include "linux_plan.h"
#include "out.h"
#include "pamt_sim.h"

#define SZ_4G (4ULL << 30)

/* alloc_contig_pages() tries the zone Normal, above 4 GB, before lower zones. */
struct zones {
	struct pamt_sim sim;
	const struct tdmr_input *in;
};

static u64 get_normal(struct zones *z, u64 size, s32 node)
{
	u64 base = 0;

	for (u32 i = 0; i < z->in->nr_ram && !base; i++) {
		const struct tdx_range *r = &z->in->ram[i];

		if (r->node == node && r->end > SZ_4G)
			base = z->sim.source.get_in(&z->sim, size, tdx_max(r->start, SZ_4G), r->end);
	}
	return base;
}

static u64 get(void *ctx, u64 size, s32 node, u64 near)
{
	struct zones *z = ctx;

	return get_normal(z, size, node) ?: z->sim.source.get(&z->sim, size, node, near);
}

static int try(const struct tdmr_input *in, struct tdmr_plan *plan, struct linux_failure *failure)
{
	struct zones zones = { .in = in };
	struct pamt_source source = { .get = get, .ctx = &zones };
	int err = pamt_sim_init(&zones.sim, in->ram, in->nr_ram, in->cmr, in->nr_cmr, 0);

	if (err)
		return -EINVAL;
	*failure = (struct linux_failure){ 0 };
	err = linux_plan(in, plan, &source, failure);
	pamt_sim_exit(&zones.sim);
	return err;
}

static bool in_cmrs(const struct tdx_range *r, const struct tdx_range *cmr, u32 nr_cmr)
{
	u32 i = tdx_ranges_find(cmr, nr_cmr, r->start);

	return i < nr_cmr && cmr[i].start <= r->start && r->end <= cmr[i].end;
}

/* Linux gives the TDX module all RAM; TDH.SYS.CONFIG refuses RAM outside the CMRs. */
static const struct tdx_range *outside_cmrs(const struct tdmr_input *in)
{
	struct tdx_range joined[TDX_MAX_CMRS];
	u32 nr = tdx_ranges_join(joined, in->cmr, in->nr_cmr);

	for (u32 i = 0; i < in->nr_ram; i++)
		if (!in_cmrs(&in->ram[i], joined, nr))
			return &in->ram[i];
	return NULL;
}

static void say_failure(struct linux_advice *a, int err, const struct linux_failure *f,
			const struct tdmr_input *in)
{
	char size[32];

	if (err == -ENOMEM)
		snprintf(a->reason, sizeof(a->reason), "no free block of %s for the PAMT of the TDMR [0x%llx, 0x%llx)",
			 out_bytes(size, sizeof(size), f->wanted), f->start, f->end);
	else if (!f->no_tdmr)
		snprintf(a->reason, sizeof(a->reason), "\"initialization failed: TDMR [0x%llx, 0x%llx): reserved areas exhausted.\": more than %u holes and PAMTs in it",
			 f->start, f->end, in->limits.max_reserved);
	else
		snprintf(a->reason, sizeof(a->reason), "\"initialization failed: TDMRs exhausted.\": more than %u stretches of RAM",
			 in->limits.max_tdmrs);
}

/* The smallest RAM range between two holes of the TDMR, which are one hole without it. */
static bool find_unused(const struct tdx_range *ram, u32 nr, const struct linux_failure *f, u32 *at)
{
	bool found = false;

	for (u32 i = 0; i < nr; i++) {
		u64 bytes = ram[i].end - ram[i].start;

		if (ram[i].start <= f->start || ram[i].end >= f->end ||
		    (i && ram[i - 1].end == ram[i].start) ||
		    (i + 1 < nr && ram[i].end == ram[i + 1].start))
			continue;
		if (found && bytes >= ram[*at].end - ram[*at].start)
			continue;
		*at = i;
		found = true;
	}
	return found;
}

static void find_help(struct linux_advice *a, struct tdmr_input in, struct tdx_range *ram,
		      struct tdmr_plan *plan, struct linux_failure f)
{
	u32 at = 0;
	int err = -ENOSPC;

	in.ram = ram;
	while (err == -ENOSPC && a->nr_unused < LINUX_MAX_UNUSED &&
	       find_unused(ram, in.nr_ram, &f, &at)) {
		a->unused[a->nr_unused++] = ram[at];
		a->unused_bytes += ram[at].end - ram[at].start;
		in.nr_ram--;
		memmove(&ram[at], &ram[at + 1], (in.nr_ram - at) * sizeof(*ram));
		err = try(&in, plan, &f);
	}
	if (err)
		a->nr_unused = 0;
}

int linux_advice(struct linux_advice *a, const struct tdmr_input *in)
{
	struct tdx_range *ram = calloc(in->nr_ram + 1, sizeof(*ram));
	struct tdmr_plan *plan = calloc(1, sizeof(*plan));
	const struct tdx_range *outside = outside_cmrs(in);
	struct linux_failure f;
	int err = ram && plan ? 0 : -ENOMEM;

	*a = (struct linux_advice){ 0 };
	if (!err) {
		memcpy(ram, in->ram, in->nr_ram * sizeof(*ram));
		err = try(in, plan, &f);
		a->works = !err && !outside;
		if (err)
			say_failure(a, err, &f, in);
		else if (outside)
			snprintf(a->reason, sizeof(a->reason), "TDH.SYS.CONFIG rejects RAM [0x%llx, 0x%llx), which no CMR covers",
				 outside->start, outside->end);
		if (err == -ENOSPC)
			find_help(a, *in, ram, plan, f);
		err = 0;
	}
	free(ram);
	free(plan);
	return err;
}
