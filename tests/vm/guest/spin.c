// SPDX-License-Identifier: GPL-2.0-only
/*
 * spin PRIORITY PID...: a SCHED_FIFO task that never sleeps.  PIDs are kernel threads that
 * must run nevertheless: they get the next higher priority, as on any host that is set up
 * for such tasks.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

static void set(pid_t pid, int priority)
{
	struct sched_param param = { .sched_priority = priority };

	if (sched_setscheduler(pid, SCHED_FIFO, &param)) {
		perror("spin: SCHED_FIFO");
		exit(1);
	}
}

int main(int argc, char **argv)
{
	int priority = argc > 1 ? atoi(argv[1]) : 50, i;

	for (i = 2; i < argc; i++)
		set(atoi(argv[i]), priority + 1);
	set(0, priority);
	for (;;)
		asm volatile("pause");
}
