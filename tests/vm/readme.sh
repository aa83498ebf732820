#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What README.md shows of "make demo" is what that prints, but for times, addresses
# and what stands there as "...".
#vm 6.1 --cpus 2x2x1 --mem 2G --add README.md --add tests/vm/guest/demo.sh
. /lib/tdx.sh

same() {
	sed -e 's/\[ *[0-9]*\.[0-9]*\]/[T]/' -e 's/[0-9.]*-[0-9]*-amd64/RELEASE/' \
		-e 's/in [0-9.]* s$/in T s/' -e 's/[0-9.]* GB is free/N GB is free/' \
		-e 's/^\( *[0-9]*  0x[0-9a-f]* .* \)0x[0-9a-f]* /\1A/'
}

# Which lines of WANTED do not come in GOT, in this order.
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

load_sim profile=1.5.01 && load_host init=eager
sh /vm/demo.sh >/tmp/demo
is "make demo: exit status" "$?" 0
same </tmp/demo >/tmp/got
for part in "make demo. prints:" "second half of"; do
	sed -n "/$part/,/^[^ ].*[^:]\$/{s/^    //p}" /vm/README.md | grep -v '^\.\.\.$\|^ *\.\.\.$' | same >/tmp/wanted
	at_least "README shows some of it" "$(grep -c . /tmp/wanted)" 10
	is "README.md: what comes after '$part'" "$(missing /tmp/wanted /tmp/got)" ""
done
done_testing
