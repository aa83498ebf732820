// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "out.h"
#include "plan_gaps.h"

#define SZ_4G		(4ULL << 30)
/* Firmware and the kernel reserve less than this. */
#define LEAST_GAP	TDX_SZ_1G
#define LOW_MEMORY	(1ULL << 20)

static u64 ram_end(const struct plan_input *in)
{
	return in->nr_ram ? in->ram[in->nr_ram - 1].end : 0;
}

static int by_start(const void *a, const void *b)
{
	const struct tdx_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Keeps only RAM that the kernel was allowed to use: node lines list nothing else. */
static int keep_user_map(struct plan_input *in, FILE *to)
{
	struct log_facts *facts = &in->facts;
	struct plan_ranges kept = { 0 };
	char a[32], b[32];
	u64 all = tdx_max(tdx_ranges_bytes(in->ram, in->nr_ram), facts->usable), ram;
	int err = 0;
	u32 i, u;

	if (!facts->user_map || !facts->nr_user)
		return 0;
	qsort(facts->user, facts->nr_user, sizeof(*facts->user), by_start);
	for (u = 0; u < facts->nr_user && !err; u++)
		for (i = tdx_ranges_find(in->ram, in->nr_ram, facts->user[u].start);
		     i < in->nr_ram && in->ram[i].start < facts->user[u].end && !err; i++)
			err = input_add(in, &kept, tdx_max(in->ram[i].start, facts->user[u].start),
					tdx_min(in->ram[i].end, facts->user[u].end),
					in->ram[i].node, 0);
	if (!err)
		err = input_sort(in, &kept);
	if (!err && kept.nr) {
		free(in->ram);
		err = input_set_ram(in, &kept);
		ram = tdx_ranges_bytes(in->ram, in->nr_ram);
		if (!err && ram < all)
			fprintf(to, "note: because of mem=, memmap= or kexec, this kernel uses %s of the firmware's %s of RAM; the plan covers only the RAM that it uses\n",
				out_bytes(a, sizeof(a), ram),
				out_bytes(b, sizeof(b), all));
	}
	free(kept.at);
	return err == -ENOMEM ? err : 0;
}

/* Below 4 GB the SRAT includes the holes for PCI. */
static int add_srat(struct plan_input *in, u64 *added)
{
	struct log_facts *facts = &in->facts;
	struct tdx_range *ram = realloc(in->ram, (in->nr_ram + facts->nr_srat + 1) * sizeof(*ram));
	u32 i;

	if (!ram)
		return -ENOMEM;
	in->ram = ram;
	qsort(facts->srat, facts->nr_srat, sizeof(*facts->srat), by_start);
	for (i = 0; i < facts->nr_srat; i++) {
		struct tdx_range r = facts->srat[i];

		r.start = tdx_round_up(tdx_max(tdx_max(r.start, SZ_4G), ram_end(in)), TDX_SZ_4K);
		r.end = tdx_round_down(r.end, TDX_SZ_4K);
		if (r.start >= r.end || r.end - r.start < LEAST_GAP)
			continue;
		*added += r.end - r.start;
		in->ram[in->nr_ram++] = r;
	}
	return 0;
}

static bool name_gap(FILE *to, const char *who, u64 start, u64 end)
{
	char size[32];

	if (end <= start || end - start < LEAST_GAP)
		return false;
	fprintf(to, "note: %s contains [0x%llx, 0x%llx), %s, but the memory map in the log has no RAM there: lines are missing\n",
		who, start, end, out_bytes(size, sizeof(size), end - start));
	return true;
}

/* Names stretches of @r above 4 GB without RAM. */
static bool name_gaps(FILE *to, const struct plan_input *in, const char *who,
		      const struct tdx_range *r)
{
	u64 at = tdx_max(r->start, SZ_4G);
	bool found = false;
	u32 i;

	for (i = tdx_ranges_find(in->ram, in->nr_ram, at);
	     i < in->nr_ram && in->ram[i].start < r->end; i++) {
		found |= name_gap(to, who, at, in->ram[i].start);
		at = in->ram[i].end;
	}
	return name_gap(to, who, at, r->end) || found;
}

/* The kernel counts RAM without its reservations: a bit less than in the map. */
static bool name_total(FILE *to, const struct plan_input *in, u64 ram)
{
	char a[32], b[32];

	if (in->facts.total < ram + LEAST_GAP / 4 || in->facts.total - ram < in->facts.total / 256)
		return false;
	fprintf(to, "note: the kernel counted %s of RAM, but the memory map in the log has %s: lines are missing\n",
		out_bytes(a, sizeof(a), in->facts.total), out_bytes(b, sizeof(b), ram));
	return true;
}

/* If there are node lines, they are the RAM: some of them may be lost. */
static bool name_nodes(FILE *to, const struct plan_input *in, u64 ram)
{
	char a[32], b[32];

	if (in->facts.usable < ram + LEAST_GAP)
		return false;
	fprintf(to, "note: the e820 map has %s of RAM, but the node lines in the log have %s: lines are missing\n",
		out_bytes(a, sizeof(a), in->facts.usable), out_bytes(b, sizeof(b), ram));
	return true;
}

static bool name_ends(FILE *to, const struct plan_input *in, u64 end)
{
	bool found = false;

	if (in->facts.map_start != ~0ULL && in->facts.map_start > LOW_MEMORY) {
		fprintf(to, "note: the memory map in the log begins at 0x%llx: earlier lines are missing\n",
			in->facts.map_start);
		found = true;
	}
	if (in->facts.garbled && in->ram[0].node < 0) {
		fprintf(to, "note: %u line(s) of the memory map are cut off: RAM may be missing\n",
			in->facts.garbled);
		found = true;
	}
	if (in->facts.ends_in_map && in->facts.cut) {
		fputs("note: the log ends in the middle of the memory map: the RAM after it is unknown\n", to);
		found = true;
	} else if (in->facts.ends_in_map && !in->nr_cmr) {
		fputs("note: the log ends after the memory map: if it was cut there, RAM is missing\n", to);
	} else if (in->facts.top > end && in->facts.top - end >= LEAST_GAP) {
		fprintf(to, "note: RAM ends at 0x%llx, but in the log's memory map at 0x%llx: lines are missing\n",
			in->facts.top, end);
		found = true;
	}
	return found;
}

void plan_kinds(const struct plan_input *in, FILE *to)
{
	char size[32];

	if (in->facts.soft_reserved)
		fprintf(to, "note: %s is soft reserved (CXL or HBM) and not yet RAM; this memory is never convertible, so with it as RAM (kmem) bring-up fails if policy=strict: keep it a dax device, or use policy=best-effort\n",
			out_bytes(size, sizeof(size), in->facts.soft_reserved));
	if (in->facts.persistent)
		fprintf(to, "note: %s is persistent memory; it is never convertible, so with it as RAM (kmem) bring-up fails if policy=strict: keep it a dax device, or use policy=best-effort\n",
			out_bytes(size, sizeof(size), in->facts.persistent));
}

int plan_gaps(struct plan_input *in, FILE *to, bool *incomplete)
{
	int err = keep_user_map(in, to);
	u64 ram, end, added = 0;
	char size[32];
	u32 i;

	*incomplete = false;
	if (err || in->facts.user_map) {	/* less RAM on purpose: nothing is missing */
		plan_kinds(in, to);
		return err;
	}
	ram = tdx_ranges_bytes(in->ram, in->nr_ram);
	end = ram_end(in);
	*incomplete = name_ends(to, in, end);
	*incomplete |= name_total(to, in, ram);
	*incomplete |= name_nodes(to, in, ram);
	err = add_srat(in, &added);
	if (err)
		return err;
	if (added)
		fprintf(to, "note: %s beyond the end of the memory map, 0x%llx, is assumed to be RAM, because the SRAT lists it: lines are missing\n",
			out_bytes(size, sizeof(size), added), end);
	*incomplete |= added;
	for (i = 0; i < in->facts.nr_srat; i++)
		*incomplete |= name_gaps(to, in, "the SRAT", &in->facts.srat[i]);
	for (i = 0; i < in->nr_cmr; i++)
		*incomplete |= name_gaps(to, in, "a CMR", &in->cmr[i]);
	plan_kinds(in, to);
	return 0;
}
