// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm_run [SECONDS]: tests that KVM still works.  A virtual machine of one page adds two
 * numbers in real mode, writes the sum to a port and halts.  With SECONDS it then stays
 * that long, and keeps KVM in VMX operation.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PORT	0x217
#define CODE_AT	0x1000
#define PAGE	4096

static const unsigned char code[] = {
	0xba, PORT & 0xff, PORT >> 8,	/* mov $PORT, %dx */
	0x00, 0xd8,			/* add %bl, %al */
	0xee,				/* out %al, (%dx) */
	0xf4,				/* hlt */
};

static int make_vm(int kvm)
{
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = CODE_AT, .memory_size = PAGE,
	};
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	void *page;

	if (vm < 0)
		err(1, "KVM_CREATE_VM");
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		err(1, "mmap");
	memcpy(page, code, sizeof(code));
	region.userspace_addr = (unsigned long)page;
	if (ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region))
		err(1, "KVM_SET_USER_MEMORY_REGION");
	return vm;
}

static int make_vcpu(int vm)
{
	struct kvm_regs regs = { .rip = CODE_AT, .rax = 2, .rbx = 3, .rflags = 2 };
	struct kvm_sregs sregs;
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);

	if (vcpu < 0)
		err(1, "KVM_CREATE_VCPU");
	if (ioctl(vcpu, KVM_GET_SREGS, &sregs))
		err(1, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	if (ioctl(vcpu, KVM_SET_SREGS, &sregs) || ioctl(vcpu, KVM_SET_REGS, &regs))
		err(1, "KVM_SET_REGS");
	return vcpu;
}

/* Runs to the next exit, which must be @reason. */
static void run(int vcpu, const struct kvm_run *state, unsigned int reason)
{
	if (ioctl(vcpu, KVM_RUN, 0))
		err(1, "KVM_RUN");
	if (state->exit_reason != reason)
		errx(1, "exit reason %u, wanted %u", state->exit_reason, reason);
}

int main(int argc, char **argv)
{
	int kvm = open("/dev/kvm", O_RDWR), vcpu, size;
	const struct kvm_run *state;

	if (kvm < 0)
		err(1, "/dev/kvm");
	vcpu = make_vcpu(make_vm(kvm));
	size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		err(1, "KVM_GET_VCPU_MMAP_SIZE");
	state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (state == MAP_FAILED)
		err(1, "mmap");

	run(vcpu, state, KVM_EXIT_IO);
	if (state->io.port != PORT || ((const char *)state)[state->io.data_offset] != 5)
		errx(1, "the machine did not say 5 at port %#x", PORT);
	run(vcpu, state, KVM_EXIT_HLT);
	puts("ran");
	fflush(stdout);
	if (argc > 1)
		sleep(atoi(argv[1]));
	return 0;
}
