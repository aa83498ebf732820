#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Many rounds of the same lose no memory.
# Arguments: the number of rounds of load, enable and unload, and of 1000 callers.
#
# 200 rounds take a minute or two, but longer on a CPU with the partial-write
# erratum, where an instruction that traps here resets each line of a PAMT.
#vm 6.1    --cpus 2x1x1 --mem 1G --append init_on_alloc=0 --qemu -cpu --qemu max,vendor=GenuineIntel,family=6,model=173 -- 200 0
#vm 6.1    --cpus 2x2x1 --mem 1G -- 0 5
#vm 6.1-rt --cpus 2x1x1 --mem 1G --append init_on_alloc=0 -- 30 1
#slow 6.12   --cpus 2x1x1 --mem 1G --append init_on_alloc=0 -- 30 2
. /lib/tdx.sh
KO=/lib/modules/$(uname -r)/extra
TOLERANCE_KIB=1024
rounds=$1 callers=$2

# On that kernel kmemleak finds in a few rounds what otherwise takes many.
if [ -e "$KMEMLEAK" ]; then
	rounds=$((rounds / 10)) callers=$((callers > 0))
fi

# A fresh TDX module comes up and is shut down.  Only insmod and rmmod run.
round() {
	state='' broken=''
	insmod "$KO/tdx_seamsim.ko" profile=next &&
		insmod "$KO/tdx_host.ko" &&
		echo 1 >$SYS/enable
	read -r state <$SYS/state
	rmmod tdx_host
	read -r broken <$SIM/violations
	rmmod tdx_seamsim
	[ "$state:$broken" = initialized: ]
}

# N: prints how many rounds of N failed.
many_rounds() {
	failed=0 i=0
	while [ "$i" -lt "$1" ]; do
		i=$((i + 1))
		round && continue
		failed=$((failed + 1))
		note "round $i: state '$state' '$broken'"
	done
}

one_thousand() {
	load_sim profile=next && load_host && result=$(consume 1000)
	inits=$(calls TDH.SYS.INIT)
	rmmod tdx_consumer tdx_host
	broken=$(cat "$SIM/violations")
	rmmod tdx_seamsim
}

clock() {
	awk -v since="${1:-0}" '{ print $1 - since }' /proc/uptime
}

# A round waits for RCU a dozen times, milliseconds each, and as long for
# the console, which now gets warnings only.
echo 1 >/sys/kernel/rcu_expedited
echo N >/sys/module/printk/parameters/ignore_loglevel
dmesg -n 5

if [ "$rounds" -gt 0 ]; then
	begin "load, enable, unload"
	many_rounds 20
	remember_memory
	start=$(clock)
	many_rounds "$rounds"
	is "$rounds rounds in $(clock "$start") s: those that failed" "$failed" 0
	# A leak of one object a round; about a hundred objects come and go anyway.
	no_growth 200 $TOLERANCE_KIB
fi

if [ "$callers" -gt 0 ]; then
	begin "1000 callers"
	warm_up 1000
	one_thousand
	remember_memory
	start=$(clock)
	for n in $(seq "$callers"); do
		one_thousand
		is "all callers get the same result" "$result" "0 Y"
		is "there was one bring-up" "$inits" 1
		is "and no rule was broken" "$broken" ""
	done
	note "$callers times in $(clock "$start") s"
	no_growth 1000 $TOLERANCE_KIB
fi

begin "the simulator notices memory that is not freed"
remember_memory
for n in $(seq 300); do
	: >/tmp/stays."$n"
done
dd if=/dev/zero of=/tmp/stays bs=1M count=2 2>/dev/null
more=$(grown 200)
check "300 files: $(echo "$more" | tr '\n' ' ')" [ -n "$more" ]
at_least "2 MB" "$(gone_kib)" $((TOLERANCE_KIB + 1))

done_testing
