#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# CPUs go offline and online at random during bring-up and for 10 s afterwards, while 8 tasks
# keep calling tdx_enable(); six times, without a loss of memory.  The VM's timeout catches hangs.
#vm 6.1    --cpus 2x4x1
#vm 6.1-rt --cpus 2x4x1
#slow 6.12   --cpus 2x4x1
. /lib/tdx.sh
CPU=/sys/devices/system/cpu
# A minute of processes and hotplug leaves 2 to 3 MB in slabs, which is still less than the
# PAMT of the smallest TDMR, 4108 KiB.
FREE_TOLERANCE_KIB=3900
GROWTH_KIB=1024

storm() {
	while [ ! -e /tmp/stop ]; do
		cpu=$(($(random 7) + 1))
		read -r on <$CPU/cpu$cpu/online
		echo $((1 - on)) 2>/dev/null >$CPU/cpu$cpu/online && echo >>/tmp/changes
	done
}

# The first hotplug of a CPU allocates memory that the kernel keeps.
for cpu in 1 2 3 4 5 6 7; do
	echo 0 >$CPU/cpu$cpu/online
	echo 1 >$CPU/cpu$cpu/online
done

# Bring-up happens in the middle.
round() {
	rm -f /tmp/stop /tmp/failed /tmp/ended
	: >/tmp/changes
	load "profile=next latency_us=50"
	storm &
	usleep 300000
	for task in 1 2 3 4 5 6 7 8; do
		(
			while [ ! -e /tmp/stop ]; do
				enable || echo "task $task failed" >>/tmp/failed
			done
			echo "$task" >>/tmp/ended
		) &
	done
	sleep 10
	# Each turn may take seconds.
	for _ in $(seq 60); do
		[ "$(wc -l </tmp/changes)" -lt 10 ] || break
		sleep 1
	done
	touch /tmp/stop
	wait
	is "state" "$(host state)" initialized
	is "tdx_enable() never failed" "$(cat /tmp/failed 2>/dev/null)" ""
	is "every task ended" "$(wc -l </tmp/ended)" 8
	at_least "CPUs came and went" "$(wc -l </tmp/changes)" 10
	for cpu in 1 2 3 4 5 6 7; do
		[ "$(cat $CPU/cpu$cpu/online)" = 1 ] || echo 1 >$CPU/cpu$cpu/online
	done
	is "every CPU is initialised in the end" "$(host cpus_initialized)" "$(online)"
	is "no CPU is missing" "$(host cpus_missing)" ""
	is "TDH.SYS.LP.INIT once per CPU" "$(calls TDH.SYS.LP.INIT)" 8
	unload
}

changes=0
for n in 1 2 3 4 5 6; do
	begin "storm $n"
	round
	changes=$((changes + $(wc -l </tmp/changes)))
	[ "$n" != 2 ] || { remember_memory; changes=0; }
done
begin "storms"
at_least "CPUs came and went in the last four: $changes times" "$changes" 40
no_growth 200 $GROWTH_KIB

done_testing
