// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that the host has written back and invalidated.  A flush counts whenever it
 * was made, even before TDH.SYS.CONFIG: the model cannot see what the host has written
 * since.
 */
#include "model_state.h"

#define LINE	64

static void insert(struct tdxm *m, u64 start, u64 end)
{
	struct tdxm_flushed *f = m->flushed;
	u32 first = 0, last, n = m->nr_flushed;

	/* [first, last): the entries that touch the new one. */
	while (first < n && f[first].end < start)
		first++;
	for (last = first; last < n && f[last].start <= end; last++) {
		if (f[last].start < start)
			start = f[last].start;
		if (f[last].end > end)
			end = f[last].end;
	}
	if (first == last) {
		/* Full: forgetting a flush is strict, never lenient. */
		if (n == TDXM_MAX_FLUSHED)
			return;
		memmove(&f[first + 1], &f[first], (n - first) * sizeof(*f));
		m->nr_flushed = n + 1;
	} else {
		memmove(&f[first + 1], &f[last], (n - last) * sizeof(*f));
		m->nr_flushed = n - (last - first) + 1;
	}
	f[first].start = start;
	f[first].end = end;
}

void tdxm_clflush(struct tdxm *m, u64 pa, u64 size)
{
	u64 start = pa & ~(u64)(LINE - 1);
	u64 end = (pa + size + LINE - 1) & ~(u64)(LINE - 1);

	/* While the module is up none counts: let_go() would forget it. */
	if (!size || end <= start || tdxm_ready(m))
		return;
	tdxm_spin_lock(&m->flush_lock);
	insert(m, start, end);
	tdxm_spin_unlock(&m->flush_lock);
}

static u32 pkg_of(const struct tdxm *m, u32 lp)
{
	return 1U << m->machine.lp_pkg[lp];
}

void tdxm_flush_called(struct tdxm *m, u32 lp)
{
	if (!(__atomic_load_n(&m->pkgs_called, __ATOMIC_RELAXED) & pkg_of(m, lp)))
		__atomic_fetch_or(&m->pkgs_called, pkg_of(m, lp), __ATOMIC_ACQ_REL);
}

/* A call under way marks its package again when it ends. */
void tdxm_wbinvd(struct tdxm *m, u32 lp)
{
	if (lp >= m->machine.nr_lps)
		return;
	__atomic_fetch_or(&m->pkgs_flushed, pkg_of(m, lp), __ATOMIC_ACQ_REL);
	__atomic_fetch_and(&m->pkgs_called, ~pkg_of(m, lp), __ATOMIC_ACQ_REL);
}

static bool all_packages_flushed(const struct tdxm *m)
{
	return __atomic_load_n(&m->pkgs_flushed, __ATOMIC_ACQUIRE) == m->pkgs;
}

u64 tdxm_first_unflushed(struct tdxm *m, const struct tdxm_area *area)
{
	u64 pa = area->base, end = area->base + area->size;
	u32 i;

	if (all_packages_flushed(m))
		return end;
	tdxm_spin_lock(&m->flush_lock);
	for (i = 0; i < m->nr_flushed && m->flushed[i].start <= pa; i++)
		if (m->flushed[i].end > pa)
			pa = m->flushed[i].end;
	tdxm_spin_unlock(&m->flush_lock);
	return pa < end ? pa & ~(TDXM_4K - 1) : end;
}

/* But not of a package that has been silent since: all its CPUs may be offline. */
void tdxm_flush_forget(struct tdxm *m)
{
	u32 called = __atomic_load_n(&m->pkgs_called, __ATOMIC_ACQUIRE);

	tdxm_spin_lock(&m->flush_lock);
	m->nr_flushed = 0;
	tdxm_spin_unlock(&m->flush_lock);
	__atomic_fetch_and(&m->pkgs_flushed, ~called, __ATOMIC_ACQ_REL);
}

static u64 unflushed_bytes(struct tdxm *m, const struct tdxm_area *area)
{
	u64 left = area->size, end = area->base + area->size;
	u32 i;

	tdxm_spin_lock(&m->flush_lock);
	for (i = 0; i < m->nr_flushed; i++) {
		const struct tdxm_flushed *f = &m->flushed[i];
		u64 from = f->start > area->base ? f->start : area->base;
		u64 to = f->end < end ? f->end : end;

		if (from < to)
			left -= to - from;
	}
	tdxm_spin_unlock(&m->flush_lock);
	return left;
}

u64 tdxm_unflushed_after_shutdown(struct tdxm *m)
{
	u64 bytes = 0;
	u32 i, level;

	if (!__atomic_load_n(&m->down, __ATOMIC_ACQUIRE) || all_packages_flushed(m))
		return 0;
	for (i = 0; i < m->nr_tdmrs; i++)
		for (level = 0; level < TDXM_PS_NR; level++)
			bytes += unflushed_bytes(m, &m->tdmrs[i].pamt[level]);
	return bytes;
}

static void check_page(struct tdxm *m, u64 pa)
{
	const struct tdxm_area page = { .base = pa, .size = TDXM_4K };

	if (!__atomic_load_n(&m->down, __ATOMIC_ACQUIRE))
		tdxm_violate(m, TDXM_V_PAMT_FREED, TDXM_NO_LP, 0, pa);
	else if (tdxm_first_unflushed(m, &page) == pa)
		tdxm_violate(m, TDXM_V_PAMT_FREED_UNFLUSHED, TDXM_NO_LP, 0, pa);
}

/* Before READY the module has not written to them. */
void tdxm_check_freed(struct tdxm *m, bool (*is_free)(void *ctx, u64 pa))
{
	u32 i, level;
	u64 off;

	if (m->pkgs_keyed != m->pkgs)
		return;
	for (i = 0; i < m->nr_tdmrs; i++)
		for (level = 0; level < TDXM_PS_NR; level++) {
			const struct tdxm_area *a = &m->tdmrs[i].pamt[level];

			for (off = 0; off < a->size; off += TDXM_4K)
				if (is_free(m->host.ctx, a->base + off))
					check_page(m, a->base + off);
		}
}
