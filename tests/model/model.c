// SPDX-License-Identifier: GPL-2.0-only
/* Creating the model, dispatching calls to the leaves, injected faults. */
#include "model_state.h"

#define LEAF_MASK	0xffffULL	/* of RAX; the rest is version and reserved */
#define VERSION_1	(1ULL << 16)

static const struct tdxm_version versions[] = {
	[TDXM_1_0_3] = {
		.major = 1, .minor = 0, .build = 457, .date = 0x20230206,
		.lp_shutdown_works = true, .end_in_cmr = true,
	},
	[TDXM_1_5_01] = {
		.major = 1, .minor = 5, .update = 1, .build = 481, .date = 0x20230323,
		.features0 = 0xff, .has_sys_rd = true, .has_shutdown = true,
	},
	[TDXM_NEXT] = {
		.major = 1, .minor = 5, .update = 24, .build = 1024, .date = 0x20260101,
		/* NO_RBP_MOD, TOPOLOGY_ENUM, SYS_DISABLE */
		.features0 = 0xff | 1 << 18 | 1 << 20 | 1ULL << 53,
		.has_sys_rd = true, .has_shutdown = true, .has_disable = true,
		.lp_init_any_time = true, .vp_init_v1 = true,
	},
};

size_t tdxm_size(void)
{
	return sizeof(struct tdxm);
}

/* What the machine leaves to the profile. All profiles have the same limits. */
static void default_limits(struct tdxm_machine *mc)
{
	u32 level;

	if (!mc->max_tdmrs)
		mc->max_tdmrs = 64;
	if (!mc->max_reserved)
		mc->max_reserved = 16;
	for (level = 0; level < TDXM_PS_NR; level++)
		if (!mc->pamt_entry_size[level])
			mc->pamt_entry_size[level] = 16;
}

static bool limits_valid(const struct tdxm_machine *mc)
{
	u32 level;

	for (level = 0; level < TDXM_PS_NR; level++)
		if (mc->pamt_entry_size[level] % 8 || mc->pamt_entry_size[level] < 16 ||
		    mc->pamt_entry_size[level] > 64)
			return false;
	return mc->max_tdmrs <= TDXM_MAX_TDMRS && mc->max_reserved <= TDXM_MAX_RESERVED;
}

/* Bits it takes to hold @n. */
static u8 bits(u64 n)
{
	u8 count = 0;

	for (; n; n >>= 1)
		count++;
	return count;
}

int tdxm_create(struct tdxm *m, const struct tdxm_machine *machine,
		const struct tdxm_host *host)
{
	struct tdxm_machine *mc = &m->machine;
	u64 keyids;
	u32 i;

	memset(m, 0, sizeof(*m));
	*mc = *machine;
	m->host = *host;
	default_limits(mc);
	keyids = (u64)mc->nr_mktme_keyids + mc->nr_tdx_keyids;
	if ((u32)mc->profile > TDXM_NEXT || !limits_valid(mc) || keyids > 0xffff)
		return -1;
	if (!mc->nr_lps || mc->nr_lps > TDXM_MAX_LPS || mc->nr_cmrs > TDXM_MAX_CMRS)
		return -1;
	if (mc->phys_bits > 52 || mc->phys_bits < 32 + bits(keyids))
		return -1;
	for (i = 0; i < mc->nr_lps; i++) {
		if (mc->lp_pkg[i] >= TDXM_MAX_PKGS)
			return -1;
		if (!(m->pkgs & 1U << mc->lp_pkg[i]))
			m->nr_pkgs++;
		m->pkgs |= 1U << mc->lp_pkg[i];
	}
	m->version = versions[mc->profile];
	m->version.lp_shutdown_works &= !mc->lp_shutdown_idle;
	m->pa_bits = (u8)(mc->phys_bits - bits(keyids));
	m->pa_limit = 1ULL << m->pa_bits;
	m->pamt_key = 0xd1b54a32d192ed03ULL;
	tdxm_default_exits(m);
	return 0;
}

/* No memory is the module's as far as this host can tell: its PAMTs are another's. */
void tdxm_set_past(struct tdxm *m, enum tdxm_past past)
{
	u32 lp;

	if (past == TDXM_PAST_NONE)
		return;
	for (lp = 0; lp < m->machine.nr_lps; lp++)
		m->lp_init[lp] = true;
	m->nr_lps_init = m->machine.nr_lps;
	m->pkgs_lp_init = m->pkgs;
	m->pkgs_keyed = m->pkgs;
	tdxm_set_state(m, past == TDXM_PAST_READY ? TDXM_READY : TDXM_SHUTDOWN);
}

u8 tdxm_pa_bits(const struct tdxm *m)
{
	return m->pa_bits;
}

bool tdxm_ready(const struct tdxm *m)
{
	return tdxm_state(m) == TDXM_READY;
}

int tdxm_add_fault(struct tdxm *m, const struct tdxm_fault *fault)
{
	if (m->nr_faults == TDXM_MAX_FAULTS)
		return -1;
	m->faults[m->nr_faults++] = *fault;
	return 0;
}

static const struct tdxm_fault *due_fault(struct tdxm *m, u64 rax)
{
	const struct tdxm_fault *due = NULL;
	u32 i;

	for (i = 0; i < m->nr_faults; i++) {
		const struct tdxm_fault *f = &m->faults[i];
		u32 call;

		if (f->leaf != (rax & (TDXM_SEAMLDR_LEAF | LEAF_MASK)))
			continue;
		call = __atomic_add_fetch(&m->fault_calls[i], 1, __ATOMIC_RELAXED);
		if (call >= f->nth && (!f->count || call - f->nth < f->count) && !due)
			due = f;
	}
	return due;
}

