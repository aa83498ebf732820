#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bind.sh KERNEL CPUS: runs a KVM that links to tdx_host (scripts/build-kvm) in Bochs,
# where VMX is not simulated.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=$1 cpus=$2
out=build/bochs add=()

# shellcheck source=tests/bochs/programs.sh
. tests/bochs/programs.sh
add_programs kvm_run kvm_types
scripts/build-kvm "$kernel" >&2
release=$(scripts/kernel --release "$kernel")
for ko in kvm kvm-intel; do
	strip --strip-debug -o "$out/$ko.ko" "build/$release/kvm/$ko.ko"
	add+=(--add "$out/$ko.ko")
done
exec scripts/vm --emulator bochs --kernel "$kernel" --cpus "$cpus" --mem 512M \
	--no-sim --no-host --quiet --timeout 1800 --log "$out/bind-$kernel-$cpus.kernel" \
	--module irqbypass "${add[@]}" -- tests/bochs/guest/bind.sh
