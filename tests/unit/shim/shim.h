/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as src/module/exchange.c and install.c take, with a thread for each
 * CPU.  Physical memory is that of the model's rig.
 */
#ifndef TDX_SHIM_KERNEL_H
#define TDX_SHIM_KERNEL_H

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/types.h>

#include "types.h"

#define GFP_KERNEL		0
#define BIT_ULL(n)		(1ULL << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)
#define cpu_relax()		sched_yield()
#define udelay(us)		((void)(us))
#define cmpxchg(p, old, new)	__sync_val_compare_and_swap(p, old, new)
#define div_u64(a, b)		((a) / (b))
#define __printf(f, a)		__attribute__((format(printf, f, a)))
#define tsc_khz			1000000U
#define X86_CR4_VMXE		(1UL << 13)
#define pr_info(...)		shim_log(__VA_ARGS__)
#define pr_warn(...)		shim_log(__VA_ARGS__)
#define pr_crit(...)		shim_log(__VA_ARGS__)

__printf(1, 2) void shim_log(const char *fmt, ...);

/* ---- CPUs ---- */

struct cpumask { unsigned long bits; };
typedef struct cpumask cpumask_t;
extern struct cpumask shim_online, shim_present;
#define cpu_online_mask		((const struct cpumask *)&shim_online)
#define cpu_present_mask	((const struct cpumask *)&shim_present)
extern __thread int shim_cpu;
#define smp_processor_id()	shim_cpu

static inline bool cpumask_equal(const struct cpumask *a, const struct cpumask *b)
{
	return a->bits == b->bits;
}

static inline int cpumask_first(const struct cpumask *mask)
{
	return __builtin_ctzl(mask->bits);
}

static inline void cpumask_clear(struct cpumask *mask)
{
	mask->bits = 0;
}

static inline unsigned int num_online_cpus(void)
{
	return (unsigned int)__builtin_popcountl(shim_online.bits);
}

int stop_machine(int (*fn)(void *arg), void *arg, const struct cpumask *cpus);
unsigned long native_read_cr4(void);
u64 rdtsc_ordered(void);

/* ---- locks ---- */

typedef struct { int value; } atomic_t;

static inline void atomic_set(atomic_t *a, int value)
{
	__atomic_store_n(&a->value, value, __ATOMIC_RELAXED);
}

static inline int atomic_inc_return(atomic_t *a)
{
	return __atomic_add_fetch(&a->value, 1, __ATOMIC_SEQ_CST);
}

static inline int atomic_read(const atomic_t *a)
{
	return __atomic_load_n(&a->value, __ATOMIC_RELAXED);
}

static inline int atomic_read_acquire(const atomic_t *a)
{
	return __atomic_load_n(&a->value, __ATOMIC_ACQUIRE);
}

#define DEFINE_RAW_SPINLOCK(name)	pthread_mutex_t name = PTHREAD_MUTEX_INITIALIZER
#define raw_spin_lock(lock)		pthread_mutex_lock(lock)
#define raw_spin_unlock(lock)		pthread_mutex_unlock(lock)

/* ---- memory ---- */

unsigned long get_zeroed_page(int flags);
void free_page(unsigned long page);
u64 __pa(const void *p);

#endif
