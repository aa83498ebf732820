#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A patched KVM and tdx_host: which module loads the other, which one executes VMXON, and
# what remains if TDX cannot be brought up.
#
# free_before is for unload.
# shellcheck disable=SC2034
. /lib/tdx.sh

TRACING=/sys/kernel/tracing
KVM_TDX=/sys/module/kvm_intel/parameters/tdx

# Where modprobe finds them and what they need.
extra=/lib/modules/$(uname -r)/extra
cp /vm/ko/*irqbypass.ko "$extra/irqbypass.ko"
cp /vm/kvm.ko /vm/kvm-intel.ko "$extra"
depmod

mount -t tracefs tracefs "$TRACING" 2>/dev/null
# Its buffer is allocated when it is first used, which is not to be a leak of ours.
echo 256 >"$TRACING/buffer_size_kb"

# Every SEAMCALL of tdx_host: was VMXON its own (vmx->on)?
watch_calls() {
	echo 'p:tdx_call tdx_host:tdx_vmx_call own=+16(%di):u8' >"$TRACING/kprobe_events"
	echo >"$TRACING/trace"
	echo 1 >"$TRACING/events/kprobes/tdx_call/enable"
}

unwatch_calls() {
	echo 0 >"$TRACING/events/kprobes/tdx_call/enable"
	seen=$(grep -c 'tdx_call:.* own=' "$TRACING/trace")
	own=$(grep -c 'tdx_call:.* own=1' "$TRACING/trace")
	echo >"$TRACING/kprobe_events"
}

unload_kvm() {
	check "kvm-intel unloads" rmmod kvm_intel
	check "kvm unloads" rmmod kvm
	rmmod irqbypass
}

kvm_works() {
	is "KVM runs a virtual machine" "$(/vm/kvm_run 2>&1)" ran
	is "KVM claims no TDs, and makes none" "$(/vm/kvm_types 2>&1)" "no TDs, makes none"
}

held_by_kvm() {
	check "kvm_intel holds tdx_host" [ -e /sys/module/tdx_host/holders/kvm_intel ]
	check "tdx_host cannot be unloaded under it" fails rmmod tdx_host
}

begin "without KVM"
load vmx_real=1
watch_calls
check "echo 1 > enable" enable
unwatch_calls
at_least "SEAMCALLs were seen" "$seen" 10
is "VMXON was tdx_host's for each" "$own" "$seen"
unload

begin "tdx_host first"
load vmx_real=1
watch_calls
check "kvm-intel loads with tdx=1" modprobe kvm_intel tdx=1
unwatch_calls
at_least "SEAMCALLs were seen" "$seen" 10
is "VMXON was KVM's for each" "$own" 0
is "kvm_intel.tdx" "$(cat $KVM_TDX)" Y
is_up
logged "TDX module initialized"
held_by_kvm
kvm_works
unload_kvm
is "VMX is off" "$(cat "$SIM/vmx")" ""
unload

begin "kvm-intel first"
check "the simulator loads" load_sim vmx_real=1
free_before=$(free_kib)
check "kvm-intel loads with tdx=1" modprobe kvm_intel tdx=1
check "and has brought tdx_host" loaded tdx_host
is "kvm_intel.tdx" "$(cat $KVM_TDX)" Y
is_up
held_by_kvm
kvm_works
unload_kvm
unload

begin "no TDX module"
check "the simulator loads" load_sim vmx_real=1 loaded=0
free_before=$(free_kib)
check "kvm-intel loads with tdx=1" modprobe kvm_intel tdx=1
is "kvm_intel.tdx" "$(cat $KVM_TDX)" N
is "state" "$(host state)" not-loaded
logged "TDX is disabled"
kvm_works
unload_kvm
is "VMX is off" "$(cat "$SIM/vmx")" ""
unload

begin "nobody asked"
check "the simulator loads" load_sim vmx_real=1
free_before=$(free_kib)
check "kvm-intel loads" modprobe kvm_intel
is "kvm_intel.tdx" "$(cat $KVM_TDX)" N
is "state" "$(host state)" uninitialized
kvm_works
unload_kvm
unload
done_testing
