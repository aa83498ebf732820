#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# td.sh KERNEL CPUS ROUNDS: KVM that makes TDs (scripts/build-kvm), in Bochs 3.0, where VMX
# is not simulated, and beside the kernel's own.
set -euo pipefail
cd "$(dirname "$0")/../.."
kernel=$1 cpus=$2 rounds=$3
out=build/bochs add=()

# shellcheck source=tests/bochs/programs.sh
. tests/bochs/programs.sh
add_programs kvm_run kvm_shows
exec scripts/vm --emulator bochs-3.0 --kernel "$kernel" --cpus "$cpus" --mem 768M \
	--no-sim --no-host --quiet --timeout 1800 --log "$out/td-$kernel-$cpus.kernel" \
	--module kvm-intel --kvm "${add[@]}" -- tests/bochs/guest/td.sh "$rounds"
