// SPDX-License-Identifier: GPL-2.0-only
/* Statuses as text: every value of the tsv files, the SEAM loader's, and unknown values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "seamldr_status.h"
#include "status.h"

/* Calls @fn for each "number<TAB>name" line after the heading; returns the number of lines. */
static int for_each_row(const char *file, void (*fn)(u64 value, const char *name))
{
	char path[4096], line[256], *name;
	int rows = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", TSV_DIR, file);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		name = strchr(line, '\t');
		assert_non_null(name);
		fn(strtoull(line, NULL, 0), name + 1);
		rows++;
	}
	fclose(f);
	return rows;
}

static void one_status(u64 value, const char *name)
{
	u64 found = ~value;

	assert_string_equal(tdx_status_name(value), name);
	assert_string_equal(tdx_status_name(value | 0xffffffff), name);
	assert_true(tdx_status_known(value));
	assert_true(tdx_status_by_name(name, &found));
	assert_true(found == value);
	assert_non_null(tdx_status_class(value));
	assert_non_null(tdx_status_cause(value));
	if (value)
		assert_non_null(tdx_status_remedy(value));
	/* The flags are part of the status. */
	assert_string_equal(tdx_status_name(value ^ (1ULL << 61)),
			    (value ^ (1ULL << 61)) >> 32 == 0x6000000200000000ULL >> 32 ?
			    "TDX_NON_RECOVERABLE_TD" : "unknown status");
}

static void every_status(void **state)
{
	(void)state;
	assert_int_equal(for_each_row("status-codes.tsv", one_status), 182);
}

static void one_operand(u64 id, const char *name)
{
	char want[128], got[128];

	assert_string_equal(tdx_operand_name(id), name);
	snprintf(want, sizeof(want), "TDX_OPERAND_INVALID, operand %s (0x%016llx)", name,
		 TDX_OPERAND_INVALID | id);
	assert_int_equal(tdx_status_format(got, sizeof(got), TDX_OPERAND_INVALID | id),
			 strlen(want));
	assert_string_equal(got, want);
}

static void every_operand(void **state)
{
	(void)state;
	assert_int_equal(for_each_row("operand-ids.tsv", one_operand), 50);
	assert_null(tdx_operand_name(4));
	assert_null(tdx_operand_name(0xffffffff));
}

