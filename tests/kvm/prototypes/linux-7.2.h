/* SPDX-License-Identifier: GPL-2.0-only */
/* What Linux 7.2 declares for its TDX host side: made by declarations. */
const struct tdx_sys_info *tdx_get_sysinfo(void);
int tdx_cpu_enable(void);
int tdx_guest_keyid_alloc(void);
u32 tdx_get_nr_guest_keyids(void);
u64 tdh_mem_page_add(struct tdx_td *td, u64 gpa, kvm_pfn_t pfn, struct page *source, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_page_aug(struct tdx_td *td, u64 gpa, enum pg_level level, kvm_pfn_t pfn, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_page_remove(struct tdx_td *td, u64 gpa, enum pg_level level, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_range_block(struct tdx_td *td, u64 gpa, enum pg_level level, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_sept_add(struct tdx_td *td, u64 gpa, enum pg_level level, struct page *page, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_track(struct tdx_td *tdr);
u64 tdh_mng_addcx(struct tdx_td *td, struct page *tdcs_page);
u64 tdh_mng_create(struct tdx_td *td, u16 hkid);
u64 tdh_mng_init(struct tdx_td *td, u64 td_params, u64 *extended_err);
u64 tdh_mng_key_config(struct tdx_td *td);
u64 tdh_mng_key_freeid(struct tdx_td *td);
u64 tdh_mng_rd(struct tdx_td *td, u64 field, u64 *data);
u64 tdh_mng_vpflushdone(struct tdx_td *td);
u64 tdh_mr_extend(struct tdx_td *td, u64 gpa, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mr_finalize(struct tdx_td *td);
u64 tdh_phymem_cache_wb(bool resume);
u64 tdh_phymem_page_reclaim(struct page *page, u64 *tdx_pt, u64 *tdx_owner, u64 *tdx_size);
u64 tdh_phymem_page_wbinvd_hkid(u64 hkid, kvm_pfn_t pfn);
u64 tdh_phymem_page_wbinvd_tdr(struct tdx_td *td);
u64 tdh_vp_addcx(struct tdx_vp *vp, struct page *tdcx_page);
u64 tdh_vp_create(struct tdx_td *td, struct tdx_vp *vp);
u64 tdh_vp_enter(struct tdx_vp *vp, struct tdx_module_args *args);
u64 tdh_vp_flush(struct tdx_vp *vp);
u64 tdh_vp_init(struct tdx_vp *vp, u64 initial_rcx, u32 x2apicid);
u64 tdh_vp_rd(struct tdx_vp *vp, u64 field, u64 *data);
u64 tdh_vp_wr(struct tdx_vp *vp, u64 field, u64 data, u64 mask);
void tdx_guest_keyid_free(unsigned int keyid);
void tdx_quirk_reset_paddr(unsigned long base, unsigned long size);
TDX_MEMBER(tdx_sys_info_version, minor_version, 0, 2)
TDX_MEMBER(tdx_sys_info_version, major_version, 2, 2)
TDX_MEMBER(tdx_sys_info_version, update_version, 4, 2)
TDX_MEMBER(tdx_sys_info_features, tdx_features0, 0, 8)
TDX_MEMBER(tdx_sys_info_tdmr, max_tdmrs, 0, 2)
TDX_MEMBER(tdx_sys_info_tdmr, max_reserved_per_tdmr, 2, 2)
TDX_MEMBER(tdx_sys_info_tdmr, pamt_4k_entry_size, 4, 2)
TDX_MEMBER(tdx_sys_info_tdmr, pamt_2m_entry_size, 6, 2)
TDX_MEMBER(tdx_sys_info_tdmr, pamt_1g_entry_size, 8, 2)
TDX_MEMBER(tdx_sys_info_td_ctrl, tdr_base_size, 0, 2)
TDX_MEMBER(tdx_sys_info_td_ctrl, tdcs_base_size, 2, 2)
TDX_MEMBER(tdx_sys_info_td_ctrl, tdvps_base_size, 4, 2)
TDX_MEMBER(tdx_sys_info_td_conf, attributes_fixed0, 0, 8)
TDX_MEMBER(tdx_sys_info_td_conf, attributes_fixed1, 8, 8)
TDX_MEMBER(tdx_sys_info_td_conf, xfam_fixed0, 16, 8)
TDX_MEMBER(tdx_sys_info_td_conf, xfam_fixed1, 24, 8)
TDX_MEMBER(tdx_sys_info_td_conf, num_cpuid_config, 32, 2)
TDX_MEMBER(tdx_sys_info_td_conf, max_vcpus_per_td, 34, 2)
TDX_MEMBER(tdx_sys_info_td_conf, cpuid_config_leaves, 40, 1024)
TDX_MEMBER(tdx_sys_info_td_conf, cpuid_config_values, 1064, 2048)
TDX_MEMBER(tdx_sys_info, version, 0, 6)
TDX_MEMBER(tdx_sys_info, features, 8, 8)
TDX_MEMBER(tdx_sys_info, tdmr, 16, 10)
TDX_MEMBER(tdx_sys_info, td_ctrl, 26, 6)
TDX_MEMBER(tdx_sys_info, td_conf, 32, 3112)
TDX_MEMBER(tdx_module_args, rcx, 0, 8)
TDX_MEMBER(tdx_module_args, rdx, 8, 8)
TDX_MEMBER(tdx_module_args, r8, 16, 8)
TDX_MEMBER(tdx_module_args, r9, 24, 8)
TDX_MEMBER(tdx_module_args, r10, 32, 8)
TDX_MEMBER(tdx_module_args, r11, 40, 8)
TDX_MEMBER(tdx_module_args, r12, 48, 8)
TDX_MEMBER(tdx_module_args, r13, 56, 8)
TDX_MEMBER(tdx_module_args, r14, 64, 8)
TDX_MEMBER(tdx_module_args, r15, 72, 8)
TDX_MEMBER(tdx_module_args, rbx, 80, 8)
TDX_MEMBER(tdx_module_args, rdi, 88, 8)
TDX_MEMBER(tdx_module_args, rsi, 96, 8)
TDX_MEMBER(tdx_td, tdr_page, 0, 8)
TDX_MEMBER(tdx_td, tdcs_nr_pages, 8, 4)
TDX_MEMBER(tdx_td, tdcs_pages, 16, 8)
TDX_MEMBER(tdx_td, tdcx_nr_pages, 24, 4)
TDX_MEMBER(tdx_vp, tdvpr_page, 0, 8)
TDX_MEMBER(tdx_vp, tdvpr_pa, 8, 8)
TDX_MEMBER(tdx_vp, tdcx_pages, 16, 8)
