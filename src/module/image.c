// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image of a TDX module, from a file to what SEAMLDR.INSTALL takes.  The file is read
 * by the kernel, once: what has been checked is what the SEAM loader gets.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "host.h"

/* A file that is longer than any image is not read at all. */
static int read_file(struct tdx_image *image, const char *path)
{
	ssize_t size = kernel_read_file_from_path(path, 0, &image->data, SEAM_IMAGE_MAX_SIZE, NULL,
						  READING_FIRMWARE);
	const char *why;

	if (size == -EFBIG) {
		tdx_error("%s: it is too long for an image of a TDX module", path);
		return -EINVAL;
	}
	if (size < 0) {
		tdx_error("%s: the image of the TDX module cannot be read: error %zd (%s)", path, size,
			  size == -ENOENT ? "there is no such file" : "see errno(3)");
		return size;
	}
	why = seam_image_parse(&image->info, image->data, size);
	if (!why)
		return 0;
	tdx_error("%s: %s", path, why);
	return -EINVAL;
}

static u64 page_pa(const struct tdx_image *image, u32 offset)
{
	return (u64)vmalloc_to_pfn(image->data + offset) << PAGE_SHIFT;
}

static int make_params(struct tdx_image *image)
{
	struct seamldr_params *p = (void *)get_zeroed_page(GFP_KERNEL);
	u32 i;

	if (!p) {
		tdx_error("no memory for the parameters of SEAMLDR.INSTALL");
		return -ENOMEM;
	}
	image->params = p;
	p->sigstruct_pa = page_pa(image, SEAM_IMAGE_SIGSTRUCT);
	p->nr_pages = image->info.nr_pages;
	for (i = 0; i < p->nr_pages; i++)
		p->page_pa[i] = page_pa(image, SEAM_IMAGE_MODULE + i * SEAM_PAGE);
	return 0;
}

struct tdx_image *tdx_image_get(const char *path)
{
	struct tdx_image *image = kzalloc(sizeof(*image), GFP_KERNEL);
	int err;

	if (!image)
		return ERR_PTR(-ENOMEM);
	err = read_file(image, path);
	if (!err)
		err = make_params(image);
	if (!err)
		return image;
	tdx_image_put(image);
	return ERR_PTR(err);
}

/* kernel_read_file() has the buffer from vmalloc(), so it begins with a page. */
void tdx_image_put(struct tdx_image *image)
{
	free_page((unsigned long)image->params);
	vfree(image->data);
	kfree(image);
}
