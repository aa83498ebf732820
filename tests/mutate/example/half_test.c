// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

int tested(int a, int b);
int untested(int a, int b);

int main(void)
{
	if (!tested(1, 2) || tested(2, 2) || tested(3, 2))
		return 1;
	return untested(1, 2) ? 0 : 1;
}
