// SPDX-License-Identifier: GPL-2.0-only
/*
 * Serialises all changes of the state: a mutex admits one caller at a time, and every
 * caller of tdx_enable() gets the result of the one bring-up.
 *
 * A KVM of Linux 6.16 to 6.18 calls with cpus_read_lock() held, so every caller takes
 * that lock before enable_mutex.  With both orders, two callers would deadlock as soon as
 * a hotplug operation waits, since new readers queue up behind it.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
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
	/* A KVM that asks for this never calls tdx_enable(): since Linux 7.2. */
	if (tdx_state() == TDX_STATE_UNINITIALIZED || tdx_state() == TDX_STATE_INITIALIZING)
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

/*
 * The last user is gone: the module loader lets us unload, and the sysfs file
 * that could start a bring-up has been removed.
 */
void tdx_enable_stop(void)
{
	cpus_read_lock();
	mutex_lock(&enable_mutex);
	if (tdx_state() == TDX_STATE_INITIALIZED) {
		tdx_bringdown();
		tdx_state_set(TDX_STATE_SHUTDOWN);
	}
	mutex_unlock(&enable_mutex);
	cpus_read_unlock();
}

/*
 * A bring-up may be under way and wait for a CPU that a real-time task keeps to itself.
 * Neither it nor that task may stop the machine from leaving.
 */
static bool lock_within(unsigned int ms)
{
	while (!mutex_trylock(&enable_mutex)) {
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

	if (!lock_within(QUIESCE_WAIT_MS)) {
		pr_crit("a kernel started by kexec is not safe: the TDX module is still being brought up and may write to memory; restart the machine through its firmware\n");
		return;
	}
	state = tdx_state();
	/* First, so that no KeyID is handed out any more.  Initializing: in a window. */
	if (state == TDX_STATE_INITIALIZED || state == TDX_STATE_UNINITIALIZED ||
	    state == TDX_STATE_INITIALIZING)
		tdx_state_set(TDX_STATE_SHUTDOWN);
	if (state == TDX_STATE_INITIALIZED)
		tdx_quiesce();
	mutex_unlock(&enable_mutex);
}
