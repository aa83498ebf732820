# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# For the scripts of this folder, which set out, the folder for what they build, and add.

# NAME...: builds NAME.c of this folder, and adds scripts/vm's options for it to add.
add_programs() {
	local program
	mkdir -p "$out"
	for program in "$@"; do
		gcc -static -O2 -Wall -Wextra -Werror -o "$out/$program.$$" "tests/bochs/$program.c"
		mv "$out/$program.$$" "$out/$program"
		add+=(--add "$out/$program")
	done
}
