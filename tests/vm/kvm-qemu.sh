#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A monitor that is not part of this project: Debian's QEMU creates a TD with Debian's firmware,
# OVMF, and runs it.  A script of the simulator replaces the firmware's code.
#slow 7.2 --kvm --client --cpus 2 --timeout 400
#slow 7.3 --kvm --client --cpus 2 --timeout 400
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
DOES=apic-on,in,out,mmio-read,fault@0x1000000,map-shared@0x1000000,fault-shared@0x1000000
DOES=$DOES,map-private@0x1000000,fault@0x1000000,interrupt,end,hlt
SCRIPT="kvm=1 profile=next mktme_keyids=3 tdx_keyids=12 exits=$DOES"

# A byte to END_PORT ends QEMU, with exit status 1 if it is 0; the vCPU halts meanwhile.
qemu() {
	printf A | run_qemu 200 -m 256M -smp 1 -bios $FIRMWARE \
		-device isa-debug-exit,iobase=0x604,iosize=1 >/tmp/said 2>/tmp/err
	echo $? >/tmp/rc
}

unpack_qemu
note "$(chroot $QEMU_ROOT $TD_QEMU --version | head -n 1)"
pages=$(awk '{ n += $1 } END { print n + 0 }' $QEMU_ROOT/sections)
measured=$(awk '$2 { n += $1 } END { print n + 0 }' $QEMU_ROOT/sections)
at_least "the firmware has pages to measure" "$measured" 100
at_least "and others" "$pages" $((measured + 1))

kernel_modules
load "$SCRIPT"
check "KVM loads" load_kvm tdx=1
qemu
note "$(grep -v 'TDX .*feature' /tmp/err | head -n 20)"
note "$(awk '$1 == "leaf" && $4' $SIM/report | tr '\n' ' ')"
is "QEMU ends as the TD tells it" "$(cat /tmp/rc)" 1
is "it complains of nothing but the CPU's features" "$(grep -v 'TDX .*feature' /tmp/err | head -n 5)" ""
is "the firmware's pages were added" "$(calls TDH.MEM.PAGE.ADD)" "$pages"
is "all pages of measured sections were measured" "$(calls TDH.MR.EXTEND)" $((measured * 16))
is "the TD was finalized" "$(calls TDH.MR.FINALIZE)" 1
at_least "it ran, to the end of its script" "$(calls TDH.VP.ENTER)" 12
is "the TD reads the serial port and writes the same back" "$(cat /tmp/said)" A
is "the page that was missing was added, and the converted one again" "$(calls TDH.MEM.PAGE.AUG)" 2
all_is_back
unload_kvm
is "breaks no rule" "$(cat "$SIM/violations")" ""
done_testing
