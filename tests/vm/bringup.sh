#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Bring-up on every kernel, topology and TDX module, started in every way.
#vm 6.1    --cpus 1
#vm 6.1    --cpus 2x1x1
#vm 6.1    --cpus 4x2x1
#vm 6.1    --cpus 2x1x2 --numa 2 --mem 4G
#slow 6.1-rt --cpus 1
#slow 6.1-rt --cpus 2x1x1
#vm 6.1-rt --cpus 4x2x1
#slow 6.1-rt --cpus 2x1x2 --numa 2 --mem 4G
#slow 6.12   --cpus 1
#slow 6.12   --cpus 2x1x1
#slow 6.12   --cpus 4x2x1
#vm 6.12   --cpus 2x1x2 --numa 2 --mem 4G
. /lib/tdx.sh

mem_bytes=$(awk '/^MemTotal/ { print $2 * 1024 }' /proc/meminfo)

for profile in 1.0.3 1.5.01 1.5.05 1.5.34 2.0.14 next; do
	begin "eager, module $profile"
	load profile="$profile" init=eager
	is_up
	is "first TDX KeyID" "$(host keyid_start)" 16
	is "TDX KeyIDs" "$(host nr_keyids)" 48
	at_least "CMRs hold the RAM" "$(host cmr_bytes)" "$mem_bytes"
	at_least "TDX memory holds the RAM" "$(host tdx_memory_bytes)" "$mem_bytes"
	at_least "a PAMT is 4 MB a GB at least" "$(host pamt_bytes)" $((mem_bytes / 256))
	at_least "TDMRs" "$(host nr_tdmrs)" 1
	at_least "the time it took" "$(host init_time_us)" 1
	case $profile in
	# TDH.SYS.INFO does not contain the update version.
	1.0.3) holds "version" "$(host version)" 1.0. ;;
	next) holds "version" "$(host version)" 1.5. ;;
	*) is "version" "$(host version)" "${profile%.*}.$(printf %02d "${profile##*.}")" ;;
	esac
	# MAX_VCPUS_PER_TD; TDX 1.0 has no such leaf, and fails the call once.
	case $profile in
	1.0.3) rd='calls 1 errors 1 absent 0' ;;
	1.5.01) rd='errors 0 absent 1' ;;
	*) rd='errors 0 absent 0' ;;
	esac
	holds "TDH.SYS.RD: $rd" "$(grep ^leaf.TDH.SYS.RD "$SIM/report")" "$rd"
	logged "BIOS enabled: private KeyID range [16, 64)"
	logged "CMR: [0x100000, "
	logged "KB allocated for PAMT"
	logged "module initialized"
	unload
done

begin "on demand, by sysfs"
load
is "state" "$(host state)" uninitialized
is "the TDX module was not called" "$(sim_report calls)" 0
check "echo 1 > enable" enable
is_up
check "enabling again is no error" enable
is "and TDH.SYS.INIT is not called again" "$(calls TDH.SYS.INIT)" 1
unload

begin "on demand, by a module that binds to tdx_enable()"
load
is "tdx_enable() returns" "$(consume 1)" "0 Y"
is_up
check "tdx_host stays while it is bound" fails rmmod tdx_host
unload

begin "init=off refuses bring-up"
load "" init=off
is "state" "$(host state)" off
check "echo 1 > enable fails" fails enable
is "tdx_enable() returns -ENODEV" "$(consume 1)" "-19 Y"
is "the TDX module was not called" "$(sim_report calls)" 0
unload

done_testing
