# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034
# For scenarios: TAP, the modules, their state.  ". /lib/tdx.sh"
#
# begin 'case'; check 'what' COMMAND...; is 'what' GOT WANT; unload; done_testing

SYS=/sys/kernel/tdx_host
SIM=/sys/kernel/debug/tdx_seamsim
CONSUMER=/sys/module/tdx_consumer/parameters

tap_n=0
tap_failed=0
case_name=''

ok() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $case_name$*"
}

not_ok() {
	tap_n=$((tap_n + 1))
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_n - $case_name$*"
}

note() {
	printf '%s\n' "$*" | sed 's/^/# /'
}

check() {
	what=$1
	shift
	if "$@"; then
		ok "$what"
	else
		not_ok "$what"
		note "failed: $*"
	fi
}

fails() {
	! "$@" 2>/dev/null
}

is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		note "got '$2', wanted '$3'"
	fi
}

at_least() {
	if [ "$2" -ge "$3" ] 2>/dev/null; then
		ok "$1"
	else
		not_ok "$1"
		note "got '$2', wanted at least '$3'"
	fi
}

# GOT holds TEXT.
holds() {
	case $2 in
	*"$3"*)	ok "$1" ;;
	*)	not_ok "$1"
		note "got '$2', wanted '...$3...'" ;;
	esac
}

# The plan comes last, so a scenario that dies on its way has none.
done_testing() {
	no_leaks
	echo "1..$tap_n"
	[ "$tap_failed" = 0 ] && [ "$tap_n" -gt 0 ]
	exit
}

# --- the kernel log since the case began

begin() {
	case_name="$1: "
	marks=$((${marks:-0} + 1))
	mark
}

mark() {
	echo "vm: case $marks: $case_name" >/dev/kmsg
}

log() {
	dmesg | awk -v mark="vm: case ${marks:-0}:" 'index($0, mark) { n = 1; text = ""; next }
		n { text = text $0 "\n" }
		END { printf "%s", text }'
}

logged() {
	if log | grep -qF -e "$1"; then
		ok "logs '$1'"
	else
		not_ok "logs '$1'"
		note "$(log | grep tdx)"
	fi
}

# --- the modules

load_sim() {
	modprobe tdx_seamsim "$@"
}

# A TDX module that cannot be shut down would keep it loaded (tests/vm/unload.sh).
load_host() {
	modprobe tdx_host allow_unload=1 "$@"
}

# The first load, and the first N tasks, take memory that the kernel keeps:
# caches, stacks, page tables.
warm_up() {
	warm=1
	load_sim profile=next && load_host init=eager && modprobe tdx_consumer tasks="${1:-1}"
	rmmod tdx_consumer tdx_host tdx_seamsim
}

# A load that must work for the case to mean anything.
load() {
	if [ -z "${warm:-}" ]; then
		warm_up
		mark
	fi
	# Parameters are words.
	# shellcheck disable=SC2086
	if ! load_sim $1 || ! { free_before=$(free_kib) && load_host $2; }; then
		not_ok "loads"
		note "$(log | tail -n 5)"
		done_testing
	fi
}

# Names a case, and loads the simulator alone.
simulate() {
	begin "$1"
	# Parameters are words.
	# shellcheck disable=SC2086
	if ! load_sim $2; then
		not_ok "loads the simulator"
		done_testing
	fi
	free_before=$(free_kib)
}

# A command; its output in $out, its exit status in $rc.
capture() {
	out=$("$@" 2>&1)
	rc=$?
}

