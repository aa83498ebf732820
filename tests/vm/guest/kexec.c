// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec [-p] KERNEL INITRD COMMANDLINE: boots another kernel; with -p only loads
 * it, for the kernel to boot when it panics.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kexec.h>

int main(int argc, char **argv)
{
	int on_panic = argc == 5 && !strcmp(argv[1], "-p");
	char **arg = argv + 1 + on_panic;
	int kernel, initrd;

	if (argc != 4 + on_panic) {
		fprintf(stderr, "usage: kexec [-p] KERNEL INITRD COMMANDLINE\n");
		return 2;
	}
	kernel = open(arg[0], O_RDONLY);
	initrd = open(arg[1], O_RDONLY);
	if (kernel < 0 || initrd < 0) {
		perror("kexec: kernel and initrd");
		return 1;
	}
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(arg[2]) + 1, arg[2],
		    on_panic ? KEXEC_FILE_ON_CRASH : 0)) {
		perror("kexec_file_load");
		return 1;
	}
	if (on_panic)
		return 0;
	reboot(RB_KEXEC);
	perror("reboot");
	return 1;
}
