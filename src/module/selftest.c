// SPDX-License-Identifier: GPL-2.0-only
/*
 * Internal functions for tdx_host_selftest.ko, and for no other module: a namespace of
 * their own keeps them out of the kernel API (tdx_host.h).
 */
#include <linux/export.h>

#include "host.h"

EXPORT_SYMBOL_NS_GPL(tdx_call, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_call_on_each, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_call_once, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_cpu_per_package, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_for_each_tdmr, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_host, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_keyids_in_use, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_leaf_name, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_lps, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_on_cpus, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_on_cpus_short, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_platform, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_state, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_state_name, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_status_format, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_status_retryable, TDX_SELFTEST_NS);
EXPORT_SYMBOL_NS_GPL(tdx_time_get, TDX_SELFTEST_NS);
