// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's side of the model: the answers to a TD's vCPU, and the exits to its host.
 * The guest is a function, which runs where a CPU would enter the TD.  The last two tests check
 * that no status of the guest's leaves is missing, as in model_test.c.
 */
#include "model_case.h"
#include "td_rig.h"
#include "model_state.h"

#define LEVEL_2M	1
#define GPA_SHARED	(1ULL << 47)
#define GPA_FREE	0x5000ULL
#define GPA_2M		(2ULL * MB)
#define SHARED_EPTP	(10 * MB)
#define PI_DESC		(11 * MB)
#define MD_PI_DESC	0x0000000300002016ULL
#define MD_EPTP		0x000000030000203cULL
#define MD_PIN_BASED	0x0000000200004000ULL
#define MD_DETAILS	0x9110000300000100ULL
#define EXIT_INTERRUPT	1

#define NO_LEAF		127

static const struct answer list[] = {
#include "model_guest_answers.inc"
};

static bool seen[NR(list)];
static struct answers answers = { list, NR(list), seen };

static void (*guest)(struct tdxm_call *c);
static const struct tdxm_mode kernel_mode = { .cpl = 0, .code64 = true };

static void run_guest(void *ctx, struct tdxm_call *c)
{
	const struct tdxm_exit interrupt = { .reason = EXIT_INTERRUPT };

	(void)ctx;
	tdxm_guest_enter(c);
	tdxm_guest_exit(c, &interrupt);		/* unless @guest makes another exit */
	if (guest)
		guest(c);
}

static void guests_up(struct rig *r)
{
	td_up(r);
	r->m->host.run = run_guest;
	guest = NULL;
}

#define GUEST_TEST(name) TEST_CASE(name, TDXM_1_5_01, TDXM_1_5_01, guests_up, td_runnable)

static u64 enter(struct rig *r, void (*what)(struct tdxm_call *c))
{
	guest = what;
	return td_call(r, 0, VP_ENTER, TDVPR, 0, 0, 0);
}

static struct tdxm_regs *regs(struct tdxm_call *c)
{
	return &c->vp->guest.regs;
}

static enum tdxm_after tdcall(struct tdxm_call *c, u64 rax, u64 rcx)
{
	regs(c)->rax = rax;
	regs(c)->rcx = rcx;
	return tdxm_tdcall(c, &kernel_mode);
}

/* As the list has it: of the leaves only TDG.VM.RD has another version. */
static u64 noted(u64 rax)
{
	return rax == (TDG_VM_RD | 1 << 16) ? TDG_VM_RD : rax >> 16 ? NO_LEAF : rax;
}

/* The leaf returns @status and the guest goes on. */
static void answers_status(struct tdxm_call *c, u64 rax, u64 rcx, u64 status)
{
	assert_int_equal(tdcall(c, rax, rcx), TDXM_NEXT_INSN);
	assert_status(regs(c)->rax, status);
	answers_note(&answers, noted(rax), status);
}

static void gets_event(struct tdxm_call *c, enum tdxm_after after, u8 vector, bool has_error)
{
	assert_int_equal(after, TDXM_EVENT);
	assert_true(c->vp->guest.event.valid);
	assert_int_equal(c->vp->guest.event.vector, vector);
	assert_int_equal(c->vp->guest.event.has_error, has_error);
	assert_int_equal(c->vp->guest.event.error, 0);
}

static u64 *word_at(struct rig *r, u64 pa)
{
	return (u64 *)(r->ram + pa);
}

/* ---- entry and exit */

static void as_initialised(struct tdxm_call *c)
{
	assert_int_equal(regs(c)->rbx, 48);
	assert_int_equal(regs(c)->rcx, 0x1234);
	assert_int_equal(regs(c)->r8, 0x1234);
	assert_int_equal(regs(c)->rsi, 0);
	assert_int_equal(regs(c)->rax | regs(c)->rdi | regs(c)->rbp | regs(c)->r9 | regs(c)->r15, 0);
	regs(c)->rbx = 1;
}

static void as_left(struct tdxm_call *c)
{
	assert_int_equal(regs(c)->rbx, 1);
}

GUEST_TEST(begins)
{
	assert_status(enter(r, as_initialised), EXIT_INTERRUPT);
	assert_status(enter(r, as_left), EXIT_INTERRUPT);
}

static void shuts_down(struct tdxm_call *c)
{
	const struct tdxm_exit exit = {
		.status = TDX_NON_RECOVERABLE_VCPU, .reason = TDXM_ON_TRIPLE_FAULT,
	};

	assert_int_equal(tdxm_guest_exit(c, &exit), TDXM_EXIT);
}

GUEST_TEST(ends_for_good)
{
	assert_status(enter(r, shuts_down), TDX_NON_RECOVERABLE_VCPU | TDXM_ON_TRIPLE_FAULT);
	expect(r, TDX_VCPU_STATE_INCORRECT, VP_ENTER, TDVPR);
}

static void leaves_with_registers(struct tdxm_call *c)
{
	const struct tdxm_exit exit = {
		.reason = 99, .qualification = 1, .extended = 2, .gpa = 0x3fff, .interrupt = 4,
	};

	memset(regs(c), 0xff, sizeof(*regs(c)));
	tdxm_guest_exit(c, &exit);
}

GUEST_TEST(exit_registers)
{
	assert_status(enter(r, leaves_with_registers), 99);
	assert_int_equal(r->out.rcx, 1);
	assert_int_equal(r->out.rdx, 2);
	assert_int_equal(r->out.r8, 0x3000);
	assert_int_equal(r->out.r9, 4);
	assert_int_equal(r->out.rbx | r->out.rsi | r->out.rdi | r->out.rbp | r->out.r10 | r->out.r11 |
			 r->out.r12 | r->out.r13 | r->out.r14 | r->out.r15, 0);
}

/* ---- TDCALL */

static void calls_what_is_not(struct tdxm_call *c)
{
	const struct tdxm_mode user = { .cpl = 3, .code64 = true }, narrow = { .code64 = false };
	const u64 unknown = TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX;

	answers_status(c, NO_LEAF, 0, unknown);
	answers_status(c, TDG_VP_INFO | 1 << 16, 0, unknown);
	answers_status(c, TDG_VP_INFO | 1 << 24, 0, unknown);
	answers_status(c, TDG_VP_INFO | 1ULL << 63, 0, unknown);
	regs(c)->rax = TDG_VP_INFO;
	gets_event(c, tdxm_tdcall(c, &user), TDXM_VECTOR_GP, true);
	gets_event(c, tdxm_tdcall(c, &narrow), TDXM_VECTOR_GP, true);
	assert_int_equal(regs(c)->rax, TDG_VP_INFO);
}

GUEST_TEST(tdcall_refused)
{
	enter(r, calls_what_is_not);
}

static void asks_info(struct tdxm_call *c)
{
	memset(regs(c), 0xff, sizeof(*regs(c)));
	answers_status(c, TDG_VP_INFO, 0, TDX_SUCCESS);
	assert_int_equal(regs(c)->rcx, 48);
	assert_int_equal(regs(c)->rdx, 0);
	assert_int_equal(regs(c)->r8, 2ULL << 32 | 1);
	assert_int_equal(regs(c)->r9, 0);
	assert_int_equal(regs(c)->r10, 1);
	assert_int_equal(regs(c)->r11, 0);
	assert_int_equal(regs(c)->r12, ~0ULL);
}

GUEST_TEST(vp_info)
{
	enter(r, asks_info);
}

/* ---- #VE */

static void learns_nothing(struct tdxm_call *c)
{
	memset(regs(c), 0xff, sizeof(*regs(c)));
	answers_status(c, TDG_VP_VEINFO_GET, 0, TDX_NO_VALID_VE_INFO);
	assert_int_equal(regs(c)->rcx | regs(c)->rdx | regs(c)->r8 | regs(c)->r9 | regs(c)->r10, 0);
}

static void takes_ve(struct tdxm_call *c)
{
	learns_nothing(c);
	gets_event(c, tdxm_guest_ve(c, TDXM_ON_IO, 0x3f80008, 2), TDXM_VECTOR_VE, false);
	/* A second #VE before the guest has read the information of the first. */
	gets_event(c, tdxm_guest_ve(c, TDXM_ON_HLT, 0, 1), TDXM_VECTOR_DF, true);
	answers_status(c, TDG_VP_VEINFO_GET, 0, TDX_SUCCESS);
	assert_int_equal(regs(c)->rcx, TDXM_ON_IO);
	assert_int_equal(regs(c)->rdx, 0x3f80008);
	assert_int_equal(regs(c)->r8 | regs(c)->r9, 0);
	assert_int_equal(regs(c)->r10, 2);
	learns_nothing(c);
	gets_event(c, tdxm_guest_ve(c, TDXM_ON_HLT, 0, 1), TDXM_VECTOR_VE, false);
}

GUEST_TEST(veinfo_get)
{
	enter(r, takes_ve);
}

/* ---- TDG.VP.VMCALL */

static void calls_host(struct tdxm_call *c)
{
	memset(regs(c), 0x11, sizeof(*regs(c)));
	regs(c)->r11 = 30;
	regs(c)->r15 = 0x15;
	assert_int_equal(tdcall(c, TDG_VP_VMCALL, 0x8800), TDXM_EXIT);
}

static void has_answer(struct tdxm_call *c)
{
	assert_int_equal(regs(c)->rax, TDX_SUCCESS);
	answers_note(&answers, TDG_VP_VMCALL, regs(c)->rax);
	assert_int_equal(regs(c)->rcx, 0x8800);
	assert_int_equal(regs(c)->r11, 0xb0b);
	assert_int_equal(regs(c)->r15, 0xf0f);
	assert_int_equal(regs(c)->r12, 0x1111111111111111);
	assert_int_equal(regs(c)->rdx, 0x1111111111111111);
}

GUEST_TEST(vmcall)
{
	struct tdxm_regs answer = { .rcx = TDVPR, .rdx = 2, .r11 = 0xb0b, .r12 = 0xc0c, .r15 = 0xf0f };

	assert_status(enter(r, calls_host), TDXM_ON_TDCALL);
	assert_int_equal(r->out.rcx, 0x8800);
	assert_int_equal(r->out.r11, 30);
	assert_int_equal(r->out.r15, 0x15);
	assert_int_equal(r->out.rdx | r->out.rbx | r->out.rbp | r->out.r10 | r->out.r12 | r->out.r14, 0);
	guest = has_answer;
	assert_status(call(r, 0, VP_ENTER, &answer), EXIT_INTERRUPT);
	/* The registers answer one call only. */
	answer = (struct tdxm_regs){ .rcx = TDVPR };
	assert_status(call(r, 0, VP_ENTER, &answer), EXIT_INTERRUPT);
}

