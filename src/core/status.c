// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names and details of completion statuses.  Causes and remedies are in status_text.c.
 *
 * Sources: TDX module ABI, "Completion status codes" and "Operand IDs"; where the ABI
 * does not say which details a status carries, the behaviour of TDX module 1.5.
 */
#include "status.h"

struct name_row {
	u64 value;
	const char *name;
};

static const struct name_row statuses[] = {
#define TDX_STATUS_ROW(value, name) { value, name },
#include "status_tables.inc"
#undef TDX_STATUS_ROW
	{ TDX_SW_VMFAILINVALID, "TDX_SEAMCALL_VMFAILINVALID" },
	{ TDX_SW_GP, "TDX_SEAMCALL_GP" },
	{ TDX_SW_UD, "TDX_SEAMCALL_UD" },
};

struct id_row {
	u32 id;
	const char *name;
};

static const struct id_row operands[] = {
#define TDX_OPERAND_ROW(id, name) { id, name },
#include "status_tables.inc"
#undef TDX_OPERAND_ROW
};

/* RAX: the leaf number and the bit that selects the P-SEAMLDR, without the version. */
#define TDX_LEAF_MASK		0xffffULL
#define TDX_SEAMLDR_LEAF	(1ULL << 63)

#define NR(array) (sizeof(array) / sizeof((array)[0]))

static const struct name_row leaves[] = {
#define TDX_LEAF_ROW(leaf, name, id) { leaf, name },
#define TDX_SEAMLDR_ROW(leaf, name) { leaf, name },
#include "status_tables.inc"
#undef TDX_LEAF_ROW
#undef TDX_SEAMLDR_ROW
};

/* MSRs that the TDX module checks: Intel SDM vol. 4. */
static const struct id_row msrs[] = {
	{ 0x3a, "IA32_FEATURE_CONTROL" },
	{ 0x3b, "IA32_TSC_ADJUST" },
	{ 0x87, "IA32_MKTME_KEYID_PARTITIONING" },
	{ 0xce, "MSR_PLATFORM_INFO" },
	{ 0xfe, "IA32_MTRRCAP" },
	{ 0x10a, "IA32_ARCH_CAPABILITIES" },
	{ 0x122, "IA32_TSX_CTRL" },
	{ 0x1a0, "IA32_MISC_ENABLE" },
	{ 0x345, "IA32_PERF_CAPABILITIES" },
	{ 0x3f1, "IA32_PEBS_ENABLE" },
	{ 0x480, "IA32_VMX_BASIC" },
	{ 0x981, "IA32_TME_CAPABILITY" },
	{ 0x982, "IA32_TME_ACTIVATE" },
	{ 0xda0, "IA32_XSS" },
	{ 0x1400, "IA32_SEAMRR_BASE" },
	{ 0x1401, "IA32_SEAMRR_MASK" },
};

static const struct id_row classes[] = {
	{ 0x00, "general" },
	{ 0x01, "operand" },
	{ 0x02, "busy resource" },
	{ 0x03, "page metadata" },
	{ 0x04, "TD pages" },
	{ 0x05, "TDX module state" },
	{ 0x06, "TD state" },
	{ 0x07, "VCPU state" },
	{ 0x08, "keys" },
	{ 0x09, "platform" },
	{ 0x0a, "TDMRs and PAMTs" },
	{ 0x0b, "secure EPT" },
	{ 0x0c, "metadata fields" },
	{ 0x0d, "service TD" },
	{ 0x0e, "migration" },
	{ 0x0f, "TDX Connect" },
	{ 0x10, "attestation" },
	{ 0x11, "TD partitioning" },
	{ 0xff, "the SEAMCALL instruction itself" },
};

static const char *id_name(const struct id_row *rows, size_t nr, u32 id)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (rows[i].id == id)
			return rows[i].name;
	return NULL;
}

/* Bits 63:32 of a TDX module's status name it; all bits of a software status do. */
static u64 name_part(u64 status)
{
	if (tdx_status_name_bits(status) == TDX_SW_ERROR)
		return status;
	return tdx_status_name_bits(status);
}

static const char *status_name(u64 status)
{
	u64 name = name_part(status);
	size_t i;

	for (i = 0; i < NR(statuses); i++)
		if (statuses[i].value == name)
			return statuses[i].name;
	return NULL;
}

const char *tdx_leaf_name(u64 rax)
{
	size_t i;

	for (i = 0; i < NR(leaves); i++)
		if (leaves[i].value == (rax & (TDX_SEAMLDR_LEAF | TDX_LEAF_MASK)))
			return leaves[i].name;
	return "unknown leaf";
}

