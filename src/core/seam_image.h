/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image of a TDX module, as its maker publishes it: a header, the signature structure
 * (SEAM_SIGSTRUCT) and the module's pages.  Nothing in it is trusted: the SEAM loader checks
 * signature and hash, and what is checked here never reaches it broken.
 *
 * Sources: blob_structure.txt of the published module binaries (version 1.0 of the header);
 * Linux 7.2, arch/x86/virt/vmx/tdx/seamldr.c (2.0); the published P-SEAMLDR (SEAM_SIGSTRUCT).
 */
#ifndef TDX_CORE_SEAM_IMAGE_H
#define TDX_CORE_SEAM_IMAGE_H

#include "types.h"

#define SEAM_PAGE		4096
#define SEAM_MAX_PAGES		496	/* of a module: as many fit into SEAMLDR_PARAMS */
#define SEAM_MAX_CPUIDS		255
/* Header and signature structure take a page each. */
#define SEAM_IMAGE_SIGSTRUCT	SEAM_PAGE
#define SEAM_IMAGE_MODULE	(2 * SEAM_PAGE)
#define SEAM_IMAGE_MAX_SIZE	(SEAM_IMAGE_MODULE + SEAM_MAX_PAGES * SEAM_PAGE)

struct seam_image {
	u32 nr_pages;		/* at SEAM_IMAGE_MODULE */
	u8 major, minor;	/* version and build; all 0: it does not say */
	u16 update;
	u16 build;
	u32 date;		/* BCD yyyymmdd */
	u8 svn_major, svn_minor;	/* security version */
	u16 module_hv;		/* newest version of handoff data that it reads, and oldest */
	u16 min_update_hv;
	u32 nr_cpuids;		/* CPUID 1 EAX of the CPUs it is made for */
	u32 cpuid[SEAM_MAX_CPUIDS];
};

/* NULL: *@image describes the @size bytes at @data.  Else why they are no image. */
const char *seam_image_parse(struct seam_image *image, const u8 *data, size_t size);

/* What the image is to run on. */
struct seam_place {
	u32 cpuid;		/* CPUID 1 EAX */
	bool loaded;		/* a TDX module is in place; what follows is about it */
	u8 svn_major, svn_minor;
	u16 module_hv, min_update_hv;	/* versions of handoff data that it can write */
	u32 updates_left;
};

/* NULL: the SEAM loader may take it.  Else why it would refuse, and what to do. */
const char *seam_image_refuse_install(const struct seam_image *image,
				      const struct seam_place *place);
/* The same for an update that keeps TDs. */
const char *seam_image_refuse_update(const struct seam_image *image,
				     const struct seam_place *place);
/* The newest version of handoff data that both know, where an update is not refused. */
u16 seam_image_handoff(const struct seam_image *image, const struct seam_place *place);

#endif
