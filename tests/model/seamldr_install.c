// SPDX-License-Identifier: GPL-2.0-only
/*
 * What SEAMLDR.INSTALL does on the last LP: checks the parameters, the signature structure and
 * the module, and puts the module in place.  Order of the checks: the published P-SEAMLDR.
 */
#include "image.h"
#include "model_state.h"
#include "td_sha384.h"

#define PAGE		TDXM_IMAGE_PAGE
#define MAX_PAGES	496
#define SCENARIO_LOAD	0
#define SCENARIO_UPDATE	1

/* SEAMLDR_PARAMS. */
struct params {
	u32 version;
	u32 scenario;
	u64 sigstruct_pa;
	u8 reserved[104];
	u64 nr_pages;
	u64 page_pa[MAX_PAGES];
} __attribute__((packed));
_Static_assert(sizeof(struct params) == PAGE, "SEAMLDR_PARAMS");

static u64 check_params(const struct tdxm *m, const struct params *p)
{
	u64 i;

	if (p->version || !tdxm_is_zero(p->reserved, 0, sizeof(p->reserved)) ||
	    p->scenario > SCENARIO_UPDATE || !p->nr_pages || p->nr_pages > MAX_PAGES)
		return TDXM_SEAMLDR_EBADPARAM;
	for (i = 0; i < p->nr_pages; i++)
		if (tdxm_check_shared(m, p->page_pa[i], PAGE))
			return TDXM_SEAMLDR_EBADPARAM;
	if (tdxm_check_shared(m, p->sigstruct_pa, PAGE))
		return TDXM_SEAMLDR_EBADPARAM;
	if (p->scenario == SCENARIO_UPDATE && !m->loader.was_ready)
		return TDXM_SEAMLDR_EBADPARAM;
	return TDX_SUCCESS;
}

static bool form_valid(const struct tdxm_sigstruct *s)
{
	return tdxm_is_zero(s->reserved0, 0, sizeof(s->reserved0)) &&
	       tdxm_is_zero(s->reserved1, 0, sizeof(s->reserved1)) && !s->reserved2 &&
	       tdxm_is_zero(s->reserved3, 0, sizeof(s->reserved3)) &&
	       s->header_type == 6 && s->header_length == 0xe1 && s->header_version == 0x10000 &&
	       s->key_size == 0x60 && s->exponent_size == 1 && s->modulus_size == 0x60 &&
	       s->module_vendor == 0x8086 && !s->module_type && !s->attributes &&
	       s->size == 0x200 && s->cpuid_table_size <= TDXM_MAX_CPUIDS &&
	       s->exponent == 0x10001 && s->min_update_hv <= s->module_hv &&
	       !(s->gdt_idt_offset % PAGE) && !s->gdt_idt_offset == !s->fault_wrapper_offset;
}

/* Neither to another major version nor back, but from scratch and with clean keys and caches. */
static u64 check_svn(const struct tdxm *m, const struct tdxm_sigstruct *s, u32 scenario)
{
	u8 major = m->loader.svn >> 8, minor = m->loader.svn & 0xff;

	if (!s->svn_major)
		return TDXM_SEAMLDR_EUNSUPPORTED;
	if (scenario == SCENARIO_UPDATE) {
		if (s->svn_major != major)
			return TDXM_SEAMLDR_EUNSUPPORTED;
		return s->svn_minor < minor ? TDXM_SEAMLDR_EBADSIG : TDX_SUCCESS;
	}
	if (m->loader.dirty && (s->svn_major != major || s->svn_minor < minor))
		return TDXM_SEAMLDR_ECLEANUPREQ;
	return TDX_SUCCESS;
}

static bool for_this_cpu(const struct tdxm *m, const struct tdxm_sigstruct *s)
{
	u32 i, cpuid = tdxm_image_cpuid(&m->machine);

	for (i = 0; i < s->cpuid_table_size; i++)
		if (!((s->cpuid_table[i] ^ cpuid) & ~0xfU))
			return true;
	return false;
}

