// SPDX-License-Identifier: GPL-2.0-only
/*
 * The modules under test, from MODULE_STATE_COMING to MODULE_STATE_GOING.  Each holds a
 * reference to the simulator, which cannot be unloaded before them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pfn.h>

#include "sim.h"

#define MAX_TARGETS	4

static struct target {
	struct module *mod;	/* NULL: free */
	struct sim_probes *probes;
} targets[MAX_TARGETS];

/* Of a module that runs, so that it cannot go meanwhile. */
struct module *sim_target_of(unsigned long ip)
{
	int i;

	for (i = 0; i < MAX_TARGETS; i++) {
		struct module *mod = READ_ONCE(targets[i].mod);

		if (mod && within_module(ip, mod))
			return mod;
	}
	return NULL;
}

static struct target *slot_of(const struct module *mod)
{
	int i;

	for (i = 0; i < MAX_TARGETS; i++) {
		if (targets[i].mod == mod)
			return &targets[i];
	}
	return NULL;
}

static int coming(struct module *mod)
{
	struct target *t = slot_of(NULL);

	if (!t)
		return -ENOSPC;
	if (!try_module_get(THIS_MODULE))
		return -EBUSY;
	t->probes = sim_probes_plant(mod);
	if (IS_ERR(t->probes)) {
		module_put(THIS_MODULE);
		return PTR_ERR(t->probes);
	}
	WRITE_ONCE(t->mod, mod);
	return 0;
}

/* Given back, and not yet somebody else's. */
static bool page_is_free(void *ctx, u64 pa)
{
	return sim_page(ctx, pa) && !page_count(pfn_to_page(PHYS_PFN(pa)));
}

static void going(struct module *mod)
{
	struct target *t = slot_of(mod);

	if (!t)
		return;
	sim_check_left_on();
	tdxm_check_freed(sim_model, page_is_free);
	sim_violations_name();
	WRITE_ONCE(t->mod, NULL);
	sim_probes_remove(t->probes);
	module_put(THIS_MODULE);
}

static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	struct module *mod = data;
	int ret;

	if (!sim_config_is_target(mod->name))
		return NOTIFY_DONE;
	if (state == MODULE_STATE_GOING)
		going(mod);
	if (state != MODULE_STATE_COMING)
		return NOTIFY_OK;

	ret = coming(mod);
	if (ret)
		pr_err("%s cannot be loaded for testing: error %d\n", mod->name, ret);
	return notifier_from_errno(ret);
}

static struct notifier_block module_nb = {
	.notifier_call = on_module,
};

int sim_targets_init(void)
{
	return register_module_notifier(&module_nb);
}

void sim_targets_exit(void)
{
	unregister_module_notifier(&module_nb);
}
