// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "progress.h"
#include "write_file.h"

#define WIDTH 40

void progress_start(struct progress *p)
{
	*p = (struct progress){ .bar = isatty(STDOUT_FILENO) };
}

static void draw_bar(const struct host_progress *now)
{
	unsigned int filled = now->total ? (u64)now->done * WIDTH / now->total : 0;
	char bar[WIDTH + 1];

	if (filled > WIDTH)
		filled = WIDTH;
	memset(bar, '#', filled);
	memset(bar + filled, '.', WIDTH - filled);
	bar[WIDTH] = '\0';
	printf("\r[%s] %-10s %u of %u\033[K", bar, now->step, now->done, now->total);
}

/* Without a terminal, print each step, and a sign of life in long ones. */
static bool worth_a_line(const struct host_progress *last, const struct host_progress *now)
{
	if (strcmp(last->step, now->step))
		return true;
	return now->total && now->done * 8ULL / now->total != last->done * 8ULL / now->total;
}

void progress_show(struct progress *p, const struct host_progress *now)
{
	if (!host_running(now) || !memcmp(now, &p->last, sizeof(*now)))
		return;
	if (p->bar)
		draw_bar(now);
	else if (worth_a_line(&p->last, now))
		printf("%s: %u of %u\n", now->step, now->done, now->total);
	else
		return;
	fflush(stdout);
	p->drawn = true;
	p->last = *now;
}

void progress_end(struct progress *p)
{
	if (p->bar && p->drawn)
		fputs("\r\033[K", stdout);
}

/* The child only waits for the result, which is its exit status. */
static int follow(pid_t child, bool (*leave)(void))
{
	struct host_progress now;
	struct progress progress;
	int status, left = 0;

	progress_start(&progress);
	while (waitpid(child, &status, WNOHANG) != child) {
		if (leave && leave()) {
			left = PROGRESS_LEFT;
			break;
		}
		host_progress_read(&now);
		if (!leave)
			progress_show(&progress, &now);
		usleep(20 * 1000);
	}
	progress_end(&progress);
	if (left)
		return left;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

int progress_of_write(const char *path, const char *text, bool (*leave)(void))
{
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child < 0)
		return -errno;
	if (!child)
		_exit(-write_file(path, text));
	return follow(child, leave);
}
