#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost on a running host: all forms of enable, the output of status, check and report
# afterwards, and a bring-up that goes on after tdxhost is killed.
# shellcheck disable=SC2154
#vm 6.1  --cpus 4
#vm 6.12 --cpus 2x1x2
. /lib/tdx.sh

# Slow enough to watch: 2 GB take 512 calls of TDH.SYS.TDMR.INIT.
slow="latency=36:2000"

simulate "enable --wait" "$slow"
capture tdxhost status
is "status before: exit status" "$rc" 1
holds "status before" "$out" "tdx_host is not loaded"
capture tdxhost enable --wait
is "exit status" "$rc" 0
holds "shows steps" "$out" "tdmr_init: "
is "the last line sums up the result" "$(echo "$out" | tail -n 1 | sed 's/in [0-9.]* s/in T s/; s/[0-9.]* GB/N GB/')" \
	"initialized: TDX module 1.5.01, N GB of memory, in T s"
is "no colours in a file" "$(printf '%s' "$out" | grep -c "$(printf '\033')")" 0
capture tdxhost enable --wait
is "again: exit status" "$rc" 0
holds "again: the same answer" "$out" "initialized: TDX module 1.5.01"
capture tdxhost enable init=eager
is "parameters for what is loaded: exit status" "$rc" 2
holds "parameters for what is loaded" "$out" "'modprobe -r tdx_host' first"
capture tdxhost status
is "status: exit status" "$rc" 0
holds "status" "$out" "state             initialized"
for file in version build keyid_start nr_keyids nr_tdmrs cpus_initialized; do
	holds "status has $file" "$out" "$(host $file)"
done
capture tdxhost status --json
holds "status --json" "$out" '"state": "initialized"'
holds "status --json: a number as sysfs has it" "$out" "\"tdx_memory_bytes\": $(host tdx_memory_bytes),"
capture tdxhost check
is "check: exit status" "$rc" 0
holds "check" "$out" "TDX is up"
tdxhost report --output /tmp/report
is "report: exit status" "$?" 0
for part in "== Machine" "== tdxhost status" "== tdxhost check" "initialized" "tdx_host: module initialized"; do
	holds "report has '$part'" "$(cat /tmp/report)" "$part"
done
is "report has no UUID of a disk or machine" \
	"$(grep -ciE '[0-9a-f]{8}-[0-9a-f]{4}-|serial' /tmp/report)" 0
unload

# Only root sees physical addresses, as in /proc/iomem.
as_user() {
	capture su user -c "$1"
}
mkdir -p /etc
echo 'user::1000:1000::/:/bin/sh' >/etc/passwd
simulate "not root" "fault=TDH.SYS.CONFIG:1:0:0xc0000a0000000000"
capture tdxhost enable --wait
is "bring-up has failed" "$(host state)" failed
is "mode of state" "$(stat -c %a "$SYS/state")" 444
is "mode of last_error" "$(stat -c %a "$SYS/last_error")" 400
is "modes of the lists" "$(stat -c %a /sys/kernel/debug/tdx_host/* | sort -u)" 400
as_user "cat $SYS/state"
is "state" "$out" failed
as_user "cat $SYS/last_error"
holds "last_error" "$out" "Permission denied"
as_user "tdxhost status"
is "status: exit status" "$rc" 1
holds "status" "$out" "state             failed"
holds "status says what it leaves out" "$out" "last_error        (for root only)"
as_user "tdxhost check"
is "check: exit status" "$rc" 1
holds "check says who can read why" "$out" "bring-up failed: only root can read $SYS/last_error"
echo 1 >/proc/sys/kernel/dmesg_restrict
as_user dmesg
holds "the log, with dmesg_restrict" "$out" "Operation not permitted"
unload

# Slower still, on one CPU, and watched without a fork: with every CPU in SEAMCALLs
# that take no interrupts, bring-up on a busy machine ended between two looks.
simulate "on a terminal" "latency=36:8000"
tdxhost enable --wait cpus=3 >/dev/tty2 &
pid=$!
bar=''
while kill -0 $pid 2>/dev/null; do
	read -r screen </dev/vcs2
	case $screen in
	*"##"*"tdmr_init"*)	bar=seen ;;
	esac
done
wait $pid
is "exit status" "$?" 0
is "the terminal shows a progress bar" "$bar" seen
holds "the result is left on the screen" "$(cat /dev/vcs2)" "initialized: TDX module"
is "the bar is gone" "$(grep -c '##' /dev/vcs2)" 0
unload

simulate "without --wait" "$slow"
capture tdxhost enable
is "exit status" "$rc" 0
is "enable without --wait returns at once" "$out" "initializing: 'tdxhost status --watch' shows progress"
capture tdxhost enable --wait
is "enable --wait joins: exit status" "$rc" 0
is "state" "$(host state)" initialized
unload

simulate "killed in the middle" "$slow"
setsid tdxhost enable --wait >/tmp/out 2>&1 &
pid=$!
while [ "$(host state 2>/dev/null)" != initializing ] && kill -0 $pid 2>/dev/null; do
	:
done
kill -KILL -$pid
wait $pid 2>/dev/null
capture tdxhost enable --wait
is "the kernel has finished what was begun: exit status" "$rc" 0
holds "a second enable says so" "$out" "initialized: TDX module"
unload

done_testing
