// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is measured, and what is not.  A TD is built once as the guest's owner expects it,
 * then by hosts that do one thing otherwise: MRTD, and the digest of all that a report says of
 * the TD, differ if and only if that thing is measured.
 */
#include "model_case.h"
#include "td_rig.h"
#include "model_state.h"

/* In TD_PARAMS. */
enum { ATTRIBUTES = 0, XFAM = 8, MAX_VCPUS = 16, TSC_FREQUENCY = 40, MRCONFIGID = 80, MROWNER = 128,
       MROWNERCONFIG = 176, CPUID_CONFIG = 256 };
#define NOTHING		0xffff
#define MD_MRTD		0x1310000300000000
#define CHUNK		256
#define TO_REPORT	1024
#define VP2		PAGE(300)

struct measured {
	u64 mrtd[6];
	u8 info[48];		/* digest of the report's TDINFO_STRUCT */
};

static bool extends_rtmr;

/* TDG.MR.REPORT to the page at 0, whose contents are of no interest any more. */
static void reports(struct tdxm_call *c)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	static const struct tdxm_mode kernel_mode = { .cpl = 0, .code64 = true };

	if (extends_rtmr) {
		*g = (struct tdxm_regs){ .rax = TDG_MR_RTMR_EXTEND, .rdx = 2 };
		assert_int_equal(tdxm_tdcall(c, &kernel_mode), TDXM_NEXT_INSN);
		assert_int_equal(g->rax, TDX_SUCCESS);
	}
	*g = (struct tdxm_regs){ .rax = TDG_MR_REPORT, .rcx = TO_REPORT };
	assert_int_equal(tdxm_tdcall(c, &kernel_mode), TDXM_NEXT_INSN);
	assert_int_equal(g->rax, TDX_SUCCESS);
}

static void run_guest(void *ctx, struct tdxm_call *c)
{
	const struct tdxm_exit interrupt = { .reason = TDXM_ON_INTERRUPT };

	(void)ctx;
	tdxm_guest_enter(c);
	reports(c);
	tdxm_guest_exit(c, &interrupt);
}

/* ---- steps of the host */

static void initialise(struct rig *r, u32 offset, u8 value)
{
	td_allocated(r);
	td_good_params(r);
	if (offset != NOTHING)
		r->ram[PARAMS_PA + offset] = value;
	expect(r, TDX_SUCCESS, MNG_INIT, TDR, PARAMS_PA);
}

static void tables(struct rig *r)
{
	expect_each(r, TDX_SUCCESS, { MEM_SEPT_ADD, 3, TDR, SEPT(0) }, { MEM_SEPT_ADD, 2, TDR, SEPT(1) },
		    { MEM_SEPT_ADD, 1, TDR, SEPT(2) });
}

static void vcpu(struct rig *r)
{
	td_build_vp(r, 16);
	expect(r, TDX_SUCCESS, VP_INIT, TDVPR, 0x1234);
}

static void begin(struct rig *r)
{
	initialise(r, NOTHING, 0);
	vcpu(r);
	tables(r);
}

static void add_to(struct rig *r, u32 page, u32 data, u8 byte)
{
	memset(r->ram + SOURCE_PA, byte, 4096);
	expect(r, TDX_SUCCESS, MEM_PAGE_ADD, page * 4096, TDR, DATA(data), SOURCE_PA);
}

static void add(struct rig *r, u32 page, u8 byte)
{
	add_to(r, page, page, byte);
}

static void extend_chunk(struct rig *r, u32 page, u32 chunk)
{
	expect(r, TDX_SUCCESS, MR_EXTEND, page * 4096 + chunk * CHUNK, TDR);
}

static void extend_from(struct rig *r, u32 page, u32 chunk)
{
	for (; chunk < 4096 / CHUNK; chunk++)
		extend_chunk(r, page, chunk);
}

static void extend(struct rig *r, u32 page)
{
	extend_from(r, page, 0);
}

static void add_extended(struct rig *r, u32 page, u8 byte)
{
	add(r, page, byte);
	extend(r, page);
}

