// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine, and the only owner of "what state are we in".
 *
 *   unsupported   this machine cannot; final
 *   off           init=off; final
 *   uninitialized -> initializing -> initialized | not-loaded | failed
 *   initialized   -> shutdown
 */
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include "host.h"
#include "tdx_host.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static DEFINE_MUTEX(bringup_mutex);	/* one bring-up; every transition */
static enum tdx_state state;

static DEFINE_SPINLOCK(error_lock);
static char last_error[TDX_ERROR_LEN];

static const char * const names[] = {
	[TDX_STATE_UNSUPPORTED] = "unsupported",
	[TDX_STATE_OFF] = "off",
	[TDX_STATE_UNINITIALIZED] = "uninitialized",
	[TDX_STATE_INITIALIZING] = "initializing",
	[TDX_STATE_INITIALIZED] = "initialized",
	[TDX_STATE_NOT_LOADED] = "not-loaded",
	[TDX_STATE_FAILED] = "failed",
	[TDX_STATE_SHUTDOWN] = "shutdown",
};

const char *tdx_state_name(enum tdx_state s)
{
	return names[s];
}

/* Without the mutex: readers must not wait for a bring-up. */
enum tdx_state tdx_state(void)
{
	/* Pairs with set_state(): what an initialized host is made of is there. */
	return smp_load_acquire(&state);
}

static void set_state(enum tdx_state s)
{
	trace_tdx_state(state, s);
	smp_store_release(&state, s);
	tdx_sysfs_changed();
}

void tdx_error(const char *fmt, ...)
{
	char buf[TDX_ERROR_LEN];
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	pr_err("%s\n", buf);

	spin_lock(&error_lock);
	strscpy(last_error, buf, sizeof(last_error));
	spin_unlock(&error_lock);
}

void tdx_error_call(u64 leaf, u64 status, const char *where)
{
	const char *cause = tdx_status_cause(status);
	const char *remedy = tdx_status_remedy(status);
	char text[160];

	tdx_status_format(text, sizeof(text), status);
	tdx_error("%s failed%s%s: %s%s%s%s%s", tdx_leaf_name(leaf),
		  where ? " " : "", where ? where : "", text,
		  cause ? ": " : "", cause ? cause : "",
		  remedy ? "; " : "", remedy ? remedy : "");
}

void tdx_error_forget(void)
{
	spin_lock(&error_lock);
	last_error[0] = '\0';
	spin_unlock(&error_lock);
}

void tdx_last_error(char *buf, size_t size)
{
	spin_lock(&error_lock);
	strscpy(buf, last_error, size);
	spin_unlock(&error_lock);
}

/* -ENODEV where nothing is wrong but there is nothing to enable either. */
static int result(enum tdx_state s)
{
	switch (s) {
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

	set_state(TDX_STATE_INITIALIZING);
	err = tdx_bringup();
	if (!err)
		set_state(TDX_STATE_INITIALIZED);
	else
		set_state(err == -ENODEV ? TDX_STATE_NOT_LOADED : TDX_STATE_FAILED);
}

int tdx_enable(void)
{
	int ret;

	might_sleep();
	mutex_lock(&bringup_mutex);
	if (state == TDX_STATE_UNINITIALIZED)
		bring_up();
	ret = result(state);
	mutex_unlock(&bringup_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(tdx_enable);

void tdx_state_start(enum tdx_state s)
{
	mutex_lock(&bringup_mutex);
	set_state(s);
	mutex_unlock(&bringup_mutex);
}

/*
 * The last user is gone: the module loader let us unload, and the sysfs file
 * that could start a bring-up has been removed.
 */
void tdx_state_stop(void)
{
	mutex_lock(&bringup_mutex);
	if (state == TDX_STATE_INITIALIZED) {
		tdx_bringdown();
		set_state(TDX_STATE_SHUTDOWN);
	}
	mutex_unlock(&bringup_mutex);
}

void tdx_state_quiesce(void)
{
	mutex_lock(&bringup_mutex);
	if (state == TDX_STATE_INITIALIZED)
		tdx_quiesce();
	if (state == TDX_STATE_INITIALIZED || state == TDX_STATE_UNINITIALIZED)
		set_state(TDX_STATE_SHUTDOWN);
	mutex_unlock(&bringup_mutex);
}
