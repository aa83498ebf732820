#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost status on recorded machines, in text and JSON.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
schema=../../src/cli/schema/status.json
host=sys/kernel/tdx_host

machine() {
	{
		echo "== proc/version"
		cat
	} >"$tmp/machine"
	rm -rf "$tmp/root"
	./machine "$tmp/root" base.machine "$tmp/machine"
}

json_is_valid() {
	"$tdxhost" status --json --root "$tmp/root" >"$tmp/json" || true
	result "$(./schema "$schema" "$tmp/json" >&2; echo $?)" "$1: JSON is what the schema says"
}

machine <<'END'
END
says "not loaded" 1 "$tdxhost" status --root "$tmp/root" <<'END'
tdx_host is not loaded: 'tdxhost enable' loads it, 'tdxhost check' says whether bring-up would work
END
json_is_valid "not loaded"

machine <<END
== $host/state
uninitialized
== $host/keyid_start
16
== $host/nr_keyids
48
== $host/version
== $host/cpus_missing
0-3
== $host/progress
idle 0 0
END
says "uninitialized" 1 "$tdxhost" status --root "$tmp/root" <<'END'
state             uninitialized
keyid_start       16
nr_keyids         48
cpus_missing      0-3
END
json_is_valid "uninitialized"

machine <<END
== $host/state
initializing
== $host/progress
tdmr_init 5 64
END
says "on its way" 1 "$tdxhost" status --root "$tmp/root" <<'END'
state             initializing
progress          tdmr_init 5 of 64
END
json_is_valid "on its way"
result "$(tr -d ' \n' <"$tmp/json" | grep -qF '"progress":{"step":"tdmr_init","done":5,"total":64}'; echo $?)" \
	"on its way: progress in JSON"

machine <<END
== $host/state
initialized
== $host/version
1.5.06
== $host/build
744
== $host/features
0x40001
== $host/seamldr_version
1.5.01
== $host/num_remaining_updates
30
== $host/keyid_start
16
== $host/nr_keyids
48
== $host/nr_keyids_free
47
== $host/cmr_bytes
274730057728
== $host/tdx_memory_bytes
273804165120
== $host/excluded_bytes
0
== $host/pamt_bytes
1060372480
== $host/nr_tdmrs
64
== $host/cpus_initialized
0-127
== $host/cpus_missing
== $host/init_time_us
93127
== $host/progress
idle 0 0
== sys/kernel/debug/tdx_host/steps
sys_init 310
lp_init 1200
tdmr_init 88000
== sys/kernel/debug/tdx_host/times
TDH.SYS.INIT 30512 61024
irqs_off 45000 90000
END
says "initialized" 0 "$tdxhost" status --root "$tmp/root" <<'END'
state             initialized
version           1.5.06
build             744
seamldr_version   1.5.01
num_remaining_updates 30
features          0x40001
keyid_start       16
nr_keyids         48
nr_keyids_free    47
cmr_bytes         274730057728 (255.9 GB)
tdx_memory_bytes  273804165120 (255 GB)
excluded_bytes    0 (0 bytes)
pamt_bytes        1060372480 (1011.2 MB)
nr_tdmrs          64
cpus_initialized  0-127
init_time_us      93127 (0.093 s)
steps             sys_init          310 us
                  lp_init          1200 us
                  tdmr_init       88000 us
END
json_is_valid "initialized"
"$tdxhost" status --json --root "$tmp/root" | tr -d ' \n' >"$tmp/got"
result "$(grep -qF '"times":[{"name":"TDH.SYS.INIT","ns":30512,"cycles":61024},{"name":"irqs_off","ns":45000,"cycles":90000}]' "$tmp/got"; echo $?)" \
	"initialized: the longest run of each leaf in JSON"

error='TDH.SYS.INIT failed: TDX_INCORRECT_CPUID_VALUE (0xc000090000000000): "quoted", \backslash and a byte that is not UTF-8:'$'\xff'
machine <<END
== $host/state
failed
== $host/last_error
$error
== $host/kept_bytes
8413184
END
says "failed" 1 "$tdxhost" status --root "$tmp/root" <<END
state             failed
last_error        $error
kept_bytes        8413184 (8.0 MB)
END
json_is_valid "failed"

# The output names what only root may read.
if [ "$(id -u)" = 0 ]; then
	nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
else
	nobody() { "$@"; }
