// SPDX-License-Identifier: GPL-2.0-only
/* Loads the x87 environment without a pause. */
int main(void)
{
	char environment[28];

	asm volatile("fnstenv %0" : "=m" (environment));
	for (;;)
		asm volatile("fldenv %0" : : "m" (environment));
}
