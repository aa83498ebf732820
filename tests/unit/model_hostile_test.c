// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hostile guest: a TD with two vCPUs that calls any leaf of the TDX module, and executes any
 * instruction that the module emulates, with any operands.  All memory but what the TD may
 * change is read-only meanwhile, and another TD's is not even that: an access is a segmentation
 * fault.  The seed is fixed: it is always the same run.
 */
#include <sys/mman.h>

#include "model_case.h"
#include "td_rig.h"
#include "model_state.h"

#define NR_CALLS	1000000		/* TDCALLs; instructions come on top of them */
#define STEPS		64		/* of a vCPU in a row, at most */

#define NO_LEAF		127		/* for any leaf, or version of one, that there is not */
#define VM_RD_V1	(TDG_VM_RD | 1 << 16)
#define NR_LEAVES	32		/* numbers that most calls choose from */

/* What lies where in the TD's memory. */
#define GPA_MAPPED	0x0000ULL	/* and the next page */
#define GPA_BLOCKED	0x2000ULL
#define GPA_REMOVED	0x3000ULL
#define GPA_PENDING	0x5000ULL	/* until it is accepted; from time to time anew */
#define GPA_PENDING_BLOCKED 0x6000ULL
#define GPA_FREE	0x7000ULL
#define GPA_2M_PENDING	(2 * MB)
#define GPA_2M_BLOCKED	(4 * MB)
#define GPA_NO_TABLE	(6 * MB)	/* the table is blocked */
#define GPA_NOWHERE	(1 * GB)
#define GPA_SHARED	(1ULL << 47)
#define LEVEL_2M	1

#define TDVPR2		PAGE(24)
#define SHARED_EPTP	(11 * MB)
#define MD_EPTP		0x000000030000203cULL

/* Another TD's. */
#define OTHER(n)	PAGE(4096 + (n))
#define OTHER_VP	OTHER(7)
#define NR_OTHER	32
#define OTHER_KEYID	(KEYID + 1)

static const struct answer list[] = {
#include "model_guest_answers.inc"
};

static bool seen[NR(list)];
static struct answers answers = { list, NR(list), seen };

static const struct {
	u64 tdvpr;
	u32 lp;
} vcpus[] = { { TDVPR, 0 }, { TDVPR2, 1 } };

static u64 seed = 0x9e3779b97f4a7c15ULL;
static u32 calls, succeeded[NR_LEAVES];

static u64 any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static const u64 edges[] = {
	2, 3, 4, 8, 63, 64, 1024, 0xfff, 0xfc00, GPA_MAPPED + 0x1000, GPA_BLOCKED, GPA_REMOVED,
	GPA_PENDING, GPA_PENDING_BLOCKED, GPA_FREE, GPA_2M_PENDING, GPA_2M_PENDING | LEVEL_2M,
	GPA_2M_BLOCKED, GPA_2M_BLOCKED | LEVEL_2M, GPA_NO_TABLE, GPA_NO_TABLE | LEVEL_2M,
	GPA_NOWHERE, GPA_NOWHERE | 2, GPA_SHARED, GPA_SHARED - 1, GPA_SHARED - 4096, 1ULL << 52,
	1ULL << 62,
	/* The ends of pages, before one that is not the guest's to write. */
	GPA_BLOCKED - 64, GPA_PENDING_BLOCKED - 64, GPA_2M_BLOCKED - 64, GPA_2M_PENDING - 64,
};

/* Of the TD, the vCPU and the module; some are none of the guest's. */
static const u64 fields[] = {
	0x1110000300000017, 0x9110000300000010, 0x9410000300000000, 0x1310000300000000,
	0xa020000200000002, 0xa020000000000007, 0xa020000300000050, 0xa020000300000058,
	0xa120000000000000, 0xa120000000000080, 0x0024000300006820, 0xa020000000000000,
	0x0800000200000000, 0x0a00000300000008, 0x9000000100000000,
};

/* Mostly what a check looks for, or what is beside it. */
static u64 any_operand(void)
{
	u64 n = any(), field = fields[(n >> 8) % NR(fields)], edge = edges[(n >> 8) % NR(edges)];

	switch (n % 16) {
	case 0: case 1: case 2: case 3:
		return 0;
	case 4:
		return 1;
	case 5:
		return ~0ULL;
	case 6: case 7: case 8:
		return edge;
	case 9:
		return edge + (any() & 0x7f);
	case 10: case 11: case 12:
		return field;
	case 13:
		return field + (any() & 0x7f);
	case 14:
		return any() & (8 * MB - 1);
	default:
		return any();
	}
}

