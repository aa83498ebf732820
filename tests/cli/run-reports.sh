#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Logs from public reports (tests/data/reports), and similar ones made up: the answer to
# each names what matters in it.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
reports=../data/reports

# NAME STATUS COMMAND...: runs it on $input; its output is for has and lacks.
asks() {
	local name=$1 want=$2 status=0
	shift 2
	"$@" <"${input:-/dev/null}" >"$tmp/got" 2>&1 || status=$?
	result "$([ $status = "$want" ]; echo $?)" "$name"
	[ $status = "$want" ] || sed "s/^/# $status: /" "$tmp/got"
	asked=$name
}

has() {
	local text
	for text; do
		if grep -qF -e "$text" "$tmp/got"; then
			result 0 "$asked: $text"
		else
			result 1 "$asked: $text"
			sed 's/^/# /' "$tmp/got"
		fi
	done
}

lacks() {
	result "$(! grep -qF -e "$1" "$tmp/got"; echo $?)" "$asked: not: $1"
}

# --- explain: the known lines of kernels
n_lines=0
while IFS= read -r line; do
	n_lines=$((n_lines + 1))
	asks "line $n_lines: ${line:0:60}" 0 "$tdxhost" explain "$line"
	result "$(grep -q '^  cause ' "$tmp/got" && grep -q '^  remedy ' "$tmp/got"; echo $?)" \
		"line $n_lines has a cause and a remedy"
done <$reports/kernel-lines.log
result "$([ $n_lines = 37 ]; echo $?)" "37 lines"

# --- the table: each row answers its line; slow-kernel-lines.sh compares the lines
# with Debian's sources
status=0
python3 - "$tdxhost" ../../src/cli/log-messages.tsv >"$tmp/rows" <<'END' || status=1
import json, re, subprocess, sys
bad = 0
with open(sys.argv[2], encoding="utf-8") as f:
    rows = [line.rstrip("\n").split("\t") for line in f][1:]
seen = set()
for text, quote, near, versions, source, cause, remedy in rows:
    assert versions and source and (cause == "-") == (remedy == "-"), text
    if cause == "-":
        continue
    line = re.sub(r"%[#0-9.]*l*[dxu]", "7", text).replace("%s", "word")
    before = {"-": "", "initialization failed": "initialization failed: "}.get(near, near + ": ")
    got = subprocess.run([sys.argv[1], "explain", "--json", "[    1.0] " + before + line],
                         capture_output=True, text=True)
    answers = json.loads(got.stdout)
    if not any(a.get("cause") == cause and a.get("remedy") == remedy for a in answers):
        print("#", text, "->", got.stdout)
        bad = 1
sys.exit(bad)
END
result $status "each row of log-messages.tsv answers its line"
[ $status = 0 ] || cat "$tmp/rows"
mkdir -p "$tmp/src/arch/x86/virt/vmx/tdx"
cat >"$tmp/src/arch/x86/virt/vmx/tdx/tdx.c" <<'END'
	pr_err("module not loaded\n");
	pr_warn("initialization failed: TDMR [0x%llx, 0x%llx): "
		"reserved areas exhausted.\n", a, b);
	/* pr_err("in a comment\n"); */
END
{ ./kernel-lines ../../src/cli/log-messages.tsv 6.12 "$tmp/src" || true; } >"$tmp/lines"
result "$(! grep 'is in the table' "$tmp/lines" | grep -q '^not ok'; echo $?)" "lines that are known"
result "$([ "$(grep -c 'is in the table' "$tmp/lines")" = 2 ]; echo $?)" "are two"
echo '	pr_err("a line that nobody knows (%d)\n", ret);' >>"$tmp/src/arch/x86/virt/vmx/tdx/tdx.c"
{ ./kernel-lines ../../src/cli/log-messages.tsv 6.12 "$tmp/src" || true; } >"$tmp/lines"
result "$(grep -q '^not ok .*"a line that nobody knows (%d)" is in the table' "$tmp/lines"; echo $?)" \
	"a kernel's new line is found missing"

