/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's locks: one try, then busy.  And a spinlock for the model's own
 * records, which no status may depend on: held for a few instructions only,
 * with interrupts off, as all entry points are called.
 */
#ifndef TDX_MODEL_LOCK_H
#define TDX_MODEL_LOCK_H

#include "model.h"

/* 0: free, -1: exclusive, n: n sharers. */
static inline bool tdxm_try_exclusive(int *lock)
{
	int free = 0;

	return __atomic_compare_exchange_n(lock, &free, -1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline bool tdxm_try_shared(int *lock)
{
	int n = __atomic_load_n(lock, __ATOMIC_RELAXED);

	while (n >= 0)
		if (__atomic_compare_exchange_n(lock, &n, n + 1, false,
						__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return true;
	return false;
}

static inline void tdxm_unlock_exclusive(int *lock)
{
	__atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static inline void tdxm_unlock_shared(int *lock)
{
	__atomic_fetch_sub(lock, 1, __ATOMIC_RELEASE);
}

static inline void tdxm_spin_lock(int *lock)
{
	while (!tdxm_try_exclusive(lock))
		__builtin_ia32_pause();
}

static inline void tdxm_spin_unlock(int *lock)
{
	tdxm_unlock_exclusive(lock);
}

#endif
