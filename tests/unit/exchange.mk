# SPDX-License-Identifier: GPL-2.0-only
include ../model/srcs.mk
tests += exchange
exchange_srcs := $(tdxm_files:%=tests/model/%.c) src/core/seam_image.c src/core/seamldr_status.c \
	src/core/status.c src/core/status_text.c
exchange_sanitize := thread
exchange_deps := $(wildcard $(top)/tests/unit/shim/*.h $(top)/tests/unit/shim/*/*.h) \
	$(addprefix $(top)/src/module/,host.h exchange.c install.c seamldr.c)
exchange_cflags := -isystem shim -I$(top)/src/module -Wno-unused-parameter -pthread
