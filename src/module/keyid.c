// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest KeyIDs.  The first TDX KeyID is the TDX module's own (TDH.SYS.CONFIG);
 * each of the others belongs to one TD from its creation to its end.
 *
 * A bitmap rather than an IDA: freeing a KeyID that is not held is reported, and
 * takes no KeyID away from another consumer.
 *
 * Each allocated KeyID also holds a reference to tdx_host: a consumer that unloads
 * without freeing one has left a TD behind, and the PAMTs must not be freed.
 *
 * The lock is raw and taken with interrupts off: Linux frees KeyIDs with ida_free(),
 * in any context, and a KVM written for that may do the same here.  The longest work
 * under the lock is a search of a 4 KB bitmap.
 */
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/spinlock.h>

#include "host.h"
#include "tdx_host.h"

static DEFINE_RAW_SPINLOCK(lock);
static DECLARE_BITMAP(used, TDX_MAX_KEYIDS);	/* by KeyID */
static u32 nr_used;

static u32 first_guest_keyid(void)
{
	return tdx_platform.keyid_start + 1;
}

u32 tdx_get_nr_guest_keyids(void)
{
	return tdx_platform.nr_keyids ? tdx_platform.nr_keyids - 1 : 0;
}
EXPORT_SYMBOL_GPL(tdx_get_nr_guest_keyids);

/*
 * Allocation reads the state under the same lock.  So once TDX_STATE_SHUTDOWN is set, this
 * counts every KeyID that was handed out and not freed, and no further one follows.
 */
u32 tdx_keyids_in_use(void)
{
	unsigned long flags;
	u32 nr;

	raw_spin_lock_irqsave(&lock, flags);
	nr = nr_used;
	raw_spin_unlock_irqrestore(&lock, flags);
	return nr;
}

/*
 * Frees those that no consumer is left for.  No TD has one of them any more, and no cache a
 * line that was written under it.
 */
u32 tdx_keyids_forget(void)
{
	unsigned long flags;
	u32 nr, i;

	raw_spin_lock_irqsave(&lock, flags);
	nr = nr_used;
	nr_used = 0;
	bitmap_zero(used, TDX_MAX_KEYIDS);
	raw_spin_unlock_irqrestore(&lock, flags);
	for (i = 0; i < nr; i++)
		module_put(THIS_MODULE);
	return nr;
}

/* KVM's caller gets only -ENODEV, so the log gives the reason. */
static void say_why_not(enum tdx_state state)
{
	if (state == TDX_STATE_SHUTDOWN)
		pr_warn_ratelimited("no TD can be made any more: the machine is on its way into another kernel, and TDX is shut down for that\n");
	else if (state == TDX_STATE_INSTALLING)
		pr_warn_ratelimited("no TD can be made now: the TDX module is being exchanged: try again in a moment\n");
	else
		pr_warn_ratelimited("no TD can be made: state is %s: enable TDX first\n",
				    tdx_state_name(state));
}

int tdx_guest_keyid_alloc(void)
{
	u32 end = first_guest_keyid() + tdx_get_nr_guest_keyids(), id = end;
	enum tdx_state state;
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	state = tdx_state();
	if (state == TDX_STATE_INITIALIZED)
		id = find_next_zero_bit(used, end, first_guest_keyid());
	if (id < end) {
		__set_bit(id, used);
		nr_used++;
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	if (state != TDX_STATE_INITIALIZED) {
		say_why_not(state);
		return -ENODEV;
	}
	if (id >= end)
		return -ENOSPC;
	__module_get(THIS_MODULE);
	return id;
}
EXPORT_SYMBOL_GPL(tdx_guest_keyid_alloc);

void tdx_guest_keyid_free(unsigned int keyid)
{
	unsigned long flags;
	bool held;

	raw_spin_lock_irqsave(&lock, flags);
	held = keyid < TDX_MAX_KEYIDS && __test_and_clear_bit(keyid, used);
	nr_used -= held;
	raw_spin_unlock_irqrestore(&lock, flags);
	if (held)
		module_put(THIS_MODULE);
	else
		pr_err("%ps frees KeyID %u, which nobody holds: bug in the consumer\n",
		       __builtin_return_address(0), keyid);
}
EXPORT_SYMBOL_GPL(tdx_guest_keyid_free);
