#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Restart and kexec while a TD runs, until the moment when this kernel's KVM would stop it.
# A restart by the firmware writes to no PAMT.  Before another kernel starts, the TDX module
# is shut down if possible, caches are written back, and PAMTs are reset only if no TD can
# need them.  The simulator checks at the last moment (tests/sim/last.c): a broken rule fails
# the boot, and so does a missing line in the log.
# Arguments: profile; kexec or restart; td or none; spin: a real-time task monopolises a CPU
# meanwhile.  With PREEMPT_RT it would also keep the thread of a serial port's interrupt.
#slow 6.1 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 --expect kexec.is.not.safe:.1.TDs --expect the.vCPU.has.left -- next kexec td
#slow 6.1 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 -- 1.0.3 kexec none spin
#slow 6.1-rt --cpus 2x2x1 --append isolcpus=2 --append nohz_full=2 --append rcu_nocbs=2 --append irqaffinity=0-1,3 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 -- 1.0.3 kexec none spin
#slow 6.12 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 -- 1.0.3 kexec none spin
#slow 6.1 --cpus 2x2x1 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart td
#slow 6.1 --cpus 2x2x1 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart none spin
#slow 6.1-rt --cpus 2x2x1 --append isolcpus=2 --append nohz_full=2 --append rcu_nocbs=2 --append irqaffinity=0-1,3 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart none spin
#vm 6.12 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 --expect kexec.is.not.safe:.1.TDs --expect the.vCPU.has.left -- next kexec td
#slow 6.12 --cpus 2x2x1 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart td
#slow 7.2 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 --expect kexec.is.not.safe:.1.TDs --expect the.vCPU.has.left -- next kexec td
#slow 7.2 --cpus 2x2x1 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart td
#slow 6.12 --cpus 2x2x1 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.1 -- 1.5.34 restart none spin
#slow 6.1 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.yes.still_ready.1 --expect kexec.is.not.safe:.1.TDs --expect PAMTs.stay.with.the.TDX.module -- 1.5.34 kexec td
#slow 6.12 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.yes.still_ready.1 --expect kexec.is.not.safe:.1.TDs --expect PAMTs.stay.with.the.TDX.module -- 1.5.34 kexec td
#slow 7.2 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.yes.still_ready.1 --expect kexec.is.not.safe:.1.TDs --expect PAMTs.stay.with.the.TDX.module -- 1.5.34 kexec td
#slow 5.10 --cpus 2x2x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.0 -- 1.0.3 kexec none
. /lib/tdx.sh

kexec_now() {
	printf '%s\n' second "$tap_n" >/vm/args
	(cd / && find . -xdev ! -name vmlinuz | cpio -o -H newc 2>/dev/null) >/tmp/initrd
	kexec /vm/vmlinuz /tmp/initrd "$(cat /proc/cmdline)"
	not_ok "the second kernel is booted"
	done_testing
}

if [ "$1" = second ]; then
	tap_n=$2
	begin "second kernel"
	ok "boots"
	done_testing
fi

begin "$*"
load "profile=$1 vmx_owner=1" init=eager
is "state" "$(host state)" initialized
if [ "$3" = td ]; then
	check "a TD runs" modprobe tdx_td_life hold=1
	before=$(calls TDH.VP.ENTER)
	for _ in $(seq 100); do
		[ "$(calls TDH.VP.ENTER)" -le "$before" ] || break
		sleep 0.1
	done
	at_least "its vCPU is entered" "$(calls TDH.VP.ENTER)" $((before + 1))
fi
is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
is "breaks no rule" "$(cat "$SIM/violations")" ""
# Words.
# shellcheck disable=SC2046
[ "${4:-}" != spin ] || spin_on 50 2 $(softirq_threads 2)
[ "$2" != kexec ] || kexec_now
touch /tmp/restart
done_testing
