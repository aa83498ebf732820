#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost check on recorded machines: check/NAME.machine, on top of base.machine,
# must give check/NAME.expected, word for word.  --record writes the latter.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh

# Output, then the exit status as the last line.
answer() {
	local status=0
	"$tdxhost" check "$@" 2>&1 || status=$?
	echo "exit status $status"
}

machines=(check/*.machine)
if [ "${1:-}" = --record ]; then
	for m in "${machines[@]}"; do
		./machine "$tmp/root" base.machine "$m"
		answer --root "$tmp/root" >"${m%.machine}.expected"
		rm -rf "$tmp/root"
	done
	exit 0
fi

for m in "${machines[@]}"; do
	name=$(basename "$m" .machine)
	root=$tmp/$name
	./machine "$root" base.machine "$m"
	answer --root "$root" >"$tmp/out"
	status=0
	diff -u "check/$name.expected" "$tmp/out" >"$tmp/diff" || status=1
	result $status "check $name"
	sed 's/^/# /' "$tmp/diff"

	status=0
	"$tdxhost" check --json --root "$root" >"$tmp/json" || status=$?
	says=$(tail -n 1 "$tmp/out")
	./schema ../../src/cli/schema/check.json "$tmp/json" >"$tmp/why" 2>&1 &&
		[ "exit status $status" = "$says" ] &&
		grep -q "\"exit_status\": $status\$" "$tmp/json" && status=0 || status=1
	result $status "check --json $name"
	[ $status = 0 ] || sed 's/^/# /' "$tmp/why"
done

status=0
"$tdxhost" check --root "$tmp/nowhere" >"$tmp/out" 2>&1 || status=$?
result "$([ $status = 2 ] && grep -q 'must hold a copy' "$tmp/out"; echo $?)" "a root that is none"
status=0
"$tdxhost" check --bogus >"$tmp/out" 2>&1 || status=$?
result "$([ $status = 2 ]; echo $?)" "an unknown option"
# The output has colours on a terminal, or on request.
script -qec "env -u NO_COLOR $tdxhost check --root $tmp/good" /dev/null </dev/null >"$tmp/tty" || true
result "$(grep -q $'\033\\[32mPASS' "$tmp/tty"; echo $?)" "colours on a terminal"
script -qec "env NO_COLOR=1 $tdxhost check --root $tmp/good" /dev/null </dev/null >"$tmp/tty" || true
result "$(grep -q PASS "$tmp/tty" && ! grep -q $'\033' "$tmp/tty"; echo $?)" "no colours with NO_COLOR"
done_testing
