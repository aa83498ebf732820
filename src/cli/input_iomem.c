// SPDX-License-Identifier: GPL-2.0-only
/* Memory of this host: /proc/iomem, the nodes' memory blocks, tdx_host's CMRs. */
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

#include "host_files.h"
#include "plan_input.h"
#include "root.h"

/* "  00100000-5d168fff : System RAM" at any depth; other resources do not matter. */
static int parse_line(struct plan_input *in, struct plan_ranges *ram, const char *s,
		      unsigned int line, bool *hidden)
{
	u64 start, last;

	while (*s == ' ')
		s++;
	if (!input_hex(&s, &start) || *s++ != '-' || !input_hex(&s, &last) ||
	    strncmp(s, " : ", 3) || last == ~0ULL || last < start)
		return input_error(in, line, "not a resource: no FIRST-LAST : NAME");
	if (strncmp(s + 3, "System RAM", 10))
		return 0;
	if (!last) {
		*hidden = true;
		return 0;
	}
	if (!strncmp(s + 3, "System RAM (kmem)", 17)) {
		int err = input_add(in, &in->never, start, last + 1, -1, line);

		if (err)
			return err;
	}
	return input_add(in, ram, start, last + 1, -1, line);
}

int input_iomem(struct plan_input *in, FILE *f)
{
	struct plan_ranges ram = { 0 };
	unsigned int line = 0;
	bool hidden = false;
	char *text = NULL;
	size_t size = 0;
	int err = 0;

	memset(in, 0, sizeof(*in));
	while (!err && getline(&text, &size, f) >= 0)
		err = parse_line(in, &ram, text, ++line, &hidden);
	if (!err && ferror(f))
		err = input_error(in, line + 1, "cannot be read");
	if (!err)
		err = input_sort(in, &ram);
	if (!err)
		err = input_sort(in, &in->never);
	if (!err)
		err = input_set_ram(in, &ram);
	if (!err && hidden)
		err = -EACCES;
	if (!err && !in->nr_ram)
		err = input_error(in, 0, "it lists no System RAM");
	free(text);
	free(ram.at);
	return err;
}

/* ---- nodes ---- */

struct block {
	u64 nr;
	s32 node;
};

struct blocks {
	struct block *at;
	size_t nr;
	size_t room;
	u64 size;
};

static int add_block(struct blocks *blocks, u64 nr, s32 node)
{
	if (blocks->nr == blocks->room) {
		size_t room = blocks->room ? blocks->room * 2 : 256;
		void *at = realloc(blocks->at, room * sizeof(*blocks->at));

		if (!at)
			return -ENOMEM;
		blocks->at = at;
		blocks->room = room;
	}
	blocks->at[blocks->nr++] = (struct block){ nr, node };
	return 0;
}

/* The decimal number that follows @prefix, and nothing after it. */
static bool number_after(const char *name, const char *prefix, u64 *nr)
{
	size_t len = strlen(prefix);
	char *end;

	if (strncmp(name, prefix, len) || name[len] < '0' || name[len] > '9')
		return false;
	errno = 0;
	*nr = strtoull(name + len, &end, 10);
	return !errno && !*end;
}

static int read_node(struct blocks *blocks, s32 node)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int err = 0;
	DIR *dir;
	u64 nr;

	if (root_path(path, sizeof(path), "/sys/devices/system/node/node%d", node))
		return 0;
	dir = opendir(path);
	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir)))
		if (number_after(entry->d_name, "memory", &nr))
			err = add_block(blocks, nr, node);
	closedir(dir);
	return err;
}

static int by_nr(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return x->nr < y->nr ? -1 : x->nr > y->nr;
}

static int read_blocks(struct blocks *blocks)
{
	char path[PATH_MAX], line[32];
	const char *s = line;
	struct dirent *entry;
	int err = 0;
	DIR *dir;
	u64 node;

	if (root_line(line, sizeof(line), "/sys/devices/system/memory/block_size_bytes") < 0 ||
	    !input_hex(&s, &blocks->size) || !blocks->size || blocks->size & (TDX_SZ_4K - 1) ||
	    root_path(path, sizeof(path), "/sys/devices/system/node"))
		return 0;
	dir = opendir(path);
	if (!dir)
		return 0;
	while (!err && (entry = readdir(dir)))
		if (number_after(entry->d_name, "node", &node) && node <= 1 << 16)
			err = read_node(blocks, node);
	closedir(dir);
	if (blocks->nr)
		qsort(blocks->at, blocks->nr, sizeof(*blocks->at), by_nr);
	return err;
}

static s32 node_at(const struct blocks *blocks, u64 addr)
{
	struct block key = { .nr = addr / blocks->size }, *found;

	found = bsearch(&key, blocks->at, blocks->nr, sizeof(key), by_nr);
	return found ? found->node : -1;
}

static int set_nodes(struct plan_input *in, const struct blocks *blocks)
{
	struct plan_ranges ram = { 0 };
	u64 start, end;
	int err = 0;
	u32 i;

	for (i = 0; i < in->nr_ram && !err; i++)
		for (start = in->ram[i].start; start < in->ram[i].end && !err; start = end) {
			end = tdx_min(in->ram[i].end, (start / blocks->size + 1) * blocks->size);
			err = input_add(in, &ram, start, end, node_at(blocks, start), 0);
		}
	if (!err)
		err = input_sort(in, &ram);
	if (!err) {
		free(in->ram);
		err = input_set_ram(in, &ram);
	}
	free(ram.at);
	return err;
}

/* ---- CMRs ---- */

/* tdx_host lists them, one a line, once it has read them from the TDX module. */
static void read_cmrs(struct plan_input *in)
{
	FILE *f = root_open(HOST_DEBUG_DIR "/cmrs");
	char line[80];
	u64 start, end;
	const char *s;

	if (!f)
		return;
	while (in->nr_cmr < TDX_MAX_CMRS && fgets(line, sizeof(line), f)) {
		s = line + 1;
		if (line[0] != '[' || !input_hex(&s, &start) || strncmp(s, ", ", 2))
			break;
		s += 2;
		if (!input_hex(&s, &end))
			break;
		in->cmr[in->nr_cmr++] = (struct tdx_range){ start, end, -1 };
	}
	if (!tdx_ranges_valid(in->cmr, in->nr_cmr))
		in->nr_cmr = 0;
	fclose(f);
}

int input_host(struct plan_input *in)
{
	struct blocks blocks = { 0 };
	int err = read_blocks(&blocks);

	if (!err && blocks.nr)
		err = set_nodes(in, &blocks);
	free(blocks.at);
	read_cmrs(in);
	return err;
}
