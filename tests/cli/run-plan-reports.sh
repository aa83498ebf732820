#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost plan on logs of public reports, on logs with lost lines, on memory that is never
# convertible; what Linux's own planner would do; the picture.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
reports=../data/reports

# NAME STATUS LOG PATTERN...: the exit status, and patterns of the answer; one that begins
# with ! must not match.
answers() {
	local name=$1 want=$2 log=$3 status=0 bad='' p
	shift 3
	"$tdxhost" plan --from "$log" >"$tmp/got" 2>&1 || status=$?
	[ "$status" = "$want" ] || bad="exit status $status, wanted $want"
	for p; do
		case $p in
		!*)	! grep -qe "${p#!}" "$tmp/got" || bad+="; unwanted: ${p#!}" ;;
		*)	grep -qe "$p" "$tmp/got" || bad+="; missing: $p" ;;
		esac
	done
	if [ -z "$bad" ]; then
		result 0 "$name"
	else
		result 1 "$name"
		echo "# $bad"
		sed 's/^/# /' "$tmp/got"
	fi
}

# NAME PYTHON: a condition for the JSON of the log $log.
holds() {
	local status=0
	"$tdxhost" plan --json --from "$log" >"$tmp/json" 2>/dev/null || true
	{ ./schema ../../src/cli/schema/plan.json "$tmp/json" &&
		python3 -c 'import json, sys
p = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$tmp/json" "$2"; } >&2 || status=1
	result $status "$1"
}

log=$reports/canonical385-2tb-cmr.dmesg
make_log() {
	cat >"$log"
}

# --- the reports
answers "truncated" 0 $reports/truncated.dmesg 'the log ends in the middle of the memory map' \
	'left out  *nothing of the memory in the log; see the notes'
answers "smdk26-node" 0 $reports/smdk26-node.dmesg '126 GB beyond the end of the memory map' \
	'TDX memory  *127.2 GB'
answers "cxl-node-not-cmr" 1 $reports/cxl-node-not-cmr.dmesg '16 GB: no CMR covers it' \
	'all of node 1 lies outside the CMRs: it is CXL or persistent memory' 'policy=best-effort'
answers "cxl-soft-reserved" 0 $reports/cxl-soft-reserved.dmesg \
	'528 GB is soft reserved.*never convertible.*keep it a dax device' 'TDX memory  *764.7 GB'
answers "cxl-amd-price" 2 $reports/cxl-amd-price.dmesg 'no RAM in the memory map' '256 GB is soft reserved'
answers "tdx-linux5-node" 2 $reports/tdx-linux5-node.dmesg 'the log of a TD, a guest' \
	'!TDX memory'
answers "canonical385-2tb-cmr" 0 $reports/canonical385-2tb-cmr.dmesg \
	'no memory map; all 2.0 TB of the CMRs is assumed to be RAM' 'TDX memory  *2.0 TB' '^   0  0x0 .* GB     ?  0x'
holds "an unknown node is null" 'p["tdmrs"][0]["node"] is None and p["ram"][0]["node"] is None'
answers "openmetal-1tb-cmr" 0 $reports/openmetal-1tb-cmr.dmesg 'TDX memory  *1019.6 GB'
answers "ram-above-cmr" 1 $reports/ram-above-cmr.dmesg '\[0x107a000000, 0x1080000000)  96 MB' \
	'load tdx_host with policy=best-effort'
answers "kdump-user-map" 0 $reports/kdump-user-map.dmesg 'this kernel uses 512 MB of the firmware.s 255.4 GB'
answers "mem-param" 0 $reports/mem-param.dmesg 'this kernel uses 32.0 GB of the firmware.s 258.0 GB' \
	'TDX memory  *31.9 GB'
answers "serial-console-garbled" 0 $reports/serial-console-garbled.dmesg 'TDX memory  *4.0 GB' '!missing'
answers "hpe-uv-4tb" 0 $reports/hpe-uv-4tb.dmesg 'TDX memory  *3.9 TB' 'left out  *nothing$'

# --- lost lines
log=$tmp/log
make_log <<'END'
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
Memory: 16000000K/66000000K available
END
answers "the head is lost" 0 "$log" 'begins at 0x100000000: earlier lines are missing'
make_log <<'END'
ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
ACPI: SRAT: Node 0 PXM 0 [mem 0x100000000-0x107fffffff]
ACPI: SRAT: Node 1 PXM 1 [mem 0x1080000000-0x207fffffff]
  node   0: [mem 0x0000000000001000-0x000000006d90efff]
  node   0: [mem 0x0000000100000000-0x00000007ffffffff]
  node   1: [mem 0x0000001080000000-0x000000207fffffff]
end
END
answers "the middle is lost, says the SRAT" 0 "$log" \
	'the SRAT contains \[0x800000000, 0x1080000000), 34 GB, but the memory map in the log has no RAM there'
holds "and JSON says so" 'p["incomplete"]'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
BIOS-e820: [mem 0x0000002080000000-0x000000307fffffff] usable
virt/tdx: CMR: [0x100000, 0x70000000)
virt/tdx: CMR: [0x100000000, 0x3080000000)
END
answers "the middle is lost, says a CMR" 0 "$log" \
	'a CMR contains \[0x1080000000, 0x2080000000), 64 GB, but the memory map in the log has no RAM there'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
Memory: 263700000K/268000000K available (18432K kernel code)
END
answers "the kernel counted more" 0 "$log" 'the kernel counted 255.6 GB of RAM, but the memory map in the log has 63.7 GB'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
e820: last_pfn = 0x1080000 max_arch_pfn = 0x400000000
END
answers "RAM ends further up" 0 "$log" 'RAM ends at 0x1080000000, but in the log.s memory map at 0x70000000'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] us
able
BIOS-e820: [mem 0x0000001080000000-0x000000207fffffff] usable
end
END
answers "a line is broken in two: joined" 0 "$log" '!lost their ends' 'left out  *nothing$'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
BIOS-e820: [mem 0x0000001080000000-0x000000207fffffff] usable
Early memory node ranges
  node   0: [mem 0x0000000000001000-0x000000006fffffff]
  node   0: [mem 0x0000000100000000-0x000000107fffffff]
