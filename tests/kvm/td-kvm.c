// SPDX-License-Identifier: GPL-2.0-only
/*
 * td-kvm: creates TDs through the kernel's uapi alone, as a virtual machine monitor does.
 *
 *   td-kvm life [ROUNDS]   a TD of two vCPUs (or one) from KVM_CREATE_VM to its end, in each order
 *                          in which a monitor may let go of it
 *   td-kvm hold            creates a TD, prints "held" and runs it until td-kvm is killed
 *   td-kvm made            creates a TD, prints "made" and waits until td-kvm is killed
 *   td-kvm keep            only KVM_CREATE_VM: prints "kept" and waits until td-kvm is killed
 *   td-kvm run [ROUNDS [VCPUS]]   runs a TD whose code is td-guest.S (guests=1), with up to four
 *                          vCPUs: td-run.c is its monitor
 *   td-kvm running         runs one until td-kvm is killed: prints "running" once each vCPU reads
 *                          or writes its page, and nothing else
 *   td-kvm refused         prints whether TDs are offered, and the error of creating one
 *
 * What the other TDs do is the script of tests/vm/kvm.sh: see expected[].  Exit status 1: a
 * step failed, and which one is said; what was made goes with the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/kvm_para.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "td-kvm.h"

#define MEASURED	64		/* pages from GPA 0 */
#define STRIDE		0x80000UL	/* as exit_stride= */
#define CONVERTED	0x20000UL
#define PORT		0x3f8
#define END_PORT	0x604
#define MMIO_GPA	0xfe000000UL
#define SCRIPT_VCPUS	2U
#define GPA_BITS	48U		/* the shared bit is the highest */
#define ECHO		0xa5		/* what is given for a read and must come back */
#define VECTOR		0x40
#define MAX_CPUID	256

static int kvm;
static int run_size;

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

int checked(const char *what, int result)
{
	if (result < 0)
		die("%s: %s", what, strerror(errno));
	return result;
}

/* KVM_MEMORY_ENCRYPT_OP. */
void tdx(const char *what, int fd, unsigned int id, unsigned int flags, void *data)
{
	struct kvm_tdx_cmd cmd = { .id = id, .flags = flags, .data = (unsigned long)data };

	while (ioctl(fd, KVM_MEMORY_ENCRYPT_OP, &cmd)) {
		if (errno != EINTR && errno != EAGAIN)
			die("%s: %s, hw_error 0x%llx", what, strerror(errno), cmd.hw_error);
		cmd.hw_error = 0;
	}
}

static void *zalloc(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		die("no memory");
	return p;
}

static void enable(int fd, unsigned int cap, unsigned long arg)
{
	struct kvm_enable_cap c = { .cap = cap, .args = { arg } };

	checked("KVM_ENABLE_CAP", ioctl(fd, KVM_ENABLE_CAP, &c));
}

static void check_capabilities(const struct kvm_tdx_capabilities *caps)
{
	if (!(caps->supported_xfam & 3) || (caps->supported_xfam & 3) != 3)
		die("KVM_TDX_CAPABILITIES: XFAM 0x%llx lacks x87 or SSE", caps->supported_xfam);
	if (!caps->cpuid.nent || caps->cpuid.nent > MAX_CPUID)
		die("KVM_TDX_CAPABILITIES: %u CPUID leaves", caps->cpuid.nent);
}