const char *tdx_status_name(u64 status)
{
	const char *name = status_name(status);

	return name ? name : "unknown status";
}

bool tdx_status_known(u64 status)
{
	return status_name(status);
}

bool tdx_status_by_name(const char *name, u64 *status)
{
	size_t i;

	for (i = 0; i < NR(statuses); i++) {
		if (strcmp(statuses[i].name, name))
			continue;
		*status = statuses[i].value;
		return true;
	}
	return false;
}

const char *tdx_operand_name(u32 id)
{
	return id_name(operands, NR(operands), id);
}

const char *tdx_msr_name(u32 msr)
{
	return id_name(msrs, NR(msrs), msr);
}

const char *tdx_status_class(u64 status)
{
	return id_name(classes, NR(classes), (status >> 40) & 0xff);
}

bool tdx_status_retryable(u64 status)
{
	switch (tdx_status_name_bits(status)) {
	case TDX_INTERRUPTED_RESUMABLE:
	case TDX_INTERRUPTED_RESTARTABLE:
	case TDX_OPERAND_BUSY:
	case TDX_PREVIOUS_TLB_EPOCH_BUSY:
	case TDX_SYS_BUSY:
	case TDX_RND_NO_ENTROPY:
	case TDX_OPERAND_BUSY_HOST_PRIORITY:
	case TDX_KEY_GENERATION_FAILED:
		return true;
	default:
		return false;
	}
}

/* What bits 31:0 of a status contain. */
enum details {
	D_PLAIN,	/* an operand ID where not 0 */
	D_OPERAND,	/* an operand ID, 0 too */
	D_EXIT,		/* VMX exit reason, of TDH.VP.ENTER */
	D_MSR,		/* index */
	D_CPUID,	/* leaf */
	D_SMRR,		/* info0: 0 SMRR, 1 SMRR2 */
	D_SMRR_CMR,	/* the same, info1 CMR */
	D_TDMR,		/* info0 TDMR */
	D_RESERVED,	/* info0 TDMR, info1 reserved area */
	D_PAMT,		/* info0 TDMR, info1 level */
	D_OVERLAP,	/* info0 TDMR, info1 level, info2 the other TDMR */
	D_L2_SEPT,	/* 31:16 VM, 15:0 level */
	D_TRAP,		/* trap number */
};

static enum details details_kind(u64 status)
{
	switch (tdx_status_name_bits(status)) {
	case TDX_OPERAND_INVALID:
	case TDX_OPERAND_ADDR_RANGE_ERROR:
	case TDX_OPERAND_BUSY:
	case TDX_OPERAND_BUSY_HOST_PRIORITY:
		return D_OPERAND;
	case TDX_SUCCESS:
	case TDX_NON_RECOVERABLE_VCPU:
	case TDX_NON_RECOVERABLE_TD:
	case TDX_NON_RECOVERABLE_TD_NON_ACCESSIBLE:
	case TDX_NON_RECOVERABLE_TD_WRONG_APIC_MODE:
	case TDX_CROSS_TD_FAULT:
	case TDX_CROSS_TD_TRAP:
	case TDX_NON_RECOVERABLE_TD_CORRUPTED_MD:
	case TDX_TD_FATAL:
		return D_EXIT;
	case TDX_INCORRECT_MSR_VALUE:
	case TDX_INCONSISTENT_MSR:
		return D_MSR;
	case TDX_CPUID_LEAF_NOT_SUPPORTED:
	case TDX_CPUID_MAX_SUBLEAVES_UNRECOGNIZED:
		return D_CPUID;
	case TDX_SMRR_NOT_LOCKED:
	case TDX_INVALID_SMRR_CONFIGURATION:
		return D_SMRR;
	case TDX_SMRR_OVERLAPS_CMR:
		return D_SMRR_CMR;
	case TDX_INVALID_TDMR:
	case TDX_NON_ORDERED_TDMR:
	case TDX_TDMR_OUTSIDE_CMRS:
		return D_TDMR;
	case TDX_INVALID_RESERVED_IN_TDMR:
	case TDX_NON_ORDERED_RESERVED_IN_TDMR:
		return D_RESERVED;
	case TDX_INVALID_PAMT:
	case TDX_PAMT_OUTSIDE_CMRS:
		return D_PAMT;
	case TDX_PAMT_OVERLAP:
		return D_OVERLAP;
	case TDX_L2_SEPT_WALK_FAILED:
		return D_L2_SEPT;
	case TDX_SW_ERROR:
		return status_name(status) ? D_PLAIN : D_TRAP;
	default:
		return D_PLAIN;
	}
}

