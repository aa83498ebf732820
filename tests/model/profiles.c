// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TDX modules that the model can be, as far as their numbers go; what a leaf does
 * in one module and not in another is in the leaf's own file, which leaf there is in
 * leaves.c.  Read from the published sources, on a CPU that has all a module can use
 * (but LASS, and SEAM instructions for sealing), but for what is .assumed.
 */
#include "model_state.h"

#define NA	0xffffffff	/* no subleaf */

/* Leaf 4, whose EDX differs. */
#define CACHE(subleaf, edx) \
	{ 0x4, subleaf, .direct = { 0xffffc3ff, 0xfffff000, 0xffffffff, edx } }
#define TOPOLOGY(subleaf)	{ 0x1f, subleaf, .direct = { 0x1f, 0xffff, 0xffff } }
#define TLB(subleaf)		{ 0x18, subleaf, .direct = { [3] = 0x3ffc000 } }

static const struct tdxm_cpuid_config cpuid_1_5_01[] = {
	{ 0x1, NA, .direct = { 0x0fff3fff, 0x00ff0000 }, .allowed = { 0, 0, 0x31044d88, 0xb8440000 } },
	CACHE(0, 0xfffffffb),
	CACHE(1, 0xfffffffb),
	CACHE(2, 0xfffffffb),
	CACHE(3, 0x7),
	{ 0x7, 0, .allowed = { 0, 0xdc2b9b18, 0x02417f65, 0x0005411c } },
	{ 0x7, 1, .allowed = { 0x1d30 } },
	{ .leaf = 0xa, .subleaf = NA },
	{ 0x1c, NA, .allowed = { 0xff } },
	{ 0x80000008, NA, .allowed = { 0, 0x200 } },
	{ 0x7, 2, .allowed = { [3] = 0x28 } },
	{ 0x23, 0, .allowed = { 0xf } },
};

static const struct tdxm_cpuid_config cpuid_1_5_05[] = {
	{ 0x1, NA, .direct = { 0x0fff3fff, 0x00ff0000 }, .allowed = { 0, 0, 0x31044d88, 0xb8440000 } },
	CACHE(0, 0xfffffffb),
	CACHE(1, 0xfffffffb),
	CACHE(2, 0xfffffffb),
	CACHE(3, 0x7),
	{ 0x7, 0, .allowed = { 0, 0xdc2b9b18, 0x02417f65, 0x0005411c } },
	{ 0x7, 1, .allowed = { 0x04001d30, 0, 0, 0x430 } },
	{ .leaf = 0xa, .subleaf = NA },
	{ 0x1c, NA, .allowed = { 0xff } },
	{ 0x80000008, NA, .allowed = { 0, 0x200 } },
	{ 0x7, 2, .allowed = { [3] = 0x28 } },
	{ 0x23, 0, .allowed = { 0xf } },
	TOPOLOGY(0), TOPOLOGY(1), TOPOLOGY(2), TOPOLOGY(3), TOPOLOGY(4), TOPOLOGY(5),
};

/* Leaf 1: assumed to be as in 2.0.08, the other module with this list. */
#define CPUID_SINCE_1_5_28(leaf_7_1_eax) \
	{ 0x1, NA, .direct = { 0x0fff3fff, 0x00ff0000 }, .allowed = { 0, 0, 0x31044d88, 0xb8445080 } }, \
	CACHE(0, 0x7), CACHE(1, 0x7), CACHE(2, 0x7), CACHE(3, 0x7), \
	{ 0x7, 0, .allowed = { 0, 0xdc2b9b18, 0x02417f65, 0x4005411c } }, \
	{ 0x7, 1, .allowed = { leaf_7_1_eax, 0, 0, 0x24430 } }, \
	{ .leaf = 0xa, .subleaf = NA }, \
	{ 0x1c, NA, .allowed = { 0xff } }, \
	{ 0x80000008, NA, .direct = { 0xff }, .allowed = { 0, 0x200 } }, \
	{ 0x7, 2, .allowed = { [3] = 0x28 } }, \
	{ 0x23, 0, .allowed = { 0xf } }, \
	TOPOLOGY(0), TOPOLOGY(1), TOPOLOGY(2), TOPOLOGY(3), TOPOLOGY(4), TOPOLOGY(5), \
	{ .leaf = 0x19, .subleaf = NA }, \
	TLB(0), TLB(1), TLB(2), TLB(3), TLB(4), TLB(5), TLB(6), TLB(7), TLB(8)

static const struct tdxm_cpuid_config cpuid_1_5_34[] = { CPUID_SINCE_1_5_28(0x04881db0) };
/* As of 2.0.08: the list of 2.0.14 has as many entries. */
static const struct tdxm_cpuid_config cpuid_2_0_14[] = { CPUID_SINCE_1_5_28(0x04a81dbf) };

#define CPUID(list)	.nr_cpuid = sizeof(list) / sizeof((list)[0]), .cpuid = list

/* DEBUG, SEPT_VE_DISABLE, MIGRATABLE, PKS, PERFMON; ICSSD. */
#define ATTRIBUTES_1_5_01	0x8000000070000001ULL
#define ATTRIBUTE_ICSSD		0x0000000000010000ULL
/* x87, SSE, AVX, AVX-512, PT, PKRU, CET, user interrupts, LBR, AMX. */
#define XFAM_FIXED0		0x000000000006dbe7ULL
#define XFAM_FIXED1		0x0000000000000003ULL
/* GPAW, FLEXIBLE_PENDING_VE, NO_RBP_MOD. */
#define FLAGS_1_5_01		0x07ULL
/* ... and MAXPA_VIRT, MAXGPA_VIRT. */
#define FLAGS_1_5_34		0x1fULL

