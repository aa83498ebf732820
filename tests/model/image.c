// SPDX-License-Identifier: GPL-2.0-only
/* Makes images of TDX modules for the P-SEAMLDR of the model. */
#include "image.h"
#include "model_state.h"
#include "td_sha384.h"

#define SHA_BLOCK	128
#define SAPPHIRE_RAPIDS	0x000806f0

_Static_assert(sizeof(struct tdxm_sigstruct) == TDXM_SIGSTRUCT_SIZE, "SEAM_SIGSTRUCT");

u32 tdxm_image_cpuid(const struct tdxm_machine *machine)
{
	return machine->cpuid ?: SAPPHIRE_RAPIDS;
}

void tdxm_image_hash_page(struct tdxm_sha384 *sha, const u8 *page)
{
	u32 off;

	for (off = 0; off < TDXM_IMAGE_PAGE; off += SHA_BLOCK)
		tdxm_sha384_block(sha, page + off);
}

/* All but the key and the signature; the end, which is no whole block, filled up. */
void tdxm_image_digest(const struct tdxm_sigstruct *s, u64 digest[6])
{
	const u32 head = offsetof(struct tdxm_sigstruct, modulus);
	const u32 body = offsetof(struct tdxm_sigstruct, seamhash);
	const u8 *bytes = (const u8 *)s;
	struct tdxm_sha384 sha;
	u8 block[SHA_BLOCK];
	u32 off, left;

	tdxm_sha384_init(&sha);
	for (off = 0; off < head; off += SHA_BLOCK)
		tdxm_sha384_block(&sha, bytes + off);
	for (off = body; off < sizeof(*s); off += SHA_BLOCK) {
		left = sizeof(*s) - off;
		memset(block, 0, sizeof(block));
		memcpy(block, bytes + off, left < SHA_BLOCK ? left : SHA_BLOCK);
		tdxm_sha384_block(&sha, block);
	}
	tdxm_sha384_final(&sha, digest);
}

void tdxm_image_sign(u8 *image)
{
	struct tdxm_sigstruct *s = (void *)(image + TDXM_IMAGE_SIGSTRUCT);
	struct tdxm_sha384 sha;
	u64 digest[6];
	u32 i;

	tdxm_sha384_init(&sha);
	for (i = 0; i < TDXM_IMAGE_MODULE_PAGES; i++)
		tdxm_image_hash_page(&sha, image + TDXM_IMAGE_MODULE + i * TDXM_IMAGE_PAGE);
	tdxm_sha384_final(&sha, digest);
	memcpy(s->seamhash, digest, sizeof(digest));
	tdxm_image_digest(s, digest);
	memcpy(s->signature, digest, sizeof(digest));
}

static void make_header(u8 *to)
{
	tdxm_put(to, 0, 0x200, 2);
	memcpy(to + 4, "TDX-BLOB", 8);
	tdxm_put(to, 12, 1, 4);
	tdxm_put(to, 16, TDXM_IMAGE_MODULE_PAGES, 4);
}

static void make_sigstruct(struct tdxm_sigstruct *s, const struct tdxm_version *v, u32 cpuid)
{
	s->header_type = 6;
	s->header_length = 0xe1;
	s->header_version = 0x10000;
	s->module_vendor = 0x8086;
	s->date = v->date;
	s->size = 0x200;
	s->key_size = 0x60;
	s->modulus_size = 0x60;
	s->exponent_size = 1;
	s->exponent = 0x10001;
	s->svn_major = v->svn >> 8;
	s->svn_minor = v->svn & 0xff;
	s->module_hv = v->module_hv;
	s->min_update_hv = v->min_update_hv;
	s->num_handoff_pages = 15;
	s->update = v->update;
	s->minor = (u8)v->minor;
	s->major = (u8)v->major;
	s->build = v->build;
	s->cpuid_table_size = 1;
	s->cpuid_table[0] = cpuid & ~0xfU;
}

void tdxm_image_make(u8 *to, enum tdxm_profile profile, const struct tdxm_machine *machine)
{
	struct tdxm_code code = { .magic = TDXM_CODE_MAGIC, .profile = profile };

	memset(to, 0, TDXM_IMAGE_SIZE);
	make_header(to);
	make_sigstruct((void *)(to + TDXM_IMAGE_SIGSTRUCT), &tdxm_versions[profile],
		       tdxm_image_cpuid(machine));
	memcpy(to + TDXM_IMAGE_MODULE, &code, sizeof(code));
	tdxm_image_sign(to);
}
