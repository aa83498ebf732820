#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# kvm.sh KERNEL CPUS ROUNDS: brings TDX up in Bochs, where VMX is not simulated, beside
# the distribution's own KVM.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=$1 cpus=$2 rounds=$3
out=build/bochs add=()

# shellcheck source=tests/bochs/programs.sh
. tests/bochs/programs.sh
add_programs kvm_run
exec scripts/vm --emulator bochs --kernel "$kernel" --cpus "$cpus" --mem 512M \
	--no-sim --no-host --quiet --timeout 1800 --log "$out/kvm-$kernel-$cpus.kernel" \
	--module kvm-intel "${add[@]}" -- tests/bochs/guest/kvm.sh "$rounds"
