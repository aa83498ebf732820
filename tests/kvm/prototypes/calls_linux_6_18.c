// SPDX-License-Identifier: GPL-2.0-only
#define TDX_HOST_LINUX_6_16
#include <tdx_host.h>
#include "calls.h"
#include "linux-6.18.h"
#include "calls-6.18.inc"
