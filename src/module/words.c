// SPDX-License-Identifier: GPL-2.0-only
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "words.h"

/* "strict or best-effort", "ondemand, eager or off" */
static void list_words(char *buf, size_t size, const char * const *words)
{
	size_t len = 0;
	u32 i;

	for (i = 0; words[i]; i++)
		len += scnprintf(buf + len, size - len, "%s%s",
				 !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

static int set(const char *val, const struct kernel_param *kp)
{
	struct tdx_words *w = kp->arg;
	char list[64];
	u32 i;

	for (i = 0; w->words[i]; i++) {
		if (!strcmp(val, w->words[i])) {
			w->value = i;
			return 0;
		}
	}
	list_words(list, sizeof(list), w->words);
	pr_err("invalid value '%s' for %s: use %s\n", val, kp->name, list);
	return -EINVAL;
}

static int get(char *buf, const struct kernel_param *kp)
{
	const struct tdx_words *w = kp->arg;

	return scnprintf(buf, PAGE_SIZE, "%s\n", w->words[w->value]);
}

const struct kernel_param_ops tdx_words_ops = {
	.set = set,
	.get = get,
};
