// SPDX-License-Identifier: GPL-2.0-only
/* vCPUs: made page by page, on one LP at a time, flushed before they move. */
#include "model_state.h"

static struct tdxm_vp *vp_of(struct tdxm *m, const struct tdxm_page *tdvpr)
{
	struct tdxm_vp *vp = &m->tds.vp[tdvpr->data % TDXM_MAX_VPS];

	return tdvpr->data < TDXM_MAX_VPS && vp->tdvpr == tdvpr->pa ? vp : NULL;
}

u64 tdxm_vp_take(struct tdxm *m, u64 tdvpr_pa, bool exclusive, bool tdr_exclusive, u32 operand,
		 struct tdxm_vp_lock *l)
{
	u64 status = tdxm_page_take(m, tdvpr_pa, TDXM_PS_4K, exclusive, TDXM_PT_TDVPR, operand,
				    &l->tdvpr);

	if (status)
		return status;
	status = tdxm_td_take(m, l->tdvpr.owner, tdr_exclusive, TDX_OPERAND_ID_TDR, &l->tdr, &l->td);
	if (status) {
		tdxm_page_unlock(m, &l->tdvpr);
		return status;
	}
	l->vp = vp_of(m, &l->tdvpr);
	if (l->vp)
		return TDX_SUCCESS;
	tdxm_vp_release(m, l);
	return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, operand);
}

void tdxm_vp_release(struct tdxm *m, struct tdxm_vp_lock *l)
{
	tdxm_page_unlock(m, &l->tdr);
	tdxm_page_unlock(m, &l->tdvpr);
}

u64 tdxm_vp_complete(const struct tdxm_vp_lock *l)
{
	return l->vp->nr_pages < TDXM_MIN_TDVPS + 3 * l->td->nr_l2_vms ? TDX_TDCX_NUM_INCORRECT :
									  TDX_SUCCESS;
}

