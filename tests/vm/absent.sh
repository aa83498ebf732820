#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A host without one of the preconditions: which one, and the BIOS setting.
#vm 6.1    --cpus 2
#slow 6.1-rt --cpus 2
#slow 6.12   --cpus 2
. /lib/tdx.sh

# CASE, simulator parameters, what the message must say.
unsupported() {
	begin "$1"
	load "$2"
	is "state" "$(host state)" unsupported
	holds "last_error" "$(host last_error)" "$3"
	is "it is in the log, once" "$(log | grep -cF -e "$3")" 1
	check "echo 1 > enable fails" fails enable
	is "tdx_enable() returns -ENODEV" "$(consume 1)" "-19 Y"
	is "the TDX module was not called" "$(awk '$1 == "calls" { print $2 }' "$SIM/report")" 0
	unload
}

unsupported "no VMX"			vmx=0			'no VMX: enable "Intel Virtualization Technology'
unsupported "VMX disabled"		feature_control=disabled	'VMX is disabled by BIOS'
unsupported "feature control unlocked"	feature_control=unlocked	'VMX is disabled by BIOS'
unsupported "TME off"			tme=off			'enable "Total Memory Encryption (TME)"'
unsupported "no TME"			tme=unsupported		'enable "Total Memory Encryption (TME)"'
unsupported "no KeyIDs"			"mktme_keyids=0 tdx_keyids=0"	'"Total Memory Encryption Multi-Tenant (TME-MT)"'
unsupported "no TDX KeyIDs"		tdx_keyids=0		'"TME-MT/TDX key split"'
unsupported "one TDX KeyID"		tdx_keyids=1		'one TDX KeyID, two are the least'
unsupported "SEAMRR off"		seamrr=off		'enable "TDX Secure Arbitration Mode Loader (SEAM Loader)"'
unsupported "SEAMRR unlocked"		seamrr=unlocked		'the SEAM range is not locked'
unsupported "no SEAMRR"			seamrr=unsupported	'no SEAM range registers'

begin "no TDX module loaded"
load loaded=0
is "state" "$(host state)" uninitialized
check "echo 1 > enable fails" fails enable
is "state" "$(host state)" not-loaded
holds "last_error" "$(host last_error)" "no TDX module is loaded"
is "tdx_enable() returns -ENODEV" "$(consume 1)" "-19 Y"
unload

# Two TDX KeyIDs are enough: the limit itself.
begin "two TDX KeyIDs"
load tdx_keyids=2 init=eager
is_up
is "TDX KeyIDs" "$(host nr_keyids)" 2
unload

done_testing
