/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: every SEAMCALL of bring-up with operands, result and duration, and
 * every change of state.
 *
 *   echo 1 > /sys/kernel/tracing/events/tdx_host/enable
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM tdx_host

#if !defined(TDX_HOST_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define TDX_HOST_TRACE_H

#include <linux/tracepoint.h>

#include "host.h"

TRACE_EVENT(tdx_seamcall_enter,
	TP_PROTO(u64 leaf, const struct tdx_regs *regs),
	TP_ARGS(leaf, regs),
	TP_STRUCT__entry(
		__field(u64, leaf)
		__field(u64, rcx)
		__field(u64, rdx)
		__field(u64, r8)
		__field(u64, r9)
	),
	TP_fast_assign(
		__entry->leaf = leaf;
		__entry->rcx = regs->rcx;
		__entry->rdx = regs->rdx;
		__entry->r8 = regs->r8;
		__entry->r9 = regs->r9;
	),
	TP_printk("%s rcx=0x%llx rdx=0x%llx r8=0x%llx r9=0x%llx",
		  tdx_leaf_name(__entry->leaf), __entry->rcx, __entry->rdx,
		  __entry->r8, __entry->r9)
);

TRACE_EVENT(tdx_seamcall_exit,
	TP_PROTO(u64 leaf, u64 status, const struct tdx_regs *regs, u64 ns),
	TP_ARGS(leaf, status, regs, ns),
	TP_STRUCT__entry(
		__field(u64, leaf)
		__field(u64, status)
		__field(u64, rcx)
		__field(u64, rdx)
		__field(u64, r8)
		__field(u64, ns)
	),
	TP_fast_assign(
		__entry->leaf = leaf;
		__entry->status = status;
		__entry->rcx = regs->rcx;
		__entry->rdx = regs->rdx;
		__entry->r8 = regs->r8;
		__entry->ns = ns;
	),
	TP_printk("%s %s (0x%llx) rcx=0x%llx rdx=0x%llx r8=0x%llx %llu ns",
		  tdx_leaf_name(__entry->leaf), tdx_status_name(__entry->status),
		  __entry->status, __entry->rcx, __entry->rdx, __entry->r8, __entry->ns)
);

TRACE_EVENT(tdx_state,
	TP_PROTO(int from, int to),
	TP_ARGS(from, to),
	TP_STRUCT__entry(
		__field(int, from)
		__field(int, to)
	),
	TP_fast_assign(
		__entry->from = from;
		__entry->to = to;
	),
	TP_printk("%s -> %s", tdx_state_name(__entry->from), tdx_state_name(__entry->to))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
