# SPDX-License-Identifier: GPL-2.0-only
tests += log_line
log_line_srcs := src/cli/log_line.c src/cli/log_message.c src/core/status.c src/core/status_text.c
log_line_cflags := -D_GNU_SOURCE -I$(top)/src/cli
log_line_deps := $(out)/log_messages.inc

$(out)/log_messages.inc: $(top)/scripts/gen-messages $(top)/src/cli/log-messages.tsv
	@mkdir -p $(out)
	$(top)/scripts/gen-messages $(top)/src/cli/log-messages.tsv $@
