#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The output of make demo-td.  Exit status 0 only if a Linux TD has run, and its report is right.
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
guests_run
MEMORY=256M
LIMIT=600
WORD="asked for by make demo-td"

# RUNG COMMAND...: stops at the first that fails.
rung() {
	rung=$1
	shift
	if ! "$@" >/tmp/out 2>&1; then
		cat /tmp/out
		echo "demo-td: this rung broke: $rung"
		exit 1
	fi
	echo "  up: $rung"
}

tdx_is_up() {
	# Parameters are words.
	# shellcheck disable=SC2086
	load_sim $SCRIPT && load_host init=eager && [ "$(host state)" = initialized ]
}

kvm_makes_tds() {
	load_kvm tdx=1 && [ "$(param tdx)" = Y ]
}

# The console of the TD, whole, if its command did not end as it should.
td_ends_well() {
	run_linux $LIMIT -bios $FIRMWARE -m $MEMORY -smp 1 </dev/null >/tmp/said 2>/tmp/err
	[ "$(td_status)" = 0 ] || { cat /tmp/said /tmp/err; return 1; }
}

# NAME: between the lines of that name, the guest's.
said() {
	tr -d '\r' </tmp/said | sed -n "s/^demo: $1 //p"
}

report_is_right() {
	said report | xxd -r -p >/tmp/report && td-report show /tmp/report >/tmp/shown &&
		grep -qx "data $WORD" /tmp/shown &&
		grep -qx "mrtd $(cat $QEMU_ROOT/mrtd)" /tmp/shown
}

unpack_qemu
cp /vm/vmlinuz $QEMU_ROOT/kernel
# The guest's shell is to see these words.
# shellcheck disable=SC2016
printf '%s\0' sh -c 'for ko in /ko/*.ko; do insmod $ko 2>/dev/null; done
	echo "demo: kernel $(uname -r)"
	echo "demo: features $(dmesg | grep -o "Memory Encryption Features.*")"
	echo "demo: detected $(dmesg | grep -o "tdx: Guest detected")"
	echo "demo: memory $(grep MemTotal /proc/meminfo)"
	td-report get "$1" >/tmp/report && echo "demo: report $(xxd -p /tmp/report | tr -d "\n")"' \
	sh "$WORD" >/tmp/command
td_initramfs /tmp/command >$QEMU_ROOT/initrd 2>/dev/null
kernel_modules

echo
rung "TDX on the host" tdx_is_up
rung "KVM that makes TDs" kvm_makes_tds
rung "Linux in a TD, to user space and power-off" td_ends_well
rung "its report, with the MAC of the TDX module and the MRTD of the firmware" report_is_right
rung "no rule of TDX broken by the host" [ -z "$(cat "$SIM/violations")" ]
echo
echo "The host, Linux $(uname -r), says:"
tdxhost status | sed 's/^/  /'
echo "  TDH.VP.ENTER       called $(calls TDH.VP.ENTER) times"
echo "  TDH.MEM.PAGE.AUG   called $(calls TDH.MEM.PAGE.AUG) times"
echo
echo "The TD, Linux $(said kernel), says:"
for what in detected features memory; do
	echo "  $(said $what)"
done
echo
echo "Its report says:"
sed 's/^/  /' /tmp/shown