static void formats(void **state)
{
	static const struct {
		u64 status;
		const char *text;
	} rows[] = {
		{ 0, "TDX_SUCCESS (0x0000000000000000)" },
		{ 48, "TDX_SUCCESS, VMX exit reason 48 (0x0000000000000030)" },
		{ 0xf0031, "TDX_SUCCESS, VMX exit reason 49 (0x00000000000f0031)" },
		{ 0xc000010000000045, "TDX_OPERAND_INVALID, operand CPUID_CONFIG (0xc000010000000045)" },
		{ 0xc000010000000000, "TDX_OPERAND_INVALID, operand RAX (0xc000010000000000)" },
		{ 0xc0000100000003e7, "TDX_OPERAND_INVALID, operand id 999 (0xc0000100000003e7)" },
		{ 0xc0000100ffffffff, "TDX_OPERAND_INVALID, operand id 4294967295 (0xc0000100ffffffff)" },
		{ 0x8000020000000080, "TDX_OPERAND_BUSY, operand TDR (0x8000020000000080)" },
		{ 0x8000020200000000, "TDX_SYS_BUSY (0x8000020200000000)" },
		{ 0xc000030000000001, "TDX_PAGE_METADATA_INCORRECT, operand RCX (0xc000030000000001)" },
		{ 0xc000050500000000, "TDX_SYS_NOT_READY (0xc000050500000000)" },
		{ 0xc000090000000000, "TDX_INCORRECT_CPUID_VALUE (0xc000090000000000)" },
		{ 0xc000092100000122, "TDX_INCORRECT_MSR_VALUE, MSR 0x122 (IA32_TSX_CTRL) (0xc000092100000122)" },
		{ 0xc000092000000999, "TDX_INCONSISTENT_MSR, MSR 0x999 (0xc000092000000999)" },
		{ 0xc000092000000000, "TDX_INCONSISTENT_MSR, MSR 0x0 (0xc000092000000000)" },
		{ 0xc000092000000009, "TDX_INCONSISTENT_MSR, MSR 0x9 (0xc000092000000009)" },
		{ 0xc000092080000009, "TDX_INCONSISTENT_MSR, MSR 0x80000009 (0xc000092080000009)" },
		{ 0xc00009080000001f, "TDX_CPUID_LEAF_NOT_SUPPORTED, CPUID leaf 0x1f (0xc00009080000001f)" },
		{ 0xc000091000000001, "TDX_SMRR_NOT_LOCKED, SMRR2 (0xc000091000000001)" },
		{ 0xc000091200000300, "TDX_SMRR_OVERLAPS_CMR, SMRR, CMR 3 (0xc000091200000300)" },
		{ 0xc000091200000001, "TDX_SMRR_OVERLAPS_CMR, SMRR2, CMR 0 (0xc000091200000001)" },
		{ 0xc0000f5000000000, "TDX_SMRR_OVERLAPS_IORANGE (0xc0000f5000000000)" },
		{ 0xc0000a0000000007, "TDX_INVALID_TDMR, TDMR 7 (0xc0000a0000000007)" },
		{ 0xc0000a010000003f, "TDX_NON_ORDERED_TDMR, TDMR 63 (0xc0000a010000003f)" },
		{ 0xc0000a0200000000, "TDX_TDMR_OUTSIDE_CMRS, TDMR 0 (0xc0000a0200000000)" },
		{ 0xc0000a2000000f03, "TDX_INVALID_RESERVED_IN_TDMR, TDMR 3, reserved area 15 (0xc0000a2000000f03)" },
		{ 0xc0000a2100000102, "TDX_NON_ORDERED_RESERVED_IN_TDMR, TDMR 2, reserved area 1 (0xc0000a2100000102)" },
		{ 0xc0000a1000000001, "TDX_INVALID_PAMT, TDMR 1, level 4K (0xc0000a1000000001)" },
		{ 0xc0000a1100000104, "TDX_PAMT_OUTSIDE_CMRS, TDMR 4, level 2M (0xc0000a1100000104)" },
		{ 0xc0000a1200050203, "TDX_PAMT_OVERLAP, PAMT of TDMR 3, level 1G, with TDMR 5 (0xc0000a1200050203)" },
		{ 0xc0000a1200000300, "TDX_PAMT_OVERLAP, PAMT of TDMR 0, level 3, with TDMR 0 (0xc0000a1200000300)" },
		{ 0xc0000a1200000900, "TDX_PAMT_OVERLAP, PAMT of TDMR 0, level 9, with TDMR 0 (0xc0000a1200000900)" },
		{ 0xc0000b0f00020001, "TDX_L2_SEPT_WALK_FAILED, L2 VM 2, level 1 (0xc0000b0f00020001)" },
		{ TDX_SW_VMFAILINVALID, "TDX_SEAMCALL_VMFAILINVALID (0x8000ff00ffff0000)" },
		{ TDX_SW_GP, "TDX_SEAMCALL_GP (0x8000ff000000000d)" },
		{ TDX_SW_UD, "TDX_SEAMCALL_UD (0x8000ff0000000006)" },
		{ TDX_SW_ERROR | 14, "unknown status, trap 14 (0x8000ff000000000e)" },
		{ 0xdeadbeef00000045, "unknown status (0xdeadbeef00000045)" },
		{ ~0ULL, "unknown status (0xffffffffffffffff)" },
	};
	char buf[160];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(tdx_status_format(buf, sizeof(buf), rows[i].status),
				 strlen(rows[i].text));
		assert_string_equal(buf, rows[i].text);
	}
}

