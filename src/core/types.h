/* SPDX-License-Identifier: GPL-2.0-only */
/* The few types and helpers the core needs, in the kernel and outside it. */
#ifndef TDX_CORE_TYPES_H
#define TDX_CORE_TYPES_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/string.h>
#include <linux/errno.h>
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <errno.h>
/* unsigned long long, as in the kernel, so that %llx prints a u64 everywhere. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int32_t s32;
typedef long long s64;
#endif

#define TDX_SZ_4K	(1ULL << 12)
#define TDX_SZ_2M	(1ULL << 21)
#define TDX_SZ_1G	(1ULL << 30)

#endif
