// SPDX-License-Identifier: GPL-2.0-only
/* The TDX module's limits for consumers, in the format that KVM reads. */
#include <linux/printk.h>
#include <linux/string.h>

#include "host.h"
#include "tdx_host.h"

/* Written during bring-up, read once the host is initialized. */
static struct tdx_sys_info info;
static bool valid;

static void set_td_conf(struct tdx_sys_info_td_conf *conf, const struct tdx_td_limits *td)
{
	BUILD_BUG_ON(sizeof(conf->cpuid_config_leaves) != sizeof(td->cpuid_leaf));
	BUILD_BUG_ON(sizeof(conf->cpuid_config_values) != sizeof(td->cpuid_value));

	conf->attributes_fixed0 = td->attributes_fixed0;
	conf->attributes_fixed1 = td->attributes_fixed1;
	conf->xfam_fixed0 = td->xfam_fixed0;
	conf->xfam_fixed1 = td->xfam_fixed1;
	conf->max_vcpus_per_td = td->max_vcpus;
	conf->num_cpuid_config = td->nr_cpuid_config;
	memcpy(conf->cpuid_config_leaves, td->cpuid_leaf, sizeof(td->cpuid_leaf));
	memcpy(conf->cpuid_config_values, td->cpuid_value, sizeof(td->cpuid_value));
}

/* Consumers may read it meanwhile. */
void tdx_td_sysinfo_renew(const struct tdx_sysinfo *si)
{
	WRITE_ONCE(info.version.major_version, si->major);
	WRITE_ONCE(info.version.minor_version, si->minor);
	WRITE_ONCE(info.version.update_version, si->update);
}

void tdx_td_sysinfo_set(const struct tdx_sysinfo *si)
{
	struct tdx_sysinfo_fault fault;

	valid = !tdx_td_limits_check(&si->td, &fault);
	if (!valid) {
		pr_warn("no TD can be built: the TDX module's %s (0x%llx): update it\n",
			fault.what, fault.value);
		return;
	}
	tdx_td_sysinfo_renew(si);
	info.features.tdx_features0 = si->features0;
	info.tdmr.max_tdmrs = min_t(u32, si->limits.max_tdmrs, U16_MAX);
	info.tdmr.max_reserved_per_tdmr = si->limits.max_reserved;
	info.tdmr.pamt_4k_entry_size = si->limits.entry_size[TDX_PS_4K];
	info.tdmr.pamt_2m_entry_size = si->limits.entry_size[TDX_PS_2M];
	info.tdmr.pamt_1g_entry_size = si->limits.entry_size[TDX_PS_1G];
	info.td_ctrl.tdr_base_size = si->td.tdr_base_size;
	info.td_ctrl.tdcs_base_size = si->td.tdcs_base_size;
	info.td_ctrl.tdvps_base_size = si->td.tdvps_base_size;
	set_td_conf(&info.td_conf, &si->td);
}

const struct tdx_sys_info *tdx_td_sysinfo(void)
{
	return valid ? &info : NULL;
}
