// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel logged at boot about BIOS settings, for use when MSRs cannot be read:
 * detect_tme() in arch/x86/kernel/cpu/intel.c, and the TDX code of kernels that have it.
 */
#include <stdlib.h>

#include "check.h"
#include "klog.h"

struct said {
	enum { UNSAID, OFF, ON } tme, mktme;
	int nr_keyids;		/* TME-MT and TDX together; 0: not logged */
	unsigned int tdx_start, tdx_end;	/* 0: not logged */
};

static void take(struct said *said, const char *line)
{
	const char *s;

	if (strstr(line, "x86/tme: enabled by BIOS"))
		said->tme = ON;
	else if (strstr(line, "x86/tme: not enabled by BIOS"))
		said->tme = OFF;
	else if (strstr(line, "x86/mktme: enabled by BIOS"))
		said->mktme = ON;
	else if (strstr(line, "x86/mktme: disabled by BIOS"))
		said->mktme = OFF;
	else if ((s = strstr(line, "x86/mktme: ")) && strstr(s, "KeyIDs available"))
		said->nr_keyids = atoi(s + strlen("x86/mktme: "));
	else if ((s = strstr(line, "BIOS enabled: private KeyID range [")))
		sscanf(s, "BIOS enabled: private KeyID range [%u, %u)", &said->tdx_start,
		       &said->tdx_end);
}

static struct said read_log(void)
{
	struct said said = { 0 };
	FILE *f = klog_open();
	char *line = NULL;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0)
		take(&said, line);
	free(line);
	if (f)
		fclose(f);
	return said;
}

static void say_keyids(struct check *c, const struct said *said)
{
	if (said->tdx_end)
		check_pass(c, "keyids", "TDX KeyIDs [%u, %u), according to the kernel log", said->tdx_start,
			   said->tdx_end);
	else if (said->mktme == OFF)
		check_say(c, &(struct finding){ .result = FAIL, .name = "keyids",
			  .wanted = "at least 2 TDX KeyIDs", .follows = check_failed(c, "tme"),
			  .remedy = "enable \"Total Memory Encryption Multi-Tenant (TME-MT)\" in BIOS, and disable \"Limit CPU PA to 46 bits\"",
			  .if_set = "see bios_setup below" },
			  "no KeyIDs: TME-MT is off, according to the kernel log");
	else if (said->nr_keyids > 0)
		check_say(c, &(struct finding){ .result = SKIP, .name = "keyids", .undecided = true },
			  "%d KeyIDs, according to the kernel log; only an MSR says how many of them are for TDX",
			  said->nr_keyids);
}

void check_log(struct check *c)
{
	struct said said = read_log();

	if (said.tme == OFF)
		check_say(c, &(struct finding){ .result = said.tdx_end ? WARN : FAIL,
			  .name = "tme", .wanted = "locked and enabled", .undecided = said.tdx_end,
			  .remedy = "enable \"Total Memory Encryption (TME)\" in BIOS",
			  .if_set = "see bios_setup below" }, "off, according to the kernel log");
	else if (said.tme == ON)
		check_pass(c, "tme", "on, according to the kernel log");
	say_keyids(c, &said);
}
