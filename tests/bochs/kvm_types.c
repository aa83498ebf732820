// SPDX-License-Identifier: GPL-2.0-only
/* kvm_types: does KVM support TDs?  Prints KVM_CAP_VM_TYPES and tries to create one. */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>

#ifndef KVM_CAP_VM_TYPES
#define KVM_CAP_VM_TYPES	235
#endif
#define TDX_VM			5	/* KVM_X86_TDX_VM of Linux 6.16 */

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR), types;

	if (kvm < 0)
		err(1, "/dev/kvm");
	types = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_VM_TYPES);
	if (types < 0)
		err(1, "KVM_CHECK_EXTENSION");
	printf("%s, %s\n", types & 1 << TDX_VM ? "TDs" : "no TDs",
	       ioctl(kvm, KVM_CREATE_VM, TDX_VM) < 0 ? "makes none" : "makes one");
	return 0;
}
