// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/tdx_host, which is a link to the platform device: one value per file.
 * Only a write to `enable` waits for a bring-up that is running.
 */
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "host.h"
#include "tdx_host.h"

static struct platform_device *pdev;

/* A file is empty until its value is @ready. */
#define TDX_SHOW(name, ready, fmt, value)						\
static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
{											\
	return (ready) ? sysfs_emit(buf, fmt "\n", value) : 0;				\
}											\
static DEVICE_ATTR_RO(name)

static bool initialized(void)
{
	return tdx_state() == TDX_STATE_INITIALIZED;
}

static bool supported(void)
{
	return tdx_platform.nr_keyids != 0;
}

/* cat /sys/kernel/tdx_host/state */
TDX_SHOW(state, true, "%s", tdx_state_name(tdx_state()));
TDX_SHOW(build, initialized(), "%u", tdx_host.sysinfo.build);
TDX_SHOW(features, initialized(), "0x%llx", tdx_host.sysinfo.features0);
TDX_SHOW(keyid_start, supported(), "%u", tdx_platform.keyid_start);
TDX_SHOW(nr_keyids, supported(), "%u", tdx_platform.nr_keyids);
TDX_SHOW(nr_keyids_free, supported(), "%u", tdx_get_nr_guest_keyids() - tdx_keyids_in_use());
TDX_SHOW(cmr_bytes, initialized(), "%llu", tdx_cmr_bytes(&tdx_host.sysinfo));
TDX_SHOW(tdx_memory_bytes, initialized(), "%llu", tdx_host.plan->tdx_bytes);
TDX_SHOW(excluded_bytes, initialized(), "%llu", tdx_host.plan->excluded_bytes);
TDX_SHOW(pamt_bytes, initialized(), "%llu", tdx_host.plan->pamt_bytes);
TDX_SHOW(kept_bytes, tdx_host.kept_bytes, "%llu", tdx_host.kept_bytes);
TDX_SHOW(stays_loaded, *tdx_pin_reason(), "%s", tdx_pin_reason());
TDX_SHOW(nr_tdmrs, initialized(), "%u", tdx_host.plan->nr_tdmrs);
TDX_SHOW(init_time_us, initialized(), "%llu", tdx_host.init_time_us);

static ssize_t version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct tdx_sysinfo *si = &tdx_host.sysinfo;

	return initialized() ? sysfs_emit(buf, "%u.%u.%02u\n", si->major, si->minor, si->update) : 0;
}
static DEVICE_ATTR_RO(version);

static ssize_t seamldr_version_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	const struct tdx_seamldr *l = &tdx_host.seamldr;

	return l->valid ?
	       sysfs_emit(buf, "%u.%u.%02u\n", l->major, l->minor, l->update) : 0;
}
static DEVICE_ATTR_RO(seamldr_version);

/* As of the last bring-up or installation. */
TDX_SHOW(num_remaining_updates, tdx_host.seamldr.valid, "%u", tdx_host.seamldr.updates_left);

/* cat /sys/kernel/tdx_host/tdx_module: the file that was installed or updated to last */
static ssize_t tdx_module_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return tdx_image_path_show(buf, PAGE_SIZE);
}

/*
 * echo "VERB PATH" > /sys/kernel/tdx_host/tdx_module; VERB is install (from scratch), update
 * (TDs go on), check-install or check-update (neither, but whether it could).
 */
static ssize_t tdx_module_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	static const char * const verbs[] = { "install", "update", "check-install", "check-update" };
	char *text = kstrndup(buf, count, GFP_KERNEL), *path, *verb;
	int i, err = -EINVAL;

	if (!text)
		return -ENOMEM;
	path = strim(text);
	verb = strsep(&path, " ");
	i = match_string(verbs, ARRAY_SIZE(verbs), verb);
	if (i >= 0 && path && path[0] == '/')
		err = tdx_enable_install(tdx_image_read(path), i & 1 ? TDX_UPDATE : TDX_INSTALL, i & 2);
	kfree(text);
	return err ?: count;
}
static DEVICE_ATTR_ADMIN_RW(tdx_module);

static ssize_t cpus_initialized_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(&tdx_lps));
}
static DEVICE_ATTR_RO(cpus_initialized);

