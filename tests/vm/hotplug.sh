#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# CPUs go offline and online while TDX is up; TDH.SYS.LP.INIT fails on one.
# Arguments: profiles instead of the usual ones.
#vm 6.1    --cpus 2x2x1
#vm 6.1-rt --cpus 2x2x1
#vm 6.12   --cpus 2x2x1
#slow 6.1  --cpus 2x2x1 -- 1.0.3 1.5.01 1.5.34 2.0.14 next
. /lib/tdx.sh
CPU=/sys/devices/system/cpu
FAILS=0xc000092000000000	# TDX_INCONSISTENT_MSR

offline() {
	echo 0 2>/dev/null >$CPU/cpu"$1"/online
}

online_again() {
	echo 1 2>/dev/null >$CPU/cpu"$1"/online
}

# PROFILE
offline_and_back() {
	begin "module $1, offline and back"
	load "profile=$1" init=eager
	check "CPU 1 goes offline" offline 1
	at_least "with its caches written back" "$(sim_report wbinvd)" 1
	is "it stays initialised" "$(host cpus_initialized)" 0-3
	check "CPU 1 comes back" online_again 1
	is "TDH.SYS.LP.INIT is not called again" "$(calls TDH.SYS.LP.INIT)" 4
	unload
}

last_of_package() {
	begin "module $1, the last CPU of a package"
	load "profile=$1" init=eager
	modprobe tdx_consumer keyids=2
	is "KeyIDs are in use" "$(host nr_keyids_free)" 45
	check "CPU 2 goes" offline 2
	check "CPU 3 cannot go offline" fails offline 3
	logged "CPU 3 stays online: it is the last of its package"
	check "the consumer unloads" rmmod tdx_consumer
	is "KeyIDs are free" "$(host nr_keyids_free)" 47
	check "CPU 3 goes" offline 3
	check "CPU 2 comes back" online_again 2
	check "CPU 3 comes back" online_again 3
	unload
}

# It fails for good, because tdx_host tries it again if every LP is needed.
lp_init_fails() {
	begin "module $1, LP.INIT fails on one CPU"
	load "profile=$1"
	if wants_every_lp; then
		echo "TDH.SYS.LP.INIT:2:0:$FAILS" >/sys/module/tdx_seamsim/parameters/fault
		check "bring-up fails" fails enable
		is "state" "$(host state)" failed
		holds "last_error names the leaf" "$(host last_error)" "TDH.SYS.LP.INIT failed on CPU"
		holds "last_error names the status" "$(host last_error)" TDX_INCONSISTENT_MSR
	else
		echo "TDH.SYS.LP.INIT:2:1:$FAILS" >/sys/module/tdx_seamsim/parameters/fault
		check "bring-up does without it" enable
		is "state" "$(host state)" initialized
		missing=$(host cpus_missing)
		case $missing in
		[0-3]) ok "one CPU is missing: $missing" ;;
		*) not_ok "one CPU is missing: '$missing'" ;;
		esac
		logged "TDH.SYS.LP.INIT failed on CPU $missing"
	fi
	unload
}

for profile; do
	offline_and_back "$profile"
	last_of_package "$profile"
	lp_init_fails "$profile"
done
[ $# = 0 ] || done_testing

offline_and_back 1.5.01
last_of_package 1.5.34
lp_init_fails 1.5.01
lp_init_fails next

begin "bring-up without a CPU that is offline"
offline 3
load profile=next init=eager
is "state" "$(host state)" initialized
is "CPUs missing" "$(host cpus_missing)" 3
logged "CPUs on which no TD can run: 3 ("
check "CPU 3 comes online" online_again 3
unload

done_testing
