#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# README.md and docs/session.md show what "make demo" prints, except for times, addresses
# and the lines "...".  The commands in README's "Use" and "When it fails" work as written.
#vm 6.1 --cpus 2x2x1 --mem 2G --module sha512_generic --add README.md --add docs/session.md --add tests/vm/guest/demo.sh
. /lib/tdx.sh

same() {
	sed -e 's/\[ *[0-9]*\.[0-9]*\]/[T]/' -e 's/[0-9.]*-[0-9]*-amd64/RELEASE/' \
		-e 's/in [0-9.]* s$/in T s/' -e 's/[0-9.]* GB is free/N GB is free/' \
		-e 's/^\( *[0-9]*  0x[0-9a-f]* .* \)0x[0-9a-f]* /\1A/'
}

# Prints the lines of WANTED that are not in GOT, in this order.
missing() {
	awk 'NR == FNR { got[++n] = $0; next }
		{
			for (j = i + 1; j <= n && got[j] != $0; j++)
				;
			if (j <= n)
				i = j
			else
				print
		}' "$2" "$1"
}

# FILE FIRST LINES: what the first indented block from the line that holds FIRST shows,
# at least LINES of it, is in the output of the demo.
shows() {
	awk -v first="$2" 'index($0, first) { on = 1 }
		on && /^    / { print substr($0, 5); shown = 1 }
		shown && /^[^ ]/ { exit }' "/vm/$1" | grep -v '^ *\.\.\.$' | same >/tmp/wanted
	at_least "$1 shows some of it" "$(grep -c . /tmp/wanted)" "$3"
	is "$1: what comes from '$2' on" "$(missing /tmp/wanted /tmp/got)" ""
}

# The indented lines of the section HEADING of README, without comments.
commands_of() {
	awk -v heading="## $1" '/^## / { on = $0 == heading }
		on && /^    / { sub(/^ */, ""); sub(/ *#.*/, ""); print }' /vm/README.md
}

load_sim profile=1.5.01 && load_host init=eager
sh /vm/demo.sh >/tmp/demo
is "make demo: exit status" "$?" 0
same </tmp/demo >/tmp/got
shows README.md "boots Debian's kernel" 6
shows session.md "shows the kernel log" 6
shows session.md "goes through a session" 30
rmmod tdx_host tdx_seamsim

begin "README's commands"
kernel_modules	# SHA-384, for tdxhost selftest
load_sim
commands_of Use >/tmp/commands
at_least "there are some" "$(grep -c . /tmp/commands)" 4
while read -r line; do
	check "$line" sh -c "{ $line; } >/tmp/out 2>&1 </dev/null"
done </tmp/commands
is "state" "$(host state)" initialized
allow_unload
rmmod tdx_host tdx_seamsim
load_sim
grep -o '`[^`]*`' /vm/README.md | tr -d '`' | grep -E '^(modprobe|echo|tdxhost [a-z]+( 0x.*)?$)' | sort -u >/tmp/commands
at_least "and more in its text" "$(grep -c . /tmp/commands)" 4
# In this order: load, bring up, examine.
for first in modprobe echo tdxhost; do
	while read -r line; do
		case $line in
		"tdxhost explain") continue ;;	# reads standard input
		"$first "*) check "$line" sh -c "{ $line; } >/tmp/out 2>&1 </dev/null" ;;
		esac
	done </tmp/commands
done
is "state" "$(host state)" initialized
allow_unload
rmmod tdx_host tdx_seamsim
done_testing
