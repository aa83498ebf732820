#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Linux in TDs of Debian's QEMU that is not left in peace. QEMU is killed at any moment of a
# TD's life, again and again; four TDs run at once. User space of each makes private pages
# shared and back without a pause: tdx-guest does so with its buffer for quotes whenever it
# comes and goes.
# Arguments: kills and how many; or four.
#slow 7.2 --kvm --client --guests --image --module tdx-guest --cpus 1 --mem 3G --timeout 2400 -- kills 50
#slow 7.2 --kvm --client --guests --image --module tdx-guest --cpus 3 --mem 3G --timeout 2400 -- kills 50
#slow 7.3 --kvm --client --guests --image --module tdx-guest --cpus 1 --mem 3G --timeout 2400 -- kills 50
#slow 7.2 --emulator qemu-10 --kvm --client --guests --image --module tdx-guest --cpus 1 --mem 3G --timeout 2400 -- kills 50
#slow 7.2 --kvm --client --guests --image --module tdx-guest --cpus 3 --mem 4G --timeout 900 -- four
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
guests_run
warm=1		# kills() remembers memory when it is warm
MEMORY=256M
RAM_PAGES=65536
LIMIT=600
CONVERSIONS=30
QUOTE_PAGES=32	# of the buffer
WARM=12		# kills until each stage has been there
GROWTH_KIB=4096	# a QEMU and its TD have a hundred times that

# How often pages are converted, or "forever".
in_guest() {
	for ko in /ko/*.ko; do
		insmod "$ko"
	done
	echo "storm begins"
	n=0
	while [ $n != "$1" ]; do
		n=$((n + 1))
		rmmod tdx_guest || exit
		insmod /ko/*tdx-guest.ko || exit
	done
	echo "features: $(dmesg | grep -o 'Memory Encryption Features.*')"
	exit "$(sed -n 's/.*status=\([0-9]*\).*/\1/p' /proc/cmdline)"
}

# What there is of TDs.
left() {
	echo "$(sim_report tds) TDs, $(sim_report guest_keyids_used) KeyIDs used," \
		"$(host nr_keyids_free) free, $(wc -l <"$SIM/violations") violations"
}

nothing_stays() {
	[ "$(left)" = "$nothing" ]
}

# --- kills

# The stage in which the Nth QEMU is killed.
stage() {
	if [ $(($1 % 25)) = 12 ]; then
		echo storm
	elif [ $(($1 % 15)) = 7 ]; then
		echo kernel
	else
		case $(($1 % 3)) in
		0)	echo begun ;;
		1)	echo made ;;
		2)	echo runs ;;
		esac
	fi
}

# JOB: the QEMU that it waits for, and no other.
qemu_of() {
	child=$(cut -d ' ' -f 1 "/proc/$1/task/$1/children" 2>/dev/null)
	[ -n "$child" ] && grep -q ^qemu "/proc/$child/comm" 2>/dev/null && echo "$child"
}

reached() {
	case $1 in
	begun)	qemu_of $job >/dev/null ;;
	made)	[ "$(calls TDH.MNG.CREATE)" -gt "$created" ] ;;
	runs)	[ "$(calls TDH.MR.FINALIZE)" -gt "$finalized" ] ;;
	kernel)	grep -q 'Linux version' /tmp/said 2>/dev/null ;;
	storm)	grep -q 'storm begins' /tmp/said 2>/dev/null ;;
	esac
}

# A TD is made and filled within two seconds or three.
moment_ms() {
	case $1 in
	begun|made)	echo 1000 ;;
	*)		echo 10000 ;;
	esac
}

# N: at a moment after the Nth stage is reached.
kill_one() {
	stage=$(stage "$1")
	created=$(calls TDH.MNG.CREATE) finalized=$(calls TDH.MR.FINALIZE)
	rm -f /tmp/said
	run_linux $LIMIT -bios $FIRMWARE -m $MEMORY -smp 1 </dev/null >/tmp/said 2>/tmp/err &
	job=$!
	check "$1: the TD comes to '$stage'" wait_for $LIMIT reached "$stage"
	usleep $(($(random "$(moment_ms "$stage")") * 1000))
	kill -9 "$(qemu_of $job)"
	wait $job 2>/dev/null
	is "$1: QEMU ends by the signal" $? 137
	wait_for 10 nothing_stays
	is "$1: nothing stays" "$(left)" "$nothing"
}

kills() {
	begin "QEMU is killed"
	linux_runs_in_guest forever
	nothing=$(left)
	for n in $(seq "$1"); do
		kill_one "$n"
		[ "$n" != $WARM ] || { purge_vmap; remember_memory; }
	done
	purge_vmap
	note "TDs made: $(calls TDH.MNG.CREATE), run: $(calls TDH.MR.FINALIZE)"
	no_growth 200 $GROWTH_KIB
}

# --- four at once

# N: its command is to end with 40 + N.
one_of_four() {
	TD_CMDLINE="$TD_CMDLINE status=$((40 + $1))"
	TD_STATUS=$QEMU_ROOT/tmp/status.$1
	run_linux $LIMIT -bios $FIRMWARE -m $MEMORY -smp 1 </dev/null >"/tmp/said.$1" 2>"/tmp/err.$1"
}

there_are() {
	[ "$(sim_report tds)" = "$1" ]
}

four() {
	begin "four at once"
	linux_runs_in_guest $CONVERSIONS
	jobs=''
	for n in 1 2 3 4; do
		one_of_four $n &
		jobs="$jobs $!"
	done
	wait_for $LIMIT there_are 4
	is "there are four TDs" "$(sim_report tds)" 4
	n=0
	for job in $jobs; do
		n=$((n + 1))
		wait "$job"
		is "$n: it powers off" $? 0
		said=$(tr -d '\r' <"/tmp/said.$n")
		TD_STATUS=$QEMU_ROOT/tmp/status.$n
		holds "$n: it knows what it runs in" "$said" "features: Memory Encryption Features active: Intel TDX"
		is "$n: its log has no warning" "$(echo "$said" | grep -E 'WARNING|BUG|Oops|Call Trace|unchecked MSR')" ""
		is "$n: its command has come to its end" "$(td_status)" $((40 + n))
		is "$n: QEMU complains of nothing but the CPU's features" \
			"$(grep -v 'TDX .*feature' "/tmp/err.$n" | head -n 5)" ""
	done
	note "TDH.MEM.PAGE.REMOVE: $(calls TDH.MEM.PAGE.REMOVE), TDH.MEM.PAGE.AUG: $(calls TDH.MEM.PAGE.AUG)"
	# Each page of their memory comes once, all but those that the monitor adds.
	at_least "pages came back that were shared" "$(calls TDH.MEM.PAGE.AUG)" \
		$((4 * (RAM_PAGES + CONVERSIONS * QUOTE_PAGES)))
}

unpack_qemu
kernel_modules
begin "the host"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
"$@"
is "no vCPU was lost, none was on CPU 0" "$(log | grep -e 'vCPU .* ends' -e 'on CPU 0')" ""
all_is_back
is "breaks no rule" "$(cat "$SIM/violations")" ""
unload_kvm
done_testing
