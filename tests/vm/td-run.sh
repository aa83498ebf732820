#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TDs whose code runs: KVM of Linux 7.2, no line of it changed, on tdx_host, and the simulator
# with guests=1. What the guest does and its monitor checks: tests/kvm/td-guest.S, td-run.c.
# Each TD runs with one vCPU, two and four, as far as the host has CPUs for it: the first runs
# none (guests_run() of guest/kvm.sh).  A CPU that is left over loads x87 state meanwhile, by which
# a QEMU with a TD on the first is lost at once.
# KVM warns in vt_cache_reg() where it tells of a TDH.VP.ENTER that has failed.
# Arguments: how many TDs run; how many do then, one after the other, by which nothing grows; how
# much each vCPU of a hostile guest tries (tests/kvm/td-hostile.S).
#vm 7.2 --kvm --guests --cpus 3 --append movablecore=512M --warn vt_cache_reg --timeout 240 -- 3 0 10000
#slow 7.2 --kvm --guests --cpus 1 --append movablecore=512M --warn vt_cache_reg --timeout 900 -- 3 100 10000
#slow 7.2 --kvm --guests --cpus 5 --append movablecore=512M --warn vt_cache_reg --timeout 1500 -- 6 0 250000
#slow 7.2 --emulator qemu-10 --kvm --guests --cpus 3 --append movablecore=512M --warn vt_cache_reg --timeout 240 -- 3 0 10000
#slow 7.3 --kvm --guests --cpus 3 --append movablecore=512M --warn vt_cache_reg --timeout 240 -- 3 0 10000
. /lib/tdx.sh
. /lib/kvm.sh
guests_run
tds=$1 many=$2 tries=$3
cpus=$(nproc)
TAKEN=20	# GUEST_ROUNDS of td-guest.h: how often a page of each vCPU is taken
BROUGHT=3	# pages that the guest of each TD is brought besides: two fresh ones, one converted

NMIS=20
TDX_TD_FATAL=0xe000060400000000
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

# Calls that did what they are for.
done_calls() {
	awk -v leaf="$1" '$1 == "leaf" && $2 == leaf { n = $4 - $6 } END { print n + 0 }' "$SIM/report"
}

seen() {
	cat "/sys/module/tdx_hoststate/parameters/$1"
}

# VCPUS: what tests/hoststate has seen. An NMI comes from another CPU.
host_state_was_kept() {
	at_least "registers were looked at before and after each run" "$(seen checked)" $((tds * (40 + $1)))
	is "all were restored" "$(seen differing)" 0
	[ "$(seen differing)" = 0 ] || note "$(log | grep tdx_hoststate: | head -n 40)"
	if [ "$cpus" -gt 1 ]; then
		is "NMIs were sent to CPUs that ran a vCPU" "$(seen sent)" $NMIS
		inside=$(awk '$2 == "0x61" { print $3 }' "$SIM/runs")
		at_least "some came while it ran" "$inside" 1
		at_least "these came to the host after TDH.VP.ENTER" \
			$(($(seen sent) - $(seen taken_inside))) "$inside"
	fi
	is "each came, once" "$(seen taken) $(seen lost) $(seen strays)" "$(seen sent) 0 0"
	note "$(seen checked) runs, $(seen taken_inside) of $(seen sent) NMIs inside"
	rmmod tdx_hoststate
}

