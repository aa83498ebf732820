// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include "machine.h"

u64 prng_next(struct prng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * 0x2545f4914f6cdd1dULL;
}

u64 prng_below(struct prng *rng, u64 n)
{
	return (prng_next(rng) >> 11) % n;
}

u64 prng_log(struct prng *rng, u64 lo, u64 hi)
{
	u32 bits = 1;
	u64 x;

	while (hi >> bits > lo)
		bits++;
	x = (lo ? lo : 1) << prng_below(rng, bits + 1);
	x += prng_below(rng, x + 1);
	return x > hi ? hi : x < lo ? lo : x;
}

/* ---- machines ---- */

static u64 pick_align(struct prng *rng)
{
	static const u64 align[] = { TDX_SZ_4K, TDX_SZ_2M, 128 << 20, TDX_SZ_1G };

	return align[prng_below(rng, 4)];
}

/* Up to @nr ranges in [start, end) that cover @fill sixteenths of it. */
static u32 scatter(struct prng *rng, struct tdx_range *r, u32 nr, u64 start, u64 end, u32 fill)
{
	u64 align = pick_align(rng), step = (end - start) / nr / 8 + 1, pos = start;
	u32 n;

	for (n = 0; n < nr;) {
		u64 from = pos, to;

		if (fill < 16)
			from += prng_below(rng, step * (16 - fill) + 1) &
				~((prng_below(rng, 4) ? align : TDX_SZ_4K) - 1);
		to = from + TDX_SZ_4K + prng_below(rng, step * fill + 1);
		to &= ~((prng_below(rng, 4) ? align : TDX_SZ_4K) - 1);
		if (to <= from)
			to = from + TDX_SZ_4K;
		if (to > end)
			to = end;
		if (from >= end)
			break;
		r[n++] = (struct tdx_range){ .start = from, .end = to, .node = -1 };
		pos = to;
	}
	return n;
}

/* RAM: the CMRs less about @holes holes, most of them small. */
static u32 ram_from_cmrs(struct prng *rng, struct machine *m, u32 holes)
{
	u64 total = 0, step, skip;
	u32 n = 0, i;

	for (i = 0; i < m->in.nr_cmr; i++)
		total += m->cmr[i].end - m->cmr[i].start;
	step = total / (holes + 1) + 1;
	skip = prng_below(rng, step * 2);
	for (i = 0; i < m->in.nr_cmr && n < MACHINE_MAX_RAM; i++) {
		u64 pos = m->cmr[i].start;

		while (pos < m->cmr[i].end && n < MACHINE_MAX_RAM) {
			u64 end = (pos + skip) & ~(TDX_SZ_4K - 1);

			if (end >= m->cmr[i].end) {
				end = m->cmr[i].end;
				skip -= end - pos < skip ? end - pos : skip;
			} else {
				skip = prng_below(rng, step * 2);
			}
			if (end > pos)
				m->ram[n++] = (struct tdx_range){ pos, end, -1 };
			pos = end + (prng_log(rng, 1, 1 << 16) << 12);
		}
	}
	return n;
}

static void set_nodes(struct prng *rng, struct machine *m)
{
	u32 nodes = prng_log(rng, 1, 16), i;
	u64 end = m->in.nr_ram ? m->ram[m->in.nr_ram - 1].end : 1;

	for (i = 0; i < m->in.nr_ram; i++)
		m->ram[i].node = prng_below(rng, 50) ? m->ram[i].start / (end / nodes + 1) :
				 prng_below(rng, nodes);
}

static void set_input(struct machine *m, u32 nr_ram, u32 nr_cmr)
{
	m->in.ram = m->ram;
	m->in.cmr = m->cmr;
	m->in.nr_ram = nr_ram;
	m->in.nr_cmr = nr_cmr;
}

static void set_limits(struct prng *rng, struct machine *m, u32 max_tdmrs, u32 max_reserved)
{
	struct tdmr_limits *limits = &m->in.limits;
	int level;

	limits->max_tdmrs = max_tdmrs;
	limits->max_reserved = max_reserved;
	limits->end_in_cmr = false;
	limits->entry_size[0] = prng_below(rng, 2) ? 16 : 1 + prng_below(rng, 64);
	for (level = 1; level < TDX_PS_NR; level++)
		limits->entry_size[level] = prng_below(rng, 4) ? limits->entry_size[0] :
					    1 + prng_below(rng, 64);
	m->in.coverage = prng_below(rng, 4) ? TDMR_COVER_ONLINE : TDMR_COVER_CONVERTIBLE;
	m->in.policy = prng_below(rng, 2) ? TDMR_STRICT : TDMR_BEST_EFFORT;
	m->in.tdmr_size = prng_below(rng, 4) ? 0 : prng_log(rng, 1, 4096) << 30;
}

