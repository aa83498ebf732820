#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Guests that nobody here wrote, in TDs that run: Debian's firmware OVMF, to its shell; then
# Debian's kernel, as it boots on any machine, with an initramfs of busybox. The monitor is
# Debian's QEMU.
# Arguments: which of them.
#slow 7.2 --kvm --client --guests --image --module virtio_pci --module virtio_blk --module tdx-guest --cpus 1 --mem 3G --timeout 900 -- ovmf linux
#slow 7.2 --kvm --client --guests --image --module virtio_pci --module virtio_blk --module tdx-guest --cpus 3 --mem 3G --timeout 900 -- linux
#slow 7.2 --emulator qemu-10 --kvm --client --guests --image --module virtio_pci --module virtio_blk --module tdx-guest --cpus 1 --mem 3G --timeout 900 -- linux
#slow 7.3 --kvm --client --guests --image --module virtio_pci --module virtio_blk --module tdx-guest --cpus 1 --mem 3G --timeout 900 -- linux
#slow 7.2 --kvm --client --guests --image --module virtio_pci --module virtio_blk --module tdx-guest --cpus 5 --mem 3G --timeout 1800 -- linux
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
guests_run
warm=1		# memory is compared in td-run.sh
MEMORY=256M
LIMIT=$((400 + 300 * ($(nproc) - 1)))
VCPUS=$(nproc)
STATUS=42
DISK=/tmp/disk

# FILE: what it holds, as a terminal shows it.
shown() {
	sed 's/\x1b\[[0-9;=]*[A-Za-z]//g' "$1" | tr -d '\r'
}

# What is true of each TD that has ended, QEMU's exit status in $rc.
ended_well() {
	note "$(grep -v 'TDX .*feature' /tmp/err | head -n 20)"
	note "TDH.VP.ENTER: $(calls TDH.VP.ENTER), TDH.MEM.PAGE.AUG: $(calls TDH.MEM.PAGE.AUG)"
	! grep -q 'terminating on signal' /tmp/err || note "the last exits: $(tail -n 20 "$SIM/runs")"
	is "it powers off" "$rc" 0
	is "QEMU complains of nothing but the CPU's features" "$(grep -v 'TDX .*feature' /tmp/err | head -n 5)" ""
	is "no vCPU was lost" "$(log | grep 'vCPU .* ends')" ""
	all_is_back
	is "breaks no rule" "$(cat "$SIM/violations")" ""
}

# Types once the shell has come up, or when it never will.
type_at_shell() {
	wait_for $LIMIT grep -q 'Shell>' /tmp/said
	printf 'ver\r'
	sleep 3
	printf 'reset -s\r'
}

ovmf() {
	begin "OVMF"
	type_at_shell | run_qemu $LIMIT -bios $FIRMWARE -m $MEMORY -smp "$VCPUS" >/tmp/said 2>/tmp/err
	rc=$?
	note "$(shown /tmp/said | tail -n 20)"
	is "it comes to its shell, and the shell carries a command out" "$(grep -c 'UEFI v' /tmp/said)" 2
	ended_well
}

# A disk whose contents are an archive: a word for the guest, and then what the guest says.
make_disk() {
	mkdir $DISK
	cat /proc/sys/kernel/random/uuid >$DISK/word
	tar -C $DISK -cf $QEMU_ROOT/disk word
	truncate -s 1M $QEMU_ROOT/disk
}

in_guest() {
	for ko in /ko/*.ko; do
		insmod "$ko"
	done
	cd /tmp && tar -xf /dev/vda
	td-report get "$(cat word)" >report
	cat /sys/firmware/acpi/tables/data/CCEL >log
	tar -cf /dev/vda report log
	echo "user space: $(uname -r) on $(nproc) CPUs"
	echo "features: $(dmesg | grep -o 'Memory Encryption Features.*')"
	echo "flag: $(grep -o -m 1 tdx_guest /proc/cpuinfo)"
	exit "$1"
}

# NAME: what the report says of it.
reported() {
	sed -n "s/^$1 //p" /tmp/report
}

measured_right() {
	check "the guest has written to its disk" tar -C $DISK -xf $QEMU_ROOT/disk
	check "its report is the TDX module's" sh -c "td-report show $DISK/report >/tmp/report"
	check "its event log is one" sh -c "td-report replay $DISK/log >/tmp/replayed"
	note "$(cat /tmp/report /tmp/replayed)"
	is "the report has the word that was on the disk" "$(reported data)" "$(cat $DISK/word)"
	is "MRTD is that of OVMF's metadata" "$(reported mrtd)" "$(cat $QEMU_ROOT/mrtd)"
	is "RTMRs are those of the event log" "$(grep rtmr /tmp/report)" "$(grep rtmr /tmp/replayed)"
	at_least "which has events" "$(awk '$1 == "events" { print $2 }' /tmp/replayed)" 10
}

linux() {
	begin "Linux"
	make_disk
	linux_runs_in_guest $STATUS
	run_linux $LIMIT -bios $FIRMWARE -m $MEMORY -smp "$VCPUS" \
		-drive file=/disk,format=raw,if=virtio </dev/null >/tmp/said 2>/tmp/err
	rc=$?
	said=$(shown /tmp/said)
	note "$said"
	holds "user space is reached" "$said" "user space: $(uname -r) on $VCPUS CPUs"
	holds "Linux knows what it runs in" "$said" "features: Memory Encryption Features active: Intel TDX"
	holds "and says so in /proc/cpuinfo" "$said" "flag: tdx_guest"
	is "its log has no warning" "$(echo "$said" | grep -E 'WARNING|BUG|Oops|Call Trace|unchecked MSR')" ""
	is "the command's exit status comes out" "$(td_status)" $STATUS
	measured_right
	ended_well
}

unpack_qemu
kernel_modules
begin "the host"
load "$SCRIPT"
check "KVM loads" load_kvm_for_tds
for guest; do
	$guest
done
unload_kvm
done_testing
