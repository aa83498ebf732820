#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# td.sh ROUNDS: KVM that makes TDs, on a CPU with VMX of its own: TDs, ordinary virtual
# machines, and what differs from the kernel's own KVM.  The simulator answers SEAMCALL, and
# with kvm=1 the CPUID leaf of the address bits.
#
# Bochs has 40 of these, and 8 for KeyIDs are added.  With bit 47 an address of a TD is a
# shared one, and KVM frees page tables for what the CPU's address bits reach: on a CPU
# with 47 or fewer, which no TDX host is, it would leave those of every TD.
. /lib/tdx.sh
. /lib/kvm.sh
rounds=$1
SCRIPT="vmx_real=1 mktme_keyids=15 tdx_keyids=240 $SCRIPT"

ordinary_vm_runs() {
	is "an ordinary virtual machine runs" "$(/vm/kvm_run 2>&1)" ran
}

# But for tdx, which the kernel's own KVM lacks.
parameters() {
	(cd "/sys/module/$1/parameters" && grep . -- * | grep -v ^tdx:)
}

begin "the kernel's own KVM"
kernel_modules
ordinary_vm_runs
parameters kvm_intel >/tmp/stock.intel
parameters kvm >/tmp/stock.kvm
/vm/kvm_shows >/tmp/stock.shows
at_least "it says what it can do" "$(wc -l </tmp/stock.shows)" 100
check "it unloads" rmmod kvm_intel kvm

begin "kvm_intel.tdx=0"
load vmx_real=1
check "KVM loads" load_kvm tdx=0
is "tdx" "$(param tdx)" N
is "tdx_host has not been asked" "$(host state)" uninitialized
is "it has no TDs" "$(/vm/td-kvm refused)" "no TDs, KVM_CREATE_VM: Invalid argument"
ordinary_vm_runs
is "kvm_intel's parameters are the stock one's" "$(parameters kvm_intel)" "$(cat /tmp/stock.intel)"
is "so are kvm's" "$(parameters kvm)" "$(cat /tmp/stock.kvm)"
is "it can do what the stock one can" "$(/vm/kvm_shows | diff /tmp/stock.shows - | head)" ""
unload_kvm
# What loading it for the first time keeps is KVM's own.
rmmod tdx_host tdx_seamsim

begin "a TD, $rounds times"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
is "tdx" "$(param tdx)" Y
is "TDX is up" "$(host state)" initialized
ordinary_vm_runs
is "VMX is KVM's on each CPU" "$(grep -c owned "$SIM/vmx")" "$(nproc)"
is "each lives, and ends in its own order" "$(/vm/td-kvm life "$rounds" 2>&1)" "$rounds TDs lived"
all_is_back
hold 1
ordinary_vm_runs
# hold sets it.
# shellcheck disable=SC2154
kill_td "$held"
all_is_back
ordinary_vm_runs
unload_kvm
unload
done_testing