static void any_registers(struct tdxm_regs *g)
{
	u64 *r = (u64 *)g;
	u32 i;

	for (i = 0; i < sizeof(*g) / sizeof(u64); i++)
		r[i] = any_operand();
}

/* The low half: an operand, a level, or nothing. */
static bool detail_fits(u64 status)
{
	u32 detail = (u32)status;

	switch (status & NAME_BITS) {
	case TDX_OPERAND_INVALID:
		return detail == TDX_OPERAND_ID_RAX || detail == RCX || detail == RDX || detail == R8;
	case TDX_OPERAND_BUSY:
		return detail == RCX || detail == TDX_OPERAND_ID_RTMR;
	case TDX_PAGE_ALREADY_ACCEPTED:
	case TDX_PAGE_SIZE_MISMATCH:
		return detail <= 3;
	default:
		return !detail;
	}
}

static bool is_leaf(u64 leaf)
{
	size_t i;

	for (i = 0; i < NR(list); i++)
		if (list[i].leaf == leaf && leaf != NO_LEAF)
			return true;
	return false;
}

static void answered(u64 rax, u64 status)
{
	u64 leaf = rax == VM_RD_V1 ? TDG_VM_RD : is_leaf(rax) ? rax : NO_LEAF;

	if (leaf == NO_LEAF)
		assert_status(status, TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX);
	answers_note(&answers, leaf, status);
	if (!detail_fits(status))
		fail_msg("leaf %llu answered 0x%llx", leaf, status);
	if (!status)
		succeeded[leaf]++;
}

/* What the host has to do for the guest, or the guest is told of by an exception. */
static bool may_leave(u64 leaf, enum tdxm_after after)
{
	switch (leaf) {
	case TDG_VP_VMCALL:
	case TDG_MEM_PAGE_ACCEPT:
	case TDG_MEM_PAGE_ATTR_RD:
	case TDG_MEM_PAGE_ATTR_WR:
		return after == TDXM_EXIT;
	case TDG_MR_RTMR_EXTEND:
	case TDG_MR_REPORT:
	case TDG_SYS_RDALL:
		return after == TDXM_EXIT || after == TDXM_EVENT;
	default:
		return false;
	}
}

static enum tdxm_after any_call(struct tdxm_call *c)
{
	const struct tdxm_mode mode = { .cpl = any() % 32 ? 0 : 3, .code64 = any() % 32 != 0 };
	struct tdxm_guest *guest = &c->vp->guest;
	struct tdxm_regs *g = &guest->regs;
	enum tdxm_after after;
	u64 version = any() % 16 ? 0 : any() % 2 ? any() % 3 : any();
	u64 rax = any() % 16 ? any() % NR_LEAVES | version << 16 : any();

	g->rax = rax;
	calls++;
	after = tdxm_tdcall(c, &mode);
	if (mode.cpl || !mode.code64) {
		assert_int_equal(after, TDXM_EVENT);
		assert_int_equal(guest->event.vector, TDXM_VECTOR_GP);
		assert_int_equal(g->rax, rax);
	} else if (after == TDXM_NEXT_INSN) {
		answered(rax, g->rax);
	} else {
		assert_int_equal(rax >> 16, 0);
		assert_true(may_leave(rax, after));
		assert_int_equal(g->rax, rax);
		if (guest->in_vmcall)
			answered(rax, TDX_SUCCESS);
	}
	return after;
}

static enum tdxm_after any_step(struct tdxm_call *c)
{
	const struct tdxm_access to = {
		.gpa = any_operand() & ((1ULL << 48) - 1), .write = any() & 1, .fetch = any() & 1,
	};
	struct tdxm_guest *guest = &c->vp->guest;

	any_registers(&guest->regs);
	switch (any() % 8) {
	case 0:
		return tdxm_guest_cpuid(c, any() % 2 ? 0 : 3);
	case 1:
		return tdxm_guest_violation(c, &to);
	case 2:
		tdxm_apic_write(&guest->apic, (u32)(0x800 + any() % 0x40), any_operand());
		return TDXM_NEXT_INSN;
	case 3:
		tdxm_apic_read(&guest->apic, (u32)(0x800 + any() % 0x40), &guest->regs.rax);
		tdxm_apic_due(&guest->apic);
		return TDXM_NEXT_INSN;
	default:
		return any_call(c);
	}
}

