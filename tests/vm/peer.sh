#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Linux's own bring-up (tests/peer), no line of it changed, and tdx_host, one after the
# other on the same simulated machine. What a client that is known to work on real TDX
# hosts does, the simulator must take; what both ask of the machine is printed as figures.
# The guest's memory is there from the start: the emulator's host would count against the
# one that takes memory nobody has touched.
#slow 7.2 --peer --cpus 1 --mem 4G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 2 --mem 4G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 4 --mem 4G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 8 --mem 4G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 8 --mem 16G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 8 --mem 32G --qemu -object --qemu memory-backend-ram,id=ram,size=32G,reserve=off --qemu -machine --qemu memory-backend=ram -- cost
#slow 7.3 --peer --cpus 2x1x1 --mem 4G --qemu -mem-prealloc -- cost
#slow 7.2 --peer --cpus 4 --mem 16G -- fragmented
#slow 7.2 --peer --cpus 1x4x1 --mem 4G --append isolcpus=2-3 --append nohz_full=2-3 -- isolated
#slow 7.2 --peer --cpus 2x2x1 --mem 4G -- offline
#slow 7.2 --peer --cpus 2x1x1 --mem 4G --append memmap=0xc2000$0x5d169000,0x9b000$0x5d3cf000,0x10000$0x5e5b3000,0x12000$0x5e5d3000,0x2800000$0x5eb58000,0x6a000$0x6172b000,0x114000$0x617ff000,0x47000$0x61999000,0x8000$0x619e2000,0x188000$0x61a27000,0xaf000$0x623c3000,0x1201000$0x62824000,0x400000$0x63d58000,0x3c000$0x64159000,0xe30000$0x6e9cf000,0x10800000$0x6f800000 -- emr
. /lib/tdx.sh
PEER=/sys/module/tdx_peer/parameters
PROFILE=next
MACHINE="kvm=1 target=tdx_host,tdx_peer catch_up=1"
WHERE=$(nproc)cpu_$((($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) + (1 << 20) - 1) >> 20))g
case $(uname -r) in
7.2.*) ;;
*) WHERE=${WHERE}_linux_$(uname -r | cut -d. -f 1-2) ;;
esac

watch_function_calls

# WHO [OPTION OF tdx_host]...: ready to be told to begin
who_loads() {
	who=$1
	shift
	case $who in
	peer)	insmod /vm/tdx_peer.ko ;;
	*)	load_host "$@" ;;
	esac
}

who_enables() {
	case $1 in
	peer)	echo 1 2>/dev/null >$PEER/enable ;;
	*)	enable ;;
	esac
}

who_unloads() {
	case $1 in
	peer)	rmmod tdx_peer ;;
	*)	rmmod tdx_host ;;
	esac
}

who_is_up() {
	case $1 in
	peer)	[ "$(cat $PEER/result)" = 0 ] ;;
	*)	[ "$(host state)" = initialized ] ;;
	esac
}

time_us() {
	case $1 in
	peer)	cat $PEER/time_us ;;
	*)	host init_time_us ;;
	esac
}

pamt_bytes() {
	case $1 in
	peer)	cat $PEER/pamt_bytes ;;
	*)	host pamt_bytes ;;
	esac
}

why_not() {
	case $1 in
	peer)	log | grep 'virt/tdx: ' | tail -n 1 ;;
	*)	host last_error ;;
	esac
}

# Who asks for contiguous memory, from the page allocator or by moving what is in the way,
# and how many pages that takes off the lists of the CPUs.
trace_memory() {
	echo 'p:contig alloc_contig_frozen_range_noprof start=%di end=%si' >$TRACE/kprobe_events
	echo 'hist:keys=common_pid:vals=hitcount' >$TRACE/events/kmem/mm_page_pcpu_drain/trigger
	echo 'order>=5' >$TRACE/events/kmem/mm_page_alloc/filter
	echo 1 >$TRACE/events/kmem/mm_page_alloc/enable
	echo 1 >$TRACE/events/kprobes/contig/enable
	echo >$TRACE/trace
	echo 1 >$TRACE/tracing_on
}

# Sets $largest, in KiB, and $drained, in pages.
traced_memory() {
	echo 0 >$TRACE/tracing_on
	largest=$(awk '/contig: / { sub(/.*start=0x/, ""); split($0, w, " end=0x"); print w[1], w[2] }' $TRACE/trace |
		while read -r start end; do echo $(((0x$end - 0x$start) * 4)); done |
		sort -n | tail -n 1)
	block=$(awk '/mm_page_alloc: / { sub(/.*order=/, ""); kib = 4; for (i = $1; i > 0; i--) kib *= 2; print kib }' $TRACE/trace |
		sort -n | tail -n 1)
	[ "${largest:-0}" -ge "${block:-0}" ] || largest=$block
	largest=${largest:-0}
	drained=$(awk '/Hits:/ { print $2 }' $TRACE/events/kmem/mm_page_pcpu_drain/hist)
	echo '!hist:keys=common_pid:vals=hitcount' >$TRACE/events/kmem/mm_page_pcpu_drain/trigger
	echo 0 >$TRACE/events/kmem/mm_page_alloc/enable
	echo 0 >$TRACE/events/kprobes/contig/enable
	echo >$TRACE/kprobe_events
}

