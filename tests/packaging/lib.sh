# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# TAP for the packaging tests that run on this machine.  ". tests/packaging/lib.sh"

tap_n=0
tap_failed=0

tap_ok() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1"
}

# The error follows as a comment.
tap_not_ok() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $1"
	printf '%s\n' "$2" | tail -n 15 | sed 's/^/# /'
}

# tap WHAT COMMAND...: it must succeed.
tap() {
	local what=$1 out
	shift
	if out=$("$@" 2>&1 </dev/null); then
		tap_ok "$what"
	else
		tap_not_ok "$what" "failed: $*"$'\n'"$out"
	fi
}

tap_is() {
	if [ "$2" = "$3" ]; then
		tap_ok "$1"
	else
		tap_not_ok "$1" "got '$2', wanted '$3'"
	fi
}

tap_has() {
	if [[ $2 == *"$3"* ]]; then
		tap_ok "$1"
	else
		tap_not_ok "$1" "got '$2', wanted '...$3...'"
	fi
}

# tap_from FILE [PREFIX]: the results of a script that ran elsewhere, as this script's own.
tap_from() {
	local line
	while read -r line; do
		case $line in
		"ok "*) tap_ok "${2:-}${line#* - }" ;;
		"not ok "*) tap_not_ok "${2:-}${line#* - }" "see the comments" ;;
		"#"*) echo "$line" ;;
		esac
	done <"$1"
}

# commands_of FILE SECTION: the commands that this section of a document shows.
commands_of() {
	awk -v section="## $2" '/^## / { on = index($0, section) == 1 }
		on && /^    (apt-get|crb|dnf|echo|make|modprobe|scripts\/|systemctl|tdxhost)/ { sub(/ +#.*/, ""); print substr($0, 5) }' "$1"
}

# Fails if a command is missing that the tests need.
tap_need() {
	local c
	for c in "$@"; do
		command -v "$c" >/dev/null || {
			tap_not_ok "$c is installed" "run scripts/deps"
			tap_done
		}
	done
}

tap_done() {
	echo "1..$tap_n"
	[ "$tap_failed" = 0 ]
	exit
}
