// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images of TDX modules: what is read from one, that each byte that matters is checked, and
 * which one can take another's place.  A good image is broken in one place at a time, then at
 * random.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "seam_image.h"

#define NR_PAGES	3
#define SIZE		(SEAM_IMAGE_MODULE + NR_PAGES * SEAM_PAGE)
#define SIG		SEAM_IMAGE_SIGSTRUCT
#define NR_RANDOM	20000
#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static u8 image[SEAM_IMAGE_MAX_SIZE + SEAM_PAGE];
static struct seam_image got;

static void put(u32 offset, u64 value, u32 size)
{
	memcpy(image + offset, &value, size);
}

static u32 form;	/* version of the header */

/* Sum of the 16-bit words: 0, by the word at 2. */
static void seal(u32 size)
{
	u16 word, sum = 0;

	if (form != 0x100)
		return;
	put(2, 0, 2);
	for (u32 i = 0; i < size; i += 2) {
		memcpy(&word, image + i, 2);
		sum += word;
	}
	put(2, (u16)-sum, 2);
}

static void make_sigstruct(void)
{
	static const u32 words[] = {
		6, 0xe1, 0x10000, 0, 0x8086, 0x20250219, 0x200, 0x60, 0x60, 1,
	};

	memcpy(image + SIG, words, sizeof(words));
	memset(image + SIG + 128, 0xa5, 384);		/* key */
	put(SIG + 512, 0x10001, 4);
	memset(image + SIG + 516, 0x5a, 384 + 48);	/* signature, hash */
	put(SIG + 948, 0x010b, 2);			/* 1.11 */
	put(SIG + 958, 0x1010, 4);			/* entry point */
	put(SIG + 984, 7, 2);
	put(SIG + 986, 4, 2);
	put(SIG + 988, 1, 1);				/* NO_DOWNGRADE */
	put(SIG + 990, 13, 2);
	put(SIG + 992, 0x1000, 4);
	put(SIG + 996, 0x2010, 4);
	put(SIG + 1000, 290, 2);
	put(SIG + 1002, 5, 1);
	put(SIG + 1003, 1, 1);
	put(SIG + 1004, 0x80312, 4);
	put(SIG + 1024, 2, 4);
	put(SIG + 1028, 0x806f8, 4);
	put(SIG + 1032, 0xc06f0, 4);
}

static void make(u32 version, u32 nr_pages)
{
	form = version;
	memset(image, 0, sizeof(image));
	put(0, version, 2);
	if (version == 0x100) {
		put(4, 0x2000, 4);
		memcpy(image + 8, "TDX-BLOB", 8);
		put(16, SEAM_IMAGE_MODULE + nr_pages * SEAM_PAGE, 4);
	} else {
		memcpy(image + 4, "TDX-BLOB", 8);
		put(12, 1, 4);
		put(16, nr_pages, 4);
	}
	make_sigstruct();
	memset(image + SEAM_IMAGE_MODULE, 0x90, nr_pages * SEAM_PAGE);
	seal(SEAM_IMAGE_MODULE + nr_pages * SEAM_PAGE);
}

/* From memory that ends where the image does. */
static const char *parse(size_t size)
{
	u8 *copy = malloc(size ?: 1);
	const char *why;

	memcpy(copy, image, size);
	why = seam_image_parse(&got, copy, size);
	free(copy);
	return why;
}

static void says(const char *why, const char *text)
{
	assert_non_null(why);
	if (!strstr(why, text))
		fail_msg("\"%s\" does not say \"%s\"", why, text);
}

static void good(void **state)
{
	(void)state;
	for (u32 version = 0x100; version <= 0x200; version += 0x100) {
		make(version, NR_PAGES);
		assert_null(parse(SIZE));
		assert_int_equal(got.nr_pages, NR_PAGES);
		assert_int_equal(got.major, 1);
		assert_int_equal(got.minor, 5);
		assert_int_equal(got.update, 290);
		assert_int_equal(got.build, 0x312);
		assert_int_equal(got.date, 0x20250219);
		assert_int_equal(got.svn_major, 1);
		assert_int_equal(got.svn_minor, 11);
		assert_int_equal(got.module_hv, 7);
		assert_int_equal(got.min_update_hv, 4);
		assert_int_equal(got.nr_cpuids, 2);
		assert_int_equal(got.cpuid[0], 0x806f8);
		assert_int_equal(got.cpuid[1], 0xc06f0);
	}
}

static void limits(void **state)
{
	(void)state;
	make(0x200, SEAM_MAX_PAGES);
	assert_null(parse(SEAM_IMAGE_MAX_SIZE));
	assert_int_equal(got.nr_pages, SEAM_MAX_PAGES);
	put(16, SEAM_MAX_PAGES + 1, 4);
	says(parse(SEAM_IMAGE_MAX_SIZE + SEAM_PAGE), "too long");
	make(0x200, 1);
	put(SIG + 992, 0, 4);
	put(SIG + 996, 0, 4);
	assert_null(parse(SEAM_IMAGE_MODULE + SEAM_PAGE));
	for (u32 size = 0; size <= SEAM_IMAGE_MODULE; size += 512)
		says(parse(size), "too short");
	make(0x100, NR_PAGES);
	says(parse(SIZE - 1), "whole pages");
	says(parse(SIZE - SEAM_PAGE), "cut off");
	make(0x200, NR_PAGES);
	says(parse(SIZE - SEAM_PAGE), "cut off");
	make(0x200, SEAM_MAX_PAGES);
	put(SIG + 1024, SEAM_MAX_CPUIDS, 4);
	put(SIG + 2044, 0x806f0, 4);
	assert_null(parse(SEAM_IMAGE_MAX_SIZE));
	assert_int_equal(got.cpuid[SEAM_MAX_CPUIDS - 1], 0x806f0);
}