# What a bring-up must show for its figures to mean anything.
proper() {
	check "it comes up" who_is_up "$1"
	who_is_up "$1" || note "$(why_not "$1")"
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
	who_unloads "$1"
	is "no rule is broken" "$(cat "$SIM/violations")" ""
	rmmod tdx_seamsim
}

figure() {
	note "figure $1 $2 $3"
}

# NAME OURS LINUX UNIT
pair() {
	figure "peer_$1_tdx_host" "$2" "$4"
	figure "peer_$1_linux" "$3" "$4"
}

# In two rounds: what traces memory calls other CPUs to patch the kernel.
counts() {
	begin "what $1 asks for, $WHERE"
	# shellcheck disable=SC2086
	load_sim profile=$PROFILE $MACHINE latency_us=15
	who_loads "$1"
	echo >$TRACE/trace
	echo 1 >$TRACE/tracing_on
	who_enables "$1"
	echo 0 >$TRACE/tracing_on
	cp $TRACE/trace /tmp/ipis
	ipis=$(function_calls /tmp/ipis)
	[ "$1" = peer ] || note "$(asked_calls /tmp/ipis)"
	calls=$(sim_report calls)
	in_a_row=$(sim_report irqs_off_max_calls)
	off=$(sim_report irqs_off_max_latency_us)
	pamt=$(pamt_bytes "$1")
	note "$1: $(awk '$1 == "leaf" { printf "%s%s %s", comma, $4, $2; comma = ", " }' "$SIM/report")"
	note "$1: $calls SEAMCALLs, $ipis function calls on other CPUs, $pamt bytes of PAMTs; $in_a_row calls, $off us with interrupts off"
	proper "$1"

	begin "the memory $1 asks for, $WHERE"
	# shellcheck disable=SC2086
	load_sim profile=$PROFILE $MACHINE
	who_loads "$1"
	echo nop >$TRACE/current_tracer
	trace_memory
	who_enables "$1"
	traced_memory
	echo function >$TRACE/current_tracer
	note "$1: $largest KiB in one piece, $drained pages drained"
	proper "$1"
}

# WHO LATENCY
timed() {
	begin "$1 at $2 us a call, $WHERE"
	# shellcheck disable=SC2086
	load_sim profile=$PROFILE $MACHINE latency_us="$2"
	who_loads "$1"
	who_enables "$1"
	us=$(time_us "$1")
	note "$1: $us us$([ "$1" = peer ] || awk '{ printf ", %s %s", $1, $2 }' /sys/kernel/debug/tdx_host/steps)"
	proper "$1"
}

# The shorter of two, or the one that there is.
shorter() {
	[ -n "$1" ] && [ "$1" -le "$2" ] && echo "$1" || echo "$2"
}

# LATENCY: the shortest of three each, in turn; what else the emulator's host does only makes
# it longer.
compared() {
	our_us='' peer_us=''
	for try in 1 2 3; do
		timed ours "$1"
		our_us=$(shorter "$our_us" "$us")
		timed peer "$1"
		peer_us=$(shorter "$peer_us" "$us")
	done
	case_name=''
	pair "bringup_${WHERE}_${1}us" "$our_us" "$peer_us" us
	figure "peer_bringup_ratio_${WHERE}_${1}us" "$(awk "BEGIN { printf \"%.2f\", $peer_us / $our_us }")" ratio
}

# WHAT WHO [OPTION OF tdx_host]: comes up, or says why not; both are an answer.
tried() {
	what=$1 who=$2
	shift 2
	begin "$what, $who"
	# shellcheck disable=SC2086
	load_sim profile=$PROFILE $MACHINE $CMRS
	who_loads "$who" "$@"
	who_enables "$who"
	up=no
	if who_is_up "$who"; then
		up=yes
		is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
	else
		note "$(why_not "$who")"
	fi
	is "no rule is broken" "$(cat "$SIM/violations")" ""
	leaves "$who"
}

# Linux's own bring-up has nothing to take back what a TDX module that cannot be shut down
# holds: it is the last one in such a boot.
leaves() {
	[ "$1" = peer ] && [ "$PROFILE" != next ] && who_is_up peer && return
	who_unloads "$1"
	rmmod tdx_seamsim
}

