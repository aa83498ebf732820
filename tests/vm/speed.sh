#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TDH.SYS.TDMR.INIT on 8 CPUs compared with one, at a simulated 1 ms a call and with the
# default TDMRs of 16 GB; and the number of CPUs that clear PAMTs.
#vm 6.1 --cpus 1x8x1 --mem 16G
#alone
. /lib/tdx.sh
DEBUG=/sys/kernel/debug/tdx_host

tdmr_init_us() {
	awk '$1 == "tdmr_init" { print $2 }' $DEBUG/steps
}

mount_trace
echo 'order>=10' >$TRACE/events/kmem/mm_page_alloc/filter
echo 1 >$TRACE/events/kmem/mm_page_alloc/enable

# Largest blocks in the trace: "on the busiest CPU, on all".
blocks_taken() {
	awk '/mm_page_alloc:/ { match($0, /\[[0-9]+\]/); n[substr($0, RSTART, RLENGTH)]++; all++ }
		END { for (cpu in n) if (n[cpu] > most) most = n[cpu]; print most + 0, all + 0 }' $TRACE/trace
}

# HOST-PARAMETERS: brings TDX up; $us is the time of TDH.SYS.TDMR.INIT.
timed() {
	echo >$TRACE/trace
	load "profile=next catch_up=1 latency=TDH.SYS.TDMR.INIT:1000" "init=eager $1"
	is "state" "$(host state)" initialized
	us=$(tdmr_init_us)
	tdmrs=$(host nr_tdmrs)
	most=$(awk '$1 == "cpu" && $3 > n { n = $3 } END { print n }' $DEBUG/calls)
	calls=$(awk '$1 == "cpu" { n += $3 } END { print n }' $DEBUG/calls)
	blocks=$(blocks_taken)
	unload
}

begin "one CPU"
timed cpus=0
alone=$us

# If the emulator's host has fewer CPUs than the guest, this takes longer:
# the shortest of several is nearest to the truth.
together=''
for try in 1 2 3 4 5; do
	begin "8 CPUs, $try"
	timed ""
	workers=8
	[ "$tdmrs" -ge 8 ] || workers=$tdmrs
	path="$most of $calls calls on the busiest CPU"
	note "$us us on $workers CPUs; $path; blocks for PAMTs: ${blocks% *} of ${blocks#* } on the busiest CPU"
	[ "${blocks% *}" -ge "${fewest:-999}" ] || fewest=${blocks% *} all_blocks=${blocks#* }
	[ -n "$together" ] && [ "$us" -ge "$together" ] || {
		together=$us critical_path=$path share=$((100 * calls / most))
	}
	[ $((alone * 100 / together)) -lt $((80 * workers)) ] || [ "$fewest" -gt $((all_blocks / 2)) ] || break
done

case_name=''
note "tdmr_init: $alone us on one CPU, $together us on $workers; $tdmrs TDMRs"
note "critical path: $critical_path"
note "figure tdmr_init_parallel_efficiency $(awk "BEGIN { printf \"%.3f\", $alone / $together / $workers }") ratio"
at_least "8 CPUs want 8 TDMRs to work on" "$tdmrs" 8
# Counted, not timed: the calls are spread evenly.  A speed-up of only half
# of that shows, even on a slow machine, that they run at the same time.
at_least "speed-up by calls on the busiest CPU, per cent of 0.8 x $workers" "$share" $((80 * workers))
at_least "speed-up by time, per cent of 0.4 x $workers" $((alone * 100 / together)) $((40 * workers))
# This kernel clears the pages that it allocates.
note "figure pamt_blocks_busiest_cpu $fewest of_$all_blocks"
at_least "no CPU takes most of the blocks for PAMTs" $((all_blocks / 2)) "$fewest"

done_testing