struct bad {
	u32 offset;
	u64 value;
	u32 size;
	const char *why;
};

static const struct bad header_1[] = {
	{ 0, 0x101, 2, "newer than this program" }, { 0, 0, 2, "no image" },
	{ 2, 1, 2, "checksum" }, { 4, 0x3000, 4, "newer SEAM loader" }, { 4, 0x1000, 4, "one page" },
	{ 8, 'x', 1, "TDX-BLOB" }, { 15, 'x', 1, "TDX-BLOB" },
	{ 16, SIZE + 1, 4, "length" }, { 16, 0, 4, "length" },
	{ 20, 1, 1, "reserved" }, { 4095, 1, 1, "reserved" },
};

static const struct bad header_2[] = {
	{ 4, 'x', 1, "TDX-BLOB" }, { 11, 'x', 1, "TDX-BLOB" },
	{ 12, 0, 4, "one page" }, { 12, 2, 4, "newer SEAM loader" }, { 12, 0x80000001, 4, "one page" },
	{ 16, NR_PAGES + 1, 4, "length" }, { 16, 0, 4, "length" },
	{ 16, 1 << 20 | NR_PAGES, 4, "length" },
	{ 20, 1, 1, "reserved" }, { 4095, 0x80, 1, "reserved" },
};

static const struct bad sigstruct[] = {
	{ SIG, 7, 4, "none of a TDX module" }, { SIG + 4, 0xe2, 4, "none of" },
	{ SIG + 8, 0x20000, 4, "none of" }, { SIG + 16, 0x1022, 4, "none of" },
	{ SIG + 24, 0x201, 4, "none of" }, { SIG + 28, 0x61, 4, "none of" },
	{ SIG + 32, 0x5f, 4, "none of" }, { SIG + 36, 2, 4, "none of" },
	{ SIG + 512, 3, 4, "none of" },
	{ SIG + 12, 1, 4, "reserved" }, { SIG + 12, 1 << 30, 4, "reserved" },
	{ SIG + 40, 1, 1, "reserved" }, { SIG + 127, 1, 1, "reserved" },
	{ SIG + 950, 1, 1, "reserved" }, { SIG + 957, 1, 1, "reserved" },
	{ SIG + 978, 1, 1, "reserved" }, { SIG + 983, 1, 1, "reserved" },
	{ SIG + 989, 1, 1, "reserved" }, { SIG + 1008, 1, 1, "reserved" },
	{ SIG + 1023, 1, 1, "reserved" }, { SIG + 2048, 1, 1, "reserved" },
	{ SIG + 4095, 1, 1, "reserved" },
	{ SIG + 986, 8, 2, "oldest handoff" }, { SIG + 986, 0x100, 2, "oldest handoff" }, { SIG + 984, 3, 2, "oldest handoff" },
	{ SIG + 1024, 256, 4, "longer than" }, { SIG + 1024, ~0U, 4, "longer than" },
	{ SIG + 992, 0, 4, "points outside" }, { SIG + 996, 0, 4, "points outside" },
	{ SIG + 992, 0x1001, 4, "points outside" }, { SIG + 992, 0x3000, 4, "points outside" },
	{ SIG + 992, 0x1001000, 4, "points outside" }, { SIG + 996, 0x1000000, 4, "points outside" },
	{ SIG + 996, 0x3000, 4, "points outside" }, { SIG + 996, ~0U, 4, "points outside" },
};

static void breaks(u32 version, const struct bad *bad, u32 nr)
{
	for (u32 i = 0; i < nr; i++) {
		make(version, NR_PAGES);
		put(bad[i].offset, bad[i].value, bad[i].size);
		if (bad[i].offset != 2)
			seal(SIZE);
		says(parse(SIZE), bad[i].why);
	}
}

static void broken(void **state)
{
	(void)state;
	breaks(0x100, header_1, NR(header_1));
	breaks(0x200, header_2, NR(header_2));
	breaks(0x100, sigstruct, NR(sigstruct));
	breaks(0x200, sigstruct, NR(sigstruct));
	/* Signed for debugging: whether this machine takes that the SEAM loader knows. */
	make(0x200, NR_PAGES);
	put(SIG + 12, 1U << 31, 4);
	assert_null(parse(SIZE));
	/* At the last place where they fit. */
	put(SIG + 992, 0x2000, 4);
	put(SIG + 996, 0x2fff, 4);
	assert_null(parse(SIZE));
}

