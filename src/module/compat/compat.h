/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Replacements for what older kernels lack.  The compiler includes this file before every
 * C file of the module; no other file in src/ tests the kernel version.
 * scripts/probe-kernel creates features.h for each kernel.
 *
 * Macros only, and no kernel header: this comes before every other include.
 */
#ifndef TDX_COMPAT_H
#define TDX_COMPAT_H

#include "features.h"

/* Before 5.18 the housekeeping functions took a mask of flags. */
#ifndef TDX_HAVE_HK_TYPE
#define HK_TYPE_DOMAIN	HK_FLAG_DOMAIN
#define HK_TYPE_WQ	HK_FLAG_WQ
#endif

/* Before 6.8 it was MAX_ORDER, inclusive for some versions and not for others. */
#ifndef TDX_HAVE_MAX_PAGE_ORDER
#define MAX_PAGE_ORDER	ilog2(MAX_ORDER_NR_PAGES)
#endif

/* Before 6.8 no upload failed for the file's own sake. */
#ifdef TDX_HAVE_FW_INVALID
#define TDX_FW_INVALID	FW_UPLOAD_ERR_FW_INVALID
#else
#define TDX_FW_INVALID	FW_UPLOAD_ERR_RW_ERROR
#endif

/* Before 6.16 alloc_contig_range() took a migrate type. */
#ifndef TDX_HAVE_ACR_FLAGS
#define ACR_FLAGS_NONE	MIGRATE_MOVABLE
#endif

/* Before 6.13 the name of a symbol namespace was a word, not a string. */
#ifdef TDX_HAVE_NAMESPACE_STRING
#define TDX_SELFTEST_NS	"TDX_HOST_SELFTEST"
#else
#define TDX_SELFTEST_NS	TDX_HOST_SELFTEST
#endif

/* Before 6.3 KVM leaves VMX operation in a reboot notifier, later in syscore shutdown. */
#ifdef TDX_HAVE_KVM_HARDWARE_SETUP
#define TDX_KVM_LEAVES_IN_NOTIFIER	1
#else
#define TDX_KVM_LEAVES_IN_NOTIFIER	0
#endif

/* Before 5.13 reboot notifiers are called alike for a kexec and for a restart. */
#ifdef TDX_HAVE_KEXEC_NAMED
#define TDX_KEXEC_IS_NAMED	1
#else
#define TDX_KEXEC_IS_NAMED	0
#endif

/* Newer kernels register a pointer to the operations, which get data. */
#ifdef TDX_HAVE_SYSCORE
#define TDX_SYSCORE_SHUTDOWN(name, fn)				\
static void name##_shutdown(void *data)				\
{								\
	fn();							\
}								\
static const struct syscore_ops name##_ops = {			\
	.shutdown = name##_shutdown,				\
};								\
static struct syscore name = {					\
	.ops = &name##_ops,					\
}
#else
#define TDX_SYSCORE_SHUTDOWN(name, fn)				\
static struct syscore_ops name = {				\
	.shutdown = fn,						\
}
#define register_syscore	register_syscore_ops
#define unregister_syscore	unregister_syscore_ops
#endif

/* Before 6.17 a workqueue that did not say otherwise was bound to CPUs. */
#ifndef TDX_HAVE_WQ_PERCPU
#define WQ_PERCPU	0
#endif

#endif
