#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Unload of tdx_host: the TDX module is shut down if possible, and PAMT memory is freed; if
# not, the log says how much is kept, and why.
# Arguments: profiles that cannot be shut down; then only those are tested.
#vm 6.1    --cpus 2x2x1
#vm 6.1-rt --cpus 2x2x1
#vm 6.12   --cpus 2x2x1
#slow 6.1  --cpus 2x2x1 -- 1.5.34 2.0.14
. /lib/tdx.sh
CPU=/sys/devices/system/cpu
STAYS="KB of PAMT stay with the TDX module until the machine restarts:"

# 0|1 CPU...: takes CPUs offline or online.
turn() {
	to=$1
	shift
	for cpu; do
		check "CPU $cpu goes $([ "$to" = 1 ] && echo on || echo off)line" \
			eval "echo $to 2>/dev/null >$CPU/cpu$cpu/online"
	done
}

# SIM CPUS REASON: brings TDX up, takes CPUS offline, unloads.  All PAMTs stay ("": none).
goes() {
	load "$1" init=eager
	is "state" "$(host state)" initialized
	pamt_kib=$(($(host pamt_bytes) / 1024))
	# Words.
	# shellcheck disable=SC2086
	turn 0 $2
	unload
	if [ -n "$3" ]; then
		logged "$pamt_kib $STAYS $3"
		logged "a kernel started by kexec may see machine checks in them"
	else
		is "no PAMT memory is kept" "$(kept_kib)" 0
	fi
	# shellcheck disable=SC2086
	turn 1 $2
}

for cpu in 2 3; do
	echo 0 >$CPU/cpu$cpu/online
	echo 1 >$CPU/cpu$cpu/online
done

for profile; do
	begin "$profile cannot be shut down"
	goes "profile=$profile" "" "this version cannot be shut down"
done
[ $# = 0 ] || done_testing

begin "1.0.3 can be shut down"
goes profile=1.0.3 "" ""
begin "the newest module can be shut down, too"
goes profile=next "" ""
begin "1.5.01 cannot"
goes profile=1.5.01 "" "this version cannot be shut down"

begin "so by itself rmmod is refused"
PIN=/sys/module/tdx_host/parameters/allow_unload
load profile=1.5.01 "init=eager allow_unload=0"
is "state" "$(host state)" initialized
is "stays_loaded says why" "$(host stays_loaded)" "the TDX module cannot be shut down: 'tdxhost module reset' first"
logged "this version of the TDX module cannot be shut down, so tdx_host stays loaded"
check "rmmod is refused" fails rmmod tdx_host
is "the TDX module is as it was" "$(host state)" initialized
check "it may be unloaded all the same" eval "echo 1 >$PIN"
is "stays_loaded" "$(host stays_loaded)" ""
check "allow_unload can be cleared again" eval "echo 0 >$PIN"
check "rmmod is refused" fails rmmod tdx_host
check "only a truth value is taken" fails eval "echo 2 >$PIN"
echo 1 >$PIN
unload

begin "tdx_host can be unloaded before bring-up"
load profile=1.5.01 allow_unload=0
is "stays_loaded" "$(host stays_loaded)" ""
unload

begin "with a TDX module that can be shut down, too"
load profile=next "init=eager allow_unload=0"
is "stays_loaded" "$(host stays_loaded)" ""
unload

begin "a second bring-up of a module that was shut down is refused"
load profile=1.5.01 init=eager
check "unloads" rmmod tdx_host
check "loads again" load_host init=eager
is "state" "$(host state)" failed
holds "last_error says why" "$(host last_error)" "the TDX module was initialised before"
unload

begin "nor after a bring-up that failed once it was READY"
load "profile=1.5.01 fault=TDH.SYS.TDMR.INIT:1:1:0xc0007f0000000000"
check "echo 1 > enable fails" fails enable
at_least "KiB that stay" "$(kept_kib)" 1
is "kept_bytes" "$(host kept_bytes)" $(($(kept_kib) * 1024))
unload

begin "CPU by CPU, but one is offline"
goes profile=1.0.3 3 "it can be shut down only with every CPU online (offline: 3)"

begin "CPU by CPU, but one refuses"
goes "profile=1.0.3 fault=TDH.SYS.LP.SHUTDOWN:2:1:0xc0007f0000000000" "" \
	"TDH.SYS.LP.SHUTDOWN failed on CPU "

begin "as a whole, but it is refused"
goes "profile=next fault=TDH.SYS.DISABLE:1:0:0xc0007f0000000000" "" \
	"TDH.SYS.DISABLE failed: unknown status"

begin "the shutdown leaf stays busy"
goes "profile=next fault=TDH.SYS.DISABLE:1:0:0x8000020200000000" "" \
	"TDH.SYS.DISABLE failed: TDX_SYS_BUSY"

begin "as a whole, in 10,000 steps"
load "profile=next disable_steps=10000" init=eager
is "state" "$(host state)" initialized
before=$(calls TDH.SYS.DISABLE)
check "unloads" rmmod tdx_host
is "TDH.SYS.DISABLE was resumed each time" "$(calls TDH.SYS.DISABLE)" $((before + 10001))
logged "shutting down the TDX module: 8192 steps done, more to come"
is "no PAMT memory is kept" "$(kept_kib)" 0
unload

begin "CPU by CPU, but the leaf is a placeholder"
goes "profile=1.0.3 lp_shutdown_idle=1" "" \
	"it says that it was shut down, and still answers on CPU 0-3"

# Its caches were written back when its last CPU went.
begin "as a whole, with a package offline"
goes profile=next "2 3" ""

done_testing
