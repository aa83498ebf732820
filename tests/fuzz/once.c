// SPDX-License-Identifier: GPL-2.0-only
/* Runs a fuzz target on each file once: the corpus as a regression test. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		uint8_t *data;
		long size;

		if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0) {
			perror(argv[i]);
			return 1;
		}
		rewind(f);
		data = malloc(size ? size : 1);
		if (!data || fread(data, 1, size, f) != (size_t)size) {
			perror(argv[i]);
			return 1;
		}
		fclose(f);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
	}
	return argc < 2;
}
