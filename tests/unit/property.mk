# SPDX-License-Identifier: GPL-2.0-only
# "million" is the same without the sanitizers, on a million machines.
tests += property million
at_length += million
property_srcs := tests/unit/machine.c src/cli/pamt_sim.c src/core/ranges.c \
	$(patsubst $(top)/%,%,$(wildcard $(top)/src/core/tdmr_*.c))
million_srcs := $(property_srcs)
million_sanitize := none
million_cflags := -DMACHINES=1000000
million_deps := property_test.c
