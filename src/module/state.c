// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of the host, and the results of bring-up.  Every file may read it; only
 * enable.c changes the state:
 *
 *   unsupported   no TDX on this machine; final
 *   off           init=off; final
 *   uninitialized -> initializing -> initialized | not-loaded | failed
 *   uninitialized, initialized -> shutdown
 *   all but the final ones, initializing and shutdown -> installing -> uninitialized (from
 *   scratch), initialized (updated), or as before | not-loaded | failed
 */
#include "host.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

struct tdx_host tdx_host;

static enum tdx_state state;
static void (*on_change)(void);

static const char * const names[] = {
	[TDX_STATE_UNSUPPORTED] = "unsupported",
	[TDX_STATE_OFF] = "off",
	[TDX_STATE_UNINITIALIZED] = "uninitialized",
	[TDX_STATE_INITIALIZING] = "initializing",
	[TDX_STATE_INITIALIZED] = "initialized",
	[TDX_STATE_NOT_LOADED] = "not-loaded",
	[TDX_STATE_FAILED] = "failed",
	[TDX_STATE_SHUTDOWN] = "shutdown",
	[TDX_STATE_INSTALLING] = "installing",
};

const char *tdx_state_name(enum tdx_state s)
{
	return names[s];
}

/* Read without enable.c's mutex: readers must not wait for a bring-up. */
enum tdx_state tdx_state(void)
{
	/* Pairs with tdx_state_set(): tdx_host is complete before it is initialized. */
	return smp_load_acquire(&state);
}

void tdx_state_set(enum tdx_state s)
{
	trace_tdx_state(state, s);
	smp_store_release(&state, s);
	if (on_change)
		on_change();
}

void tdx_state_notify(void (*fn)(void))
{
	on_change = fn;
}