static void run_guest(void *ctx, struct tdxm_call *c)
{
	const struct tdxm_exit interrupt = { .reason = TDXM_ON_INTERRUPT };
	enum tdxm_after after;
	u32 i;

	(void)ctx;
	tdxm_guest_enter(c);
	for (i = 0; i < STEPS; i++) {
		after = any_step(c);
		assert_in_range(after, TDXM_NEXT_INSN, TDXM_EXIT);
		if (after == TDXM_EXIT)
			return;
	}
	tdxm_guest_exit(c, &interrupt);
}

/* A CPU that has everything. */
static void cpu_has_all(void *ctx, u32 leaf, u32 subleaf, u32 r[4])
{
	(void)ctx;
	(void)leaf;
	(void)subleaf;
	memset(r, 0xff, 4 * sizeof(r[0]));
}

static void block(struct rig *r, u64 gpa_level)
{
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, gpa_level, TDR);
}

static void aug(struct rig *r, u64 gpa_level, u64 page)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, gpa_level, TDR, page);
}

static void remove_page(struct rig *r, u64 gpa_level)
{
	block(r, gpa_level);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, gpa_level, TDR);
}

static void two_vcpus(struct rig *r)
{
	u32 n;

	td_up(r);
	r->m->host.run = run_guest;
	r->m->host.cpuid = cpu_has_all;
	td_with_sept(r);
	td_build_vp(r, 24);
	expect_on(r, 1, TDX_SUCCESS, VP_INIT, TDVPR2);
	for (n = 0; n < 4; n++)
		td_with_page(r, n);
	expect(r, TDX_SUCCESS, MR_FINALIZE, TDR);
}

/* Pages of the TD in each state; and shared memory with page tables that are none. */
static void all_states(struct rig *r)
{
	u64 *word = (u64 *)(r->ram + SHARED_EPTP);
	u32 i;

	block(r, GPA_BLOCKED);
	remove_page(r, GPA_REMOVED);
	aug(r, GPA_PENDING, DATA(5));
	aug(r, GPA_PENDING_BLOCKED, DATA(6));
	block(r, GPA_PENDING_BLOCKED);
	aug(r, GPA_2M_PENDING | LEVEL_2M, LARGE(0));
	aug(r, GPA_2M_BLOCKED | LEVEL_2M, LARGE(1));
	block(r, GPA_2M_BLOCKED | LEVEL_2M);
	expect(r, TDX_SUCCESS, MEM_SEPT_ADD, GPA_NO_TABLE | LEVEL_2M, TDR, SEPT(3));
	block(r, GPA_NO_TABLE | LEVEL_2M);
	for (i = 0; i < 512; i++)
		word[i] = any();
	word[256] = SHARED_EPTP | 7;	/* its own upper half */
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, MD_EPTP, SHARED_EPTP, ~0ULL);
}

static void other_td(struct rig *r)
{
	u32 n;

	expect(r, TDX_SUCCESS, MNG_CREATE, OTHER(0), OTHER_KEYID);
	expect_on(r, 0, TDX_SUCCESS, MNG_KEY_CONFIG, OTHER(0));
	expect_on(r, 2, TDX_SUCCESS, MNG_KEY_CONFIG, OTHER(0));
	for (n = 1; n < 7; n++)
		expect(r, TDX_SUCCESS, MNG_ADDCX, OTHER(n), OTHER(0));
	expect(r, TDX_SUCCESS, MNG_INIT, OTHER(0), PARAMS_PA);
	expect(r, TDX_SUCCESS, VP_CREATE, OTHER_VP, OTHER(0));
	for (n = 8; n < 13; n++)
		expect(r, TDX_SUCCESS, VP_ADDCX, OTHER(n), OTHER_VP);
	expect(r, TDX_SUCCESS, VP_INIT, OTHER_VP);
	for (n = 3; n; n--)
		expect(r, TDX_SUCCESS, MEM_SEPT_ADD, n, OTHER(0), OTHER(12 + n));
	for (n = 0; n < 8; n++)		/* where the hostile TD has pages, too */
		expect(r, TDX_SUCCESS, MEM_PAGE_ADD, n * 4096, OTHER(0), OTHER(20 + n), SOURCE_PA);
	expect(r, TDX_SUCCESS, MR_FINALIZE, OTHER(0));
}

static void protect(struct rig *r, u64 pa, u64 size, int how)
{
	assert_int_equal(mprotect(r->ram + pa, size, how), 0);
}

/*
 * The guest may write its memory, and the model its secure EPT and the PAMT.  Nobody reads
 * another TD's pages, or what the guest has lost or has not got yet.
 */
