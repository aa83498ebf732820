// SPDX-License-Identifier: GPL-2.0-only
/* The P-SEAMLDR of the model: SEAMLDR.INSTALL from the first LP to the last. */
#include "model_case.h"
#include "td_rig.h"

#define LOAD	0
#define UPDATE	1
#define MODULE_HV	0	/* of 1.5.01 */

static struct tdxm_sigstruct *sig(struct rig *r)
{
	return (void *)(r->ram + IMAGE_PA + TDXM_IMAGE_SIGSTRUCT);
}

static u32 *word(struct rig *r, u32 offset)
{
	return (void *)(r->ram + INSTALL_PA + offset);
}

static u64 info(struct rig *r, u32 offset, u32 size)
{
	u64 v = 0;

	expect(r, 0, SEAMLDR_INFO, SEAMLDR_PA);
	memcpy(&v, r->ram + SEAMLDR_PA + offset, size);
	return v;
}

#define updates_left(r)	info(r, 28, 4)
#define svn(r)		info(r, 40, 2)
#define seam_ready(r)	info(r, 160, 1)

/* The TDX module takes no call. */
static bool is_absent(struct rig *r)
{
	struct tdxm_regs regs = { .rax = SYS_LP_INIT };

	return rig_seamcall(r, 0, &regs) == TDXM_VMFAILINVALID;
}

/* An image signed again after @change. */
static u64 installs_changed(struct rig *r, u32 scenario, void (*change)(struct rig *r))
{
	rig_image(r, TDXM_1_5_34, scenario);
	change(r);
	tdxm_image_sign(r->ram + IMAGE_PA);
	return install(r);
}

TEST_MACHINE(no_module, TDXM_1_5_01)
{
	r->machine.no_module = true;
	rig_start(r);
	assert_true(is_absent(r));
	assert_int_equal(seam_ready(r), 0);
	assert_int_equal(svn(r), 0);
	assert_int_equal(info(r, 32, 8), 0);
	rig_image(r, TDXM_1_5_05, UPDATE);
	assert_true(install(r) == TDXM_SEAMLDR_EBADPARAM);
	assert_true(is_absent(r));
	rig_image(r, TDXM_1_5_05, LOAD);
	assert_int_equal(install(r), 0);
	assert_int_equal(seam_ready(r), 1);
	assert_int_equal(svn(r), 0x105);
	assert_int_equal(tdxm_profile_now(r->m), TDXM_1_5_05);
	to_lps(r);
}

/* The first call blocks the module, the last one decides. */
TEST(lp_by_lp, TDXM_1_5_01, to_ready)
{
	rig_image(r, TDXM_1_5_34, LOAD);
	for (u32 lp = 0; lp < NR_LPS - 1; lp++) {
		assert_int_equal(install_on(r, lp), 0);
		assert_true(install_on(r, lp) == TDXM_SEAMLDR_EBADCALL);
		assert_true(is_absent(r));
		assert_int_equal(seam_ready(r), 0);
	}
	assert_int_equal(tdxm_profile_now(r->m), TDXM_1_5_01);
	assert_int_equal(install_on(r, NR_LPS - 1), 0);
	assert_int_equal(tdxm_profile_now(r->m), TDXM_1_5_34);
	assert_false(tdxm_ready(r->m));
	/* Once more, the other way round. */
	for (u32 lp = NR_LPS; lp--;)
		assert_int_equal(install_on(r, lp), 0);
	to_init(r);
}

/* Only the last call looks at its operand: a module that it does not touch goes on. */
TEST(last_fails, TDXM_1_5_01, to_ready)
{
	rig_image(r, TDXM_1_5_34, LOAD);
	*word(r, 0) = 1;
	assert_true(install(r) == TDXM_SEAMLDR_EBADPARAM);
	assert_true(tdxm_ready(r->m));
	assert_int_equal(seam_ready(r), 1);
	assert_int_equal(updates_left(r), 8);
	assert_int_equal(install_on(r, 0), 0);	/* a new session */
}

TEST(params, TDXM_1_5_01, started)
{
	static const struct {
		u32 offset, value;
	} bad[] = {
		{ 0, 1 }, { 4, 2 }, { 8, 1 }, { 12, 1 << 20 }, { 16, 1 }, { 116, 1 },
		{ 120, 0 }, { 120, 497 }, { 124, 1 }, { 128, 0x800 }, { 140, 1 << 20 },
	};

	for (u32 i = 0; i < NR(bad); i++) {
		rig_image(r, TDXM_1_5_34, LOAD);
		*word(r, bad[i].offset) = bad[i].value;
		assert_true(install(r) == TDXM_SEAMLDR_EBADPARAM);
	}
	rig_image(r, TDXM_1_5_34, LOAD);
	for (u32 lp = 0; lp < NR_LPS - 1; lp++)
		assert_int_equal(install_on(r, lp), 0);
	expect_on(r, 3, TDXM_SEAMLDR_EBADPARAM, SEAMLDR_INSTALL, INSTALL_PA + 8);
	assert_int_equal(r->out.rdx, 0);
}

