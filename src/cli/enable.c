// SPDX-License-Identifier: GPL-2.0-only
/* tdxhost enable: load tdx_host if necessary, bring up TDX, report the result. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli.h"
#include "host_files.h"
#include "kernel.h"
#include "load.h"
#include "online.h"
#include "options.h"
#include "out.h"
#include "progress.h"
#include "root.h"

static const char help_text[] =
"usage: tdxhost enable [--wait] [--online-cpus] [PARAMETER=VALUE]...\n"
"\n"
"Loads tdx_host with the given parameters (see tdx_host(4)) if it is not loaded, and\n"
"starts bring-up of the TDX module.\n"
"\n"
"  --wait         wait until bring-up has succeeded or failed, and show progress\n"
"  --online-cpus  bring offline CPUs and SMT siblings online during bring-up, as\n"
"                 older TDX modules require; implies --wait\n"
"  --help\n"
"\n"
"Exit status: 0 initialized (without --wait: or in progress), 1 failed, 2 bad\n"
"usage, 3 could not tell (for example not root).\n";

struct request {
	bool wait;
	bool online_cpus;
	char params[1024];
};

static bool is_final(enum host_state state)
{
	return state != HOST_UNINITIALIZED && state != HOST_INITIALIZING &&
	       state != HOST_INSTALLING;
}

static void print_success(void)
{
	char version[32], bytes[32], text[32];
	u64 memory, us;

	root_line(version, sizeof(version), HOST_DIR "/version");
	out_colored(OUT_GREEN, "initialized");
	printf(": TDX module %s", version[0] ? version : "of unknown version");
	if (!root_u64(&memory, HOST_DIR "/tdx_memory_bytes"))
		printf(", %s of memory", out_bytes(bytes, sizeof(bytes), memory));
	if (!root_u64(&us, HOST_DIR "/init_time_us")) {
		snprintf(text, sizeof(text), "%.3f", us / 1e6);
		printf(", in %s s", text);
	}
	putchar('\n');
}

static int report_state(enum host_state state)
{
	char error[512];

	if (state == HOST_INITIALIZED) {
		print_success();
		return CLI_YES;
	}
	if (!is_final(state)) {
		printf("%s: 'tdxhost status --watch' shows progress\n", host_state_name(state));
		return CLI_YES;
	}
	out_colored(OUT_RED, state == HOST_NO_DRIVER ? "tdx_host is not loaded" : host_state_name(state));
	printf(": %s\n", host_last_error(error, sizeof(error)) ? error :
	       state == HOST_OFF ? "tdx_host was loaded with init=off: reload it without that" :
	       "no reason recorded; see 'tdxhost check'");
	return CLI_NO;
}

static bool begun(void)
{
	return host_state() == HOST_INITIALIZING;
}

static int bring_up(const struct request *r)
{
	int err = progress_of_write(HOST_DIR "/enable", "1\n", r->wait ? NULL : begun);

	if (err == -EACCES || err == -EPERM || err == -ENOENT) {
		fprintf(stderr, "tdxhost enable: %s/enable: %s%s\n", HOST_DIR, strerror(-err),
			err == -ENOENT ? "" : "; run as root");
		return CLI_UNKNOWN;
	}
	return report_state(host_state());
}

/* On such a kernel, tdx_host is the name of upstream's driver, and KVM brings up the TDX module. */
static bool kernel_does_it(void)
{
	struct utsname name;

	if (host_state() != HOST_NO_DRIVER || uname(&name) ||
	    kernel_has_tdx(name.release) != KCONFIG_YES)
		return false;
	fprintf(stderr, "tdxhost enable: %s has TDX host support of its own: kvm_intel.tdx=1 on the kernel command line brings up TDX; 'tdxhost check' says what is missing\n",
		name.release);
	return true;
}

static int load_and_bring_up(const struct request *r)
{
	enum host_state state = host_state();

	if (state != HOST_NO_DRIVER && r->params[0]) {
		fprintf(stderr, "tdxhost enable: tdx_host is already loaded (state %s), so %s has no effect: run 'modprobe -r tdx_host' first\n",
			host_state_name(state), r->params);
		return CLI_USAGE;
	}
	if (state == HOST_NO_DRIVER && load_module("tdx_host", r->params))
		return geteuid() ? CLI_UNKNOWN : CLI_NO;
	state = host_state();
	if (is_final(state))
		return report_state(state);
	return bring_up(r);
}

/* Signals are blocked, so that no CPU is left online by accident. */
static int with_cpus_online(const struct request *r)
{
	struct online online;
	sigset_t signals;
	int ret;

	if (host_state() == HOST_INITIALIZED)
		return load_and_bring_up(r);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	ret = online_all(&online);
	if (ret) {
		ret = geteuid() ? CLI_UNKNOWN : CLI_NO;
	} else {
		ret = load_and_bring_up(r);
		online_restore(&online);
	}
	fflush(stdout);
	sigprocmask(SIG_UNBLOCK, &signals, NULL);
	return ret;
}

static bool add_param(struct request *r, const char *param)
{
	size_t len = strlen(r->params);

	if (!strchr(param, '=') || param[0] == '=' || strpbrk(param, " \t\n\""))
		return false;
	return (size_t)snprintf(r->params + len, sizeof(r->params) - len, "%s%s",
				len ? " " : "", param) < sizeof(r->params) - len;
}

int cmd_enable(int argc, char **argv)
{
	struct request r = { 0 };
	const struct cli_option options[] = {
		OPTION_FLAG("wait", &r.wait),
		OPTION_FLAG("online-cpus", &r.online_cpus),
		OPTION_END
	};
	int first, ret = options_parse(argc, argv, options, help_text, &first);

	if (ret >= 0)
		return ret;
	r.wait |= r.online_cpus;
	if (kernel_does_it())
		return CLI_NO;
	for (; first < argc; first++)
		if (!add_param(&r, argv[first]))
			return usage_error("enable", "'%s' is not PARAMETER=VALUE", argv[first]);
	return r.online_cpus ? with_cpus_online(&r) : load_and_bring_up(&r);
}
