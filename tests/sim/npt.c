// SPDX-License-Identifier: GPL-2.0-only
/*
 * The nested tables of a vCPU.  Their root is a page of its own: in the lower half the
 * entries of the secure EPT's root, in the upper half those of the host's shared EPT, so
 * the bit that makes a GPA shared, 47, chooses.  Below, the tables are the TD's and the
 * host's own.
 *
 * The host's EPT entries are read as nested ones: read, write and execute fall on present,
 * writable and user, suppress-#VE on no-execute of an entry that is absent.  The CPU may set
 * accessed and dirty, bits of the memory type: KVM reads none of these.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/io.h>

#include "run.h"

#define HALF		256
#define TABLE_HPA(e)	((e) & 0xffffffffff000ULL)
#define TABLE		0x27ULL		/* present, writable, user, accessed */
#define LEAF		0x67ULL		/* dirty, too */
#define PRESENT		1ULL
#define PS		(1ULL << 7)
#define INDEX(gpa, level) ((u64)(gpa) >> (12 + 9 * (level)) & 511)

/*
 * 4 MB pages of a 32-bit guest without paging, each at its own address, and the table that
 * maps them.  QEMU 7.2 wants to write where it walks, so the guest may, too: both are the
 * CPU's own, and made anew for each VMRUN.
 */
struct identity {
	u32 *pages;
	u64 *low_4k;
};

static DEFINE_PER_CPU(struct identity, identities);

int npt_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct identity *id = per_cpu_ptr(&identities, cpu);

		id->pages = (u32 *)get_zeroed_page(GFP_KERNEL);
		id->low_4k = (u64 *)get_zeroed_page(GFP_KERNEL);
		if (!id->pages || !id->low_4k)
			return -ENOMEM;
	}
	return 0;
}

void npt_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct identity *id = per_cpu_ptr(&identities, cpu);

		free_page((unsigned long)id->pages);
		free_page((unsigned long)id->low_4k);
		*id = (struct identity){ .pages = NULL };
	}
}

static u64 make_identity(void)
{
	struct identity *id = this_cpu_ptr(&identities);
	u32 i;

	for (i = 0; i < PAGE_SIZE / sizeof(*id->pages); i++)
		id->pages[i] = i << 22 | LEAF | PS;
	id->low_4k[INDEX(RUN_IDENTITY_GPA, 0)] = __pa(id->pages) | LEAF;
	return __pa(id->low_4k);
}

static const u64 *table_at(struct run *r, u64 entry)
{
	u64 pa = TABLE_HPA(entry);

	return tdxm_plain_pa(r->c->m, pa) ? tdxm_map(r->c->m, pa) : NULL;
}

/* Entries that another CPU may be writing: each whole. */
static void copy(u64 *to, const u64 *from, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		to[i] = from ? READ_ONCE(from[i]) : 0;
}

static const u64 *below(struct run *r, const u64 *table, u64 gpa, u32 level)
{
	u64 entry = table ? READ_ONCE(table[INDEX(gpa, level)]) : 0;

	return entry & PRESENT ? table_at(r, entry) : NULL;
}

/* The way to RUN_IDENTITY_GPA, by copies of the two tables that the TD has on it. */
static bool add_identity(struct run *r)
{
	const u64 *low_1g = below(r, r->root, RUN_IDENTITY_GPA, 3);
	const u64 *low_2m = below(r, low_1g, RUN_IDENTITY_GPA, 2);

	copy(r->low_1g, low_1g, PAGE_SIZE / 8);
	copy(r->low_2m, low_2m, PAGE_SIZE / 8);
	if (r->low_2m[INDEX(RUN_IDENTITY_GPA, 1)] & PRESENT)
		return false;
	r->low_2m[INDEX(RUN_IDENTITY_GPA, 1)] = make_identity() | TABLE;
	r->low_1g[INDEX(RUN_IDENTITY_GPA, 2)] = r->low_2m_pa | TABLE;
	r->root[INDEX(RUN_IDENTITY_GPA, 3)] = r->low_1g_pa | TABLE;
	return true;
}

bool npt_make_root(struct run *r, bool paged)
{
	const struct tdxm_call *c = r->c;
	const u64 *private = tdxm_map(c->m, c->td->tdcx[TDXM_SEPT_ROOT]);
	const u64 *shared = table_at(r, c->vp->shared_eptp);

	/* The depth of nested tables is that of the host's own: four levels. */
	if (c->td->root_level != 3 || !private)
		return false;
	copy(r->root, private, HALF);
	copy(r->root + HALF, c->vp->shared_eptp && shared ? shared + HALF : NULL, HALF);
	return paged || add_identity(r);
}

static bool read_gpa(const struct run *r, u64 gpa, void *to, u32 size)
{
	const u8 *page = tdxm_guest_page(r->c, gpa);

	if (!page)
		return false;
	memcpy(to, page + (gpa & ~PAGE_MASK), size);
	return true;
}

bool npt_translate(const struct run *r, u64 linear, u64 *gpa)
{
	u64 entry = r->vmcb->cr3;
	int level;

	if (!run_paged(r)) {
		*gpa = (u32)linear;
		return true;
	}
	for (level = 3; level >= 0; level--) {
		if (!read_gpa(r, TABLE_HPA(entry) + 8 * INDEX(linear, level), &entry, sizeof(entry)) ||
		    !(entry & PRESENT))
			return false;
		if (!level || (level < 3 && entry & PS))
			break;
	}
	*gpa = (TABLE_HPA(entry) & ~((1ULL << (12 + 9 * level)) - 1)) |
	       (linear & ((1ULL << (12 + 9 * level)) - 1));
	return true;
}

u32 npt_read(const struct run *r, u64 linear, void *to, u32 size)
{
	u32 done, piece;
	u64 gpa;

	for (done = 0; done < size; done += piece) {
		piece = min_t(u32, size - done, PAGE_SIZE - offset_in_page(linear + done));
		if (!npt_translate(r, linear + done, &gpa) || !read_gpa(r, gpa, to + done, piece))
			break;
	}
	return done;
}

u32 npt_fetch(const struct run *r, u8 *to, u32 size)
{
	return npt_read(r, r->vmcb->cs.base + r->vmcb->rip, to, size);
}
