/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tdx_host: the kernel API.  All that a consumer (KVM) may include.
 *
 * Names, types and meaning are those of Linux 7.2 (7.3 has the same), so that a
 * KVM written for it needs no other change than this header.  Where Linux 6.16
 * to 6.18 differ, their form is a *_6_16() function at the end of this file;
 * define TDX_HOST_LINUX_6_16 before including it, and the kernel's names mean
 * those.
 *
 * Contract
 *  - A module that uses any of these symbols holds tdx_host: it cannot be
 *    unloaded first.  Symbols are GPL-only and in no namespace.
 *  - tdx_enable() may sleep, and borrows VMX operation where nobody has it on.
 *    Everything called tdh_*() and tdx_cpu_enable() does neither: the CPU must be
 *    in VMX operation, put there by the caller, and stay there during the call.
 *    If it is not, the answer is the status for #UD, TDX_SW_ERROR | 6
 *    (0x8000ff0000000006), and nothing has happened.
 *  - tdh_*() return the completion status (RAX) as the TDX module gave it.  Only
 *    TDX_RND_NO_ENTROPY is tried again, ten times.  "Busy" is the caller's
 *    matter: it knows what else it has under way.  Without a TDX module the
 *    answer is VMfailInvalid (0x8000ff00ffff0000); before tdx_enable() it is
 *    what the TDX module says of the early call, such as TDX_SYS_NOT_READY.
 *  - Locks: tdx_enable() and the first tdx_get_sysinfo() take cpus_read_lock(), and
 *    CPU hotplug may have to run before they return.  So their callers hold neither
 *    that nor a lock that a CPU or memory hotplug callback takes.
 *    tdx_enable_cpus_locked() is for callers that hold cpus_read_lock().  The other
 *    functions may be called with any lock held: they take none but spinlocks that
 *    nothing is called under.
 *  - Context of tdh_*(): any, also atomic.  No locks are taken.  Leaves about a
 *    CPU or a package (key configuration, cache write-back, vCPU flush) act on
 *    the CPU they are called on: the caller pins it.
 *  - ext_err1 and ext_err2 are RCX and RDX as the call left them.  Addresses are
 *    physical and without KeyID bits unless it is said otherwise.  Pages handed
 *    over are written back and invalidated here first.
 *
 * Include it after the kernel's headers.
 */
#ifndef TDX_HOST_H
#define TDX_HOST_H

#ifdef CONFIG_INTEL_TDX_HOST
#error "this kernel has TDX host support of its own: build without tdx_host.h"
#endif

#include <linux/io.h>
#include <linux/kvm_types.h>
#include <linux/mm.h>
#include <linux/types.h>

/*
 * asm/tdx.h of a kernel without TDX host support has functions of some of these
 * names that only say no, and structures of other versions.  Where it is in
 * sight (linux/kvm_host.h includes it), ours go by another name in C; the
 * symbols are the same.
 */
#ifdef _ASM_X86_TDX_H
#define tdx_enable		tdx_host_enable
#define tdx_cpu_enable		tdx_host_cpu_enable
#define tdx_get_sysinfo		tdx_host_get_sysinfo
#define tdx_get_nr_guest_keyids	tdx_host_get_nr_guest_keyids
#define tdx_cpu_flush_cache_for_kexec tdx_host_cpu_flush_cache_for_kexec
#define tdx_module_args		tdx_host_module_args
#define tdx_sys_info		tdx_host_sys_info
#define tdx_sys_info_version	tdx_host_sys_info_version
#define tdx_sys_info_features	tdx_host_sys_info_features
#define tdx_sys_info_tdmr	tdx_host_sys_info_tdmr
#define tdx_sys_info_td_ctrl	tdx_host_sys_info_td_ctrl
#define tdx_sys_info_td_conf	tdx_host_sys_info_td_conf
#define TDX_HOST_SYMBOL(name)	__asm__(#name)
#else
#define TDX_HOST_SYMBOL(name)
#endif

/* ---- What the TDX module says of itself ---- */

struct tdx_sys_info_version {
	u16 minor_version;
	u16 major_version;
	u16 update_version;
};

struct tdx_sys_info_features {
	u64 tdx_features0;	/* TDX_FEATURES0; 0 where the module has no such field */
};

struct tdx_sys_info_tdmr {
	u16 max_tdmrs;
	u16 max_reserved_per_tdmr;
	u16 pamt_4k_entry_size;
	u16 pamt_2m_entry_size;
	u16 pamt_1g_entry_size;
};

