/* SPDX-License-Identifier: GPL-2.0-only */
/* What Linux 6.18 declares for its TDX host side: made by declarations. */
const struct tdx_sys_info *tdx_get_sysinfo(void);
int tdx_cpu_enable(void);
int tdx_enable(void);
int tdx_guest_keyid_alloc(void);
u32 tdx_get_nr_guest_keyids(void);
u64 tdh_mem_page_add(struct tdx_td *td, u64 gpa, struct page *page, struct page *source, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_page_aug(struct tdx_td *td, u64 gpa, int level, struct page *page, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_page_remove(struct tdx_td *td, u64 gpa, u64 level, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_range_block(struct tdx_td *td, u64 gpa, int level, u64 *ext_err1, u64 *ext_err2);
u64 tdh_mem_sept_add(struct tdx_td *td, u64 gpa, int level, struct page *page, u64 *ext_err1, u64 *ext_err2);
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
u64 tdh_phymem_page_wbinvd_hkid(u64 hkid, struct page *page);
u64 tdh_phymem_page_wbinvd_tdr(struct tdx_td *td);
u64 tdh_vp_addcx(struct tdx_vp *vp, struct page *tdcx_page);
u64 tdh_vp_create(struct tdx_td *td, struct tdx_vp *vp);
u64 tdh_vp_enter(struct tdx_vp *vp, struct tdx_module_args *args);
u64 tdh_vp_flush(struct tdx_vp *vp);
u64 tdh_vp_init(struct tdx_vp *vp, u64 initial_rcx, u32 x2apicid);
u64 tdh_vp_rd(struct tdx_vp *vp, u64 field, u64 *data);
u64 tdh_vp_wr(struct tdx_vp *vp, u64 field, u64 data, u64 mask);
void tdx_cpu_flush_cache_for_kexec(void);
void tdx_guest_keyid_free(unsigned int keyid);
void tdx_quirk_reset_page(struct page *page);
TDX_MEMBER(tdx_td, tdr_page, 0, 8)
TDX_MEMBER(tdx_td, tdcs_nr_pages, 8, 4)
TDX_MEMBER(tdx_td, tdcs_pages, 16, 8)
TDX_MEMBER(tdx_td, tdcx_nr_pages, 24, 4)
TDX_MEMBER(tdx_vp, tdvpr_page, 0, 8)
TDX_MEMBER(tdx_vp, tdvpr_pa, 8, 8)
TDX_MEMBER(tdx_vp, tdcx_pages, 16, 8)
