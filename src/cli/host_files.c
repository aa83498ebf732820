// SPDX-License-Identifier: GPL-2.0-only
#include "host_files.h"
#include "root.h"

static const char * const state_names[HOST_STATE_NR] = {
	[HOST_NO_DRIVER] = "",
	[HOST_UNSUPPORTED] = "unsupported",
	[HOST_OFF] = "off",
	[HOST_UNINITIALIZED] = "uninitialized",
	[HOST_INITIALIZING] = "initializing",
	[HOST_INITIALIZED] = "initialized",
	[HOST_NOT_LOADED] = "not-loaded",
	[HOST_FAILED] = "failed",
	[HOST_SHUTDOWN] = "shutdown",
	[HOST_INSTALLING] = "installing",
};

enum host_state host_state_of(const char *word)
{
	enum host_state state = 0;

	while (state < HOST_STATE_NR && strcmp(word, state_names[state]))
		state++;
	return state;
}

enum host_state host_state(void)
{
	char word[32];

	root_line(word, sizeof(word), HOST_DIR "/state");
	return host_state_of(word);
}

const char *host_state_name(enum host_state state)
{
	return state < HOST_STATE_NR ? state_names[state] : "unknown";
}

bool host_last_error(char *buf, size_t size)
{
	int len = root_line(buf, size, HOST_DIR "/last_error");

	if (len != -EACCES)
		return len > 0;
	snprintf(buf, size, "only root can read " HOST_DIR "/last_error, which says why: run as root");
	return true;
}

bool host_doubts(const char *word)
{
	char line[256], *rest = line, *at;

	root_line(line, sizeof(line), HOST_DIR "/bios_warnings");
	while ((at = strsep(&rest, " ")))
		if (!strcmp(at, word))
			return true;
	return false;
}

FILE *host_times_open(void)
{
	return root_open(HOST_DEBUG_DIR "/times");
}

bool host_time_next(FILE *f, struct host_time *t)
{
	char line[128];

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%47s %llu %llu", t->name, &t->ns, &t->cycles) == 3)
			return true;
	return false;
}

void host_progress_read(struct host_progress *p)
{
	char line[96];

	memset(p, 0, sizeof(*p));
	root_line(line, sizeof(line), HOST_DIR "/progress");
	if (sscanf(line, "%31s %u %u", p->step, &p->done, &p->total) != 3)
		memset(p, 0, sizeof(*p));
}

bool host_running(const struct host_progress *p)
{
	return p->step[0] && strcmp(p->step, "idle");
}
