#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# CPUs come and go at random during bring-up and for 60 s after, while 8 tasks
# call tdx_enable() again and again.  The VM's own timeout is the watchdog.
#vm 6.1    --cpus 2x4x1
#vm 6.1-rt --cpus 2x4x1
#vm 6.12   --cpus 2x4x1
. /lib/tdx.sh
CPU=/sys/devices/system/cpu
# A minute of processes and hotplug leaves 2 to 3 MB in slabs; the PAMT of the
# smallest TDMR, 4108 KiB, would still be missed.
FREE_TOLERANCE_KIB=3900

random() {
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

storm() {
	while [ ! -e /tmp/stop ]; do
		cpu=$(($(random 7) + 1))
		echo $(($(random 2))) 2>/dev/null >$CPU/cpu$cpu/online && echo
	done | wc -l >/tmp/changes
}

# The first time a CPU goes and comes the kernel allocates what it keeps.
for cpu in 1 2 3 4 5 6 7; do
	echo 0 >$CPU/cpu$cpu/online
	echo 1 >$CPU/cpu$cpu/online
done

begin "warm-up"
load "profile=later" init=eager
is "state" "$(host state)" initialized
unload

begin "storm"
load "profile=later latency_us=50"
storm &
for task in 1 2 3 4 5 6 7 8; do
	(
		while [ ! -e /tmp/stop ]; do
			enable || echo "task $task failed" >>/tmp/failed
		done
		echo "$task" >>/tmp/ended
	) &
done
sleep 60
touch /tmp/stop
wait
is "state" "$(host state)" initialized
is "tdx_enable() never failed" "$(cat /tmp/failed 2>/dev/null)" ""
is "every task ended" "$(wc -l </tmp/ended)" 8
at_least "CPUs came and went" "$(cat /tmp/changes)" 20
note "$(cat /tmp/changes) changes"
for cpu in 1 2 3 4 5 6 7; do
	[ "$(cat $CPU/cpu$cpu/online)" = 1 ] || echo 1 >$CPU/cpu$cpu/online
done
is "every CPU is initialised in the end" "$(host cpus_initialized)" "$(online)"
is "none is missing" "$(host cpus_missing)" ""
is "TDH.SYS.LP.INIT once per CPU" "$(calls TDH.SYS.LP.INIT)" 8
unload

done_testing
