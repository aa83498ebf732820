// SPDX-License-Identifier: GPL-2.0-only
#include <sys/mman.h>

#include "model_harness.h"

void (*rig_on_status)(u64 leaf, u64 status);

static void *rig_page(void *ctx, u64 pa)
{
	struct rig *r = ctx;

	if (pa & 4095)
		abort();	/* the model may only ask for whole pages */
	if (r->armed) {
		r->armed = false;
		rig_seamcall(r, r->inner_lp, &r->inner);
	}
	if (r->on_page)
		r->on_page();
	return pa < RAM_SIZE ? r->ram + pa : NULL;
}

static void rig_dwell(void *ctx, u64 leaf)
{
	struct rig *r = ctx;

	if (r->on_dwell)
		r->on_dwell(r, leaf);
}

void rig_describe(struct rig *r, enum tdxm_profile profile)
{
	memset(r, 0, sizeof(*r));
	r->machine = (struct tdxm_machine){
		.profile = profile, .loaded = true,
		.nr_cmrs = 3, .cmrs = {
			{ 1 * MB, 2 * GB - 1 * MB },
			{ 4 * GB, 2 * GB },
			{ 6 * GB, 1 * GB },	/* adjacent to the one before */
		},
		.nr_mktme_keyids = 15, .nr_tdx_keyids = 48, .phys_bits = PA_BITS + 6,
		.nr_lps = NR_LPS, .lp_pkg = { 0, 0, 1, 1 },
	};
}

void rig_power_on(struct rig *r)
{
	struct tdxm_host host = { .page = rig_page, .dwell = rig_dwell, .ctx = r };

	assert_int_equal(tdxm_create(r->m, &r->machine, &host), 0);
}

void rig_start(struct rig *r)
{
	r->ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_true(r->ram != MAP_FAILED);
	r->m = malloc(tdxm_size());
	assert_non_null(r->m);
	rig_power_on(r);
}

void rig_stop(struct rig *r)
{
	munmap(r->ram, RAM_SIZE);
	free(r->m);
}

enum tdxm_outcome rig_seamcall(struct rig *r, u32 lp, struct tdxm_regs *regs)
{
	u64 leaf = regs->rax;
	enum tdxm_outcome outcome = tdxm_seamcall(r->m, lp, regs);

	if (outcome == TDXM_COMPLETED && rig_on_status)
		rig_on_status(leaf, regs->rax);
	return outcome;
}

u64 call(struct rig *r, u32 lp, u64 leaf, struct tdxm_regs *regs)
{
	regs->rax = leaf;
	assert_int_equal(rig_seamcall(r, lp, regs), TDXM_COMPLETED);
	return regs->rax;
}

u64 call3(struct rig *r, u32 lp, u64 leaf, u64 rcx, u64 rdx, u64 r8)
{
	struct tdxm_regs regs = { .rcx = rcx, .rdx = rdx, .r8 = r8 };

	return call(r, lp, leaf, &regs);
}

struct tdmr_info *tdmr(struct rig *r, u32 i)
{
	return (struct tdmr_info *)(r->ram + TDMR_INFO_PA(i));
}

static void place_pamts(struct tdmr_info *t, u64 at)
{
	u64 gb = t->size / GB;

	t->pamt[P4K].base = at;
	t->pamt[P4K].size = gb * 4 * MB;
	t->pamt[P2M].base = at + t->pamt[P4K].size;
	t->pamt[P2M].size = gb * 8192;
	t->pamt[P1G].base = t->pamt[P2M].base + t->pamt[P2M].size;
	t->pamt[P1G].size = 4096;
}

void good_tdmrs(struct rig *r)
{
	u64 *array = (u64 *)(r->ram + TDMR_ARRAY_PA);
	struct tdmr_info *t;
	u32 i;

	for (i = 0; i < 64; i++) {
		array[i] = TDMR_INFO_PA(i);
		memset(tdmr(r, i), 0, 512);
	}
	t = tdmr(r, 0);
	t->base = 4 * GB;
	t->size = 1 * GB;
	place_pamts(t, 256 * MB);
	t = tdmr(r, 1);
	t->base = 5 * GB;
	t->size = 2 * GB;
	place_pamts(t, 512 * MB);
	t->reserved[0].offset = 16 * MB;
	t->reserved[0].size = 8 * MB;
}

u64 config(struct rig *r)
{
	return call3(r, 0, CONFIG);
}

void good_config(struct rig *r)
{
	good_tdmrs(r);
	assert_int_equal(config(r), TDX_SUCCESS);
}

void rig_image(struct rig *r, enum tdxm_profile profile, u32 scenario)
{
	u64 *params = (u64 *)(r->ram + INSTALL_PA);
	u32 i;

	tdxm_image_make(r->ram + IMAGE_PA, profile, &r->machine);
	memset(params, 0, 4096);
	params[0] = (u64)scenario << 32;
	params[1] = IMAGE_PA + TDXM_IMAGE_SIGSTRUCT;
	params[15] = TDXM_IMAGE_MODULE_PAGES;
	for (i = 0; i < TDXM_IMAGE_MODULE_PAGES; i++)
		params[16 + i] = IMAGE_PA + TDXM_IMAGE_MODULE + i * 4096;
}

u64 install_on(struct rig *r, u32 lp)
{
	return call3(r, lp, 1ULL << 63 | 1, INSTALL_PA, 0, 0);
}

u64 install(struct rig *r)
{
	u64 status = ~0ULL;
	u32 lp;

	for (lp = 0; lp < r->machine.nr_lps; lp++)
		status = install_on(r, lp);
	return status;
}

void to_init(struct rig *r)
{
	assert_int_equal(call3(r, 0, SYS_INIT, 0, 0, 0), TDX_SUCCESS);
}

void to_lps(struct rig *r)
{
	u32 lp;

	to_init(r);
	for (lp = 0; lp < r->machine.nr_lps; lp++)
		assert_int_equal(call3(r, lp, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
}

void to_config(struct rig *r)
{
	to_lps(r);
	good_config(r);
}

void to_packages(struct rig *r)
{
	to_init(r);
	assert_int_equal(call3(r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(r, 2, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
}

void flush_pamts(struct rig *r)
{
	u32 i, level;

	for (i = 0; i < 2; i++)
		for (level = 0; level < 3; level++)
			tdxm_clflush(r->m, tdmr(r, i)->pamt[level].base,
				     tdmr(r, i)->pamt[level].size);
}

void key_packages(struct rig *r)
{
	assert_int_equal(call3(r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
}

void to_ready(struct rig *r)
{
	to_config(r);
	flush_pamts(r);
	key_packages(r);
	assert_true(tdxm_ready(r->m));
}

/* Also checks that RDX moves only when 1 GB is complete. */
void init_tdmr(struct rig *r, u64 base, u64 done)
{
	struct tdxm_regs regs;
	u32 calls;

	for (calls = 0; ; calls++) {
		memset(&regs, 0, sizeof(regs));
		regs.rcx = base;
		if (call(r, calls % NR_LPS, SYS_TDMR_INIT, &regs))
			break;
		done += 4 * MB;
		assert_int_equal(regs.rdx, base + done / GB * GB);
	}
	assert_int_equal(regs.rax, TDX_TDMR_ALREADY_INITIALIZED);
	assert_int_equal(regs.rdx, 0);
}
