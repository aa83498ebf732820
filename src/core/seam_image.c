// SPDX-License-Identifier: GPL-2.0-only
/* Reads the image of a TDX module, and says which one can take another's place. */
#include "seam_image.h"

#define VERSION_1	0x100	/* as the binaries are published */
#define VERSION_2	0x200	/* as Linux 7.2 takes them */

/* Offsets in the header. */
#define H_VERSION	0
#define H1_MODULE	4	/* offset of the module in the image */
#define H1_MAGIC	8
#define H1_LENGTH	16
#define H1_RESERVED	20
#define H2_MAGIC	4
#define H2_SIG_PAGES	12
#define H2_PAGES	16
#define H2_RESERVED	20

#define SIGSTRUCT_SIZE	2048

/* Offsets in SEAM_SIGSTRUCT, and what the SEAM loader wants there. */
#define S_TYPE		0	/* 6: generic firmware */
#define S_LENGTH	4	/* of the header, in dwords */
#define S_VERSION	8
#define S_MODULE_TYPE	12	/* bit 31: signed for debugging */
#define S_VENDOR	16
#define S_DATE		20
#define S_SIZE		24	/* in dwords, as the next three */
#define S_KEY_SIZE	28
#define S_MODULUS_SIZE	32
#define S_EXP_SIZE	36
#define S_RESERVED0	40
#define S_EXPONENT	512
#define S_SVN		948
#define S_ATTRIBUTES	950
#define S_RESERVED1	978
#define S_MODULE_HV	984
#define S_MIN_HV	986
#define S_RESERVED2	989
#define S_GDT		992
#define S_WRAPPER	996
/* In images of TDX 2.0, and 0 in those of 1.5: read off published ones. */
#define S_UPDATE	1000
#define S_MINOR		1002
#define S_MAJOR		1003
#define S_BUILD		1004
#define S_RESERVED3	1008	/* the two bytes before it are not 0 in 2.0.04 */
#define S_NR_CPUIDS	1024
#define S_CPUIDS	1028

#define STEPPING	0xfU

static u16 get16(const u8 *at, u32 offset)
{
	return (u16)(at[offset] | at[offset + 1] << 8);
}

static u32 get32(const u8 *at, u32 offset)
{
	return get16(at, offset) | (u32)get16(at, offset + 2) << 16;
}

static bool is_zero(const u8 *at, u32 from, u32 to)
{
	while (from < to)
		if (at[from++])
			return false;
	return true;
}

/* ---- header ---- */

static u16 checksum(const u8 *data, size_t size)
{
	u32 sum = 0;
	size_t i;

	for (i = 0; i < size; i += 2)
		sum += get16(data, i);
	return (u16)sum;
}

static const char *check_version_1(const u8 *data, size_t size)
{
	if (memcmp(data + H1_MAGIC, "TDX-BLOB", 8))
		return "it is no image of a TDX module: TDX-BLOB is missing";
	if (get32(data, H1_LENGTH) != size)
		return "it is cut off or has grown: its length is not the one in its header";
	if (get32(data, H1_MODULE) != SEAM_IMAGE_MODULE)
		return "its signature structure does not fill one page: it is made for a newer SEAM loader";
	if (!is_zero(data, H1_RESERVED, SEAM_PAGE))
		return "reserved bytes of its header are not 0";
	if (checksum(data, size))
		return "its checksum is wrong: the file is damaged";
	return NULL;
}

/* What the checksum is to be Linux does not say, and does not look at it. */
static const char *check_version_2(const u8 *data, size_t size)
{
	if (memcmp(data + H2_MAGIC, "TDX-BLOB", 8))
		return "it is no image of a TDX module: TDX-BLOB is missing";
	if (get32(data, H2_SIG_PAGES) != 1)
		return "its signature structure does not fill one page: it is made for a newer SEAM loader";
	if (get32(data, H2_PAGES) != (size - SEAM_IMAGE_MODULE) / SEAM_PAGE)
		return "it is cut off or has grown: its length is not the one in its header";
	if (!is_zero(data, H2_RESERVED, SEAM_PAGE))
		return "reserved bytes of its header are not 0";
	return NULL;
}

static const char *check_header(const u8 *data, size_t size)
{
	if (size <= SEAM_IMAGE_MODULE)
		return "it is too short for an image of a TDX module";
	if (size > SEAM_IMAGE_MAX_SIZE)
		return "it is too long for an image of a TDX module";
	if (size % SEAM_PAGE)
		return "its length is not a number of whole pages";
	switch (get16(data, H_VERSION)) {
	case VERSION_1:
		return check_version_1(data, size);
	case VERSION_2:
		return check_version_2(data, size);
	}
	return "it is no image of a TDX module, or one of a form that is newer than this program";
}

/* ---- signature structure ---- */