explain() {
	input=$reports/$1 asks "$1" 0 "$tdxhost" explain
}
explain c102.log
has 'private KeyID range [32, 64)' 'SEAM range (SEAMRR) is off' 'in BIOS'
explain c33.log
has '__seamcall_saved_ret' 'a different build' 'depmod -a' 'SEAM range (SEAMRR) is off'
explain c213-repeated.log
has 'TDX_TLB_TRACKING_NOT_DONE' 'TDH.MEM.PAGE.DEMOTE' 'TDH.MEM.TRACK' 'seen     6 times'
result "$([ "$(grep -c TLB_TRACKING "$tmp/got")" = 1 ]; echo $?)" "c213: one answer"
lacks 'no such entry'
explain c385-healthy.log
has 'TDX is up' 'the cause is elsewhere' '/sys/module/kvm_intel/parameters/tdx' 'build 784 of 2024-07-25'
lacks 'BIOS;'
explain c424.log
has 'x86/mktme: 31 KeyIDs available' 'no TDX host support' 'tdxhost check'
explain lkml-junmiao.log
has 'TDX is up' 'Disable Kexec' '1575964 KB allocated for PAMT'
explain t488-module-too-new.log
has 'TDX module 1.5, build 481 of 2023-03-23' 'too new'

# --- explain: QEMU, KVM, libvirt, attestation
asks "QEMU, old wording" 0 "$tdxhost" explain "qemu-system-x86_64: -accel kvm: kvm-type 'tdx' not supported by KVM"
has '/sys/module/kvm_intel/parameters/tdx' 'dmesg | tdxhost explain'
for type in tdx TDX X86_TDX_VM; do
	asks "QEMU: vm-type $type" 0 "$tdxhost" explain "kvm: vm-type $type not supported by KVM"
	has '/sys/module/kvm_intel/parameters/tdx'
done
asks "another vm-type" 2 "$tdxhost" explain "kvm: vm-type sev-snp not supported by KVM"
asks "libvirt hands QEMU's words on" 0 "$tdxhost" explain \
	"error: internal error: QEMU unexpectedly closed the monitor (vm='td'): 2025-06-30T10:00:00Z qemu-system-x86_64: vm-type TDX not supported by KVM"
has '/sys/module/kvm_intel/parameters/tdx'
for step in CAPABILITIES INIT_VM INIT_VCPU INIT_MEM_REGION FINALIZE_VM; do
	asks "KVM_TDX_$step" 0 "$tdxhost" explain "qemu-system-x86_64: KVM_TDX_$step failed: Invalid argument"
	has "KVM_TDX_$step failed"
done
asks "QEMU 10.1, with a status" 0 "$tdxhost" explain \
	"qemu-system-x86_64: TDX ioctl KVM_TDX_INIT_VM failed, hw_errors: 0xc000010000000045: Invalid argument"
has 'operand CPUID_CONFIG' 'KVM_TDX_INIT_VM failed'
asks "libvirt" 0 "$tdxhost" explain \
	"error: unsupported configuration: INTEL TDX launch security is not supported with this QEMU binary"
has '/var/cache/libvirt/qemu/capabilities' 'QEMU is 10.1'
asks "virt-host-validate" 0 "$tdxhost" explain \
	"QEMU: Checking for secure guest support : WARN (Unknown if this platform has Secure Guest support)"
has 'does not look for TDX'
for line in 'qgsd[1515]: [QPL] No certificate data for this platform.' \
	'qgsd[1515]: [get_platform_quote_cert_data ../td_ql_logic.cpp:319] Error returned from the p_sgx_get_quote_config API. 0xe011' \
	'qgsd[1515]: tee_att_init_quote return 0x11001' 0xe011 0x11001; do
	asks "attestation: $line" 0 "$tdxhost" explain "$line"
	has 'not TDX bring-up' 'journalctl'
	lacks 'TDX_SUCCESS'
done

# --- explain: versions of the TDX module
version() {
	asks "$1" 0 "$tdxhost" explain "$1"
	shift
	has "$@"
}
version 'virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 0, build_date 20230206, build_num 457' \
	'TDX module 1.0, build 457 of 2023-02-06' 'TDH.SYS.RD'
version 'virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20231008, build_num 595' \
	'build 595 of 2023-10-08' 'CVE-2023-45745'
version 'virt/tdx: TDX module: attributes 0x0, vendor_id 0x8086, major_version 1, minor_version 5, build_date 20240129, build_num 698' \
	'build 698' '1.5.06 (build 744)'
version 'tdx_host: TDX module: version 1.5.06, build_date 20240407, build_num 744' \
	'TDX module 1.5.06, build 744 of 2024-04-07' 'nothing to do'
version 'virt/tdx: Module version: 1.5.24' 'TDX module 1.5.24' 'nothing to do'
version 'virt/tdx: Module version: 2.0.08' 'TDX module 2.0.08' 'Xeon 6 with P-cores'

