// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serialises all changes of the state: a mutex admits one caller at a time, and every
 * caller of tdx_enable() gets the result of the one bring-up.  Another TDX module comes in
 * between: after one from scratch, the next caller begins another bring-up.
 *
 * A KVM of Linux 6.16 to 6.18 calls with cpus_read_lock() held, so every caller takes
 * that lock before enable_mutex.  With both orders, two callers would deadlock as soon as
 * a hotplug operation waits, since new readers queue up behind it.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "host.h"
#include "tdx_host.h"

/* How long kexec waits for a bring-up that is running. */
#define QUIESCE_WAIT_MS	10000

static DEFINE_MUTEX(callers_mutex);	/* callers without a lock: one of them at a time */
static DEFINE_MUTEX(enable_mutex);	/* every transition; released in a window alone */
static struct cpumask woken;		/* under callers_mutex: CPUs brought online for bring-up */
static bool exchanging;			/* written under enable_mutex: the TDX module is */

/* -ENODEV: nothing is wrong, and nothing can be enabled either. */
static int result(enum tdx_state state)
{
	switch (state) {
	case TDX_STATE_INITIALIZED:
		return 0;
	case TDX_STATE_UNSUPPORTED:
	case TDX_STATE_OFF:
	case TDX_STATE_NOT_LOADED:
		return -ENODEV;
	case TDX_STATE_INITIALIZING:
	case TDX_STATE_INSTALLING:
		return -EBUSY;
	default:
		return -EINVAL;
	}
}

/*
 * offline_cpus=online: CPU hotplug is let in while callers_mutex keeps other callers out.
 * Who takes enable_mutex then finds the state still initializing: a caller that holds
 * cpus_read_lock(), which cannot wait since hotplug waits for it; or the way into another
 * kernel, which ends the bring-up.
 */
static void window_open(void)
{
	mutex_unlock(&enable_mutex);
	cpus_read_unlock();
}

static bool window_close(void)
{
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	return tdx_state() == TDX_STATE_INITIALIZING;
}

static const struct tdx_window window = { .open = window_open, .close = window_close };

/* @wake NULL: the caller's lock cannot be released, so no CPU can be brought online. */
static int enable(struct cpumask *wake)
{
	int err;

	if (tdx_state() != TDX_STATE_UNINITIALIZED)
		return result(tdx_state());
	tdx_state_set(TDX_STATE_INITIALIZING);
	err = tdx_bringup(wake ? &window : NULL, wake);
	if (tdx_state() != TDX_STATE_INITIALIZING)
		return -EINVAL;		/* the way into another kernel has ended it */
	if (!err)
		tdx_state_set(TDX_STATE_INITIALIZED);
	else
		tdx_state_set(err == -ENODEV ? TDX_STATE_NOT_LOADED : TDX_STATE_FAILED);
	tdx_pin_update();
	return result(tdx_state());
}

