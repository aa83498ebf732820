// SPDX-License-Identifier: GPL-2.0-only
/* The pool of guest KeyIDs, and a careless consumer. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "life.h"

#define NR_IDS	(1 << 16)

/* All there are, each once. */
static int take_all(unsigned long *held)
{
	int nr = 0, id;

	while ((id = tdx_guest_keyid_alloc()) >= 0) {
		if (id >= NR_IDS || __test_and_set_bit(id, held)) {
			pr_err("KeyID %d was handed out twice\n", id);
			return -EEXIST;
		}
		nr++;
	}
	if (id != -ENOSPC) {
		pr_err("KeyID %d: error %d, not -ENOSPC\n", nr + 1, id);
		return id;
	}
	return nr;
}

/* Each is ignored, and said in the log. */
static void free_foreign(const unsigned long *held)
{
	tdx_guest_keyid_free(0);
	tdx_guest_keyid_free(find_first_bit(held, NR_IDS) - 1);	/* the TDX module's own */
	tdx_guest_keyid_free(NR_IDS);
	tdx_guest_keyid_free(UINT_MAX);
}

/* One free makes one KeyID free, however often it is repeated. */
static int free_twice(const unsigned long *held)
{
	int id = find_first_bit(held, NR_IDS), again;

	tdx_guest_keyid_free(id);
	tdx_guest_keyid_free(id);
	again = tdx_guest_keyid_alloc();
	if (again != id) {
		pr_err("KeyID %d is free, and %d was handed out\n", id, again);
		return -EINVAL;
	}
	again = tdx_guest_keyid_alloc();
	if (again != -ENOSPC) {
		pr_err("no KeyID is free, and %d was handed out\n", again);
		return -EINVAL;
	}
	return 0;
}

int life_keyids(uint keep)
{
	unsigned long *held = bitmap_zalloc(NR_IDS, GFP_KERNEL);
	int nr, id, err = 0;

	if (!held)
		return -ENOMEM;
	nr = take_all(held);
	if (nr > 0) {
		free_foreign(held);
		id = tdx_guest_keyid_alloc();
		if (id != -ENOSPC) {
			pr_err("freeing KeyIDs of others has set %d free\n", id);
			err = -EINVAL;
		}
		if (!err)
			err = free_twice(held);
	}
	for_each_set_bit(id, held, NR_IDS)
		if (keep)
			keep--;
		else
			tdx_guest_keyid_free(id);
	bitmap_free(held);
	return err ?: nr;
}