static void passes_what_is_not(struct tdxm_call *c)
{
	static const u64 never[] = { 1, 2, 0x10, 1ULL << 32, 1ULL << 63 };
	size_t i;

	for (i = 0; i < NR(never); i++)
		answers_status(c, TDG_VP_VMCALL, never[i], TDX_OPERAND_INVALID | TDX_OPERAND_ID_RCX);
	assert_false(c->vp->guest.in_vmcall);
}

GUEST_TEST(vmcall_refused)
{
	assert_status(enter(r, passes_what_is_not), EXIT_INTERRUPT);
}

static void passes_rbp(struct tdxm_call *c)
{
	regs(c)->rbp = 0xb0;
	c->td->config_flags = 1 << 2;	/* NO_RBP_MOD */
	answers_status(c, TDG_VP_VMCALL, 0x20, TDX_OPERAND_INVALID | TDX_OPERAND_ID_RCX);
	c->td->config_flags = 0;
	assert_int_equal(tdcall(c, TDG_VP_VMCALL, 0x20), TDXM_EXIT);
}

GUEST_TEST(vmcall_rbp)
{
	assert_status(enter(r, passes_rbp), TDXM_ON_TDCALL);
	assert_int_equal(r->out.rbp, 0xb0);
}

static void keeps_rbp(struct tdxm_call *c)
{
	c->td->config_flags = 1 << 2;
	tdcall(c, TDG_VP_VMCALL, 0);
}

GUEST_TEST(vmcall_keeps_rbp)
{
	struct tdxm_regs in = { .rcx = TDVPR, .rbp = 0xb1 };

	guest = keeps_rbp;
	assert_status(call(r, 0, VP_ENTER, &in), TDXM_ON_TDCALL);
	assert_int_equal(in.rbp, 0xb1);
}

/* ---- TDG.MEM.PAGE.ACCEPT */

#define ALREADY(level)	(TDX_PAGE_ALREADY_ACCEPTED | (level))
#define MISMATCH(level)	(TDX_PAGE_SIZE_MISMATCH | (level))
#define ON_RCX		(TDX_OPERAND_INVALID | TDX_OPERAND_ID_RCX)

static u64 accept_rcx;

static void accepts_missing(struct tdxm_call *c)
{
	assert_int_equal(tdcall(c, TDG_MEM_PAGE_ACCEPT, accept_rcx), TDXM_EXIT);
	assert_int_equal(regs(c)->rax, TDG_MEM_PAGE_ACCEPT);	/* to be called again */
}

static void accepts(struct tdxm_call *c)
{
	answers_status(c, TDG_MEM_PAGE_ACCEPT, accept_rcx, TDX_SUCCESS);
}

static void accepts_twice(struct tdxm_call *c)
{
	answers_status(c, TDG_MEM_PAGE_ACCEPT, accept_rcx, ALREADY(0));
}

/* An EPT violation of a write by what @type says, with the entry in @state. */
static void told_violation_by(struct rig *r, u64 type, u64 gpa, u64 wanted, u64 level, u64 state,
			      u64 leaf)
{
	assert_int_equal(r->out.rcx, 2);
	assert_int_equal(r->out.rdx, type | (wanted | level << 3 | state << 6 | leaf << 14) << 32);
	assert_int_equal(r->out.r8, gpa);
	assert_int_equal(r->out.r9, 0);
}

static void told_violation(struct rig *r, u64 gpa, u64 wanted, u64 level, u64 state, u64 leaf)
{
	told_violation_by(r, 1, gpa, wanted, level, state, leaf);
}

GUEST_TEST(accept_4k)
{
	accept_rcx = GPA_FREE;
	assert_status(enter(r, accepts_missing), TDXM_ON_EPT_VIOLATION);
	told_violation(r, GPA_FREE, 0, 0, 0, 1);
	*word_at(r, DATA(1) + 4088) = 0x5ec4e7;
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_int_equal(*word_at(r, DATA(1) + 4088), 0x5ec4e7);
	assert_status(enter(r, accepts), EXIT_INTERRUPT);
	assert_int_equal(*word_at(r, DATA(1) + 4088), 0);
	*word_at(r, DATA(1)) = 1;	/* the guest writes */
	assert_status(enter(r, accepts_twice), EXIT_INTERRUPT);
	assert_int_equal(*word_at(r, DATA(1)), 1);
	/* After the host has blocked it the page is missing again. */
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, GPA_FREE, TDR);
	assert_status(enter(r, accepts_missing), TDXM_ON_EPT_VIOLATION);
	told_violation(r, GPA_FREE, 0, 0, 1, 1);
}

static void accepts_parts(struct tdxm_call *c)
{
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_2M | LEVEL_2M, TDX_SUCCESS);
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_2M | LEVEL_2M, ALREADY(1));
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_2M + 0x3000, ALREADY(1));
	/* The memory is mapped as 4 KB pages. */
	answers_status(c, TDG_MEM_PAGE_ACCEPT, LEVEL_2M, MISMATCH(1));
}

GUEST_TEST(accept_2m)
{
	u64 pa = 4 * GB + 4 * MB;

	accept_rcx = GPA_2M | LEVEL_2M;
	assert_status(enter(r, accepts_missing), TDXM_ON_EPT_VIOLATION);
	told_violation(r, GPA_2M, 1, 1, 0, 0);
	/* A 4 KB page without a page table. */
	accept_rcx = GPA_2M + 0x3000;
	assert_status(enter(r, accepts_missing), TDXM_ON_EPT_VIOLATION);
	told_violation(r, GPA_2M + 0x3000, 0, 1, 0, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_2M | LEVEL_2M, TDR, pa);
	assert_status(enter(r, accepts_missing), TDXM_ON_EPT_VIOLATION);
	told_violation(r, GPA_2M + 0x3000, 0, 1, 2, 1);
	*word_at(r, pa + 2 * MB - 8) = 1;
	assert_status(enter(r, accepts_parts), EXIT_INTERRUPT);
	assert_int_equal(*word_at(r, pa + 2 * MB - 8), 0);
}

static void accepts_what_is_not(struct tdxm_call *c)
{
	static const u64 rcx[] = {
		GPA_FREE | 2, GPA_FREE | 8, GPA_FREE | LEVEL_2M, GPA_SHARED, 1ULL << 52,
	};
	size_t i;

	for (i = 0; i < NR(rcx); i++)
		answers_status(c, TDG_MEM_PAGE_ACCEPT, rcx[i], ON_RCX);
}

GUEST_TEST(accept_refused)
{
	assert_status(enter(r, accepts_what_is_not), EXIT_INTERRUPT);
}

static void accepts_busy(struct tdxm_call *c)
{
	struct tdxm_walk w;

	assert_int_equal(tdxm_sept_walk(c->m, 0, 0, c->td, GPA_FREE, 0, &w), TDX_SUCCESS);
	assert_true(tdxm_sept_lock(c->m, &w));
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_FREE, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RCX);
	tdxm_sept_write(c->m, &w, w.entry);
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_FREE, TDX_SUCCESS);
}

GUEST_TEST(accept_busy)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_status(enter(r, accepts_busy), EXIT_INTERRUPT);
}

/* ---- TDG.MEM.PAGE.ATTR.RD and ATTR.WR */

#define IS_PENDING	(1ULL << 62)

static void attr_is(struct tdxm_call *c, u64 gpa, u64 mapping)
{
	regs(c)->rdx = ~0ULL;
	answers_status(c, TDG_MEM_PAGE_ATTR_RD, gpa, TDX_SUCCESS);
	assert_int_equal(regs(c)->rcx, mapping);
	assert_int_equal(regs(c)->rdx, 0);
}

static void attr_wr(struct tdxm_call *c, u64 mapping, u64 attr, u64 mask, u64 status, u64 then)
{
	regs(c)->rdx = attr;
	regs(c)->r8 = mask;
	answers_status(c, TDG_MEM_PAGE_ATTR_WR, mapping, status);
	assert_int_equal(regs(c)->rcx, then);
	assert_int_equal(regs(c)->rdx, 0);
}

static void has_attributes(struct tdxm_call *c)
{
	attr_is(c, 0xabc, 0);
	attr_is(c, GPA_FREE | 1, GPA_FREE | IS_PENDING);
	attr_is(c, GPA_2M + 0x3456, GPA_2M | LEVEL_2M | IS_PENDING);
	attr_wr(c, 0, 0, 0, TDX_SUCCESS, 0);
	attr_wr(c, GPA_FREE, 0, 0, TDX_SUCCESS, GPA_FREE | IS_PENDING);
	attr_wr(c, GPA_2M | LEVEL_2M, 0, 0, TDX_SUCCESS, GPA_2M | LEVEL_2M | IS_PENDING);
	answers_status(c, TDG_MEM_PAGE_ACCEPT, GPA_2M | LEVEL_2M, TDX_SUCCESS);
	attr_is(c, GPA_2M + 0x3456, GPA_2M | LEVEL_2M);
	attr_wr(c, GPA_2M | LEVEL_2M, 0, 0, TDX_SUCCESS, GPA_2M | LEVEL_2M);
	attr_wr(c, LEVEL_2M, 0, 0, MISMATCH(1), 0);
	attr_wr(c, 2, 0, 0, MISMATCH(2), 0);
}

static void has_no_attributes(struct tdxm_call *c)
{
	static const u64 never[] = { GPA_SHARED, 1ULL << 52, IS_PENDING };
	static const u64 misaligned[] = { GPA_FREE | 3, GPA_FREE | 8, GPA_FREE | LEVEL_2M };
	u32 i;

	for (i = 0; i < NR(never); i++) {
		regs(c)->rdx = ~0ULL;
		answers_status(c, TDG_MEM_PAGE_ATTR_RD, never[i], ON_RCX);
		assert_int_equal(regs(c)->rcx | regs(c)->rdx, 0);
		attr_wr(c, never[i], 0, 0, ON_RCX, 0);
	}
	for (i = 0; i < NR(misaligned); i++)
		attr_wr(c, misaligned[i], 0, 0, ON_RCX, 0);
	/* Of no VM, and before the address is looked at: VM by VM. */
	for (i = 0; i < 4; i++) {
		attr_wr(c, GPA_SHARED, 0x8000ULL << 16 * i, 1ULL << 16 * i,
			TDX_OPERAND_INVALID | TDX_OPERAND_ID_RDX, 0);
		attr_wr(c, GPA_SHARED, i == 3 ? 0 : 1ULL << 16 * (i + 1), 1ULL << 16 * i,
			TDX_OPERAND_INVALID | TDX_OPERAND_ID_R8, 0);
	}
}