static u64 *call_counter(struct tdxm *m, u64 rax)
{
	u64 leaf = rax & LEAF_MASK;

	return leaf < TDXM_MAX_LEAF ? &m->calls[rax >> 63][leaf] : NULL;
}

u64 tdxm_calls(const struct tdxm *m, u64 leaf)
{
	u64 *n = call_counter((struct tdxm *)m, leaf);

	return n ? __atomic_load_n(n, __ATOMIC_RELAXED) : 0;
}

/* Leaves that are served before the module is READY (module 1.5 behaviour). */
static bool before_ready(const struct tdxm *m, u64 leaf)
{
	switch (leaf) {
	case TDH_SYS_INIT:
	case TDH_SYS_LP_INIT:
	case TDH_SYS_INFO:
	case TDH_SYS_CONFIG:
	case TDH_SYS_KEY_CONFIG:
	case TDH_SYS_LP_SHUTDOWN:
		return true;
	case TDH_SYS_RD:
	case TDH_SYS_RDALL:
	case TDH_SYS_UPDATE:
		return m->version.has_sys_rd;
	default:
		return false;
	}
}

static bool version_known(const struct tdxm *m, u64 rax)
{
	if (m->version.vp_init_v1 && rax == (TDH_VP_INIT | VERSION_1))
		return true;
	return !(rax & ~LEAF_MASK);
}

/* What every leaf is asked first. 0: the leaf may run. */
static u64 gate(struct tdxm *m, u32 lp, u64 rax)
{
	u32 state = tdxm_state(m);

	if (!version_known(m, rax))
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
	if (state == TDXM_SHUTDOWN) {
		bool lp_down = __atomic_load_n(&m->lp_shutdown[lp], __ATOMIC_ACQUIRE);

		if (rax == TDH_SYS_LP_SHUTDOWN && !lp_down)
			return TDX_SUCCESS;
		/* The host may look whether it is down, by a leaf that only reads. */
		if (rax != TDH_PHYMEM_PAGE_RDMD &&
		    (lp_down || __atomic_load_n(&m->down, __ATOMIC_ACQUIRE)))
			tdxm_violate(m, TDXM_V_CALL_AFTER_SHUTDOWN, lp, rax, 0);
		return TDX_SYS_SHUTDOWN;
	}
	if (state == TDXM_DISABLING)
		return rax == TDH_SYS_DISABLE ? TDX_SUCCESS : TDX_SYS_BUSY;
	if (state != TDXM_READY && !before_ready(m, rax))
		return TDX_SYS_NOT_READY;
	return TDX_SUCCESS;
}

/* TDH.SYS.RDALL and TDH.SYS.UPDATE are not modelled: unknown leaves, as the rest. */
static u64 run_leaf(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 leaf = regs->rax & LEAF_MASK;

	switch (leaf) {
	case TDH_SYS_INIT:
		return tdxm_sys_init(m, regs);
	case TDH_SYS_LP_INIT:
		return tdxm_sys_lp_init(m, lp, regs);
	case TDH_SYS_INFO:
		return tdxm_sys_info(m, lp, regs);
	case TDH_SYS_RD:
		if (m->version.has_sys_rd)
			return tdxm_sys_rd(m, lp, regs);
		break;
	case TDH_SYS_CONFIG:
		return tdxm_sys_config(m, lp, regs);
	case TDH_SYS_KEY_CONFIG:
		return tdxm_sys_key_config(m, lp);
	case TDH_SYS_TDMR_INIT:
		return tdxm_sys_tdmr_init(m, lp, regs);
	case TDH_SYS_LP_SHUTDOWN:
		return tdxm_sys_lp_shutdown(m, lp);
	case TDH_SYS_SHUTDOWN:
		if (m->version.has_shutdown)
			return tdxm_sys_shutdown(m, regs);
		break;
	case TDH_SYS_DISABLE:
		if (m->version.has_disable)
			return tdxm_sys_disable(m);
		break;
	case TDH_PHYMEM_PAGE_RDMD:
		return tdxm_phymem_page_rdmd(m, lp, regs);
	default:
		return tdxm_td_leaf(m, lp, regs);
	}
	return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
}

static u64 call_module(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 status;

	/* Inside first, the state after: TDH.SYS.SHUTDOWN looks the other way round. */
	__atomic_fetch_add(&m->inside, 1, __ATOMIC_SEQ_CST);
	tdxm_flush_called(m, lp);
	status = gate(m, lp, regs->rax);
	if (!status)
		status = run_leaf(m, lp, regs);
	tdxm_flush_called(m, lp);
	__atomic_fetch_sub(&m->inside, 1, __ATOMIC_SEQ_CST);
	return status;
}

enum tdxm_outcome tdxm_seamcall(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	const struct tdxm_fault *fault;
	u64 *counter = call_counter(m, regs->rax);

	if (counter)
		__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
	if (!m->machine.loaded || lp >= m->machine.nr_lps)
		return TDXM_VMFAILINVALID;
	fault = due_fault(m, regs->rax);
	if (fault) {
		if (fault->outcome == TDXM_COMPLETED)
			regs->rax = fault->status;
		return fault->outcome;
	}
	if (regs->rax & TDXM_SEAMLDR_LEAF)
		return tdxm_seamldr(m, regs);
	regs->rax = call_module(m, lp, regs);
	return TDXM_COMPLETED;
}
