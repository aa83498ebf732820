// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of a TD: runs the command in /td-command, whose words end in NUL each, writes its exit
 * status to the second serial port, and powers off.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define COMMAND	"/td-command"
#define CONSOLE	"/dev/ttyS0"
#define STATUS	"/dev/ttyS1"
#define MAX_ARGS 1024

static char *args[MAX_ARGS + 1];

/* What is there already, by the kernel or in somebody's initramfs, stays. */
static void mount_at(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL) && errno != EBUSY)
		fprintf(stderr, "td-init: %s on %s: %s\n", type, where, strerror(errno));
}

static void take_console(void)
{
	int fd = open(CONSOLE, O_RDWR);

	if (fd < 0)
		return;
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

static int read_command(void)
{
	FILE *f = fopen(COMMAND, "r");
	size_t room, n = 0;

	if (!f)
		return -1;
	while (n < MAX_ARGS && args[n] == NULL) {
		room = 0;
		if (getdelim(&args[n], &room, '\0', f) < 0)
			break;
		n++;
	}
	args[n] = NULL;
	fclose(f);
	return n ? 0 : -1;
}

static void run(void)
{
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/", 1);
	setsid();
	execvp(args[0], args);
	fprintf(stderr, "td-init: %s: %s\n", args[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static int exit_status(pid_t child)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) != child)
		if (pid < 0 && errno != EINTR)
			return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void tell(int status)
{
	int fd = open(STATUS, O_WRONLY | O_NOCTTY);

	if (fd < 0)
		return;
	/* The firmware has used this port, too. */
	dprintf(fd, "\nstatus %d\n", status);
	tcdrain(fd);
	close(fd);
}

int main(void)
{
	int status = 127;
	pid_t child;

	mount_at("devtmpfs", "/dev");
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("tmpfs", "/tmp");
	take_console();
	if (read_command()) {
		fprintf(stderr, "td-init: no command in " COMMAND "\n");
	} else {
		child = fork();
		if (!child)
			run();
		status = child < 0 ? 125 : exit_status(child);
	}
	tell(status);
	tcdrain(1);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
