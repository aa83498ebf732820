// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs: created page by page, on one LP at a time, flushed before they move to another. */
#include "model_state.h"

static struct tdxm_vp *vp_of(struct tdxm *m, const struct tdxm_page *tdvpr)
{
	struct tdxm_vp *vp = &m->tds.vp[tdvpr->data % TDXM_MAX_VPS];

	return tdvpr->data < TDXM_MAX_VPS && vp->tdvpr == tdvpr->pa ? vp : NULL;
}

u64 tdxm_vp_take(struct tdxm_call *c, u64 tdvpr_pa, bool exclusive, bool tdr_exclusive,
		 u32 operand)
{
	u64 status = tdxm_page_take(c->m, tdvpr_pa, TDXM_PS_4K, exclusive, TDXM_PT_TDVPR, operand,
				    &c->tdvpr);

	if (status)
		return status;
	status = tdxm_td_take(c->m, c->tdvpr.owner, tdr_exclusive, TDX_OPERAND_ID_TDR, &c->tdr,
			      &c->td);
	if (status) {
		tdxm_page_unlock(c->m, &c->tdvpr);
		return status;
	}
	c->vp = vp_of(c->m, &c->tdvpr);
	if (c->vp)
		return TDX_SUCCESS;
	tdxm_vp_release(c);
	return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, operand);
}

void tdxm_vp_release(struct tdxm_call *c)
{
	tdxm_page_unlock(c->m, &c->tdr);
	tdxm_page_unlock(c->m, &c->tdvpr);
}

u64 tdxm_vp_complete(const struct tdxm_call *c)
{
	return c->vp->nr_pages < TDXM_MIN_TDVPS + 3 * c->td->nr_l2_vms ? TDX_TDCX_NUM_INCORRECT :
									  TDX_SUCCESS;
}