# --- explain: the SEAM loader, spellings, forms of logs
asks "SEAMLDR.INSTALL" 0 "$tdxhost" explain 'seamldr: SEAMCALL (0x8000000000000001) failed: 0x8000000000020001'
has PSEAMLDR_EBADHASH SEAMLDR.INSTALL
asks "SEAMLDR.INFO" 0 "$tdxhost" explain 'seamldr: SEAMCALL (0x8000000000000000) failed: 0x8000000000000000'
has PSEAMLDR_EBADPARAM SEAMLDR.INFO
asks "no loader" 0 "$tdxhost" explain 'seamldr: SEAMCALL (0x8000000000000000) failed: 0x8000ff00ffff0000'
has 'no SEAM loader'
asks "the loader's names" 0 "$tdxhost" explain PSEAMLDR_EUNSUPCPU p_seamldr_enoentropy ebadhandoff
has 0x8000000000010004 0x8000000000030001 0x8000000000000004
for word in 0xC000_0100_0000_0045 c000010000000045H 0xc000010000000045ULL 13835059154793791557 \
	-4611684918915760059; do
	asks "spelling $word" 0 "$tdxhost" explain "$word"
	has 'TDX_OPERAND_INVALID, operand CPUID_CONFIG (0xc000010000000045)'
done
asks "names in lower case, a leaf" 0 "$tdxhost" explain tdx_sys_busy operand_busy tdh_mng_init TDH.SYS.CONFIG
has 'TDX_SYS_BUSY (' 'TDX_OPERAND_BUSY' 'leaf     21 (0x15)' 'leaf     45 (0x2d)'

asks "a name in a line" 0 "$tdxhost" explain 'kvm: TDH_MNG_CREATE returned TDX_RND_NO_ENTROPY, giving up'
has 'TDX_RND_NO_ENTROPY (0x8000020300000000)' 'TDH.MNG.CREATE'
asks "no name" 2 "$tdxhost" explain 'KVM_TDX_SYS_BUSY and TDX_SYS_BUSYBODY'

"$tdxhost" explain <$reports/c385-healthy.log >"$tmp/plain"
same_answer() {
	asks "$1" 0 "$tdxhost" explain
	result "$(cmp -s "$tmp/plain" "$tmp/got"; echo $?)" "$1: the same answer"
}
iconv -t UTF-16LE <$reports/c385-healthy.log >"$tmp/in"
input=$tmp/in same_answer "UTF-16 without a mark"
sed 's/^/> > /; s/$/\r/' $reports/c385-healthy.log >"$tmp/in"
input=$tmp/in same_answer "quoted, CR LF"
sed 's/^\(\[[^]]*\]\)/\x1b[32m\1\x1b[0m/; s/virt\/tdx: /\x1b[33m&\x1b[0m/' $reports/c385-healthy.log >"$tmp/in"
input=$tmp/in same_answer "in colour"
python3 -c 'import json, sys
for i, l in enumerate(sys.stdin):
	m = l.rstrip()
	print(json.dumps({"PRIORITY": "6", "MESSAGE": list(m.encode()) if i % 2 else m}))' \
	<$reports/c385-healthy.log >"$tmp/in"
input=$tmp/in same_answer "journalctl -o json, some as bytes"
printf '[    1.0] virt/tdx: SEAMCALL (0x0000000000000022) failed:\n0xc000050500000000\n[    1.1] usb 1-1: new\n' >"$tmp/in"
input=$tmp/in asks "a line that mail broke" 0 "$tdxhost" explain
has TDX_SYS_NOT_READY 'TDH.SYS.RD (34)'
printf '%s\n' 'Linux version 6.8.0-1' 'virt/tdx: module not loaded' 'Linux version 6.8.0-1' \
	'virt/tdx: module initialized' >"$tmp/in"
input=$tmp/in asks "two boots" 0 "$tdxhost" explain
has 'the log covers 2 boots; only the last one, from line 3, is explained' 'TDX is up'
lacks 'no TDX module'
printf '{"_BOOT_ID":"%s","MESSAGE":"virt/tdx: %s"}\n' a1 'module not loaded' a1 'x' b2 'module initialized' >"$tmp/in"
input=$tmp/in asks "two boots as JSON" 0 "$tdxhost" explain
has 'the log covers 2 boots; only the last one, from line 3, is explained' 'TDX is up'
lacks 'no TDX module'
printf '%s\n' '-- Boot 1 --' 'virt/tdx: module not loaded' '-- Boot 2 --' 'usb 1-1' >"$tmp/in"
input=$tmp/in asks "the last boot says nothing" 0 "$tdxhost" explain
has 'the last one says nothing about TDX' 'loaded no TDX module'
printf '%s\n' 'Linux version 6.8.0-1' 'virt/tdx: module initialized' 'Linux version 6.8.0-1' \
	'tdx: Guest detected' >"$tmp/in"
