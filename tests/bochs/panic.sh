#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# panic.sh KERNEL stock|kvm boots|dies: a panic in a SEAMCALL, without KVM or with an idle one.
# The capture kernel boots, or the CPU dies on the way there: it is still in VMX operation, where
# clearing CR4.VMXE is a #GP, and no handler is left.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
kernel=$1 with=$2 end=$3
out=build/bochs
log=$out/panic-$kernel-$with.kernel
tap=$out/panic-$kernel-$with.tap
emulator=bochs options=()

# shellcheck source=tests/packaging/lib.sh
. tests/packaging/lib.sh
[[ $kernel != 7.* ]] || emulator=bochs-3.0
[ "$with" = stock ] || options+=(--module kvm-intel)
mkdir -p "$out"
status=0
scripts/vm --emulator "$emulator" --kernel "$kernel" --cpus 1 --mem 1G --append crashkernel=256M \
	--image --panics --no-sim --no-host --quiet --timeout 1800 --log "$log" "${options[@]}" \
	-- tests/bochs/guest/panic.sh "$with" >"$tap" 2>"$tap.err" || status=$?
tap_from "$tap"

tap "the kernel panics in SEAMCALL" \
	grep -q 'Kernel panic - not syncing: Fatal machine check in SEAMCALL' "$log"
kernels=$(grep -c 'Linux version' "$log") || true
case $end in
boots)
	tap_is "a second kernel is started" "$kernels" 2
	tap_is "and nothing is wrong with it" "$status" 0
	[ "$status" = 0 ] || tail -n 5 "$tap.err" | sed 's/^/# /' ;;
*)
	tap_is "no second kernel is started" "$kernels" 1
	tap "the CPU shuts down" grep 'exception with no resolution' "$log.bochs"
	tap "at an instruction that writes CR4" grep 'mov cr4' "$log.bochs" ;;
esac
tap_done