# What --module put there. Some may be loaded already, for another one's sake.
kernel_modules() {
	for ko in /vm/ko/*.ko; do
		insmod "$ko" 2>/dev/null || true
	done
}

loaded() {
	[ -d "/sys/module/$1" ]
}

# For who has not been loaded by load_host.
allow_unload() {
	if [ -n "$(host stays_loaded)" ]; then
		echo 1 >/sys/module/tdx_host/parameters/allow_unload
	fi
}

# A violation anywhere between load and unload fails the case that caused it, and
# so does memory that is lost.
unload() {
	allow_unload
	loaded tdx_consumer && check "unloads tdx_consumer" rmmod tdx_consumer
	loaded tdx_host && check "unloads tdx_host" rmmod tdx_host
	memory_is_back
	is "breaks no rule" "$(cat "$SIM/violations")" ""
	rmmod tdx_seamsim || { not_ok "unloads tdx_seamsim"; done_testing; }
}

host() {
	cat "$SYS/$1" 2>/dev/null
}

enable() {
	echo 1 2>/dev/null >"$SYS/enable"
}

# KEY: its value in the simulator's report.
sim_report() {
	awk -v key="$1" '$1 == key { print $2 }' "$SIM/report"
}

# What sets the loaded TDX module apart from others.
wants_every_lp() {
	[ "$(sim_report wants_every_lp)" = 1 ]
}

# The leaf, or "none".
shutdown_leaf() {
	sim_report shutdown_leaf
}

# Calls of a leaf that the TDX module has seen.
calls() {
	awk -v leaf="$1" '$1 == "leaf" && $2 == leaf { n = $4 } END { print n + 0 }' "$SIM/report"
}

# tdx_enable() from N tasks at once, as KVM would; then "result same?".
consume() {
	modprobe tdx_consumer tasks="$1" && echo "$(cat "$CONSUMER/result") $(cat "$CONSUMER/same")"
}

# Everything that is true of a host whose TDX module is up.
is_up() {
	is "state" "$(host state)" initialized
	is "every online CPU is initialised" "$(host cpus_initialized)" "$(online)"
	is "none is missing" "$(host cpus_missing)" ""
	is "no error is kept" "$(host last_error)" ""
	is "the TDX module is READY" "$(sim_report ready)" 1
	is "TDH.SYS.INIT once" "$(calls TDH.SYS.INIT)" 1
	is "TDH.SYS.LP.INIT once per CPU" "$(calls TDH.SYS.LP.INIT)" "$(nproc)"
	is "TDH.SYS.KEY.CONFIG once per package" "$(calls TDH.SYS.KEY.CONFIG)" "$(nr_packages)"
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

# --- the machine

online() {
	cat /sys/devices/system/cpu/online
}

# SECONDS COMMAND...: waits until COMMAND succeeds, that long at most.
wait_for() {
	tries=$(($1 * 5))
	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return
		sleep 0.2
	done
}

# Less than $1, which is 65536 at most.
random() {
	echo $(($(od -An -N2 -tu2 /dev/urandom) % $1))
}

nr_packages() {
	cat /sys/devices/system/cpu/cpu*/topology/physical_package_id | sort -u | wc -l
}

# Free pages in KiB, those on the per-CPU lists included; MemFree alone moves
# by megabytes as those fill and drain.  Slab, stacks and page tables count as
# free: 100 tasks leave more than a megabyte of them behind for a while.  What
# leaks there is for tests/vm/rounds.sh and kmemleak.
free_kib() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 == "pages" && $2 == "free" { n += $3 * 4 }
		$1 == "count:" { n += $2 * 4 }
		$1 == "Slab:" || $1 == "KernelStack:" || $1 == "PageTables:" { n += $2 }
		END { print n }' /proc/zoneinfo /proc/meminfo
}

# --- a CPU that a real-time task keeps to itself

# PRIORITY CPU PID...: until stop_spinning.  The PIDs are threads that must run all the same.
# Ordinary tasks there get nothing: neither the throttling of real-time tasks nor the
# deadline server for the others (Linux 6.12) helps them.
spin_on() {
	priority=$1
	cpu=$2
	shift 2
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	mask=$(printf %x $((1 << cpu)))
	server=/sys/kernel/debug/sched/fair_server/cpu$cpu/runtime
	# From that CPU: 6.12 warns if it stops a server that no ordinary task has started.
	[ ! -e "$server" ] || taskset "$mask" sh -c "echo 0 >$server"
	taskset "$mask" spin "$priority" "$@" &
	spinner=$!
	# The processor it is on, and its policy.
	until [ "$(awk '{ print $39, $41 }' /proc/$spinner/stat)" = "$cpu 1" ]; do
		usleep 10000
	done
}