/* Bytes, whole pages. */
struct tdx_sys_info_td_ctrl {
	u16 tdr_base_size;
	u16 tdcs_base_size;
	u16 tdvps_base_size;
};

struct tdx_sys_info_td_conf {
	u64 attributes_fixed0;
	u64 attributes_fixed1;
	u64 xfam_fixed0;
	u64 xfam_fixed1;
	u16 num_cpuid_config;		/* entries of the arrays below; 128 at most */
	u16 max_vcpus_per_td;		/* 65535 where the module does not say */
	u64 cpuid_config_leaves[128];	/* 31:0 leaf, 63:32 sub-leaf, all ones: none */
	u64 cpuid_config_values[128][2]; /* EAX EBX, ECX EDX: bits that may be chosen */
};

struct tdx_sys_info {
	struct tdx_sys_info_version version;
	struct tdx_sys_info_features features;
	struct tdx_sys_info_tdmr tdmr;
	struct tdx_sys_info_td_ctrl td_ctrl;
	struct tdx_sys_info_td_conf td_conf;
};

/* ---- Registers, TDs and vCPUs ---- */

struct tdx_module_args {
	u64 rcx, rdx, r8, r9, r10, r11;
	u64 r12, r13, r14, r15, rbx, rdi, rsi;
};

/* A TD, as its creator sees it.  Only tdr_page is read here. */
struct tdx_td {
	struct page *tdr_page;
	int tdcs_nr_pages;
	struct page **tdcs_pages;
	int tdcx_nr_pages;		/* of tdcx_pages in struct tdx_vp */
};

/* A vCPU. */
struct tdx_vp {
	struct page *tdvpr_page;
	phys_addr_t tdvpr_pa;		/* of tdvpr_page; the creator sets it */
	struct page **tdcx_pages;
};

/* ---- The TDX module as a whole ---- */

/**
 * tdx_enable() - Bring the TDX module up, or find that it is up.
 *
 * Any number of callers may come at once: one of them does the work, all get
 * its result.  A failed attempt is remembered and not repeated: the module can
 * be initialised once per load.
 *
 * Context: process context, may sleep (for seconds on large hosts).
 * cpus_read_lock() not held, nor any lock that a CPU or memory hotplug callback
 * takes; not from such a callback.
 * Return: 0 (initialized); -ENODEV: this host cannot (no TDX, switched off by
 * init=off, or no TDX module loaded); -EINVAL: bring-up failed. The log and
 * /sys/kernel/tdx_host/last_error say why.
 */
int tdx_enable(void) TDX_HOST_SYMBOL(tdx_enable);

/**
 * tdx_enable_cpus_locked() - tdx_enable() for a caller that holds cpus_read_lock().
 *
 * As KVM of Linux 6.16 to 6.18 calls it, so that no CPU comes online between its
 * own callbacks and this.  The lock is held throughout, so that offline_cpus=online
 * can bring no CPU online here.
 *
 * Context: process context, may sleep. cpus_read_lock() held, no lock that a memory
 * hotplug callback takes; not from a CPU or memory hotplug callback.
 * Return: that of tdx_enable(); -EBUSY: a bring-up that others asked for waits for
 * CPUs to come online, and those wait for the caller's lock: release it, call again.
 */
int tdx_enable_cpus_locked(void);

/**
 * tdx_cpu_enable() - Make sure that this CPU can run TDs (TDH.SYS.LP.INIT).
 *
 * tdx_host does this itself for every CPU during bring-up and for each one that
 * comes online later; a consumer's own CPU hotplug callback may run earlier. The TDX
 * modules published so far accept a CPU during bring-up only; one that comes online
 * again stays initialised.
 *
 * Context: any, with any locks held, preemption off; the CPU in VMX operation.
 * Return: 0: it can, or bring-up is still to come and sees to it; -ENODEV: the
 * TDX module is not up; -EACCES: not in VMX operation; -EIO: the TDX module
 * refuses this CPU, and the log says why.
 */
int tdx_cpu_enable(void) TDX_HOST_SYMBOL(tdx_cpu_enable);

