# SPDX-License-Identifier: GPL-2.0-only
tests += ranges
ranges_srcs := src/core/ranges.c
