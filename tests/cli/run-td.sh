#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts/td: what it refuses before anything is built.  tests/td/command runs TDs.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
TDXHOST=../../scripts/td
. ./lib.sh

refuses() {
	local says=$1
	shift
	exits "refuses $*" 125 $tdxhost "$@"
	result "$(grep -qF -e "$says" "$tmp/got"; echo $?)" "and says: $says"
}

refuses "no COMMAND"
refuses "no COMMAND" --cpus 2 --
refuses "unknown option --cpu" --cpu 2 -- true
refuses "--mem wants a value" --mem
refuses "--kernel $tmp/none: no such file" --kernel "$tmp/none" -- true
refuses "--host-kernel 6.1: KVM makes TDs on 7.2 and 7.3" --host-kernel 6.1 -- true
refuses "--cpus 5: not 1 to 4" --cpus 5 -- true
refuses "--mem much: not a size" --mem much -- true
refuses "--mem 64M: less than 128M" --mem 64M -- true
refuses "--timeout soon: not a number" --timeout soon -- true
exits "prints its usage" 0 $tdxhost --help
done_testing
