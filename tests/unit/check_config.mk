# SPDX-License-Identifier: GPL-2.0-only
tests += check_config
check_config_srcs := src/core/tdmr_check.c
