# SPDX-License-Identifier: GPL-2.0-only
tests += sysinfo
sysinfo_srcs := src/core/ranges.c src/core/sysinfo.c src/core/td_limits.c
