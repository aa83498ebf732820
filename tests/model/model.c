// SPDX-License-Identifier: GPL-2.0-only
/* Creating the model, dispatching calls to the leaves, injected faults. */
#include "model_state.h"

#define LEAF_MASK	0xffffULL	/* of RAX; the rest is version and reserved */

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
	if (!mc->updates)
		mc->updates = 8;
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
	if ((u32)mc->profile >= TDXM_NR_PROFILES || !limits_valid(mc) || keyids > 0xffff)
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
	m->version = &tdxm_versions[mc->profile];
	m->pa_bits = (u8)(mc->phys_bits - bits(keyids));
	m->pa_limit = 1ULL << m->pa_bits;
	m->pamt_key = 0xd1b54a32d192ed03ULL;
	memcpy(m->report_key, "simulated: this attests nothing.", TDXM_REPORT_KEY);
	m->loader.ready = !mc->no_module;
	m->loader.updates_left = mc->updates;
	m->loader.svn = mc->no_module ? 0 : m->version->svn;
	m->loader.version = mc->profile;
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

void tdxm_reset(struct tdxm *m)
{
	memset(m->lp_init, 0, sizeof(m->lp_init));
	m->nr_lps_init = 0;
	m->pkgs_lp_init = 0;
	m->disable_steps = 0;
	m->disabled = false;
	tdxm_set_state(m, TDXM_INIT_PENDING);
}

enum tdxm_profile tdxm_profile_now(const struct tdxm *m)
{
	return m->machine.profile;
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

void tdxm_clear_faults(struct tdxm *m)
{
	m->nr_faults = 0;
	memset(m->fault_calls, 0, sizeof(m->fault_calls));
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

static u64 call_module(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 status;

	/* Inside first, the state after: TDH.SYS.SHUTDOWN looks the other way round. */
	__atomic_fetch_add(&m->inside, 1, __ATOMIC_SEQ_CST);
	tdxm_flush_called(m, lp);
	status = tdxm_run_leaf(m, lp, regs);
	tdxm_flush_called(m, lp);
	__atomic_fetch_sub(&m->inside, 1, __ATOMIC_SEQ_CST);
	return status;
}

static bool crashed(const struct tdxm *m)
{
	return __atomic_load_n(&m->crashed, __ATOMIC_ACQUIRE);
}

enum tdxm_outcome tdxm_seamcall(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	const struct tdxm_fault *fault;
	u64 *counter = call_counter(m, regs->rax), status;

	if (counter)
		__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
	if (!m->machine.loaded || lp >= m->machine.nr_lps || crashed(m))
		return TDXM_VMFAILINVALID;
	fault = due_fault(m, regs->rax);
	if (fault) {
		if (fault->outcome == TDXM_COMPLETED)
			regs->rax = fault->status;
		return fault->outcome;
	}
	if (regs->rax & TDXM_SEAMLDR_LEAF)
		return tdxm_seamldr(m, lp, regs);
	if (!tdxm_module_ready(m))
		return TDXM_VMFAILINVALID;
	status = call_module(m, lp, regs);
	if (crashed(m))
		return TDXM_VMFAILINVALID;
	regs->rax = status;
	return TDXM_COMPLETED;
}
