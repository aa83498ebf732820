#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A machine check in a PAMT is more likely a stray write of the kernel's than a broken
# DIMM, and the log says so; tdx_host is silent about others.  The distribution's mce-inject
# injects them, in software.
#vm 6.1 --cpus 2x1x1 --mem 1G --timeout 150 --module mce-inject
. /lib/tdx.sh
INJECT=/sys/kernel/debug/mce-inject
TEXT='TDX private memory of a PAMT, possible kernel bug'

said() {
	log | grep -cF "$TEXT"
}

# N: waits until the log has TEXT N times, at most ten seconds, and prints how often it has.
said_in_time() {
	for try in $(seq 50); do
		[ "$(said)" -lt "$1" ] || break
		sleep 0.2
	done
	said
}

# A corrected memory error (MCA code 0x90), with valid address and misc; the
# address is exact to the byte.  A work item calls the notifiers, in order.
inject() {
	echo sw >$INJECT/flags
	echo 0x8c00000000000090 >$INJECT/status
	echo 0x80 >$INJECT/misc
	printf '0x%x' "$1" >$INJECT/addr
	echo 0 >$INJECT/cpu
	echo 1 >$INJECT/bank
}

first_pamt() {
	sed -n 's/^ *PAMT 4K \[\(0x[0-9a-f]*\),.*/\1/p' /sys/kernel/debug/tdx_host/tdmrs | head -n 1
}

kernel_modules
check "mce-inject is there" [ -e $INJECT/bank ]

begin "initialised"
load "" init=eager
is "state" "$(host state)" initialized
pamt=$(first_pamt)
at_least "a PAMT is found" "$((pamt))" 1048576
inject $((pamt + 4096))
inject $((pamt + 4096 + 8))
is "an error in a PAMT is said to be one" "$(said_in_time 2)" 2
inject $((0x200000))
inject $((pamt - 4096))
inject $((pamt + 4096))
is "a machine check outside the PAMTs is not reported, the next one inside is" "$(said_in_time 3)" 3
is "no other message about TDX private memory" "$(log | grep -cF "TDX private memory")" 3
# After unloading no memory belongs to the TDX module.
case_name="unloaded: "
rmmod tdx_host
inject $((pamt + 4096))
sleep 1
is "tdx_host logs nothing more" "$(log | grep -cF "TDX private memory")" 3
unload
done_testing
