/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Before it: tdx_host.h, then a kernel's declarations, which the compiler
 * compares with ours.  After it: calls of all of them, made by run.
 */
#include <linux/module.h>

/* Offset and size of each member that consumers use. */
#define TDX_MEMBER(type, member, offset, size)					\
	static_assert(offsetof(struct type, member) == (offset), "struct " #type " " #member); \
	static_assert(sizeof_field(struct type, member) == (size), "struct " #type " " #member);

MODULE_DESCRIPTION("Test: calls all that KVM would");
MODULE_LICENSE("GPL");
