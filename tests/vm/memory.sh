#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Memory comes online before, during and after bring-up, inside and outside the CMRs,
# covered by TDMRs or not.  Argument: the kind of memory.
#vm 6.1    --mem 2G,slots=2,maxmem=8G --qemu -object --qemu memory-backend-ram,id=d0,size=1G --qemu -device --qemu pc-dimm,memdev=d0 -- dimm
#slow 6.1-rt --mem 2G,slots=2,maxmem=8G --qemu -object --qemu memory-backend-ram,id=d0,size=1G --qemu -device --qemu pc-dimm,memdev=d0 -- dimm
#vm 6.12   --mem 2G,slots=2,maxmem=8G --append memhp_default_state=offline --qemu -object --qemu memory-backend-ram,id=d0,size=1G --qemu -device --qemu pc-dimm,memdev=d0 -- dimm
#vm 6.12   --mem 2G,slots=2,maxmem=8G --append memhp_default_state=offline --module virtio_mem --module virtio_pci --qemu -object --qemu memory-backend-ram,id=d0,size=1G --qemu -device --qemu virtio-mem-pci,memdev=d0,requested-size=1G -- virtio
#vm 6.1    --mem 3G --numa 1 --append memmap=1G!4G --append memhp_default_state=offline --module nd_e820 --module nd_pmem --module dax_pmem --module kmem -- kmem
#slow 6.12 --mem 3G --numa 1 --append memmap=1G!4G --append memhp_default_state=offline --module nd_e820 --module nd_pmem --module dax_pmem --module kmem -- kmem
. /lib/tdx.sh
MEMORY=/sys/devices/system/memory

# memmap= makes persistent memory: a DAX device, of which kmem makes memory blocks.
pmem_to_blocks() {
	seed=/sys/bus/nd/devices/dax0.0
	echo namespace0.0 >/sys/bus/nd/drivers/nd_pmem/unbind
	echo ram >$seed/mode
	echo 2097152 >$seed/align
	echo b6cf2c75-3ab6-4b8f-9c63-5ee2dbe0a2d1 >$seed/uuid
	echo namespace0.0 >$seed/namespace
	echo dax0.0 >/sys/bus/nd/drivers/dax_pmem/bind
	[ ! -e /sys/bus/dax/drivers/device_dax/dax0.0 ] ||
		echo dax0.0 >/sys/bus/dax/drivers/device_dax/unbind
	echo dax0.0 >/sys/bus/dax/drivers/kmem/new_id
}

[ "$1" = dimm ] || kernel_modules
usleep 500000
[ "$1" != kmem ] || pmem_to_blocks

blocks() {
	for b in $MEMORY/memory[0-9]*; do
		[ "$(cat "$b/state")" != "$1" ] || echo "$b"
	done
}

# BLOCK online|offline
turn() {
	echo "$2" 2>/dev/null >"$1/state"
}

block_start() {
	echo $((0x$(cat "$1/phys_index") * 0x$(cat $MEMORY/block_size_bytes)))
}

hot=$(blocks offline | head -n 1)
# Without the block there is less than 2 GB, with it more.
case $hot in
'') not_ok "there is memory to bring online"; done_testing ;;
esac
first=$(block_start "$hot")
size=$((0x$(cat $MEMORY/block_size_bytes)))
low_end=$(awk -F'[- ]' '/System RAM/ && length($2) == 8 { e = $2 } END { print e }' /proc/iomem)
low=0x100000-$(printf 0x%x $((0x$low_end + 1)))
whole=$low,$(printf 0x%x-0x%x "$first" $((first + (1 << 30))))
note "memory block at $(printf 0x%x "$first"), $size bytes; CMRs $low or $whole"

begin "online before bring-up, inside the CMRs"
check "a block comes online" turn "$hot" online_movable
load "cmr=$whole" init=eager
is "state" "$(host state)" initialized
at_least "the block is TDX memory" "$(host tdx_memory_bytes)" $((2 << 30))
unload

begin "online before bring-up, outside the CMRs"
load "cmr=$low" init=eager
is "state" "$(host state)" failed
holds "last_error names the range" "$(host last_error)" "[$(printf 0x%x "$first"), $(printf 0x%x $((first + size))))"
holds "last_error has the reason" "$(host last_error)" "no CMR covers it"
unload

begin "the same, best effort"
load "cmr=$low" "init=eager policy=best-effort"
is "state" "$(host state)" initialized
is "the memory is left out" "$(host excluded_bytes)" "$size"
unload
check "the block goes offline" turn "$hot" offline

begin "online after bring-up, not covered"
load "cmr=$whole" init=eager
check "the block is refused" fails turn "$hot" online_movable
logged "refusing to online memory [$(printf 0x%x "$first"), $(printf 0x%x $((first + size))))"
logged "coverage=convertible covers all that the BIOS allows"
unload

begin "online after bring-up, covered"
load "cmr=$whole" "init=eager coverage=convertible"
is "state" "$(host state)" initialized
check "the block comes online" turn "$hot" online_movable
check "the block goes offline again" turn "$hot" offline
unload

begin "online after bring-up, outside the CMRs"
load "cmr=$low" "init=eager coverage=convertible"
check "the block is refused" fails turn "$hot" online_movable
unload

begin "nothing is refused once tdx_host is gone"
check "the block comes online" turn "$hot" online_movable
check "the block goes offline again" turn "$hot" offline

# Microseconds that each TDH.SYS.TDMR.INIT takes.  PAMTs must come back: memory is compared
# after many rounds.
during() {
	load "profile=next cmr=$whole latency=TDH.SYS.TDMR.INIT:$1"
	enable &
	while [ "$(host state)" = uninitialized ]; do usleep 1000; done
	turn "$hot" online_movable && came=1 || came=0
	wait
	is "state" "$(host state)" initialized
	covered=$(($(host tdx_memory_bytes) >= 2 << 30))
	is "the block is online if and only if it is TDX memory" "$came" "$covered"
	[ "$came" = 0 ] || check "the block goes offline" turn "$hot" offline
	unload
}

begin "online during bring-up"
during 4000

# The block passes tdx_host's check before bring-up, and comes online after the walk over RAM.
begin "memory that is coming online when bring-up begins"
modprobe tdx_slowmem ms=1000
load "profile=next cmr=$whole"
(turn "$hot" online_movable; echo $? >/tmp/came) &
until [ "$(cat /sys/module/tdx_slowmem/parameters/busy)" = Y ]; do usleep 1000; done
check "echo 1 > enable" enable
wait
is "the block came online" "$(cat /tmp/came)" 0
at_least "and is TDX memory" "$(host tdx_memory_bytes)" $((2 << 30))
check "the block goes offline" turn "$hot" offline
unload
rmmod tdx_slowmem

for n in $(seq 12); do
	begin "online during bring-up, round $n"
	during 100
	[ "$n" != 2 ] || remember_memory
done
begin "ten rounds"
no_growth 200 1024

done_testing
