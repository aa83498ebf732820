# SPDX-License-Identifier: GPL-2.0-only
# plan: single cases.  memmap: the recorded maps of real machines.
planner := src/cli/pamt_sim.c src/core/ranges.c \
	$(patsubst $(top)/%,%,$(wildcard $(top)/src/core/tdmr_*.c))
tests += plan memmap
plan_srcs := $(planner)
memmap_srcs := $(planner) src/cli/plan_input.c src/cli/input_dmesg.c \
	src/cli/log_facts.c src/cli/log_text.c
memmap_cflags := -DMAPS='"$(top)/tests/data/memmaps"'