/* Page 1 as expected, and page 2, which is not extended. */
static void fill_rest(struct rig *r)
{
	add_extended(r, 1, 0x22);
	add(r, 2, 0x33);
}

static void fill(struct rig *r)
{
	add_extended(r, 0, 0x11);
	fill_rest(r);
}

/* ---- hosts */

static void as_expected(struct rig *r)
{
	begin(r);
	fill(r);
}

static void one_byte_differs(struct rig *r)
{
	begin(r);
	memset(r->ram + SOURCE_PA, 0x11, 4096);
	r->ram[SOURCE_PA + 4095] ^= 1;
	expect(r, TDX_SUCCESS, MEM_PAGE_ADD, 0, TDR, DATA(0), SOURCE_PA);
	extend(r, 0);
	fill_rest(r);
}

static void pages_swapped(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x22);
	add_extended(r, 1, 0x11);
	add(r, 2, 0x33);
}

static void pages_in_other_order(struct rig *r)
{
	begin(r);
	add_extended(r, 1, 0x22);
	add_extended(r, 0, 0x11);
	add(r, 2, 0x33);
}

static void extended_later(struct rig *r)
{
	begin(r);
	add(r, 0, 0x11);
	add(r, 1, 0x22);
	extend(r, 0);
	extend(r, 1);
	add(r, 2, 0x33);
}

static void chunks_in_other_order(struct rig *r)
{
	begin(r);
	add(r, 0, 0x11);
	extend_chunk(r, 0, 1);
	extend_chunk(r, 0, 0);
	extend_from(r, 0, 2);
	fill_rest(r);
}

static void chunk_left_out(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x11);
	add(r, 1, 0x22);
	extend_from(r, 1, 1);
	add(r, 2, 0x33);
}

static void chunk_twice(struct rig *r)
{
	as_expected(r);
	extend_chunk(r, 0, 0);
}

static void page_left_out(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x11);
	add_extended(r, 1, 0x22);
}

static void page_elsewhere(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x11);
	add_extended(r, 1, 0x22);
	add(r, 3, 0x33);
}

static void page_more(struct rig *r)
{
	as_expected(r);
	add(r, 3, 0);
}

static void page_taken_back(struct rig *r)
{
	as_expected(r);
	add(r, 3, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, 3 * 4096, TDR);
}

/* The guest's owner has not asked for the contents of page 1 as the host has them now. */
static void page_exchanged(struct rig *r)
{
	as_expected(r);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, 4096, TDR);
	add(r, 1, 0x66);
}

static void unextended_page_differs(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x11);
	add_extended(r, 1, 0x22);
	add(r, 2, 0x66);
}

static void other_memory(struct rig *r)
{
	begin(r);
	add_to(r, 0, 7, 0x11);
	extend(r, 0);
	add_to(r, 1, 0, 0x22);
	extend(r, 1);
	add_to(r, 2, 1, 0x33);
}

static void vcpus_last(struct rig *r)
{
	initialise(r, NOTHING, 0);
	tables(r);
	fill(r);
	vcpu(r);
	td_build_vp(r, 300);
	expect(r, TDX_SUCCESS, VP_INIT, VP2);
}

static void more_tables(struct rig *r)
{
	as_expected(r);
	expect(r, TDX_SUCCESS, MEM_SEPT_ADD, 2 * MB | 1, TDR, SEPT(3));
}

/* Neither is what fails, nor what comes to be accepted. */
static void failures_between(struct rig *r)
{
	begin(r);
	add_extended(r, 0, 0x11);
	expect(r, TDX_EPT_ENTRY_STATE_INCORRECT | RCX, MEM_PAGE_ADD, 0, TDR, DATA(9), SOURCE_PA);
	expect(r, TDX_EPT_ENTRY_NOT_PRESENT | RCX, MR_EXTEND, 4096, TDR);
	fill_rest(r);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 3 * 4096, TDR, DATA(9));
	expect(r, TDX_EPT_ENTRY_NOT_PRESENT, MR_EXTEND, 3 * 4096, TDR);
}

