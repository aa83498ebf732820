/* SPDX-License-Identifier: GPL-2.0-only */
/* SHA-384 (FIPS 180-4), a block of 128 bytes at a time. */
#ifndef TDX_MODEL_TD_SHA384_H
#define TDX_MODEL_TD_SHA384_H

#include "model.h"

struct tdxm_sha384 {
	u64 h[8];
	u64 nr_blocks;
};

void tdxm_sha384_init(struct tdxm_sha384 *s);
void tdxm_sha384_block(struct tdxm_sha384 *s, const u8 block[128]);
/* The digest, in the bytes of @digest. */
void tdxm_sha384_final(struct tdxm_sha384 *s, u64 digest[6]);
/* The same, after @size bytes more, 111 at most. */
void tdxm_sha384_final_bytes(struct tdxm_sha384 *s, const u8 *bytes, u32 size, u64 digest[6]);
/* Of a whole message. */
void tdxm_sha384_digest(const u8 *bytes, u32 size, u64 digest[6]);

#endif
