#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each patch of tests/guards breaks tdx_host on purpose: the simulator reports the
# rule that the patch breaks, and no other.
#vm 6.1 --cpus 2x1x1 --mem 1G --add build/guards/pamt-not-flushed.ko --add build/guards/pamt-freed-early.ko --add build/guards/pamt-written.ko --add build/guards/vmx-left-on.ko
. /lib/tdx.sh

# FILE, simulator parameters: brings TDX up if possible, and unloads.
up_and_down() {
	check "simulator loads" load_sim "profile=$2"
	check "tdx_host loads" insmod "$1" init=eager allow_unload=1
	note "$(host state), $(cat $SIM/verify)"
	check "unloads" rmmod tdx_host
	sort -u $SIM/violations | sed 's/ cpu=.*//' | sort -u >/tmp/broken
	rmmod tdx_seamsim
}

# NAME PROFILE RULE
caught() {
	begin "$1"
	up_and_down "/vm/$1.ko" "$2"
	is "the simulator reports the broken rule" "$(cat /tmp/broken)" "$3"
}

begin "nothing broken"
up_and_down "/lib/modules/$(uname -r)/extra/tdx_host.ko" next
is "breaks no rule" "$(cat /tmp/broken)" ""

caught pamt-not-flushed next "PAMT memory freed before it was written back"
caught pamt-freed-early 1.5.01 "PAMT memory freed while it is the TDX module's"
caught pamt-written next "PAMT memory changed by the host"
caught vmx-left-on next vmx-left-on

done_testing
