#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# All commands parse their options in the same way.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

refuses() {
	says "$1" 2 "$tdxhost" "${@:3}" <<<"tdxhost $3: $2; see 'tdxhost $3 --help'"
}

for c in status check plan enable module explain report; do
	refuses "$c: an unknown option" "unknown option '--bogus'" $c --bogus
	refuses "$c: an unknown short option" "unknown option '-x'" $c -xh
	says "$c: -h is --help" 0 "$tdxhost" $c -h < <("$tdxhost" $c --help)
done
for c in status check plan report; do
	refuses "$c: an argument where none is wanted" "unexpected argument 'now'" $c now
done
refuses "enable: an argument that is no parameter" "'now' is not PARAMETER=VALUE" enable now
refuses "a flag with a value" "--json takes no value" check --json=yes
refuses "a value left out" "--root needs a value" status --root
refuses "a bad word" "invalid value 'all' for --coverage" plan --coverage all
refuses "a bad number" "invalid value '0' for --max-tdmrs" plan --max-tdmrs=0
refuses "a bad size" "invalid value '1.5G' for --tdmr-size" plan --tdmr-size 1.5G
done_testing
