#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-softdep.sh: the line of dist/modprobe.conf that loads KVM before tdx_host works with
# the kernel's own KVM, and does no harm with a KVM that links to tdx_host.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tap_need modprobe depmod
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

scripts/kernel 6.1 >/dev/null
release=$(scripts/kernel --release 6.1)
scripts/build-modules 6.1 >&2
kernel=.cache/kernels/$release/lib/modules/$release/kernel
built=build/$release

# tree NAME FILE...: a tree of modules; FILE=NAME puts it there under another name.
tree() {
	local to=$tmp/$1/lib/modules/$release f
	mkdir -p "$to/extra"
	touch "$to"/modules.{order,builtin,builtin.modinfo}
	shift
	for f; do
		cp "${f%=*}" "$to/extra/$(basename "${f#*=}")"
	done
	depmod -b "${to%/lib/modules/*}" "$release"
}

# The modules that modprobe MODULE would load, in order.
loads() {
	modprobe -S "$release" -d "$tmp/$1" -C "$tmp/conf" --show-depends "$2" |
		sed -n 's|^insmod .*/\(.*\)\.ko .*|\1|p' | tr '\n' ' '
}

tree stock "$built/host/tdx_host.ko" "$kernel"/virt/lib/irqbypass.ko "$kernel"/arch/x86/kvm/kvm{,-intel}.ko
# It calls tdx_enable(), like that KVM.
tree bound "$built/host/tdx_host.ko" "$built/tests/tdx_consumer.ko=kvm-intel.ko"

mkdir "$tmp/conf"
cp dist/modprobe.conf "$tmp/conf/tdx-host.conf"
tap_is "as installed, tdx_host loads alone" "$(loads stock tdx_host)" "tdx_host "
tap_is "and before a KVM that binds to it" "$(loads bound kvm_intel)" "tdx_host kvm-intel "

sed -i 's/^#softdep /softdep /' "$tmp/conf/tdx-host.conf"
tap "the line is there" grep -q '^softdep tdx_host pre: kvm_intel$' "$tmp/conf/tdx-host.conf"
tap_is "with it the kernel's own KVM loads first" "$(loads stock tdx_host)" "irqbypass kvm kvm-intel tdx_host "
tap_is "a KVM that binds loads as before" "$(loads bound kvm_intel)" "tdx_host kvm-intel "
# modprobe skips loaded modules.
tap_is "and tdx_host still before it" "$(loads bound tdx_host)" "tdx_host kvm-intel tdx_host "

tap_done
