// SPDX-License-Identifier: GPL-2.0-only
/*
 * Installs a TDX module from scratch, or updates it with TDs kept: what is checked before any
 * CPU is stopped, and what becomes of the host afterwards.  enable.c has the state: from
 * scratch it is installing meanwhile, so that nobody gets a KeyID or begins a bring-up.
 *
 * What a failure leaves behind (exchange.c says what it does to the TDX module):
 *
 *   the old module is as it was		the state is what it was
 *   from scratch, no module is left		not-loaded; PAMTs are the kernel's again
 *   from scratch, the session is open		not-loaded; PAMTs stay where they are until an
 *						installation succeeds
 *   an update, after TDH.SYS.SHUTDOWN		failed; TDs cannot run.  As long as the old
 *						module's data can be handed over another
 *						update brings them back
 */
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <asm/tsc.h>

#include "host.h"
#include "seamldr_status.h"

#define FEATURES0_TD_PRESERVING	BIT_ULL(1)

/* TDH.SYS.SHUTDOWN was made, and its data waits for an update.  Under enable_mutex. */
static bool handed_over;

/* ---- before ---- */

static int refuse(const struct tdx_exchange *x, const char *why)
{
	tdx_error("the TDX module cannot be %s: %s", x->update ? "updated" : "installed", why);
	return -EINVAL;
}

static int read_field(u64 field, u16 *value)
{
	struct tdx_regs regs = { .rdx = field };
	u64 status = tdx_call_on_lp(TDH_SYS_RD, &regs);

	if (status != TDX_SUCCESS) {
		tdx_error_call(TDH_SYS_RD, status, "for the versions of handoff data");
		return -EINVAL;
	}
	*value = (u16)regs.r8;
	return 0;
}

/* What there is: the loader's word, and the TDX module's while it answers. */
static int look(struct tdx_exchange *x, struct seam_place *place)
{
	struct tdx_seamldr *l = &tdx_host.seamldr;
	int err = tdx_vmx_prepare();

	if (err)
		return err;
	tdx_seamldr_get(l);
	if (!l->valid) {
		tdx_error("the SEAM loader does not answer, so no TDX module can be installed: enable TDX and the SEAM loader in the BIOS; where KVM is loaded and the CPU drops its VMCS, unload kvm_intel first");
		return -ENODEV;
	}
	*place = (struct seam_place){
		.cpuid = tdx_platform.cpuid,
		.loaded = l->module_ready || handed_over,
		.svn_major = l->svn_major,
		.svn_minor = l->svn_minor,
		.updates_left = l->updates_left,
	};
	if (!x->update)
		return 0;
	if (handed_over) {
		place->module_hv = x->hv;
		place->min_update_hv = x->hv;
		return 0;
	}
	err = read_field(TDX_FIELD_MODULE_HV, &place->module_hv);
	return err ?: read_field(TDX_FIELD_MIN_UPDATE_HV, &place->min_update_hv);
}

/*
 * TDs, and consumers that may make some: from scratch none of them goes on.
 *
 * KVM keeps the KeyID and the pages of a TD that it could not remove, for example because an
 * update had failed.  Once KVM is unloaded the KeyIDs are all that is left: nobody can run
 * those TDs, and their pages are never used again.
 */
static const char *in_use(enum tdx_state before)
{
	u32 keyids = tdx_keyids_in_use();

	if (tdx_pin_users() <= (int)keyids)
		return NULL;
	if (keyids && before == TDX_STATE_INITIALIZED)
		return "TDs live: end them first (or update it, which keeps them)";
	if (keyids && handed_over)
		return "TDs wait for another update, with which they go on: update it, or give them up: end them and unload kvm_intel";
	if (keyids)
		return "KVM still holds KeyIDs of TDs that are lost: end them and unload kvm_intel, then try again";
	if (before == TDX_STATE_INITIALIZED)
		return "other kernel modules use tdx_host: unload them first (kvm_intel, for example)";
	return NULL;
}

static const char *refusal(const struct tdx_exchange *x, const struct tdx_image *image,
			   const struct seam_place *place, enum tdx_state before)
{
	const char *why = x->update ? NULL : in_use(before);

	if (why)
		return why;
	return x->update ? seam_image_refuse_update(&image->info, place) :
			   seam_image_refuse_install(&image->info, place);
}

bool tdx_install_keeps(enum tdx_state before)
{
	return before == TDX_STATE_INITIALIZED || handed_over;
}

int tdx_install_check(struct tdx_exchange *x, const struct tdx_image *image,
		      enum tdx_state before)
{
	static u16 handed_hv;	/* with handed_over */
	struct seam_place place;
	const char *why;
	int err;