static void guest_extends(struct rig *r)
{
	as_expected(r);
	extends_rtmr = true;
}

#define PARAM_HOST(name, offset, value) \
	static void name(struct rig *r) { initialise(r, offset, value); vcpu(r); tables(r); fill(r); }
PARAM_HOST(other_attributes, ATTRIBUTES + 3, 0x10)	/* SEPT_VE_DISABLE */
PARAM_HOST(debug_attribute, ATTRIBUTES, 1)
PARAM_HOST(other_xfam, XFAM, 7)
PARAM_HOST(other_mrconfigid, MRCONFIGID + 47, 1)
PARAM_HOST(other_mrowner, MROWNER, 1)
PARAM_HOST(other_mrownerconfig, MROWNERCONFIG + 47, 1)
PARAM_HOST(other_max_vcpus, MAX_VCPUS, 7)
PARAM_HOST(other_frequency, TSC_FREQUENCY, 80)
PARAM_HOST(other_cpuid, CPUID_CONFIG + 5 * 16 + 9, 0x04)

#define HOST(host, mrtd, info) { host, #host, mrtd, info }
static const struct {
	void (*builds)(struct rig *r);
	const char *what;
	bool other_mrtd, other_info;
} hosts[] = {
	HOST(as_expected, false, false),
	HOST(one_byte_differs, true, true),
	HOST(pages_swapped, true, true),
	HOST(pages_in_other_order, true, true),
	HOST(extended_later, true, true),
	HOST(chunks_in_other_order, true, true),
	HOST(chunk_left_out, true, true),
	HOST(chunk_twice, true, true),
	HOST(page_left_out, true, true),
	HOST(page_elsewhere, true, true),
	HOST(page_more, true, true),
	HOST(page_taken_back, true, true),
	HOST(page_exchanged, true, true),
	HOST(unextended_page_differs, false, false),
	HOST(other_memory, false, false),
	HOST(vcpus_last, false, false),
	HOST(more_tables, false, false),
	HOST(failures_between, false, false),
	HOST(other_attributes, false, true),
	HOST(debug_attribute, false, true),
	HOST(other_xfam, false, true),
	HOST(other_mrconfigid, false, true),
	HOST(other_mrowner, false, true),
	HOST(other_mrownerconfig, false, true),
	HOST(guest_extends, false, true),
	HOST(other_max_vcpus, false, false),
	HOST(other_frequency, false, false),
	HOST(other_cpuid, false, false),
};

static void measure(struct rig *r, void (*builds)(struct rig *r), struct measured *got)
{
	another_machine(r, TDXM_1_5_01);
	rig_start(r);
	td_up(r);
	r->m->host.run = run_guest;
	extends_rtmr = false;
	builds(r);
	expect(r, TDX_SUCCESS, MR_FINALIZE, TDR);
	for (u32 i = 0; i < 6; i++) {
		expect(r, TDX_SUCCESS, MNG_RD, TDR, MD_MRTD + i);
		got->mrtd[i] = r->out.r8;
	}
	expect(r, TDXM_ON_INTERRUPT, VP_ENTER, TDVPR);
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, 0, TDR);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, 0, TDR);
	memcpy(got->info, r->ram + r->out.rcx + TO_REPORT + 80, sizeof(got->info));
}

TEST(measured, TDXM_1_5_01, started)
{
	struct measured want, got;

	measure(r, as_expected, &want);
	for (size_t i = 0; i < NR(hosts); i++) {
		measure(r, hosts[i].builds, &got);
		if (!!memcmp(got.mrtd, want.mrtd, sizeof(want.mrtd)) != hosts[i].other_mrtd)
			fail_msg("%s: MRTD is %s", hosts[i].what,
				 hosts[i].other_mrtd ? "what was expected" : "another one");
		if (!!memcmp(got.info, want.info, sizeof(want.info)) != hosts[i].other_info)
			fail_msg("%s: the report says %s", hosts[i].what,
				 hosts[i].other_info ? "what was expected" : "something else");
	}
}

int main(void)
{
	return run_cases("model_measure");
}