static void reserved0(struct rig *r) { sig(r)->reserved0[87] = 1; }
static void reserved1(struct rig *r) { sig(r)->reserved1[5] = 1; }
static void reserved2(struct rig *r) { sig(r)->reserved2 = 1; }
static void reserved3(struct rig *r) { sig(r)->reserved3[15] = 1; }
static void type(struct rig *r) { sig(r)->header_type = 7; }
static void length(struct rig *r) { sig(r)->header_length++; }
static void version(struct rig *r) { sig(r)->header_version++; }
static void debug(struct rig *r) { sig(r)->module_type = 1U << 31; }
static void vendor(struct rig *r) { sig(r)->module_vendor = 0x1022; }
static void size(struct rig *r) { sig(r)->size--; }
static void key(struct rig *r) { sig(r)->key_size--; }
static void modulus(struct rig *r) { sig(r)->modulus_size--; }
static void exponent_size(struct rig *r) { sig(r)->exponent_size++; }
static void exponent(struct rig *r) { sig(r)->exponent = 3; }
static void attributes(struct rig *r) { sig(r)->attributes = 1; }
static void hv(struct rig *r) { sig(r)->min_update_hv = sig(r)->module_hv + 1; }
static void gdt(struct rig *r) { sig(r)->gdt_idt_offset = sig(r)->fault_wrapper_offset = 8; }
static void wrapper(struct rig *r) { sig(r)->fault_wrapper_offset = 8; }
static void cpus(struct rig *r) { sig(r)->cpuid_table_size = 256; }
static void no_cpu(struct rig *r) { sig(r)->cpuid_table_size = 0; }

TEST(sigstruct, TDXM_1_5_01, started)
{
	void (*const bad[])(struct rig *r) = {
		reserved0, reserved1, reserved2, reserved3, type, length, version, debug, vendor,
		size, key, modulus, exponent_size, exponent, attributes, hv, gdt, wrapper, cpus,
		no_cpu,
	};

	for (u32 i = 0; i < NR(bad); i++)
		assert_true(installs_changed(r, LOAD, bad[i]) == TDXM_SEAMLDR_EBADSIG);
	rig_image(r, TDXM_1_5_34, LOAD);
	sig(r)->date++;
	assert_true(install(r) == TDXM_SEAMLDR_EBADSIG);
	assert_int_equal(seam_ready(r), 1);
}

static void another_cpu(struct rig *r) { sig(r)->cpuid_table[0] = 0x000a06f0; }
static void stepping(struct rig *r) { sig(r)->cpuid_table[0] = 0x000806f8; }
static void major_0(struct rig *r) { sig(r)->svn_major = 0; }
static void major_3(struct rig *r) { sig(r)->svn_major = 3; }
static void older(struct rig *r) { sig(r)->svn_minor = 1; }

TEST(cpu, TDXM_1_5_01, started)
{
	assert_true(installs_changed(r, LOAD, another_cpu) == TDXM_SEAMLDR_EUNSUPCPU);
	assert_int_equal(installs_changed(r, LOAD, stepping), 0);
}

/* Back is possible only as long as nothing has been installed since the boot. */
TEST(security_version, TDXM_1_5_01, to_ready)
{
	assert_true(installs_changed(r, LOAD, major_0) == TDXM_SEAMLDR_EUNSUPPORTED);
	assert_int_equal(call3(r, 0, SYS_SHUTDOWN, MODULE_HV, 0, 0), 0);
	assert_true(installs_changed(r, UPDATE, major_3) == TDXM_SEAMLDR_EUNSUPPORTED);
	assert_true(installs_changed(r, UPDATE, older) == TDXM_SEAMLDR_EBADSIG);
	assert_int_equal(installs_changed(r, LOAD, older), 0);
	assert_int_equal(svn(r), 0x101);
	assert_true(installs_changed(r, LOAD, major_3) == TDXM_SEAMLDR_ECLEANUPREQ);
	rig_image(r, TDXM_1_5_34, LOAD);
	assert_int_equal(install(r), 0);
	assert_true(installs_changed(r, LOAD, older) == TDXM_SEAMLDR_ECLEANUPREQ);
	assert_int_equal(svn(r), 0x10f);
}

/* The module's pages are looked at last, when the old module is gone. */
TEST(hash, TDXM_1_5_01, to_ready)
{
	rig_image(r, TDXM_1_5_34, LOAD);
	r->ram[IMAGE_PA + TDXM_IMAGE_MODULE + 8191] = 1;
	assert_true(install(r) == TDXM_SEAMLDR_EBADHASH);
	assert_true(is_absent(r));
	assert_int_equal(seam_ready(r), 0);
	r->ram[IMAGE_PA + TDXM_IMAGE_MODULE] = 'x';
	tdxm_image_sign(r->ram + IMAGE_PA);
	assert_true(install(r) == TDXM_SEAMLDR_EBADPARAM);
	rig_image(r, TDXM_1_5_34, LOAD);
	assert_int_equal(install(r), 0);
	to_lps(r);
}