static bool form_known(const u8 *s)
{
	return get32(s, S_TYPE) == 6 && get32(s, S_LENGTH) == 0xe1 &&
	       get32(s, S_VERSION) == 0x10000 && get32(s, S_VENDOR) == 0x8086 &&
	       get32(s, S_SIZE) == SIGSTRUCT_SIZE / 4 && get32(s, S_KEY_SIZE) == 0x60 &&
	       get32(s, S_MODULUS_SIZE) == 0x60 && get32(s, S_EXP_SIZE) == 1 &&
	       get32(s, S_EXPONENT) == 0x10001;
}

static bool reserved_zero(const u8 *s)
{
	return !(get32(s, S_MODULE_TYPE) << 1) && is_zero(s, S_ATTRIBUTES, S_ATTRIBUTES + 8) &&
	       is_zero(s, S_RESERVED0, S_RESERVED0 + 88) &&
	       is_zero(s, S_RESERVED1, S_RESERVED1 + 6) && !s[S_RESERVED2] &&
	       is_zero(s, S_RESERVED3, S_NR_CPUIDS) && is_zero(s, SIGSTRUCT_SIZE, SEAM_PAGE);
}

/* Tables that the SEAM loader writes to once the module is in place. */
static bool offsets_inside(const u8 *s, u32 nr_pages)
{
	u32 gdt = get32(s, S_GDT), wrapper = get32(s, S_WRAPPER);

	return !gdt == !wrapper && !(gdt % SEAM_PAGE) && gdt / SEAM_PAGE < nr_pages &&
	       wrapper / SEAM_PAGE < nr_pages;
}

static const char *check_sigstruct(const u8 *s, u32 nr_pages)
{
	if (!form_known(s))
		return "its signature structure is none of a TDX module";
	if (!reserved_zero(s))
		return "reserved bytes of its signature structure are not 0";
	if (get16(s, S_MIN_HV) > get16(s, S_MODULE_HV))
		return "its oldest handoff version is newer than its newest";
	if (get32(s, S_NR_CPUIDS) > SEAM_MAX_CPUIDS)
		return "its list of CPUs is longer than the space for it";
	if (!offsets_inside(s, nr_pages))
		return "its signature structure points outside the module";
	return NULL;
}

const char *seam_image_parse(struct seam_image *image, const u8 *data, size_t size)
{
	const char *why = check_header(data, size);
	const u8 *s;
	u32 i;

	if (why)
		return why;
	s = data + SEAM_IMAGE_SIGSTRUCT;
	image->nr_pages = (u32)((size - SEAM_IMAGE_MODULE) / SEAM_PAGE);
	why = check_sigstruct(s, image->nr_pages);
	if (why)
		return why;
	image->major = s[S_MAJOR];
	image->minor = s[S_MINOR];
	image->update = get16(s, S_UPDATE);
	image->build = get16(s, S_BUILD);
	image->date = get32(s, S_DATE);
	image->svn_minor = s[S_SVN];
	image->svn_major = s[S_SVN + 1];
	image->module_hv = get16(s, S_MODULE_HV);
	image->min_update_hv = get16(s, S_MIN_HV);
	image->nr_cpuids = get32(s, S_NR_CPUIDS);
	for (i = 0; i < image->nr_cpuids; i++)
		image->cpuid[i] = get32(s, S_CPUIDS + 4 * i);
	return NULL;
}

/* ---- which one can take another's place ---- */

/* A module for debugging may leave the list empty. */
static bool for_cpu(const struct seam_image *image, u32 cpuid)
{
	u32 i;

	for (i = 0; i < image->nr_cpuids; i++)
		if (!((image->cpuid[i] ^ cpuid) & ~STEPPING))
			return true;
	return !image->nr_cpuids;
}

const char *seam_image_refuse_install(const struct seam_image *image,
				      const struct seam_place *place)
{
	if (!for_cpu(image, place->cpuid))
		return "it is made for other CPUs: take the release for this one";
	if (!image->svn_major)
		return "it is TDX 1.0, which the SEAM loader does not install: take a release of TDX 1.5 or later";
	return NULL;
}

u16 seam_image_handoff(const struct seam_image *image, const struct seam_place *place)
{
	return image->module_hv < place->module_hv ? image->module_hv : place->module_hv;
}

const char *seam_image_refuse_update(const struct seam_image *image,
				     const struct seam_place *place)
{
	const char *why = seam_image_refuse_install(image, place);
	u16 hv = seam_image_handoff(image, place);

	if (why)
		return why;
	if (!place->loaded)
		return "no TDX module is loaded that could be updated: install it instead";
	if (image->svn_major != place->svn_major)
		return "TDs cannot go on in it, as its security version has another major number: end all TDs and install it instead";
	if (image->svn_minor < place->svn_minor)
		return "its security version is lower than the loaded module's: take a newer release";
	if (!place->updates_left)
		return "the SEAM loader has no update left: end all TDs and install it instead, or restart the machine";
	if (hv < image->min_update_hv || hv < place->min_update_hv)
		return "it cannot read what the loaded module hands over: update to a release in between first, or end all TDs and install it instead";
	return NULL;
}
