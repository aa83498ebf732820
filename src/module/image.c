// SPDX-License-Identifier: GPL-2.0-only
/*
 * The image of a TDX module, from a file or an upload to what SEAMLDR.INSTALL takes.  It is
 * read once, into memory of our own: what has been checked is what the SEAM loader gets.
 */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kernel_read_file.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "host.h"

static DEFINE_MUTEX(path_mutex);
static char *path_in_place;	/* of the TDX module in place, under path_mutex; NULL: not known */

/* A file that is longer than any image is not read at all. */
static ssize_t read_file(struct tdx_image *image)
{
	ssize_t size = kernel_read_file_from_path(image->path, 0, &image->data,
						  SEAM_IMAGE_MAX_SIZE, NULL, READING_FIRMWARE);

	if (size == -EFBIG) {
		tdx_error("%s: it is too long for an image of a TDX module", image->path);
		return -EINVAL;
	}
	if (size < 0)
		tdx_error("%s: the image of the TDX module cannot be read: error %zd (%s)",
			  image->path, size,
			  size == -ENOENT ? "there is no such file" : "see errno(3)");
	return size;
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

static int parse(struct tdx_image *image, size_t size)
{
	const char *why = seam_image_parse(&image->info, image->data, size);

	if (!why)
		return make_params(image);
	tdx_error("%s: %s", image->path ?: "the uploaded image", why);
	return -EINVAL;
}

static struct tdx_image *done(struct tdx_image *image, int err)
{
	if (!err)
		return image;
	tdx_image_put(image);
	return ERR_PTR(err);
}

struct tdx_image *tdx_image_read(const char *path)
{
	struct tdx_image *image = kzalloc(sizeof(*image), GFP_KERNEL);
	ssize_t size;

	if (!image)
		return ERR_PTR(-ENOMEM);
	image->path = kstrdup(path, GFP_KERNEL);
	if (!image->path)
		return done(image, -ENOMEM);
	size = read_file(image);
	return done(image, size < 0 ? size : parse(image, size));
}

struct tdx_image *tdx_image_copy(const void *data, size_t size)
{
	struct tdx_image *image = kzalloc(sizeof(*image), GFP_KERNEL);

	if (!image)
		return ERR_PTR(-ENOMEM);
	image->data = vmalloc(size);
	if (!image->data)
		return done(image, -ENOMEM);
	memcpy(image->data, data, size);
	return done(image, parse(image, size));
}

/* @data begins with a page, since it is from vmalloc(), as that of kernel_read_file() is. */
void tdx_image_put(struct tdx_image *image)
{
	free_page((unsigned long)image->params);
	vfree(image->data);
	kfree(image->path);
	kfree(image);
}

void tdx_image_in_place(struct tdx_image *image)
{
	mutex_lock(&path_mutex);
	kfree(path_in_place);
	path_in_place = image ? image->path : NULL;
	mutex_unlock(&path_mutex);
	if (image)
		image->path = NULL;
}

int tdx_image_path_show(char *buf, size_t size)
{
	int len;

	mutex_lock(&path_mutex);
	len = path_in_place ? scnprintf(buf, size, "%s\n", path_in_place) : 0;
	mutex_unlock(&path_mutex);
	return len;
}
