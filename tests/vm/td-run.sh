#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TDs whose code runs: KVM of Linux 7.2, no line of it changed, on tdx_host, and the simulator
# with guests=1. What the guest does and its monitor checks: tests/kvm/td-guest.S, td-run.c.
# Arguments: how many TDs run; how many do then, one after the other, by which nothing grows.
#slow 7.2 --kvm --guests --cpus 1 --append movablecore=512M --timeout 240 -- 3 0
#slow 7.2 --kvm --guests --cpus 1 --append movablecore=512M --timeout 900 -- 3 100
. /lib/tdx.sh
. /lib/kvm.sh
guests_run
tds=$1 many=$2
cpus=$(nproc)
vcpus=$((cpus < 2 ? cpus : 2))
ACCEPTED=3	# pages that the guest of each TD is brought: two fresh ones, and one converted

LIMIT=600
ORDERS=6	# in which td-kvm lets go of a TD
GROWTH_KIB=1024	# three pages a TD are more
LEFT_MIB=192	# the kernel's reserves, and as much again

direct_map() {
	grep ^DirectMap /proc/meminfo
}

# By way of the direct map: a page that a TD's end has left out of it is an oops.
write_free_memory() {
	mib=$(($(awk '$1 == "MemFree:" { print $2 }' /proc/meminfo) / 1024 - LEFT_MIB))
	mkdir -p /tmp/free
	mount -t tmpfs -o size=100% free /tmp/free || return
	dd if=/dev/zero of=/tmp/free/all bs=1M count=$mib 2>/dev/null
	rc=$?
	umount /tmp/free
	return $rc
}

# The direct map is one of 4 KB pages since the simulator was loaded with guests=1 for the
# first time, when KVM was warmed up, and stays so without it: the kernel puts none of its
# pages together again.
nothing_grows() {
	begin "$many TDs, one after the other"
	map=$(direct_map)
	load "$SCRIPT"
	check "KVM loads" load_kvm_for_tds
	/vm/td-kvm run $ORDERS >/dev/null
	purge_vmap
	remember_memory
	ran=$(timeout $LIMIT /vm/td-kvm run "$many" 2>&1)
	is "all run" "$ran" "$many TDs ran"
	[ "$ran" = "$many TDs ran" ] || note "$(calls TDH.MNG.CREATE) TDs, the last exits: $(tail -n 20 "$SIM/runs")"
	is "each was a TD of its own" "$(calls TDH.MNG.CREATE)" $((ORDERS + many))
	all_is_back
	purge_vmap
	no_growth "$many" $GROWTH_KIB
	check "free memory can be written, all but $LEFT_MIB MiB" write_free_memory
	unload_kvm
	unload
	note "$map"
	is "the direct map is what it was" "$(direct_map)" "$map"
}

warm_kvm_up

begin "a TD runs, $tds times"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
is "kvm_intel.tdx" "$(param tdx)" Y
is "each comes to its end, with every result as it is to be" \
	"$(/vm/td-kvm run "$tds" 2>&1)" "$tds TDs ran"
is "pages were brought when the guest asked for them" "$(calls TDH.MEM.PAGE.AUG)" $((tds * ACCEPTED))
at_least "the host heard of each vCPU" "$(calls TDH.VP.ENTER)" $((tds * vcpus * 40))
all_is_back
unload_kvm
unload

# ACCESS WORD PAGE: the host touches it, once, of a TD that is made.
touched_by_host() {
	before=$(wc -l <"$SIM/violations")
	check "the host's module loads" modprobe tdx_badhost rule="td-page-$1" pa="$3"
	rmmod tdx_badhost
	logged "the host $2 page $3 of a TD at td_page_"
	is "it is counted, once" "$(wc -l <"$SIM/violations")" $((before + 1))
}

[ "$many" = 0 ] || nothing_grows

begin "the host touches pages of a TD"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
td_kvm_stays made /tmp/made
made=$!
is "a TD is made" "$(cat /tmp/made)" made
tdr=$(awk '$1 == "td" { print $4; exit }' "$SIM/runs")
root=$(awk '$1 == "td" { print $6; exit }' "$SIM/runs")
touched_by_host read reads "$tdr"
touched_by_host written writes "$root"
holds "the violation says what was touched" "$(cat "$SIM/violations")" "page of a TD"
kill_td $made
all_is_back
unload_kvm
check "tdx_host unloads" rmmod tdx_host
check "the simulator unloads" rmmod tdx_seamsim

begin "no script with it"
# shellcheck disable=SC2086 # parameters are words
check "refused" fails load_sim $SCRIPT exits=hlt
logged "a TD that runs has no script"
done_testing
