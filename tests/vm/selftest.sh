#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost selftest: passes on a correct TDX module, and names the fault of a faulty one.
#vm 6.1 --cpus 2x2x1 --mem 3G --module sha512_generic
#slow 6.1-rt --cpus 2x2x1 --mem 3G --module sha512_generic
#slow 6.12 --cpus 2x2x1 --mem 3G
# shellcheck disable=SC2154	# out, rc: capture
. /lib/tdx.sh

up() {
	load "$1" init=eager
	is "state" "$(host state)" initialized
	free_before=$(free_kib)
}

# TEST fails and TEXT says why; nothing of the self-test stays loaded.
finds() {
	capture tdxhost selftest
	is "exit status" "$rc" 1
	holds "$1 fails" "$out" "FAIL  $1"
	holds "and names the fault" "$out" "$2"
	check "the module is gone" fails loaded tdx_host_selftest
}

# If the TDX module fails to release something it stays lost.
all_back() {
	is "the TDX module has no TD" "$(sim_report tds)" 0
	is "every KeyID is free" "$(host nr_keyids_free)" 47
	unload
}

kernel_modules

begin "TDX is not up"
load
capture tdxhost selftest
is "exit status" "$rc" 3
holds "says what is missing" "$out" "TDX is not up (uninitialized): run 'tdxhost enable --wait' first"
check "the module refuses the load, too" fails modprobe tdx_host_selftest
logged "TDX is not up (state uninitialized)"
unload

begin "a correct TDX module"
up
capture tdxhost selftest
note "$out"
is "exit status" "$rc" 0
for test in lps pamt td packages times vmx mce; do
	holds "$test passes" "$out" "PASS  $test"
done
holds "both packages" "$out" "2 TDs at once made, measured as computed here (64 pages), and taken back"
capture tdxhost selftest --json
is "exit status with --json" "$rc" 0
is "one verdict a test" "$(printf %s "$out" | grep -c '"verdict": "PASS"')" 7
# Without the calls that returned busy.
is "3 TDs a run" "$(awk '$2 == "TDH.MNG.CREATE" { print $4 - $6 }' "$SIM/report")" 6
check "the module is gone" fails loaded tdx_host_selftest
all_back

begin "the self-test in a report"
up
times=/sys/kernel/debug/tdx_host/times
at_least "the longest with interrupts off, ns" "$(awk '$1 == "irqs_off" { print $2 }' $times)" 1
tdxhost report --output /tmp/report
is "a report runs no self-test" "$(grep -c "tdxhost selftest" /tmp/report)" 0
is "it has the longest run of each leaf" \
	"$(sed -n '/^== Longest run/,/^$/s/^\([A-Z][A-Z.]*\) .* cycles$/\1/p' /tmp/report | sort)" \
	"$(awk '$1 == "leaf" { print $2 }' "$SIM/report" | sort)"
is "each took a cycle at least" "$(awk '$3 < 1' $times)" ""
tdxhost report --selftest --output /tmp/report
is "exit status" "$?" 0
is "each of its tests passes" "$(sed -n '/^== tdxhost selftest/,/^exit/p' /tmp/report | grep -c '^PASS')" 7
holds "the leaves of a TD are among the longest" "$(cat /tmp/report)" "TDH.MEM.PAGE.ADD "
capture tdxhost status --json
holds "status --json has them" "$out" '"name": "TDH.MEM.PAGE.ADD"'
all_back

begin "every PAMT entry"
up
capture tdxhost selftest --all
is "exit status" "$rc" 0
at_least "entries" "$(printf '%s\n' "$out" | sed -n 's/.*  \([0-9]*\) PAMT entries.*/\1/p')" \
	$(($(host tdx_memory_bytes) / 4096))
all_back

# After a leaf has failed the self-test undoes the steps before.
while read -r leaf nth test; do
	begin "$leaf fails"
	up "fault=$leaf:$nth:0xc000010000000001"
	finds "$test" "$leaf"
	all_back
done <<END
TDH.MNG.CREATE 1 td
TDH.MNG.KEY.CONFIG 2 td
TDH.MNG.INIT 1 td
TDH.VP.INIT 2 packages
TDH.MEM.PAGE.ADD 30 td
TDH.MR.EXTEND 100 td
TDH.MNG.RD 3 td
TDH.PHYMEM.PAGE.RDMD 3 lps
END

begin "a PAMT entry cannot be read"
up "fault=TDH.PHYMEM.PAGE.RDMD:500:0xc000010000000001"
finds pamt "TDH.PHYMEM.PAGE.RDMD of the page at 0x"
all_back

# A leaf succeeds but returns an impossible value.
while read -r lie test text; do
	begin "$lie"
	up "lie=$lie"
	finds "$test" "$text"
	all_back
done <<END
TDH.MNG.RD:3:r8:0x123456789 td on CPU 0: MRTD is
TDH.PHYMEM.PAGE.RDMD:500:rcx:1 pamt has page type 1: bring-up left that page free (0)
TDH.PHYMEM.PAGE.RDMD:600:rcx:3 pamt 1 pages belong to a TD, and there is no TD
END

begin "VMX is left on"
up "vmx_owner=1"
finds vmx "VMX was on before the tests on CPUs 0-3, and no hypervisor is loaded"
all_back

begin "pages are not reclaimed"
up "fault=TDH.PHYMEM.PAGE.RECLAIM:1:0:0xc000010000000001"
finds td "TDH.PHYMEM.PAGE.RECLAIM"
holds "says what stays" "$out" "pages and 3 KeyIDs stay with the TDX module until the machine restarts"
check "tdx_host stays, since TDs have KeyIDs" fails rmmod tdx_host
is "breaks no rule" "$(cat "$SIM/violations")" ""

done_testing
