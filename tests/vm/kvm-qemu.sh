#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A monitor that is not part of this project: Debian's QEMU creates a TD with Debian's firmware,
# OVMF, and runs it.  A script of the simulator replaces the firmware's code.
#slow 7.2 --kvm --client --cpus 2 --timeout 400
#slow 7.3 --kvm --client --cpus 2 --timeout 400
. /lib/tdx.sh
. /lib/kvm.sh
DOES=apic-on,in,out,mmio-read,fault@0x1000000,map-shared@0x1000000,fault-shared@0x1000000
DOES=$DOES,map-private@0x1000000,fault@0x1000000,interrupt,end,hlt
SCRIPT="kvm=1 profile=next mktme_keyids=3 tdx_keyids=12 exits=$DOES"
root=/tmp/qemu
firmware=/usr/share/ovmf/OVMF.fd

# The guest's serial port is standard input and output.  A byte to END_PORT ends QEMU,
# with exit status 1 if it is 0; the vCPU halts meanwhile.
qemu() {
	printf A | timeout 200 chroot $root /usr/bin/qemu-system-x86_64 -L /usr/share/qemu -accel kvm -cpu host \
		-machine q35,kernel-irqchip=split,confidential-guest-support=tdx0,hpet=off \
		-object tdx-guest,id=tdx0 -m 256M -smp 1 -nodefaults -display none -no-reboot -serial stdio \
		-device isa-debug-exit,iobase=0x604,iosize=1 -bios $firmware >/tmp/said 2>/tmp/err
	echo $? >/tmp/rc
}

mkdir -p $root
tar -C $root -xf /vm/qemu.tar
for fs in proc sys dev; do
	mount --rbind /$fs $root/$fs
done
note "$(chroot $root /usr/bin/qemu-system-x86_64 --version | head -n 1)"
pages=$(awk '{ n += $1 } END { print n + 0 }' $root/sections)
measured=$(awk '$2 { n += $1 } END { print n + 0 }' $root/sections)
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
