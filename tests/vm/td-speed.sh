#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The same kernel in a TD, and on the emulated machine itself. Figures for make bench; that
# all of them come is all that is tested.
#
# A virtual machine without TDX would be the better measure. The emulator has no VMX for
# kvm-intel. Under kvm-amd on its SVM, without nested paging, which QEMU 7.2 ignores as long
# as a guest does not page, it aborts seconds after the guest has started: "accel/tcg/
# tcg-accel-ops.c:81: tcg_handle_interrupt: assertion failed: (qemu_mutex_iothread_locked())".
# Argument: which of them.
#slow 7.2 --kvm --client --guests --image --cpus 1 --mem 3G --timeout 900 -- td
#slow 7.2 --cpus 1 --timeout 240 -- plain
#alone
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
warm=1		# memory is compared in td-run.sh
MEMORY=256M
LIMIT=600
PORTS=16384	# from 0x2000, where nothing is: in a TD each read is an exit, to QEMU
TIMES=4		# that they are read there

# TIMES: prints "measured WHAT VALUE", in nanoseconds but for the boot.
in_guest() {
	now() {
		awk '/^now at/ { print $3; exit }' /proc/timer_list
	}
	dmesg | sed -n 's/^\[ *\([0-9.]*\)\] Run .* as init process.*/measured boot \1/p'
	begin=$(now)
	for n in $(seq "$1"); do
		dd if=/dev/port of=/dev/null bs=4096 skip=2 count=4 2>/dev/null
	done
	end=$(now)
	echo "measured ports $((end - begin))"
	begin=$(now)
	dd if=/dev/zero bs=1M count=64 2>/dev/null | sha256sum >/dev/null
	end=$(now)
	echo "measured sha256 $((end - begin))"
}

measured() {
	tr -d '\r' </tmp/said | sed -n "s/.*measured $1 \([0-9.]*\).*/\1/p"
}

# WHERE TIMES: what in_guest said, as figures.
tell() {
	is "all was measured" "$(measured '[a-z0-9]*' | wc -l)" 3
	note "figure $1_kernel_boot $(measured boot) s"
	note "figure $1_port_reads $((PORTS * $2 * 1000000 / ($(measured ports) / 1000))) a_second"
	note "figure $1_sha256_64mb $(($(measured sha256) / 1000000)) ms"
}

td() {
	begin "Linux in a TD"
	guests_run
	unpack_qemu
	kernel_modules
	load "$SCRIPT"
	check "KVM loads" load_kvm tdx=1
	linux_runs_in_guest $TIMES
	start=$(cut -d ' ' -f 1 /proc/uptime)
	run_linux $LIMIT -bios $FIRMWARE -m $MEMORY -smp 1 </dev/null >/tmp/said 2>/tmp/err
	is "it powers off" $? 0
	note "figure td_start_to_power_off $(awk "{ print \$1 - $start }" /proc/uptime) s"
	tell td $TIMES
	note "figure td_entries $(calls TDH.VP.ENTER) calls"
	at_least "each read of a port leaves the TD" "$(calls TDH.VP.ENTER)" $((PORTS * TIMES))
	all_is_back
	unload_kvm
	is "breaks no rule" "$(cat "$SIM/violations")" ""
}

plain() {
	begin "Linux on the machine"
	in_guest $((5 * TIMES)) >/tmp/said
	tell plain $((5 * TIMES))
}

"$1"
done_testing
