// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one way in and out: a mutex lets one caller move the state at a time, and
 * every caller of tdx_enable() gets the one result.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/printk.h>

#include "host.h"
#include "tdx_host.h"

/* How long the way into another kernel waits for a bring-up. */
#define QUIESCE_WAIT_MS	10000

static DEFINE_MUTEX(enable_mutex);	/* every transition, from its begin to its end */

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
	default:
		return -EINVAL;
	}
}

static void bring_up(void)
{
	int err;

	tdx_state_set(TDX_STATE_INITIALIZING);
	err = tdx_bringup();
	if (!err)
		tdx_state_set(TDX_STATE_INITIALIZED);
	else
		tdx_state_set(err == -ENODEV ? TDX_STATE_NOT_LOADED : TDX_STATE_FAILED);
	tdx_pin_update();
}

int tdx_enable(void)
{
	int ret;

	might_sleep();
	mutex_lock(&enable_mutex);
	if (tdx_state() == TDX_STATE_UNINITIALIZED)
		bring_up();
	ret = result(tdx_state());
	mutex_unlock(&enable_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(tdx_enable);

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
	mutex_lock(&enable_mutex);
	if (tdx_state() == TDX_STATE_INITIALIZED) {
		tdx_bringdown();
		tdx_state_set(TDX_STATE_SHUTDOWN);
	}
	mutex_unlock(&enable_mutex);
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
		pr_crit("a kernel started by kexec is not safe: the TDX module is still being brought up and may write to memory; restart the machine by its firmware\n");
		return;
	}
	state = tdx_state();
	/* First, so that no KeyID is handed out any more. */
	if (state == TDX_STATE_INITIALIZED || state == TDX_STATE_UNINITIALIZED)
		tdx_state_set(TDX_STATE_SHUTDOWN);
	if (state == TDX_STATE_INITIALIZED)
		tdx_quiesce();
	mutex_unlock(&enable_mutex);
}