static void retryable(void **state)
{
	static const u64 yes[] = {
		TDX_INTERRUPTED_RESUMABLE, TDX_INTERRUPTED_RESTARTABLE, TDX_OPERAND_BUSY,
		TDX_OPERAND_BUSY | 1, TDX_PREVIOUS_TLB_EPOCH_BUSY, TDX_SYS_BUSY,
		TDX_RND_NO_ENTROPY, TDX_OPERAND_BUSY_HOST_PRIORITY, TDX_KEY_GENERATION_FAILED,
	};
	static const u64 no[] = {
		TDX_SUCCESS, TDX_SYS_NOT_READY, TDX_OPERAND_INVALID, TDX_KEY_CONFIGURED,
		TDX_TDMR_ALREADY_INITIALIZED, TDX_SW_VMFAILINVALID, TDX_SW_GP, TDX_SW_UD,
		0xdeadbeef00000000ULL,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(tdx_status_retryable(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(tdx_status_retryable(no[i]));
}

static void software(void **state)
{
	u64 value;

	(void)state;
	assert_non_null(tdx_status_cause(TDX_SW_VMFAILINVALID));
	assert_non_null(tdx_status_remedy(TDX_SW_VMFAILINVALID));
	assert_non_null(strstr(tdx_status_remedy(TDX_SW_VMFAILINVALID), "SEAM Loader"));
	assert_non_null(strstr(tdx_status_cause(TDX_SW_GP), "SEAMRR"));
	assert_non_null(strstr(tdx_status_remedy(TDX_SW_UD), "VMX"));
	assert_true(tdx_status_by_name("TDX_SEAMCALL_GP", &value));
	assert_true(value == TDX_SW_GP);
	assert_false(tdx_status_by_name("TDX_NO_SUCH_STATUS", &value));
	assert_false(tdx_status_by_name("", &value));
	assert_null(tdx_status_cause(TDX_SW_ERROR | 14));
}

static void unknown(void **state)
{
	(void)state;
	assert_null(tdx_status_cause(0xc000770000000000));
	assert_null(tdx_status_remedy(0xc000770000000000));
	assert_null(tdx_status_class(0xc000770000000000));
	assert_string_equal(tdx_status_class(0xc00005ee00000000), "TDX module state");
	assert_null(tdx_status_cause(0xc00005ee00000000));
	assert_null(tdx_msr_name(0x12345));
}

/* The MSRs that the TDX module checks, as numbered in Intel's SDM, volume 4. */
static void msr_names(void **state)
{
	static const struct {
		u32 msr;
		const char *name;
	} rows[] = {
		{ 0x3a, "IA32_FEATURE_CONTROL" }, { 0x3b, "IA32_TSC_ADJUST" },
		{ 0x87, "IA32_MKTME_KEYID_PARTITIONING" }, { 0xce, "MSR_PLATFORM_INFO" },
		{ 0xfe, "IA32_MTRRCAP" }, { 0x10a, "IA32_ARCH_CAPABILITIES" },
		{ 0x122, "IA32_TSX_CTRL" }, { 0x1a0, "IA32_MISC_ENABLE" },
		{ 0x345, "IA32_PERF_CAPABILITIES" }, { 0x3f1, "IA32_PEBS_ENABLE" },
		{ 0x480, "IA32_VMX_BASIC" }, { 0x981, "IA32_TME_CAPABILITY" },
		{ 0x982, "IA32_TME_ACTIVATE" }, { 0xda0, "IA32_XSS" },
		{ 0x1400, "IA32_SEAMRR_BASE" }, { 0x1401, "IA32_SEAMRR_MASK" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_non_null(tdx_msr_name(rows[i].msr));
		assert_string_equal(tdx_msr_name(rows[i].msr), rows[i].name);
	}
}

/* Bits 47:40 of a status, as the ABI groups them. */
static void class_names(void **state)
{
	static const struct {
		u8 class;
		const char *name;
	} rows[] = {
		{ 0x00, "general" }, { 0x01, "operand" }, { 0x02, "busy resource" },
		{ 0x03, "page metadata" }, { 0x04, "TD pages" }, { 0x05, "TDX module state" },
		{ 0x06, "TD state" }, { 0x07, "VCPU state" }, { 0x08, "keys" },
		{ 0x09, "platform" }, { 0x0a, "TDMRs and PAMTs" }, { 0x0b, "secure EPT" },
		{ 0x0c, "metadata fields" }, { 0x0d, "service TD" }, { 0x0e, "migration" },
		{ 0x0f, "TDX Connect" }, { 0x10, "attestation" }, { 0x11, "TD partitioning" },
		{ 0xff, "the SEAMCALL instruction itself" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		u64 status = 0xc000000000000000ULL | (u64)rows[i].class << 40;

		assert_non_null(tdx_status_class(status));
		assert_string_equal(tdx_status_class(status), rows[i].name);
	}
	assert_null(tdx_status_class(0xc000120000000000));
}

/* The text of a status says what is wrong with the call, beyond its class. */
static void cause_by_status(void **state)
{
	static const struct {
		const char *name, *cause, *remedy;
	} rows[] = {
		{ "TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE", "no longer be read", "destroy the TD" },
		{ "TDX_HOST_PRIORITY_BUSY_TIMEOUT", "held the object for too long", "call again" },
		{ "TDX_PAGE_NOT_OWNED_BY_TD", "another TD", "KVM" },
		{ "TDX_SYS_STATE_INCORRECT", "current state of the TDX module", "reboot" },
		{ "TDX_TD_NON_DEBUG", "not a debug TD", "debug attribute" },
		{ "TDX_VCPU_ASSOCIATED", "another CPU", "TDH.VP.FLUSH" },
		{ "TDX_KEY_STATE_INCORRECT", "the KeyID is in another state", "KVM" },
		{ "TDX_EPT_WALK_FAILED", "no entry at that level", "TDH.MEM.SEPT.ADD" },
		{ "TDX_TLB_TRACKING_NOT_DONE", "tracking has not been done", "TDH.MEM.TRACK" },
		{ "TDX_GPA_RANGE_ALREADY_BLOCKED", "already blocked", "nothing to do" },
		{ "TDX_METADATA_FIELD_ID_INCORRECT", "no such field", "update the TDX module" },
		{ "TDX_SERVTD_NOT_BOUND", "no service TD", "TDH.SERVTD.BIND" },
		{ "TDX_INVALID_MBMD", "migration bundle", "abort the migration" },
		{ "TDX_INVALID_REPORTMACSTRUCT", "the report", "report again" },
		{ "TDX_L2_EXIT_HOST_ROUTED_ASYNC", "not an error", "nothing to do" },
	};
	u64 status;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(tdx_status_by_name(rows[i].name, &status));
		assert_non_null(strstr(tdx_status_cause(status), rows[i].cause));
		assert_non_null(strstr(tdx_status_remedy(status), rows[i].remedy));
	}
	assert_null(tdx_status_cause(0xc00005ee00000000));
	assert_null(tdx_status_remedy(0xc00005ee00000000));
}

static void details(void **state)
{
	char buf[80];

	(void)state;
	assert_int_equal(tdx_status_details(buf, sizeof(buf), 0xc000010000000045),
			 strlen("operand CPUID_CONFIG"));
	assert_string_equal(buf, "operand CPUID_CONFIG");
}

static void cause_by_operand(void **state)
{
	static const struct {
		u32 operand;
		const char *cause, *remedy;
	} rows[] = {
		{ TDX_OPERAND_ID_RAX, "the leaf, its version", "older than its caller" },
		{ TDX_OPERAND_ID_CPUID_CONFIG, "CPUID configuration", "CPU model" },
		{ TDX_OPERAND_ID_ATTRIBUTES, "ATTRIBUTES", "attribute" },
		{ TDX_OPERAND_ID_XFAM, "XFAM", "CPU model" },
		{ TDX_OPERAND_ID_MAX_VCPUS, "number of VCPUs", "fewer VCPUs" },
		{ TDX_OPERAND_ID_TSC_FREQUENCY, "TSC frequency", "TSC frequency" },
		{ TDX_OPERAND_ID_TDMR_INFO_PA, "TDMR_INFO", "" },
	};

	(void)state;
	assert_non_null(strstr(tdx_status_cause(0xc000010000000045), "CPUID"));
	assert_non_null(strstr(tdx_status_cause(0xc000010000000000), "leaf"));
	assert_string_not_equal(tdx_status_cause(0xc000010000000045),
				tdx_status_cause(0xc000010000000001));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		u64 status = TDX_OPERAND_INVALID | rows[i].operand;

		assert_non_null(strstr(tdx_status_cause(status), rows[i].cause));
		assert_non_null(strstr(tdx_status_remedy(status), rows[i].remedy));
	}
}

static void leaf_names(void **state)
{
	static const struct {
		u64 rax;
		const char *name;
	} rows[] = {
		{ 0, "TDH.VP.ENTER" }, { 1, "TDH.MNG.ADDCX" }, { 2, "TDH.MEM.PAGE.ADD" },
		{ 3, "TDH.MEM.SEPT.ADD" }, { 4, "TDH.VP.ADDCX" }, { 6, "TDH.MEM.PAGE.AUG" },
		{ 7, "TDH.MEM.RANGE.BLOCK" }, { 8, "TDH.MNG.KEY.CONFIG" },
		{ 9, "TDH.MNG.CREATE" }, { 10, "TDH.VP.CREATE" }, { 11, "TDH.MNG.RD" },
		{ 16, "TDH.MR.EXTEND" }, { 17, "TDH.MR.FINALIZE" }, { 18, "TDH.VP.FLUSH" },
		{ 19, "TDH.MNG.VPFLUSHDONE" }, { 20, "TDH.MNG.KEY.FREEID" },
		{ 21, "TDH.MNG.INIT" }, { 22, "TDH.VP.INIT" }, { 24, "TDH.PHYMEM.PAGE.RDMD" },
		{ 26, "TDH.VP.RD" }, { 28, "TDH.PHYMEM.PAGE.RECLAIM" },
		{ 29, "TDH.MEM.PAGE.REMOVE" }, { 31, "TDH.SYS.KEY.CONFIG" },
		{ 32, "TDH.SYS.INFO" }, { 33, "TDH.SYS.INIT" }, { 34, "TDH.SYS.RD" },
		{ 35, "TDH.SYS.LP.INIT" }, { 36, "TDH.SYS.TDMR.INIT" }, { 38, "TDH.MEM.TRACK" },
		{ 40, "TDH.PHYMEM.CACHE.WB" }, { 41, "TDH.PHYMEM.PAGE.WBINVD" },
		{ 5, "TDH.MEM.PAGE.RELOCATE" }, { 12, "TDH.MEM.RD" }, { 13, "TDH.MNG.WR" },
		{ 14, "TDH.MEM.WR" }, { 15, "TDH.MEM.PAGE.DEMOTE" }, { 23, "TDH.MEM.PAGE.PROMOTE" },
		{ 25, "TDH.MEM.SEPT.RD" }, { 27, "TDH.MNG.KEY.RECLAIMID" },
		{ 30, "TDH.MEM.SEPT.REMOVE" }, { 37, "TDH.SYS.RDALL" },
		{ 39, "TDH.MEM.RANGE.UNBLOCK" }, { 42, "TDH.MEM.SEPT.WR" },
		{ 48, "TDH.SERVTD.BIND" }, { 49, "TDH.SERVTD.PREBIND" },
		{ 1ULL << 63 | 2, "SEAMLDR.SHUTDOWN" }, { 1ULL << 63 | 3, "SEAMLDR.SEAMINFO" },
		{ 43, "TDH.VP.WR" }, { 44, "TDH.SYS.LP.SHUTDOWN" }, { 45, "TDH.SYS.CONFIG" },
		{ 52, "TDH.SYS.SHUTDOWN" }, { 53, "TDH.SYS.UPDATE" }, { 69, "TDH.SYS.DISABLE" },
		{ 1ULL << 63, "SEAMLDR.INFO" }, { 1ULL << 63 | 1, "SEAMLDR.INSTALL" },
		{ 1 << 16 | 22, "TDH.VP.INIT" },	/* version 1 */
		{ 1ULL << 62 | 33, "TDH.SYS.INIT" },	/* bit 63 alone means the SEAM loader */
		{ 0xffff, "unknown leaf" }, { 1ULL << 63 | 33, "unknown leaf" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(tdx_leaf_name(rows[i].rax), rows[i].name);
}

/* Buffers of every size get the beginning of the text, terminated. */
static void small_buffers(void **state)
{
	char want[160], *buf;
	int full = tdx_status_format(want, sizeof(want), 0xc0000a1200050203);

	(void)state;
	assert_int_equal(tdx_status_format(NULL, 0, 0xc0000a1200050203), full);
	for (int size = 1; size <= full + 2; size++) {
		buf = malloc(size);	/* so that the sanitizer notices one byte too many */
		assert_int_equal(tdx_status_format(buf, size, 0xc0000a1200050203), full);
		assert_int_equal(strlen(buf), size <= full ? size - 1 : full);
		assert_memory_equal(buf, want, strlen(buf));
		free(buf);
	}
	buf = malloc(1);
	assert_int_equal(tdx_status_details(buf, 1, 0x8000020200000000), 0);
	assert_int_equal(buf[0], '\0');
	free(buf);
	/* The length of the name is right also without details. */
	assert_int_equal(tdx_status_format(want, sizeof(want), 0x8000020200000000),
			 strlen("TDX_SYS_BUSY (0x8000020200000000)"));
}

static u64 random_u64(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Half of them have a known name, so that every decoder of details runs. */
static void random_values(void **state)
{
	u64 seed = 0x9e3779b97f4a7c15, status;
	const char *name;
	char buf[160], hex[24];
	int len;

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		status = random_u64(&seed);
		if (i & 1)
			status &= 0xc0001fff0000ffffULL;
		len = tdx_status_format(buf, sizeof(buf), status);
		assert_in_range(len, 1, sizeof(buf) - 1);
		assert_int_equal(strlen(buf), len);
		name = tdx_status_name(status);
		assert_memory_equal(buf, name, strlen(name));
		snprintf(hex, sizeof(hex), "(0x%016llx)", status);
		assert_string_equal(buf + len - strlen(hex), hex);
		tdx_status_cause(status);
		tdx_status_remedy(status);
		tdx_status_retryable(status);
		assert_non_null(tdx_leaf_name(status));
	}
}

/* The leaf, the status, its cause and its remedy have to fit into the 512 bytes of last_error. */
static void one_length(u64 value, const char *name)
{
	const char *cause = tdx_status_cause(value), *remedy = tdx_status_remedy(value);

	(void)name;
	assert_in_range(strlen(cause) + (remedy ? strlen(remedy) : 0), 1, 330);
}

static void lengths(void **state)
{
	(void)state;
	for_each_row("status-codes.tsv", one_length);
	one_length(TDX_SW_VMFAILINVALID, NULL);
	one_length(TDX_SW_GP, NULL);
	one_length(TDX_SW_UD, NULL);
}

/* The SEAM loader has numbers of its own; names are found with and without its own name. */
static void of_the_loader(void **state)
{
	static const struct {
		u64 value;
		const char *name;
		bool recoverable;
	} t[] = {
		{ 0x8000000000000000, "EBADPARAM", false },
		{ 0x8000000000000003, "EBADCALL", false },
		{ 0x8000000000000004, "EBADHANDOFF", false },
		{ 0x8000000000000005, "ECLEANUPREQ", false },
		{ 0x8000000000000006, "EUNSUPPORTED", false },
		{ 0x8000000000010002, "ENOMEM", false },
		{ 0x8000000000010003, "EUNSPECERR", false },
		{ 0x8000000000010004, "EUNSUPCPU", false },
		{ 0x8000000000020000, "EBADSIG", false },
		{ 0x8000000000020001, "EBADHASH", false },
		{ 0x8000000000030000, "EINTERRUPT", true },
		{ 0x8000000000030001, "ENOENTROPY", true },
	};
	static const char * const forms[] = {
		"PSEAMLDR_%s", "P_SEAMLDR_%s", "SEAMLDR_%s", "%s", "p_seamldr_%s",
	};
	static const char * const unknown[] = {
		"", "E", "ENOENTROP", "SEAMLDR", "P_", "PP_SEAMLDR_ENOMEM",
	};
	const struct seamldr_status *s;
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s = seamldr_status(t[i].value, false);
		assert_non_null(s);
		assert_ptr_equal(s, seamldr_status(t[i].value, true));
		assert_true(s->value == t[i].value);
		assert_int_equal(s->recoverable, t[i].recoverable);
		snprintf(name, sizeof(name), "PSEAMLDR_%s", t[i].name);
		assert_string_equal(s->name, name);
		assert_non_null(s->cause);
		assert_non_null(s->remedy);
		for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
			snprintf(name, sizeof(name), forms[f], t[i].name);
			assert_ptr_equal(seamldr_status_by_name(name), s);
		}
	}
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
		assert_null(seamldr_status_by_name(unknown[i]));
	assert_null(seamldr_status(0x8000000000000001, true));
	/* A loader that is missing: no status of its own, but the instruction's. */
	s = seamldr_status(TDX_SW_VMFAILINVALID, true);
	assert_non_null(s);
	assert_string_equal(s->name, "TDX_SEAMCALL_VMFAILINVALID");
	assert_false(s->recoverable);
	assert_null(seamldr_status(TDX_SW_VMFAILINVALID, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status),
		cmocka_unit_test(every_operand),
		cmocka_unit_test(formats),
		cmocka_unit_test(retryable),
		cmocka_unit_test(software),
		cmocka_unit_test(unknown),
		cmocka_unit_test(msr_names),
		cmocka_unit_test(class_names),
		cmocka_unit_test(cause_by_operand),
		cmocka_unit_test(cause_by_status),
		cmocka_unit_test(details),
		cmocka_unit_test(leaf_names),
		cmocka_unit_test(small_buffers),
		cmocka_unit_test(random_values),
		cmocka_unit_test(lengths),
		cmocka_unit_test(of_the_loader),
	};

	return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
