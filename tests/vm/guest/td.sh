# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# For scripts in which QEMU makes TDs (scripts/vm --kvm --client), after kvm.sh.  ". /lib/td.sh"

QEMU_ROOT=/tmp/qemu
TD_QEMU=/usr/bin/qemu-system-x86_64
FIRMWARE=/usr/share/ovmf/OVMF.fd
TD_STATUS=$QEMU_ROOT/tmp/status
# Empty: a virtual machine without TDX.
TD_OBJECT="-object tdx-guest,id=tdx0 -machine confidential-guest-support=tdx0"
# CPUs with TDX need no mitigations; emulated, each entry of the kernel would flush the TLB
# for one of them.
TD_CMDLINE="console=ttyS0 ignore_loglevel rdinit=/td-init panic=-1 mitigations=off no_timer_check"

# QEMU has libraries of its own, so it gets a root of its own.
unpack_qemu() {
	mkdir -p $QEMU_ROOT
	tar -C $QEMU_ROOT -xf /vm/qemu.tar
	for fs in proc sys dev; do
		mount --rbind /$fs $QEMU_ROOT/$fs
	done
}

# SECONDS OPTION...: runs a TD. Its first serial port is standard input and output.
run_qemu() {
	limit=$1
	shift
	# More than one word: TD_QEMU, where it has an ld.so of its own.
	# shellcheck disable=SC2086
	timeout "$limit" chroot $QEMU_ROOT $TD_QEMU -L /usr/share/qemu -accel kvm -cpu host \
		-machine q35,kernel-irqchip=split,hpet=off $TD_OBJECT \
		-nodefaults -display none -no-reboot -serial stdio "$@"
}

# SECONDS OPTION...: the same, of Linux with what td_initramfs made; td-init tells the status.
run_linux() {
	rm -f "$TD_STATUS"
	run_qemu "$@" -kernel /kernel -initrd /initrd -append "$TD_CMDLINE" \
		-serial "file:${TD_STATUS#"$QEMU_ROOT"}"
}

# The status that td-init told; nothing if it has told none.
td_status() {
	sed -n 's/^status \([0-9]*\).*/\1/p' "$TD_STATUS" 2>/dev/null
}

small_root() {
	mkdir -p bin dev proc sys tmp
	cp /bin/busybox /bin/td-report bin
	[ ! -d /vm/ko ] || cp -r /vm/ko .
	for applet in $(busybox --list | grep -vx busybox); do
		ln -s busybox "bin/$applet"
	done
}

# COMMAND [INITRAMFS]: td-init and the words of COMMAND, a file in which each ends in NUL,
# after INITRAMFS, else after one of busybox; to standard output.
td_initramfs() {
	command=$1
	from=/tmp/initramfs
	rm -rf $from
	mkdir -p $from
	(
		cd $from || exit
		[ -n "${2:-}" ] || small_root
		cp /bin/td-init .
		cp "$command" td-command
	)
	if [ -n "${2:-}" ]; then
		cat "$2"
		# An archive begins at a multiple of four bytes.
		head -c $(((4 - $(stat -c %s "$2") % 4) % 4)) /dev/zero
	fi
	(cd $from && find . -mindepth 1 | cpio -o -H newc)
}

# ARG...: makes kernel and initramfs for run_linux: the command is in_guest() of the script
# that calls, with ARGs. Needs --image.
linux_runs_in_guest() {
	cp /vm/vmlinuz $QEMU_ROOT/kernel
	{
		sed -n '/^in_guest()/,/^}/p' "$0"
		echo "in_guest $*"
	} >/tmp/script
	printf '%s\0' sh -c "$(cat /tmp/script)" >/tmp/command
	td_initramfs /tmp/command >$QEMU_ROOT/initrd 2>/dev/null
}