stop_spinning() {
	kill "$spinner"
	wait "$spinner" 2>/dev/null
}

# Threads of CPU $1 that real-time hosts give a higher priority than their tasks.
softirq_threads() {
	grep -lxE "(ksoftirqd|ktimers|rcuc)/$1" /proc/[0-9]*/comm | cut -d / -f 3
}

# --- ftrace

TRACE=/sys/kernel/tracing

mount_trace() {
	[ -e $TRACE/trace ] || mount -t tracefs trace $TRACE
}

# --- function-call interrupts

# Every way to a function-call interrupt, with the stack that asked for one. The scheduler is
# told to make none when it wakes a task on another CPU, be it tdx_host's worker or the kernel's
# own: the wake-up of an idle CPU is the reschedule interrupt that it is, and the one of a busy
# CPU does not restart the timer that ends a time slice there (on by default in Linux 7.2).
watch_function_calls() {
	mount_trace
	echo NO_TTWU_QUEUE >/sys/kernel/debug/sched/features
	echo NO_HRTICK >/sys/kernel/debug/sched/features
	for f in smp_call_function_single smp_call_function_single_async smp_call_function_many_cond \
			smp_call_function_any smp_call_on_cpu; do
		echo $f >>$TRACE/set_ftrace_filter 2>/dev/null
	done
	at_least "the ways to a function-call interrupt are watched" \
		"$(grep -c ^smp_call $TRACE/set_ftrace_filter)" 3
	echo function >$TRACE/current_tracer
	echo 1 >$TRACE/options/func_stack_trace
	echo 0 >$TRACE/tracing_on
}

# Those in a trace, each with its stack, but for the scheduler's own: its tick kicks an idle
# CPU to balance load, whoever it is that runs. Between a call and its stack there may be
# lines of other CPUs, and of events, which have stacks, too.
asked_calls() {
	awk 'function done() { if (text != "" && !tick) printf "%s", text; text = "" }
		match($0, /\[[0-9]+\]/) { cpu = substr($0, RSTART, RLENGTH) }
		/<stack trace>/ { done(); text = call[cpu]; call[cpu] = ""; tick = 0; next }
		/ <-/ { done(); text = call[cpu]; tick = 0; done(); call[cpu] = $0 "\n"; next }
		/^ *=> / { if (text != "") text = text $0 "\n" }
		/=> (update_process_times|sched_tick|scheduler_tick|trigger_load_balance)/ { tick = 1 }
		!/^ *=> / { done() }
		END { done(); tick = 0; for (cpu in call) { text = call[cpu]; done() } }' "$1"
}

# How many.
function_calls() {
	asked_calls "$1" | grep -c ' <-'
}

# --- growth, over many rounds of the same

# Once caches are warm.
remember_memory() {
	objects >/tmp/objects
	free_then=$(($(free_kib) + $(split_kib)))
	slab_then=$(slab_kib)
}

slab_kib() {
	awk '$1 == "Slab:" { print $2 }' /proc/meminfo
}

# Page tables of the kernel's own map of memory, which modules split for good
# wherever they come to lie.
split_kib() {
	awk '$1 == "DirectMap4k:" { print int($2 / 512) }' /proc/meminfo
}

