#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The simulator reports every broken rule.  All tests that rely on its silence rely on this.
#vm 6.1    --cpus 2
#vm 6.1-rt --cpus 2
#vm 6.12   --cpus 2
. /lib/tdx.sh

# RULE, [simulator parameters], [owner]: RULE must be the only violation.
breaks() {
	begin "$1"
	# Parameters are words.
	# shellcheck disable=SC2086
	check "simulator loads" load_sim target=tdx_badhost $2
	[ -z "$3" ] || echo "$3" >"$SIM/owner"
	check "breaks the rule" modprobe tdx_badhost rule="$1"
	check "unloads" rmmod tdx_badhost
	is "is the only violation" "$(awk '{ print $1 }' "$SIM/violations" | sort -u)" "$1"
	is "the violation is counted" "$(awk '$1 == "violations" { print ($2 > 0) }' "$SIM/report")" 1
	check "simulator unloads" rmmod tdx_seamsim
}

refused() {
	begin "$1"
	check "the simulator refuses" fails load_sim "$1"
	holds "says why" "$(log)" "${1%%=*}"
}

begin "a correct host"
check "simulator loads" load_sim target=tdx_badhost
check "loads" modprobe tdx_badhost
check "the simulator stays while it is there" fails rmmod tdx_seamsim
check "unloads" rmmod tdx_badhost
is "breaks no rule" "$(cat "$SIM/violations")" ""
is "the simulator has counted the call" "$(calls TDH.SYS.INIT)" 1
is "VMX is off on every CPU" "$(cat "$SIM/vmx")" ""
is "no probe was missed" "$(sim_report probes_missed)" 0
check "simulator unloads" rmmod tdx_seamsim

breaks call-outside-vmx
breaks call-in-borrowed-vmx-irqs-on
breaks vmxon-irqs-on
breaks vmxon-in-vmx-operation
breaks vmxon-wrong-revision
breaks vmxon-bad-region
breaks vmxoff-of-owners-vmx vmx_owner=1
breaks vmx-left-on
breaks cr4-vmxe-left-on
breaks cr4-vmxe-cleared-in-vmx-operation
breaks cr4-vmxe-of-owner-cleared "" vmxe
breaks seamldr-call-drops-owners-vmcs vmx_owner=1
breaks gp-without-fixup
breaks instruction-not-understood

refused profile=2
refused cmr=1M-2M,1M-3M
refused cmr=4096
refused latency=TDH.SYS.NOTHING:1
refused fault=33:0:gp
refused fault=33:1:1:1:1
refused nr_lps=1
refused tdx_keyids=99999
refused feature_control=maybe

done_testing
