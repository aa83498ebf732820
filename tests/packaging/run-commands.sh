#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-commands.sh: for each section of README.md and docs/install.md, a test runs the
# commands that it reads from the text; each command inside a sentence is in a test,
# literally.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh

# FILE SECTION: the test, and how it takes the commands from there.
declare -A reads=(
	# tests/vm/readme.sh boots what make demo boots; this test is part of make test.
	["README.md Try it"]='../vm/readme.sh:sh /vm/demo.sh'
	["README.md Install"]='slow-install.sh:commands_of README.md Install'
	["README.md Use"]='../vm/readme.sh:commands_of Use'
	["docs/install.md RHEL, CentOS, Alma, Rocky, openEuler"]='slow-dnf.sh:commands_of docs/install.md "RHEL, CentOS"'
	["docs/install.md Without packages"]='slow-install.sh:commands_of docs/install.md "Without packages"'
	["docs/install.md Load at boot"]='guest/stage1:commands_of install.md "Load at boot"'
)
n=0
for file in README.md docs/install.md; do
	while read -r section; do
		commands=$(commands_of "$file" "$section")
		[ -n "$commands" ] || continue
		n=$((n + 1))
		from=${reads["$file $section"]:-}
		tap "$file: $section: a test runs its commands" test -n "$from"
		[ -z "$from" ] || tap "$file: $section: from its text" \
			grep -qF "${from#*:}" "tests/packaging/${from%%:*}"
	done < <(sed -n 's/^## //p' "$file")
done
tap_is "the sections with commands" "$n" "${#reads[@]}"

# Commands inside sentences. tests/vm/readme.sh runs README's.
inside=$(tr '\n' ' ' <docs/install.md | grep -oE '`(update-initramfs|dracut|mokutil|make (un)?install)[^`]*`' | tr -d '`' | sort -u)
tap "there are some in sentences" test "$(wc -l <<<"$inside")" -ge 4
while read -r command; do
	tap "docs/install.md: $command: a test has it" \
		grep -rqF --exclude=run-commands.sh -e "$command" tests/packaging
done <<<"$inside"
tap_done
