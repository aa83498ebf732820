// SPDX-License-Identifier: GPL-2.0-only
/* Half of what this says half_test.c looks at. */
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
