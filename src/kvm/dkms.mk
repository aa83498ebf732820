# SPDX-License-Identifier: GPL-2.0-only
# Run by dkms after pre-build: KVM for the kernel of HEADERS, bound to the tdx_host whose
# symbols SYMVERS has.
all:
	$(MAKE) -C $(HEADERS) M=$(CURDIR)/tree/arch/x86/kvm KBUILD_EXTRA_SYMBOLS=$(SYMVERS) modules
	src/kvm/prepare --symbols tree include/tdx_host.h $(SYMVERS)
