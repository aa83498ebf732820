#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# How long all CPUs are stopped, with interrupts off, while the SEAM loader puts a TDX module
# in place: at a simulated 1 ms a call of SEAMLDR.INSTALL, one CPU after the other.  With more
# CPUs than the emulator's host has, most of it is the host's scheduler: all CPUs spin while
# one makes its call.
#slow 6.1 --cpus 1x2x1 --mem 2G
#slow 6.1 --cpus 1x8x1 --mem 2G
#alone
. /lib/tdx.sh

# VERB: five times, the last figure in the log each; $us is the shortest, $longest the longest.
timed() {
	us='' longest=0
	for try in 1 2 3 4 5; do
		check "$1 works, $try" eval "echo $1 /tmp/image >$SYS/tdx_module"
		now=$(log | sed -n 's/.*all CPUs were stopped for \([0-9]*\) us$/\1/p' | tail -n 1)
		[ -n "$us" ] && [ "$now" -ge "$us" ] || us=$now
		[ "$now" -le "$longest" ] || longest=$now
		[ "$1" = update ] || enable
	done
	at_least "the log says how long" "$us" 1
}

# The last CPU's, which checks and installs.
install_us() {
	awk '$1 == "SEAMLDR.INSTALL" { print int($2 / 1000) }' /sys/kernel/debug/tdx_host/times
}

cpus=$(nproc)
for verb in update install; do
	begin "$verb"
	load "profile=1.5.34 updates=20 latency=SEAMLDR.INSTALL:1000" init=eager
	cp "$SIM/images/1.5.34" /tmp/image
	before=$(calls SEAMLDR.INSTALL)
	timed $verb
	is "each CPU calls once each time" $(($(calls SEAMLDR.INSTALL) - before)) $((5 * cpus))
	note "figure stopped_${verb}_${cpus}cpu $us us"
	note "of five, the longest: $longest us; of each, $((cpus * 1000)) us are the simulated calls"
	note "the longest call of SEAMLDR.INSTALL: $(install_us) us"
	unload
done
done_testing
