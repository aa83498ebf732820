#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# CPUs that are present but offline, with TDX modules that require every LP and one that
# does not, and both settings of offline_cpus.
# Arguments: why the CPUs are offline; profiles that need every LP, instead of the usual ones.
#vm 6.1    --cpus 2x2x1 --append maxcpus=3                -- maxcpus
#slow 6.12   --cpus 2x2x1 --append maxcpus=3                -- maxcpus
#vm 6.1    --cpus 2x1x2 --append nosmt                    -- nosmt
#vm 6.12   --cpus 2x1x2 --append nosmt=force              -- nosmt-force
#vm 6.1    --cpus 2x1x2                                   -- smt-off
#vm 6.1-rt --cpus 2x2x1                                   -- one-by-one
#slow 6.12   --cpus 2x2x1                                   -- one-by-one
#slow 6.1    --cpus 2x1x2 --append nosmt                    -- nosmt 1.5.34 2.0.14
#slow 6.1    --cpus 2x2x1                                   -- one-by-one 1.5.34 2.0.14
. /lib/tdx.sh
CPU=/sys/devices/system/cpu

take_offline() {
	case $1 in
	smt-off) echo off >$CPU/smt/control ;;
	one-by-one)
		echo 0 >$CPU/cpu1/online
		echo 0 >$CPU/cpu3/online ;;
	esac
}

# The kernel refuses to bring these up: the message says what to write where.
smt_is_off() {
	case $how in
	nosmt|nosmt-force|smt-off) true ;;
	*) false ;;
	esac
}

how=$1
shift
take_offline "$how"
was=$(online)
gone=$(cat $CPU/offline)
case $gone in
'') not_ok "some CPU is offline"; done_testing ;;
esac

profiles=${*:-1.0.3 1.5.01}
for profile in $profiles; do
	begin "module $profile, offline_cpus=fail"
	load "profile=$profile" init=eager
	is "state" "$(host state)" failed
	holds "last_error says which CPUs" "$(host last_error)" "(offline: $(cat $CPU/offline | sed 's/,[4-9].*//; s/,1[0-9]*-.*//'))"
	holds "last_error names the remedy" "$(host last_error)" "offline_cpus=online"
	is "nothing was configured" "$(calls TDH.SYS.KEY.CONFIG)" 0
	is "CPUs online" "$(online)" "$was"
	unload

	begin "module $profile, offline_cpus=online"
	load "profile=$profile" "init=eager offline_cpus=online"
	if smt_is_off; then
		is "state" "$(host state)" failed
		case $how in
		nosmt-force) holds "last_error" "$(host last_error)" "boot without nosmt=force" ;;
		*) holds "last_error" "$(host last_error)" "echo on > /sys/devices/system/cpu/smt/control" ;;
		esac
	else
		is "state" "$(host state)" initialized
		is "CPUs initialised" "$(host cpus_initialized)" 0-3
	fi
	is "CPUs online" "$(online)" "$was"
	unload
done

[ $# = 0 ] || done_testing

begin "a failed attempt is gone on from once the CPUs are up"
if ! smt_is_off; then
	load "profile=1.5.01" init=eager
	is "state" "$(host state)" failed
	check "unloads tdx_host" rmmod tdx_host
	for cpu in $CPU/cpu[0-9]*; do
		[ "$(cat "$cpu/online" 2>/dev/null)" != 0 ] || echo 1 >"$cpu/online"
	done
	check "loads again" load_host init=eager
	is "state" "$(host state)" initialized
	is "TDH.SYS.INIT was asked twice" "$(calls TDH.SYS.INIT)" 2
	unload
	take_offline one-by-one
fi

begin "module next"
load profile=next init=eager
is "state" "$(host state)" initialized
is "CPUs online" "$(online)" "$(online)"
is "CPUs initialised" "$(host cpus_initialized)" "$(online)"
is "CPUs missing" "$(host cpus_missing)" "$(sed 's/,[4-9].*//' $CPU/offline)"
if ! smt_is_off; then
	for cpu in 1 3; do
		[ "$(cat $CPU/cpu$cpu/online)" = 1 ] || check "CPU $cpu comes online" eval "echo 1 >$CPU/cpu$cpu/online"
	done
	is "CPUs initialised after they came online" "$(host cpus_initialized)" 0-3
	is "CPUs missing" "$(host cpus_missing)" ""
fi
unload

done_testing