/* Present CPUs that cannot run a TD. */
static ssize_t cpus_missing_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	cpumask_var_t missing;
	ssize_t len;

	if (!zalloc_cpumask_var(&missing, GFP_KERNEL))
		return -ENOMEM;
	cpumask_andnot(missing, cpu_present_mask, &tdx_lps);
	len = sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(missing));
	free_cpumask_var(missing);
	return len;
}
static DEVICE_ATTR_RO(cpus_missing);

/* Root only, as it may contain physical addresses. */
static ssize_t last_error_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	char text[TDX_ERROR_LEN];

	tdx_last_error(text, sizeof(text));
	return text[0] ? sysfs_emit(buf, "%s\n", text) : 0;
}
static DEVICE_ATTR_ADMIN_RO(last_error);

static ssize_t bios_warnings_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return tdx_doubts_show(buf, PAGE_SIZE);
}
static DEVICE_ATTR_RO(bios_warnings);

/* cat /sys/kernel/tdx_host/progress: step, done, total */
static ssize_t progress_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return tdx_progress_show(buf, PAGE_SIZE);
}
static DEVICE_ATTR_RO(progress);

/* echo 1 > /sys/kernel/tdx_host/enable: bring the TDX module up, wait for the result */
static ssize_t enable_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	bool on;
	int err = kstrtobool(buf, &on);

	if (!err && !on)
		err = -EINVAL;
	if (!err)
		err = tdx_enable();
	return err ?: count;
}
static DEVICE_ATTR_WO(enable);

static struct attribute *tdx_host_attrs[] = {
	&dev_attr_state.attr,
	&dev_attr_version.attr,
	&dev_attr_build.attr,
	&dev_attr_seamldr_version.attr,
	&dev_attr_num_remaining_updates.attr,
	&dev_attr_features.attr,
	&dev_attr_keyid_start.attr,
	&dev_attr_nr_keyids.attr,
	&dev_attr_nr_keyids_free.attr,
	&dev_attr_cmr_bytes.attr,
	&dev_attr_tdx_memory_bytes.attr,
	&dev_attr_excluded_bytes.attr,
	&dev_attr_pamt_bytes.attr,
	&dev_attr_kept_bytes.attr,
	&dev_attr_stays_loaded.attr,
	&dev_attr_nr_tdmrs.attr,
	&dev_attr_cpus_initialized.attr,
	&dev_attr_cpus_missing.attr,
	&dev_attr_init_time_us.attr,
	&dev_attr_last_error.attr,
	&dev_attr_bios_warnings.attr,
	&dev_attr_progress.attr,
	&dev_attr_enable.attr,
	&dev_attr_tdx_module.attr,
	NULL
};
ATTRIBUTE_GROUPS(tdx_host);

static const struct device_type device_type = {
	.name = "tdx_host",
	.groups = tdx_host_groups,
	.pm = &tdx_pm_ops,
};

/* udevadm monitor -p: STATE=initialized */
static void send_uevent(void)
{
	char state[32];
	char *env[] = { state, NULL };

	snprintf(state, sizeof(state), "STATE=%s", tdx_state_name(tdx_state()));
	kobject_uevent_env(&pdev->dev.kobj, KOBJ_CHANGE, env);
}

int tdx_sysfs_start(void)
{
	int err = -ENOMEM;

	pdev = platform_device_alloc("tdx_host", PLATFORM_DEVID_NONE);
	if (!pdev)
		return -ENOMEM;
	pdev->dev.type = &device_type;
	err = platform_device_add(pdev);
	if (err)
		goto out_put;
	err = sysfs_create_link(kernel_kobj, &pdev->dev.kobj, "tdx_host");
	if (err)
		goto out_del;
	tdx_enable_notify(send_uevent);
	if (supported())
		tdx_upload_start(&pdev->dev);
	return 0;

out_del:
	platform_device_del(pdev);
out_put:
	platform_device_put(pdev);
	return err;
}

/* Waits for readers, for a writer of `enable` or `tdx_module`, and for an upload. */
void tdx_sysfs_stop(void)
{
	tdx_upload_stop();
	tdx_enable_notify(NULL);
	sysfs_remove_link(kernel_kobj, "tdx_host");
	platform_device_unregister(pdev);
}
