# SPDX-License-Identifier: GPL-2.0-only
# "million" is the same without the sanitizers, on a million machines.
tests += property million
at_length += million
property_srcs := tests/unit/machine.c src/cli/pamt_sim.c src/core/ranges.c \
	$(patsubst $(top)/%,%,$(wildcard $(top)/src/core/tdmr_*.c))
property_cflags := -I$(top)/src/cli
million_srcs := $(property_srcs)
million_cflags := $(property_cflags) -fno-sanitize=all -DMACHINES=1000000
million_deps := property_test.c
