#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# bind.sh KERNEL CPUS: runs a KVM that links to tdx_host (scripts/build-kvm) in Bochs,
# where VMX is not simulated.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=$1 cpus=$2

out=build/bochs
mkdir -p "$out"
add=()
for program in kvm_run kvm_types; do
	gcc -static -O2 -Wall -Wextra -Werror -o "$out/$program.$$" "tests/bochs/$program.c"
	mv "$out/$program.$$" "$out/$program"
	add+=(--add "$out/$program")
done
scripts/build-kvm "$kernel" >&2
release=$(scripts/kernel --release "$kernel")
for ko in kvm kvm-intel; do
	strip --strip-debug -o "$out/$ko.ko" "build/$release/kvm/$ko.ko"
	add+=(--add "$out/$ko.ko")
done
exec scripts/vm --emulator bochs --kernel "$kernel" --cpus "$cpus" --mem 512M \
	--no-sim --no-host --quiet --timeout 1800 --log "$out/bind-$kernel-$cpus.kernel" \
	--module irqbypass "${add[@]}" -- tests/bochs/guest/bind.sh
