#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Memory fragmented by pages that cannot move: TDMRs are cut to the free pieces (cut); if no
# cut helps, bring-up says so and leaves nothing behind (fail).
# With a TDX module of 32 TDMRs, 32 GB are first planned as TDMRs of 2 GB, whose PAMTs need
# pieces of 8 MB.  TDMRs of 1 GB need 4 MB, and the kernel takes those from a few GB: more
# than the TDMRs there have reserved areas for, so some pieces are requested elsewhere.
#vm 6.1    --cpus 2 --mem 32G --qemu -object --qemu memory-backend-ram,id=ram,size=32G,reserve=off --qemu -machine --qemu memory-backend=ram --append init_on_alloc=0 -- cut
#vm 6.1    --cpus 2 --mem 3G --append init_on_alloc=0 -- fail
#vm 6.1-rt --cpus 2 --mem 3G --append init_on_alloc=0 -- fail
#vm 6.12   --cpus 2x1x2 --mem 4G --numa 2 --append init_on_alloc=0 -- fail
. /lib/tdx.sh

# The largest free block of all zones, in KiB.
largest_block() {
	awk '{ for (i = 5; i <= NF; i++) if ($i > 0 && i > most) most = i }
		END { for (kib = 4; most > 5; most--) kib *= 2; print kib }' /proc/buddyinfo
}

# drop_caches frees memory with a delay.
pin() {
	for try in 1 2 3 4 5; do
		echo 3 >/proc/sys/vm/drop_caches
		sleep 0.5
		modprobe tdx_pins every_kib="$1"
		[ "$(largest_block)" -gt "$2" ] || break
		rmmod tdx_pins
	done
	is "largest free block, KiB" "$(largest_block)" "$2"
	note "$(cat /sys/module/tdx_pins/parameters/pinned) pages pinned"
}

if [ "$1" = cut ]; then
	begin "nothing is pinned"
	load "profile=next max_tdmrs=32" init=eager
	is "state" "$(host state)" initialized
	is "TDMRs, of 2 GB" "$(host nr_tdmrs)" 16
	unload

	begin "a page in every 8 MB"
	pin 8192 4096
	load "profile=next max_tdmrs=32" init=eager
	is_up
	at_least "TDMRs, most of 1 GB" "$(host nr_tdmrs)" 28
	unload
	done_testing
fi

begin "a page in every 2 MB"
pin 2048 1024
load "" init=eager
is "state" "$(host state)" failed
holds "last_error" "$(host last_error)" "no contiguous 4096 KB for a PAMT"
found=$(host last_error | sed -n 's/.*the largest piece found is \([0-9]*\) KB.*/\1/p')
at_least "it names the largest piece found" "$found" 1024
at_least "which is too small, $found KB" 4095 "$found"
is "no TDMR was initialised" "$(calls TDH.SYS.TDMR.INIT)" 0
unload
rmmod tdx_pins

# After memory has been freed, bring-up succeeds.
begin "the pins are gone"
load "" init=eager
is_up
unload

done_testing
