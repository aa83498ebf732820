// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any log for tdxhost explain, decoded, line by line and with lines joined.  Whatever is
 * found must lie in its line.  One word is also parsed as a number and as a name.
 */
#include <stdio.h>
#include <stdlib.h>
#include "log_line.h"
#include "log_text.h"
#include "module_version.h"
#include "seamldr_status.h"
#include "status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_line(const char *line)
{
	size_t len = strlen(line), n = 0;
	struct module_version version;
	struct log_status status;
	const char *at = line;
	u64 value;

	log_line_name(line, &status);
	while (log_line_status(&at, line, &status))
		if (at <= line || at > line + len)
			abort();
	if (log_line_message(line, &at, &n) && (at < line || at + n > line + len))
		abort();
	if (module_version(line, &version) && (!version.cause || !version.remedy))
		abort();
	if (log_number(line, &value) && !len)
		abort();
	log_status_name(line, &value);
	log_leaf(line, &value);
	seamldr_status_by_name(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)data, size, "r") : NULL;
	struct log_text log;
	size_t first;

	if (!f)
		return 0;
	if (!log_text_read(&log, f)) {
		if (log_text_boots(&log, &first) < 1 || (log.nr && first >= log.nr))
			abort();
		for (size_t i = 0; i < log.nr; i++) {
			char *joined = log_text_joined(&log, i, "");

			one_line(log.line[i].text);
			if (joined)
				one_line(joined);
			free(joined);
		}
	}
	log_text_free(&log);
	fclose(f);
	return 0;
}
