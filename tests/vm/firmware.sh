#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Firmware reports impossible values: limits, entry sizes, CMRs and KeyIDs, one and
# two at a time.  TDX comes up or a clear error ends it, in bounded time; nothing is lost.
# tests/unit/sysinfo_test.c tests thousands of such values.
#vm 6.1 --cpus 2x1x1 --mem 1G --timeout 240
. /lib/tdx.sh
KO=/lib/modules/$(uname -r)/extra

# Fields of TDH.SYS.RD.
MAX_TDMRS=0x9100000100000008
MAX_RESERVED=0x9100000100000009
PAMT_4K=0x9100000100000010
PAMT_2M=0x9100000100000011
PAMT_1G=0x9100000100000012
NUM_CMRS=0x9000000100000000
CMR_BASE=0x9000000300000080
CMR_SIZE=0x9000000300000100

# In seconds; a kernel with kmemleak takes long to move a GB.
patience=20
[ ! -e "$KMEMLEAK" ] || patience=180

# TDX is up, or has failed with a reason; unloading restores everything.
nasty() {
	echo "vm: firmware $*" >/dev/kmsg
	why=''
	# Parameters are words.
	insmod "$KO/tdx_seamsim.ko" profile=next "$@" || why="the simulator refuses"
	before=$(free_now)
	timeout $patience insmod "$KO/tdx_host.ko" init=eager || why="does not load in $patience s"
	state=$(host state)
	error=$(host last_error)
	case $state:$error in
	initialized:|failed:?*|unsupported:?*) ;;
	*) why="$why; state '$state', last_error '$error'" ;;
	esac
	rmmod tdx_host || why="$why; does not unload"
	broken=$(cat $SIM/violations $SIM/vmx)
	[ -z "$broken" ] || why="$why; $broken"
	rmmod tdx_seamsim
	lost=$(lost_kib "$before" free_now)
	[ "$lost" -le "$FREE_TOLERANCE_KIB" ] || why="$why; $lost KiB are missing"
	check "$*: ${error:-$state}" [ -z "$why" ]
	[ -z "$why" ] || note "$why"
	eval "n_$state=\$((\${n_$state:-0} + 1))"
}

begin "warm-up"
case_name=''
for value in 0 1 2 63 64 65 0xffff 0x10000 0xffffffffffffffff; do
	nasty field=$MAX_TDMRS:$value
done
for value in 0 1 2 16 17 1024 1025 0xffff 0xffffffffffffffff; do
	nasty field=$MAX_RESERVED:$value
done
for size in $PAMT_4K $PAMT_2M $PAMT_1G; do
	for value in 0 1 15 17 4096 4097 0xffff 0xffffffffffffffff; do
		nasty field=$size:$value
	done
done
for value in 0 2 32 33 0xffff 0xffffffffffffffff; do
	nasty field=$NUM_CMRS:$value
done
for base in 0 1 0xfff 0x1001 0x3fffffff000 0xfffffffffffff000 0xffffffffffffffff 0x8000000000000000; do
	nasty field=$CMR_BASE:$base
	nasty field=$CMR_BASE:$base,$CMR_SIZE:0x1000
	nasty field=$CMR_BASE:$base,$CMR_SIZE:0xffffffffffffffff
done
for size in 0 1 0xfff 0x1000 0x100000 0xfffffffffffff000 0xffffffffffffffff 0x8000000000000000; do
	nasty field=$CMR_SIZE:$size
	nasty field=$CMR_SIZE:$size,$MAX_TDMRS:1,$MAX_RESERVED:0
done
for value in 1 2 64; do
	nasty field=$MAX_TDMRS:$value,$MAX_RESERVED:0
	nasty field=$MAX_TDMRS:$value,$MAX_RESERVED:1
done
nasty field=$MAX_TDMRS:0xffff,$MAX_RESERVED:1024,$PAMT_4K:4096,$PAMT_2M:4096,$PAMT_1G:4096
nasty tdx_keyids=1
nasty tdx_keyids=2
nasty mktme_keyids=0 tdx_keyids=63
nasty cmr=1M-2M
nasty cmr=1M-2M,3M-4M,5M-6M,7M-8M,9M-10M,11M-12M,13M-14M,15M-16M
at_least "some come up" "${n_initialized:-0}" 5
at_least "some do not" "${n_failed:-0}" 40
# shellcheck disable=SC2154
at_least "descriptions" "$tap_n" 100
done_testing