void machine_any(struct machine *m, struct prng *rng)
{
	u64 base = prng_below(rng, 3) ? 1 << 20 : prng_log(rng, 1, 1 << 20) << 20;
	u64 end = base + (prng_log(rng, 1, 64 << 20) << 20);
	u32 want_ram = prng_below(rng, 16) ? prng_log(rng, 1, 64) : prng_log(rng, 64, 2000);
	u32 nr_ram, nr_cmr;

	nr_cmr = scatter(rng, m->cmr, prng_log(rng, 1, 32), base, end, 8 + prng_below(rng, 9));
	set_input(m, 0, nr_cmr);
	if (prng_below(rng, 4)) {
		nr_ram = ram_from_cmrs(rng, m, want_ram - 1);
	} else {
		nr_ram = scatter(rng, m->ram, want_ram, base, end, 1 + prng_below(rng, 16));
	}
	set_input(m, nr_ram, nr_cmr);
	set_nodes(rng, m);
	set_limits(rng, m, prng_below(rng, 2) ? 64 : prng_log(rng, 1, 64),
		   prng_below(rng, 2) ? 16 : prng_below(rng, 17));
	m->largest_free = prng_below(rng, 4) ? 0 : prng_log(rng, 256, 1 << 20) << 12;
	/* A free list of millions of pieces takes long and tests nothing new. */
	if (m->largest_free && m->largest_free < (end - base) / 1024)
		m->largest_free = ((end - base) / 1024) & ~(TDX_SZ_4K - 1);
}

void machine_small(struct machine *m, struct prng *rng)
{
	u64 end = (1 + prng_below(rng, 6)) << 30;
	u32 nr_ram, nr_cmr;

	nr_cmr = scatter(rng, m->cmr, 1 + prng_below(rng, 5), 1 << 20, end, 8 + prng_below(rng, 8));
	set_input(m, 0, nr_cmr);
	nr_ram = ram_from_cmrs(rng, m, prng_below(rng, 6));
	set_input(m, nr_ram, nr_cmr);
	set_nodes(rng, m);
	set_limits(rng, m, 1 + prng_below(rng, 3), prng_below(rng, 5));
	m->in.policy = TDMR_STRICT;
	m->in.tdmr_size = 0;
	m->largest_free = 0;
}

void machine_server(struct machine *m, struct prng *rng)
{
	u32 sockets = 1 << prng_below(rng, 4), clusters = 1 << prng_below(rng, 2);
	u32 nodes = sockets * clusters > 16 ? 16 : sockets * clusters, i, nr_ram;
	u64 per_node = prng_log(rng, 16, 2048) << 30, pos = 1ULL << 32;
	u64 low = (0x600ULL + prng_below(rng, 0x1e0)) << 20;

	m->cmr[0] = (struct tdx_range){ 1 << 20, low, 0 };
	for (i = 0; i < nodes; i++) {
		/* The firmware keeps the top of each node, which is not convertible. */
		u64 end = pos + per_node - (i ? 0 : 2ULL << 30);

		m->cmr[i + 1] = (struct tdx_range){ pos, end - (prng_below(rng, 8) << 25), i };
		pos = end;
	}
	set_input(m, 0, nodes + 1);
	nr_ram = ram_from_cmrs(rng, m, prng_below(rng, 8));
	/* The firmware makes 2 to 40 holes in low memory. */
	if (nr_ram + 40 < MACHINE_MAX_RAM) {
		struct tdx_range cut[40];
		u32 n = scatter(rng, cut, 2 + prng_below(rng, 39), 1 << 20, low, 14);

		for (i = 0; i < nr_ram && m->ram[i].start < low; i++)
			;
		memmove(&m->ram[n], &m->ram[i], (nr_ram - i) * sizeof(*cut));
		memcpy(m->ram, cut, n * sizeof(*cut));
		nr_ram += n - i;
	}
	set_input(m, nr_ram, nodes + 1);
	for (i = 0; i < nr_ram; i++)
		m->ram[i].node = m->cmr[tdx_ranges_find(m->cmr, nodes + 1, m->ram[i].start)].node;
	m->in.limits = (struct tdmr_limits){ 64, 16, { 16, 16, 16 }, false };
	m->in.coverage = TDMR_COVER_ONLINE;
	m->in.policy = TDMR_STRICT;
	m->in.tdmr_size = 0;
	m->largest_free = 0;
}