fi
chmod 755 "$tmp"
cp "$tdxhost" "$tmp/tdxhost"
chmod 400 "$tmp/root/$host/last_error"
says "failed, not root" 1 nobody "$tmp/tdxhost" status --root "$tmp/root" <<END
state             failed
last_error        (for root only)
kept_bytes        8413184 (8.0 MB)
END
nobody "$tmp/tdxhost" check --root "$tmp/root" >"$tmp/got" || true
result "$(grep -q '^FAIL  tdx_module .*only root can read /sys/kernel/tdx_host/last_error' "$tmp/got"; echo $?)" \
	"failed, not root: check says where the reason is"

machine <<END
== proc/sys/kernel/osrelease
6.17.0-8-generic
== boot/config-6.17.0-8-generic
CONFIG_INTEL_TDX_HOST=y
== sys/module/kvm_intel/parameters/tdx
Y
== sys/devices/faux/tdx_host/version
1.5.06
== sys/devices/faux/tdx_host/seamldr_version
1.5.00
END
says "the kernel's own TDX, up" 0 "$tdxhost" status --root "$tmp/root" <<'END'
state             up, managed by the kernel itself, without tdx_host
version           1.5.06
seamldr_version   1.5.00
kvm_intel.tdx     Y
END
json_is_valid "the kernel's own TDX, up"
result "$(tr -d ' \n' <"$tmp/json" | grep -qF '"kernel_tdx":{"up":true,"version":"1.5.06"'; echo $?)" \
	"the kernel's own TDX: version in JSON"
echo N >"$tmp/root/sys/module/kvm_intel/parameters/tdx"
says "the kernel's own TDX, not up" 1 "$tdxhost" status --root "$tmp/root" <<'END'
state             not up, managed by the kernel itself, without tdx_host
version           1.5.06
seamldr_version   1.5.00
kvm_intel.tdx     N
'tdxhost check' says what is missing
END
json_is_valid "the kernel's own TDX, not up"
rm -r "$tmp/root/sys/module" "$tmp/root/sys/devices/faux" "$tmp/root/boot"
mkdir -p "$tmp/root/lib/modules/6.17.0-8-generic"
echo 'kernel/drivers/virt/coco/tdx-host/tdx_host.ko: x.ko' \
	>"$tmp/root/lib/modules/6.17.0-8-generic/modules.dep"
says "known by upstream's driver alone" 1 "$tdxhost" status --root "$tmp/root" <<'END'
state             not up, managed by the kernel itself, without tdx_host
kvm_intel.tdx     no such parameter, or kvm_intel is not loaded
'tdxhost check' says what is missing
END

machine <<END
== $host/state
failed
== $host/last_error
$error
END
# The schema has every sysfs file of the module, under the same name.
sed -n 's/.*&dev_attr_\([a-z_]*\)\.attr.*/\1/p' ../../src/module/sysfs.c |
	grep -vxE 'enable|tdx_module' | sort >"$tmp/sysfs"
python3 -c 'import json; print("\n".join(sorted(json.load(open("'"$schema"'"))["properties"])))' >"$tmp/fields"
result "$([ -s "$tmp/sysfs" ] && [ -z "$(comm -23 "$tmp/sysfs" "$tmp/fields")" ]; echo $?)" \
	"JSON has the name of every file in sysfs"
comm -23 "$tmp/sysfs" "$tmp/fields" | sed 's/^/# not in the schema: /'

# --watch writes again after a change, and ends when nobody reads.
"$tdxhost" status --watch --json --root "$tmp/root" >"$tmp/watch" &
pid=$!
for ((i = 0; i < 50; i++)); do
	[ -s "$tmp/watch" ] && break
	sleep 0.1
done
echo initialized >"$tmp/root/$host/state"
for ((i = 0; i < 50; i++)); do
	[ "$(wc -l <"$tmp/watch")" -ge 2 ] && break
	sleep 0.1
done
kill "$pid"
wait "$pid" 2>/dev/null || true
states=$(grep -o '"state": "[a-z]*"' "$tmp/watch" | tr '\n' ' ')
result "$([ "$states" = '"state": "failed" "state": "initialized" ' ]; echo $?)" "--watch sees the change"

exits "unknown option" 2 "$tdxhost" status --bogus
exits "extra argument" 2 "$tdxhost" status now
exits "help" 0 "$tdxhost" status --help
done_testing
