// SPDX-License-Identifier: GPL-2.0-only
/* Load and unload: creates the machine and connects it to the emulated instructions. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/vmalloc.h>

#include "run.h"
#include "sim.h"

struct tdxm *sim_model;

static int model_make(void)
{
	const struct tdxm_host host = {
		.page = sim_page, .dwell = sim_dwell, .run = sim_config.guests ? run_td : NULL,
		.cpuid = sim_config.guests ? sim_cpuid : NULL,
		.hide = sim_config.guests ? run_hide : NULL,
	};
	struct tdxm_machine machine = sim_config.machine;
	int ret;
	u32 i;

	/* Without these the SEAM loader would not have run. */
	machine.loaded &= sim_config.vmx &&
			  (sim_config.seamrr == SEAMRR_ON || sim_config.seamrr == SEAMRR_HIDDEN) &&
			  (sim_config.tme == TME_ON || sim_config.tme == TME_HIDDEN) &&
			  machine.nr_tdx_keyids;

	sim_model = vzalloc(tdxm_size());
	if (!sim_model)
		return -ENOMEM;
	if (tdxm_create(sim_model, &machine, &host)) {
		pr_err("the parameters describe no machine a TDX module could run on\n");
		vfree(sim_model);
		return -EINVAL;
	}
	if (sim_exits_set()) {
		vfree(sim_model);
		return -EINVAL;
	}
	tdxm_set_past(sim_model, sim_config.past);
	for (i = 0; i < sim_config.nr_overrides; i++)	/* as many as the model takes */
		tdxm_override_field(sim_model, sim_config.overrides[i].field,
				    sim_config.overrides[i].value);
	ret = sim_faults_set();
	if (ret)
		vfree(sim_model);
	return ret;
}

static void log_machine(void)
{
	const struct tdxm_machine *m = &sim_config.machine;
	u32 i;

	pr_info("simulated TDX module behind SEAMCALL: %u LPs, %u + %u KeyIDs\n",
		m->nr_lps, m->nr_mktme_keyids, m->nr_tdx_keyids);
	for (i = 0; i < m->nr_cmrs; i++)
		pr_info("CMR [%#llx, %#llx)\n", m->cmrs[i].base,
			m->cmrs[i].base + m->cmrs[i].size);
}

static int __init sim_init(void)
{
	int ret = sim_config_read();

	if (ret)
		return ret;
	ret = run_init();
	if (ret)
		return ret;
	ret = model_make();
	if (ret)
		goto exit_run;
	ret = sim_real_init();
	if (ret)
		goto free_model;
	ret = sim_caps_set();
	if (ret)
		goto exit_real;
	ret = sim_flush_probe_init();
	if (ret)
		goto restore_caps;
	ret = sim_vmx_init();
	if (ret)
		goto exit_flush_probe;
	ret = sim_trap_init();
	if (ret)
		goto exit_vmx;
	if (sim_config.vmx_owner)
		sim_set_owner(OWNER_VMX);
	ret = sim_report_init();
	if (ret)
		goto exit_trap;
	ret = sim_last_init();
	if (ret)
		goto exit_report;
	ret = sim_targets_init();
	if (ret)
		goto exit_last;
	log_machine();
	return 0;

exit_last:
	sim_last_exit();
exit_report:
	sim_report_exit();
exit_trap:
	sim_trap_exit();
exit_vmx:
	sim_vmx_exit();
exit_flush_probe:
	sim_flush_probe_exit();
restore_caps:
	sim_caps_restore();
exit_real:
	sim_real_exit();
free_model:
	vfree(sim_model);
exit_run:
	run_exit();
	return ret;
}

static void __exit sim_exit(void)
{
	sim_targets_exit();
	sim_last_exit();
	sim_report_exit();
	sim_trap_exit();
	sim_vmx_exit();
	sim_flush_probe_exit();
	sim_caps_restore();
	sim_real_exit();
	vfree(sim_model);
	run_exit();
}

module_init(sim_init);
module_exit(sim_exit);
MODULE_DESCRIPTION("Simulated TDX module behind the SEAMCALL instruction");
MODULE_LICENSE("GPL");