u64 tdxm_vp_associate(struct tdxm_call *c)
{
	u32 none = TDXM_NO_LP;

	if (c->vp->state != TDXM_VCPU_READY)
		return TDX_VCPU_STATE_INCORRECT;
	if (__atomic_load_n(&c->vp->lp, __ATOMIC_ACQUIRE) == c->lp)
		return TDX_SUCCESS;
	if (!__atomic_compare_exchange_n(&c->vp->lp, &none, c->lp, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return TDX_VCPU_ASSOCIATED;
	__atomic_fetch_add(&c->td->nr_assoc, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

u64 tdxm_vp_create(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u64 pa = c->in.rcx, status;
	struct tdxm_page page;
	struct tdxm_vp *vp;
	u32 i;

	status = tdxm_page_take(m, pa, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	i = tdxm_slot_take(m->tds.vp_used, TDXM_MAX_VPS);
	if (i == TDXM_MAX_VPS) {
		/* The model has no room for more. */
		tdxm_page_unlock(m, &page);
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
	}
	vp = &m->tds.vp[i];
	memset(vp, 0, sizeof(*vp));
	vp->tdvpr = pa;
	vp->pages[0] = pa;
	vp->nr_pages = 1;
	vp->lp = TDXM_NO_LP;
	tdxm_page_fill(m, pa);
	tdxm_children(c->td, 1);
	tdxm_page_set(m, &page, TDXM_PT_TDVPR, c->td->tdr, i);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_vp_addcx(struct tdxm_call *c)
{
	u64 pa = c->in.rcx, status;
	struct tdxm_page page;

	if (c->vp->state != TDXM_VCPU_UNINITIALIZED)
		return TDX_VCPU_STATE_INCORRECT;
	if (c->vp->nr_pages == TDXM_MAX_TDVPS)
		return TDX_TDCX_NUM_INCORRECT;
	status = tdxm_page_take(c->m, pa, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	c->vp->pages[c->vp->nr_pages++] = pa;
	tdxm_page_fill(c->m, pa);
	tdxm_children(c->td, 1);
	tdxm_page_set(c->m, &page, TDXM_PT_TDCX, c->td->tdr, TDXM_TDCX_VCPU);
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}

static bool x2apicid_taken(const struct tdxm_td *td, u32 nr, u32 id)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (td->x2apicids[i] == id)
			return true;
	return false;
}

u64 tdxm_vp_init(struct tdxm_call *c)
{
	u64 status = tdxm_vp_complete(c), id = c->in.r8;
	struct tdxm_td *td = c->td;
	u32 index;

	if (status)
		return status;
	if (c->vp->state != TDXM_VCPU_UNINITIALIZED)
		return TDX_VCPU_STATE_INCORRECT;
	/* Without an x2APIC ID the TDR is only shared: two LPs may be here. */
	index = __atomic_fetch_add(&td->nr_vcpus, 1, __ATOMIC_RELAXED);
	if (index >= td->max_vcpus)
		status = TDX_MAX_VCPUS_EXCEEDED;
	else if (c->version && id >> 32)
		status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	else if (c->version && x2apicid_taken(td, index, (u32)id))
		status = tdxm_operand(TDX_X2APIC_ID_NOT_UNIQUE, (u32)id);
	if (status) {
		__atomic_fetch_sub(&td->nr_vcpus, 1, __ATOMIC_RELAXED);
		return status;
	}
	c->vp->index = index;
	td->x2apicids[index] = c->version ? (u32)id : index;
	c->vp->initial_rcx = c->in.rdx;
	c->vp->state = TDXM_VCPU_READY;
	return tdxm_vp_associate(c);
}

u64 tdxm_vp_flush(struct tdxm_call *c)
{
	u64 status;

	if (c->td->lifecycle != TDXM_TD_KEYS_CONFIGURED)
		return TDX_TD_KEYS_NOT_CONFIGURED;
	status = tdxm_vp_complete(c);
	if (status)
		return status;
	if (c->vp->lp != c->lp)
		return TDX_VCPU_NOT_ASSOCIATED;
	__atomic_store_n(&c->vp->lp, TDXM_NO_LP, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&c->td->nr_assoc, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

/* Metadata fields of a vCPU: class and code of the id (sys_rd.c). */
#define FIELD(class, code)	((u64)(class) << 56 | (code))
#define VCPU_STATE		FIELD(32, 0)
#define PEND_NMI		FIELD(32, 11)
/* VMCS fields by their encoding; of many the TDX module says nothing to the host. */
#define POSTED_INTR_NV		FIELD(0, 0x0002)
#define POSTED_INTR_DESC	FIELD(0, 0x2016)
#define SHARED_EPTP		FIELD(0, 0x203c)
#define PIN_BASED		FIELD(0, 0x4000)
#define PIN_ALWAYS		0x3f	/* interrupts, NMIs and virtual NMIs exit */
#define PIN_POSTED_INTR		(1U << 7)

static bool field_value(const struct tdxm_vp *vp, u64 id, u64 *value)
{
	if (id & TDXM_FIELD_MUST_BE_0)
		return false;
	switch (TDXM_FIELD_KEY(id)) {
	case FIELD(17, 256):			/* VCPU_STATE_DETAILS: an interrupt is due */
		*value = tdxm_apic_due(&vp->guest.apic) >= 0;
		return true;
	case VCPU_STATE:
		*value = vp->state;
		return true;
	case FIELD(32, 2):			/* VCPU_INDEX */
		*value = vp->index;
		return true;
	case FIELD(32, 3):			/* NUM_TDVPS_PAGES */
		*value = vp->nr_pages;
		return true;
	case FIELD(32, 4):			/* ASSOC_LPID */
		*value = vp->lp;
		return true;
	case FIELD(32, 6):			/* VCPU_EPOCH */
		*value = vp->epoch;
		return true;
	case PEND_NMI:
		*value = vp->pend_nmi;
		return true;
	case POSTED_INTR_NV:
		*value = vp->pi_vector;
		return true;
	case POSTED_INTR_DESC:
		*value = vp->pi_desc;
		return true;
	case SHARED_EPTP:
		*value = vp->shared_eptp;
		return true;
	case PIN_BASED:
		*value = PIN_ALWAYS | (vp->posts ? PIN_POSTED_INTR : 0);
		return true;
	default:
		return false;
	}
}

/* An address of the host's, aligned, without a private KeyID. */
static bool host_address(const struct tdxm *m, u64 pa, u64 alignment)
{
	return !(pa & (alignment - 1)) && tdxm_check_shared(m, pa, alignment) == TDX_SUCCESS;
}

/* @value: the field with the bits of the mask replaced. */
static bool take_field(const struct tdxm *m, struct tdxm_vp *vp, u64 key, u64 value)
{
	switch (key) {
	case PEND_NMI:
		vp->pend_nmi = value & 1;
		return value <= 1;
	case POSTED_INTR_NV:
		vp->pi_vector = value & 0xff;
		return value <= 0xff;
	case POSTED_INTR_DESC:
		if (!host_address(m, value, 64))
			return false;
		vp->pi_desc = value;
		return true;
	case SHARED_EPTP:
		if (!host_address(m, value, TDXM_4K))
			return false;
		vp->shared_eptp = value;
		return true;
	default:
		vp->posts = value & PIN_POSTED_INTR;
		return (value & ~(u64)PIN_POSTED_INTR) == PIN_ALWAYS;
	}
}

static u64 write_field(const struct tdxm *m, struct tdxm_vp *vp, const struct tdxm_regs *in,
		       u64 before)
{
	u64 key = TDXM_FIELD_KEY(in->rdx);
	struct tdxm_vp old = *vp;

	switch (key) {
	case PEND_NMI:
	case POSTED_INTR_NV:
	case POSTED_INTR_DESC:
	case SHARED_EPTP:
	case PIN_BASED:
		break;
	default:
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	}
	if (take_field(m, vp, key, (before & ~in->r9) | (in->r8 & in->r9)))
		return TDX_SUCCESS;
	*vp = old;
	return TDX_METADATA_FIELD_VALUE_NOT_VALID;
}

/* As in TDH.MNG.RD, version 1. */
#define CONTEXT_VP	(2ULL << 52)
#define ATTRIBUTE_DEBUG	1ULL

static bool readable(const struct tdxm_call *c, u64 key)
{
	return key != VCPU_STATE || c->td->attributes & ATTRIBUTE_DEBUG;
}

static u64 next_field(const struct tdxm_call *c, u64 key)
{
	u32 class = (u32)(key >> 56) & 0x3f, code = (u32)key & 0xffffff;
	u64 value;

	for (code++; class <= 32; class++, code = 0)
		for (; code < 0x5000; code++)
			if (readable(c, FIELD(class, code)) &&
			    field_value(c->vp, FIELD(class, code), &value))
				return FIELD(class, code) | CONTEXT_VP;
	return TDXM_NULL_FIELD;
}

/* A vCPU that can be used, and on this LP. */
static u64 ready_here(struct tdxm_call *c)
{
	u64 status = tdxm_vp_complete(c);

	return status ? status : tdxm_vp_associate(c);
}

u64 tdxm_vp_rd(struct tdxm_call *c)
{
	u64 key = TDXM_FIELD_KEY(c->in.rdx), status, value;

	if (c->version)
		c->out->rdx = TDXM_NULL_FIELD;
	status = ready_here(c);
	if (status)
		return status;
	if (c->version && c->in.rdx == TDXM_NULL_FIELD) {
		c->out->rdx = next_field(c, 0);
		return TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	}
	if (!field_value(c->vp, c->in.rdx, &value))
		return TDX_METADATA_FIELD_ID_INCORRECT;
	if (!readable(c, key))
		return TDX_METADATA_FIELD_NOT_READABLE;
	c->out->r8 = value;
	if (c->version)
		c->out->rdx = next_field(c, key);
	return TDX_SUCCESS;
}

u64 tdxm_vp_wr(struct tdxm_call *c)
{
	u64 status = ready_here(c), before;

	if (status)
		return status;
	if (!field_value(c->vp, c->in.rdx, &before))
		return TDX_METADATA_FIELD_ID_INCORRECT;
	status = write_field(c->m, c->vp, &c->in, before);
	if (!status)
		c->out->r8 = before;
	return status;
}
