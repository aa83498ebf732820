/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Single instructions on a CPU's registers, past the kernel's tracing and its caches; the
 * kernel's own names for them change between releases.
 */
#ifndef TDX_SEAMSIM_REGISTERS_H
#define TDX_SEAMSIM_REGISTERS_H

#include <linux/kernel.h>

static inline u64 get_msr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr));
	return (u64)high << 32 | low;
}

static inline void set_msr(u32 msr, u64 value)
{
	asm volatile("wrmsr" : : "c" (msr), "a" (lower_32_bits(value)), "d" (upper_32_bits(value)) : "memory");
}

static inline u64 get_xcr0(void)
{
	u32 low, high;

	asm volatile("xgetbv" : "=a" (low), "=d" (high) : "c" (0));
	return (u64)high << 32 | low;
}

static inline void set_xcr0(u64 value)
{
	asm volatile("xsetbv" : : "c" (0), "a" (lower_32_bits(value)), "d" (upper_32_bits(value)));
}

static inline void xsave(u8 *area, u64 features)
{
	asm volatile("xsave64 (%0)" : : "r" (area), "a" (lower_32_bits(features)),
		     "d" (upper_32_bits(features)) : "memory");
}

static inline void xrstor(const u8 *area, u64 features)
{
	asm volatile("xrstor64 (%0)" : : "r" (area), "a" (lower_32_bits(features)),
		     "d" (upper_32_bits(features)) : "memory");
}

#endif
