#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The same kernel under the same monitor in a TD, and in a virtual machine without TDX, by the
# kernel's own kvm-amd. Figures for make bench; that all of them come is all that is tested.
#
# QEMU aborts when such a machine writes CR8 while KVM waits for its interrupt window: 10.0 in
# target/i386/tcg/system/misc_helper.c:120, cpu_interrupt() without the lock that accel/tcg/
# tcg-accel-ops.c:95 asserts; 7.2 alike. OVMF writes CR8 at the end of each interrupt, SeaBIOS
# and Linux do not. Under 7.2 that Linux does not come up either: it oopses in fpstate_reset().
# Argument: which of them.
#slow 7.2 --emulator qemu-10 --kvm --client --guests --image --cpus 1 --mem 3G --timeout 900 -- td
#slow 7.2 --emulator qemu-10 --client --image --module kvm-amd --qemu -cpu --qemu max,la57=off --cpus 1 --mem 3G --timeout 600 -- svm
#alone
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
warm=1		# memory is compared in td-run.sh
MEMORY=256M
LIMIT=600
PORTS=16384	# from 0x2000, where nothing is: each read is an exit, to QEMU
TIMES=4		# that they are read

# Prints "measured WHAT VALUE", in nanoseconds but for the boot.
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

# WHERE FIRMWARE: Linux in a guest, and what it measured.
linux_in() {
	linux_runs_in_guest $TIMES
	start=$(cut -d ' ' -f 1 /proc/uptime)
	run_linux $LIMIT -bios "$2" -m $MEMORY -smp 1 </dev/null >/tmp/said 2>/tmp/err
	is "it powers off" $? 0
	is "all was measured" "$(measured '[a-z0-9]*' | wc -l)" 3
	note "figure $1_start_to_power_off $(awk "{ print \$1 - $start }" /proc/uptime) s"
	note "figure $1_kernel_boot $(measured boot) s"
	note "figure $1_port_reads $((PORTS * TIMES * 1000000 / ($(measured ports) / 1000))) a_second"
	note "figure $1_sha256_64mb $(($(measured sha256) / 1000000)) ms"
}

td() {
	begin "Linux in a TD"
	guests_run
	unpack_qemu
	kernel_modules
	load "$SCRIPT"
	check "KVM loads" load_kvm tdx=1
	linux_in td $FIRMWARE
	note "figure td_entries $(calls TDH.VP.ENTER) calls"
	at_least "each read of a port leaves the TD" "$(calls TDH.VP.ENTER)" $((PORTS * TIMES))
	all_is_back
	unload_kvm
	is "breaks no rule" "$(cat "$SIM/violations")" ""
}

svm() {
	begin "Linux in a virtual machine without TDX"
	unpack_qemu
	kernel_modules
	is "kvm-amd uses nested paging" "$(cat /sys/module/kvm_amd/parameters/npt)" Y
	TD_OBJECT=
	linux_in svm /usr/share/seabios/bios-256k.bin
}

"$1"
done_testing