void machine_print(const struct machine *m)
{
	const struct tdmr_input *in = &m->in;
	u32 i;

	printf("# limits %u TDMRs, %u areas, entries %u %u %u; coverage %d policy %d size %lluG; largest free %llu K\n",
	       in->limits.max_tdmrs, in->limits.max_reserved, in->limits.entry_size[0],
	       in->limits.entry_size[1], in->limits.entry_size[2], in->coverage, in->policy,
	       in->tdmr_size >> 30, m->largest_free >> 10);
	for (i = 0; i < in->nr_cmr; i++)
		printf("# CMR: [0x%llx, 0x%llx)\n", in->cmr[i].start, in->cmr[i].end);
	for (i = 0; i < in->nr_ram && i < 100; i++)
		printf("# RAM: [0x%llx, 0x%llx) node %d\n", in->ram[i].start, in->ram[i].end,
		       in->ram[i].node);
}

/* ---- the account ---- */

struct span {
	u64 start;
	u64 end;
};

struct spans {
	u32 nr;
	struct span s[MACHINE_MAX_RAM + TDMR_MAX_EXCLUDED + 64 * 65];
};

static void span_add(struct spans *to, u64 start, u64 end)
{
	if (start < end)
		to->s[to->nr++] = (struct span){ start, end };
}

static int by_start(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Bytes that are in both lists; each is ascending and has no byte twice. */
static u64 common(const struct spans *a, const struct spans *b)
{
	u32 i = 0, j = 0;
	u64 bytes = 0;

	while (i < a->nr && j < b->nr) {
		u64 start = a->s[i].start > b->s[j].start ? a->s[i].start : b->s[j].start;
		u64 end = a->s[i].end < b->s[j].end ? a->s[i].end : b->s[j].end;

		if (start < end)
			bytes += end - start;
		if (a->s[i].end < b->s[j].end)
			i++;
		else
			j++;
	}
	return bytes;
}

static u64 total(const struct spans *a)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < a->nr; i++)
		bytes += a->s[i].end - a->s[i].start;
	return bytes;
}

/* Sorts; false if two spans overlap. */
static bool in_order(struct spans *a)
{
	u32 i;

	qsort(a->s, a->nr, sizeof(a->s[0]), by_start);
	for (i = 1; i < a->nr; i++)
		if (a->s[i].start < a->s[i - 1].end)
			return false;
	return true;
}

static void intersect(struct spans *to, const struct spans *a, const struct spans *b)
{
	u32 i, j;

	to->nr = 0;
	for (i = 0, j = 0; i < a->nr; i++) {
		while (j && b->s[j - 1].end > a->s[i].start)
			j--;
		for (; j < b->nr && b->s[j].start < a->s[i].end; j++)
			span_add(to, a->s[i].start > b->s[j].start ? a->s[i].start : b->s[j].start,
				 a->s[i].end < b->s[j].end ? a->s[i].end : b->s[j].end);
	}
}

