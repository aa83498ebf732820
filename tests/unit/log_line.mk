# SPDX-License-Identifier: GPL-2.0-only
tests += log_line
log_line_srcs := src/cli/log_line.c src/cli/log_message.c src/core/status.c src/core/status_text.c