input=$tmp/in asks "a host's log and its TD's" 0 "$tdxhost" explain
has 'TDX is up' 'the log of a TD'
for i in 1 2 3; do
	printf '[ %d.0] virt/tdx: module not loaded\n[ %d.5] x: TDH.VP.ENTER failed: 0x8000020000000080\n' $i $i
done >"$tmp/in"
input=$tmp/in asks "equal lines" 0 "$tdxhost" explain
result "$([ "$(grep -c 'seen     3 times' "$tmp/got")" = 2 ]; echo $?)" "each once, with a count"

# --- plan: one log in many forms
ram() {
	"$tdxhost" plan --json "$@" 2>/dev/null | python3 -c 'import json, sys
print(*((hex(r["start"]), hex(r["end"]), r["node"]) for r in json.load(sys.stdin)["ram"]))'
}
sed 's/^May 30 11:10:09 host kernel: //' $reports/journald-spr-vm.dmesg >"$tmp/base"
want=$(ram --from "$tmp/base")
result "$([ "$want" = "('0x100000', '0x7ffdc000', 0) ('0x100000000', '0x180000000', 0)" ]; echo $?)" \
	"RAM of the log itself"
form() {
	result "$([ "$(ram --from "$2" || true)" = "$want" ]; echo $?)" "plan: $1"
}
for f in bom caller-T0 crlf debug-json dev-kmsg journald-spr-vm quoted-mail qp-wrapped \
	serial-console-garbled syslog-lvl utf16 two-boots two-boots-dedup-sorted; do
	form $f $reports/$f.dmesg
done
iconv -t UTF-16BE <"$tmp/base" >"$tmp/in"
form "UTF-16, big endian, no mark" "$tmp/in"
python3 -c 'import sys, quopri
sys.stdout.buffer.write(b"Content-Transfer-Encoding: quoted-printable\n\n" +
	quopri.encodestring(sys.stdin.buffer.read()))' <"$tmp/base" >"$tmp/in"
form "quoted-printable proper" "$tmp/in"
fold -w 70 "$tmp/base" >"$tmp/in"
form "folded at 70 columns" "$tmp/in"
sed 's/^/[    0.000000] /' "$tmp/base" | fold -s -w 72 >"$tmp/in"
form "folded at blanks" "$tmp/in"
sed 's/^/[    0.000000] /; s/^\(.\{40\}\)/\1\n/' "$tmp/base" >"$tmp/in"
form "every line broken in two" "$tmp/in"
python3 -c 'import json, sys
print(json.dumps({"dmesg": [{"pri": 6, "time": 0.0, "msg": l.rstrip()} for l in sys.stdin]}, indent=3))' \
	<"$tmp/base" >"$tmp/in"
form "dmesg --json" "$tmp/in"
sed 's/^/__REALTIME_TIMESTAMP=1\nMESSAGE=/; s/$/\n_TRANSPORT=kernel\n/' "$tmp/base" >"$tmp/in"
form "journalctl -o export" "$tmp/in"
sed 's/.*/&\n&/' "$tmp/base" >"$tmp/in"
form "two consoles, each line twice" "$tmp/in"
{ cat "$tmp/base"; echo '-- Reboot --'; cat "$tmp/base"; echo '-- Reboot --'; cat "$tmp/base"; } >"$tmp/in"
form "three boots" "$tmp/in"
asks "three boots are said" 0 "$tdxhost" plan --from "$tmp/in"
has 'the log covers 3 boots; the plan is for the last one' 'journalctl -k -b'
{ echo 'BIOS-e820: [mem 0x100000-0x3fffffff] usable'; cat "$tmp/base"; } >"$tmp/in"
form "another machine's boot before it" "$tmp/in"

# --- plan: each report
plan() {
	asks "plan $1" "$2" "$tdxhost" plan --from "$reports/$1"
}
plan e820-7x-gap.dmesg 0
has '31.6 GB'
plan two-boots-cmr.dmesg 0
has 'the log covers 2 boots; the plan is for the last one' 'TDX memory          254.7 GB'
plan two-boots.dmesg 0
has 'the log covers 2 boots; the plan is for the last one'
plan truncated.dmesg 0
has 'the log ends in the middle of the memory map' 'of the memory in the log; see the notes'
plan smdk26-node.dmesg 0
has '126 GB beyond the end of the memory map' 'because the SRAT lists it'
holds_ram=$(ram --from $reports/smdk26-node.dmesg)
result "$([[ $holds_ram == *"('0x100000000', '0x1080000000', 0) ('0x1080000000', '0x2080000000', 1)" ]]; echo $?)" \
	"smdk26: with their nodes"