int tdx_enable(void)
{
	int ret;

	might_sleep();
	mutex_lock(&callers_mutex);
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	ret = enable(&woken);
	mutex_unlock(&enable_mutex);
	cpus_read_unlock();
	tdx_cpus_sleep(&woken);
	cpumask_clear(&woken);
	mutex_unlock(&callers_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(tdx_enable);

int tdx_enable_cpus_locked(void)
{
	int ret;

	might_sleep();
	mutex_lock(&enable_mutex);
	ret = enable(NULL);
	mutex_unlock(&enable_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(tdx_enable_cpus_locked);

const struct tdx_sys_info *tdx_get_sysinfo(void)
{
	enum tdx_state state = tdx_state();

	/* A KVM that asks for this never calls tdx_enable(): since Linux 7.2. */
	if (state == TDX_STATE_UNINITIALIZED || state == TDX_STATE_INITIALIZING ||
	    state == TDX_STATE_INSTALLING)
		tdx_enable();
	return tdx_state() == TDX_STATE_INITIALIZED ? tdx_td_sysinfo() : NULL;
}
EXPORT_SYMBOL_GPL(tdx_get_sysinfo);

void tdx_enable_notify(void (*fn)(void))
{
	mutex_lock(&enable_mutex);
	tdx_state_notify(fn);
	mutex_unlock(&enable_mutex);
}

void tdx_enable_start(enum tdx_state first)
{
	mutex_lock(&enable_mutex);
	tdx_state_set(first);
	mutex_unlock(&enable_mutex);
}

/* An update that failed leaves them to a TDX module that is shut down. */
static bool has_pamts(void)
{
	return tdx_host.plan && !tdx_host.kept_bytes;
}

/* ---- another TDX module ---- */

static bool may_install(enum tdx_state state)
{
	return state == TDX_STATE_UNINITIALIZED || state == TDX_STATE_INITIALIZED ||
	       state == TDX_STATE_NOT_LOADED || state == TDX_STATE_FAILED;
}

/*
 * stop_machine() takes cpus_read_lock() itself, so both locks are released for it.
 * callers_mutex keeps other callers out, and the way into another kernel waits.  From scratch
 * the state keeps consumers out, too, as it does in the window of a bring-up.  An update does
 * not need that: consumers go on where the stop has met them, with the TDs that they have.
 */
static int exchange(struct tdx_exchange *x, struct tdx_image *image, enum tdx_state before)
{
	enum tdx_state after = before;
	int err;

	exchanging = true;
	window_open();
	err = tdx_exchange(x);
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	exchanging = false;
	if (!err) {
		after = tdx_install_finish(x, before);
		err = x->step == TDX_EXCHANGE_DONE ? 0 : -EIO;
	}
	if (x->installed || x->gone)
		tdx_image_in_place(x->step > TDX_EXCHANGE_VERIFY ? image : NULL);
	if (tdx_state() != after)
		tdx_state_set(after);
	tdx_pin_update();
	return err;
}

/*
 * From scratch the state is set before anything is looked at: no KeyID is handed out after
 * that look.
 */
static int install(struct tdx_image *image, enum tdx_install_how how, bool dry_run)
{
	enum tdx_state before = tdx_state();
	struct tdx_exchange x = {
		.update = how == TDX_INSTALL_OR_UPDATE ? tdx_install_keeps(before) :
							 how == TDX_UPDATE,
	};
	bool hold_off = !dry_run && !x.update;
	int err;

	if (!may_install(before)) {
		tdx_error("no TDX module can be installed while the state is %s",
			  tdx_state_name(before));
		return -EBUSY;
	}
	if (hold_off)
		tdx_state_set(TDX_STATE_INSTALLING);
	tdx_progress("check", 0, 1);
	err = tdx_install_check(&x, image, before);
	if (!err && !dry_run)
		return exchange(&x, image, before);
	if (hold_off)
		tdx_state_set(before);
	return err;
}

int tdx_enable_install(struct tdx_image *image, enum tdx_install_how how, bool dry_run)
{
	int err;

	if (IS_ERR(image))
		return PTR_ERR(image);
	mutex_lock(&callers_mutex);
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	err = install(image, how, dry_run);
	tdx_progress("idle", 0, 0);
	mutex_unlock(&enable_mutex);
	cpus_read_unlock();
	mutex_unlock(&callers_mutex);
	tdx_image_put(image);
	return err;
}

/*
 * The last user is gone: the module loader lets us unload, and the sysfs file
 * that could start a bring-up has been removed.
 */
void tdx_enable_stop(void)
{
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	if (tdx_state() == TDX_STATE_INITIALIZED || has_pamts()) {
		tdx_bringdown();
		tdx_state_set(TDX_STATE_SHUTDOWN);
	}
	tdx_drop_plan();
	tdx_image_in_place(NULL);
	mutex_unlock(&enable_mutex);
	cpus_read_unlock();
}

/*
 * A bring-up may be under way and wait for a CPU that a real-time task keeps to itself.
 * Neither it nor that task may stop the machine from leaving.
 */
static bool try_lock(void)
{
	if (!mutex_trylock(&enable_mutex))
		return false;
	/* An exchange is under way without the mutex, and does not take long. */
	if (!exchanging)
		return true;
	mutex_unlock(&enable_mutex);
	return false;
}

static bool lock_while_settled(unsigned int ms)
{
	while (!try_lock()) {
		if (!ms)
			return false;
		msleep(1);
		ms--;
	}
	return true;
}

void tdx_enable_quiesce(void)
{
	enum tdx_state state;

	if (!lock_while_settled(QUIESCE_WAIT_MS)) {
		pr_crit("a kernel started by kexec is not safe: the TDX module is still being brought up or exchanged and may write to memory; restart the machine through its firmware\n");
		return;
	}
	state = tdx_state();
	/* First, so that no KeyID is handed out any more.  Initializing: in a window. */
	if (state == TDX_STATE_INITIALIZED || state == TDX_STATE_UNINITIALIZED ||
	    state == TDX_STATE_INITIALIZING)
		tdx_state_set(TDX_STATE_SHUTDOWN);
	if (state == TDX_STATE_INITIALIZED || has_pamts())
		tdx_quiesce();
	mutex_unlock(&enable_mutex);
}
