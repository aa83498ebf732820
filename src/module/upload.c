// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's firmware upload (CONFIG_FW_UPLOAD), under the name that upstream's tdx_host
 * has there, so that programs made for that one work:
 *
 *   cd /sys/class/firmware/tdx_module
 *   echo 1 >loading; cat FILE >data; echo 0 >loading; cat status error
 *
 * An upload updates a TDX module that is up, as upstream's does, and installs one from scratch
 * where there is nothing to keep.
 */
#include <linux/err.h>
#include <linux/firmware.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "host.h"

static struct fw_upload *upload;

/* Nothing is copied for a size that is none of an image; all else is for seam_image_parse(). */
static enum fw_upload_err prepare(struct fw_upload *u, const u8 *data, u32 size)
{
	return size && size <= SEAM_IMAGE_MAX_SIZE ? FW_UPLOAD_ERR_NONE :
						     FW_UPLOAD_ERR_INVALID_SIZE;
}

static enum fw_upload_err upload_write(struct fw_upload *u, const u8 *data, u32 offset, u32 size,
				       u32 *written)
{
	switch (tdx_enable_install(tdx_image_copy(data + offset, size), TDX_INSTALL_OR_UPDATE,
				   false)) {
	case 0:
		*written = size;
		return FW_UPLOAD_ERR_NONE;
	case -EBUSY:
		return FW_UPLOAD_ERR_BUSY;
	case -EINVAL:
		return TDX_FW_INVALID;
	default:
		return FW_UPLOAD_ERR_HW_ERROR;
	}
}

/* All is done once upload_write() returns. */
static enum fw_upload_err poll_complete(struct fw_upload *u)
{
	return FW_UPLOAD_ERR_NONE;
}

/* Nothing can be stopped halfway. */
static void cancel(struct fw_upload *u)
{
}

static const struct fw_upload_ops ops = {
	.prepare = prepare,
	.write = upload_write,
	.poll_complete = poll_complete,
	.cancel = cancel,
};

/*
 * A module named here would be held until it unregisters, so that rmmod would fail for good.
 * It need not be: tdx_upload_stop() waits for an upload that is under way.
 */
void tdx_upload_start(struct device *parent)
{
	upload = firmware_upload_register(NULL, parent, "tdx_module", &ops, NULL);
	if (!IS_ERR(upload))
		return;
	pr_warn("no firmware upload: error %ld; /sys/kernel/tdx_host/tdx_module does the same\n",
		PTR_ERR(upload));
	upload = NULL;
}

void tdx_upload_stop(void)
{
	if (upload)
		firmware_upload_unregister(upload);
}
