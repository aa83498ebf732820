# SPDX-License-Identifier: GPL-2.0-only
tests += status
status_srcs := src/core/seamldr_status.c src/core/status.c src/core/status_text.c
status_cflags := -DTSV_DIR='"$(top)/src/core"'
