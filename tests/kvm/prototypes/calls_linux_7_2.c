// SPDX-License-Identifier: GPL-2.0-only
#include <tdx_host.h>
#include "calls.h"
#include "linux-7.2.h"
#include "calls-7.2.inc"