static void read_only(struct rig *r)
{
	const u64 nobodys[] = { DATA(2), DATA(3), DATA(6) };
	const u64 guests[] = {
		DATA(0), DATA(1), DATA(5), SEPT(0), SEPT(1), SEPT(2), SEPT(3), TDCX(TDXM_SEPT_ROOT),
	};
	u32 i;

	protect(r, 0, RAM_SIZE, PROT_READ);
	for (i = 0; i < NR(guests); i++)
		protect(r, guests[i], 4096, PROT_READ | PROT_WRITE);
	protect(r, LARGE(0), 2 * MB, PROT_READ | PROT_WRITE);
	for (i = 0; i < NR(nobodys); i++)
		protect(r, nobodys[i], 4096, PROT_NONE);
	protect(r, LARGE(1), 2 * MB, PROT_NONE);
	protect(r, OTHER(0), NR_OTHER * 4096, PROT_NONE);
	for (i = 0; i < 3; i++)
		protect(r, pamt(r, 0, i), 4 * MB, PROT_READ | PROT_WRITE);
}

static void writable(struct rig *r)
{
	protect(r, 0, RAM_SIZE, PROT_READ | PROT_WRITE);
}

/* Takes a page away, and gives it back to be accepted: the large one now and then. */
static void give_anew(struct rig *r, u32 entries)
{
	if (entries % 16 == 0) {
		remove_page(r, GPA_PENDING);
		aug(r, GPA_PENDING, DATA(5));
	}
	if (entries % 2048 == 0) {
		remove_page(r, GPA_2M_PENDING | LEVEL_2M);
		aug(r, GPA_2M_PENDING | LEVEL_2M, LARGE(0));
	}
}

/* The host's registers are as random as the guest's. */
static void enter_any(struct rig *r, u32 i)
{
	struct tdxm_regs regs;
	u64 status;

	any_registers(&regs);
	regs.rcx = vcpus[i].tdvpr;
	status = call(r, vcpus[i].lp, VP_ENTER, &regs);
	switch (status) {
	case TDXM_ON_INTERRUPT:
	case TDXM_ON_EPT_VIOLATION:
	case TDXM_ON_TDCALL:
		break;
	default:
		fail_msg("TDH.VP.ENTER: 0x%llx", status);
	}
}

static void no_page_left(struct rig *r)
{
	u32 n;

	for (n = 0; n < NR_TD_PAGES; n++)
		td_assert_page(r, PAGE(n), PT_NDA);
	for (n = 0; n < NR_OTHER; n++)
		td_assert_page(r, OTHER(n), PT_NDA);
	assert_int_equal(tdxm_nr_tds(r->m), 0);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* The hostile TD's end writes the caches back for both. */
static void all_end(struct rig *r)
{
	u32 n;

	expect(r, TDX_SUCCESS, VP_FLUSH, OTHER_VP);
	expect(r, TDX_SUCCESS, MNG_VPFLUSHDONE, OTHER(0));
	expect_on(r, vcpus[1].lp, TDX_SUCCESS, VP_FLUSH, TDVPR2);
	td_destroy(r);
	expect(r, TDX_SUCCESS, MNG_KEY_FREEID, OTHER(0));
	for (n = NR_OTHER - 1; n < NR_OTHER; n--)
		if (td_page_type(r, OTHER(n)) != PT_NDA)
			expect(r, TDX_SUCCESS, PHYMEM_PAGE_RECLAIM, OTHER(n));
}

/* The operands were not only wrong.  Nobody else holds a lock. */
static void operands_reached(void)
{
	size_t i;

	for (i = 0; i < NR(list); i++) {
		if (!seen[i] && list[i].status != TDX_OPERAND_BUSY)
			fail_msg("leaf %llu never answered %s", list[i].leaf,
				 status_name(list[i].status));
		if (list[i].status == TDX_SUCCESS && succeeded[list[i].leaf] < 10)
			fail_msg("leaf %llu succeeded %u times", list[i].leaf,
				 succeeded[list[i].leaf]);
	}
}

TEST_CASE(hostile_guest, TDXM_1_5_01, TDXM_1_5_01, two_vcpus, all_states)
{
	u32 entries;

	other_td(r);
	read_only(r);
	for (entries = 1; calls < NR_CALLS; entries++) {
		enter_any(r, entries % NR(vcpus));
		give_anew(r, entries);
	}
	writable(r);
	operands_reached();
	assert_int_equal(violations(r), 0);
	all_end(r);
	no_page_left(r);
	assert_int_equal(violations(r), 0);
}

int main(void)
{
	return run_cases("model_hostile");
}