static u64 check_sigstruct(const struct tdxm *m, const struct tdxm_sigstruct *s, u32 scenario)
{
	u64 digest[6], status;

	if (!form_valid(s))
		return TDXM_SEAMLDR_EBADSIG;
	status = check_svn(m, s, scenario);
	if (status)
		return status;
	if (s->cpuid_table_size && !for_this_cpu(m, s))
		return TDXM_SEAMLDR_EUNSUPCPU;
	tdxm_image_digest(s, digest);
	if (!s->cpuid_table_size || memcmp(s->signature, digest, sizeof(digest)))
		return TDXM_SEAMLDR_EBADSIG;
	return TDX_SUCCESS;
}

static u64 check_handoff(const struct tdxm *m, const struct tdxm_sigstruct *s)
{
	if (!m->loader.updates_left)
		return TDXM_SEAMLDR_EBADCALL;
	if (!m->handoff.valid || m->handoff.hv < s->min_update_hv || m->handoff.hv > s->module_hv)
		return TDXM_SEAMLDR_EBADHANDOFF;
	return TDX_SUCCESS;
}

/* Success: *@profile is what the module is. */
static u64 check_module(const struct tdxm *m, const struct params *p,
			const struct tdxm_sigstruct *s, u32 *profile)
{
	const struct tdxm_code *code = tdxm_map(m, p->page_pa[0]);
	struct tdxm_sha384 sha;
	u64 digest[6], i;

	tdxm_sha384_init(&sha);
	for (i = 0; i < p->nr_pages; i++)
		tdxm_image_hash_page(&sha, tdxm_map(m, p->page_pa[i]));
	tdxm_sha384_final(&sha, digest);
	if (memcmp(s->seamhash, digest, sizeof(digest)))
		return TDXM_SEAMLDR_EBADHASH;
	if (memcmp(code->magic, TDXM_CODE_MAGIC, sizeof(code->magic)) ||
	    code->profile >= TDXM_NR_PROFILES)
		return TDXM_SEAMLDR_EBADPARAM;
	*profile = code->profile;
	return TDX_SUCCESS;
}

/* From scratch: TDs, keys and TDMRs are gone, and their memory is the host's once flushed. */
static void wipe(struct tdxm *m)
{
	tdxm_let_go(m);
	m->handoff.valid = false;
	memset(m->tds.keyids, 0, sizeof(m->tds.keyids));
	memset(m->tds.td_used, 0, sizeof(m->tds.td_used));
	memset(m->tds.vp_used, 0, sizeof(m->tds.vp_used));
}

static void put_in_place(struct tdxm *m, u32 profile, const struct tdxm_sigstruct *s)
{
	m->machine.profile = profile;
	m->version = &tdxm_versions[profile];
	m->loader.svn = (u16)(s->svn_major << 8 | s->svn_minor);
	m->loader.dirty = true;
	m->loader.updates_left--;
	memset(m->lp_shutdown, 0, sizeof(m->lp_shutdown));
	m->nr_lps_shutdown = 0;
	tdxm_reset(m);
}

u64 tdxm_seamldr_install(struct tdxm *m, u64 pa, bool *unrecoverable)
{
	const struct tdxm_sigstruct *s;
	const struct params *p;
	u32 profile;
	u64 status;

	if (tdxm_check_shared(m, pa, PAGE))
		return TDXM_SEAMLDR_EBADPARAM;
	p = tdxm_map(m, pa);
	status = check_params(m, p);
	if (status)
		return status;
	s = tdxm_map(m, p->sigstruct_pa);
	status = check_sigstruct(m, s, p->scenario);
	if (status)
		return status;
	if (p->scenario == SCENARIO_UPDATE) {
		status = check_handoff(m, s);
		if (status)
			return status;
	} else {
		wipe(m);
		m->loader.updates_left = m->machine.updates;
	}
	*unrecoverable = true;
	status = check_module(m, p, s, &profile);
	if (!status)
		put_in_place(m, profile, s);
	return status;
}
