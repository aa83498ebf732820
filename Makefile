# SPDX-License-Identifier: GPL-2.0-only
# Targets for people. Kbuild describes the module.

# The kernel to build for.
KERNEL ?= $(shell uname -r)
.PHONY: all modules cli test demo demo-td bench kvm fuzz mutate check-style install uninstall \
	packages test-matrix test-packages test-bochs test-debug test-td clean help
all: modules cli

modules:
	@scripts/build-modules $(KERNEL)

cli:
	@$(MAKE) -s -C src/cli

test:
	@scripts/deps
	@tests/run

demo:
	@scripts/demo

# TDX up, a Linux TD on it, and what host and guest say of each other.
demo-td:
	@scripts/demo-td

bench:
	@$(MAKE) -s -C tests/bench bench
	@tests/kvm/vp-enter-overhead 6.1

# Builds a distribution kernel's KVM against tdx_host: KERNEL=6.1, 6.12, 7.2 or 7.3.
kvm:
	@scripts/build-kvm $(if $(filter file,$(origin KERNEL)),6.1,$(KERNEL))

fuzz:
	@$(MAKE) -C tests/fuzz fuzz SECONDS=$(or $(SECONDS),60)

# Measures the unit tests of src/core. SEED= and FILES= repeat a run.
mutate:
	@tests/mutate/mutate --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED)) $(FILES)

check-style:
	@scripts/build-modules --check 6.1
	@scripts/build-modules --check 6.12

# Installs the files of the packages; PREFIX=/usr/local, DESTDIR= for a root other than /.
install: cli
	@scripts/install

uninstall:
	@scripts/install --uninstall

packages:
	@scripts/packages

test-matrix:
	@scripts/test-matrix

test-packages:
	@scripts/deps
	@tests/run --packages

# Brings TDX up beside KVM, and makes TDs, on a CPU with VMX, which Bochs emulates.
test-bochs:
	@scripts/deps mmdebstrap
	@tests/run --bochs

# Builds a kernel with KASAN, lockdep and the like, and runs the VM scenarios on it.
test-debug:
	@scripts/deps
	@scripts/debug-kernel
	@tests/run --kernel debug

# Firmware and kernels that others wrote, in TDs that run.
test-td:
	@scripts/deps
	@tests/run --td

clean:
	rm -rf build

help:
	@echo 'make                build the module and the command; KERNEL=6.1, 6.1-rt, 6.12 or'
	@echo '                    a release (default: the running kernel)'
	@echo 'make test           run every test; ends with "N passed, N failed"'
	@echo 'make demo           boot a kernel in QEMU and bring a simulated TDX module up'
	@echo 'make demo-td        the same, and run a Linux TD on it: both views, side by side'
	@echo 'make bench          measure bring-up and planning'
	@echo 'make kvm            build a KVM that binds to tdx_host; KERNEL=6.1, 6.12, 7.2, 7.3'
	@echo 'make fuzz           run the fuzzers, SECONDS=60 each'
	@echo 'make mutate         change src/core in one place at a time: does a unit test fail?'
	@echo '                    SECONDS=600, SEED=, FILES= (default: src/core/*.c)'
	@echo 'make check-style    build for 6.1 and 6.12 with W=1 and sparse; fail on any warning'
	@echo 'make test-matrix    build for and boot every kernel in docs/install.md; as root'
	@echo 'make test-packages  check, install, upgrade and remove the packages, in Debian 12 in'
	@echo '                    QEMU too, and on a kernel that takes signed modules only; as root'
	@echo 'make test-bochs     bring TDX up beside the stock KVM, and make TDs, with VMX of Bochs'
	@echo 'make test-debug     run the VM scenarios on a kernel with KASAN, lockdep and the like'
	@echo 'make test-td        run TDs: a test program, firmware and kernels of Debian, scripts/td;'
	@echo '                    prints the time of each'
	@echo 'make packages       build .deb and .rpm into build/packages'
	@echo 'make install        install the command, the header and the module (by dkms);'
	@echo '                    PREFIX=, DESTDIR='
	@echo 'make uninstall      remove what make install installed'
	@echo 'make clean          remove build/'
