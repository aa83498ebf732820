#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The output of make demo.  Exit status 0 only if TDX is up.
. /lib/tdx.sh

row() {
	printf '  %-18s %s\n' "$1" "$2"
}

mib() {
	echo "$(($1 / 1048576)) MB"
}

none_if_empty() {
	value=$(host "$1")
	echo "${value:-none}"
}

echo
echo "Linux $(uname -r), log of tdx_host:"
dmesg | grep 'tdx_host: ' | sed 's/^/  /'
echo
echo "/sys/kernel/tdx_host:"
row state "$(host state)"
row version "$(host version) (build $(host build))"
row "private KeyIDs" "$(host nr_keyids), from $(host keyid_start)"
row "convertible memory" "$(mib "$(host cmr_bytes)")"
row "TDX memory" "$(mib "$(host tdx_memory_bytes)") in $(host nr_tdmrs) TDMRs"
row PAMT "$(mib "$(host pamt_bytes)")"
row CPUs "$(host cpus_initialized)"
row "missing CPUs" "$(none_if_empty cpus_missing)"
row "time taken" "$(host init_time_us) us"
row "last error" "$(none_if_empty last_error)"
echo
echo "What the simulated TDX module saw:"
awk '$1 == "leaf" { printf "  %-18s called %s times\n", $2, $4 }' "$SIM/report"
row "rules broken" "$(wc -l <"$SIM/violations")"
echo
[ "$(host state)" = initialized ] && [ -z "$(cat "$SIM/violations")" ] || exit 1

# Once more from the beginning, as a host's owner would go about it.
rmmod tdx_host && rmmod tdx_seamsim && load_sim profile=1.5.34 || exit 1

# A command as typed, and what it prints: to a file, so without colours.
typed() {
	echo "# $*"
	"$@" >/tmp/out 2>&1
	status=$?
	cat /tmp/out
	echo "(exit status $status)"
	echo
}

typed modprobe tdx_host
typed tdxhost check
typed tdxhost plan
typed tdxhost enable --wait
typed tdxhost status
[ "$(host state)" = initialized ] && [ -z "$(cat "$SIM/violations")" ]
