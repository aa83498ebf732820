# SPDX-License-Identifier: GPL-2.0-only
tests += cpulist
cpulist_srcs := src/cli/cpulist.c src/cli/root.c
