#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The make targets, files, links and options that README.md, CONTRIBUTING.md, SECURITY.md
# and docs/ name all exist.  tests/vm/readme.sh runs README's commands.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
cd ../..
tdxhost=build/cli/tdxhost
texts=(README.md CONTRIBUTING.md SECURITY.md docs/*.md)

# Every match of PATTERN (of grep -P) in TEXT, once.
named() {
	{ grep -ohP "$1" "$2" || true; } | sort -u
}

# names NAME PATTERN TEXT CHECK: CHECK must print nothing for each match of PATTERN.
names() {
	local wrong
	wrong=$(named "$2" "$3" | while read -r match; do
		"$4" "$match" "$(dirname "$3")"
	done)
	[ -z "$wrong" ] || echo "# $3 names what is not there:" $wrong
	result "$([ -z "$wrong" ]; echo $?)" "$3: $1"
}

target() {
	grep -qE "^[a-z -]*\b${1#make }\b[a-z -]*:" Makefile || echo "$1"
}

link() {
	[ -e "$2/$1" ] || echo "$1"
}

path() {
	[[ -e $1 || $1 == *NAME* || $1 == *FILE* ]] || echo "$1"
}

has_options() {
	local option
	"$tdxhost" "$1" --help >"$tmp/help" 2>&1 || echo "$1"
	for option in "${@:2}"; do
		grep -q -e "$option" "$tmp/help" || echo "$1 $option"
	done
}

command_line() {
	local words
	read -ra words <<<"$1"
	has_options "${words[@]:1}"
}

vm_option() {
	scripts/vm --help | grep -q -e "$1" || echo "$1"
}

for t in "${texts[@]}"; do
	names "targets of make" '(?<=`|^    |&& )make [a-z][a-z-]*' "$t" target
	names "links" '(?<=\]\()[^)#:]+(?=\))' "$t" link
	names "paths" '(?<![\w./-])(src|tests|scripts|include|docs|debian|rpm|dist)/[\w./-]*\w' "$t" path
	names "commands of tdxhost" '(?<=`|^    )tdxhost [a-z]+( --[a-z-]+)*' "$t" command_line
done
names "options of scripts/vm" '(?:^    scripts/vm|(?<!^)\G).*? \K--[a-z]+(?= )' CONTRIBUTING.md vm_option
# tests/vm/guide.sh shows that the scenario of CONTRIBUTING.md passes.
result "$(awk '/^    #!\/bin\/sh/ { on = 1 } on && /^[^ ]/ { exit } on { sub(/^    /, ""); print }' CONTRIBUTING.md |
	sed '${/^$/d}' | diff - tests/vm/guide.sh >&2; echo $?)" "CONTRIBUTING.md's scenario is tests/vm/guide.sh"
result "$(log=$(named '(?<=boot is in `)[\w/.]+(?=`)' README.md | sed '/^$/d'); [ -n "$log" ] && grep -q -e "--log $log " scripts/demo; echo $?)" \
	"scripts/demo writes the log that README.md names"
# docs/memory-map.md shows the picture that the command draws.
command=$(sed -n 's/^    # tdxhost //p' docs/memory-map.md)
# shellcheck disable=SC2086
"$tdxhost" $command 2>/dev/null | sed -n '/^TDX memory/,$p' >"$tmp/drawn"
awk '/^    \.\.\.$/ { on = 1; next } on && /^- / { exit } on { sub(/^    /, ""); print }' docs/memory-map.md |
	sed '${/^$/d}' >"$tmp/shown"
result "$([ -s "$tmp/drawn" ] && diff "$tmp/drawn" "$tmp/shown" >&2; echo $?)" "docs/memory-map.md shows what plan --map draws"
done_testing