/* Bits 0-5, 7-11 and 16-19; of the newer ones those that their sources set. */
#define FEATURES_1_5_01		0x00000000000f0fbfULL
#define FEATURES_1_5_34		0x005ad9326f3f0fbfULL
#define FEATURES_2_0_14		0x0000d1326f3f0fbfULL

/* Fixed bits and rules that the later ones have in common. */
#define AS_1_5_34 \
	.attributes_fixed0 = ATTRIBUTES_1_5_01 | ATTRIBUTE_ICSSD, \
	.xfam_fixed0 = XFAM_FIXED0, .xfam_fixed1 = XFAM_FIXED1, \
	.config_flags_fixed0 = FLAGS_1_5_34, .max_vcpus = 576, \
	.rd_says_allowed = true, .has_sys_rd = true, .avoid_sensitive = true

const struct tdxm_version tdxm_versions[TDXM_NR_PROFILES] = {
	[TDXM_1_0_3] = {
		.name = "1.0.3",
		.assumed = "fixed bits and CPUID configuration (1.5.01's, without what 1.5 has added), which leaves make TDH.SYS.LP.SHUTDOWN busy",
		.major = 1, .minor = 0, .update = 3, .build = 457, .date = 0x20230206,
		.attributes_fixed0 = 0x80000000d0000001ULL,
		.xfam_fixed0 = XFAM_FIXED0, .xfam_fixed1 = XFAM_FIXED1, .config_flags_fixed0 = 1,
		CPUID(cpuid_1_5_01), .rd_says_allowed = true,
		.whole_rax = true, .lp_shutdown_works = true, .end_in_cmr = true,
	},
	[TDXM_1_5_01] = {
		.name = "1.5.01",
		.major = 1, .minor = 5, .update = 1, .build = 481, .date = 0x20230323, .svn = 0x104,
		.features0 = FEATURES_1_5_01, .attributes_fixed0 = ATTRIBUTES_1_5_01,
		.xfam_fixed0 = XFAM_FIXED0, .xfam_fixed1 = XFAM_FIXED1,
		.config_flags_fixed0 = FLAGS_1_5_01, CPUID(cpuid_1_5_01), .has_sys_rd = true,
	},
	[TDXM_1_5_05] = {
		.name = "1.5.05",
		.assumed = "build date, features, CONFIG_FLAGS and fixed bits (1.5.01's)",
		.major = 1, .minor = 5, .update = 5, .build = 698, .date = 0x20240129, .svn = 0x105,
		.features0 = FEATURES_1_5_01,
		.attributes_fixed0 = ATTRIBUTES_1_5_01,
		.xfam_fixed0 = XFAM_FIXED0, .xfam_fixed1 = XFAM_FIXED1,
		.config_flags_fixed0 = FLAGS_1_5_01, CPUID(cpuid_1_5_05),
		.max_vcpus = 576, .has_sys_rd = true,
	},
	[TDXM_1_5_34] = {
		.name = "1.5.34",
		.assumed = "build, date, security version, handoff versions (the newest that its header names), what version 1 of TDH.SYS.CONFIG checks, CPUID leaf 1 (2.0.08's)",
		.major = 1, .minor = 5, .update = 34, .build = 2000, .date = 0x20260101, .svn = 0x10f,
		.features0 = FEATURES_1_5_34, CPUID(cpuid_1_5_34), .module_hv = 2, AS_1_5_34,
	},
	[TDXM_2_0_14] = {
		.name = "2.0.14",
		.assumed = "build, date, security and handoff versions, fixed bits and limits (1.5.34's), CPUID configuration (2.0.08's); it has no TDX Connect",
		.major = 2, .minor = 0, .update = 14, .build = 2000, .date = 0x20260101, .svn = 0x306,
		.features0 = FEATURES_2_0_14, CPUID(cpuid_2_0_14), .module_hv = 3, AS_1_5_34,
	},
	[TDXM_NEXT] = {
		.name = "next",
		.assumed = "all: 1.5.34 with TDH.SYS.DISABLE, and with one LP per package before TDH.SYS.CONFIG",
		.major = 1, .minor = 5, .update = 99, .build = 3000, .date = 0x20270101, .svn = 0x11f,
		.features0 = FEATURES_1_5_34 | TDXM_FEATURE_SYS_DISABLE, CPUID(cpuid_1_5_34),
		.module_hv = 2, .lp_init_any_time = true, AS_1_5_34,
	},
};

bool tdxm_wants_every_lp(enum tdxm_profile profile)
{
	return !tdxm_versions[profile].lp_init_any_time;
}

u32 tdxm_shutdown_leaf(enum tdxm_profile profile)
{
	const struct tdxm_version *v = &tdxm_versions[profile];

	if (v->features0 & TDXM_FEATURE_SYS_DISABLE)
		return TDH_SYS_DISABLE;
	return v->lp_shutdown_works ? TDH_SYS_LP_SHUTDOWN : 0;
}

const char *tdxm_profile_assumed(u32 profile)
{
	return profile < TDXM_NR_PROFILES ? tdxm_versions[profile].assumed : NULL;
}

const char *tdxm_profile_name(u32 profile)
{
	return profile < TDXM_NR_PROFILES ? tdxm_versions[profile].name : NULL;
}
