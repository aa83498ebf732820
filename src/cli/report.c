// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdxhost report: all that a bug report needs, in one text.  It has no serial numbers,
 * UUIDs or network addresses: only the product names of DMI, the lines of the kernel log
 * about TDX, and the kernel parameters that matter to TDX.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "cpuinfo.h"
#include "host_files.h"
#include "kernel.h"
#include "klog.h"
#include "options.h"
#include "root.h"

static const char help_text[] =
"usage: tdxhost report [--selftest] [--output FILE]\n"
"\n"
"Writes everything that a bug report about TDX on this host needs: versions, the output\n"
"of status, check and plan, the longest run of each leaf of the TDX module, and the\n"
"kernel's messages about TDX.  The report contains no serial numbers, and no addresses\n"
"other than memory ranges.  Run it as root.\n"
"\n"
"  --selftest     also run 'tdxhost selftest', which loads a kernel module and creates TDs\n"
"  --output FILE  write to FILE instead of standard output\n"
"  --help\n";

static void heading(const char *text)
{
	printf("\n== %s\n", text);
}

static void file_line(const char *label, const char *path)
{
	char line[512];

	if (root_line(line, sizeof(line), "%s", path) > 0)
		printf("%-18s %s\n", label, line);
}

static void os_name(void)
{
	FILE *f = root_open("/etc/os-release");
	char line[256];

	if (!f)
		return;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "PRETTY_NAME=", 12))
			printf("%-18s %s", "distribution", line + 12);
	fclose(f);
}

static void command_line(void)
{
	static const char * const names[] = {
		"nosmt", "maxcpus", "nr_cpus", "possible_cpus", "nohz_full", "isolcpus", "mem",
		"memmap", "nohibernate", "noresume", "kvm_intel.tdx", "lockdown",
		"module.sig_enforce", "init_on_alloc", "tdx_host.init", "tdx_host.policy",
		"tdx_host.coverage", "tdx_host.flush", "tdx_host.cpus", "tdx_host.offline_cpus",
	};
	char value[256];

	printf("%-18s", "parameters");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (kernel_param(names[i], value, sizeof(value)))
			printf(" %s%s%s", names[i], value[0] ? "=" : "", value);
	putchar('\n');
}

static void machine(void)
{
	struct cpuinfo cpu;

	heading("Machine");
	file_line("vendor", "/sys/class/dmi/id/sys_vendor");
	file_line("product", "/sys/class/dmi/id/product_name");
	file_line("board", "/sys/class/dmi/id/board_name");
	file_line("BIOS vendor", "/sys/class/dmi/id/bios_vendor");
	file_line("BIOS version", "/sys/class/dmi/id/bios_version");
	file_line("BIOS date", "/sys/class/dmi/id/bios_date");
	cpuinfo_read(&cpu);
	printf("%-18s %s, family %u model 0x%x stepping %u, microcode %s\n", "CPU", cpu.name,
	       cpu.family, cpu.model, cpu.stepping, cpu.microcode);
	file_line("CPUs present", "/sys/devices/system/cpu/present");
	file_line("CPUs online", "/sys/devices/system/cpu/online");
	file_line("SMT", "/sys/devices/system/cpu/smt/control");
	file_line("NUMA nodes", "/sys/devices/system/node/online");
	os_name();
	file_line("kernel", "/proc/sys/kernel/osrelease");
	file_line("kernel build", "/proc/sys/kernel/version");
	command_line();
}

static bool about_tdx(const char *line)
{
	static const char * const words[] = {
		"tdx", "seam", "keyid", "x86/tme", "x86/mktme", "CMR:", "TDMR", "SGX",
	};

	/* The command line has been shown, as far as it matters. */
	if (strcasestr(line, "command line:"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(line, words[i]))
			return true;
	return false;
}

static void kernel_log(void)
{
	FILE *f = klog_open();
	char *line = NULL;
	size_t room = 0;

	heading("Kernel log lines about TDX");
	if (!f) {
		printf("could not be read: %s\n", strerror(errno));
		return;
	}
	while (getline(&line, &room, f) > 0)
		if (about_tdx(line))
			fputs(line, stdout);
	free(line);
	fclose(f);
}

static void times(void)
{
	FILE *f = host_times_open();
	struct host_time t;

	heading("Longest run of each leaf since tdx_host was loaded");
	if (!f) {
		printf("could not be read: %s\n", strerror(errno));
		return;
	}
	while (host_time_next(f, &t))
		printf("%-28s %12llu ns %14llu cycles\n", t.name, t.ns, t.cycles);
	fclose(f);
}

/* Runs a command of tdxhost: its output, then its exit status. */
static void run(const char *title, int (*command)(int, char **), char *name)
{
	char *argv[] = { name, NULL };
	int ret;

	heading(title);
	fflush(stdout);
	ret = command(1, argv);
	printf("exit status %d\n", ret);
}

static int write_report(bool selftest)
{
	printf("tdxhost report, tdxhost %s\n", TDXHOST_VERSION);
	if (geteuid())
		puts("not run as root: MSRs, the kernel log and the plan are incomplete");
	machine();
	run("tdxhost status", cmd_status, "status");
	run("tdxhost check", cmd_check, "check");
	run("tdxhost plan", cmd_plan, "plan");
	if (selftest)
		run("tdxhost selftest", cmd_selftest, "selftest");
	times();
	kernel_log();
	return CLI_YES;
}

int cmd_report(int argc, char **argv)
{
	const char *output = NULL;
	bool selftest = false;
	const struct cli_option options[] = {
		OPTION_FLAG("selftest", &selftest),
		OPTION_STRING("output", &output),
		OPTION_END
	};
	int ret = options_parse(argc, argv, options, help_text, NULL);

	if (ret >= 0)
		return ret;
	if (output && !freopen(output, "w", stdout)) {
		fprintf(stderr, "tdxhost report: %s: %s\n", output, strerror(errno));
		return CLI_USAGE;
	}
	return write_report(selftest);
}
