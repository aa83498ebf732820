#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# 100 tasks call tdx_enable() at once: one bring-up runs, and all get its result.  KeyIDs
# can be allocated and freed in interrupts.
#vm 6.1    --cpus 2x4x1
#vm 6.1-rt --cpus 2x4x1
#vm 6.12   --cpus 2x4x1
. /lib/tdx.sh

warm_up 100

begin "100 tasks"
load latency_us=20
is "tdx_enable() returns" "$(consume 100)" "0 Y"
is_up
unload

begin "100 tasks and a fault"
load fault=TDH.SYS.CONFIG:1:0:0xc0000a0000000000
is "tdx_enable() returns -EINVAL" "$(consume 100)" "-22 Y"
is "state" "$(host state)" failed
is "TDH.SYS.INIT once" "$(calls TDH.SYS.INIT)" 1
unload

begin "100 tasks and no TDX module"
load loaded=0
is "tdx_enable() returns -ENODEV" "$(consume 100)" "-19 Y"
is "state" "$(host state)" not-loaded
is "TDH.SYS.INIT once" "$(calls TDH.SYS.INIT)" 1
unload

# KVM allocates its KeyIDs from an IDA, which works in any context.
begin "KeyIDs, in the middle of taking and giving one"
load "" init=eager
modprobe tdx_consumer ipis=5000
is "each interrupt got a KeyID" "$(cat "$CONSUMER/ipi_keyids")" 5000
is "all KeyIDs are free again" "$(host nr_keyids_free)" 47
unload

done_testing
