#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Parameters of tdx_host whose values are words: with an unknown word the load fails and
# the log lists the valid words; each valid word is accepted.
#vm 6.1    --cpus 1 --mem 1G
#slow 6.12   --cpus 1 --mem 1G
. /lib/tdx.sh

# PARAMETER WRONG LIST
refused() {
	begin "$1=$2"
	check "refuses the load" fails load_host "$1=$2"
	logged "invalid value '$2' for $1: use $3"
	check "is not loaded" fails loaded tdx_host
	loaded tdx_host && rmmod tdx_host
}

# PARAMETER WORD...
taken() {
	param=$1
	shift
	for word; do
		begin "$param=$word"
		check "loads" load_host "$param=$word"
		is "the parameter has the word" "$(cat /sys/module/tdx_host/parameters/"$param")" "$word"
		check "unloads" rmmod tdx_host
	done
}

begin "the simulator"
check "loads" load_sim
refused policy strct "strict or best-effort"
refused policy '' "strict or best-effort"
refused policy stric "strict or best-effort"
refused coverage onlne "online or convertible"
refused flush clflushopt "clflush or wbinvd"
refused offline_cpus maybe "fail or online"
refused init on "ondemand, eager or off"
taken policy strict best-effort
taken coverage online convertible
taken flush clflush wbinvd
taken offline_cpus fail online
taken init ondemand eager off

begin "cpus=0-"
check "refuses the load" fails load_host cpus=0-
logged "invalid CPU list '0-' for cpus"

done_testing