/* Any byte of a published image is under the checksum. */
static void any_byte(void **state)
{
	(void)state;
	make(0x100, NR_PAGES);
	for (u32 i = 0; i < SIZE; i++) {
		image[i] ^= 0x10;
		if (!parse(SIZE))
			fail_msg("a change at %u is not seen", i);
		image[i] ^= 0x10;
	}
	assert_null(parse(SIZE));
}

/* Whatever is accepted lies within the image and has its lists in order. */
static void random_changes(void **state)
{
	u32 accepted = 0;

	(void)state;
	srand(1);
	for (u32 i = 0; i < NR_RANDOM; i++) {
		make(0x200, NR_PAGES);
		for (u32 n = rand() % 4; n; n--)
			image[rand() % 2 ? rand() % 24 : SIG + rand() % 1040] = (u8)rand();
		if (parse(SIZE))
			continue;
		accepted++;
		assert_int_equal(got.nr_pages, NR_PAGES);
		assert_true(got.nr_cpuids <= SEAM_MAX_CPUIDS);
		assert_true(got.min_update_hv <= got.module_hv);
	}
	assert_true(accepted > NR_RANDOM / 8 && accepted < NR_RANDOM);
}

/* ---- which one can take another's place ---- */

static struct seam_image img;
static struct seam_place place;

static void may_update(void)
{
	img = (struct seam_image){
		.svn_major = 1, .svn_minor = 11, .module_hv = 7, .min_update_hv = 4,
		.nr_cpuids = 2, .cpuid = { 0xc06f0, 0x806f8 },
	};
	place = (struct seam_place){
		.cpuid = 0x806f4, .loaded = true, .svn_major = 1, .svn_minor = 11,
		.module_hv = 6, .min_update_hv = 2, .updates_left = 1,
	};
	assert_null(seam_image_refuse_install(&img, &place));
	assert_null(seam_image_refuse_update(&img, &place));
}

static void cpus(void **state)
{
	(void)state;
	may_update();
	place.cpuid = 0xa06f0;
	says(seam_image_refuse_install(&img, &place), "other CPUs");
	says(seam_image_refuse_update(&img, &place), "other CPUs");
	place.cpuid = 0xc06ff;
	assert_null(seam_image_refuse_install(&img, &place));
	place.cpuid = 0xc06e0;
	says(seam_image_refuse_install(&img, &place), "other CPUs");
	img.nr_cpuids = 1;
	place.cpuid = 0x806f8;
	says(seam_image_refuse_install(&img, &place), "other CPUs");
	img.nr_cpuids = 0;
	assert_null(seam_image_refuse_install(&img, &place));
}

static void versions(void **state)
{
	(void)state;
	may_update();
	img.svn_major = 0;
	says(seam_image_refuse_install(&img, &place), "TDX 1.0");
	may_update();
	img.svn_major = 3;
	assert_null(seam_image_refuse_install(&img, &place));
	says(seam_image_refuse_update(&img, &place), "another major");
	may_update();
	img.svn_minor = 10;
	assert_null(seam_image_refuse_install(&img, &place));
	says(seam_image_refuse_update(&img, &place), "lower than");
	img.svn_minor = 12;
	assert_null(seam_image_refuse_update(&img, &place));
	may_update();
	place.loaded = false;
	assert_null(seam_image_refuse_install(&img, &place));
	says(seam_image_refuse_update(&img, &place), "no TDX module is loaded");
	may_update();
	place.updates_left = 0;
	assert_null(seam_image_refuse_install(&img, &place));
	says(seam_image_refuse_update(&img, &place), "no update left");
}

/* The newest version that both know, unless one of them is too new for it. */
static void handoff(void **state)
{
	static const struct {
		u16 img_min, img_hv, min, hv;
		int want;	/* -1: refused */
	} cases[] = {
		{ 0, 0, 0, 0, 0 }, { 4, 7, 2, 6, 6 }, { 4, 7, 2, 9, 7 }, { 4, 7, 2, 4, 4 },
		{ 4, 7, 2, 3, -1 }, { 4, 7, 8, 9, -1 }, { 4, 7, 7, 9, 7 }, { 0, 3, 3, 3, 3 },
		{ 1, 1, 0, 0, -1 }, { 0, 0, 1, 1, -1 },
	};

	(void)state;
	for (u32 i = 0; i < NR(cases); i++) {
		may_update();
		img.min_update_hv = cases[i].img_min;
		img.module_hv = cases[i].img_hv;
		place.min_update_hv = cases[i].min;
		place.module_hv = cases[i].hv;
		if (cases[i].want < 0) {
			says(seam_image_refuse_update(&img, &place), "hands over");
			continue;
		}
		assert_null(seam_image_refuse_update(&img, &place));
		assert_int_equal(seam_image_handoff(&img, &place), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(limits),
		cmocka_unit_test(broken),
		cmocka_unit_test(any_byte),
		cmocka_unit_test(random_changes),
		cmocka_unit_test(cpus),
		cmocka_unit_test(versions),
		cmocka_unit_test(handoff),
	};

	return cmocka_run_group_tests_name("seam_image", tests, NULL, NULL);
}
