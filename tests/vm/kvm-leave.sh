#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# On the way into another kernel KVM cannot create TDs, and the log says why.  There is only
# one KeyID, and an idle TD has it, so that no other TD is half created when VMX
# operation ends.
#slow 7.2 --kvm --cpus 2 --image --timeout 300 --expect tdx_host:.no.TD.can.be.made.any.more --expect td-kvm:.KVM_TDX_INIT_VM:.No.such.device --expect last.look:.pamt_pages_differ.0 --expect kexec.is.not.safe:.1.TDs
#slow 7.3 --kvm --cpus 2 --image --timeout 300 --expect tdx_host:.no.TD.can.be.made.any.more --expect td-kvm:.KVM_TDX_INIT_VM:.No.such.device --expect last.look:.pamt_pages_differ.0 --expect kexec.is.not.safe:.1.TDs
. /lib/tdx.sh
. /lib/kvm.sh

# It loops until the other kernel starts.
try_to_make_tds() {
	while :; do
		capture /vm/td-kvm life
		# capture sets it.
		# shellcheck disable=SC2154
		echo "td-kvm: $out" >/tmp/said
		case $out in
		*"No such device"*) cat /tmp/said >/dev/kmsg ;;
		esac
	done
}

if [ "${1:-}" = second ]; then
	tap_n=$2
	begin "second kernel"
	ok "boots"
	done_testing
fi

kernel_modules
load "$SCRIPT tdx_keyids=2 latency=TDH.SYS.DISABLE:1000000"
check "KVM loads" load_kvm tdx=1
td_kvm_stays made /tmp/made
is "a TD is made" "$(cat /tmp/made)" made
is "it has the one KeyID" "$(host nr_keyids_free)" 0
try_to_make_tds &
until [ -s /tmp/said ]; do
	sleep 0.1
done
is "no second KeyID is free" "$(cat /tmp/said)" "td-kvm: KVM_TDX_INIT_VM: No space left on device, hw_error 0x0"
printf '%s\n' second "$tap_n" >/vm/args
(cd / && find . -xdev ! -name vmlinuz | cpio -o -H newc 2>/dev/null) >/tmp/initrd
kexec /vm/vmlinuz /tmp/initrd "$(cat /proc/cmdline)"
not_ok "the second kernel is booted"
done_testing