# NAME WHAT [OPTION OF tdx_host]: tdx_host comes up wherever Linux's own bring-up does.
both_try() {
	name=$1 what=$2
	shift 2
	tried "$what" peer
	peer_up=$up
	tried "$what" ours "$@"
	case_name=''
	pair "comes_up_$name" "$up" "$peer_up" answer
	[ "$peer_up" = no ] || is "$what: tdx_host comes up where Linux does" "$up" yes
}

# Function-call interrupts on CPU 2, that of the scheduler included which turns the tick on
# for a second task; and times that something else than the busy loop ran there.
trace_cpu2() {
	for event in irq_vectors/call_function_entry irq_vectors/call_function_single_entry sched/sched_switch; do
		echo "$1" >"$TRACE/events/$event/enable"
	done
}

# What CPU 2 runs while WHO brings TDX up: nothing but a busy loop, as far as WHO lets it.
# Sets $interrupts and $switches.
disturbed() {
	begin "a busy loop on an isolated CPU, $2, $1"
	# shellcheck disable=SC2086
	load_sim profile=$PROFILE $MACHINE latency_us=15
	who_loads "$1"
	trace_cpu2 1
	taskset 4 pause 3000 >/tmp/pause &
	usleep 300000
	echo >$TRACE/trace
	echo 1 >$TRACE/tracing_on
	who_enables "$1"
	echo 0 >$TRACE/tracing_on
	wait
	trace_cpu2 0
	interrupts=$(grep -c call_function $TRACE/per_cpu/cpu2/trace)
	switches=$(grep sched_switch $TRACE/per_cpu/cpu2/trace | grep -v prev_state=Z | grep -c 'prev_comm=pause ')
	note "$(grep -E 'call_function|sched_switch' $TRACE/per_cpu/cpu2/trace | head -n 20)"
	check "it comes up" who_is_up "$1"
	is "no rule is broken" "$(cat "$SIM/violations")" ""
	leaves "$1"
}

# WHAT NAME
isolated() {
	disturbed ours "$1"
	our_interrupts=$interrupts our_switches=$switches
	disturbed peer "$1"
	case_name="$1: "
	pair "isolated_$2_function_calls" "$our_interrupts" "$interrupts" calls
	pair "isolated_$2_switches" "$our_switches" "$switches" times
	at_least "tdx_host interrupts the busy loop less often than Linux" "$interrupts" $((our_interrupts + 1))
	at_least "and takes its CPU less often" "$switches" $((our_switches + 1))
}

CMRS=''
case $1 in
cost)
	echo nop >$TRACE/current_tracer
	# First, while memory is as after boot: what was freed comes back in another order.
	compared 15
	compared 1000
	echo function >$TRACE/current_tracer
	counts ours
	our_calls=$calls our_ipis=$ipis our_largest=$largest our_drained=$drained our_pamt=$pamt
	our_off=$off
	counts peer
	case_name="$WHERE: "
	pair "seamcalls_$WHERE" "$our_calls" "$calls" calls
	pair "function_calls_$WHERE" "$our_ipis" "$ipis" calls
	pair "irqs_off_$WHERE" "$our_off" "$off" us
	pair "largest_contiguous_$WHERE" "$our_largest" "$largest" KiB
	pair "drained_$WHERE" "$our_drained" "$drained" pages
	pair "pamt_$WHERE" "$our_pamt" "$pamt" bytes
	is "tdx_host calls no function on another CPU" "$our_ipis" 0
	at_least "it asks for no larger piece" "$largest" "$our_largest"
	;;
fragmented)
	for kib in 65536 8192 4096; do
		modprobe tdx_pins every_kib=$kib
		both_try "pinned_every_${kib}k" "a page pinned in every $kib KiB"
		rmmod tdx_pins
	done
	;;
isolated)
	# A TDX module that is content without the isolated CPUs, then one that is not.
	isolated "one LP a package" spared
	PROFILE=1.5.34
	isolated "every LP" all
	;;
offline)
	PROFILE=1.5.34
	echo 0 >/sys/devices/system/cpu/cpu3/online
	tried "a CPU offline" ours
	our_up=$up
	tried "a CPU offline, offline_cpus=online" ours offline_cpus=online
	woken=$up
	[ "$woken" = no ] || echo 0 >/sys/devices/system/cpu/cpu3/online
	tried "a CPU offline" peer
	case_name=''
	pair comes_up_cpu_offline "$our_up" "$up" answer
	pair comes_up_cpu_offline_woken "$woken" "$up" answer
	is "tdx_host comes up with offline_cpus=online" "$woken" yes
	;;
emr)
	CMRS="mktme_keyids=31 tdx_keyids=32 cmr=0x100000-0x6f800000,0x100000000-0x107a000000"
	both_try emr "16 holes below 2 GB"
	;;
esac

done_testing
