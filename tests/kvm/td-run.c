// SPDX-License-Identifier: GPL-2.0-only
/*
 * td-kvm run: the monitor of a TD whose code runs.  The guest, td-guest.S, tells its
 * results one after the other; each is checked against expected[].
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/kvm_para.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "td-guest.h"
#include "td-kvm.h"

#define TABLES		0x1000UL	/* four pages: 512 GB, 1 GB, 2 MB of 0-1 GB and of 3-4 GB */
#define DATA		0x7000UL
#define SHARED_GPA	(1UL << 47)
#define MMIO_GPA	0xfe000000UL
#define PORT_VALUE	0xa5a5U
#define MMIO_VALUE	0xc0de0042U
#define MAIL		0x12345678U
#define FROM_HOST	0x4321U
#define FROM_GUEST	0xf00dU

/* Of a page table: present, writable, user; a leaf above 4 KB. */
#define TABLE	7UL
#define LARGE	0x87UL

/* Statuses, by their upper half. */
#define OPERAND_INVALID		0xc0000100U
#define NO_VALID_VE_INFO	0xc0000704U
#define PAGE_ALREADY_ACCEPTED	0x00000b0aU
#define PAGE_SIZE_MISMATCH	0xc0000b0bU

#define SLEEPS	31	/* results that say what the guest does next: the host is to act */
#define STORM	33
#define NMI	35	/* and 36 */
#define COUNTED	39
#define LAST	41
#define SECOND	42	/* of each other vCPU, whenever it comes */

extern const unsigned char td_guest[GUEST_SIZE];

static const struct {
	unsigned int value;
	const char *what;
} expected[] = {
	{ 0, "TDG.VP.INFO" },
	{ 48, "GPA width" },
	{ 0, "number of vCPUs" },	/* set below */
	{ OPERAND_INVALID, "an unknown leaf" },
	{ OPERAND_INVALID, "a version that VP.INFO has not" },
	{ NO_VALID_VE_INFO, "VP.VEINFO.GET before any #VE" },
	{ 0x65746e49, "CPUID 0x21: Inte" },
	{ 0x4b4d564b, "CPUID 0x40000000: KVMK" },
	{ PORT_VALUE, "IN" },
	{ MMIO_VALUE, "a read of MMIO" },
	{ 0x11223344, "XMM5 over exits" },
	{ ~MAIL, "shared memory" },
	{ 0, "MEM.PAGE.ACCEPT of a page that has to come" },
	{ 0, "its contents" },
	{ PAGE_ALREADY_ACCEPTED, "once more" },
	{ PAGE_SIZE_MISMATCH, "as a large one" },
	{ 48, "a page used before it is accepted: reason of the #VE" },
	{ 0x5a5a, "what was written there" },
	{ 0, "MapGPA to shared" },
	{ FROM_HOST, "the page as the host has it" },
	{ 0, "MapGPA to private" },
	{ 0, "the page is accepted" },
	{ 0, "its contents" },
	{ 2, "CR8 after TPR" },
	{ 0, "TPR after CR8" },
	{ 0x1ff, "SVR" },
	{ 13, "CR4.PAE cleared" },
	{ 1, "XCR0" },
	{ 0x40660, "CR4" },
	{ 0xec6, "bits that LMSW has changed, of a register and of memory; above, by SMSW, unpaged" },
	{ 13, "TDCALL by the user" },
	{ 0, "before it sleeps" },
	{ 1, "interrupts that woke it" },
	{ 0, "before it computes" },
	{ 0, "interrupts meanwhile" },
	{ 0, "before an NMI" },
	{ 0, "before another" },
	{ 2, "NMIs that came" },
	{ 0, "calls that KVM answers" },
	{ 0, "what all vCPUs have counted" },	/* set below */
	{ GUEST_ROUNDS, "how often its page was taken" },
	{ 0, "registers that are not what they were" },
};

static bool storming;

static void add_code(struct td *td)
{
	struct kvm_create_guest_memfd create = { .size = GUEST_SIZE };
	struct kvm_userspace_memory_region2 region = {
		.slot = 1, .flags = KVM_MEM_GUEST_MEMFD, .guest_phys_addr = GUEST_BASE,
		.memory_size = GUEST_SIZE, .userspace_addr = (unsigned long)td->shared + MEMORY,
	};

	region.guest_memfd = td->code = checked("KVM_CREATE_GUEST_MEMFD of the code",
						ioctl(td->vm, KVM_CREATE_GUEST_MEMFD, &create));
	checked("KVM_SET_USER_MEMORY_REGION2 of the code",
		ioctl(td->vm, KVM_SET_USER_MEMORY_REGION2, &region));
	set_private(td, GUEST_BASE, GUEST_SIZE, true);
}

static void add_pages(struct td *td, unsigned long gpa, const void *from, unsigned long size)
{
	struct kvm_tdx_init_mem_region region = {
		.source_addr = (unsigned long)from, .gpa = gpa, .nr_pages = size / PAGE,
	};

	tdx("KVM_TDX_INIT_MEM_REGION", td->vcpu[0].fd, KVM_TDX_INIT_MEM_REGION,
	    KVM_TDX_MEASURE_MEMORY_REGION, &region);
}