/**
 * tdx_get_sysinfo() - The TDX module's version, features and limits.
 *
 * Brings the TDX module up first, as tdx_enable() does, if nobody has tried yet: a
 * KVM of Linux 7.2 calls this and not tdx_enable().
 *
 * Context: until it has returned once, that of tdx_enable(), with the same locks not
 * held; then any, with any locks held.
 * Return: valid as long as the consumer is loaded; NULL: bring-up failed or this host
 * cannot, as told by the log and /sys/kernel/tdx_host/last_error; or the TDX module
 * did not say what building a TD takes.
 */
const struct tdx_sys_info *tdx_get_sysinfo(void) TDX_HOST_SYMBOL(tdx_get_sysinfo);

/* ---- Guest KeyIDs ---- */

/**
 * tdx_get_nr_guest_keyids() - How many KeyIDs there are for guests, in use or not.
 *
 * Context: any, with any locks held. Return: 0 where the host has no TDX.
 */
u32 tdx_get_nr_guest_keyids(void) TDX_HOST_SYMBOL(tdx_get_nr_guest_keyids);

/**
 * tdx_guest_keyid_alloc() - Take a KeyID for a TD.
 *
 * While any is held the last CPU of each package stays online, since keys are torn
 * down package by package, and tdx_host cannot be unloaded.
 *
 * Context: any, with any locks held.
 * Return: the KeyID; -ENODEV: TDX is not up, or shut down on the way into another kernel,
 * which the log says; -ENOSPC: all are in use.
 */
int tdx_guest_keyid_alloc(void);

/**
 * tdx_guest_keyid_free() - Give a KeyID back, after TDH.MNG.KEY.FREEID.
 * @keyid: from tdx_guest_keyid_alloc(). Anything else is logged and ignored.
 *
 * Context: any, with any locks held.
 */
void tdx_guest_keyid_free(unsigned int keyid);

/* ---- Memory and caches ---- */

/**
 * tdx_quirk_reset_paddr() - Make memory that was TDX private fit for the kernel.
 * @base: physical address, 64-byte aligned.
 * @size: bytes, a multiple of 64.
 *
 * On CPUs with the partial-write erratum each line is replaced by zeroes with
 * MOVDIR64B; on others this does nothing, and the memory holds what it holds.
 * After TDH.PHYMEM.PAGE.RECLAIM or PAGE.REMOVE and TDH.PHYMEM.PAGE.WBINVD.
 *
 * Context: any, with any locks held.
 */
void tdx_quirk_reset_paddr(unsigned long base, unsigned long size);

/**
 * tdx_quirk_reset_page() - The same for one page.
 * @page: any page.
 *
 * Context: any, with any locks held.
 */
void tdx_quirk_reset_page(struct page *page);

/**
 * tdx_cpu_flush_cache_for_kexec() - Empty this CPU's caches of private lines.
 *
 * When the caller makes no further call on this CPU: WBINVD, if the TDX module is
 * up.  tdx_host does the same itself on the way into a kernel started by kexec.
 *
 * Context: preemption off, with any locks held.
 */
void tdx_cpu_flush_cache_for_kexec(void) TDX_HOST_SYMBOL(tdx_cpu_flush_cache_for_kexec);

/* ---- Leaves: making a TD.  TDX module ABI, "Host-side (SEAMCALL) interface functions" ---- */

/**
 * tdh_mng_create() - Make @td->tdr_page a TDR. @hkid: from tdx_guest_keyid_alloc().
 */
u64 tdh_mng_create(struct tdx_td *td, u16 hkid);
/**
 * tdh_mng_key_config() - Give the TD's KeyID a key, on this CPU's package.
 * Once on each package.
 */
u64 tdh_mng_key_config(struct tdx_td *td);
/**
 * tdh_mng_addcx() - Add a page to the TD's control structure (TDCS).
 */
u64 tdh_mng_addcx(struct tdx_td *td, struct page *tdcs_page);
/**
 * tdh_mng_init() - Initialise the TD.
 * @td_params: physical address of a TD_PARAMS, 1024-byte aligned.
 * @extended_err: RCX: which parameter was refused.
 */
u64 tdh_mng_init(struct tdx_td *td, u64 td_params, u64 *extended_err);
/**
 * tdh_mng_rd() - Read a field of the TD. @data: 0 on failure.
 */
u64 tdh_mng_rd(struct tdx_td *td, u64 field, u64 *data);
/**
 * tdh_mr_extend() - Measure 256 bytes of the TD's memory. @gpa: 256-byte aligned.
 */