TEST(rdx, TDXM_1_5_01, started)
{
	rig_image(r, TDXM_1_5_34, LOAD);
	r->ram[IMAGE_PA + TDXM_IMAGE_MODULE + 8191] = 1;
	for (u32 lp = 0; lp < NR_LPS - 1; lp++)
		expect_out(r, rdx, 0, lp ? TDXM_SEAMLDR_EBADCALL : 0, SEAMLDR_INSTALL, INSTALL_PA, 5);
	for (u32 lp = 1; lp < NR_LPS - 1; lp++)
		assert_int_equal(install_on(r, lp), 0);
	expect_on(r, 3, TDXM_SEAMLDR_EBADHASH, SEAMLDR_INSTALL, INSTALL_PA);
	assert_int_equal(r->out.rdx, 1);
}

/* From scratch: CONFIG anew, with PAMTs that are the host's again once they are flushed. */
TEST(load_over_ready, TDXM_1_5_01, to_ready)
{
	rig_image(r, TDXM_1_5_01, LOAD);
	assert_int_equal(install(r), 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 0);
	tdxm_wbinvd(r->m, 0);
	tdxm_wbinvd(r->m, 2);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
	to_lps(r);
	good_tdmrs(r);
	assert_int_equal(config(r), 0);
	tdxm_wbinvd(r->m, 0);
	tdxm_wbinvd(r->m, 2);
	assert_int_equal(call3(r, 0, SYS_KEY_CONFIG, 0, 0, 0), 0);
	assert_int_equal(call3(r, 2, SYS_KEY_CONFIG, 0, 0, 0), 0);
	assert_true(tdxm_ready(r->m));
	assert_int_equal(violations(r), 0);
}

TEST(load_ends_tds, TDXM_1_5_01, started)
{
	rig_stop(r);
	td_ready(r, TDXM_1_5_01);
	td_initialised(r);
	rig_image(r, TDXM_1_5_01, LOAD);
	assert_int_equal(install(r), 0);
	assert_int_equal(tdxm_nr_tds(r->m), 0);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
}

static void newer_hv(struct rig *r) { sig(r)->module_hv = sig(r)->min_update_hv = 1; }

TEST(update_needs_handoff, TDXM_1_5_01, to_ready)
{
	rig_image(r, TDXM_1_5_34, UPDATE);
	assert_true(install(r) == TDXM_SEAMLDR_EBADHANDOFF);
	assert_true(tdxm_ready(r->m));		/* as if nothing had been */
	assert_int_equal(call3(r, 0, SYS_SHUTDOWN, MODULE_HV, 0, 0), 0);
	assert_true(installs_changed(r, UPDATE, newer_hv) == TDXM_SEAMLDR_EBADHANDOFF);
	/* What was handed off is still there. */
	rig_image(r, TDXM_1_5_34, UPDATE);
	assert_int_equal(install(r), 0);
	to_lps(r);
	assert_int_equal(call3(r, 0, SYS_UPDATE, 0, 0, 0), 0);
	assert_true(tdxm_ready(r->m));
}

/* One that was loaded has nothing to take over. */
TEST(load_forgets_handoff, TDXM_1_5_01, to_ready)
{
	assert_int_equal(call3(r, 0, SYS_SHUTDOWN, MODULE_HV, 0, 0), 0);
	rig_image(r, TDXM_1_5_34, LOAD);
	assert_int_equal(install(r), 0);
	to_lps(r);
	assert_int_equal(call3(r, 0, SYS_UPDATE, 0, 0, 0), TDX_SYS_INVALID_HANDOFF);
}

TEST_CASE(updates_run_out, TDXM_1_5_01, TDXM_1_5_01, NULL, NULL)
{
	r->machine.updates = 3;
	rig_start(r);
	to_ready(r);
	for (u32 left = 3; left; left--) {
		assert_int_equal(updates_left(r), left);
		assert_int_equal(call3(r, 0, SYS_SHUTDOWN, MODULE_HV, 0, 0), 0);
		rig_image(r, TDXM_1_5_01, UPDATE);
		assert_int_equal(install(r), 0);
		to_lps(r);
		assert_int_equal(call3(r, 0, SYS_UPDATE, 0, 0, 0), 0);
	}
	assert_int_equal(updates_left(r), 0);
	assert_int_equal(call3(r, 0, SYS_SHUTDOWN, MODULE_HV, 0, 0), 0);
	assert_true(install(r) == TDXM_SEAMLDR_EBADCALL);
	rig_image(r, TDXM_1_5_01, LOAD);
	assert_int_equal(install(r), 0);
	assert_int_equal(updates_left(r), 2);
}

int main(void)
{
	return run_cases("model_seamldr");
}