for f in canonical385-2tb-cmr openmetal-1tb-cmr cmr-indexed; do
	plan $f.dmesg 0
	has 'assumed to be RAM'
	result "$(! grep -qE ' -1 ' "$tmp/got"; echo $?)" "$f: an unknown node is no -1"
done
plan cxl-node-not-cmr.dmesg 1
has '[0xc080000000, 0xc480000000)  16 GB'
plan ram-above-cmr.dmesg 1
has '[0x107a000000, 0x1080000000)  96 MB'
plan cxl-soft-reserved.dmesg 0
has '528 GB is soft reserved'
plan cxl-amd-price.dmesg 2
has 'earlier lines are missing'
plan hpe-uv-4tb.dmesg 0
has '3.9 TB'
plan kdump-user-map.dmesg 0
has 'because of mem=, memmap= or kexec, this kernel uses' '504.0 MB'
plan mem-param.dmesg 0
has 'because of mem=, memmap= or kexec, this kernel uses' '31.9 GB'
plan tdx-linux5-node.dmesg 2
has 'the log of a TD, a guest'
plan xen.dmesg 2
has 'the log of a Xen domain'

# --- plan: gap lines show that the log lost lines (other proofs: run-plan-reports.sh)
sed '/a8295000/d; /a961f000/d; /a974f000/d' $reports/e820-7x-gap.dmesg >"$tmp/in"
asks "lost middle, a map with gap lines" 0 "$tdxhost" plan --from "$tmp/in"
has 'does not mention [0xa8295000, 0xa9750000): lines are missing' 'of the memory in the log; see the notes'
sed '/fed20000/d' $reports/e820-7x-gap.dmesg >"$tmp/in"
asks "lost between gaps" 0 "$tdxhost" plan --from "$tmp/in"
has 'does not mention [0xfed20000, 0xfed80000)'
sed '/gap 0x00000000fed80000/d' $reports/e820-7x-gap.dmesg >"$tmp/in"
asks "a lost gap line" 0 "$tdxhost" plan --from "$tmp/in"
has 'does not mention [0xfed80000, 0x100000000)'
asks "nothing lost" 0 "$tdxhost" plan --from $reports/e820-7x-gap.dmesg
lacks 'says nothing'
{
	cat $reports/canonical385-2tb-cmr.dmesg $reports/tdx-linux5-node.dmesg
} >"$tmp/in"
{ cat "$tmp/base"; echo '[    0.000000] Hypervisor detected: KVM'; } >"$tmp/vm"
asks "a virtual machine's log" 0 "$tdxhost" plan --from "$tmp/vm"
has 'line 21 shows that this is a virtual machine'
asks "a host's log and its TD's: plan" 0 "$tdxhost" plan --from "$tmp/in"
has 'from line 9 on, this is the log of a TD' 'TDX memory          2.0 TB'
# More logs that are not of a host.
sed 's/^/Nov 25 10:00:00 host kernel: /' $reports/xen.dmesg >"$tmp/in"
asks "dom0's log from the journal" 2 "$tdxhost" plan --from "$tmp/in"
has 'the log of a Xen domain'
{ echo '[    0.000000] Linux version 6.12.0'; cat $reports/xen.dmesg; cat "$tmp/base"; } >"$tmp/in"
asks "a boot under Xen, then one without" 0 "$tdxhost" plan --from "$tmp/in"
lacks 'Xen'
{ cat "$tmp/base"; echo '[    0.1] tdx: Guest detected'; } | sed 's/^/<6>/' >"$tmp/in"
asks "a TD's log with levels" 2 "$tdxhost" plan --from "$tmp/in"
has 'the log of a TD, a guest'
{ cat "$tmp/base"; echo '[    0.1] Memory Encryption Features active: Intel TDX'; } >"$tmp/in"
asks "a TD's log, by its memory encryption" 2 "$tdxhost" plan --from "$tmp/in"
has 'the log of a TD, a guest'
# Equal lines in two forms count once; similar lines do not.
printf '%s\n' '[1.0] virt/tdx: module not loaded' 'Nov 25 10:00:00 h kernel: virt/tdx: module not loaded' >"$tmp/in"
input=$tmp/in asks "equal lines in two forms" 0 "$tdxhost" explain
has 'seen     2 times'
printf 'x: TDH.VP.ENTER failed: 0x80000200000000%s\n' 80 92 >"$tmp/in"
input=$tmp/in asks "two statuses of one name" 0 "$tdxhost" explain
lacks 'seen '
done_testing
