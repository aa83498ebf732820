// SPDX-License-Identifier: GPL-2.0-only
#include "sysinfo.h"

/* No TDX module has larger entries: refuse them before anything is sized by them. */
#define PAMT_ENTRY_MAX	4096
#define RESERVED_MAX	1024	/* areas of a TDMR; 16 today */

struct field {
	u64 id;
	u16 offset;
	u8 size;
	bool optional;		/* 0 if the module has no such field */
};

#define FIELD(id_, member, opt) \
	{ .id = id_, .offset = offsetof(struct tdx_sysinfo, member), \
	  .size = sizeof(((struct tdx_sysinfo *)0)->member), .optional = opt }

static const struct field fields[] = {
	FIELD(TDX_FIELD_MAJOR_VERSION, major, false),
	FIELD(TDX_FIELD_MINOR_VERSION, minor, false),
	FIELD(TDX_FIELD_UPDATE_VERSION, update, true),
	FIELD(TDX_FIELD_BUILD_NUM, build, false),
	FIELD(TDX_FIELD_BUILD_DATE, build_date, false),
	FIELD(TDX_FIELD_FEATURES0, features0, false),
	FIELD(TDX_FIELD_MAX_TDMRS, limits.max_tdmrs, false),
	FIELD(TDX_FIELD_MAX_RESERVED, limits.max_reserved, false),
	FIELD(TDX_FIELD_PAMT_4K_ENTRY_SIZE, limits.entry_size[TDX_PS_4K], false),
	FIELD(TDX_FIELD_PAMT_2M_ENTRY_SIZE, limits.entry_size[TDX_PS_2M], false),
	FIELD(TDX_FIELD_PAMT_1G_ENTRY_SIZE, limits.entry_size[TDX_PS_1G], false),
};

static int refuse(struct tdx_sysinfo_fault *fault, const char *what, u32 index, u64 value)
{
	fault->what = what;
	fault->index = index;
	fault->value = value;
	return -EINVAL;
}

static bool fits(u64 value, u8 size)
{
	return size >= 8 || value >> (8 * size) == 0;
}

static void store(struct tdx_sysinfo *si, const struct field *f, u64 value)
{
	/* Little endian: the low bytes of a u64 are the narrower value. */
	memcpy((char *)si + f->offset, &value, f->size);
}

static int read_field(struct tdx_sysinfo *si, const struct field *f,
		      tdx_field_reader read, void *ctx, struct tdx_sysinfo_fault *fault)
{
	u64 value;
	int err = read(ctx, f->id, &value);

	if (err < 0)
		return err;
	if (err > 0)
		return f->optional ? 0 : refuse(fault, "metadata field missing", 0, f->id);
	if (!fits(value, f->size))
		return refuse(fault, "metadata field out of range", 0, f->id);
	store(si, f, value);
	return 0;
}

/*
 * Null entries are skipped, even between others, as the TDX module skips them.  If base +
 * size overflows, the CMR ends before it starts: tdx_sysinfo_check() refuses that.
 */
static void add_cmr(struct tdx_sysinfo *si, u64 base, u64 size)
{
	if (size)
		si->cmrs[si->nr_cmrs++] = (struct tdx_range){
			.start = base, .end = base + size, .node = -1
		};
}

static int read_cmrs(struct tdx_sysinfo *si, tdx_field_reader read, void *ctx,
		     struct tdx_sysinfo_fault *fault)
{
	u64 nr, base = 0, size;
	int err = read(ctx, TDX_FIELD_NUM_CMRS, &nr);
	u32 i;

	if (err < 0)
		return err;
	if (err > 0)
		return refuse(fault, "metadata field missing", 0, TDX_FIELD_NUM_CMRS);
	if (nr > TDX_MAX_CMRS)
		return refuse(fault, "number of CMRs out of range", 0, nr);
	for (i = 0; i < nr; i++) {
		err = read(ctx, TDX_FIELD_CMR_SIZE + i, &size);
		if (!err && size)
			err = read(ctx, TDX_FIELD_CMR_BASE + i, &base);
		if (err < 0)
			return err;
		if (err > 0)
			return refuse(fault, "CMR field missing", i, 0);
		add_cmr(si, base, size);
	}
	return 0;
}