const char *machine_account(const struct machine *m, const struct tdmr_planner *planner,
			    const struct tdmr_plan *plan, const struct pamt_sim *sim,
			    u64 free_before)
{
	static struct spans ram, cmr, cover, usable, pamt, out, outside;
	const struct tdmr_limits *limits = &m->in.limits;
	u64 bytes, ram_out;
	u32 i, j;

	ram.nr = cmr.nr = usable.nr = pamt.nr = out.nr = outside.nr = 0;
	for (i = 0; i < m->in.nr_ram; i++)
		span_add(&ram, m->ram[i].start, m->ram[i].end);
	for (i = 0; i < m->in.nr_cmr; i++)
		span_add(&cmr, m->cmr[i].start, m->cmr[i].end);
	if (m->in.coverage == TDMR_COVER_ONLINE)
		intersect(&cover, &ram, &cmr);
	else
		intersect(&cover, &cmr, &cmr);

	if (!plan->nr_tdmrs || plan->nr_tdmrs > limits->max_tdmrs)
		return "number of TDMRs";
	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];
		u64 pos = t->base;

		if (!t->size || t->base % TDX_SZ_1G || t->size % TDX_SZ_1G)
			return "a TDMR is not of whole GBs";
		if (i && t->base < t[-1].base + t[-1].size)
			return "TDMRs overlap";
		if (t->nr_reserved > limits->max_reserved)
			return "too many reserved areas";
		for (j = 0; j < t->nr_reserved; j++) {
			u64 start = t->base + t->reserved[j].base;

			if (!t->reserved[j].size || start < pos ||
			    start + t->reserved[j].size > t->base + t->size)
				return "a reserved area";
			span_add(&usable, pos, start);
			pos = start + t->reserved[j].size;
		}
		span_add(&usable, pos, t->base + t->size);
		for (j = 0; j < TDX_PS_NR; j++) {
			u64 pages = t->size / (j == 0 ? 4096 : j == 1 ? 2 << 20 : 1 << 30);

			if (t->pamt[j].size < pages * limits->entry_size[j] ||
			    t->pamt[j].size % 4096 || t->pamt[j].base % 4096)
				return "size of a PAMT";
			span_add(&pamt, t->pamt[j].base, t->pamt[j].base + t->pamt[j].size);
		}
	}
	for (i = 0; i < planner->nr_excluded; i++) {
		const struct tdmr_excluded *x = &planner->excluded[i];

		if (x->start >= x->end || x->reason >= TDMR_REASON_NR)
			return "an excluded range";
		span_add(&out, x->start, x->end);
		if (x->reason == TDMR_OUTSIDE_CMRS)
			span_add(&outside, x->start, x->end);
	}

	if (!in_order(&usable) || !in_order(&pamt) || !in_order(&out))
		return "something is there twice";
	if (common(&usable, &cmr) != total(&usable))
		return "usable memory outside the CMRs";
	if (common(&pamt, &cmr) != total(&pamt))
		return "a PAMT outside the CMRs";
	if (common(&pamt, &usable))
		return "a PAMT in usable memory";
	if (common(&out, &usable) || common(&out, &pamt))
		return "excluded, and in use";
	if (m->in.policy == TDMR_STRICT && planner->nr_excluded)
		return "strict, and leaves memory out";
	bytes = common(&cover, &usable);
	if (bytes != plan->tdx_bytes)
		return "tdx_bytes";
	if (bytes + common(&cover, &pamt) + common(&cover, &out) != total(&cover))
		return "memory is neither covered nor PAMT nor excluded";
	ram_out = total(&ram) - common(&ram, &cmr);
	if (total(&outside) != ram_out || common(&outside, &ram) != ram_out ||
	    common(&outside, &cmr))
		return "RAM outside the CMRs";
	if (total(&out) != ram_out + common(&out, &cover))
		return "excluded, and not there";
	if (plan->excluded_bytes != total(&out))
		return "excluded_bytes";
	if (plan->pamt_bytes != total(&pamt) ||
	    pamt_sim_free_bytes(sim) + plan->pamt_bytes != free_before)
		return "pamt_bytes";
	return NULL;
}

/* ---- the search ---- */

struct search {
	const struct machine *m;
	const struct pamt_sim *sim;
	struct spans *cover;
	struct span tdmr[8];
	u32 nr_tdmrs;
	struct span piece[24];
	u32 nr_pieces;
	u64 size[24];
	u32 nr_sizes;
	u32 budget;
};

static bool covers(const struct spans *cover, u64 start, u64 end)
{
	u32 i;

	for (i = 0; i < cover->nr; i++)
		if (cover->s[i].start < end && start < cover->s[i].end)
			return true;
	return false;
}

/* Areas that TDMR @t needs: holes and pieces with nothing to cover between them share one. */
static u32 search_areas(const struct search *s, const struct span *t)
{
	struct span r[64];
	u32 nr = 0, i, areas = 0;
	u64 pos = t->start;

	for (i = 0; i <= s->m->in.nr_cmr; i++) {
		u64 start = i ? s->m->cmr[i - 1].end : 0;
		u64 end = i < s->m->in.nr_cmr ? s->m->cmr[i].start : ~0ULL;

		if (start < end && start < t->end && end > t->start)
			r[nr++] = (struct span){ start, end };
	}
	for (i = 0; i < s->nr_pieces; i++)
		if (s->piece[i].start < t->end && s->piece[i].end > t->start)
			r[nr++] = s->piece[i];
	qsort(r, nr, sizeof(r[0]), by_start);
	for (i = 0; i < nr; i++) {
		if (!areas || (r[i].start > pos && covers(s->cover, pos, r[i].start)))
			areas++;
		pos = r[i].end;
	}
	/* TDX 1.0 wants the end in a CMR. */
	if (s->m->in.limits.end_in_cmr && areas && pos >= t->end) {
		for (i = 0; i < s->m->in.nr_cmr; i++)
			if (s->m->cmr[i].start <= t->end && t->end < s->m->cmr[i].end)
				return areas;
		areas++;
	}
	return areas;
}

