// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest KeyIDs.  The first TDX KeyID is the TDX module's own (TDH.SYS.CONFIG);
 * the rest are handed out, one to a TD, for the life of the TD.
 *
 * A bitmap, not an IDA: a consumer that frees what it does not hold is told so,
 * and takes nobody else's KeyID away.
 *
 * Each KeyID holds the module too: a consumer that unloads and forgets one has
 * left a TD behind, whose memory must not go back to the kernel with the PAMTs.
 *
 * A raw lock, with interrupts off: Linux frees KeyIDs by ida_free(), in any context,
 * and a KVM written for that may do the same here.  The longest search under it is
 * that of a bitmap of 4 KB.
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
 * Under the lock, as the state is asked: after TDX_STATE_SHUTDOWN is set, this counts every
 * KeyID that was handed out before, and none follows.
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

/* KVM's caller gets -ENODEV, which is no reason. */
static void say_why_not(enum tdx_state state)
{
	if (state == TDX_STATE_SHUTDOWN)
		pr_warn_ratelimited("no TD can be made any more: the machine is on its way into another kernel, and TDX is shut down for that\n");
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