# "cache objects" a line.  Slabs that a CPU holds on to count as full, up to 512
# objects each: so all are taken from the CPUs, and nothing runs on more than one
# before they are counted.  The files that this opens are freed within a second.
objects() {
	[ -e /tmp/never ] || mkfifo /tmp/never
	echo 3 >/proc/sys/vm/drop_caches
	taskset 1 sh -c 'for cache in /sys/kernel/slab/*/shrink; do
			[ -L "${cache%/*}" ] || echo 1 >"$cache"
		done
		read -r -t 1 rest <>/tmp/never
		while read -r cache objects rest; do
			echo "$cache $objects"
		done </proc/slabinfo'
}

gone_kib() {
	echo $((free_then - $(free_kib) - $(split_kib)))
}

# Caches that have $1 objects more, or more, than remember_memory saw.
grown() {
	objects | awk -v by="$1" 'FNR == NR { was[$1] = $2; next }
		$1 in was && $2 - was[$1] >= by { print $1 " +" $2 - was[$1] }' /tmp/objects -
}

# OBJECTS KIB: since remember_memory no cache has grown by OBJECTS, and no more than
# KIB are missing or in slabs.  Frees that wait for RCU get five seconds.
no_growth() {
	if [ -e "$KMEMLEAK" ]; then
		note "growth is not measured: KASAN holds back what was freed; kmemleak looks for what is lost"
		return
	fi
	for try in $(seq 25); do
		kinds=$(grown "$1")
		lost=$(gone_kib)
		more=$(($(slab_kib) - slab_then))
		[ "$lost" -gt "$2" ] || [ "$more" -gt "$2" ] || [ -n "$kinds" ] || break
		sleep 0.2
	done
	check "free memory shrinks by $2 KiB at most: $lost" [ "$lost" -le "$2" ]
	check "slabs grow by $2 KiB at most: $more" [ "$more" -le "$2" ]
	is "no cache grows by $1 objects" "$kinds" ""
}

# On the kernel of scripts/debug-kernel: objects to which no pointer is left. Those
# younger than 5 s are not looked at.
KMEMLEAK=/sys/kernel/debug/kmemleak
no_leaks() {
	[ -e "$KMEMLEAK" ] || return 0
	sleep 5
	echo scan >"$KMEMLEAK"
	is "kmemleak finds nothing" "$(head -n 40 "$KMEMLEAK")" ""
}

# Memory that the log says is kept, on purpose, for a TDX module that cannot be
# shut down.
kept_kib() {
	log | awk '/ KB of PAMT stay with the TDX module/ { sub(/.*tdx_host: /, ""); n += $1 } END { print n + 0 }'
}

# The smallest PAMT here is 4 MB.  What moves without any leak: some hundred KiB.
# Frees that wait for RCU get five seconds.
FREE_TOLERANCE_KIB=1024
memory_is_back() {
	if [ -e "$KMEMLEAK" ]; then
		note "free memory is not compared: KASAN holds back megabytes of what was freed"
		return
	fi
	want=$((free_before - $(kept_kib)))
	for try in $(seq 25); do
		now=$(free_kib)
		[ $((now + FREE_TOLERANCE_KIB)) -ge "$want" ] && break
		sleep 0.2
	done
	if [ $((now + FREE_TOLERANCE_KIB)) -ge "$want" ]; then
		ok "free memory is what it was"
	else
		not_ok "free memory is what it was"
		note "$((want - now)) KiB are missing"
	fi
}

# The same where there are many cases: free pages alone, and no cache dropped for them.
free_now() {
	awk '$1 == "pages" && $2 == "free" { n += $3 } $1 == "count:" { n += $2 }
		END { print n * 4 }' /proc/zoneinfo
}

# BEFORE LOOK: what is missing of BEFORE KiB.  LOOK, free_now or free_kib,
# counts again where frees wait for RCU or caches have grown.
lost_kib() {
	lost=$(($1 - $(free_now)))
	for try in $(seq 25); do
		[ "$lost" -gt "$FREE_TOLERANCE_KIB" ] || break
		sleep 0.2
		lost=$(($1 - $($2)))
	done
	echo "$lost"
}
