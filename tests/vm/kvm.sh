#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# KVM of Linux 7.2 or later, unchanged, creates TDs on tdx_host. The TDs follow a script of
# the simulator; their monitor, tests/kvm/td-kvm, checks the exits that reach it.
# Arguments: the number of rounds.
# With KASLR the kernel itself may lie in the block of memory that goes offline.
#vm 7.2 --kvm --cpus 2 --append movablecore=512M --append nokaslr --timeout 240 -- 20
#slow 7.2 --kvm --cpus 1 --append movablecore=512M --append nokaslr --timeout 240 -- 20
#slow 7.2 --kvm --cpus 2x2x1 --append movablecore=512M --append nokaslr --timeout 400 -- 20
#slow 7.3 --kvm --cpus 1 --append movablecore=512M --append nokaslr --timeout 240 -- 20
#slow 7.3 --kvm --cpus 2 --append movablecore=512M --append nokaslr --timeout 240 -- 20
#slow 7.3 --kvm --cpus 2x2x1 --append movablecore=512M --append nokaslr --timeout 400 -- 20
. /lib/tdx.sh
. /lib/kvm.sh
rounds=$1
ENTRIES=13	# of each vCPU
cpus=$(nproc)
vcpus=$((cpus < 2 ? cpus : 2))
packages=$(sort -u /sys/devices/system/cpu/cpu[0-9]*/topology/physical_package_id | wc -l)

runs_on() {
	before=$(calls TDH.VP.ENTER)
	for _ in $(seq 100); do
		[ "$(calls TDH.VP.ENTER)" -le $((before + 2 * ENTRIES)) ] || return 0
		sleep 0.1
	done
	return 1
}

warm_kvm_up

begin "a TD, $rounds times"
load "$SCRIPT"
is "tdx_host waits to be asked" "$(host state)" uninitialized
check "KVM loads" load_kvm_for_tds
is "KVM has brought TDX up" "$(host state)" initialized
is "kvm_intel.tdx" "$(param tdx)" Y
check "it holds tdx_host" [ -e /sys/module/tdx_host/holders/kvm_intel ]
is "VMX is KVM's on each CPU" "$(grep -c owned "$SIM/vmx")" "$cpus"
is "each lives, and ends in its own order" "$(/vm/td-kvm life "$rounds" 2>&1)" "$rounds TDs lived"
at_least "each vCPU went through its script" "$(calls TDH.VP.ENTER)" $((rounds * vcpus * ENTRIES))
is "64 pages were measured in each" "$(calls TDH.MR.EXTEND)" $((rounds * 64 * 16))
is "the page that was missing was added, and the converted one again" \
	"$(calls TDH.MEM.PAGE.AUG)" $((rounds * vcpus * 2))
is "a key on each package" "$(calls TDH.MNG.KEY.CONFIG)" $((rounds * packages))
all_is_back
# This kernel's misc cgroup has no KeyIDs: nothing counts those of TDs.
mkdir -p /tmp/cgroup
mount -t cgroup2 cgroup /tmp/cgroup
echo +misc >/tmp/cgroup/cgroup.subtree_control
mkdir /tmp/cgroup/td
before=$(cat /tmp/cgroup/misc.capacity /tmp/cgroup/misc.current /tmp/cgroup/td/misc.*)
check "misc has counts" [ -e /tmp/cgroup/td/misc.current ]
is "a TD in a group of its own lives" "$(echo 0 >/tmp/cgroup/td/cgroup.procs && /vm/td-kvm life 2>&1)" "1 TDs lived"
is "the misc controller's counts are as before" \
	"$(cat /tmp/cgroup/misc.capacity /tmp/cgroup/misc.current /tmp/cgroup/td/misc.*)" "$before"
rmdir /tmp/cgroup/td
umount /tmp/cgroup
unload_kvm
unload

begin "8 TDs at once"
load "$SCRIPT"
load_kvm_for_tds
lives=''
for td in 1 2 3 4 5 6 7 8; do
	/vm/td-kvm life 2 >"/tmp/life.$td" 2>&1 &
	lives="$lives $!"
done
for td in $lives; do
	wait "$td"
done
is "all TDs lived" "$(cat /tmp/life.? | sort | uniq -c | sed 's/^ *//')" "8 2 TDs lived"
all_is_back

