/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TDX module's host interface: leaves, structures and limits of the Intel
 * TDX module ABI specification 1.5 and the SEAM loader interface.  Little
 * endian, as the CPU is.
 */
#ifndef TDX_CORE_ABI_H
#define TDX_CORE_ABI_H

#include "types.h"
#include "status_codes.h"	/* generated; from leaves.tsv: TDH_SYS_INIT, ... */

/* TDMR_INFO, its pointer array and the CMR array of TDH.SYS.INFO. */
#define TDMR_INFO_ALIGN		512
#define TDX_CMR_ARRAY_ALIGN	512
#define TDX_SYSINFO_SIZE	1024

struct tdx_cmr_info {
	u64 base;
	u64 size;	/* 0: null entry */
};

/* CPUID_CONFIG: bits of a leaf that TD_PARAMS may choose. */
struct tdx_cpuid_config {
	u32 leaf;
	u32 subleaf;	/* all ones: none */
	u32 eax;
	u32 ebx;
	u32 ecx;
	u32 edx;
};

/* TDSYSINFO_STRUCT, TDH.SYS.INFO.  Offsets: tdx-module-1.0 ABI, table "TDSYSINFO_STRUCT". */
struct tdsysinfo {
	u32 attributes;
	u32 vendor_id;
	u32 build_date;		/* BCD yyyymmdd */
	u16 build_num;
	u16 minor_version;
	u16 major_version;
	u8 sys_rd;		/* 1: the module has TDH.SYS.RD, which reads more fields */
	u8 reserved0[13];
	u16 max_tdmrs;
	u16 max_reserved_per_tdmr;
	u16 pamt_entry_size;
	u8 reserved1[10];
	u16 tdcs_base_size;
	u8 reserved2[2];
	u16 tdvps_base_size;
	u8 tdvps_xfam_dependent_size;
	u8 reserved3[9];
	u64 attributes_fixed0;
	u64 attributes_fixed1;
	u64 xfam_fixed0;
	u64 xfam_fixed1;
	u8 reserved4[32];
	u32 num_cpuid_config;
	struct tdx_cpuid_config cpuid_config[37];
	u8 reserved5[4];
} __attribute__((packed));

_Static_assert(sizeof(struct tdsysinfo) == TDX_SYSINFO_SIZE, "TDSYSINFO_STRUCT is 1024 bytes");
_Static_assert(offsetof(struct tdsysinfo, max_tdmrs) == 32, "TDSYSINFO_STRUCT.MAX_TDMRS");
_Static_assert(offsetof(struct tdsysinfo, attributes_fixed0) == 64, "TDSYSINFO_STRUCT.ATTRIBUTES_FIXED0");
_Static_assert(offsetof(struct tdsysinfo, num_cpuid_config) == 128, "TDSYSINFO_STRUCT.NUM_CPUID_CONFIG");

/* SEAMLDR.INFO of the P-SEAMLDR: RAX bit 63, leaf 0; RCX: 256 B, 256-aligned. */
struct seamldr_info {
	u32 version;
	u32 attributes;
	u32 vendor_id;
	u32 build_date;
	u16 build_num;
	u16 minor_version;
	u16 major_version;
	u16 update_version;
	u32 acm_x2apicid;
	u32 num_remaining_updates;	/* of the TDX module, with TDs kept */
	u64 seam_valid;			/* what follows, up to seam_ready, is about the module */
	u8 svn_minor;
	u8 svn_major;
	u8 rest_of_seam_info[118];
	u8 seam_ready;			/* the TDX module takes calls */
	u8 seam_debug;
	u8 p_seam_ready;
	u8 reserved[93];
} __attribute__((packed));

_Static_assert(sizeof(struct seamldr_info) == 256, "SEAMLDR_INFO is 256 bytes");
_Static_assert(offsetof(struct seamldr_info, seam_ready) == 160, "SEAMLDR_INFO.SEAM_READY");

/* SEAMLDR_PARAMS, what SEAMLDR.INSTALL takes: a page. */
#define SEAMLDR_LOAD	0	/* scenario: from scratch */
#define SEAMLDR_UPDATE	1	/* with what TDH.SYS.SHUTDOWN has handed over */

struct seamldr_params {
	u32 version;
	u32 scenario;
	u64 sigstruct_pa;
	u8 reserved[104];
	u64 nr_pages;
	u64 page_pa[496];
} __attribute__((packed));

_Static_assert(sizeof(struct seamldr_params) == 4096, "SEAMLDR_PARAMS is a page");

/* TDMR_INFO.  The reserved areas follow: max_reserved_per_tdmr of {offset, size}. */
struct tdmr_info {
	u64 base;
	u64 size;
	u64 pamt_1g_base;
	u64 pamt_1g_size;
	u64 pamt_2m_base;
	u64 pamt_2m_size;
	u64 pamt_4k_base;
	u64 pamt_4k_size;
	struct {
		u64 offset;
		u64 size;
	} reserved[];
};

/* Metadata field identifiers, TDH.SYS.RD (metadata-fields.tsv). */
#define TDX_FIELD_VENDOR_ID		0x0800000200000000ULL
#define TDX_FIELD_BUILD_DATE		0x8800000200000001ULL
#define TDX_FIELD_BUILD_NUM		0x8800000100000002ULL
#define TDX_FIELD_MINOR_VERSION		0x0800000100000003ULL
#define TDX_FIELD_MAJOR_VERSION		0x0800000100000004ULL
#define TDX_FIELD_UPDATE_VERSION	0x0800000100000005ULL
#define TDX_FIELD_FEATURES0		0x0a00000300000008ULL
#define TDX_FIELD_MODULE_HV		0x8900000100000000ULL
#define TDX_FIELD_MIN_UPDATE_HV		0x8900000100000001ULL
#define TDX_FIELD_NUM_CMRS		0x9000000100000000ULL
#define TDX_FIELD_CMR_BASE		0x9000000300000080ULL
#define TDX_FIELD_CMR_SIZE		0x9000000300000100ULL
#define TDX_FIELD_MAX_TDMRS		0x9100000100000008ULL
#define TDX_FIELD_MAX_RESERVED		0x9100000100000009ULL
#define TDX_FIELD_PAMT_4K_ENTRY_SIZE	0x9100000100000010ULL
#define TDX_FIELD_PAMT_2M_ENTRY_SIZE	0x9100000100000011ULL
#define TDX_FIELD_PAMT_1G_ENTRY_SIZE	0x9100000100000012ULL
#define TDX_FIELD_TDR_BASE_SIZE		0x9800000100000000ULL
#define TDX_FIELD_TDCS_BASE_SIZE	0x9800000100000100ULL
#define TDX_FIELD_TDVPS_BASE_SIZE	0x9800000100000200ULL
#define TDX_FIELD_ATTRIBUTES_FIXED0	0x1900000300000000ULL
#define TDX_FIELD_ATTRIBUTES_FIXED1	0x1900000300000001ULL
#define TDX_FIELD_XFAM_FIXED0		0x1900000300000002ULL
#define TDX_FIELD_XFAM_FIXED1		0x1900000300000003ULL
#define TDX_FIELD_NUM_CPUID_CONFIG	0x9900000100000004ULL
#define TDX_FIELD_MAX_VCPUS_PER_TD	0x9900000100000008ULL
#define TDX_FIELD_CPUID_CONFIG_LEAVES	0x9900000300000400ULL
#define TDX_FIELD_CPUID_CONFIG_VALUES	0x9900000300000500ULL

#endif
