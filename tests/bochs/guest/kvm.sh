#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# kvm.sh ROUNDS: bring-up on a CPU with VMX, with and without the stock KVM.  Only
# SEAMCALL is simulated.
. /lib/tdx.sh
rounds=$1

load_kvm() {
	kernel_modules
	loaded kvm_intel
}

unload_kvm() {
	rmmod kvm_intel && rmmod kvm && rmmod irqbypass
}

kvm_works() {
	is "KVM runs a virtual machine" "$(/vm/kvm_run 2>&1)" ran
}

# CPUs with CR4.VMXE or in VMX operation, one a line.
vmx() {
	cat "$SIM/vmx"
}

# Waits for PID's machine, which is up once KVM is in VMX operation.
vm_is_up() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(vmx | grep -c owned)" = "$(nproc)" ] && return
		sleep 0.5
	done
	return 1
}

begin "no KVM"
load vmx_real=1
vmx_before=$(vmx)
is "VMX is off" "$vmx_before" ""
check "echo 1 > enable" enable
is_up
is "VMX is off again" "$(vmx)" ""
unload

begin "KVM loaded and idle"
check "kvm-intel loads" load_kvm
load vmx_real=1
vmx_before=$(vmx)
note "VMX: ${vmx_before:-off}"
check "echo 1 > enable" enable
is_up
is "VMX is as it was" "$(vmx)" "$vmx_before"
kvm_works
unload

begin "KVM in VMX operation"
load vmx_real=1
/vm/kvm_run 1000 >/tmp/held &
held=$!
check "KVM holds a virtual machine" vm_is_up
vmx_before=$(vmx)
check "echo 1 > enable" enable
is_up
is "VMX is as it was" "$(vmx)" "$vmx_before"
kvm_works
kill $held
wait $held 2>/dev/null
is "the machine ran" "$(cat /tmp/held)" ran
unload
kvm_works
unload_kvm

# kvm-intel comes and goes, and is in VMX operation and out of it, until told to
# stop.  kvm itself stays: its load takes a minute here.
kvm_storm() {
	n=0
	while [ ! -e /tmp/stop ]; do
		insmod /vm/ko/*kvm-intel.ko && [ "$(/vm/kvm_run 2>&1)" = ran ] &&
			rmmod kvm_intel || return
		n=$((n + 1))
		echo $n >/tmp/storms
	done
}

uptime_s() {
	cut -d. -f1 /proc/uptime
}

load_kvm && rmmod kvm_intel
for round in $(seq "$rounds"); do
	begin "KVM comes and goes, round $round"
	load "vmx_real=1 latency=TDH.SYS.TDMR.INIT:60000"
	rm -f /tmp/stop /tmp/storms
	kvm_storm 2>/tmp/storm.err &
	storm=$!
	for _ in $(seq 100); do
		[ -e /tmp/storms ] && break
		sleep 0.1
	done
	before=$(cat /tmp/storms)
	since=$(uptime_s)
	check "echo 1 > enable" enable
	took=$(($(uptime_s) - since))
	during=$(($(cat /tmp/storms) - before))
	touch /tmp/stop
	check "KVM worked all the time" wait $storm
	at_least "KVM came and went meanwhile" "$during" 1
	note "$during times in $took s; $(cat /tmp/storm.err)"
	is_up
	is "VMX is off" "$(vmx)" ""
	unload
done

begin "afterwards"
rmmod kvm && rmmod irqbypass
check "kvm-intel loads" load_kvm
kvm_works
check "kvm-intel unloads" unload_kvm
done_testing
