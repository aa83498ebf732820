// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include "pamt_sim.h"

static int make_room(struct pamt_sim *sim)
{
	size_t room = sim->room ? sim->room * 2 : 64;
	struct tdx_range *free;

	if (sim->nr_free < sim->room)
		return 0;
	if (room > UINT32_MAX)	/* the range helpers count in u32 */
		return -ENOMEM;
	free = realloc(sim->free, room * sizeof(*free));
	if (!free)
		return -ENOMEM;
	sim->free = free;
	sim->room = room;
	return 0;
}

static int append(struct pamt_sim *sim, u64 start, u64 end, s32 node)
{
	struct tdx_range *last = sim->nr_free ? &sim->free[sim->nr_free - 1] : NULL;
	int err;

	if (last && last->end == start && last->node == node) {
		last->end = end;
		return 0;
	}
	err = make_room(sim);
	if (!err)
		sim->free[sim->nr_free++] =
			(struct tdx_range){ .start = start, .end = end, .node = node };
	return err;
}

static int append_fragmented(struct pamt_sim *sim, u64 start, u64 end, s32 node)
{
	u64 to;
	int err = 0;

	for (; start < end && !err; start = to + TDX_SZ_4K) {
		to = sim->largest_free ? tdx_min(end, start + sim->largest_free) : end;
		err = append(sim, start, to, node);
		if (to == end)
			break;
	}
	return err;
}

static u64 take(struct pamt_sim *sim, u32 i, u64 base, u64 size)
{
	if (make_room(sim))
		return 0;
	tdx_ranges_cut(sim->free, &sim->nr_free, i, base, size);
	return base;
}

/* Joins free range @i with the one before it, if they touch. */
static void join(struct pamt_sim *sim, u32 i)
{
	struct tdx_range *r = &sim->free[i];

	if (!i || i >= sim->nr_free || r[-1].end != r->start || r[-1].node != r->node)
		return;
	r[-1].end = r->end;
	sim->nr_free--;
	memmove(r, r + 1, (sim->nr_free - i) * sizeof(*r));
}

static u64 get_in(void *ctx, u64 size, u64 start, u64 end)
{
	struct pamt_sim *sim = ctx;
	u32 i;

	if (sim->largest_free && size > sim->largest_free)
		return 0;
	i = tdx_ranges_find(sim->free, sim->nr_free, start);
	for (; i < sim->nr_free && sim->free[i].start < end; i++) {
		u64 base = tdx_max(start, sim->free[i].start);

		if (tdx_min(end, sim->free[i].end) >= base + size)
			return take(sim, i, base, size);
	}
	return 0;
}

static u64 get(void *ctx, u64 size, s32 node, u64 near)
{
	struct pamt_sim *sim = ctx;
	u32 i, any = sim->nr_free;
	u64 base = near ? get_in(sim, size, near, near + size) : 0;

	if (base || (sim->largest_free && size > sim->largest_free))
		return base;
	for (i = 0; i < sim->nr_free; i++) {
		if (sim->free[i].end - sim->free[i].start < size)
			continue;
		if (sim->free[i].node == node)
			return take(sim, i, sim->free[i].start, size);
		if (any == sim->nr_free)
			any = i;
	}
	return any < sim->nr_free ? take(sim, any, sim->free[any].start, size) : 0;
}

static void put(void *ctx, u64 base, u64 size)
{
	struct pamt_sim *sim = ctx;
	u32 i = tdx_ranges_find(sim->free, sim->nr_free, base);
	s32 node = sim->ram[tdx_ranges_find(sim->ram, sim->nr_ram, base)].node;
	u64 end = base + size;
	struct tdx_range *r;

	if (make_room(sim))
		abort();
	r = &sim->free[i];
	memmove(r + 1, r, (sim->nr_free - i) * sizeof(*r));
	sim->nr_free++;
	*r = (struct tdx_range){ .start = base, .end = end, .node = node };
	join(sim, i + 1);
	join(sim, i);
}

u64 pamt_sim_free_bytes(const struct pamt_sim *sim)
{
	return tdx_ranges_bytes(sim->free, sim->nr_free);
}

int pamt_sim_init(struct pamt_sim *sim, const struct tdx_range *ram, u32 nr_ram,
		  const struct tdx_range *cmr, u32 nr_cmr, u64 largest_free)
{
	struct tdx_range joined[TDX_MAX_CMRS];
	int err = 0;
	u32 r, c;

	memset(sim, 0, sizeof(*sim));
	if ((largest_free & (TDX_SZ_4K - 1)) || nr_cmr > TDX_MAX_CMRS)
		return -EINVAL;
	sim->largest_free = largest_free;
	sim->ram = ram;
	sim->nr_ram = nr_ram;
	sim->source = (struct pamt_source){
		.get = get, .get_in = get_in, .put = put, .ctx = sim,
	};
	nr_cmr = tdx_ranges_join(joined, cmr, nr_cmr);
	for (r = 0; r < nr_ram; r++) {
		c = tdx_ranges_find(joined, nr_cmr, ram[r].start);
		for (; c < nr_cmr && joined[c].start < ram[r].end && !err; c++) {
			/* No piece at address 0, which means "none". */
			u64 start = tdx_max(tdx_max(ram[r].start, joined[c].start), TDX_SZ_4K);
			u64 end = tdx_min(ram[r].end, joined[c].end);

			if (start < end)
				err = append_fragmented(sim, start, end, ram[r].node);
		}
	}
	if (err)
		pamt_sim_exit(sim);
	return err;
}

void pamt_sim_exit(struct pamt_sim *sim)
{
	free(sim->free);
	sim->free = NULL;
	sim->nr_free = 0;
	sim->room = 0;
}