/* What td-guest.S finds: its code, page tables, pages for TSS, IDT, data and stacks. */
static void load(struct td *td, unsigned int tries, unsigned long seed)
{
	static uint64_t tables[4][PAGE / 8] __attribute__((aligned(4096)));
	static unsigned char code[GUEST_SIZE] __attribute__((aligned(4096)));
	static unsigned char data[6 * PAGE] __attribute__((aligned(4096)));
	unsigned int i;

	memset(data, 0, sizeof(data));	/* written to: a page of the kernel's zeroes is no source */
	memcpy(code, td_guest, sizeof(code));
	*(unsigned int *)(data + HOSTILE_TRIES - DATA) = tries;
	*(unsigned long *)(data + HOSTILE_SEED - DATA) = seed;
	tables[0][0] = (TABLES + PAGE) | TABLE;
	tables[1][0] = (TABLES + 2 * PAGE) | TABLE;
	tables[1][3] = (TABLES + 3 * PAGE) | TABLE;
	tables[2][0] = LARGE;
	tables[2][1] = SHARED_GPA | LARGE;
	tables[2][2] = SHARED_GPA | MMIO_GPA | LARGE;
	tables[3][511] = 0xffe00000UL | LARGE;
	add_pages(td, TABLES, tables, sizeof(tables));
	add_pages(td, DATA, data, sizeof(data));
	add_pages(td, GUEST_CONVERTED, data, PAGE);
	for (i = 0; i < td->nr_vcpus; i++)
		*(unsigned int *)(data + i * PAGE) = GUEST_WORD;
	add_pages(td, GUEST_TAKEN, data, td->nr_vcpus * PAGE);
	add_pages(td, GUEST_BASE, code, sizeof(code));
	tdx("KVM_TDX_FINALIZE_VM", td->vm, KVM_TDX_FINALIZE_VM, 0, NULL);
}

void make_running(struct td *td, unsigned int vcpus, unsigned int tries, unsigned long seed)
{
	unsigned int mail = MAIL;

	make_with_vcpus(td, vcpus);
	add_memory(td);
	add_code(td);
	set_private(td, GUEST_MAILBOX, PAGE, false);
	memcpy((char *)td->shared + GUEST_MAILBOX, &mail, sizeof(mail));
	load(td, tries, seed);
}

/* ---- exits */

static void on_result(struct vcpu *v, unsigned int step, unsigned int value)
{
	unsigned int want;

	if (step == FATAL)
		die("vCPU %u after result %u: an exception, %#x", v->index, v->step, value);
	if (v->index || step == SECOND) {
		if (!v->index || step != SECOND || value != (GUEST_ROUNDS << 8 | v->index))
			die("vCPU %u: result %u, %#x", v->index, step, value);
	} else {
		if (step != v->step || step > LAST)
			die("result %u, %#x, comes instead of result %u", step, value, v->step);
		want = step == 2 ? v->td->nr_vcpus :
		       step == COUNTED ? COUNTS * v->td->nr_vcpus : expected[step].value;
		if (value != want)
			die("result %u, %s: %#x, not %#x", step, expected[step].what, value, want);
	}
	if (step == SLEEPS)
		interrupt(v->td, 0, GUEST_VECTOR);
	if (!v->index && (step == NMI || step == NMI + 1))
		checked("KVM_NMI", ioctl(v->fd, KVM_NMI));
	if (step == STORM || step == STORM + 1)
		__atomic_store_n(&storming, step == STORM, __ATOMIC_RELEASE);
	__atomic_store_n(&v->step, step + 1, __ATOMIC_RELEASE);
}

static void on_io(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	unsigned char *at = (unsigned char *)run + run->io.data_offset;
	unsigned int value = 0;

	memcpy(&value, at, run->io.size);
	if (run->io.port >= STEP && run->io.size == 4 && run->io.direction == KVM_EXIT_IO_OUT) {
		on_result(v, run->io.port - STEP, value);
		return;
	}
	if (run->io.port != GUEST_PORT || run->io.size != 2)
		die("port %#x, %u bytes", run->io.port, run->io.size);
	if (run->io.direction == KVM_EXIT_IO_IN)
		memcpy(at, &(unsigned short){ PORT_VALUE }, 2);
	else if (value != 0xbeef)
		die("OUT of %#x", value);
}

static void on_mmio(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	unsigned int value = MMIO_VALUE;

	if (run->mmio.phys_addr != MMIO_GPA || run->mmio.len != 4)
		die("MMIO at %#llx, %u bytes", run->mmio.phys_addr, run->mmio.len);
	if (!run->mmio.is_write)
		memcpy(run->mmio.data, &value, sizeof(value));
	else if (memcmp(run->mmio.data, &value, sizeof(value)))
		die("MMIO: not what was read is written");
}