END
answers "the last node line is lost" 0 "$log" \
	'the e820 map has 127.7 GB of RAM, but the node lines in the log have 63.7 GB: lines are missing'
make_log <<'END'
  node   0: [mem 0x0000000000001000-0x000000006fffffff]
Initmem setup node 0 [mem 0x0000000000001000-0x000000107fffffff]
END
answers "a node ends further up" 0 "$log" 'RAM ends at 0x1080000000, but in the log.s memory map at 0x70000000'
printf 'BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable\nBIOS-e820: [mem 0x0000000070000000-0x000000007fff' >"$log"
answers "cut within an address" 0 "$log" 'the log ends in the middle of the memory map'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
e820: last_pfn = 0x1080000 max_arch_pfn = 0x400000000
ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x7fffffff]
ACPI: SRAT: Node 0 PXM 0 [mem 0x100000000-0x107fffffff]
ACPI: SRAT: Node 1 PXM 1 [mem 0x1080000000-0x207fffffff] hotplug
ACPI: SRAT: Node 2 PXM 2 [mem 0x2080000000-0x307fffffff] non-volatile
Memory: 65000000K/66700000K available
END
answers "nothing is lost: no word of it" 0 "$log" '!missing' '!beyond' 'left out  *nothing$'
holds "nor in JSON" 'not p["incomplete"] and p["ram"][-1]["end"] == 0x1080000000'

make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000407fffffff] usable
user-defined physical RAM map:
user: [mem 0x0000000000000000-0x000000006fffffff] usable
user: [mem 0x0000000100000000-0x000000107fffffff] usable
Early memory node ranges
  node   0: [mem 0x0000000000001000-0x000000006fffffff]
  node   0: [mem 0x0000000100000000-0x000000107fffffff]
end
END
answers "less memory by intent is not missing" 0 "$log" '!missing' \
	'this kernel uses 63.7 GB of the firmware.s 255.7 GB' 'left out  *nothing$'

# --- never convertible
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
BIOS-e820: [mem 0x0000001080000000-0x000000207fffffff]  Soft Reserved
end
END
answers "soft reserved, as 7.1 and later print it" 0 "$log" '64 GB is soft reserved'
make_log <<'END'
BIOS-e820: [mem 0x0000000000000000-0x000000006fffffff] usable
BIOS-e820: [mem 0x0000000100000000-0x000000107fffffff] usable
BIOS-e820: [mem 0x0000001080000000-0x000000207fffffff] persistent (type 7)
end
END
answers "persistent memory" 0 "$log" '64 GB is persistent memory; it is never convertible' \
	'TDX memory  *63.5 GB'
make_log <<'END'
  node   0: [mem 0x0000000000001000-0x000000006fffffff]
  node   0: [mem 0x0000000100000000-0x000000107fffffff]
  node   2: [mem 0x0000001080000000-0x000000117fffffff]
  node   3: [mem 0x0000001180000000-0x000000127fffffff]