static void attributes_busy(struct tdxm_call *c)
{
	struct tdxm_walk w;

	assert_int_equal(tdxm_sept_walk(c->m, 0, 0, c->td, GPA_FREE, 0, &w), TDX_SUCCESS);
	assert_true(tdxm_sept_lock(c->m, &w));
	answers_status(c, TDG_MEM_PAGE_ATTR_RD, GPA_FREE, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RCX);
	assert_int_equal(regs(c)->rcx, 0);
	attr_wr(c, GPA_FREE, 0, 0, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RCX, 0);
	tdxm_sept_write(c->m, &w, w.entry);
	attr_is(c, GPA_FREE, GPA_FREE | IS_PENDING);
}

GUEST_TEST(attributes)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_2M | LEVEL_2M, TDR, 4 * GB + 4 * MB);
	assert_status(enter(r, has_attributes), EXIT_INTERRUPT);
	assert_status(enter(r, has_no_attributes), EXIT_INTERRUPT);
	assert_status(enter(r, attributes_busy), EXIT_INTERRUPT);
}

static u64 attr_rcx;

static void reads_attributes(struct tdxm_call *c)
{
	assert_int_equal(tdcall(c, TDG_MEM_PAGE_ATTR_RD, attr_rcx), TDXM_EXIT);
	assert_int_equal(regs(c)->rax, TDG_MEM_PAGE_ATTR_RD);	/* to be called again */
}

static void writes_attributes(struct tdxm_call *c)
{
	regs(c)->rdx = 0;
	regs(c)->r8 = 0;
	assert_int_equal(tdcall(c, TDG_MEM_PAGE_ATTR_WR, attr_rcx), TDXM_EXIT);
	assert_int_equal(regs(c)->rax, TDG_MEM_PAGE_ATTR_WR);
}

/* The page is not there: ATTR.RD says no more than that. */
static void no_attributes(struct rig *r, u64 rcx, u64 level, u64 state, u64 leaf)
{
	attr_rcx = rcx;
	assert_status(enter(r, reads_attributes), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.r8, rcx & ~0xfffULL);
	assert_int_equal(r->out.rcx | r->out.rdx | r->out.r9, 0);
	assert_status(enter(r, writes_attributes), TDXM_ON_EPT_VIOLATION);
	told_violation_by(r, 5, rcx & ~0xfffULL, rcx & 7, level, state, leaf);
}

GUEST_TEST(attributes_of_no_page)
{
	no_attributes(r, GPA_FREE, 0, 0, 1);
	no_attributes(r, GPA_2M | LEVEL_2M, 1, 0, 0);
	no_attributes(r, 1 * GB | 2, 2, 0, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, GPA_FREE, TDR);
	no_attributes(r, GPA_FREE, 0, 3, 1);
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, 0, TDR);
	no_attributes(r, 0, 0, 1, 1);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_2M | LEVEL_2M, TDR, 4 * GB + 4 * MB);
	/* The host is to split the page: the guest has asked for a part of it. */
	attr_rcx = GPA_2M + 0x3000;
	assert_status(enter(r, writes_attributes), TDXM_ON_EPT_VIOLATION);
	told_violation_by(r, 5, GPA_2M + 0x3000, 0, 1, 2, 1);
}

/* ---- accesses that do not translate */

static struct tdxm_access access;
static enum tdxm_after after;

static void uses(struct tdxm_call *c)
{
	after = tdxm_guest_violation(c, &access);
}

static u64 guest_uses(struct rig *r, u64 gpa, bool write, bool fetch)
{
	access = (struct tdxm_access){ .gpa = gpa, .write = write, .fetch = fetch };
	return enter(r, uses);
}

GUEST_TEST(private_memory)
{
	assert_status(guest_uses(r, GPA_FREE + 0x123, false, false), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 1);
	assert_int_equal(r->out.rdx, 0);
	assert_int_equal(r->out.r8, GPA_FREE);
	assert_status(guest_uses(r, GPA_FREE, false, true), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 4);
	assert_status(guest_uses(r, GPA_2M, true, false), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 2);
	/* The page belongs to the TD by now, or something else is wrong. */
	guest_uses(r, 0x10, true, false);
	assert_int_equal(after, TDXM_SAME_INSN);
}

static void uses_pending(struct tdxm_call *c)
{
	const struct tdxm_access a = { .gpa = GPA_FREE + 0x123, .write = true };

	gets_event(c, tdxm_guest_violation(c, &a), TDXM_VECTOR_VE, false);
	assert_int_equal(c->vp->guest.ve.reason, TDXM_ON_EPT_VIOLATION);
	assert_int_equal(c->vp->guest.ve.qualification, 2);
	assert_int_equal(c->vp->guest.ve.gpa, GPA_FREE + 0x123);
	assert_int_equal(c->vp->guest.ve.gla, 0);
	c->td->attributes |= 1 << 28;	/* SEPT_VE_DISABLE */
	assert_int_equal(tdxm_guest_violation(c, &a), TDXM_EXIT);
}

GUEST_TEST(pending_memory)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_status(enter(r, uses_pending), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 2);
	assert_int_equal(r->out.rdx, 6);
	assert_int_equal(r->out.r8, GPA_FREE);
}

static void uses_mmio(struct tdxm_call *c)
{
	gets_event(c, tdxm_guest_violation(c, &access), TDXM_VECTOR_VE, false);
	assert_int_equal(c->vp->guest.ve.gpa, access.gpa);
	assert_int_equal(c->vp->guest.ve.gla, access.gla);
	assert_int_equal(c->vp->guest.ve.qualification, access.gla_valid ? 2 | 3 << 7 : 2);
	c->vp->guest.ve.valid = false;
}

GUEST_TEST(shared_memory)
{
	u64 *leaf = word_at(r, SHARED_EPTP + 3 * 4096);
	u32 i;

	/* The host has no page tables for shared memory. */
	access = (struct tdxm_access){ .gpa = GPA_SHARED | 0x1008, .write = true };
	assert_status(enter(r, uses_mmio), EXIT_INTERRUPT);
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, MD_EPTP, SHARED_EPTP, ~0ULL);
	memset(r->ram + SHARED_EPTP, 0, 4 * 4096);
	*word_at(r, SHARED_EPTP + 256 * 8) = (SHARED_EPTP + 4096) | 7;
	for (i = 1; i < 3; i++)
		*word_at(r, SHARED_EPTP + i * 4096) = (SHARED_EPTP + (i + 1) * 4096) | 7;
	/* The entry decides between an exit to the host and #VE in the guest. */
	leaf[1] = 1ULL << 63;
	assert_status(enter(r, uses), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.r8, GPA_SHARED | 0x1000);
	assert_int_equal(r->out.rcx, 2);
	leaf[1] = 0;
	assert_status(enter(r, uses_mmio), EXIT_INTERRUPT);
	access.gla = 0xffff888000001008;
	access.gla_valid = true;
	assert_status(enter(r, uses_mmio), EXIT_INTERRUPT);
	leaf[1] = 1ULL << 63 | 5;
	assert_status(enter(r, uses), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 2 | 5 << 3);
	/* Page tables outside memory are ignored. */
	*word_at(r, SHARED_EPTP + 4096) = 0xfffffffff000ULL | 7;
	assert_status(enter(r, uses), TDXM_ON_EPT_VIOLATION);
}

/* ---- what the guest measures */

#define ON_RDX	(TDX_OPERAND_INVALID | TDX_OPERAND_ID_RDX)

/* SHA-384 of 48 zeroes and the bytes 0 to 47; of that and these. */
static const u8 extended[2][48] = {
	{
		0xfe, 0x83, 0xf7, 0x42, 0xd1, 0xca, 0xb5, 0xc7, 0x09, 0xa0, 0xc4, 0x24,
		0x72, 0x98, 0x31, 0xfb, 0xff, 0x9b, 0x5b, 0xb9, 0x74, 0x8a, 0x61, 0x8f,
		0x0b, 0x6e, 0xa0, 0x4f, 0xe1, 0xfd, 0xe4, 0xd5, 0x46, 0xf4, 0x04, 0x0e,
		0x7f, 0xc9, 0x58, 0x7b, 0x2e, 0x6b, 0xad, 0xad, 0xa6, 0xc9, 0x41, 0xb0,
	}, {
		0x80, 0xe8, 0xe1, 0x9c, 0x7a, 0xb3, 0x9d, 0x81, 0xcd, 0x40, 0x22, 0xd3,
		0x17, 0x07, 0x87, 0xb7, 0x2a, 0x97, 0xd4, 0xdb, 0x30, 0xc8, 0xfd, 0x56,
		0xbc, 0xb1, 0xb7, 0x43, 0xa1, 0x89, 0x80, 0x93, 0x9d, 0x6a, 0xe5, 0x05,
		0x7d, 0xd4, 0xc9, 0x47, 0x07, 0x39, 0xac, 0x48, 0x52, 0xd8, 0xf5, 0x9d,
	},
};

static void extend(struct tdxm_call *c, u64 gpa, u64 index, u64 status)
{
	regs(c)->rdx = index;
	answers_status(c, TDG_MR_RTMR_EXTEND, gpa, status);
}

static void extends(struct tdxm_call *c)
{
	const u8 none[48] = { 0 };
	u8 *page = tdxm_guest_page(c, 0);
	u32 i;

	for (i = 0; i < 48; i++)
		page[64 + i] = (u8)i;
	extend(c, 64, 2, TDX_SUCCESS);
	assert_memory_equal(c->td->rtmr[2], extended[0], 48);
	extend(c, 64, 2, TDX_SUCCESS);
	assert_memory_equal(c->td->rtmr[2], extended[1], 48);
	extend(c, 64, 4, ON_RDX);
	extend(c, 63, 2, ON_RCX);
	extend(c, GPA_SHARED, 2, ON_RCX);
	assert_memory_equal(c->td->rtmr[2], extended[1], 48);
	assert_memory_equal(c->td->rtmr[1], none, 48);
	/* The page comes before the index. */
	regs(c)->rdx = 4;
	assert_int_equal(tdcall(c, TDG_MR_RTMR_EXTEND, GPA_FREE), TDXM_EXIT);
}

