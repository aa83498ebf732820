#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The output of tdxhost enable and check on hosts where bring-up needs help or cannot work.
# shellcheck disable=SC2154
#vm 6.1  --cpus 4
#vm 6.12 --cpus 1x2x2
. /lib/tdx.sh

# Such a kernel has a driver of the same name, which must not be loaded.
mkdir -p /boot
echo CONFIG_INTEL_TDX_HOST=y >"/boot/config-$(uname -r)"
capture tdxhost enable
is "the kernel's own TDX: exit status" "$rc" 1
holds "the kernel's own TDX: says how" "$out" "has TDX host support of its own: kvm_intel.tdx=1"
is "the kernel's own TDX: nothing is loaded" "$(grep -c '^tdx_host ' /proc/modules)" 0
rm "/boot/config-$(uname -r)"

simulate "--online-cpus" profile=1.5.01
echo 0 >/sys/devices/system/cpu/cpu1/online
capture tdxhost check
holds "check names the CPU" "$out" "offline CPUs: 1"
capture tdxhost enable --online-cpus
is "exit status" "$rc" 0
is "every CPU was initialised" "$(host cpus_missing)" ""
is "the CPU is offline again" "$(cat /sys/devices/system/cpu/cpu1/online)" 0
echo 1 >/sys/devices/system/cpu/cpu1/online
unload

smt=/sys/devices/system/cpu/smt/control
if [ "$(cat $smt)" = on ]; then
	simulate "--online-cpus with SMT off" profile=1.5.01
	echo off >$smt
	capture tdxhost check
	holds "check says that SMT is off" "$out" "(SMT is off)"
	capture tdxhost enable --wait
	is "without it: exit status" "$rc" 1
	holds "without it: names the CPUs" "$out" "(offline: $(cat /sys/devices/system/cpu/offline))"
	rmmod tdx_host
	capture tdxhost enable --online-cpus
	is "exit status" "$rc" 0
	is "every CPU was initialised" "$(host cpus_missing)" ""
	is "SMT is off again" "$(cat $smt)" off
	echo on >$smt
	unload
fi

simulate "an old BIOS" "fault=33:1:0xc000090000000000"
capture tdxhost enable --wait
is "exit status" "$rc" 1
is "explains" "$(echo "$out" | tail -n 1)" "failed: TDH.SYS.INIT failed: TDX_INCORRECT_CPUID_VALUE (0xc000090000000000): a CPUID leaf (RCX: leaf, subleaf) does not have the value that this TDX module needs; BIOS or microcode too old: update it"
capture tdxhost enable --wait
is "again: exit status" "$rc" 1
capture tdxhost check
is "check: exit status" "$rc" 1
holds "check" "$out" "BIOS or microcode too old: update it"
unload

simulate "no TDX module" loaded=0
capture tdxhost enable --wait
is "exit status" "$rc" 1
holds "explains" "$out" "not-loaded: TDH.SYS.INIT failed: TDX_SEAMCALL_VMFAILINVALID (0x8000ff00ffff0000): no TDX module is loaded"
capture tdxhost check
holds "check" "$out" "no TDX module is loaded: the SEAM loader is off in BIOS, or there is no module file"
unload

simulate "SEAM range off" seamrr=off
check "tdx_host loads" load_host
capture tdxhost check
is "check before: exit status" "$rc" 3
holds "check before" "$out" "WARN  seamrr         SEAM range off, according to tdx_host"
capture tdxhost enable --wait
is "exit status" "$rc" 1
holds "explains" "$out" "not-loaded: TDH.SYS.INIT failed: TDX_SEAMCALL_VMFAILINVALID (0x8000ff00ffff0000); likely cause: the SEAM range is off"
capture tdxhost check
is "check: exit status" "$rc" 1
holds "check" "$out" "FAIL  seamrr         SEAM range off, according to tdx_host"
unload

simulate "init=off" ""
capture tdxhost enable --wait init=off
is "exit status" "$rc" 1
is "explains" "$out" "off: tdx_host was loaded with init=off: reload it without that"
unload

simulate "a parameter that is refused" ""
capture tdxhost enable init=sometimes
is "exit status" "$rc" 1
holds "explains" "$out" "a parameter has an invalid value: see the end of 'dmesg' and tdx_host(4)"
rmmod tdx_seamsim
done_testing
