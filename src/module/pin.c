// SPDX-License-Identifier: GPL-2.0-only
/*
 * A reference that tdx_host holds to itself, so that rmmod fails.
 *
 * A TDX module that cannot be shut down keeps its PAMTs for good.  Without tdx_host,
 * that memory would be lost, nothing would reset it before kexec, and the TDX module
 * could not be initialised again: tdx_host, if reloaded, would find it in use.  So once
 * such a TDX module is READY, tdx_host stays loaded, unless the administrator accepts
 * the loss of memory with allow_unload=1.
 *
 * Where the SEAM loader answers, installing the TDX module again takes the PAMTs back
 * (install.c), and rmmod works.  That is for the administrator to ask for: unload does not do
 * it by itself.  It takes an image, which a kernel on its way out should not look for in a
 * file system, every CPU online, and all of them stopped; and if it fails halfway there is no
 * TDX module at all.
 *
 *   cat /sys/kernel/tdx_host/stays_loaded			the reason; empty: rmmod works
 *   echo 1 > /sys/module/tdx_host/parameters/allow_unload
 */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "host.h"

static DEFINE_MUTEX(pin_mutex);
static bool pinned;		/* under pin_mutex: the reference is held */
static bool allow_unload;	/* written under pin_mutex once tdx_host is loaded */

static bool must_stay(void)
{
	return tdx_state() == TDX_STATE_INITIALIZED && !tdx_can_shut_down() && !allow_unload;
}

/*
 * Not __module_get(): a bring-up may still be running when rmmod begins.  It then finds
 * the module going away, and the unload undoes it.
 */
void tdx_pin_update(void)
{
	mutex_lock(&pin_mutex);
	if (must_stay() && !pinned) {
		pinned = try_module_get(THIS_MODULE);
		if (pinned)
			pr_info("this version of the TDX module cannot be shut down, so tdx_host stays loaded until the machine restarts%s; with allow_unload=1 it can be unloaded, but its PAMT memory is then lost\n",
				tdx_host.seamldr.valid ? " or 'tdxhost module reset' has begun from scratch" : "");
	} else if (!must_stay() && pinned) {
		pinned = false;
		module_put(THIS_MODULE);
	}
	mutex_unlock(&pin_mutex);
}

const char *tdx_pin_reason(void)
{
	if (!READ_ONCE(pinned))
		return "";
	return tdx_host.seamldr.valid ?
	       "the TDX module cannot be shut down: 'tdxhost module reset' first" :
	       "the TDX module cannot be shut down";
}

int tdx_pin_users(void)
{
	return module_refcount(THIS_MODULE) - READ_ONCE(pinned);
}

/* While tdx_host loads nothing is initialised, so this only records the value. */
static int allow_unload_set(const char *value, const struct kernel_param *kp)
{
	bool allow;
	int err = kstrtobool(value ?: "1", &allow);

	if (err)
		return err;
	mutex_lock(&pin_mutex);
	allow_unload = allow;
	mutex_unlock(&pin_mutex);
	tdx_pin_update();
	return 0;
}

static const struct kernel_param_ops allow_unload_ops = {
	.flags = KERNEL_PARAM_OPS_FL_NOARG,
	.set = allow_unload_set,
	.get = param_get_bool,
};
module_param_cb(allow_unload, &allow_unload_ops, &allow_unload, 0644);
__MODULE_PARM_TYPE(allow_unload, "bool");
MODULE_PARM_DESC(allow_unload, "allow unloading tdx_host while TDX is up with a TDX module that cannot be shut down; its PAMT memory is then lost until the machine restarts (default: no)");
