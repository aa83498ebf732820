#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# In the host of scripts/td: brings TDX up and runs the TD.  Its files are in /vm, as td-*.
# Arguments: CPUs, memory, seconds.  Exit status: the command's in the TD; 124, 125 as scripts/td's.
. /lib/tdx.sh
. /lib/kvm.sh
. /lib/td.sh
guests_run
cpus=$1 mem=$2 limit=$3

fail() {
	printf 'td: %s\n' "$@"
	exit 125
}

unpack_qemu
if [ -e /vm/td-qemu.tar ]; then
	tar -C $QEMU_ROOT -xf /vm/td-qemu.tar
	TD_QEMU=/td-qemu/qemu
	[ ! -e $QEMU_ROOT/td-qemu/ld.so ] || TD_QEMU="/td-qemu/ld.so --library-path /td-qemu $TD_QEMU"
fi
if [ -e /vm/td-firmware ]; then
	FIRMWARE=/td-firmware
	cp /vm/td-firmware $QEMU_ROOT
fi
cp /vm/td-kernel $QEMU_ROOT/kernel
initrd=/vm/td-initrd
[ -e $initrd ] || initrd=
td_initramfs /vm/td-command $initrd >$QEMU_ROOT/initrd 2>/dev/null

kernel_modules
# Parameters are words.
# shellcheck disable=SC2086
load_sim $SCRIPT || fail "the simulated TDX module does not load"
load_host || fail "tdx_host does not load"
load_kvm tdx=1 || fail "KVM does not load"
[ "$(host state)" = initialized ] || fail "TDX does not come up: $(host last_error)"

run_linux "$limit" -bios $FIRMWARE -m "$mem" -smp "$cpus" </dev/null 2>/tmp/err
rc=$?
[ $rc != 124 ] || { echo "td: no end after $limit s"; exit 124; }
violations=$(cat "$SIM/violations")
[ -z "$violations" ] || fail "the host has broken rules of TDX:" "$violations"
status=$(td_status)
[ -n "$status" ] || fail "the TD ended before the command did; QEMU's exit status is $rc, its last words:" \
	"$(grep -v 'TDX .*feature' /tmp/err | tail -n 5)"
exit "$status"