begin "kill -9"
for n in 1 2 3; do
	hold "$n"
	check "it runs" runs_on
	# hold sets it.
	# shellcheck disable=SC2154
	kill_td "$held"
	all_is_back
done
# A TD's life takes about 0.3 s: the kill hits it while it is built, runs or ends.
for n in $(seq 20); do
	/vm/td-kvm life 100 >/dev/null 2>&1 &
	usleep $((n * 40000))
	kill_td $!
done
all_is_back
unload_kvm
unload

begin "KeyIDs"
load "$SCRIPT tdx_keyids=4 mktme_keyids=3"
load_kvm_for_tds
for n in 1 2 3; do
	hold "$n"
	all="${all:-} $held"
done
is "all KeyIDs are in use" "$(host nr_keyids_free)" 0
capture /vm/td-kvm life
# capture sets them.
# shellcheck disable=SC2154
is "the next TD is refused, and told why" "$rc $out" "1 KVM_TDX_INIT_VM: No space left on device, hw_error 0x0"
check "the others run on" runs_on
# Each is a process ID.
# shellcheck disable=SC2086
set -- $all
kill_td "$2"
is "with one free again a TD lives" "$(/vm/td-kvm life 2>&1)" "1 TDs lived"
kill_td "$1"
kill_td "$3"
all_is_back
unload_kvm
unload

begin "while a TD lives"
load "$SCRIPT"
load_kvm_for_tds
hold 1
drop_kept
check "kvm-intel stays" fails rmmod kvm_intel
check "tdx_host stays" fails rmmod tdx_host
check "the simulator stays" fails rmmod tdx_seamsim
if [ "$cpus" -gt 1 ]; then
	last=/sys/devices/system/cpu/cpu$((cpus - 1))/online
	# The last CPU of a package stays online: a key could not be freed without it.
	if [ "$packages" = 1 ] || [ "$cpus" -gt 2 ]; then
		for n in 1 2 3; do
			check "CPU $((cpus - 1)) goes offline" eval "echo 0 >$last"
			check "the TD runs on" runs_on
			check "and comes back" eval "echo 1 >$last"
			is "every CPU is in VMX operation" "$(grep -c owned "$SIM/vmx")" "$cpus"
			check "the TD runs on" runs_on
		done
	fi
else
	check "the last CPU stays" fails eval "echo 0 >/sys/devices/system/cpu/cpu0/online"
fi
# The last block may be incomplete, and stays.
memory=$(grep -lx Movable /sys/devices/system/memory/memory*/valid_zones | tail -n 2 | head -n 1)
memory=${memory%/valid_zones}/state
check "memory goes offline" eval "echo offline >$memory"
check "the TD runs on" runs_on
check "and comes back" eval "echo online_movable >$memory"
check "the TD runs on" runs_on
check "the machine does not sleep" fails eval "echo mem >/sys/power/state"
check "the TD runs on" runs_on
kill_td "$held"
all_is_back
unload_kvm
unload

begin "kvm_intel.tdx=0"
load "$SCRIPT"
check "KVM loads" load_kvm tdx=0
is "kvm_intel.tdx" "$(param tdx)" N
is "tdx_host has not been asked" "$(host state)" uninitialized
is "it has no TDs" "$(/vm/td-kvm refused)" "no TDs, KVM_CREATE_VM: Invalid argument"
unload_kvm
is "the kernel's feature bit says TDX host" "$(sim_report tdx_host_platform)" 1
check "tdx_host unloads" rmmod tdx_host
is "and the platform bit is cleared" "$(sim_report tdx_host_platform)" 0
unload

begin "no TDX module"
load "$SCRIPT loaded=0"
check "KVM loads all the same" load_kvm tdx=1
is "kvm_intel.tdx" "$(param tdx)" N
is "state" "$(host state)" not-loaded
is "it has no TDs" "$(/vm/td-kvm refused)" "no TDs, KVM_CREATE_VM: Invalid argument"
unload_kvm
unload

begin "init=off"
load "$SCRIPT" init=off
check "KVM loads all the same" load_kvm tdx=1
is "kvm_intel.tdx" "$(param tdx)" N
unload_kvm
unload
done_testing
