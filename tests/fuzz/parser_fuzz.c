// SPDX-License-Identifier: GPL-2.0-only
/*
 * INPUT, a parser of memory maps: it either returns valid ranges or an error message.
 */
#include <stdlib.h>
#include "plan_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)data, size, "r") : NULL;
	struct plan_input in;
	int err;

	if (!f)
		return 0;
	err = INPUT(&in, f);
	fclose(f);
	if (err == -EINVAL && !in.error[0])
		abort();
	if (!err && (!in.nr_ram || !tdx_ranges_valid(in.ram, in.nr_ram) ||
		     !tdx_ranges_valid(in.cmr, in.nr_cmr)))
		abort();
	input_free(&in);
	return 0;
}
