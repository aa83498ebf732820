// SPDX-License-Identifier: GPL-2.0-only
/* Sleep states in which the TDX module's state would be lost. */
#include "check.h"
#include "kernel.h"
#include "root.h"

/* Hibernation is in use if there is a device to resume from. */
static void check_hibernation(struct check *c)
{
	char states[64], resume[128];

	root_line(states, sizeof(states), "/sys/power/state");
	root_line(resume, sizeof(resume), "/sys/power/resume");
	if (!strstr(states, "disk") || kernel_param("nohibernate", NULL, 0) ||
	    kernel_param("noresume", NULL, 0) || !resume[0] || !strcmp(resume, "0:0"))
		check_pass(c, "hibernation", "not in use");
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "hibernation",
			  .wanted = "not in use: the TDX module's state would be lost",
			  .remedy = "do not hibernate this host; tdx_host refuses hibernation while TDX is up" },
			  "configured: this host resumes from device %s", resume);
}

static void check_suspend(struct check *c)
{
	char states[64], sleep[64];

	root_line(states, sizeof(states), "/sys/power/state");
	root_line(sleep, sizeof(sleep), "/sys/power/mem_sleep");
	if (strstr(states, "mem") && strstr(sleep, "[deep]"))
		check_say(c, &(struct finding){ .result = WARN, .name = "suspend",
			  .wanted = "no suspend to RAM (S3): the TDX module's state would be lost",
			  .remedy = "none needed on a server that never sleeps; tdx_host refuses S3 while TDX is up (s2idle is fine)" },
			  "this host suspends to S3");
	else
		check_pass(c, "suspend", "no S3");
}

void check_power(struct check *c)
{
	check_hibernation(c);
	check_suspend(c);
}
