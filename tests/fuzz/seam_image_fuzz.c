// SPDX-License-Identifier: GPL-2.0-only
/* The parser of TDX module images: it refuses, or what it says lies within the image. */
#include <stdlib.h>
#include "seam_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seam_place place = { .loaded = true, .svn_major = 1, .updates_left = 1 };
	struct seam_image image;
	const char *why = seam_image_parse(&image, data, size);

	if (why)
		return 0;
	if (!image.nr_pages || image.nr_pages > SEAM_MAX_PAGES || image.nr_cpuids > SEAM_MAX_CPUIDS ||
	    SEAM_IMAGE_MODULE + (size_t)image.nr_pages * SEAM_PAGE != size ||
	    image.min_update_hv > image.module_hv)
		abort();
	if (image.nr_cpuids)
		place.cpuid = image.cpuid[image.nr_cpuids - 1];
	if (!image.svn_major != !!seam_image_refuse_install(&image, &place))
		abort();
	if (!seam_image_refuse_update(&image, &place) &&
	    seam_image_handoff(&image, &place) < image.min_update_hv)
		abort();
	return 0;
}