GUEST_TEST(rtmrs)
{
	assert_status(enter(r, extends), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.r8, GPA_FREE);
}

static void report(struct tdxm_call *c, u64 to, u64 from, u64 subtype, u64 status)
{
	regs(c)->rdx = from;
	regs(c)->r8 = subtype;
	answers_status(c, TDG_MR_REPORT, to, status);
}

static void is_digest(const u8 *bytes, u32 size, const u8 *digest)
{
	u64 is[6];

	tdxm_sha384_digest(bytes, size, is);
	assert_memory_equal(is, digest, 48);
}

static void reports(struct tdxm_call *c)
{
	u8 *page = tdxm_guest_page(c, 0), data[64], mac[32];
	const u8 *at = page + 1024;
	u32 i;

	for (i = 0; i < 64; i++)
		data[i] = page[64 + i] = (u8)(i + 1);
	memset(page + 1024, 0xee, 2048);
	c->td->rtmr[3][5] = 0x1122334455667788;
	report(c, 1024, 64, 0, TDX_SUCCESS);
	assert_int_equal(at[0], 0x81);
	assert_int_equal(at[1] | at[2] | at[3], 0);
	assert_memory_equal(at + 128, data, 64);
	assert_memory_equal(at + 512, &c->td->attributes, 8);
	assert_memory_equal(at + 520, &c->td->xfam, 8);
	assert_memory_equal(at + 528, c->td->mrtd, 48);
	assert_memory_equal(at + 720, c->td->rtmr, 192);
	is_digest(at + 256, 239, at + 32);
	is_digest(at + 512, 512, at + 80);
	assert_int_equal(at[1024], 0xee);	/* nothing behind it */
	tdxm_report_mac(c->m, at, mac);
	assert_memory_equal(at + 224, mac, 32);
	/* Over the data that it is made of. */
	memcpy(page, data, 64);
	report(c, 0, 0, 0, TDX_SUCCESS);
	assert_memory_equal(page + 128, data, 64);
	report(c, 512, 64, 0, ON_RCX);
	report(c, GPA_SHARED, 64, 0, ON_RCX);
	report(c, 1024, 32, 0, ON_RDX);
	report(c, 1024, GPA_SHARED, 0, ON_RDX);
	report(c, 1024, 64, 1, TDX_OPERAND_INVALID | TDX_OPERAND_ID_R8);
	/* The data come first, then the type, then where the report is to go. */
	report(c, GPA_SHARED, 64, 1, TDX_OPERAND_INVALID | TDX_OPERAND_ID_R8);
	regs(c)->r8 = 1;
	regs(c)->rdx = GPA_FREE;
	assert_int_equal(tdcall(c, TDG_MR_REPORT, 1024), TDXM_EXIT);
	regs(c)->r8 = 0;
	regs(c)->rdx = 64;
	assert_int_equal(tdcall(c, TDG_MR_REPORT, GPA_FREE), TDXM_EXIT);
}

GUEST_TEST(report_of_the_td)
{
	assert_status(enter(r, reports), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 1 | 2);
}

/* Another vCPU reads the RTMRs, or extends one. */
static void rtmrs_busy(struct tdxm_call *c)
{
	c->td->rtmr_lock = 1;
	extend(c, 64, 2, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RTMR);
	report(c, 1024, 64, 0, TDX_SUCCESS);
	c->td->rtmr_lock = -1;
	extend(c, 64, 2, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RTMR);
	report(c, 1024, 64, 0, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RTMR);
	report(c, GPA_SHARED, 64, 0, TDX_OPERAND_BUSY | TDX_OPERAND_ID_RTMR);
	c->td->rtmr_lock = 0;
	extend(c, 64, 2, TDX_SUCCESS);
	report(c, 1024, 64, 0, TDX_SUCCESS);
	assert_int_equal(c->td->rtmr_lock, 0);
	report(c, GPA_SHARED, 64, 0, ON_RCX);
	assert_int_equal(c->td->rtmr_lock, 0);
}

GUEST_TEST(rtmrs_locked)
{
	assert_status(enter(r, rtmrs_busy), EXIT_INTERRUPT);
}

/* HMAC-SHA-384 with this key of 224 zeroes, by another program. */
GUEST_TEST(report_mac)
{
	static const u8 of_zeroes[32] = {
		0x70, 0x6b, 0x9c, 0xdc, 0x63, 0xa0, 0xdf, 0x25,
		0x8e, 0xb5, 0x67, 0x90, 0xe8, 0x9b, 0x7e, 0x28,
		0x5f, 0x84, 0x9d, 0xcb, 0x90, 0x95, 0xe5, 0x3e,
		0x1d, 0x49, 0x4b, 0xa1, 0x7e, 0x23, 0xf3, 0x10,
	};
	u8 bytes[224] = { 0 }, mac[32];
	u32 i;

	for (i = 0; i < 32; i++)
		r->m->report_key[i] = (u8)i;
	tdxm_report_mac(r->m, bytes, mac);
	assert_memory_equal(mac, of_zeroes, 32);
}

/* ---- what the guest knows of itself. As Linux names the fields. */

#define TD_ATTRIBUTES	0x1110000300000000ULL
#define TD_CONFIG_FLAGS	0x1110000300000016ULL
#define TD_CTLS		0x1110000300000017ULL
#define TD_NOTIFY	0x9100000000000010ULL
#define TD_TOPOLOGY	0x9100000000000019ULL
#define TD_HKID		0x8110000200000001ULL

static void vm_rd(struct tdxm_call *c, u64 field, u64 status, u64 value)
{
	regs(c)->rdx = field;
	regs(c)->r8 = 0xbad;
	answers_status(c, TDG_VM_RD, 0, status);
	assert_int_equal(regs(c)->r8, value);
}

static void vm_wr(struct tdxm_call *c, u64 field, u64 value, u64 mask, u64 status)
{
	regs(c)->rdx = field;
	regs(c)->r8 = value;
	regs(c)->r9 = mask;
	answers_status(c, TDG_VM_WR, 0, status);
}