# VCPUS
runs() {
	begin "a TD of $1 vCPUs runs, $tds times"
	load "$SCRIPT"
	check "KVM loads" load_kvm_for_tds
	is "kvm_intel.tdx" "$(param tdx)" Y
	check "tdx_hoststate loads" modprobe tdx_hoststate nmis=$NMIS
	loader=''
	[ "$1" = "$cpus" ] || { fldenv & loader=$!; }
	ran=$(timeout $LIMIT /vm/td-kvm run "$tds" "$1" 2>&1)
	[ -z "$loader" ] || kill $loader
	is "each comes to its end, with every result as it is to be" "$ran" "$tds TDs ran"
	[ "$ran" = "$tds TDs ran" ] || note "the last exits: $(tail -n 20 "$SIM/runs")"
	host_state_was_kept "$1"
	is "none was on CPU 0" "$(log | grep 'on CPU 0')" ""
	is "all vCPUs were on CPUs at once" "$(awk '$1 == "at_once" { print $2 }' "$SIM/runs")" "$1"
	at_least "the host heard of each vCPU" "$(calls TDH.VP.ENTER)" $((tds * (40 + $1)))
	for leaf in TDH.MEM.RANGE.BLOCK TDH.MEM.TRACK TDH.MEM.PAGE.REMOVE; do
		at_least "pages were taken while they were used: $leaf" "$(done_calls $leaf)" \
			$((tds * ($1 * TAKEN + 1)))
	done
	is "and brought when the guest used them again, or for the first time" \
		"$(done_calls TDH.MEM.PAGE.AUG)" $((tds * ($1 * TAKEN + BROUGHT)))
	all_is_back
	unload_kvm
	unload
}

hostile_guest() {
	begin "a hostile guest of $cpus vCPUs"
	load "$SCRIPT"
	check "KVM loads" load_kvm_for_tds
	check "tdx_hoststate loads" modprobe tdx_hoststate nmis=0
	seed=$(od -An -N8 -tu8 /dev/urandom | tr -d ' ')
	ran=$(timeout $LIMIT /vm/td-kvm hostile "$tries" "$cpus" "$seed" 2>/tmp/err)
	is "each vCPU comes to its end" "$ran" "each of $cpus vCPUs has tried $tries times"
	note "seed $seed"
	note "$(cat /tmp/err)"
	note "$(awk '$1 == "exit"' "$SIM/runs")"
	at_least "TDCALLs were among them" "$(awk '$2 == "0x46" { print $3 }' "$SIM/runs")" $((tries * cpus / 8))
	is "the host's registers were restored after each run" "$(seen differing)" 0
	rmmod tdx_hoststate
	all_is_back
	unload_kvm
	unload
}

for vcpus in 1 2 4; do
	[ $vcpus -gt "$cpus" ] || runs $vcpus
done

hostile_guest

# ACCESS WORD PAGE: the host touches it, once.
touched_by_host() {
	check "the host's module loads" modprobe tdx_badhost rule="td-page-$1" pa="$3"
	rmmod tdx_badhost
	logged "the host $2 page $3 of a TD at td_page_"
}

[ "$many" = 0 ] || nothing_grows

entered_more_than() {
	[ "$(calls TDH.VP.ENTER)" -gt "$1" ]
}

begin "the host touches pages of a TD that runs"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
td_kvm_stays running /tmp/running
td=$!
is "a TD runs" "$(cat /tmp/running)" running
tdr=$(awk '$1 == "td" { print $4; exit }' "$SIM/runs")
root=$(awk '$1 == "td" { print $6; exit }' "$SIM/runs")
touched_by_host read reads "$root"
is "it is counted, once" "$(wc -l <"$SIM/violations")" 1
holds "the violation says what was touched" "$(cat "$SIM/violations")" "page of a TD"
check "the TD goes on" wait_for 30 entered_more_than $(($(calls TDH.VP.ENTER) + 20))
touched_by_host written writes "$tdr"
wait $td
is "the TD comes to its end" $? 1
is "that is counted, and again when the page comes back" "$(wc -l <"$SIM/violations")" 3
holds "KVM has the status, and tells its monitor" "$(cat /tmp/running)" "TDH.VP.ENTER: $TDX_TD_FATAL"
all_is_back
unload_kvm
check "tdx_host unloads" rmmod tdx_host
check "the simulator unloads" rmmod tdx_seamsim

begin "no script with it"
# shellcheck disable=SC2086 # parameters are words
check "refused" fails load_sim $SCRIPT exits=hlt
logged "a TD that runs has no script"
done_testing