virt/tdx: CMR: [0x100000, 0x70000000)
virt/tdx: CMR: [0x100000000, 0x1180000000)
end
END
answers "one CXL node of two without a CPU" 1 "$log" 'all of node 3 lies outside' '!node 2'

# --- Linux's own planner
log=../data/memmaps/emr-foxcreekpass-256g.dmesg
answers "emr: Linux fails as canonical/tdx 135 reports" 0 "$log" \
	'would fail: "initialization failed: TDMR \[0x0, 0x80000000): reserved areas exhausted' 'memmap=0x1000\$0x64158000'
holds "emr: and what helps" 'not p["linux"]["works"] and p["linux"]["unused"] == [{"base": 0x64158000, "size": 0x1000}]'
python3 - "$tmp/json" >"$tmp/log" <<'END'
import json, sys
p = json.load(open(sys.argv[1]))
out = {u["base"] for u in p["linux"]["unused"]}
for r in p["ram"]:
    if r["start"] not in out:
        print("  node   0: [mem 0x%x-0x%x]" % (r["start"], r["end"] - 1))
for c in p["cmrs"]:
    print("CMR: [0x%x, 0x%x)" % (c["base"], c["base"] + c["size"]))
END
log=$tmp/log
holds "emr: with that RAM out of use Linux serves it" 'p["linux"]["works"]'
for ((i = 0; i < 70; i++)); do
	printf '  node   0: [mem 0x%x-0x%x]\n' $((0x100000000 + i * 0x80000000)) $((0x100000000 + i * 0x80000000 + 0x3fffffff))
done >"$log"
printf 'CMR: [0x100000000, 0x2400000000)\n' >>"$log"
answers "70 stretches of RAM in one CMR" 0 "$log" 'would fail: "initialization failed: TDMRs exhausted.": more than 64 stretches'
echo '  node   0: [mem 0x100000000-0x103ffffff]' >"$log"
for ((i = 1; i <= 20; i++)); do
	printf '  node   0: [mem 0x%x-0x%x]\n' $((0x100000000 + i * 0x40000000)) $((0x100000000 + i * 0x40000000 + 0x1fffff))
done >>"$log"
holds "little RAM in many GB" '"no free block of 4.0 MB for the PAMT of the TDMR" in p["linux"]["reason"]'
make_log <<'END'
  node   0: [mem 0x0000000000100000-0x000000003fffffff]
  node   1: [mem 0x0000000100000000-0x00000001ffffffff]
CMR: [0x100000, 0x40000000)
END
holds "RAM outside the CMRs" '"rejects RAM [0x100000000, 0x200000000)" in p["linux"]["reason"]'
make_log <<'END'
  node   0: [mem 0x0000000000100000-0x000000003fffffff]
  node   0: [mem 0x0000000100000000-0x00000001ffffffff]
CMR: [0x100000, 0x40000000)
CMR: [0x100000000, 0x200000000)
END
answers "a map without trouble" 0 "$log" "Linux's own planner would succeed too"

# --- the picture
make_log <<'END'
  node   0: [mem 0x0000000000100000-0x000000007fffffff]
  node   0: [mem 0x0000000100000000-0x00000001ffffffff]
  node   1: [mem 0x0000000200000000-0x00000003ffffffff]
  node   2: [mem 0x0000000400000000-0x000000043fffffff]
CMR: [0x100000, 0x80000000)
CMR: [0x100000000, 0x400000000)
END
"$tdxhost" plan --from "$log" --best-effort --tdmr-size 2G --map | sed -n '/^node/,$p' >"$tmp/picture"
says "--map" 0 cat "$tmp/picture" <<'END'
node 0  [0x0, 0x200000000), 113.8 MB a column
  RAM      ##################.................#####################################
  CMR      ##################.................#####################################
  TDMR     000000000000000000.................1111111111111111112222222222222222222
  areas    P.......................................................................

node 1  [0x200000000, 0x400000000), 113.8 MB a column
  RAM      ########################################################################
  CMR      ########################################################################
  TDMR     333333333333333334444444444444444445555555555555555556666666666666666666
  areas    P.......................................................................

node 2  [0x400000000, 0x440000000), 14.2 MB a column
  RAM      xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  CMR      ........................................................................
  TDMR     ........................................................................
  areas    ........................................................................

# memory, x left out, . nothing; TDMRs by letter; P PAMT, r other reserved area
END
done_testing
