#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Suspend and hibernation: allowed before bring-up, refused when the TDX module would lose
# its state.  pm_test stops the kernel before it really sleeps.
#vm 6.1
#vm 6.1-rt
#vm 6.12
. /lib/tdx.sh
echo devices >/sys/power/pm_test
echo 0 >/sys/module/suspend/parameters/pm_test_delay 2>/dev/null

sleep_mem() {
	echo "$1" >/sys/power/mem_sleep && echo mem 2>/dev/null >/sys/power/state
}

hibernate() {
	echo disk 2>/dev/null >/sys/power/state
}

begin "before bring-up"
load
check "suspend to RAM is allowed" sleep_mem deep
check "suspend-to-idle is allowed" sleep_mem s2idle

case_name="initialized: "
check "bring-up" enable
check "suspend to RAM is refused" fails sleep_mem deep
logged "refusing suspend to RAM: the TDX module would lose its state"
check "hibernation is refused" fails hibernate
check "s2idle goes on" sleep_mem s2idle
is "state" "$(host state)" initialized
unload

begin "failed"
load loaded=0 init=eager
check "suspend to RAM is allowed" sleep_mem deep
unload

done_testing
