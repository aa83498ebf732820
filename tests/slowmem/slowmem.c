// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that comes online slowly: ms milliseconds pass between the agreement of all
 * notifiers and the memory's coming online.
 */
#include <linux/delay.h>
#include <linux/memory.h>
#include <linux/module.h>

static uint ms = 500;
module_param(ms, uint, 0444);
MODULE_PARM_DESC(ms, "Milliseconds from agreed to online");
static bool busy;
module_param(busy, bool, 0444);
MODULE_PARM_DESC(busy, "Some is on its way");

static int on_memory(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == MEM_GOING_ONLINE) {
		WRITE_ONCE(busy, true);
		msleep(ms);
		WRITE_ONCE(busy, false);
	}
	return NOTIFY_OK;
}

/* Behind tdx_host's. */
static struct notifier_block memory_nb = {
	.notifier_call = on_memory,
	.priority = -1,
};

static int __init slowmem_init(void)
{
	return register_memory_notifier(&memory_nb);
}

static void __exit slowmem_exit(void)
{
	unregister_memory_notifier(&memory_nb);
}

module_init(slowmem_init);
module_exit(slowmem_exit);
MODULE_DESCRIPTION("Memory that comes online slowly");
MODULE_LICENSE("GPL");