/* Appends to a buffer and, like snprintf, counts what does not fit.  finish() adds the NUL. */
struct text {
	char *buf;
	size_t size;
	int len;
};

static void put_char(struct text *t, char c)
{
	if ((size_t)t->len < t->size)
		t->buf[t->len] = c;
	t->len++;
}

static void put(struct text *t, const char *s)
{
	while (*s)
		put_char(t, *s++);
}

static void put_dec(struct text *t, u32 value)
{
	char digits[10];
	int n = 0;

	do {
		digits[n++] = '0' + value % 10;
		value /= 10;
	} while (value);
	while (n)
		put_char(t, digits[--n]);
}

static void put_hex(struct text *t, u64 value, int width)
{
	int shift = 60;

	put(t, "0x");
	while (shift >= width * 4 && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		put_char(t, "0123456789abcdef"[(value >> shift) & 0xf]);
}

static int finish(const struct text *t)
{
	if (t->size)
		t->buf[(size_t)t->len < t->size ? (size_t)t->len : t->size - 1] = '\0';
	return t->len;
}

static void put_num(struct text *t, const char *what, u32 value)
{
	put(t, what);
	put_dec(t, value);
}

static void put_name_or_hex(struct text *t, const char *what, u32 value, const char *name)
{
	put(t, what);
	put_hex(t, value, 1);
	if (name) {
		put(t, " (");
		put(t, name);
		put(t, ")");
	}
}

static void put_operand(struct text *t, u32 id)
{
	const char *name = tdx_operand_name(id);

	put(t, "operand ");
	if (name) {
		put(t, name);
		return;
	}
	put(t, "id ");
	put_dec(t, id);
}

/* Index as in struct tdmr's PAMT levels: 0 is 4 KB. */
static void put_level(struct text *t, u32 level)
{
	static const char * const names[] = { "4K", "2M", "1G" };

	put(t, ", level ");
	if (level < NR(names))
		put(t, names[level]);
	else
		put_dec(t, level);
}

static void put_details(struct text *t, u64 status)
{
	u32 low = (u32)status;
	u32 info0 = low & 0xff, info1 = (low >> 8) & 0xff, info2 = (low >> 16) & 0xff;

	switch (details_kind(status)) {
	case D_OPERAND:
		put_operand(t, low);
		break;
	case D_PLAIN:
		if (low && tdx_status_name_bits(status) != TDX_SW_ERROR)
			put_operand(t, low);
		break;
	case D_EXIT:
		if (low)
			put_num(t, "VMX exit reason ", low & 0xffff);
		break;
	case D_MSR:
		put_name_or_hex(t, "MSR ", low, tdx_msr_name(low));
		break;
	case D_CPUID:
		put_name_or_hex(t, "CPUID leaf ", low, NULL);
		break;
	case D_SMRR:
		put(t, low ? "SMRR2" : "SMRR");
		break;
	case D_SMRR_CMR:
		put(t, info0 ? "SMRR2" : "SMRR");
		put_num(t, ", CMR ", info1);
		break;
	case D_TDMR:
		put_num(t, "TDMR ", info0);
		break;
	case D_RESERVED:
		put_num(t, "TDMR ", info0);
		put_num(t, ", reserved area ", info1);
		break;
	case D_PAMT:
		put_num(t, "TDMR ", info0);
		put_level(t, info1);
		break;
	case D_OVERLAP:
		put_num(t, "PAMT of TDMR ", info0);
		put_level(t, info1);
		put_num(t, ", with TDMR ", info2);
		break;
	case D_L2_SEPT:
		put_num(t, "L2 VM ", low >> 16);
		put_num(t, ", level ", low & 0xffff);
		break;
	case D_TRAP:
		put_num(t, "trap ", low);
		break;
	}
}

int tdx_status_details(char *buf, size_t size, u64 status)
{
	struct text t = { .buf = buf, .size = size };

	put_details(&t, status);
	return finish(&t);
}

int tdx_status_format(char *buf, size_t size, u64 status)
{
	struct text t = { .buf = buf, .size = size };
	int name;

	put(&t, tdx_status_name(status));
	name = t.len;
	put(&t, ", ");
	/* The low half of an unknown status has no known meaning. */
	if (tdx_status_known(status) || details_kind(status) == D_TRAP)
		put_details(&t, status);
	if (t.len == name + 2)
		t.len = name;
	put(&t, " (");
	put_hex(&t, status, 16);
	put(&t, ")");
	return finish(&t);
}
