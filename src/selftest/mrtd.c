// SPDX-License-Identifier: GPL-2.0-only
/*
 * Computes the measurement of a TD independently of the TDX module: SHA-384 over a
 * 128-byte record for each TDH.MEM.PAGE.ADD, and over a record and 256 bytes of
 * contents for each TDH.MR.EXTEND (TDX module base specification, "MRTD").
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/hash.h>

#include "selftest.h"

#define RECORD		128
#define RECORD_GPA	16	/* offset of the GPA in a record */
#define CHUNK		256

struct selftest_mrtd {
	struct crypto_shash *tfm;
	struct shash_desc desc;		/* its context follows */
};

struct selftest_mrtd *selftest_mrtd_begin(void)
{
	struct crypto_shash *tfm = crypto_alloc_shash("sha384", 0, 0);
	struct selftest_mrtd *m;

	if (IS_ERR(tfm))
		return ERR_CAST(tfm);
	m = kzalloc(sizeof(*m) + crypto_shash_descsize(tfm), GFP_KERNEL);
	if (!m) {
		crypto_free_shash(tfm);
		return ERR_PTR(-ENOMEM);
	}
	m->tfm = tfm;
	m->desc.tfm = tfm;
	crypto_shash_init(&m->desc);
	return m;
}

static int add_record(struct selftest_mrtd *m, const char *what, u64 gpa)
{
	u8 record[RECORD] = {};

	memcpy(record, what, strlen(what));
	memcpy(record + RECORD_GPA, &gpa, sizeof(gpa));
	return crypto_shash_update(&m->desc, record, sizeof(record));
}

int selftest_mrtd_page(struct selftest_mrtd *m, u64 gpa, const void *contents)
{
	int err = add_record(m, "MEM.PAGE.ADD", gpa);
	u32 at;

	for (at = 0; at < PAGE_SIZE && !err; at += CHUNK) {
		err = add_record(m, "MR.EXTEND", gpa + at);
		if (!err)
			err = crypto_shash_update(&m->desc, contents + at, CHUNK);
	}
	return err;
}

int selftest_mrtd_end(struct selftest_mrtd *m, u64 mrtd[6])
{
	int err = crypto_shash_final(&m->desc, (u8 *)mrtd);

	crypto_free_shash(m->tfm);
	kfree(m);
	return err;
}