static void init_vm(struct td *td, unsigned int vcpus)
{
	size_t entries = MAX_CPUID * sizeof(struct kvm_cpuid_entry2);
	struct kvm_tdx_capabilities *caps = zalloc(sizeof(*caps) + entries);
	struct kvm_tdx_init_vm *init = zalloc(sizeof(*init) + entries);

	checked("KVM_SET_TSC_KHZ", ioctl(td->vm, KVM_SET_TSC_KHZ, 1000000));
	td->nr_vcpus = checked("KVM_CAP_MAX_VCPUS",
			       ioctl(td->vm, KVM_CHECK_EXTENSION, KVM_CAP_MAX_VCPUS));
	if (td->nr_vcpus > vcpus)
		td->nr_vcpus = vcpus;
	enable(td->vm, KVM_CAP_SPLIT_IRQCHIP, 24);
	enable(td->vm, KVM_CAP_EXIT_HYPERCALL, 1 << KVM_HC_MAP_GPA_RANGE);
	caps->cpuid.nent = MAX_CPUID;
	tdx("KVM_TDX_CAPABILITIES", td->vm, KVM_TDX_CAPABILITIES, 0, caps);
	check_capabilities(caps);
	init->xfam = 3;
	init->cpuid.nent = 1;
	init->cpuid.entries[0] = (struct kvm_cpuid_entry2){
		.function = 0x80000008, .eax = GPA_BITS << 16 | GPA_BITS,
	};
	tdx("KVM_TDX_INIT_VM", td->vm, KVM_TDX_INIT_VM, 0, init);
	free(caps);
	free(init);
}

/* The leaf that was chosen in init_vm(). */
static void check_cpuid(struct vcpu *v)
{
	struct kvm_cpuid2 *c = zalloc(sizeof(*c) + MAX_CPUID * sizeof(c->entries[0]));
	unsigned int i;

	c->nent = MAX_CPUID;
	tdx("KVM_TDX_GET_CPUID", v->fd, KVM_TDX_GET_CPUID, 0, c);
	for (i = 0; i < c->nent; i++)
		if (c->entries[i].function == 0x80000008)
			break;
	if (i == c->nent || (c->entries[i].eax & 0xff) != GPA_BITS)
		die("KVM_TDX_GET_CPUID: %u leaves, and not %u physical address bits", c->nent, GPA_BITS);
	free(c);
}

/*
 * On one CPU: KVM skips TDH.VP.FLUSH for a vCPU that it has not marked initialized, so one
 * that moves between TDH.VP.INIT and the mark stays associated with the CPU it has left.
 */
static void init_vcpu(struct vcpu *v)
{
	cpu_set_t all, one;

	checked("sched_getaffinity", sched_getaffinity(0, sizeof(all), &all));
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	checked("sched_setaffinity", sched_setaffinity(0, sizeof(one), &one));
	tdx("KVM_TDX_INIT_VCPU", v->fd, KVM_TDX_INIT_VCPU, 0, (void *)0x7ff00000);
	checked("sched_setaffinity", sched_setaffinity(0, sizeof(all), &all));
}

static void add_vcpu(struct td *td, unsigned int index)
{
	struct kvm_cpuid2 *c = zalloc(sizeof(*c) + MAX_CPUID * sizeof(c->entries[0]));
	struct vcpu *v = &td->vcpu[index];
	unsigned int i;

	v->td = td;
	v->index = index;
	v->fd = checked("KVM_CREATE_VCPU", ioctl(td->vm, KVM_CREATE_VCPU, index));
	v->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (v->run == MAP_FAILED)
		die("mmap of a vCPU: %s", strerror(errno));
	c->nent = MAX_CPUID;
	checked("KVM_GET_SUPPORTED_CPUID", ioctl(kvm, KVM_GET_SUPPORTED_CPUID, c));
	/* The shared bit must be in a legal address, whatever the host's are. */
	for (i = 0; i < c->nent; i++)
		if (c->entries[i].function == 0x80000008)
			c->entries[i].eax = GPA_BITS << 16 | GPA_BITS;
	checked("KVM_SET_CPUID2", ioctl(v->fd, KVM_SET_CPUID2, c));
	free(c);
	init_vcpu(v);
	check_cpuid(v);
}

