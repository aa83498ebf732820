// SPDX-License-Identifier: GPL-2.0-only
/* Is there memory for PAMTs, and how much of it is free in large pieces already? */
#include <stdlib.h>

#include "check.h"
#include "out.h"
#include "root.h"

/* The PAMT of 1 GB: 4 MB + 8 KB + 4 KB at 16 bytes an entry, in pieces of at least 4 MB. */
#define PAMT_PER_GB	((4ULL << 20) + (12 << 10))
#define PIECE		(4ULL << 20)
#define PAGE		4096ULL
#define MAX_ORDERS	16

static bool meminfo(const char *key, u64 *bytes)
{
	FILE *f = root_open("/proc/meminfo");
	size_t len = strlen(key);
	char line[128];
	bool found = false;

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		if (strncmp(line, key, len) || line[len] != ':')
			continue;
		*bytes = strtoull(line + len + 1, NULL, 10) << 10;
		found = true;
	}
	fclose(f);
	return found;
}

/* "Node 0, zone   Normal    12   3 ...": free blocks of 1, 2, 4, ... pages. */
static u64 free_in_pieces(void)
{
	FILE *f = root_open("/proc/buddyinfo");
	char line[512], *s, *end;
	u64 bytes = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		s = strstr(line, "zone");
		if (!s)
			continue;
		s += 4;
		s += strspn(s, " ");
		s += strcspn(s, " ");
		for (int order = 0; order < MAX_ORDERS; order++, s = end) {
			u64 blocks = strtoull(s, &end, 10);

			if (end == s)
				break;
			if (PAGE << order >= PIECE)
				bytes += blocks * (PAGE << order);
		}
	}
	fclose(f);
	return bytes;
}

/*
 * CXL and persistent memory that the dax driver kmem has turned into RAM: it is in no CMR.
 * Everybody can read the names in /proc/iomem, only root the addresses.
 */
static u64 kmem_ranges(u64 *bytes)
{
	FILE *f = root_open("/proc/iomem");
	u64 start, last, nr = 0;
	char line[160];

	*bytes = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (!strstr(line, " : System RAM (kmem)"))
			continue;
		nr++;
		if (sscanf(line, " %llx-%llx", &start, &last) == 2 && last > start)
			*bytes += last - start + 1;
	}
	if (f)
		fclose(f);
	return nr;
}

/* CXL and persistent memory that is not RAM: top-level resources. */
static u64 other_memory(void)
{
	FILE *f = root_open("/proc/iomem");
	u64 start, last, bytes = 0;
	char line[160];

	while (f && fgets(line, sizeof(line), f))
		if (line[0] != ' ' && (strstr(line, " : Soft Reserved") || strstr(line, " : CXL Window") ||
				       strstr(line, " : Persistent Memory")) &&
		    sscanf(line, "%llx-%llx", &start, &last) == 2 && last > start)
			bytes += last - start + 1;
	if (f)
		fclose(f);
	return bytes;
}

static void say_other_memory(struct check *c)
{
	u64 bytes = other_memory();
	char size[32];

	if (bytes)
		check_pass(c, "memory_kind", "%s of CXL or persistent memory is not used as RAM: keep it that way (devdax), because it is never convertible",
			   out_bytes(size, sizeof(size), bytes));
}

static bool best_effort(void)
{
	char policy[16];

	root_line(policy, sizeof(policy), "/sys/module/tdx_host/parameters/policy");
	return !strcmp(policy, "best-effort");
}

void check_memory_kind(struct check *c)
{
	u64 bytes, nr = kmem_ranges(&bytes);
	char size[32];

	if (c->state == HOST_INITIALIZED)
		return;
	if (!nr) {
		say_other_memory(c);
		return;
	}
	check_say(c, &(struct finding){ .result = best_effort() ? WARN : FAIL, .name = "memory_kind",
		  .wanted = "no RAM from CXL or persistent memory: the firmware never makes it convertible",
		  .remedy = best_effort() ? "none needed; this memory just cannot be TD memory" :
			    c->own_tdx ? "keep it offline until TDX is up: daxctl offline-memory, or daxctl reconfigure-device --mode=devdax" :
			    "load tdx_host with policy=best-effort, which leaves this memory out; or take it offline: daxctl reconfigure-device --mode=devdax" },
		  "%s%s is CXL or persistent memory (kmem)%s",
		  bytes ? out_bytes(size, sizeof(size), bytes) : "some RAM", bytes ? " of RAM" : "",
		  best_effort() ? ", left out by policy=best-effort" : "");
}

void check_memory(struct check *c)
{
	u64 total, available, pieces, need;
	char a[32], b[32], d[32];

	if (c->state == HOST_INITIALIZED)
		return;
	if (!meminfo("MemTotal", &total) || !meminfo("MemAvailable", &available)) {
		check_say(c, &(struct finding){ .result = SKIP, .name = "memory", .undecided = true },
			  "/proc/meminfo could not be read");
		return;
	}
	need = ((total + (1ULL << 30) - 1) >> 30) * PAMT_PER_GB;
	pieces = free_in_pieces();
	out_bytes(a, sizeof(a), need);
	out_bytes(b, sizeof(b), available);
	out_bytes(d, sizeof(d), pieces);
	if (available < need)
		check_say(c, &(struct finding){ .result = FAIL, .name = "memory",
			  .wanted = "0.4 % of memory for PAMTs",
			  .remedy = "free memory, or bring up TDX earlier after boot (init=eager)" },
			  "PAMTs need about %s, %s is available", a, b);
	else if (pieces < need)
		check_say(c, &(struct finding){ .result = WARN, .name = "memory",
			  .wanted = "free memory in blocks of at least 4 MB",
			  .remedy = "tdx_host will move pages to make room; if that fails: echo 1 > /proc/sys/vm/compact_memory, or bring up TDX earlier after boot" },
			  "PAMTs need about %s, %s is free in blocks of 4 MB or more", a, d);
	else
		check_pass(c, "memory", "PAMTs need about %s, %s is free in blocks of 4 MB or more",
			   a, d);
}
