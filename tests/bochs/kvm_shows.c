// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm_shows: what this KVM says that it can do, a line each, to be compared with what
 * another one says.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#define MAX_CAPABILITY	512
#define MAX_CPUID	256
#define MAX_MSRS	512

static int kvm;

static void capabilities(void)
{
	int vm = ioctl(kvm, KVM_CREATE_VM, 0), i, of_kvm, of_vm;

	if (vm < 0)
		err(1, "KVM_CREATE_VM");
	for (i = 0; i < MAX_CAPABILITY; i++) {
		of_kvm = ioctl(kvm, KVM_CHECK_EXTENSION, i);
		of_vm = ioctl(vm, KVM_CHECK_EXTENSION, i);
		if (of_kvm || of_vm)
			printf("capability %d: %d, of a machine %d\n", i, of_kvm, of_vm);
	}
}

static void cpuid(void)
{
	struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + MAX_CPUID * sizeof(c->entries[0]));
	const struct kvm_cpuid_entry2 *e;
	__u32 i;

	if (!c)
		err(1, "no memory");
	c->nent = MAX_CPUID;
	if (ioctl(kvm, KVM_GET_SUPPORTED_CPUID, c))
		err(1, "KVM_GET_SUPPORTED_CPUID");
	for (i = 0; i < c->nent; i++) {
		e = &c->entries[i];
		/* The APIC ID of the CPU that asks is in them. */
		if (e->function != 1 && e->function != 0xb && e->function != 0x1f)
			printf("CPUID %#x.%#x: %#x %#x %#x %#x\n", e->function, e->index,
			       e->eax, e->ebx, e->ecx, e->edx);
	}
}

static void msrs(const char *what, unsigned long request)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + MAX_MSRS * sizeof(list->indices[0]));
	__u32 i;

	if (!list)
		err(1, "no memory");
	list->nmsrs = MAX_MSRS;
	if (ioctl(kvm, request, list))
		err(1, "%s", what);
	for (i = 0; i < list->nmsrs; i++)
		printf("%s: %#x\n", what, list->indices[i]);
}

int main(void)
{
	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		err(1, "/dev/kvm");
	capabilities();
	cpuid();
	msrs("KVM_GET_MSR_INDEX_LIST", KVM_GET_MSR_INDEX_LIST);
	msrs("KVM_GET_MSR_FEATURE_INDEX_LIST", KVM_GET_MSR_FEATURE_INDEX_LIST);
	return 0;
}
