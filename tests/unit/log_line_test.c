// SPDX-License-Identifier: GPL-2.0-only
/* Statuses in log lines, from public reports and made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "log_line.h"
#include "status.h"

#define NO_LEAF 0xffff

static void forms(void **state)
{
	static const struct {
		const char *line;
		u64 status, leaf;
	} rows[] = {
		{ "virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc000050500000000",
		  TDX_SYS_NOT_READY, 34 },
		{ "tdx: SEAMCALL failed: CPU 94: leaf 33, error 0xc000092100000122.",
		  TDX_INCORRECT_MSR_VALUE | 0x122, 33 },
		{ "SEAMCALL TDH_MNG_CREATE failed: 0x8000020000000000", TDX_OPERAND_BUSY, 9 },
		{ "SEAMCALL[TDH_MEM_PAGE_AUG] failed: 0xc000030000000001, rcx 0x1",
		  TDX_PAGE_METADATA_INCORRECT | 1, 6 },
		{ "TDH.MNG.INIT failed with status: 0xc000010000000045",
		  TDX_OPERAND_INVALID | 0x45, 21 },
		{ "SEAMCALL (0x22) failed: 0xC000050500000000", TDX_SYS_NOT_READY, 34 },
		{ "qemu: KVM_TDX_INIT_VM failed, error 0xc000010000000045",
		  TDX_OPERAND_INVALID | 0x45, NO_LEAF },
		{ "SEAMCALL failed: 0x8000ff00ffff0000", TDX_SW_VMFAILINVALID, NO_LEAF },
		{ "SEAMCALL (0x24) failed: 0xdead00ee00000000", 0xdead00ee00000000, 36 },
	};
	struct log_status s;
	const char *at;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		at = rows[i].line;
		assert_true(log_line_status(&at, rows[i].line, &s));
		assert_true(s.status == rows[i].status);
		assert_int_equal(s.has_leaf, rows[i].leaf != NO_LEAF);
		if (s.has_leaf)
			assert_int_equal(s.leaf, rows[i].leaf);
		assert_false(log_line_status(&at, rows[i].line, &s));
	}
}

static void registers(void **state)
{
	const char *line = "SEAMCALL (0x21) failed: 0xc000090000000000 RCX 0x0000000100000007 RDX 0xffff000000000000";
	const char *at = line;
	struct log_status s;
	u64 rcx;

	(void)state;
	assert_true(log_line_status(&at, line, &s));
	assert_true(s.has_rcx);
	assert_true(s.rcx == 0x100000007);
	assert_false(log_line_status(&at, line, &s));
	assert_true(log_line_rcx("virt/tdx: RCX 0x12 RDX 0x34", &rcx));
	assert_int_equal(rcx, 0x12);
	assert_false(log_line_rcx("virt/tdx: RDX 0x34", &rcx));
	assert_false(log_line_rcx("rcx rcx: 0x", &rcx));
}

static void not_statuses(void **state)
{
	static const char * const lines[] = {
		"", "0x", "\n", "BIOS-e820: [mem 0x0000000000000000-0x8000020200000000] usable",
		"virt/tdx: CMR: [0x8000000000, 0xf000000000)",
		"virt/tdx: TDMR [0x40000000, 0x80000000): reserved areas exhausted.",
		"tdx: RCX 0xc000050500000000", "tdx: private KeyID range [32, 64)",
		"usb 1-1: id 0xc000010000000045",
	};
	struct log_status s;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *at = lines[i];

		assert_false(log_line_status(&at, lines[i], &s));
	}
}

static void numbers(void **state)
{
	u64 value;

	(void)state;
	assert_true(log_number("0xc000010000000045", &value));
	assert_true(value == 0xc000010000000045);
	assert_true(log_number("C000010000000045", &value));
	assert_true(value == 0xc000010000000045);
	assert_true(log_number("33", &value));
	assert_int_equal(value, 33);
	assert_false(log_number("", &value));
	assert_false(log_number("0x", &value));
	assert_false(log_number("0x12345678123456789", &value));
	assert_false(log_number("0x12 ", &value));
	assert_true(log_number("12345678901234567890", &value));
	assert_true(value == 12345678901234567890ULL);
	assert_true(log_number("18446744073709551615", &value));
	assert_true(value == ~0ULL);
	assert_false(log_number("18446744073709551616", &value));
	assert_false(log_number("TDX_SUCCESS", &value));
}

/* Many spellings of the same 64 bits. */
static void spellings(void **state)
{
	static const struct {
		const char *word;
		u64 value;
	} rows[] = {
		{ "0xC000_0100_0000_0045", 0xc000010000000045 },
		{ "0xc000010000000045ULL", 0xc000010000000045 },
		{ "0xc000010000000045ul", 0xc000010000000045 },
		{ "0xc0000100'00000045", 0xc000010000000045 },
		{ "c0000100`00000045", 0xc000010000000045 },
		{ "c000010000000045h", 0xc000010000000045 },
		{ "0C000010000000045H", 0xc000010000000045 },
		{ "C0000100_00000045", 0xc000010000000045 },
		{ "13835059154793791557", 0xc000010000000045 },
		{ "-4611684918915760059", 0xc000010000000045 },
		{ "13,835,059,154,793,791,557", 0xc000010000000045 },
		{ "33u", 33 },
	};
	static const char * const bad[] = {
		"-", "-0x1", "--1", "0x_1", "_1", "1_", "1__2", "0x1g", "h", "ull", "0xull",
		"-9223372036854775809", "c0000100000000450h", "1 2",
	};
	u64 value;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!log_number(rows[i].word, &value) || value != rows[i].value)
			fail_msg("%s: 0x%llx", rows[i].word, (unsigned long long)value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (log_number(bad[i], &value))
			fail_msg("%s: 0x%llx", bad[i], (unsigned long long)value);
}

