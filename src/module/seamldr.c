// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SEAM loader's version, for the status and for bug reports.  Bring-up does not
 * need it.
 *
 * On CPUs whose IA32_VMX_BASIC bit 60 is 0 the return from the P-SEAMLDR leaves
 * no current VMCS.  An owner of VMX operation would lose its VMCS, so
 * on those CPUs the call is made only if tdx_host itself entered VMX operation.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "host.h"

/*
 * One CPU at a time may be in the P-SEAMLDR: this is the only caller.  Any CPU will do, and
 * interrupts are off for the call, so it is made on this one.
 */
void tdx_seamldr_get(struct tdx_seamldr *loader)
{
	struct seamldr_info *info = (void *)get_zeroed_page(GFP_KERNEL);
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
	loader->valid = status == 0 && info->vendor_id == 0x8086;
	loader->major = info->major_version;
	loader->minor = info->minor_version;
	loader->update = info->update_version;
	loader->build = info->build_num;
	free_page((unsigned long)info);
	if (loader->valid)
		pr_info("SEAM loader: version %u.%u.%02u, build_num %u\n", loader->major,
			loader->minor, loader->update, loader->build);
}
