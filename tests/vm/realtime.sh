#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A real-time task monopolises a CPU for good.  After a bounded wait, tdx_host does short work
# there in an interrupt and long work not at all, and nothing hangs.  tests/vm/leave.sh tests
# restart and kexec in this state.
#vm   6.1    --cpus 2x2x1 --append isolcpus=3 --append nohz_full=3 --append rcu_nocbs=3
#slow 6.1-rt --cpus 2x2x1 --append isolcpus=3 --append nohz_full=3 --append rcu_nocbs=3
#slow 6.12   --cpus 2x2x1 --append isolcpus=3 --append nohz_full=3 --append rcu_nocbs=3
. /lib/tdx.sh
CPU=/sys/devices/system/cpu
SILENT="began no work item in 2000 ms, as if a real-time task kept it to itself"

# 99 is the highest priority.
starve() {
	spin_on 99 "$1"
	taskset "$(printf %x $((1 << $1)))" touch /tmp/ran &
	ordinary=$!
}

# The CPU starved to the end: waiting work has not run.
relieve() {
	check "an ordinary task of that CPU has not run" fails [ -e /tmp/ran ]
	stop_spinning
	wait "$ordinary"
	rm -f /tmp/ran
}

# COMMAND...: must end within the time limit.
ends() {
	"$@" &
	pid=$!
	for _ in $(seq 300); do
		[ -d "/proc/$pid" ] || break
		sleep 0.1
	done
	if [ -d "/proc/$pid" ]; then
		not_ok "$* ends"
		note "$(cat "/proc/$pid/stack" 2>/dev/null)"
		# Unloading would hang, too.
		done_testing
	fi
	wait "$pid"
}

# SIM HOST CPU: brings TDX up while CPU is starved.
up_starved() {
	load_sim "profile=$1"
	free_before=$(free_kib)
	starve "$3"
	# Parameters are words.
	# shellcheck disable=SC2086
	check "loads" ends load_host init=eager $2
	is "state" "$(host state)" initialized
	is "no error is kept" "$(host last_error)" ""
}

silences() {
	log | grep -cF -e "CPU $1 $SILENT"
}

warm_up

begin "1.5.01 needs the starved CPU"
up_starved 1.5.01 "" 3
is "every CPU is initialised" "$(host cpus_initialized)" 0-3
is "TDH.SYS.LP.INIT once per CPU" "$(calls TDH.SYS.LP.INIT)" 4
is "the log names the CPU once" "$(silences 3)" 1
logged "calls there are made in interrupts from now on, the first took"
check "CPU 1 goes" ends eval "echo 0 >$CPU/cpu1/online"
check "CPU 1 comes back" ends eval "echo 1 >$CPU/cpu1/online"
check "unloads" ends rmmod tdx_host
logged "KB of PAMT stay with the TDX module until the machine restarts: this version cannot be shut down"
relieve
unload

begin "1.0.3 is shut down there too"
load profile=1.0.3 init=eager
is "state" "$(host state)" initialized
starve 3
check "unloads" ends rmmod tdx_host
is "TDH.SYS.LP.SHUTDOWN once per CPU" "$(calls TDH.SYS.LP.SHUTDOWN)" 4
is "the log names the CPU once" "$(silences 3)" 1
logged "KB of PAMT stay with the TDX module until the machine restarts: the caches of CPU 3 cannot be written back"
relieve
unload

begin "once it answers again, work items reach it"
up_starved 1.0.3 "" 3
relieve
check "unloads" ends rmmod tdx_host
is "the log names the CPU once" "$(silences 3)" 1
is "nothing stays" "$(kept_kib)" 0
unload

begin "the newest does without it"
up_starved next flush=wbinvd 3
is "the others are initialised" "$(host cpus_initialized)" 0-2
logged "CPU 3 $SILENT: it is left out of the heavy work"
check "unloads" ends rmmod tdx_host
is "nothing stays" "$(kept_kib)" 0
relieve
unload

begin "a CPU that comes online meanwhile"
echo 0 >$CPU/cpu1/online
up_starved next "" 3
check "CPU 1 comes online" ends eval "echo 1 >$CPU/cpu1/online"
is "and is initialised" "$(host cpus_initialized)" 0-2
is "no call was wanted of CPU 3" "$(silences 3)" 0
check "unloads" ends rmmod tdx_host
relieve
unload

# The kernel's own threads starve, too: modules cannot be loaded or unloaded.
begin "a housekeeping CPU is starved"
load
starve 1
check "bring-up" ends enable
is "state" "$(host state)" initialized
is "the log names the CPU once" "$(silences 1)" 1
is "every CPU is initialised" "$(host cpus_initialized)" 0-3
is "TDH.SYS.KEY.CONFIG once per package" "$(calls TDH.SYS.KEY.CONFIG)" 2
relieve
unload

begin "and is the only one for the heavy work"
load "" cpus=1
starve 1
check "bring-up" ends enable
is "state" "$(host state)" initialized
relieve
unload

done_testing