u64 tdh_mr_extend(struct tdx_td *td, u64 gpa, u64 *ext_err1, u64 *ext_err2);
/**
 * tdh_mr_finalize() - Close the measurement: the TD may run.
 */
u64 tdh_mr_finalize(struct tdx_td *td);

/* ---- Leaves: vCPUs ---- */

/**
 * tdh_vp_create() - Make @vp->tdvpr_page a TDVPR of @td.
 */
u64 tdh_vp_create(struct tdx_td *td, struct tdx_vp *vp);
/**
 * tdh_vp_addcx() - Add a page to the vCPU's control structure (TDVPS).
 */
u64 tdh_vp_addcx(struct tdx_vp *vp, struct page *tdcx_page);
/**
 * tdh_vp_init() - Initialise the vCPU (version 1 of the leaf).
 * @initial_rcx: what the vCPU starts with in RCX.
 * @x2apicid: its x2APIC ID.
 */
u64 tdh_vp_init(struct tdx_vp *vp, u64 initial_rcx, u32 x2apicid);
/**
 * tdh_vp_rd() - Read a field of the vCPU. @data: 0 on failure.
 */
u64 tdh_vp_rd(struct tdx_vp *vp, u64 field, u64 *data);
/**
 * tdh_vp_wr() - Write the bits @mask of a field of the vCPU.
 */
u64 tdh_vp_wr(struct tdx_vp *vp, u64 field, u64 data, u64 mask);
/**
 * tdh_vp_enter() - Run the vCPU until it exits.
 * @args: registers in and out, all thirteen; RCX in is ignored, it is the TDVPR.
 *
 * The hot path: no lock, no allocation, no trace; noinstr.  RBP and all that the
 * C ABI wants kept is kept, whatever the TDX module or the TD does to it; nothing
 * of the TD's is left in a register.  @args is not written when the instruction
 * did not complete (VMfailInvalid, #UD, #GP).
 *
 * Context: preemption off, with any locks held, interrupts as the caller wants them on
 * entry.
 */
u64 tdh_vp_enter(struct tdx_vp *vp, struct tdx_module_args *args);
/**
 * tdh_vp_flush() - Part the vCPU from this CPU, on which it ran last.
 */
u64 tdh_vp_flush(struct tdx_vp *vp);

/* ---- Leaves: memory of a TD ---- */

/**
 * tdh_mem_sept_add() - Add a secure EPT page. @level: of the entry that will map it.
 */
u64 tdh_mem_sept_add(struct tdx_td *td, u64 gpa, enum pg_level level, struct page *page,
		     u64 *ext_err1, u64 *ext_err2);
/**
 * tdh_mem_page_add() - Add a 4 KB page with contents, before TDH.MR.FINALIZE.
 * @pfn: the page that becomes private.
 * @source: whose contents are copied into it; may be the same.
 */
u64 tdh_mem_page_add(struct tdx_td *td, u64 gpa, kvm_pfn_t pfn, struct page *source,
		     u64 *ext_err1, u64 *ext_err2);
/**
 * tdh_mem_page_aug() - Add a page to a TD that runs; the TD accepts it.
 * @level: PG_LEVEL_4K, or PG_LEVEL_2M: then @pfn is the first of 512.
 */
u64 tdh_mem_page_aug(struct tdx_td *td, u64 gpa, enum pg_level level, kvm_pfn_t pfn,
		     u64 *ext_err1, u64 *ext_err2);
/**
 * tdh_mem_range_block() - Let no new translation of @gpa be made.
 */
u64 tdh_mem_range_block(struct tdx_td *td, u64 gpa, enum pg_level level,
			u64 *ext_err1, u64 *ext_err2);
/**
 * tdh_mem_track() - Begin a TLB epoch. Old translations of blocked ranges are gone
 * once every vCPU of the TD has been out of it since.
 */
u64 tdh_mem_track(struct tdx_td *td);
/**
 * tdh_mem_page_remove() - Take a blocked and tracked page out of the TD.
 */
u64 tdh_mem_page_remove(struct tdx_td *td, u64 gpa, enum pg_level level,
			u64 *ext_err1, u64 *ext_err2);

/* ---- Leaves: ending a TD ---- */

/**
 * tdh_mng_vpflushdone() - All vCPUs are flushed: the KeyID is to be reclaimed.
 */
u64 tdh_mng_vpflushdone(struct tdx_td *td);
/**
 * tdh_phymem_cache_wb() - Write this package's caches back.
 * @resume: go on after TDX_INTERRUPTED_RESUMABLE.
 */
