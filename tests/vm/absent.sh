#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A host that lacks one of the preconditions: the message names it and the BIOS setting.  If
# only an MSR that Linux does not read says so, bring-up is tried all the same.
#vm 6.1    --cpus 2
#slow 6.1-rt --cpus 2
#slow 6.12   --cpus 2
. /lib/tdx.sh

# CASE, simulator parameters, text of the message.
unsupported() {
	begin "$1"
	load "$2"
	is "state" "$(host state)" unsupported
	holds "last_error" "$(host last_error)" "$3"
	is "it is in the log, once" "$(log | grep -cF -e "$3")" 1
	check "echo 1 > enable fails" fails enable
	is "tdx_enable() returns -ENODEV" "$(consume 1)" "-19 Y"
	is "the TDX module was not called" "$(sim_report calls)" 0
	unload
}

unsupported "no VMX"			vmx=0			'no VMX: enable "Intel Virtualization Technology'
unsupported "VMX disabled"		feature_control=disabled	'VMX is disabled by BIOS'
unsupported "feature control unlocked"	feature_control=unlocked	'VMX is disabled by BIOS'
unsupported "no KeyIDs"			"mktme_keyids=0 tdx_keyids=0"	'"Total Memory Encryption Multi-Tenant (TME-MT)"'
unsupported "no TDX KeyIDs"		tdx_keyids=0		'"TME-MT/TDX key split"'
unsupported "one TDX KeyID"		tdx_keyids=1		'only one TDX KeyID, but two are required'
unsupported "no TME"			tme=unsupported		'no KeyIDs: enable "Total Memory Encryption Multi-Tenant (TME-MT)"'
unsupported "no KeyIDs, TME off"	"tme=off mktme_keyids=0 tdx_keyids=0"	'likely cause: memory encryption is off'

# CASE, simulator parameters, words in bios_warnings, state after bring-up, text of
# the messages.
doubted() {
	begin "$1"
	load "$2"
	is "state" "$(host state)" uninitialized
	is "bios_warnings" "$(host bios_warnings)" "$3"
	is "last_error" "$(host last_error)" ""
	is "one warning is logged" "$(log | grep -cF -e "$5")" 1
	check "echo 1 > enable fails" fails enable
	is "state" "$(host state)" "$4"
	holds "last_error" "$(host last_error)" "TDH.SYS.INIT failed: TDX_SEAMCALL_"
	holds "it names the cause" "$(host last_error)" "; likely cause: $5"
	unload
}

doubted "TME off"		tme=off			tme_off		not-loaded	'memory encryption is off (IA32_TME_ACTIVATE): enable "Total Memory Encryption (TME)"'
doubted "SEAMRR off"		seamrr=off		seamrr_off	not-loaded	'the SEAM range is off (IA32_SEAMRR_MASK): enable "TDX Secure Arbitration Mode Loader (SEAM Loader)"'
doubted "SEAMRR unlocked"	seamrr=unlocked		seamrr_unlocked	not-loaded	'the SEAM range is not locked'
doubted "no SEAMRR"		seamrr=unsupported	seamrr_missing	failed		'the CPU has no SEAM range registers'

begin "TME off and SEAMRR off"
load "tme=off seamrr=off" init=eager
is "bios_warnings" "$(host bios_warnings)" "tme_off seamrr_off"
holds "last_error names both" "$(host last_error)" '(TME)" in BIOS; the SEAM range is off'
unload

# If the MSRs are wrong, the TDX module decides.
begin "MSRs that are wrong"
load "tme=hidden seamrr=hidden" init=eager
is "bios_warnings" "$(host bios_warnings)" "tme_off seamrr_missing"
is_up
unload

begin "VMX inside SMX only, as under tboot"
load feature_control=smx init=eager
is "bios_warnings" "$(host bios_warnings)" ""
is_up
unload

begin "no TDX module loaded"
load loaded=0
is "state" "$(host state)" uninitialized
check "echo 1 > enable fails" fails enable
is "state" "$(host state)" not-loaded
holds "last_error" "$(host last_error)" "no TDX module is loaded"
is "tdx_enable() returns -ENODEV" "$(consume 1)" "-19 Y"
unload

# Two TDX KeyIDs are the minimum.
begin "two TDX KeyIDs"
load tdx_keyids=2 init=eager
is_up
is "TDX KeyIDs" "$(host nr_keyids)" 2
unload

done_testing
