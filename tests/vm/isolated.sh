#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What bring-up does to CPUs 2 and 3, which are isolated for latency-critical code.
# The test counts function-call IPIs everywhere, work items on the isolated CPUs, and the
# longest time with interrupts off.  It prints the pauses of a busy loop on them.
# Arguments: profiles instead of the usual ones.
#vm 6.1    --cpus 1x4x1 --append isolcpus=2-3 --append nohz_full=2-3
#vm 6.1-rt --cpus 1x4x1 --append isolcpus=2-3 --append nohz_full=2-3
#vm 6.12   --cpus 1x4x1 --append isolcpus=2-3 --append nohz_full=2-3
#slow 6.1  --cpus 1x4x1 --append isolcpus=2-3 --append nohz_full=2-3 -- 1.0.3 1.5.34 2.0.14
. /lib/tdx.sh

watch_function_calls

# Work items queued to the CPUs in LIST ("2|3") since tracing began, except for the
# kernel's memory statistics, which a timer on that CPU queues anyway.
work_items() {
	grep -v 'function=vmstat_update ' /tmp/work | grep -cE " cpu=($1)( |\$)"
}

trace_command() {
	echo >$TRACE/trace
	echo 1 >$TRACE/events/workqueue/workqueue_queue_work/enable
	echo 1 >$TRACE/tracing_on
	"$@"
	echo 0 >$TRACE/tracing_on
	echo 0 >$TRACE/events/workqueue/workqueue_queue_work/enable
	cp $TRACE/trace /tmp/ipis
	grep workqueue_queue_work: /tmp/ipis >/tmp/work
}

# Makes the kernel call every CPU: it patches its text or, if this kernel patches none,
# makes the text of a module executable.
call_cpus() {
	echo 1 2>/dev/null >/proc/sys/kernel/sched_schedstats || modprobe tdx_slowmem
}

begin "tracing sees the events that it counts"
trace_command call_cpus
at_least "sees function calls where there are some" "$(function_calls /tmp/ipis)" 1

[ $# -gt 0 ] || set -- 1.5.01 next
for profile; do
	begin "module $profile"
	load "profile=$profile latency_us=15"
	trace_command enable
	is "state" "$(host state)" initialized
	is "function-call IPIs" "$(function_calls /tmp/ipis)" 0
	note "$(asked_calls /tmp/ipis)"
	if wants_every_lp; then
		is "work items on CPU 2" "$(work_items 2)" 1
		is "work items on CPU 3" "$(work_items 3)" 1
		is "CPUs initialised" "$(host cpus_initialized)" 0-3
	else
		is "work items on CPU 2" "$(work_items 2)" 0
		is "work items on CPU 3" "$(work_items 3)" 0
		is "CPUs initialised" "$(host cpus_initialized)" 0-1
	fi
	note "$(grep -E " cpu=(2|3)( |\$)" /tmp/work)"
	# Simulated time: the emulator's host may take a CPU away.
	off=$(sim_report irqs_off_max_latency_us)
	at_least "interrupts are off for 15 us or more at a time" "$off" 15
	at_least "and for 200 us at most" 200 "$off"
	! wants_every_lp || {
		note "figure ipi_function_calls $(function_calls /tmp/ipis) calls"
		note "figure isolated_work_items $(work_items '2|3') items"
		note "figure irqs_off_max $off us"
	}
	unload
done

echo nop >$TRACE/current_tracer

begin "pauses"
load "latency_us=15"
taskset 4 pause 2000 >/tmp/before
taskset 4 pause 2000 >/tmp/during &
usleep 300000
check "bring-up" enable
wait
is "state" "$(host state)" initialized
note "longest pause of a busy loop on CPU 2: before bring-up $(cat /tmp/before) us, during $(cat /tmp/during) us"
at_least "the busy loop ran" "$(cat /tmp/during)" 1
unload

done_testing
