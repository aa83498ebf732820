// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDG.MR.REPORT: TDREPORT_STRUCT (TDX module ABI), as guests parse it.  Its MAC is made with a
 * key of the model's, HMAC-SHA-384 cut to its 32 bytes where a CPU has HMAC-SHA-256: it shows
 * that the model has made the report, and attests nothing.
 */
#include "model_state.h"

#define REPORT_SIZE	1024
#define DATA_SIZE	64
#define REPORT_TYPE	0x81		/* a TD's */
#define DIGEST_SIZE	48
#define SHA_BLOCK	128

/* Offsets in the report. */
#define AT_TCB_HASH	32
#define AT_TD_HASH	80
#define AT_DATA		128
#define AT_MAC		224
#define AT_TCB		256
#define TCB_SIZE	239
#define AT_TD		512
#define TD_SIZE		512

/* Of TEE_TCB_INFO. */
#define TCB_VALID	0x301ffULL	/* which of its fields mean something */
#define AT_TCB_SVN	(AT_TCB + 8)

static void keyed(struct tdxm_sha384 *s, const u8 key[TDXM_REPORT_KEY], u8 pad)
{
	u8 block[SHA_BLOCK];
	u32 i;

	for (i = 0; i < SHA_BLOCK; i++)
		block[i] = pad ^ (i < TDXM_REPORT_KEY ? key[i] : 0);
	tdxm_sha384_init(s);
	tdxm_sha384_block(s, block);
}

/* Of all that comes before it. */
void tdxm_report_mac(const struct tdxm *m, const u8 *report, u8 mac[TDXM_REPORT_MAC])
{
	struct tdxm_sha384 s;
	u64 digest[6];

	keyed(&s, m->report_key, 0x36);
	tdxm_sha384_block(&s, report);
	tdxm_sha384_final_bytes(&s, report + SHA_BLOCK, AT_MAC - SHA_BLOCK, digest);
	keyed(&s, m->report_key, 0x5c);
	tdxm_sha384_final_bytes(&s, (const u8 *)digest, DIGEST_SIZE, digest);
	memcpy(mac, digest, TDXM_REPORT_MAC);
}

static u32 append(u8 *report, u32 at, const void *what, u32 size)
{
	memcpy(report + at, what, size);
	return at + size;
}

static void td_info(const struct tdxm_td *td, u8 *report)
{
	u32 at = AT_TD;

	at = append(report, at, &td->attributes, 8);
	at = append(report, at, &td->xfam, 8);
	at = append(report, at, td->mrtd, DIGEST_SIZE);
	at = append(report, at, td->mrconfigid, DIGEST_SIZE);
	at = append(report, at, td->mrowner, DIGEST_SIZE);
	at = append(report, at, td->mrownerconfig, DIGEST_SIZE);
	append(report, at, td->rtmr, sizeof(td->rtmr));
}

static void make(struct tdxm_call *c, const u8 *data, u8 *report)
{
	u64 digest[6];
	u8 mac[TDXM_REPORT_MAC];

	memset(report, 0, REPORT_SIZE);
	report[0] = REPORT_TYPE;
	tdxm_put(report, AT_TCB, TCB_VALID, 8);
	tdxm_put(report, AT_TCB_SVN, c->m->version->major, 1);
	tdxm_put(report, AT_TCB_SVN + 1, c->m->version->minor, 1);
	td_info(c->td, report);
	tdxm_sha384_digest(report + AT_TCB, TCB_SIZE, digest);
	memcpy(report + AT_TCB_HASH, digest, DIGEST_SIZE);
	tdxm_sha384_digest(report + AT_TD, TD_SIZE, digest);
	memcpy(report + AT_TD_HASH, digest, DIGEST_SIZE);
	memcpy(report + AT_DATA, data, DATA_SIZE);
	tdxm_report_mac(c->m, report, mac);
	memcpy(report + AT_MAC, mac, sizeof(mac));
}

/* With the RTMRs locked; @data: a copy, for the two may overlap. */
static enum tdxm_after report_to(struct tdxm_call *c, u64 gpa, const u8 *data, u64 *status)
{
	const struct tdxm_access to = { .gpa = gpa, .write = true, .by_leaf = true };
	u8 *report;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_gpa_private(c->td, gpa))
		return TDXM_NEXT_INSN;
	report = tdxm_guest_page(c, gpa);
	if (!report)
		return tdxm_guest_violation(c, &to);
	make(c, data, report + gpa % TDXM_4K);
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

/* Not in shared memory, which the module would take as well. */
enum tdxm_after tdxm_tdg_mr_report(struct tdxm_call *c, u64 *status)
{
	const struct tdxm_regs *g = &c->vp->guest.regs;
	const struct tdxm_access from = { .gpa = g->rdx };
	enum tdxm_after after;
	u8 data[DATA_SIZE];
	const u8 *source;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx % REPORT_SIZE)
		return TDXM_NEXT_INSN;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	if (from.gpa % DATA_SIZE || !tdxm_gpa_private(c->td, from.gpa))
		return TDXM_NEXT_INSN;
	source = tdxm_guest_page(c, from.gpa);
	if (!source)
		return tdxm_guest_violation(c, &from);
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	if (g->r8)
		return TDXM_NEXT_INSN;
	memcpy(data, source + from.gpa % TDXM_4K, DATA_SIZE);
	*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RTMR);
	if (!tdxm_try_shared(&c->td->rtmr_lock))
		return TDXM_NEXT_INSN;
	after = report_to(c, g->rcx, data, status);
	tdxm_unlock_shared(&c->td->rtmr_lock);
	return after;
}
