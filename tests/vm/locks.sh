#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Callers of tdx_enable() without a lock, callers with cpus_read_lock() held, as in KVM of
# Linux 6.16 to 6.18, and endless CPU hotplug: no deadlock.  On the debug kernel
# (make test-debug) lockdep watches.
#vm   6.1    --cpus 2x2x1
#slow 6.1-rt --cpus 2x2x1
#slow 6.12   --cpus 2x2x1
. /lib/tdx.sh
CPU=/sys/devices/system/cpu

# CPU 2 goes offline and online until stop_hotplug.  /tmp/turns has the number of turns.
start_hotplug() {
	rm -f /tmp/stop
	(
		turns=0
		until [ -e /tmp/stop ]; do
			echo 0 >$CPU/cpu2/online 2>/dev/null && turns=$((turns + 1))
			echo 1 >$CPU/cpu2/online 2>/dev/null && turns=$((turns + 1))
			echo $turns >/tmp/turns.new
			mv /tmp/turns.new /tmp/turns
		done
	) &
	hotplug=$!
	turns_past 0
}

turns_past() {
	until [ "$(cat /tmp/turns 2>/dev/null || echo 0)" -gt "$1" ]; do
		sleep 0.1
	done
}

stop_hotplug() {
	turns_past "$(cat /tmp/turns)"
	: >/tmp/stop
	wait $hotplug
	rm -f /tmp/turns
}

# PROFILE HOST WANT: 20 callers of each kind and a writer of `enable`, with CPU hotplug.
all_at_once() {
	load "profile=$1 latency_us=15" "$2"
	start_hotplug
	enable &
	writer=$!
	check "callers of both kinds come back" modprobe tdx_consumer tasks=20 locked=1
	wait $writer
	turns=$(cat /tmp/turns)
	stop_hotplug
	is "they got the same" "$(cat $CONSUMER/same)" Y
	is "state" "$(host state)" "$3"
	note "$turns turns of CPU 2 meanwhile, $(cat $CONSUMER/busy) times busy"
	is "CPUs online" "$(online)" 0-3
	unload
}

begin "one LP of each package is enough"
all_at_once next "" initialized

begin "every LP is wanted, and brought online"
echo 0 >$CPU/cpu3/online
load profile=1.5.01 offline_cpus=online
check "a caller without a lock" modprobe tdx_consumer tasks=1
is "state" "$(host state)" initialized
is "CPUs online" "$(online)" 0-2
unload

begin "which a caller that holds the lock cannot have"
load profile=1.5.01 offline_cpus=online
check "is told so" modprobe tdx_consumer tasks=1 locked=1
is "result" "$(cat $CONSUMER/result)" -22
is "state" "$(host state)" failed
holds "last_error says why" "$(host last_error)" "(offline: 3), and offline_cpus=online cannot serve a caller that holds the CPU hotplug lock"
is "CPUs online" "$(online)" 0-2
unload

begin "while others bring CPUs online"
for round in 1 2 3 4 5; do
	begin "while others bring CPUs online, $round"
	load profile=1.5.01 offline_cpus=online
	enable &
	check "callers of both kinds come back" modprobe tdx_consumer tasks=20 locked=1
	wait $!
	is "they got the same" "$(cat $CONSUMER/same)" Y
	note "state $(host state), $(cat $CONSUMER/busy) times busy"
	unload
done
echo 1 >$CPU/cpu3/online

done_testing
