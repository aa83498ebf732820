// SPDX-License-Identifier: GPL-2.0-only
/* half_test.c tests only one of these functions. */
int tested(int a, int b);
int untested(int a, int b);

int tested(int a, int b)
{
	return a < b;
}

int untested(int a, int b)
{
	return a < b;
}