static void names(void **state)
{
	u64 value;

	(void)state;
	assert_true(log_status_name("tdx_sys_busy", &value));
	assert_true(value == TDX_SYS_BUSY);
	assert_true(log_status_name("Operand-Invalid", &value));
	assert_true(value == TDX_OPERAND_INVALID);
	assert_false(log_status_name("", &value));
	assert_false(log_status_name("tdx_", &value));
	assert_true(log_leaf("tdh_mng_init", &value));
	assert_int_equal(value, 21);
	assert_true(log_leaf("TDH.VP.ENTER", &value));
	assert_int_equal(value, 0);
	assert_true(log_leaf("SEAMLDR.INSTALL", &value));
	assert_true(value == 0x8000000000000001);
	assert_false(log_leaf("TDH.MNG", &value));
	assert_false(log_leaf("TDH.MNG.INIT.", &value));
	assert_false(log_leaf("", &value));
}

static u64 random_u64(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Pieces of real lines in random order reach every branch; buffers have no spare byte. */
static void random_lines(void **state)
{
	static const char * const pieces[] = {
		"SEAMCALL", " (", "0x", "22", ")", " failed: ", "0xc000050500000000", "RCX ",
		"rcx", "leaf ", "33", "TDH", "TDH_", "TDH.MNG.INIT", "TDH_SYS_", "TDX", "=", ":",
		"c000010000000045", "0x8000020200000000", "\t", "error", "\xff", "f", ",", "status",
	};
	u64 seed = 0x243f6a8885a308d3;
	unsigned int found = 0;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char text[512] = "", *line;
		struct log_status s;
		const char *at;
		size_t len = 0;
		u64 rcx;

		for (u64 n = random_u64(&seed) % 12; n; n--) {
			const char *p = pieces[random_u64(&seed) % (sizeof(pieces) / sizeof(pieces[0]))];

			strcpy(text + len, p);
			len += strlen(p);
		}
		line = strdup(text);
		for (at = line; log_line_status(&at, line, &s); found++)
			assert_in_range(at - line, 1, len);
		log_line_rcx(line, &rcx);
		const char *where = line;
		size_t length = 0;

		if (log_line_message(line, &where, &length))
			assert_in_range(where + length - line, 1, len);
		log_number(line, &rcx);
		free(line);
	}
	assert_in_range(found, 1000, 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(registers),
		cmocka_unit_test(not_statuses),
		cmocka_unit_test(numbers),
		cmocka_unit_test(spellings),
		cmocka_unit_test(names),
		cmocka_unit_test(random_lines),
	};

	return cmocka_run_group_tests_name("log_line", tests, NULL, NULL);
}