int tdx_sysinfo_read(struct tdx_sysinfo *si, tdx_field_reader read, void *ctx,
		     struct tdx_sysinfo_fault *fault)
{
	size_t i;
	int err;

	memset(si, 0, sizeof(*si));
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		err = read_field(si, &fields[i], read, ctx, fault);
		if (err)
			return err;
	}
	err = read_cmrs(si, read, ctx, fault);
	return err ? err : tdx_td_limits_read(&si->td, read, ctx);
}

int tdx_sysinfo_parse(struct tdx_sysinfo *si, const struct tdsysinfo *info,
		      const struct tdx_cmr_info *cmrs, u64 nr_cmrs,
		      struct tdx_sysinfo_fault *fault)
{
	u32 i, level;

	memset(si, 0, sizeof(*si));
	if (nr_cmrs > TDX_MAX_CMRS)
		return refuse(fault, "number of CMRs out of range", 0, nr_cmrs);
	si->major = info->major_version;
	si->minor = info->minor_version;
	si->build = info->build_num;
	si->build_date = info->build_date;
	si->limits.max_tdmrs = info->max_tdmrs;
	si->limits.max_reserved = info->max_reserved_per_tdmr;
	si->limits.end_in_cmr = true;	/* TDX 1.0: later modules are read by TDH.SYS.RD */
	for (level = 0; level < TDX_PS_NR; level++)
		si->limits.entry_size[level] = info->pamt_entry_size;
	for (i = 0; i < nr_cmrs; i++)
		add_cmr(si, cmrs[i].base, cmrs[i].size);
	tdx_td_limits_parse(&si->td, info);
	return 0;
}

static int check_limits(const struct tdmr_limits *lim, struct tdx_sysinfo_fault *fault)
{
	u32 level;

	if (!lim->max_tdmrs)
		return refuse(fault, "maximum number of TDMRs is 0", 0, 0);
	if (lim->max_reserved > RESERVED_MAX)
		return refuse(fault, "number of reserved areas out of range", 0,
			      lim->max_reserved);
	for (level = 0; level < TDX_PS_NR; level++)
		if (!lim->entry_size[level] || lim->entry_size[level] > PAMT_ENTRY_MAX)
			return refuse(fault, "PAMT entry size out of range", 0,
				      lim->entry_size[level]);
	return 0;
}

static int check_cmr(const struct tdx_sysinfo *si, u32 i, u64 max_pa,
		     struct tdx_sysinfo_fault *fault)
{
	const struct tdx_range *cmr = &si->cmrs[i];

	if ((cmr->start | cmr->end) & (TDX_SZ_4K - 1))
		return refuse(fault, "CMR not aligned to 4 KB", i, cmr->start);
	if (cmr->end <= cmr->start)
		return refuse(fault, "CMR wraps around", i, cmr->start);
	if (cmr->end > max_pa)
		return refuse(fault, "CMR beyond the physical address limit", i, cmr->end);
	if (i && cmr->start < si->cmrs[i - 1].end)
		return refuse(fault, "CMR not above the one before it", i, cmr->start);
	return 0;
}

int tdx_sysinfo_check(const struct tdx_sysinfo *si, u64 max_pa,
		      struct tdx_sysinfo_fault *fault)
{
	int err = check_limits(&si->limits, fault);
	u32 i;

	if (!err && !si->nr_cmrs)
		err = refuse(fault, "no CMR", 0, 0);
	for (i = 0; !err && i < si->nr_cmrs; i++)
		err = check_cmr(si, i, max_pa, fault);
	return err;
}

u64 tdx_cmr_bytes(const struct tdx_sysinfo *si)
{
	return tdx_ranges_bytes(si->cmrs, si->nr_cmrs);
}
