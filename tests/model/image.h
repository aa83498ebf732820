/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TDX module's image as its maker publishes it, in a form for tests: the header, the
 * signature structure and the module's pages are laid out as in a real one.  Where a real
 * one has code the pages name the profile that the model is to become; where it has the
 * maker's signature there is a digest of what is signed.
 */
#ifndef TDX_MODEL_IMAGE_H
#define TDX_MODEL_IMAGE_H

#include "model.h"

#define TDXM_IMAGE_PAGE		4096
#define TDXM_IMAGE_MODULE_PAGES	2	/* as tdxm_image_make() makes them */
#define TDXM_IMAGE_SIZE		((2 + TDXM_IMAGE_MODULE_PAGES) * TDXM_IMAGE_PAGE)
#define TDXM_IMAGE_SIGSTRUCT	TDXM_IMAGE_PAGE		/* offsets in the image */
#define TDXM_IMAGE_MODULE	(2 * TDXM_IMAGE_PAGE)

#define TDXM_SIGSTRUCT_SIZE	2048
#define TDXM_MAX_CPUIDS		255

/* SEAM_SIGSTRUCT, as the P-SEAMLDR reads it. */
struct tdxm_sigstruct {
	u32 header_type;
	u32 header_length;
	u32 header_version;
	u32 module_type;
	u32 module_vendor;
	u32 date;
	u32 size;
	u32 key_size;
	u32 modulus_size;
	u32 exponent_size;
	u8 reserved0[88];
	u8 modulus[384];
	u32 exponent;
	u8 signature[384];
	u64 seamhash[6];
	u8 svn_minor;
	u8 svn_major;
	u64 attributes;
	u32 rip_offset;
	u8 num_stack_pages;
	u8 num_tls_pages;
	u16 num_keyhole_pages;
	u16 num_global_data_pages;
	u16 max_tdmrs;
	u16 max_rsvd_per_tdmr;
	u16 pamt_entry_size[3];
	u8 reserved1[6];
	u16 module_hv;
	u16 min_update_hv;
	u8 no_downgrade;
	u8 reserved2;
	u16 num_handoff_pages;
	u32 gdt_idt_offset;
	u32 fault_wrapper_offset;
	u16 update;
	u8 minor, major;
	u16 build;
	u16 more;
	u8 reserved3[16];
	u32 cpuid_table_size;
	u32 cpuid_table[TDXM_MAX_CPUIDS];
} __attribute__((packed));

/* What a module's first page begins with. */
struct tdxm_code {
	u8 magic[8];		/* TDXM_CODE_MAGIC */
	u32 profile;
};
#define TDXM_CODE_MAGIC		"TDXMODEL"

/* Of @profile, for the CPU of @machine, in TDXM_IMAGE_SIZE bytes at @to. */
void tdxm_image_make(u8 *to, enum tdxm_profile profile, const struct tdxm_machine *machine);
/* Once something of the image has been changed: hash and signature of what it is now. */
void tdxm_image_sign(u8 *image);

struct tdxm_sha384;
void tdxm_image_hash_page(struct tdxm_sha384 *sha, const u8 *page);
/* What stands for the signature. */
void tdxm_image_digest(const struct tdxm_sigstruct *s, u64 digest[6]);
/* Family, model and stepping of @machine's CPUs, as CPUID 1 EAX has them. */
u32 tdxm_image_cpuid(const struct tdxm_machine *machine);

#endif
