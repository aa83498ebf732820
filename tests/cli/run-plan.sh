#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost plan: every recorded memory map, the options, and bad input.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
maps=../data/memmaps

plan() {
	"$tdxhost" plan "$@"
}

# NAME OPTION...: a plan that fits the schema and whose sums are right.
good() {
	local name=$1 status=0
	shift
	{ plan --json "$@" >"$tmp/json" && ./schema ../../src/cli/schema/plan.json "$tmp/json" &&
		./plan-check "$tmp/json"; } >"$tmp/why" 2>&1 || status=1
	result $status "$name"
	[ $status = 0 ] || sed 's/^/# /' "$tmp/why"
}

# NAME PYTHON: a condition for the last plan of good().
holds() {
	local status=0
	python3 -c 'import json, sys
p = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$tmp/json" "$2" || status=1
	result $status "$1"
}

for f in "$maps"/*.dmesg; do
	map=$(basename "$f" .dmesg)
	good "$map: a plan" --from "$f"
	holds "$map: nothing is left out" 'not p["excluded"]'
	good "$map: by --coverage convertible" --from "$f" --coverage convertible
	if grep -q 'CMR: ' "$f"; then
		good "$map: one TDMR a GB where that fits, else fewer" --from "$f" --tdmr-size 1G
	else
		good "$map: with --assume-cmr" --from "$f" --assume-cmr
		holds "$map: holes are then taken for CMRs" 'len(p["cmrs"]) == 2'
	fi
done

spr=$maps/spr-1tb.dmesg
emr=$maps/emr-foxcreekpass-256g.dmesg
good "spr-1tb again" --from "$spr"
holds "at most 64 TDMRs" 'len(p["tdmrs"]) <= 64'
holds "PAMT within 1.01 of the bound" \
	'p["totals"]["pamt_bytes"] <= 1.01 * 1024 * (4 * 2**20 + 8192 + 4096)'
holds "no piece is larger than the PAMTs of 17 GB" \
	'p["totals"]["largest_contiguous"] == 17 * (4 * 2**20 + 8192) + 4096'
holds "which are at most 70,000 KiB" 'p["totals"]["largest_contiguous"] <= 70000 << 10'
good "64 of 15 GB would not do: they grow" --from "$spr" --tdmr-size 15G
holds "to 17 GB" 'max(t["size"] for t in p["tdmrs"]) == 17 << 30'
exits "in pieces of 67M: none" 1 plan --from "$spr" --largest-free 67M
good "in pieces of 68M: just" --from "$spr" --largest-free 68M
good "emr in pieces of 20M: the 4K levels apart" --from "$emr" --largest-free 20M
holds "no piece is larger" 'p["totals"]["largest_contiguous"] == 20 * 2**20'
good "icx in pieces of 9M: cut finer" --from "$maps/icx-r750xs-128g.dmesg" --largest-free 9M
holds "in TDMRs of 2 GB" 'max(t["size"] for t in p["tdmrs"]) == 2 << 30'
good "emr with 5 TDMRs" --from "$emr" --max-tdmrs 5
good "emr with one area a TDMR" --from "$emr" --max-reserved 1
good "other entry sizes" --from "$emr" --entry-size 8,32,64
holds "are told and used" 'p["limits"]["pamt_entry_size"] == [8, 32, 64]'

printf '%s\n' 'node   0: [mem 0x0000000000100000-0x000000017fffffff]' \
	'node   1: [mem 0x0000000180000000-0x00000002ffffffff]' \
	'virt/tdx: CMR: [0x100000, 0x2c0000000)' >"$tmp/log"
says "strict: RAM outside the CMRs" 1 plan --from "$tmp/log" <<'END'
tdxhost plan: no plan covers all memory; --best-effort would leave this out:
  [0x2c0000000, 0x300000000)  1 GB: no CMR covers it
  on the host: load tdx_host with policy=best-effort, or keep that memory offline
END
good "best effort leaves it out" --from "$tmp/log" --best-effort
holds "and says which and why" \
	'p["excluded"] == [{"start": 0x2c0000000, "end": 0x300000000, "reason": "outside_cmrs"}]'
holds "nodes are told" '[t["node"] for t in p["tdmrs"]] == [0] * 6 + [1] * 5'
holds "PAMTs lie on their node" \
	'all((t["pamt"]["4k"]["base"] >= 0x180000000) == (t["node"] == 1) for t in p["tdmrs"])'
says "text" 0 plan --from "$tmp/log" --best-effort --tdmr-size 8G <<'END'
TDMR  base                 size  node  PAMT at               PAMT  pieces  reserved
   0  0x0                  6 GB     0  0x100000           24.1 MB       1      1/16
   1  0x180000000          5 GB     1  0x180000000        20.0 MB       1      1/16

TDX memory          11.0 GB
PAMT                44.1 MB (0.39 %)
largest contiguous  24.1 MB
left out            1 GB
  [0x2c0000000, 0x300000000)  1 GB: no CMR covers it
Linux's own planner (CONFIG_INTEL_TDX_HOST) would fail: TDH.SYS.CONFIG rejects RAM [0x180000000, 0x300000000), which no CMR covers
END
input=$tmp/log exits "from standard input" 0 plan --from - --best-effort

bad() {
	printf '%s\n' "$2" >"$tmp/bad"
	says "$1" 2 plan --from "$tmp/bad" <<<"tdxhost plan: $tmp/bad$3"
}
bad "no map" 'hello' ': it contains no memory map: neither BIOS-e820, node nor CMR lines'
bad "half an e820 line" 'BIOS-e820: [mem 0x100000-' ':1: not an e820 line: no [mem 0xFIRST-0xLAST]'
bad "backwards" $'x\nBIOS-e820: [mem 0x200000-0xfffff] usable' ':2: 0x200000 is not below 0x100000'
bad "too far" 'BIOS-e820: [mem 0x200000-0xffffffffffffffffffff] usable' \
	':1: not an e820 line: no [mem 0xFIRST-0xLAST]'
bad "beyond any address" 'CMR: [0x0, 0x20000000000000)' ':1: 0x20000000000000 is beyond any physical address'
bad "overlap" $'BIOS-e820: [mem 0x200000-0x3fffff] usable\nBIOS-e820: [mem 0x300000-0x4fffff] usable' \
	':2: overlaps line 1: does the log cover more than one boot?'
bad "part of a page" 'CMR: [0x100000, 0x200001)' ':1: this CMR does not start and end on page boundaries'
says "no such file" 2 plan --from /nonexistent <<<'tdxhost plan: /nonexistent: No such file or directory'
for i in 0 1K 1.5G 3M4 G ''; do
	exits "--tdmr-size '$i'" 2 plan --from "$emr" --tdmr-size "$i"
done
for i in 0 1,2 1,2,3,4 5000 x; do
	exits "--entry-size '$i'" 2 plan --from "$emr" --entry-size "$i"
done
exits "--max-tdmrs 0" 2 plan --from "$emr" --max-tdmrs 0
exits "--coverage all" 2 plan --from "$emr" --coverage all
exits "--nonsense" 2 plan --nonsense
exits "--help" 0 plan --help

mkdir -p "$tmp/root/proc" "$tmp/root/sys/devices/system/node/node0/memory0" \
	"$tmp/root/sys/devices/system/node/node1/memory3" "$tmp/root/sys/devices/system/memory"
echo 40000000 >"$tmp/root/sys/devices/system/memory/block_size_bytes"
cat >"$tmp/root/proc/iomem" <<'END'
00000000-00000fff : Reserved
00001000-0009fbff : System RAM
00100000-3fffffff : System RAM
  01000000-01ffffff : Kernel code
c0000000-ffffffff : PCI Bus 0000:00
  c0000000-ffffffff : System RAM (kmem)
END
says "from /proc/iomem and /sys: CXL memory as RAM is never convertible" 1 plan --root "$tmp/root" <<'END'
note: CMRs are unknown; RAM above 1 MB is assumed to be convertible, holes in it are not
tdxhost plan: no plan covers all memory; --best-effort would leave this out:
  [0xc0000000, 0x100000000)  1 GB: no CMR covers it
  all of node 1 lies outside the CMRs: it is CXL or persistent memory, which is never convertible
  on the host: load tdx_host with policy=best-effort, or keep that memory offline
END
good "from /proc/iomem and /sys" --root "$tmp/root" --best-effort
holds "RAM with its nodes" 'p["ram"] == [{"start": 1 << 20, "end": 1 << 30, "node": 0},
	{"start": 3 << 30, "end": 4 << 30, "node": 1}]'
sed -i 's/^\( *\)[0-9a-f]*-[0-9a-f]*/\100000000-00000000/' "$tmp/root/proc/iomem"
exits "not root: could not tell" 3 plan --root "$tmp/root"
echo 'nonsense' >"$tmp/root/proc/iomem"
says "not an iomem" 2 plan --root "$tmp/root" \
	<<<'tdxhost plan: /proc/iomem:1: not a resource: no FIRST-LAST : NAME'

done_testing
