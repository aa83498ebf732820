// SPDX-License-Identifier: GPL-2.0-only
/* pause MS: loops for MS milliseconds; prints the longest time it did not run, in us. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int main(int argc, char **argv)
{
	uint64_t start = now_ns(), last = start, now, longest = 0;
	uint64_t end = start + strtoull(argc > 1 ? argv[1] : "1000", NULL, 10) * 1000000;

	while (last < end) {
		now = now_ns();
		if (now - last > longest)
			longest = now - last;
		last = now;
	}
	printf("%llu\n", (unsigned long long)(longest / 1000));
	return 0;
}