	x->image = &image->info;
	x->params = image->params;
	x->shut_down = handed_over;
	x->hv = handed_hv;
	if (x->update && !tdx_install_keeps(before))
		return refuse(x, "TDX is not initialized, so there is nothing to keep: install it instead");
	if (x->update && !(tdx_host.sysinfo.features0 & FEATURES0_TD_PRESERVING))
		return refuse(x, "the loaded version cannot hand TDs over to another one: end all TDs and install it instead");
	err = look(x, &place);
	if (err)
		return err;
	why = refusal(x, image, &place, before);
	if (why)
		return refuse(x, why);
	x->updates_left = place.updates_left;
	if (!handed_over)
		x->hv = seam_image_handoff(&image->info, &place);
	handed_hv = x->hv;
	image->params->scenario = x->update ? SEAMLDR_UPDATE : SEAMLDR_LOAD;
	return 0;
}

/* ---- after ---- */

static void tell_failure(const struct tdx_exchange *x)
{
	const struct seamldr_status *s = seamldr_status(x->status, x->leaf == SEAMLDR_INSTALL);
	char where[32];

	if (x->why) {
		refuse(x, x->why);
		return;
	}
	snprintf(where, sizeof(where), "on CPU %d", x->cpu);
	if (s && x->leaf & TDX_STATUS_ERROR)
		tdx_error("%s failed %s: %s (0x%llx): %s; %s", tdx_leaf_name(x->leaf), where,
			  s->name, x->status, s->cause, s->remedy);
	else
		tdx_error_call(x->leaf, x->status, where);
}

static u64 cycles_us(u64 cycles)
{
	return tsc_khz ? div_u64(cycles * 1000, tsc_khz) : 0;
}

/* Caches are written back, and the new TDX module has no key. */
static void forget_keyids(void)
{
	u32 nr = tdx_keyids_forget();

	if (nr)
		pr_warn("%u TDs could not be removed, and are gone now: their pages are lost until the machine restarts%s\n",
			nr, tdx_platform.partial_write_mce ?
			", and a kernel started by kexec may see machine checks in them" : "");
}

/* From scratch: nothing that was known of the old module is true of the new one. */
static void start_afresh(void)
{
	tdx_memory_lock();
	tdx_cpus_allow_init(false);
	tdx_memory_cover(NULL);
	tdx_progress("take_back", 0, tdx_host.plan ? tdx_host.plan->nr_tdmrs : 0);
	tdx_take_back_pamts();
	tdx_memory_unlock();
	cpumask_clear(&tdx_lps);
	if (!tdx_host.kept_bytes)
		forget_keyids();
	handed_over = false;
}

static enum tdx_state after_load(struct tdx_exchange *x, enum tdx_state before)
{
	if (x->step == TDX_EXCHANGE_DONE) {
		start_afresh();
		return TDX_STATE_UNINITIALIZED;
	}
	if (x->gone) {
		start_afresh();
		return TDX_STATE_NOT_LOADED;
	}
	if (x->step < TDX_EXCHANGE_INSTALL)
		return before;
	/* Of any other failure it is not known which TDX module there is. */
	return x->leaf == SEAMLDR_INSTALL && tdx_host.seamldr.module_ready ? before :
									     TDX_STATE_NOT_LOADED;
}

static enum tdx_state after_update(struct tdx_exchange *x, enum tdx_state before)
{
	handed_over = x->shut_down && !x->gone && x->step <= TDX_EXCHANGE_VERIFY;
	if (x->step == TDX_EXCHANGE_DONE) {
		tdx_sysinfo_renew(&tdx_host.sysinfo);
		tdx_td_sysinfo_renew(&tdx_host.sysinfo);
		return TDX_STATE_INITIALIZED;
	}
	if (!x->shut_down)
		return before;
	pr_crit("the TDX module is shut down and TDs cannot run: %s\n", handed_over ?
		"update it again, to this version or to another one, and they go on" :
		"they are lost; end them and unload kvm_intel, then install a TDX module from scratch (tdxhost module reset)");
	return TDX_STATE_FAILED;
}

enum tdx_state tdx_install_finish(struct tdx_exchange *x, enum tdx_state before)
{
	struct tdx_seamldr *l = &tdx_host.seamldr;
	enum tdx_state after;

	tdx_seamldr_get(l);
	after = x->update ? after_update(x, before) : after_load(x, before);
	if (x->step != TDX_EXCHANGE_DONE) {
		tell_failure(x);
		return after;
	}
	tdx_error_forget();
	pr_info("TDX module %s: security version %u.%u, updates left: %u; all CPUs were stopped for %llu us\n",
		x->update ? "updated" : "installed", l->svn_major, l->svn_minor,
		l->updates_left, cycles_us(x->cycles));
	return after;
}