static void fields(struct tdxm_call *c)
{
	c->td->attributes = 0x10000000;
	c->td->config_flags = 0;
	vm_rd(c, TD_ATTRIBUTES, TDX_SUCCESS, 0x10000000);
	vm_rd(c, TD_TOPOLOGY, TDX_SUCCESS, 1);
	vm_rd(c, TD_HKID, TDX_METADATA_FIELD_NOT_READABLE, 0);
	vm_wr(c, TD_NOTIFY, 0, ~0ULL, TDX_SUCCESS);
	vm_wr(c, TD_NOTIFY, 3, ~0ULL, TDX_METADATA_FIELD_VALUE_NOT_VALID);
	vm_wr(c, TD_CTLS, 2, 2, TDX_SUCCESS);
	assert_int_equal(regs(c)->r8, 0);
	vm_wr(c, TD_CTLS, ~0ULL, 8, TDX_METADATA_FIELD_NOT_WRITABLE);
	assert_int_equal(regs(c)->r8, 0);
	vm_wr(c, TD_CTLS, ~0ULL, 10, TDX_METADATA_FIELD_VALUE_NOT_VALID);
	vm_wr(c, TD_CTLS, 2, 10, TDX_SUCCESS);	/* bit 3 stays as it is */
	vm_wr(c, TD_CTLS, 1, 1, TDX_METADATA_FIELD_VALUE_NOT_VALID);
	c->td->config_flags = 2;	/* FLEXIBLE_PENDING_VE */
	vm_rd(c, TD_CONFIG_FLAGS, TDX_SUCCESS, 2);
	vm_wr(c, TD_CTLS, 1, 1, TDX_SUCCESS);
	assert_int_equal(regs(c)->r8, 2);
	vm_rd(c, TD_CTLS, TDX_SUCCESS, 3);
	vm_wr(c, TD_ATTRIBUTES, 0, ~0ULL, TDX_METADATA_FIELD_NOT_WRITABLE);
	vm_wr(c, TD_HKID, 0, ~0ULL, TDX_METADATA_FIELD_NOT_WRITABLE);
	vm_rd(c, TD_HKID + 0x1000, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vm_wr(c, TD_HKID + 0x1000, 0, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT);
	vm_rd(c, TD_ATTRIBUTES | 1ULL << 24, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vm_wr(c, TD_CTLS | 1ULL << 62, 0, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT);
	answers_status(c, TDG_VM_RD, 1, ON_RCX);
	answers_status(c, TDG_VM_WR, 1, ON_RCX);
}

GUEST_TEST(fields_of_the_td)
{
	assert_status(enter(r, fields), EXIT_INTERRUPT);
}

#define VM_RD_V1	(TDG_VM_RD | 1 << 16)

/* By version 1 of TDG.VM.RD, or by TDG.SYS.RD; @next: what RDX names then. */
static void leads_on(struct tdxm_call *c, u64 leaf, u64 id, u64 status, u64 value, u64 next)
{
	regs(c)->rdx = id;
	regs(c)->r8 = 0xbad;
	answers_status(c, leaf, 0, status);
	assert_int_equal(regs(c)->r8, value);
	assert_int_equal(regs(c)->rdx, next);
}

static void walks_vm(struct tdxm_call *c)
{
	const u64 first = 0x9010000200000001, last = 0x1310000300000057;
	u64 id = first;
	u32 n;

	c->td->rtmr[3][5] = 0x57;
	leads_on(c, VM_RD_V1, ~0ULL, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT, 0, first);
	leads_on(c, VM_RD_V1, first, TDX_SUCCESS, c->td->nr_vcpus, 0x9010000100000005);
	leads_on(c, VM_RD_V1, 0x111000010000000c, TDX_SUCCESS, 100, 0x9110000300000010);
	leads_on(c, VM_RD_V1, last, TDX_SUCCESS, 0x57, ~0ULL);
	leads_on(c, VM_RD_V1, TD_HKID, TDX_METADATA_FIELD_NOT_READABLE, 0, ~0ULL);
	for (n = 0; id != ~0ULL; n++) {
		regs(c)->rdx = id;
		answers_status(c, VM_RD_V1, 0, TDX_SUCCESS);
		id = regs(c)->rdx;
	}
	assert_int_equal(n, 11 + 4 * 6 + 4 * 6);
	/* Version 0 leads nowhere. */
	vm_rd(c, first, TDX_SUCCESS, c->td->nr_vcpus);
	assert_int_equal(regs(c)->rdx, first);
	vm_rd(c, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	regs(c)->rdx = ~0ULL;
	answers_status(c, VM_RD_V1, 1, ON_RCX);
	assert_int_equal(regs(c)->rdx, ~0ULL);
	answers_status(c, TDG_VM_RD | 2 << 16, 0, TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX);
	answers_status(c, TDG_VM_WR | 1 << 16, 0, TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX);
}

GUEST_TEST(fields_one_after_another)
{
	assert_status(enter(r, walks_vm), EXIT_INTERRUPT);
}

#define VP_INDEX		0xa020000200000002ULL
#define VP_KERNEL_VE		0xa020000000000007ULL
#define VP_USER_VE		0xa020000000000008ULL
#define VP_L2_CTLS		0xa020000300000050ULL
#define VP_TSC_DEADLINE		0xa020000300000058ULL
#define VP_CPUID_CONTROL	0xa120000000000000ULL
#define VP_STATE		0xa020000000000000ULL
#define VP_RIP			0x002400030000681eULL
#define NR_VP_FIELDS		(3 + 4 + 4 + 128)

static u64 vp_rd(struct tdxm_call *c, u64 field, u64 status, u64 value)
{
	regs(c)->rdx = field;
	regs(c)->r8 = 0xbad;
	answers_status(c, TDG_VP_RD, 0, status);
	assert_int_equal(regs(c)->r8, value);
	return regs(c)->rdx;
}

/* @before: what R8 has then. */
static void vp_wr(struct tdxm_call *c, u64 field, u64 value, u64 mask, u64 status, u64 before)
{
	regs(c)->rdx = field;
	regs(c)->r8 = value;
	regs(c)->r9 = mask;
	answers_status(c, TDG_VP_WR, 0, status);
	assert_int_equal(regs(c)->r8, before);
	assert_int_equal(regs(c)->rdx, field);
}

static void reads_vp(struct tdxm_call *c)
{
	c->vp->index = 1;
	assert_int_equal(vp_rd(c, VP_INDEX, TDX_SUCCESS, 1), VP_KERNEL_VE);
	c->vp->index = 0;
	/* Size and context are not looked at, nor WRITE_MASK_VALID. */
	assert_int_equal(vp_rd(c, 32ULL << 56 | 1ULL << 51 | 7, TDX_SUCCESS, 0), VP_USER_VE);
	assert_int_equal(vp_rd(c, VP_TSC_DEADLINE + 3, TDX_SUCCESS, ~0ULL), VP_CPUID_CONTROL);
	assert_int_equal(vp_rd(c, VP_CPUID_CONTROL + 127, TDX_SUCCESS, 0), ~0ULL);
	assert_int_equal(vp_rd(c, VP_STATE, TDX_METADATA_FIELD_NOT_READABLE, 0), ~0ULL);
	vp_rd(c, VP_RIP, TDX_METADATA_FIELD_NOT_READABLE, 0);
	vp_rd(c, VP_RIP + 1, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vp_rd(c, VP_CPUID_CONTROL + 128, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vp_rd(c, VP_INDEX | 1ULL << 38, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vp_rd(c, VP_STATE | 1ULL << 24, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	regs(c)->rdx = VP_INDEX;
	regs(c)->r8 = 1;
	answers_status(c, TDG_VP_RD, 1, ON_RCX);
	assert_int_equal(regs(c)->rdx, ~0ULL);
	assert_int_equal(regs(c)->r8, 0);
}

/* From one to the next: each readable field once. */
static void walks_vp(struct tdxm_call *c)
{
	u64 id = vp_rd(c, ~0ULL, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT, 0);
	u32 n;

	assert_int_equal(id, VP_INDEX);
	for (n = 0; id != ~0ULL; n++) {
		regs(c)->rdx = id;
		answers_status(c, TDG_VP_RD, 0, TDX_SUCCESS);
		id = regs(c)->rdx;
	}
	assert_int_equal(n, NR_VP_FIELDS);
}

GUEST_TEST(fields_of_the_vcpu)
{
	assert_status(enter(r, reads_vp), EXIT_INTERRUPT);
	assert_status(enter(r, walks_vp), EXIT_INTERRUPT);
}

static void writes_vp(struct tdxm_call *c)
{
	u32 i;

	vp_wr(c, VP_KERNEL_VE, 0x81, ~0ULL, TDX_SUCCESS, 0);
	vp_rd(c, VP_KERNEL_VE, TDX_SUCCESS, 0x81);
	vp_wr(c, VP_KERNEL_VE, 0x100, ~0ULL, TDX_METADATA_FIELD_VALUE_NOT_VALID, 0);
	vp_wr(c, VP_KERNEL_VE, 0x100, 0xf00, TDX_METADATA_FIELD_NOT_WRITABLE, 0);
	vp_wr(c, VP_KERNEL_VE, 0x70, 0xf0, TDX_SUCCESS, 0x81);
	vp_rd(c, VP_KERNEL_VE, TDX_SUCCESS, 0x71);
	vp_rd(c, VP_USER_VE, TDX_SUCCESS, 0);
	for (i = 0; i < 4; i++) {
		vp_wr(c, VP_L2_CTLS + i, 8 + i, ~0ULL, TDX_METADATA_FIELD_VALUE_NOT_VALID, 0);
		vp_wr(c, VP_L2_CTLS + i, i, ~0ULL, TDX_SUCCESS, 0);
		vp_rd(c, VP_L2_CTLS + i, TDX_SUCCESS, i);
		vp_wr(c, VP_TSC_DEADLINE + i, i, ~0ULL, TDX_SUCCESS, ~0ULL);
		vp_rd(c, VP_TSC_DEADLINE + i, TDX_SUCCESS, i);
	}
	vp_wr(c, VP_CPUID_CONTROL + 127, 3, 1, TDX_SUCCESS, 0);
	vp_rd(c, VP_CPUID_CONTROL + 127, TDX_SUCCESS, 1);
	vp_wr(c, VP_CPUID_CONTROL + 127, 4, 7, TDX_METADATA_FIELD_VALUE_NOT_VALID, 0);
	vp_wr(c, VP_CPUID_CONTROL + 127, 4, 4, TDX_METADATA_FIELD_NOT_WRITABLE, 0);
	vp_wr(c, VP_INDEX, 0, ~0ULL, TDX_METADATA_FIELD_NOT_WRITABLE, 0);
	vp_wr(c, VP_STATE, 0, ~0ULL, TDX_METADATA_FIELD_NOT_WRITABLE, 0);
	vp_wr(c, VP_RIP, 0, ~0ULL, TDX_METADATA_FIELD_NOT_WRITABLE, 0);
	vp_wr(c, VP_RIP + 1, 0, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vp_wr(c, ~0ULL, 0, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	vp_wr(c, VP_L2_CTLS | 1ULL << 55, 0, ~0ULL, TDX_METADATA_FIELD_ID_INCORRECT, 0);
	regs(c)->rdx = VP_L2_CTLS;
	answers_status(c, TDG_VP_WR, 1, ON_RCX);
	vp_rd(c, VP_INDEX, TDX_SUCCESS, 0);
}

GUEST_TEST(vcpu_written)
{
	assert_status(enter(r, writes_vp), EXIT_INTERRUPT);
}

/* TDX 1.0 has none of the leaves that came with 1.5. */
static void calls_later_leaves(struct tdxm_call *c)
{
	static const u64 later[] = {
		TDG_VP_RD, TDG_VP_WR, TDG_SYS_RD, TDG_SYS_RDALL, TDG_MEM_PAGE_ATTR_RD,
		TDG_MEM_PAGE_ATTR_WR, VM_RD_V1,
	};
	size_t i;

	for (i = 0; i < NR(later); i++) {
		tdcall(c, later[i], 0);
		assert_status(regs(c)->rax, TDX_OPERAND_INVALID | TDX_OPERAND_ID_RAX);
	}
}

TEST_CASE(leaves_of_1_0, TDXM_1_0_3, TDXM_1_0_3, guests_up, td_runnable)
{
	assert_status(enter(r, calls_later_leaves), EXIT_INTERRUPT);
}

/* What it has chosen: the host is told of a page that is pending, not the guest. */
static void uses_pending_quietly(struct tdxm_call *c)
{
	const struct tdxm_access a = { .gpa = GPA_FREE };

	c->td->td_ctls = 1;
	assert_int_equal(tdxm_guest_violation(c, &a), TDXM_EXIT);
}

GUEST_TEST(no_ve_for_pending)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_status(enter(r, uses_pending_quietly), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rdx, 6);
}

static void asks_about_the_module(struct tdxm_call *c)
{
	const u64 vendor = 0x0800000200000000, minor = 0x0800000100000003,
		  features = 0x0a00000300000008, cmrs = 0x9000000100000000;

	leads_on(c, TDG_SYS_RD, ~0ULL, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT, 0, vendor);
	leads_on(c, TDG_SYS_RD, vendor, TDX_SUCCESS, 0x8086, minor);
	leads_on(c, TDG_SYS_RD, features, TDX_SUCCESS, c->m->version->features0, ~0ULL);
	leads_on(c, TDG_SYS_RD, cmrs, TDX_METADATA_FIELD_NOT_READABLE, 0, ~0ULL);
	leads_on(c, TDG_SYS_RD, 0x0a000003000000ff, TDX_METADATA_FIELD_ID_INCORRECT, 0, ~0ULL);
}

GUEST_TEST(fields_of_the_module)
{
	assert_status(enter(r, asks_about_the_module), EXIT_INTERRUPT);
}

static void lists_sys(struct tdxm_call *c, u64 gpa, u64 id, u64 status)
{
	regs(c)->rdx = gpa;
	regs(c)->r8 = id;
	answers_status(c, TDG_SYS_RDALL, 0, status);
	assert_int_equal(regs(c)->r8, ~0ULL);
	assert_int_equal(regs(c)->rdx, gpa);
}

static void asks_for_the_list(struct tdxm_call *c)
{
	const u64 features0 = c->m->version->features0;
	const u64 all[] = {
		5 << 16 | 12 * 8,
		0x0800000200000000, 0x8086,
		0x0800000100000003 | 1ULL << 38, c->m->version->minor, c->m->version->major,
		0x0a00000200000000, 0, 0x0a00000000000001, 1, 0x0a00000300000008, features0,
	}, tail[] = { 1 << 16 | 3 * 8, 0x0a00000300000008, features0 };
	u64 *list = tdxm_guest_page(c, 0);

	memset(list, 0xee, 4096);
	lists_sys(c, 0, ~0ULL, TDX_SUCCESS);
	assert_memory_equal(list, all, sizeof(all));
	assert_int_equal(list[NR(all)], 0xeeeeeeeeeeeeeeee);
	lists_sys(c, 0, 0x0a00000300000008, TDX_SUCCESS);
	assert_memory_equal(list, tail, sizeof(tail));
	/* From a field on that is the host's, BUILD_DATE. */
	lists_sys(c, 0, 0x8800000200000001, TDX_SUCCESS);
	assert_int_equal(list[1], all[3]);
	lists_sys(c, 0, 0x9000000100000000, TDX_SUCCESS);
	assert_int_equal(list[0], 8);
	lists_sys(c, 0, 0x0a000003000000ff, TDX_METADATA_FIELD_ID_INCORRECT);
	assert_int_equal(list[0], 8);
	lists_sys(c, 8, ~0ULL, ON_RDX);
	lists_sys(c, GPA_SHARED, ~0ULL, ON_RDX);
	regs(c)->rdx = GPA_FREE;
	assert_int_equal(tdcall(c, TDG_SYS_RDALL, 0), TDXM_EXIT);
}

/* A page that is pending: the guest is told, as of any access. */
static void lists_to_pending(struct tdxm_call *c)
{
	regs(c)->rax = TDG_SYS_RDALL;
	regs(c)->rdx = GPA_FREE;
	regs(c)->r8 = ~0ULL;
	gets_event(c, tdxm_tdcall(c, &kernel_mode), TDXM_VECTOR_VE, false);
	assert_int_equal(regs(c)->rax, TDG_SYS_RDALL);
	assert_int_equal(c->vp->guest.ve.reason, TDXM_ON_EPT_VIOLATION);
	assert_int_equal(c->vp->guest.ve.qualification, 1 | 2);
	assert_int_equal(c->vp->guest.ve.gpa, GPA_FREE);
}

GUEST_TEST(list_of_the_module)
{
	assert_status(enter(r, asks_for_the_list), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.r8, GPA_FREE);
	assert_int_equal(r->out.rcx, 1 | 2);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_status(enter(r, lists_to_pending), EXIT_INTERRUPT);
}

/* ---- CPUID */

static void cpuid(struct tdxm_call *c, u32 leaf, u32 subleaf)
{
	memset(regs(c), 0xff, sizeof(*regs(c)));
	regs(c)->rax = leaf;
	regs(c)->rcx = subleaf;
	assert_int_equal(tdxm_guest_cpuid(c, 0), TDXM_NEXT_INSN);
}

static void gets_ve_for(struct tdxm_call *c, u32 leaf)
{
	regs(c)->rax = leaf;
	regs(c)->rcx = 0;
	gets_event(c, tdxm_guest_cpuid(c, 0), TDXM_VECTOR_VE, false);
	assert_int_equal(c->vp->guest.ve.reason, TDXM_ON_CPUID);
	assert_int_equal(c->vp->guest.ve.length, 2);
	assert_int_equal(regs(c)->rax, leaf);
	c->vp->guest.ve.valid = false;
}

static void asks_cpuid(struct tdxm_call *c)
{
	u32 i;

	cpuid(c, 0x21, 0);
	assert_int_equal(regs(c)->rax, 0);
	assert_memory_equal(&regs(c)->rbx, "Inte\0\0\0", 8);
	assert_memory_equal(&regs(c)->rdx, "lTDX\0\0\0", 8);
	assert_memory_equal(&regs(c)->rcx, "    \0\0\0", 8);
	cpuid(c, 0x22, 0);		/* above the highest leaf: answers as that one */
	assert_memory_equal(&regs(c)->rbx, "Inte\0\0\0", 8);
	cpuid(c, 0, 0);
	assert_int_equal(regs(c)->rax, 0x21);
	cpuid(c, 0x80000000, 7);
	assert_int_equal(regs(c)->rax, 0x80000008);
	/* The values that the host has chosen, but for the APIC ID. */
	c->td->cpuid[0][1] = 0xff00ff00;
	c->td->x2apicids[0] = 5;
	cpuid(c, 1, 0);
	assert_int_equal(regs(c)->rbx, 0x0500ff00);
	for (i = 0; i < 4; i++)
		c->td->cpuid[5][i] = 0x700 + i;
	cpuid(c, 7, 0);
	assert_int_equal(regs(c)->rax, 0x700);
	assert_int_equal(regs(c)->rbx, 0x701);
	assert_int_equal(regs(c)->rcx, 0x702);
	assert_int_equal(regs(c)->rdx, 0x703);
	gets_ve_for(c, 0x40000000);
	gets_ve_for(c, 0x4fffffff);
	gets_ve_for(c, 0x15);
}

/* A CPU that has everything, and says in EAX what it was asked. */
static void cpu_has_all(void *ctx, u32 leaf, u32 subleaf, u32 r[4])
{
	(void)ctx;
	memset(r, 0xff, 4 * sizeof(r[0]));
	if (leaf == 0xd)
		r[1] = 0xd00 + subleaf;
}

static void asks_cpuid_of_cpu(struct tdxm_call *c)
{
	c->m->host.cpuid = cpu_has_all;
	c->td->xfam = 3;
	c->td->tsc_frequency = 40;
	c->td->cpuid[0][2] = 1U << 3;
	cpuid(c, 0, 0);
	assert_int_equal(regs(c)->rax, 0x21);
	assert_int_equal(regs(c)->rbx, 0xffffffff);
	cpuid(c, 1, 0);			/* no VMX, no AVX; MONITOR is the host's to give */
	assert_int_equal(regs(c)->rcx, 0x46da2203 | 1U << 31 | 1U << 21 | 1U << 3);
	cpuid(c, 7, 0);
	assert_int_equal(regs(c)->rbx & (1U << 2 | 1U << 5 | 1U << 14 | 1U << 25), 0);
	assert_int_equal(regs(c)->rbx & (1U << 7 | 1U << 20), 1U << 7 | 1U << 20);
	assert_int_equal(regs(c)->rcx, 0);	/* the host's to choose, or the TD has no PKRU */
	cpuid(c, 0xd, 0);
	assert_int_equal(regs(c)->rax, 3);
	assert_int_equal(regs(c)->rbx, 0xd00);
	assert_int_equal(regs(c)->rdx, 0);
	cpuid(c, 0xd, 1);
	assert_int_equal(regs(c)->rax, 7);
	cpuid(c, 0xd, 2);		/* a component that the TD has not */
	assert_int_equal(regs(c)->rax | regs(c)->rbx, 0);
	c->td->xfam = 7;
	cpuid(c, 0xd, 2);
	assert_int_equal(regs(c)->rbx, 0xd02);
	cpuid(c, 1, 0);
	assert_int_equal(regs(c)->rcx >> 12 & 1, 1);	/* FMA */
	cpuid(c, 0x15, 0);
	assert_int_equal(regs(c)->rax, 1);
	assert_int_equal(regs(c)->rbx, 40);
	assert_int_equal(regs(c)->rcx, 25000000);
	cpuid(c, 0x80000001, 0);	/* no SVM */
	assert_int_equal(regs(c)->rcx, 0x121);
	assert_int_equal(regs(c)->rdx, 0x2c100800);
	cpuid(c, 0x80000008, 0);
	assert_int_equal(regs(c)->rax >> 16 & 0xff, 48);
	gets_ve_for(c, 0x40000000);
	gets_ve_for(c, 0x5);
}

static void wants_ve_for_cpuid(struct tdxm_call *c)
{
	answers_status(c, TDG_VP_CPUIDVE_SET, 4, ON_RCX);
	cpuid(c, 0x21, 0);
	answers_status(c, TDG_VP_CPUIDVE_SET, 1, TDX_SUCCESS);
	gets_ve_for(c, 0x21);
	regs(c)->rax = 0x21;
	assert_int_equal(tdxm_guest_cpuid(c, 3), TDXM_NEXT_INSN);
	answers_status(c, TDG_VP_CPUIDVE_SET, 2, TDX_SUCCESS);
	cpuid(c, 0x21, 0);
	regs(c)->rax = 0x21;
	gets_event(c, tdxm_guest_cpuid(c, 3), TDXM_VECTOR_VE, false);
}

/* What TDG.VP.CPUIDVE.SET has set is a field as well. */
static void wants_no_ve_for_cpuid(struct tdxm_call *c)
{
	c->vp->guest.ve.valid = false;
	vp_rd(c, VP_KERNEL_VE, TDX_SUCCESS, 0);
	vp_wr(c, VP_USER_VE, 0, ~0ULL, TDX_SUCCESS, 1);
	regs(c)->rax = 0x21;
	assert_int_equal(tdxm_guest_cpuid(c, 3), TDXM_NEXT_INSN);
}

/* One leaf of several: 7/1 is number 6, 0x21/0 is number 53, 0x80000008 is number 9. */
static void wants_ve_for_leaves(struct tdxm_call *c)
{
	c->m->host.cpuid = cpu_has_all;
	vp_wr(c, VP_CPUID_CONTROL + 53, 1, ~0ULL, TDX_SUCCESS, 0);
	gets_ve_for(c, 0x21);
	cpuid(c, 0x21, 1);
	regs(c)->rax = 0x21;
	assert_int_equal(tdxm_guest_cpuid(c, 3), TDXM_NEXT_INSN);
	vp_wr(c, VP_CPUID_CONTROL + 9, 2, ~0ULL, TDX_SUCCESS, 0);
	cpuid(c, 0x80000008, 0);
	regs(c)->rax = 0x80000008;
	gets_event(c, tdxm_guest_cpuid(c, 3), TDXM_VECTOR_VE, false);
	c->vp->guest.ve.valid = false;
	vp_wr(c, VP_CPUID_CONTROL + 6, 1, ~0ULL, TDX_SUCCESS, 0);
	cpuid(c, 7, 0);
	regs(c)->rax = 7;
	regs(c)->rcx = 1;
	gets_event(c, tdxm_guest_cpuid(c, 0), TDXM_VECTOR_VE, false);
}

GUEST_TEST(ve_for_cpuid)
{
	assert_status(enter(r, wants_ve_for_cpuid), EXIT_INTERRUPT);
	assert_status(enter(r, wants_no_ve_for_cpuid), EXIT_INTERRUPT);
	assert_status(enter(r, wants_ve_for_leaves), EXIT_INTERRUPT);
}

GUEST_TEST(cpuid_of_the_cpu)
{
	assert_status(enter(r, asks_cpuid_of_cpu), EXIT_INTERRUPT);
}

GUEST_TEST(cpuid_values)
{
	assert_status(enter(r, asks_cpuid), EXIT_INTERRUPT);
}

/* ---- control registers */

enum {
	PE = 1, NE = 1 << 5, WP = 1 << 16, AM = 1 << 18, NW = 1 << 29, CD = 1 << 30,	/* CR0 */
	PAE = 1 << 5, MCE = 1 << 6, VMXE = 1 << 13, SMXE = 1 << 14, PCIDE = 1 << 17,	/* CR4 */
	OSXSAVE = 1 << 18, PKE = 1 << 22, CET = 1 << 23, PKS = 1 << 24,
};
#define PG	(1ULL << 31)
#define ET	(1 << 4)

static const struct tdxm_crs unpaged = { .cr0 = PE | ET | NE, .cr4 = MCE };
static const struct tdxm_crs paged = {
	.cr0 = PE | ET | NE | PG, .cr3 = 0x1000, .cr4 = MCE | PAE, .code64 = true,
};
static const struct tdxm_crs compat = { .cr0 = PE | ET | NE | PG, .cr4 = MCE | PAE };
static const struct tdxm_crs with_pcid = { .cr0 = PE | ET | NE | PG, .cr4 = MCE | PAE | PCIDE };
static const struct tdxm_crs pae = { .cr0 = PE | ET | NE, .cr4 = MCE | PAE };
static const struct tdxm_crs in_pcid = { .cr0 = PE | ET | NE | PG, .cr3 = 0x1001, .cr4 = MCE | PAE };

TEST(writes_of_cr0, TDXM_1_5_01, started)
{
	static const struct {
		const struct tdxm_crs *from;
		u64 value;
		enum tdxm_cr_write what;
		u64 then;
	} t[] = {
		{ &paged, PE | NE | PG | WP | AM, TDXM_CR_TAKEN, PE | ET | NE | PG | WP | AM },
		{ &paged, PE | ET | NE | PG | 0x1ffaffc0, TDXM_CR_TAKEN, PE | ET | NE | PG },
		{ &paged, 1ULL << 32 | PE | NE | PG, TDXM_CR_GP, 0 },
		{ &paged, PE | PG, TDXM_CR_GP, 0 },
		{ &paged, NE | PG, TDXM_CR_GP, 0 },
		{ &paged, NE, TDXM_CR_VE, 0 },
		{ &paged, PE | NE | PG | CD, TDXM_CR_VE, 0 },
		{ &paged, PE | NE | PG | NW, TDXM_CR_VE, 0 },
		/* #GP before #VE, but for what the CPU would refuse by itself. */
		{ &paged, PE | PG | CD, TDXM_CR_GP, 0 },
		{ &unpaged, PE | NE | PG | CD, TDXM_CR_VE, 0 },
		{ &unpaged, PE | NE | PG, TDXM_CR_GP, 0 },
		{ &pae, PE | NE | PG, TDXM_CR_TAKEN, PE | ET | NE | PG },
		{ &paged, PE | NE, TDXM_CR_GP, 0 },
		{ &compat, PE | NE, TDXM_CR_TAKEN, PE | ET | NE },
		{ &with_pcid, PE | NE, TDXM_CR_GP, 0 },
	};

	for (u32 i = 0; i < NR(t); i++) {
		struct tdxm_crs crs = *t[i].from;

		assert_int_equal(tdxm_write_cr0(&crs, t[i].value), t[i].what);
		assert_int_equal(crs.cr0, t[i].what == TDXM_CR_TAKEN ? t[i].then : t[i].from->cr0);
		assert_int_equal(crs.cr4, t[i].from->cr4);
	}
}

TEST(writes_of_cr4, TDXM_1_5_01, started)
{
	enum { XFAM = 3, WITH_PKRU = 0x203 };
	static const struct {
		const struct tdxm_crs *from;
		u64 value, xfam;
		enum tdxm_cr_write what;
	} t[] = {
		{ &paged, MCE | PAE | OSXSAVE, XFAM, TDXM_CR_TAKEN },
		{ &unpaged, MCE, XFAM, TDXM_CR_TAKEN },
		{ &paged, MCE | PAE | PKE, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | PKE, WITH_PKRU, TDXM_CR_TAKEN },
		{ &paged, MCE | PAE | CET, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | PKS, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | 1 << 12, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | 1 << 15, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | 1ULL << 32, XFAM, TDXM_CR_GP },
		{ &paged, PAE, XFAM, TDXM_CR_VE },
		{ &paged, MCE | PAE | VMXE, XFAM, TDXM_CR_VE },
		{ &paged, MCE | PAE | SMXE, XFAM, TDXM_CR_VE },
		{ &paged, PAE | CET, XFAM, TDXM_CR_GP },
		{ &paged, 0, XFAM, TDXM_CR_VE },
		{ &paged, MCE, XFAM, TDXM_CR_GP },
		{ &paged, MCE | PAE | PCIDE, XFAM, TDXM_CR_TAKEN },
		{ &unpaged, MCE | PAE | PCIDE, XFAM, TDXM_CR_GP },
		{ &in_pcid, MCE | PAE | PCIDE, XFAM, TDXM_CR_GP },
		{ &with_pcid, MCE | PAE, XFAM, TDXM_CR_TAKEN },
	};

	for (u32 i = 0; i < NR(t); i++) {
		struct tdxm_crs crs = *t[i].from;

		assert_int_equal(tdxm_write_cr4(&crs, t[i].value, t[i].xfam), t[i].what);
		assert_int_equal(crs.cr4, t[i].what == TDXM_CR_TAKEN ? t[i].value : t[i].from->cr4);
		assert_int_equal(crs.cr0, t[i].from->cr0);
	}
}

/* MP, EM and TS, whatever the rest of the operand is. */
TEST(lmsw, TDXM_1_5_01, started)
{
	struct tdxm_crs crs = paged;

	tdxm_lmsw(&crs, ~0ULL);
	assert_int_equal(crs.cr0, paged.cr0 | 0xe);
	tdxm_lmsw(&crs, 2);
	assert_int_equal(crs.cr0, paged.cr0 | 2);
	tdxm_lmsw(&crs, 0);
	assert_int_equal(crs.cr0, paged.cr0);
}

/* ---- interrupts */

static void apic_has(struct tdxm_call *c, u32 msr, u64 want)
{
	u64 value = ~0ULL;

	assert_true(tdxm_apic_read(&c->vp->guest.apic, msr, &value));
	assert_int_equal(value, want);
}

static void takes_interrupts(struct tdxm_call *c)
{
	struct tdxm_apic *apic = &c->vp->guest.apic;
	u64 value;

	/* 0x41 and 0x85 are posted. */
	apic_has(c, 0x822, 1 << 1);
	apic_has(c, 0x824, 1 << 5);
	assert_int_equal(tdxm_apic_due(apic), 0x85);
	assert_true(tdxm_apic_write(apic, 0x808, 0x80));
	assert_int_equal(tdxm_apic_due(apic), -1);
	apic_has(c, 0x80a, 0x80);
	assert_true(tdxm_apic_write(apic, 0x808, 0x70));
	apic_has(c, 0x808, 0x70);
	tdxm_apic_begin(apic, 0x85);
	apic_has(c, 0x814, 1 << 5);
	apic_has(c, 0x80a, 0x80);
	assert_int_equal(tdxm_apic_due(apic), -1);
	/* The delivery failed. */
	tdxm_apic_cancel(apic, 0x85);
	assert_int_equal(tdxm_apic_due(apic), 0x85);
	tdxm_apic_begin(apic, 0x85);
	tdxm_apic_write(apic, 0x808, 0);
	assert_true(tdxm_apic_write(apic, 0x83f, 0xff));
	assert_int_equal(tdxm_apic_due(apic), 0xff);
	tdxm_apic_begin(apic, 0xff);
	/* The highest in service ends first. */
	assert_true(tdxm_apic_write(apic, 0x80b, 0));
	apic_has(c, 0x817, 0);
	apic_has(c, 0x814, 1 << 5);
	tdxm_apic_write(apic, 0x80b, 0);
	assert_int_equal(tdxm_apic_due(apic), 0x41);
	tdxm_apic_begin(apic, 0x41);
	tdxm_apic_write(apic, 0x80b, 0);
	tdxm_apic_write(apic, 0x80b, 0);
	assert_int_equal(tdxm_apic_due(apic), -1);
	/* The host emulates this register. */
	assert_false(tdxm_apic_read(apic, 0x80f, &value));
	assert_false(tdxm_apic_write(apic, 0x80f, 0x1ff));
	assert_false(tdxm_apic_write(apic, 0x830, 0));
	assert_false(tdxm_apic_read(apic, 0x7ff, &value));
}

static void post(struct rig *r, u32 vector)
{
	*word_at(r, PI_DESC + vector / 64 * 8) |= 1ULL << vector % 64;
}

GUEST_TEST(interrupts)
{
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, MD_PI_DESC, PI_DESC, ~0ULL);
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, MD_PIN_BASED, 1 << 7, 1 << 7);
	memset(r->ram + PI_DESC, 0, 64);
	post(r, 0x41);
	post(r, 0x85);
	/* Without ON the interrupt is not delivered. */
	assert_status(enter(r, NULL), EXIT_INTERRUPT);
	expect(r, TDX_SUCCESS, VP_RD, TDVPR, MD_DETAILS);
	assert_int_equal(r->out.r8, 0);
	*word_at(r, PI_DESC + 32) = 1;
	assert_status(enter(r, NULL), EXIT_INTERRUPT);
	assert_int_equal(*word_at(r, PI_DESC + 32), 0);
	assert_int_equal(*word_at(r, PI_DESC + 8), 0);
	assert_int_equal(*word_at(r, PI_DESC + 16), 0);
	expect(r, TDX_SUCCESS, VP_RD, TDVPR, MD_DETAILS);
	assert_int_equal(r->out.r8, 1);
	assert_status(enter(r, takes_interrupts), EXIT_INTERRUPT);
}

/* ---- memory of TDs that run */

/* The entries as after an access: present, writable, user, accessed; in the last also dirty. */
static u64 walked(struct rig *r, u64 gpa)
{
	static const u32 shifts[] = { 39, 30, 21, 12 };
	u64 table = TDCX(TDXM_SEPT_ROOT), entry = 0;
	u32 i;

	for (i = 0; i < NR(shifts); i++) {
		entry = *word_at(r, table + (gpa >> shifts[i] & 511) * 8);
		if ((entry & 0x27) != 0x27 || (entry & 0x80 && i == 2))
			break;
		table = entry & 0xffffffffff000ULL;
	}
	return entry;
}

static u32 touched(struct rig *r)
{
	return (u32)tdxm_violations(r->m, TDXM_V_TD_PAGE_TOUCHED);
}

GUEST_TEST(entries_for_the_cpu)
{
	u64 pa = 4 * GB + 4 * MB, entry = walked(r, 0);

	assert_int_equal(entry & 0xffffffffff0ffULL, DATA(0) | 0x67);
	assert_int_equal(entry >> 59, 0);
	assert_int_equal(walked(r, GPA_FREE) & 1, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_int_equal(walked(r, GPA_FREE) & 1, 0);
	accept_rcx = GPA_FREE;
	enter(r, accepts);
	assert_int_equal(walked(r, GPA_FREE) & 0xffffffffff0ffULL, DATA(1) | 0x67);
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, GPA_FREE, TDR);
	assert_int_equal(walked(r, GPA_FREE) & 1, 0);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, GPA_FREE, TDR);
	assert_int_equal(walked(r, GPA_FREE) & 1, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_2M | LEVEL_2M, TDR, pa);
	accept_rcx = GPA_2M | LEVEL_2M;
	enter(r, accepts);
	assert_int_equal(walked(r, GPA_2M) & 0xffffffffff0ffULL, pa | 0xe7);
	assert_int_equal(touched(r), 0);
}

/* ---- a host that takes pages and gives others */

static void writes_both(struct tdxm_call *c)
{
	accepts(c);
	*(u64 *)tdxm_guest_page(c, 0) = 0x1111;
	*(u64 *)tdxm_guest_page(c, GPA_FREE) = 0x2222;
}

/* The guest is told, and finds neither page's contents where it accepts one. */
static void finds_both_anew(struct tdxm_call *c)
{
	static const u64 gpas[] = { 0, GPA_FREE };

	for (u32 i = 0; i < NR(gpas); i++) {
		const struct tdxm_access read = { .gpa = gpas[i] };

		assert_null(tdxm_guest_page(c, gpas[i]));
		gets_event(c, tdxm_guest_violation(c, &read), TDXM_VECTOR_VE, false);
		c->vp->guest.ve.valid = false;
		answers_status(c, TDG_MEM_PAGE_ACCEPT, gpas[i], TDX_SUCCESS);
		assert_int_equal(*(u64 *)tdxm_guest_page(c, gpas[i]), 0);
	}
}

static void take_page(struct rig *r, u32 lp, u64 gpa)
{
	expect_on(r, lp, TDX_SUCCESS, MEM_RANGE_BLOCK, gpa, TDR);
	expect_on(r, lp, TDX_SUCCESS, MEM_TRACK, TDR);
	expect_on(r, lp, TDX_SUCCESS, MEM_PAGE_REMOVE, gpa, TDR);
}

GUEST_TEST(pages_swapped)
{
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	accept_rcx = GPA_FREE;
	assert_status(enter(r, writes_both), EXIT_INTERRUPT);
	take_page(r, 1, 0);
	take_page(r, 1, GPA_FREE);
	expect_each_on(r, 1, TDX_SUCCESS, { MEM_PAGE_AUG, 0, TDR, DATA(1) },
		       { MEM_PAGE_AUG, GPA_FREE, TDR, DATA(0) });
	assert_status(enter(r, finds_both_anew), EXIT_INTERRUPT);
	assert_int_equal(touched(r), 0);
}

#define TDVPR2	PAGE(300)

static struct rig *rig;

/* What the first vCPU may still have in its TLB goes to nobody, whoever enters meanwhile. */
static void host_takes_page(struct tdxm_call *c)
{
	const struct tdxm_access write = { .gpa = 0, .write = true };

	expect_each_on(rig, 1, TDX_SUCCESS, { MEM_RANGE_BLOCK, 0, TDR });
	expect_on(rig, 1, TDX_TLB_TRACKING_NOT_DONE | RCX, MEM_PAGE_REMOVE, 0, TDR);
	expect_on(rig, 1, TDX_SUCCESS, MEM_TRACK, TDR);
	guest = NULL;
	expect_on(rig, 2, EXIT_INTERRUPT, VP_ENTER, TDVPR2);
	expect_on(rig, 1, TDX_TLB_TRACKING_NOT_DONE | RCX, MEM_PAGE_REMOVE, 0, TDR);
	expect_on(rig, 1, TDX_PREVIOUS_TLB_EPOCH_BUSY, MEM_TRACK, TDR);
	td_assert_page(rig, DATA(0), PT_REG);
	/* On another CPU at once, the host is refused. */
	expect_on(rig, 3, TDX_VCPU_ASSOCIATED, VP_ENTER, TDVPR);
	/* The page is blocked: without a TLB the host hears of the access, and the guest does not. */
	assert_int_equal(tdxm_guest_violation(c, &write), TDXM_EXIT);
}

TEST_CASE(page_taken_while_inside, TDXM_1_5_01, TDXM_1_5_01, guests_up, td_with_sept)
{
	rig = r;
	td_with_page(r, 0);
	td_build_vp(r, 300);
	expect_each(r, TDX_SUCCESS, { VP_INIT, TDVPR2 }, { MR_FINALIZE, TDR }, { VP_FLUSH, TDVPR2 });
	assert_status(enter(r, host_takes_page), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(r->out.rcx, 2);
	expect_on(r, 1, TDX_SUCCESS, MEM_PAGE_REMOVE, 0, TDR);
	assert_int_equal(r->out.rcx, DATA(0));
}

TEST_CASE(contents_are_plain, TDXM_1_5_01, TDXM_1_5_01, guests_up, td_with_sept)
{
	memset(r->ram + SOURCE_PA, 0x42, 4096);
	td_with_page(r, 0);
	assert_int_equal(*word_at(r, DATA(0)), 0x4242424242424242);
}

static void finds_page(struct tdxm_call *c)
{
	assert_non_null(tdxm_guest_page(c, 0x10));
	assert_null(tdxm_guest_page(c, GPA_FREE));
	assert_null(tdxm_guest_page(c, GPA_SHARED));
}

GUEST_TEST(pages_of_the_guest)
{
	assert_status(enter(r, finds_page), EXIT_INTERRUPT);
}

/* The model notices that the host changes a page table; the TD loses the memory below. */
GUEST_TEST(table_touched)
{
	memset(r->ram + SEPT(2), 0, 4096);
	assert_status(guest_uses(r, 0, false, false), TDXM_ON_EPT_VIOLATION);
	assert_int_equal(touched(r), 1);
}

GUEST_TEST(entry_touched)
{
	*word_at(r, SEPT(2)) += 4096;	/* another page */
	expect(r, TDX_EPT_WALK_FAILED | TDX_OPERAND_ID_RCX, MEM_RANGE_BLOCK, 0, TDR);
	assert_int_equal(touched(r), 1);
}

/* A CPU that runs the guest keeps the vCPU's state in these pages: nobody checks them. */
GUEST_TEST(comes_back)
{
	memset(r->ram + TDVPR, 0x33, 4096);
	memset(r->ram + TDVPX(4), 0x33, 4096);
	*word_at(r, DATA(0)) = 0x600d;
	td_destroy(r);
	assert_int_equal(tdxm_nr_tds(r->m), 0);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
	assert_int_equal(touched(r), 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

GUEST_TEST(tdcs_touched)
{
	*word_at(r, TDCX(1)) = 1;
	td_destroy(r);
	assert_int_equal(touched(r), 1);
}

/* ---- pages that the host does not reach */

static u64 hidden_pages, last_hidden;

static void hide(void *ctx, u64 pa, u64 size, bool hidden)
{
	(void)ctx;
	assert_int_equal(pa % size, 0);
	hidden_pages += hidden ? size / 4096 : -(size / 4096);
	last_hidden = pa;
}

static void hides(struct rig *r)
{
	guests_up(r);
	r->m->host.hide = hide;
	hidden_pages = 0;
}

TEST_CASE(pages_are_hidden, TDXM_1_5_01, TDXM_1_5_01, hides, td_runnable)
{
	u64 before = hidden_pages;

	/* TDR, 6 of the TDCS, 6 of the TDVPS, 3 tables, 1 page. */
	assert_int_equal(before, 17);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, GPA_FREE, TDR, DATA(1));
	assert_int_equal(hidden_pages, before + 1);
	assert_int_equal(last_hidden, DATA(1));
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, GPA_FREE, TDR);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	assert_int_equal(hidden_pages, before + 1);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, GPA_FREE, TDR);
	assert_int_equal(hidden_pages, before);
	td_destroy(r);
	assert_int_equal(hidden_pages, 0);
}

/* Which pages of the TD's there are, and one that is not. */
GUEST_TEST(host_touches)
{
	const u64 pages[] = { DATA(0), TDVPR, TDCX(1), SEPT(1), TDR };
	u32 i;

	for (i = 0; i < NR(pages); i++) {
		r->m->tds.td[0].fatal = false;
		tdxm_page_touched(r->m, 0, pages[i], false);
		assert_int_equal(touched(r), 2 * i + 1);
		assert_status(enter(r, NULL), EXIT_INTERRUPT);
		tdxm_page_touched(r->m, 0, pages[i], true);
		assert_int_equal(touched(r), 2 * i + 2);
		assert_status(enter(r, NULL), TDX_TD_FATAL);
	}
	r->m->tds.td[0].fatal = false;
	tdxm_page_touched(r->m, 0, SPARE, true);
	assert_status(enter(r, NULL), EXIT_INTERRUPT);
	/* It can be torn down. */
	tdxm_page_touched(r->m, 0, DATA(0), true);
	td_destroy(r);
}

TEST(meta_all_seen, TDXM_1_5_01, started)
{
	answers_all_seen(&answers);
}

static bool is_ours(const char *file)
{
	return !strncmp(file, "tdg", 3) || !strncmp(file, "guest", 5);
}

TEST(meta_sources, TDXM_1_5_01, started)
{
	answers_cover(&answers, MODEL_DIR, is_ours, 6);
}

int main(void)
{
	return run_cases("model_guest");
}