u64 tdxm_vp_associate(struct tdxm_vp_lock *l, u32 lp)
{
	u32 none = TDXM_NO_LP;

	if (l->vp->state != TDXM_VCPU_READY)
		return TDX_VCPU_STATE_INCORRECT;
	if (__atomic_load_n(&l->vp->lp, __ATOMIC_ACQUIRE) == lp)
		return TDX_SUCCESS;
	if (!__atomic_compare_exchange_n(&l->vp->lp, &none, lp, false, __ATOMIC_ACQ_REL,
					 __ATOMIC_RELAXED))
		return TDX_VCPU_ASSOCIATED;
	__atomic_fetch_add(&l->td->nr_assoc, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

static u64 vp_create(struct tdxm *m, struct tdxm_td *td, u64 pa)
{
	struct tdxm_page page;
	struct tdxm_vp *vp;
	u64 status = tdxm_td_check(td, TDH_VP_CREATE);
	u32 i;

	if (status)
		return status;
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
	vp->nr_pages = 1;
	vp->lp = TDXM_NO_LP;
	tdxm_page_fill(m, pa);
	tdxm_children(td, 1);
	tdxm_page_set(m, &page, TDXM_PT_TDVPR, td->tdr, i);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_vp_create(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status = tdxm_td_take(m, regs->rdx, false, TDX_OPERAND_ID_RDX, &tdr, &td);

	(void)lp;
	if (status)
		return status;
	tdxm_dwell(m, TDH_VP_CREATE);
	status = vp_create(m, td, regs->rcx);
	tdxm_page_unlock(m, &tdr);
	return status;
}

static u64 vp_addcx(struct tdxm *m, struct tdxm_vp_lock *l, u64 pa)
{
	struct tdxm_page page;
	u64 status = tdxm_td_check(l->td, TDH_VP_ADDCX);

	if (status)
		return status;
	if (l->vp->state != TDXM_VCPU_UNINITIALIZED)
		return TDX_VCPU_STATE_INCORRECT;
	if (l->vp->nr_pages == TDXM_MAX_TDVPS)
		return TDX_TDCX_NUM_INCORRECT;
	status = tdxm_page_take(m, pa, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	l->vp->nr_pages++;
	tdxm_page_fill(m, pa);
	tdxm_children(l->td, 1);
	tdxm_page_set(m, &page, TDXM_PT_TDCX, l->td->tdr, 0);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_vp_addcx(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_vp_lock l;
	u64 status = tdxm_vp_take(m, regs->rdx, true, false, TDX_OPERAND_ID_RDX, &l);

	(void)lp;
	if (status)
		return status;
	tdxm_dwell(m, TDH_VP_ADDCX);
	status = vp_addcx(m, &l, regs->rcx);
	tdxm_vp_release(m, &l);
	return status;
}

static bool x2apicid_taken(const struct tdxm_td *td, u32 nr, u32 id)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (td->x2apicids[i] == id)
			return true;
	return false;
}

static u64 vp_init(struct tdxm_vp_lock *l, u32 lp, const struct tdxm_regs *regs, bool version_1)
{
	u64 status = tdxm_td_check(l->td, TDH_VP_INIT);
	u32 index;

	if (!status)
		status = tdxm_vp_complete(l);
	if (status)
		return status;
	if (l->vp->state != TDXM_VCPU_UNINITIALIZED)
		return TDX_VCPU_STATE_INCORRECT;
	/* Without an x2APIC ID the TDR is only shared: two LPs may be here. */
	index = __atomic_fetch_add(&l->td->nr_vcpus, 1, __ATOMIC_RELAXED);
	if (index >= l->td->max_vcpus)
		status = TDX_MAX_VCPUS_EXCEEDED;
	else if (version_1 && regs->r8 >> 32)
		status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	else if (version_1 && x2apicid_taken(l->td, index, (u32)regs->r8))
		status = tdxm_operand(TDX_X2APIC_ID_NOT_UNIQUE, (u32)regs->r8);
	if (status) {
		__atomic_fetch_sub(&l->td->nr_vcpus, 1, __ATOMIC_RELAXED);
		return status;
	}
	l->vp->index = index;
	l->td->x2apicids[index] = version_1 ? (u32)regs->r8 : index;
	l->vp->initial_rcx = regs->rdx;
	l->vp->state = TDXM_VCPU_READY;
	return tdxm_vp_associate(l, lp);
}

u64 tdxm_vp_init(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	bool version_1 = regs->rax != TDH_VP_INIT;
	struct tdxm_vp_lock l;
	u64 status = tdxm_vp_take(m, regs->rcx, true, version_1, TDX_OPERAND_ID_RCX, &l);

	if (status)
		return status;
	tdxm_dwell(m, TDH_VP_INIT);
	status = vp_init(&l, lp, regs, version_1);
	tdxm_vp_release(m, &l);
	return status;
}

static u64 vp_flush(struct tdxm_vp_lock *l, u32 lp)
{
	u64 status;

	if (l->td->lifecycle != TDXM_TD_KEYS_CONFIGURED)
		return TDX_TD_KEYS_NOT_CONFIGURED;
	status = tdxm_vp_complete(l);
	if (status)
		return status;
	if (l->vp->lp != lp)
		return TDX_VCPU_NOT_ASSOCIATED;
	__atomic_store_n(&l->vp->lp, TDXM_NO_LP, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&l->td->nr_assoc, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

u64 tdxm_vp_flush(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_vp_lock l;
	u64 status = tdxm_vp_take(m, regs->rcx, true, false, TDX_OPERAND_ID_RCX, &l);

	if (status)
		return status;
	tdxm_dwell(m, TDH_VP_FLUSH);
	status = vp_flush(&l, lp);
	tdxm_vp_release(m, &l);
	return status;
}

/* Metadata fields of a vCPU: class and code of the id (sys_rd.c). */
#define FIELD(class, code)	((u64)(class) << 56 | (code))
#define FIELD_KEY(id)		((id) & (0x3fULL << 56 | 0xffffff))
#define FIELD_MUST_BE_0		(1ULL << 62 | 1ULL << 55 | 7ULL << 47 | 0x1ffULL << 38 | \
				 0xfULL << 34 | 0xffULL << 24)
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
	if (id & FIELD_MUST_BE_0)
		return false;
	switch (FIELD_KEY(id)) {
	case FIELD(17, 256):			/* VCPU_STATE_DETAILS: no interrupt pends */
		*value = 0;
		return true;
	case FIELD(32, 0):			/* VCPU_STATE */
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

static u64 write_field(const struct tdxm *m, struct tdxm_vp *vp, const struct tdxm_regs *regs,
		       u64 before, u64 data)
{
	u64 key = FIELD_KEY(regs->rdx);
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
	if (take_field(m, vp, key, (before & ~regs->r9) | (data & regs->r9)))
		return TDX_SUCCESS;
	*vp = old;
	return TDX_METADATA_FIELD_VALUE_NOT_VALID;
}

static u64 access(struct tdxm *m, u32 lp, struct tdxm_regs *regs, u64 leaf)
{
	u64 data = regs->r8, value = 0, status;
	struct tdxm_vp_lock l;

	regs->r8 = 0;
	status = tdxm_vp_take(m, regs->rcx, false, false, TDX_OPERAND_ID_RCX, &l);
	if (status)
		return status;
	tdxm_dwell(m, leaf);
	status = tdxm_td_check(l.td, leaf);
	if (!status)
		status = tdxm_vp_complete(&l);
	if (!status)
		status = tdxm_vp_associate(&l, lp);
	if (!status && !field_value(l.vp, regs->rdx, &value))
		status = TDX_METADATA_FIELD_ID_INCORRECT;
	if (!status && leaf == TDH_VP_WR)
		status = write_field(m, l.vp, regs, value, data);
	if (!status)
		regs->r8 = value;
	tdxm_vp_release(m, &l);
	return status;
}

u64 tdxm_vp_rd(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	return access(m, lp, regs, TDH_VP_RD);
}

u64 tdxm_vp_wr(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	return access(m, lp, regs, TDH_VP_WR);
}
