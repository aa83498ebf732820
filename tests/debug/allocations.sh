#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each allocation of tdx_enable() fails in turn ("each"), or some of tdx_host's allocations
# fail in all tasks ("some").  Nothing leaks, VMX is off afterwards, and the error says what
# failed.
#vm debug --cpus 2x1x1 --mem 1G -- each
#vm debug --cpus 2x1x1 --mem 1G -- some
. /lib/tdx.sh
INJECT=/sys/kernel/debug

# Each case loads everything anew: what makes that slow here is the console.
# Warnings still go there.
echo 1 >/sys/kernel/rcu_expedited
echo N >/sys/module/printk/parameters/ignore_loglevel
dmesg -n 5

for kind in failslab fail_page_alloc; do
	# Quiet: the log is searched for traces.
	echo 0 >$INJECT/$kind/verbose
	echo N >$INJECT/$kind/ignore-gfp-wait
done
echo 0 >$INJECT/fail_page_alloc/min-order

# Whatever failed, what must be true after it.
settled() {
	state=$(host state)
	case $state in
	initialized)
		is "no error is kept" "$(host last_error)" "" ;;
	failed)
		check "last_error says why" test -n "$(host last_error)" ;;
	*)
		# The kernel's own copy of what was written to enable.
		is "state" "$state" uninitialized
		is "the TDX module was not called" "$(awk '$1 == "calls" { print $2 }' "$SIM/report")" 0 ;;
	esac
	is "VMX is off" "$(cat "$SIM/vmx")" ""
	unload
}

# The Nth allocation of the task that asks fails, from the first to the last.
each() {
	nth=0
	left=0
	while [ "$left" = 0 ] && [ "$nth" -lt 1000 ]; do
		nth=$((nth + 1))
		begin "allocation $nth fails"
		load profile=next
		left=$(sh -c 'exec 3>"$1" 4>/proc/self/fail-nth 5</proc/self/fail-nth; echo "$2" >&4; echo 1 >&3
			read -r left <&5; echo 0 >&4; echo "$left"' sh "$SYS/enable" "$nth" 2>/dev/null)
		settled
	done
	note "$((nth - 1)) allocations failed, each once"
	begin "all of them"
	at_least "allocations that failed" "$((nth - 1))" 10
	# One allocation more or less from one time to the next.
	at_least "the last time none failed" "$left" 1
	is "and it came up" "$state" initialized
}

# Those made from tdx_host's text, work items included: one in $every.
some() {
	for every in 2 3 5 8 13 21; do
		begin "one in $every fails"
		load profile=next
		start=$(cat /sys/module/tdx_host/sections/.text)
		for kind in failslab fail_page_alloc; do
			echo "$start" >$INJECT/$kind/require-start
			printf '0x%x' $((start + 0x100000)) >$INJECT/$kind/require-end
			echo 32 >$INJECT/$kind/stacktrace-depth
			echo 100 >$INJECT/$kind/probability
			echo "$every" >$INJECT/$kind/interval
			echo -1 >$INJECT/$kind/times
		done
		echo 1 2>/dev/null >"$SYS/enable"
		for kind in failslab fail_page_alloc; do
			echo 0 >$INJECT/$kind/probability
		done
		settled
	done
}

"$1"
done_testing