void set_private(struct td *td, unsigned long gpa, unsigned long size, bool private)
{
	struct kvm_memory_attributes a = {
		.address = gpa, .size = size,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	checked("KVM_SET_MEMORY_ATTRIBUTES", ioctl(td->vm, KVM_SET_MEMORY_ATTRIBUTES, &a));
}

void add_memory(struct td *td)
{
	struct kvm_create_guest_memfd create = { .size = MEMORY };
	struct kvm_userspace_memory_region2 region = {
		.flags = KVM_MEM_GUEST_MEMFD, .memory_size = MEMORY,
	};

	td->gmem = checked("KVM_CREATE_GUEST_MEMFD", ioctl(td->vm, KVM_CREATE_GUEST_MEMFD, &create));
	td->shared = mmap(NULL, MEMORY + MORE_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (td->shared == MAP_FAILED)
		die("mmap: %s", strerror(errno));
	region.userspace_addr = (unsigned long)td->shared;
	region.guest_memfd = td->gmem;
	checked("KVM_SET_USER_MEMORY_REGION2", ioctl(td->vm, KVM_SET_USER_MEMORY_REGION2, &region));
	set_private(td, 0, MEMORY, true);
}

static void measure(struct td *td)
{
	static unsigned char source[MEASURED * PAGE] __attribute__((aligned(4096)));
	struct kvm_tdx_init_mem_region region = {
		.source_addr = (unsigned long)source, .nr_pages = MEASURED,
	};
	unsigned int i;

	for (i = 0; i < MEASURED; i++)
		memset(source + i * PAGE, i + 1, PAGE);
	tdx("KVM_TDX_INIT_MEM_REGION", td->vcpu[0].fd, KVM_TDX_INIT_MEM_REGION,
	    KVM_TDX_MEASURE_MEMORY_REGION, &region);
	tdx("KVM_TDX_FINALIZE_VM", td->vm, KVM_TDX_FINALIZE_VM, 0, NULL);
}

void make_with_vcpus(struct td *td, unsigned int vcpus)
{
	unsigned int i;

	memset(td, 0, sizeof(*td));
	td->code = -1;
	td->vm = checked("KVM_CREATE_VM", ioctl(kvm, KVM_CREATE_VM, KVM_X86_TDX_VM));
	init_vm(td, vcpus);
	for (i = 0; i < td->nr_vcpus; i++)
		add_vcpu(td, i);
}

static void make(struct td *td)
{
	make_with_vcpus(td, SCRIPT_VCPUS);
	add_memory(td);
	measure(td);
}

/* ---- the exits that come to us, in the script's order ---- */

static void want(const struct vcpu *v, bool right, const char *what)
{
	if (!right)
		die("vCPU %u, exit %u (reason %u): not %s", v->index, v->step, v->run->exit_reason, what);
}

static bool is_io(const struct vcpu *v, unsigned int direction, unsigned int port)
{
	return v->run->exit_reason == KVM_EXIT_IO && v->run->io.direction == direction &&
	       v->run->io.port == port && v->run->io.size == 1 && v->run->io.count == 1;
}

static unsigned char *io_data(struct vcpu *v)
{
	return (unsigned char *)v->run + v->run->io.data_offset;
}

static void on_in(struct vcpu *v)
{
	want(v, is_io(v, KVM_EXIT_IO_IN, PORT), "IN from the port");
	*io_data(v) = ECHO;
}

static void on_out(struct vcpu *v)
{
	want(v, is_io(v, KVM_EXIT_IO_OUT, PORT), "OUT to the port");
	want(v, *io_data(v) == ECHO, "OUT of what IN got");
}

static bool is_mmio(const struct vcpu *v, bool write)
{
	return v->run->exit_reason == KVM_EXIT_MMIO && v->run->mmio.phys_addr == MMIO_GPA &&
	       v->run->mmio.len == 4 && v->run->mmio.is_write == write;
}

static void on_mmio_read(struct vcpu *v)
{
	unsigned int value = 0xc0de0000 | v->index;

	want(v, is_mmio(v, false), "a read of MMIO");
	memcpy(v->run->mmio.data, &value, sizeof(value));
}

static void on_mmio_write(struct vcpu *v)
{
	unsigned int value;

	want(v, is_mmio(v, true), "a write of MMIO");
	memcpy(&value, v->run->mmio.data, sizeof(value));
	want(v, value == (0xc0de0000 | v->index), "a write of what was read");
}

void punch_hole(struct td *td, unsigned long gpa)
{
	checked("PUNCH_HOLE", fallocate(td->gmem, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, gpa, PAGE));
}

void convert_page(struct td *td, unsigned long gpa, bool private)
{
	set_private(td, gpa, PAGE, private);
	if (!private)
		punch_hole(td, gpa);
	else
		checked("MADV_DONTNEED", madvise((char *)td->shared + gpa, PAGE, MADV_DONTNEED));
}

static void convert(struct vcpu *v, unsigned long kind)
{
	unsigned long gpa = CONVERTED + v->index * STRIDE;
	struct kvm_run *run = v->run;

	want(v, run->exit_reason == KVM_EXIT_HYPERCALL && run->hypercall.nr == KVM_HC_MAP_GPA_RANGE &&
	     run->hypercall.args[0] == gpa && run->hypercall.args[1] == 1 &&
	     run->hypercall.args[2] == kind, "MapGPA of the page");
	convert_page(v->td, gpa, kind == KVM_MAP_GPA_RANGE_ENCRYPTED);
	run->hypercall.ret = 0;
}

static void on_map_shared(struct vcpu *v)
{
	convert(v, KVM_MAP_GPA_RANGE_DECRYPTED);
}

static void on_map_private(struct vcpu *v)
{
	convert(v, KVM_MAP_GPA_RANGE_ENCRYPTED);
}

static void on_end(struct vcpu *v)
{
	want(v, is_io(v, KVM_EXIT_IO_OUT, END_PORT), "the end");
}

/* EPT violations, WRMSR, HLT and interrupts between them are KVM's alone. */
static void (*const expected[])(struct vcpu *v) = {
	on_in, on_out, on_mmio_read, on_mmio_write, on_map_shared, on_map_private, on_end,
};
#define EXITS	(sizeof(expected) / sizeof(expected[0]))

static void run_once(struct vcpu *v)
{
	int result;

	do {
		result = ioctl(v->fd, KVM_RUN, 0);
	} while (result && (errno == EINTR || errno == EAGAIN));
	if (result && v->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
		die("KVM_RUN of vCPU %u before exit %u: memory fault at 0x%llx, flags 0x%llx: %s", v->index,
		    v->step, v->run->memory_fault.gpa, v->run->memory_fault.flags, strerror(errno));
	if (result)
		die("KVM_RUN of vCPU %u before exit %u: %s, reason %u", v->index, v->step,
		    strerror(errno), v->run->exit_reason);
	expected[v->step % EXITS](v);
	__atomic_fetch_add(&v->step, 1, __ATOMIC_RELEASE);
}

static void *run_script(void *data)
{
	struct vcpu *v = data;

	while (v->step < EXITS)
		run_once(v);
	return NULL;
}

static void *run_forever(void *data)
{
	for (;;)
		run_once(data);
	return NULL;
}

/* As a device would, until it has halted and been woken: before, the vCPU only takes it. */
void interrupt(const struct td *td, unsigned int index, unsigned int data)
{
	struct kvm_msi msi = { .address_lo = 0xfee00000 | index << 12, .data = data };

	checked("KVM_SIGNAL_MSI", ioctl(td->vm, KVM_SIGNAL_MSI, &msi));
}

void start(struct td *td, void *(*what)(void *))
{
	unsigned int i;

	for (i = 0; i < td->nr_vcpus; i++)
		if (pthread_create(&td->vcpu[i].thread, NULL, what, &td->vcpu[i]))
			die("no thread");
}

static void run(struct td *td)
{
	unsigned int i;

	start(td, run_script);
	for (i = 0; i < td->nr_vcpus; i++) {
		while (__atomic_load_n(&td->vcpu[i].step, __ATOMIC_ACQUIRE) < EXITS) {
			if (__atomic_load_n(&td->vcpu[i].step, __ATOMIC_ACQUIRE) == EXITS - 1)
				interrupt(td, i, VECTOR);
			usleep(1000);
		}
		pthread_join(td->vcpu[i].thread, NULL);
	}
}

/* ---- letting go ---- */

static void drop_vm(struct td *td)
{
	close(td->vm);
}

static void drop_vcpus(struct td *td)
{
	unsigned int i;

	for (i = 0; i < td->nr_vcpus; i++) {
		munmap(td->vcpu[i].run, run_size);
		close(td->vcpu[i].fd);
	}
}

static void drop_memory(struct td *td)
{
	close(td->gmem);
	if (td->code >= 0)
		close(td->code);
	munmap(td->shared, MEMORY + MORE_MEMORY);
}

void end(struct td *td, unsigned int round)
{
	static void (*const orders[6][3])(struct td *td) = {
		{ drop_vcpus, drop_memory, drop_vm }, { drop_vm, drop_vcpus, drop_memory },
		{ drop_memory, drop_vm, drop_vcpus }, { drop_vcpus, drop_vm, drop_memory },
		{ drop_vm, drop_memory, drop_vcpus }, { drop_memory, drop_vcpus, drop_vm },
	};
	unsigned int i;

	for (i = 0; i < 3; i++)
		orders[round % 6][i](td);
}

/* ---- what is asked for ---- */

static int life(unsigned int rounds)
{
	unsigned int round;
	struct td td;

	for (round = 0; round < rounds; round++) {
		make(&td);
		run(&td);
		end(&td, round);
	}
	printf("%u TDs lived\n", rounds);
	return 0;
}

static int hold(void)
{
	struct td td;
	unsigned int i;

	make(&td);
	start(&td, run_forever);
	printf("held\n");
	fflush(stdout);
	for (i = 0;; i++) {
		interrupt(&td, i % td.nr_vcpus, VECTOR);
		usleep(1000);
	}
	return 0;
}

static int stay(const char *word)
{
	printf("%s\n", word);
	fflush(stdout);
	for (;;)
		pause();
	return 0;
}

static int made(void)
{
	struct td td;

	make(&td);
	return stay("made");
}

static int keep(void)
{
	checked("KVM_CREATE_VM", ioctl(kvm, KVM_CREATE_VM, KVM_X86_TDX_VM));
	return stay("kept");
}

static int refused(void)
{
	int types = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);
	int vm = ioctl(kvm, KVM_CREATE_VM, KVM_X86_TDX_VM);

	printf("%s, KVM_CREATE_VM: %s\n",
	       types > 0 && types & 1 << KVM_X86_TDX_VM ? "TDs are offered" : "no TDs",
	       vm < 0 ? strerror(errno) : "made");
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "life";

	kvm = checked("/dev/kvm", open("/dev/kvm", O_RDWR));
	run_size = checked("KVM_GET_VCPU_MMAP_SIZE", ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0));
	if (!strcmp(what, "life"))
		return life(argc > 2 ? strtoul(argv[2], NULL, 0) : 1);
	if (!strcmp(what, "run"))
		return td_run(argc > 2 ? strtoul(argv[2], NULL, 0) : 1,
			      argc > 3 ? strtoul(argv[3], NULL, 0) : MAX_VCPUS);
	if (!strcmp(what, "hostile") && argc == 5)
		return td_hostile(strtoul(argv[2], NULL, 0), strtoul(argv[3], NULL, 0),
				  strtoul(argv[4], NULL, 0));
	if (!strcmp(what, "running"))
		return td_running();
	if (!strcmp(what, "hold"))
		return hold();
	if (!strcmp(what, "made"))
		return made();
	if (!strcmp(what, "keep"))
		return keep();
	if (!strcmp(what, "refused"))
		return refused();
	die("usage: td-kvm life [ROUNDS] | run [ROUNDS [VCPUS]] | hostile TRIES VCPUS SEED | running | hold | made | keep | refused");
}
