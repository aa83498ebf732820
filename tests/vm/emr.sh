#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The map of tests/data/memmaps/emr-foxcreekpass-256g.dmesg: its 16 holes below
# 2 GB, its CMRs as reported.  One reserved area a hole is one too many for the
# 16 a TDMR has: Linux's own bring-up fails on that machine.
#vm 6.1 --cpus 2x1x1 --mem 4G --append memmap=0xc2000$0x5d169000,0x9b000$0x5d3cf000,0x10000$0x5e5b3000,0x12000$0x5e5d3000,0x2800000$0x5eb58000,0x6a000$0x6172b000,0x114000$0x617ff000,0x47000$0x61999000,0x8000$0x619e2000,0x188000$0x61a27000,0xaf000$0x623c3000,0x1201000$0x62824000,0x400000$0x63d58000,0x3c000$0x64159000,0xe30000$0x6e9cf000,0x10800000$0x6f800000
#slow 6.1-rt --cpus 2x1x1 --mem 4G --append memmap=0xc2000$0x5d169000,0x9b000$0x5d3cf000,0x10000$0x5e5b3000,0x12000$0x5e5d3000,0x2800000$0x5eb58000,0x6a000$0x6172b000,0x114000$0x617ff000,0x47000$0x61999000,0x8000$0x619e2000,0x188000$0x61a27000,0xaf000$0x623c3000,0x1201000$0x62824000,0x400000$0x63d58000,0x3c000$0x64159000,0xe30000$0x6e9cf000,0x10800000$0x6f800000
#slow 6.12 --cpus 2x1x1 --mem 4G --append memmap=0xc2000$0x5d169000,0x9b000$0x5d3cf000,0x10000$0x5e5b3000,0x12000$0x5e5d3000,0x2800000$0x5eb58000,0x6a000$0x6172b000,0x114000$0x617ff000,0x47000$0x61999000,0x8000$0x619e2000,0x188000$0x61a27000,0xaf000$0x623c3000,0x1201000$0x62824000,0x400000$0x63d58000,0x3c000$0x64159000,0xe30000$0x6e9cf000,0x10800000$0x6f800000
. /lib/tdx.sh

CMRS=0x100000-0x6f800000,0x100000000-0x107a000000,0x1080000000-0x207c000000
CMRS=$CMRS,0x2080000000-0x307c000000,0x3080000000-0x407c000000

begin "the simulated machine has the map"
is "pieces of RAM below 2 GB, each but the first after a hole" \
	"$(awk -F '[- ]' '/ : System RAM$/ && length($1) == 8 && $1 < "80000000" && $1 >= "00100000"' \
		/proc/iomem | grep -vc '^ ')" 16

for profile in 1.0.3 1.5.01 next; do
	begin "module $profile"
	load "profile=$profile cmr=$CMRS mktme_keyids=31 tdx_keyids=32" init=eager
	is_up
	logged "BIOS enabled: private KeyID range [32, 64)"
	logged "CMR: [0x100000, 0x6f800000)"
	at_least "TDX memory holds the RAM" "$(host tdx_memory_bytes)" \
		"$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)"
	is "nothing was left out" "$(host excluded_bytes)" 0
	unload
done

done_testing
