// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the SEAM loader says of itself and of the TDX module, for the status, for bug reports,
 * and before a module is installed.  Bring-up does not need it.
 *
 * On CPUs whose IA32_VMX_BASIC bit 60 is 0 the return from the P-SEAMLDR leaves
 * no current VMCS.  An owner of VMX operation would lose its VMCS, so
 * on those CPUs the call is made only if tdx_host itself entered VMX operation.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "host.h"

void tdx_seamldr_note(struct tdx_seamldr *loader, const struct seamldr_info *info)
{
	*loader = (struct tdx_seamldr){
		.valid = info->vendor_id == 0x8086,
		.major = info->major_version,
		.minor = info->minor_version,
		.update = info->update_version,
		.build = info->build_num,
		.updates_left = info->num_remaining_updates,
		.module_ready = info->seam_ready,
		.svn_major = info->svn_major,
		.svn_minor = info->svn_minor,
	};
}

/*
 * One CPU at a time may be in the P-SEAMLDR: callers hold enable_mutex, and while all CPUs
 * are stopped (exchange.c) there are none.  Any CPU will do, and interrupts are off for the
 * call, so it is made on this one.
 */
void tdx_seamldr_get(struct tdx_seamldr *loader)
{
	struct seamldr_info *info = (void *)get_zeroed_page(GFP_KERNEL);
	bool known = loader->valid;
	struct tdx_regs regs;
	struct tdx_vmx vmx;
	u64 status = TDX_SW_UD;

	if (!info)
		return;
	regs = (struct tdx_regs){ .rcx = __pa(info) };
	if (!tdx_vmx_begin(&vmx)) {
		if (vmx.on || tdx_platform.keeps_vmcs)
			status = tdx_vmx_call(&vmx, SEAMLDR_INFO, &regs);
		tdx_vmx_end(&vmx);
	}
	if (status)
		*loader = (struct tdx_seamldr){};
	else
		tdx_seamldr_note(loader, info);
	free_page((unsigned long)info);
	if (loader->valid && !known)
		pr_info("SEAM loader: version %u.%u.%02u, build_num %u\n", loader->major,
			loader->minor, loader->update, loader->build);
}