static void on_map_gpa(struct vcpu *v)
{
	bool private = v->run->hypercall.args[2] == KVM_MAP_GPA_RANGE_ENCRYPTED;
	char *page = (char *)v->td->shared + GUEST_CONVERTED;
	unsigned int value = FROM_HOST;

	if (v->run->hypercall.nr != KVM_HC_MAP_GPA_RANGE || v->run->hypercall.args[0] != GUEST_CONVERTED ||
	    v->run->hypercall.args[1] != 1)
		die("hypercall %llu: not MapGPA of the page", v->run->hypercall.nr);
	if (private) {
		memcpy(&value, page, sizeof(value));
		if (value != FROM_GUEST)
			die("the shared page has %#x, not what the guest wrote", value);
	}
	convert_page(v->td, GUEST_CONVERTED, private);
	if (!private)
		memcpy(page, &value, sizeof(value));
	v->run->hypercall.ret = 0;
}

/* A page that is taken by way of conversion is not the TD's for a moment. */
static bool being_taken(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_MEMORY_FAULT && run->memory_fault.gpa >= GUEST_TAKEN &&
	       run->memory_fault.gpa < GUEST_TAKEN + GUEST_VCPUS * PAGE;
}

static void run_once(struct vcpu *v)
{
	int result = ioctl(v->fd, KVM_RUN, 0);

	if (result && (errno == EINTR || errno == EAGAIN || (errno == EFAULT && being_taken(v->run))))
		return;
	if (result && v->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
		die("vCPU %u after result %u: memory fault at %#llx, flags %#llx: %s", v->index, v->step,
		    v->run->memory_fault.gpa, v->run->memory_fault.flags, strerror(errno));
	if (result)
		die("KVM_RUN of vCPU %u after result %u: %s", v->index, v->step, strerror(errno));
	switch (v->run->exit_reason) {
	case KVM_EXIT_IO:
		on_io(v);
		break;
	case KVM_EXIT_MMIO:
		on_mmio(v);
		break;
	case KVM_EXIT_HYPERCALL:
		on_map_gpa(v);
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		die("vCPU %u after result %u: TDH.VP.ENTER: %#llx", v->index, v->step,
		    v->run->internal.data[0]);
	default:
		die("vCPU %u after result %u: exit reason %u, %#llx", v->index, v->step,
		    v->run->exit_reason, v->run->hw.hardware_exit_reason);
	}
}

static void *run_vcpu(void *data)
{
	struct vcpu *v = data;

	while (v->step <= (v->index ? SECOND : LAST))
		run_once(v);
	return NULL;
}

/* ---- pages are taken while the vCPUs use them */

static unsigned int *shared_word(struct td *td, unsigned long gpa, unsigned int vcpu)
{
	return (unsigned int *)((char *)td->shared + gpa) + vcpu;
}

/* KVM removes it from the TD, one way or the other. */
static void take_page(struct td *td, unsigned int vcpu, unsigned int round)
{
	unsigned long gpa = GUEST_TAKEN + vcpu * PAGE;

	if (round & 1) {
		punch_hole(td, gpa);
	} else {
		convert_page(td, gpa, false);
		convert_page(td, gpa, true);
	}
	__atomic_store_n(shared_word(td, GUEST_ROUND, vcpu), round, __ATOMIC_RELEASE);
}

static void take_pages(struct td *td, unsigned int rounds)
{
	unsigned int round, i;

	for (round = 1; round <= rounds; round++) {
		for (i = 0; i < td->nr_vcpus; i++)
			take_page(td, i, round);
		for (i = 0; i < td->nr_vcpus; i++)
			while (__atomic_load_n(shared_word(td, GUEST_ACK, i), __ATOMIC_ACQUIRE) != round)
				usleep(100);
	}
}

static bool has_counted(const struct td *td)
{
	return __atomic_load_n(&td->vcpu[0].step, __ATOMIC_ACQUIRE) > COUNTED;
}

/* Until its vCPUs are at nothing but their pages. */
static void run(struct td *td, unsigned int vcpus)
{
	make_running(td, vcpus, 0, 0);
	start(td, run_vcpu);
	while (!has_counted(td)) {
		if (__atomic_load_n(&storming, __ATOMIC_ACQUIRE))
			interrupt(td, 0, GUEST_VECTOR);
		usleep(1000);
	}
}

int td_running(void)
{
	struct td td;

	run(&td, 1);
	take_pages(&td, 1);
	printf("running\n");
	fflush(stdout);
	for (;;)
		pause();
	return 0;
}

int td_run(unsigned int rounds, unsigned int vcpus)
{
	unsigned int round, i;
	struct td td;

	for (round = 0; round < rounds; round++) {
		run(&td, vcpus);
		take_pages(&td, GUEST_ROUNDS);
		for (i = 0; i < td.nr_vcpus; i++)
			pthread_join(td.vcpu[i].thread, NULL);
		end(&td, round);
	}
	printf("%u TDs ran\n", rounds);
	return 0;
}