static bool search_fits(const struct search *s)
{
	u32 i;

	for (i = 0; i < s->nr_tdmrs; i++)
		if (search_areas(s, &s->tdmr[i]) > s->m->in.limits.max_reserved)
			return false;
	return true;
}

static bool search_pieces(struct search *s);

static bool search_at(struct search *s, u64 start)
{
	struct span p = { start, start + s->size[s->nr_pieces] };
	bool is_free = false, found;
	u32 i;

	for (i = 0; i < s->sim->nr_free; i++)
		is_free |= s->sim->free[i].start <= p.start && p.end <= s->sim->free[i].end;
	for (i = 0; i < s->nr_pieces; i++)
		if (p.start < s->piece[i].end && s->piece[i].start < p.end)
			return false;
	if (!is_free || p.end < p.start || !s->budget)
		return false;
	s->budget--;
	s->piece[s->nr_pieces++] = p;
	found = search_fits(s) && search_pieces(s);
	s->nr_pieces--;
	return found;
}

/* Tries every edge of free memory, pieces and TDMRs. */
static bool search_pieces(struct search *s)
{
	u64 size = s->size[s->nr_pieces];
	u32 i;

	if (s->nr_pieces == s->nr_sizes)
		return true;
	for (i = 0; i < s->nr_pieces; i++)
		if (search_at(s, s->piece[i].end) || search_at(s, s->piece[i].start - size))
			return true;
	for (i = 0; i < s->sim->nr_free; i++)
		if (search_at(s, s->sim->free[i].start) ||
		    search_at(s, s->sim->free[i].end - size))
			return true;
	for (i = 0; i < s->nr_tdmrs; i++)
		if (search_at(s, s->tdmr[i].end) || search_at(s, s->tdmr[i].end - size) ||
		    search_at(s, s->tdmr[i].start) || search_at(s, s->tdmr[i].start - size))
			return true;
	return false;
}

static int by_size(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x > *y ? -1 : *x < *y;
}

static bool search_place(struct search *s)
{
	const u32 *entry = s->m->in.limits.entry_size;
	u32 i;

	s->nr_pieces = s->nr_sizes = 0;
	if (!search_fits(s))
		return false;
	for (i = 0; i < s->nr_tdmrs; i++) {
		u64 gbs = (s->tdmr[i].end - s->tdmr[i].start) >> 30;

		s->size[s->nr_sizes++] = (gbs * 262144 * entry[0] + 4095) / 4096 * 4096;
		s->size[s->nr_sizes++] = (gbs * 512 * entry[1] + 4095) / 4096 * 4096;
		s->size[s->nr_sizes++] = (gbs * entry[2] + 4095) / 4096 * 4096;
	}
	qsort(s->size, s->nr_sizes, sizeof(s->size[0]), by_size);
	return search_pieces(s);
}

static bool search_cuts(struct search *s, u64 from)
{
	u64 last = s->cover->nr ? s->cover->s[s->cover->nr - 1].end : 0, end;

	while (from < last && !covers(s->cover, from, from + TDX_SZ_1G))
		from += TDX_SZ_1G;
	if (from >= last)
		return s->nr_tdmrs && search_place(s);
	if (s->nr_tdmrs == s->m->in.limits.max_tdmrs)
		return false;
	for (end = from + TDX_SZ_1G; end < last + TDX_SZ_1G; end += TDX_SZ_1G) {
		bool found;

		s->tdmr[s->nr_tdmrs++] = (struct span){ from, end };
		found = search_cuts(s, end);
		s->nr_tdmrs--;
		if (found)
			return true;
	}
	return false;
}

bool machine_search(const struct machine *m, const struct pamt_sim *sim)
{
	static struct spans ram, cmr, cover;
	struct search s = { .m = m, .sim = sim, .cover = &cover, .budget = 3000 };
	u32 i;

	ram.nr = cmr.nr = 0;
	for (i = 0; i < m->in.nr_ram; i++)
		span_add(&ram, m->ram[i].start, m->ram[i].end);
	for (i = 0; i < m->in.nr_cmr; i++)
		span_add(&cmr, m->cmr[i].start, m->cmr[i].end);
	intersect(&cover, m->in.coverage == TDMR_COVER_ONLINE ? &ram : &cmr, &cmr);
	if (m->in.coverage == TDMR_COVER_ONLINE && total(&cover) != total(&ram))
		return false;
	return search_cuts(&s, 0);
}