u64 tdh_phymem_cache_wb(bool resume);
/**
 * tdh_mng_key_freeid() - Free the KeyID, for tdx_guest_keyid_free().
 */
u64 tdh_mng_key_freeid(struct tdx_td *td);
/**
 * tdh_phymem_page_reclaim() - Take a page back. The TDR comes last.
 * @tdx_pt: its PAMT type; @tdx_owner: its TDR; @tdx_size: its level (RCX, RDX, R8).
 */
u64 tdh_phymem_page_reclaim(struct page *page, u64 *tdx_pt, u64 *tdx_owner, u64 *tdx_size);
/**
 * tdh_phymem_page_wbinvd_tdr() - Write back and invalidate the TDR, which the TDX
 * module used under its own KeyID. After it has been reclaimed.
 */
u64 tdh_phymem_page_wbinvd_tdr(struct tdx_td *td);
/**
 * tdh_phymem_page_wbinvd_hkid() - The same for a page that a TD used under @hkid.
 */
u64 tdh_phymem_page_wbinvd_hkid(u64 hkid, kvm_pfn_t pfn);

/*
 * ---- As Linux 6.16 to 6.18 have them ----
 *
 * tdx_enable() is called with cpus_read_lock() held.  Pages by struct page, not by
 * PFN; levels as the TDX module counts them (0 is 4 KB); 6.16 has no tdvpr_pa in
 * struct tdx_vp, so that creating a vCPU sets it.
 */
static inline int pg_level_to_tdx_sept_level(enum pg_level level)
{
	return level - PG_LEVEL_4K;
}

static inline u64 tdh_vp_create_6_16(struct tdx_td *td, struct tdx_vp *vp)
{
	vp->tdvpr_pa = page_to_phys(vp->tdvpr_page);
	return tdh_vp_create(td, vp);
}

static inline u64 tdh_mem_page_add_6_16(struct tdx_td *td, u64 gpa, struct page *page,
					struct page *source, u64 *ext_err1, u64 *ext_err2)
{
	return tdh_mem_page_add(td, gpa, page_to_pfn(page), source, ext_err1, ext_err2);
}

static inline u64 tdh_mem_sept_add_6_16(struct tdx_td *td, u64 gpa, int level, struct page *page,
					u64 *ext_err1, u64 *ext_err2)
{
	return tdh_mem_sept_add(td, gpa, level + PG_LEVEL_4K, page, ext_err1, ext_err2);
}

static inline u64 tdh_mem_page_aug_6_16(struct tdx_td *td, u64 gpa, int level, struct page *page,
					u64 *ext_err1, u64 *ext_err2)
{
	return tdh_mem_page_aug(td, gpa, level + PG_LEVEL_4K, page_to_pfn(page),
				ext_err1, ext_err2);
}

static inline u64 tdh_mem_range_block_6_16(struct tdx_td *td, u64 gpa, int level,
					   u64 *ext_err1, u64 *ext_err2)
{
	return tdh_mem_range_block(td, gpa, level + PG_LEVEL_4K, ext_err1, ext_err2);
}

static inline u64 tdh_mem_page_remove_6_16(struct tdx_td *td, u64 gpa, u64 level,
					   u64 *ext_err1, u64 *ext_err2)
{
	return tdh_mem_page_remove(td, gpa, level + PG_LEVEL_4K, ext_err1, ext_err2);
}

static inline u64 tdh_phymem_page_wbinvd_hkid_6_16(u64 hkid, struct page *page)
{
	return tdh_phymem_page_wbinvd_hkid(hkid, page_to_pfn(page));
}

#ifdef TDX_HOST_LINUX_6_16
#undef tdx_enable
#define tdx_enable			tdx_enable_cpus_locked
#define tdh_vp_create			tdh_vp_create_6_16
#define tdh_mem_page_add		tdh_mem_page_add_6_16
#define tdh_mem_sept_add		tdh_mem_sept_add_6_16
#define tdh_mem_page_aug		tdh_mem_page_aug_6_16
#define tdh_mem_range_block		tdh_mem_range_block_6_16
#define tdh_mem_page_remove		tdh_mem_page_remove_6_16
#define tdh_phymem_page_wbinvd_hkid	tdh_phymem_page_wbinvd_hkid_6_16
#endif

#endif
