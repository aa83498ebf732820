// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "log_facts.h"

/* The page allocator does not get this memory. */
#define LOW_MEMORY	(1ULL << 20)

void log_facts_init(struct log_facts *facts)
{
	memset(facts, 0, sizeof(*facts));
	facts->map_start = ~0ULL;
}

/* "[mem 0xFIRST-0xLAST]" after @what. */
static bool range_after(const char *line, const char *what, u64 *start, u64 *end)
{
	const char *s = strstr(line, what);

	if (!s)
		return false;
	s = strstr(s, "[mem 0x");
	if (!s || sscanf(s, "[mem 0x%llx-0x%llx]", start, end) != 2 || *end >= TDX_MAX_PA ||
	    *start >= ++*end)
		return false;
	return true;
}

/* Does the line end as complete lines of the map do, in any version? */
static bool has_e820_type(const char *line)
{
	static const char * const types[] = {
		"usable", "reserved", "unusable", "ACPI data", "ACPI NVS", "persistent (type 7)",
		"persistent (type 12)", "System RAM", "Unusable memory", "Persistent Memory",
		"Soft Reserved", "Unknown E820 type", "Persistent Memory (legacy)",
	};
	const char *s = strchr(line, ']');

	if (!s)
		return false;
	if (strstr(line, "[gap ") || strstr(s, "] type "))
		return true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strstr(s, types[i]))
			return true;
	return false;
}

static void e820_line(struct log_facts *facts, const char *line)
{
	u64 start, end;

	facts->garbled += facts->ends_in_map && facts->cut;
	facts->ends_in_map = true;
	facts->cut = !has_e820_type(line);
	if (!range_after(line, "BIOS-e820:", &start, &end))
		return;
	facts->map_start = tdx_min(facts->map_start, start);
	if (strstr(line, "] usable") || strstr(line, "]  System RAM"))
		facts->usable += end - tdx_min(end, tdx_max(start, LOW_MEMORY));
	if (strstr(line, "soft reserved") || strstr(line, "Soft Reserved"))
		facts->soft_reserved += end - start;
	else if (strstr(line, "] persistent") || strstr(line, "]  Persistent"))
		facts->persistent += end - start;
}

/* "ACPI: SRAT: Node 0 PXM 0 [mem 0x...-0x...] hotplug non-volatile" */
static void srat_line(struct log_facts *facts, const char *line)
{
	struct tdx_range *r = &facts->srat[facts->nr_srat];
	const char *s = strstr(line, "SRAT: Node ");

	if (facts->nr_srat == LOG_MAX_RANGES || strstr(s, "hotplug") || strstr(s, "non-volatile") ||
	    sscanf(s, "SRAT: Node %d ", &r->node) != 1 || r->node < 0 || r->node > 1 << 16 ||
	    !range_after(s, "SRAT:", &r->start, &r->end))
		return;
	facts->nr_srat++;
}

/* "user: [mem 0x...-0x...] usable": the map that replaces the firmware's. */
static void user_line(struct log_facts *facts, const char *line)
{
	struct tdx_range *r = &facts->user[facts->nr_user];

	if (facts->nr_user == LOG_MAX_RANGES ||
	    (!strstr(line, "] usable") && !strstr(line, "]  System RAM")) ||
	    !range_after(line, "user: ", &r->start, &r->end))
		return;
	r->node = -1;
	facts->nr_user++;
}

void log_facts_line(struct log_facts *facts, const char *line)
{
	u64 free_kb, kb, pfn, start, end;
	const char *s;

	if (strstr(line, "BIOS-e820:")) {
		e820_line(facts, line);
		return;
	}
	facts->garbled += facts->ends_in_map && facts->cut;
	facts->ends_in_map = false;
	if (strstr(line, "user: [mem 0x"))
		user_line(facts, line);
	else if (strstr(line, "tdx: Guest detected"))
		facts->td_guest = true;
	else if (strstr(line, "SRAT: Node "))
		srat_line(facts, line);
	else if ((s = strstr(line, "Memory: ")) &&
		 sscanf(s, "Memory: %lluK/%lluK available", &free_kb, &kb) == 2 &&
		 kb < TDX_MAX_PA >> 10)
		facts->total = kb << 10;
	else if ((s = strstr(line, "e820: last_pfn = 0x")) &&
		 sscanf(s, "e820: last_pfn = 0x%llx", &pfn) == 1 && pfn < TDX_MAX_PA >> 12)
		facts->top = tdx_max(facts->top, pfn << 12);
	else if (range_after(line, "Initmem setup node", &start, &end) ||
		 range_after(line, "  Normal   [mem", &start, &end))
		facts->top = tdx_max(facts->top, end);
	else if (strstr(line, "user-defined physical RAM map"))
		facts->user_map = true;
	else if ((s = strstr(line, "  node ")) && strstr(s, ": [mem 0x") &&
		 range_after(s, ": ", &start, &end))
		facts->map_start = tdx_min(facts->map_start, start);
}
