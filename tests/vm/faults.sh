#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each leaf of bring-up fails, at its first call and at a later one, with a
# status that can be retried, one that cannot, and an unknown one.
# Arguments: one profile for all, or none; leaves.
#vm 6.1    --cpus 2x2x1 -- TDH.SYS.INIT TDH.SYS.LP.INIT
#vm 6.1    --cpus 2x2x1 -- TDH.SYS.INFO TDH.SYS.RD
#vm 6.1    --cpus 2x2x1 -- TDH.SYS.CONFIG TDH.SYS.KEY.CONFIG
#vm 6.1    --cpus 2x2x1 -- TDH.SYS.TDMR.INIT
#slow 6.1-rt --cpus 2x2x1 -- TDH.SYS.INIT TDH.SYS.LP.INIT
#slow 6.1-rt --cpus 2x2x1 -- TDH.SYS.INFO TDH.SYS.RD
#slow 6.1-rt --cpus 2x2x1 -- TDH.SYS.CONFIG TDH.SYS.KEY.CONFIG
#vm 6.1-rt --cpus 2x2x1 -- TDH.SYS.TDMR.INIT
#slow 6.12   --cpus 2x2x1 -- TDH.SYS.INIT TDH.SYS.LP.INIT
#slow 6.12   --cpus 2x2x1 -- TDH.SYS.INFO TDH.SYS.RD
#slow 6.12   --cpus 2x2x1 -- TDH.SYS.CONFIG TDH.SYS.KEY.CONFIG
#slow 6.12   --cpus 2x2x1 -- TDH.SYS.TDMR.INIT
#slow 6.1    --cpus 2x2x1 --timeout 400 -- 1.0.3 TDH.SYS.INIT TDH.SYS.LP.INIT TDH.SYS.CONFIG TDH.SYS.KEY.CONFIG TDH.SYS.TDMR.INIT
. /lib/tdx.sh

RECOVERABLE=0x8000020200000000		# TDX_SYS_BUSY
NON_RECOVERABLE=0xc000090000000000	# TDX_INCORRECT_CPUID_VALUE
UNKNOWN=0xc0007f0000000000

case $1 in
TDH.*) all='' ;;
*)	all=$1
	shift ;;
esac

# Only 1.0.3 needs TDH.SYS.INFO.  Once READY, only a module that can be shut down
# gives PAMTs back.
profile_of() {
	case $all:$1 in
	[!:]*) echo "$all" ;;
	:TDH.SYS.INFO|:TDH.SYS.TDMR.INIT) echo 1.0.3 ;;
	*) echo 1.5.01 ;;
	esac
}

# The number of a call in the middle; 1 if there is only one.
middle_of() {
	case $1 in
	TDH.SYS.LP.INIT) echo 3 ;;
	TDH.SYS.RD) echo 8 ;;
	TDH.SYS.KEY.CONFIG|TDH.SYS.CONFIG) echo 2 ;;
	TDH.SYS.TDMR.INIT) echo 300 ;;
	*) echo 1 ;;
	esac
}

# LEAF NTH COUNT STATUS NAME
fails_with() {
	begin "$1 call $2 answers $5"
	load "profile=$(profile_of "$1") fault=$1:$2:$3:$4"
	is "tdx_enable() returns -EINVAL" "$(consume 1)" "-22 Y"
	is "state" "$(host state)" failed
	holds "last_error names the leaf" "$(host last_error)" "$1"
	holds "last_error names the status" "$(host last_error)" "$5"
	logged "$1 failed"
	memory_is_back
	unload
}

# tdx_host repeats the call after a busy status, and says nothing.
survives() {
	begin "$1 call $2 answers TDX_SYS_BUSY three times"
	load "profile=$(profile_of "$1") fault=$1:$2:3:$RECOVERABLE"
	is "tdx_enable() returns" "$(consume 1)" "0 Y"
	is "state" "$(host state)" initialized
	is "no error is kept" "$(host last_error)" ""
	unload
}

# LEAF: how often its fault occurs.  An LP fails for good (0).
lasting() {
	case $1 in
	TDH.SYS.LP.INIT) echo 0 ;;
	*) echo 1 ;;
	esac
}

for leaf; do
	middle=$(middle_of "$leaf")
	for nth in 1 $([ "$middle" = 1 ] || echo "$middle"); do
		survives "$leaf" "$nth"
		fails_with "$leaf" "$nth" 0 $RECOVERABLE TDX_SYS_BUSY
		fails_with "$leaf" "$nth" "$(lasting "$leaf")" $NON_RECOVERABLE TDX_INCORRECT_CPUID_VALUE
		fails_with "$leaf" "$nth" "$(lasting "$leaf")" $UNKNOWN "unknown status"
	done
done

done_testing
