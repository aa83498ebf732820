#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost explain: its exact answers to questions that people have asked in public, and
# an answer for every code.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
codes=../../src/core/status-codes.tsv
operands=../../src/core/operand-ids.tsv

# canonical/tdx 161
cat >"$tmp/161" <<'END'
[    8.972357] virt/tdx: BIOS enabled: private KeyID range [32, 64)
[    8.972360] virt/tdx: Disable ACPI S3. Turn off TDX in the BIOS to use ACPI S3.
[   19.324236] virt/tdx: SEAMCALL (0x0000000000000021) failed: 0xc000090000000000
END
input=$tmp/161 says "canonical/tdx 161: old BIOS" 0 "$tdxhost" explain <<'END'
"BIOS enabled: private KeyID range [32, 64)"
  cause    good: BIOS reserved these KeyIDs for TDX; the TDX module uses the first one itself, and each TD one of the others
  remedy   nothing to do; "module initialized" should follow once KVM is loaded with TDX (kvm_intel.tdx=1)

"Disable ACPI S3"
  cause    not an error: suspend to RAM would lose the TDX module's state, so it is off while TDX is on
  remedy   nothing to do

TDX_INCORRECT_CPUID_VALUE (0xc000090000000000)
  leaf     TDH.SYS.INIT (33)
  class    platform
  kind     error, not recoverable: the same call will fail again
  cause    a CPUID leaf (RCX: leaf, subleaf) does not have the value that this TDX module needs
  remedy   BIOS or microcode too old: update it
END

# canonical/tdx 83 and 331
cat >"$tmp/331" <<'END'
[   10.798774] virt/tdx: CMR: [0x8000000000, 0xf000000000)
[   10.798780] virt/tdx: SEAMCALL (0x0000000000000022) failed: 0xc000050500000000
[   10.798786] virt/tdx: RCX 0x0000000000000000 RDX 0x9100000100000008 R08 0x0000000000000000
[   10.798790] virt/tdx: R09 0x0000000000000000 R10 0x0000000000000000 R11 0x0000000000000000
[   10.798793] virt/tdx: module initialization failed (-5)
[   10.798795] kvm_intel: Failed to initialize TDX module.
END
input=$tmp/331 says "canonical/tdx 331: a TDX 1.0 module" 0 "$tdxhost" explain <<'END'
TDX_SYS_NOT_READY (0xc000050500000000)
  leaf     TDH.SYS.RD (34)
  class    TDX module state
  kind     error, not recoverable: the same call will fail again
  cause    the TDX module is not initialised yet; a TDX 1.0 module gives the same answer for a leaf that it does not have (TDH.SYS.RD)
  remedy   finish the bring-up; for TDH.SYS.RD use TDH.SYS.INFO or update the TDX module to 1.5

"Failed to initialize TDX module"
  cause    KVM asked for TDX and the bring-up failed before this line
  remedy   look at the lines before it; 'tdxhost check' as root names what is missing
END

# canonical/tdx 135 and 415
says "canonical/tdx 135: reserved areas exhausted" 0 "$tdxhost" explain \
	"virt/tdx: TDMR [0x40000000, 0x80000000): reserved areas exhausted." <<'END'
"reserved areas exhausted"
  cause    Linux spends a reserved area on each hole of its RAM map, and a TDMR has 16; the holes lie in convertible memory and need none
  remedy   boot a kernel without TDX of its own and use tdx_host, which plans by convertible memory (CMRs): 'dmesg | tdxhost plan --from -' shows the plan
END

# canonical/tdx 25
cat >"$tmp/25" <<'END'
[    7.592823] tdx: SEAMCALL failed: CPU 94: leaf 33, error 0xc000092100000122.
[    7.592932] tdx: additional output: rcx 0x0, rdx 0x0, r8 0x0, r9 0x0, r10 0x0, r11 0x0.
END
input=$tmp/25 says "canonical/tdx 25: an MSR" 0 "$tdxhost" explain <<'END'
TDX_INCORRECT_MSR_VALUE, MSR 0x122 (IA32_TSX_CTRL) (0xc000092100000122)
  leaf     TDH.SYS.INIT (33)
  class    platform
  kind     error, not recoverable: the same call will fail again
  cause    the MSR does not have the value that this TDX module needs
  remedy   BIOS or microcode too old: update it; look for a BIOS setting or kernel parameter that changes this MSR
END

# canonical/tdx 153
says "canonical/tdx 153: a page that is not what KVM thinks" 0 "$tdxhost" explain \
	"SEAMCALL (0x000000000000001c) failed: 0xc000030000000001 RCX 0x0000000000000000 RDX 0x0" <<'END'
TDX_PAGE_METADATA_INCORRECT, operand RCX (0xc000030000000001)
  leaf     TDH.PHYMEM.PAGE.RECLAIM (28)
  class    page metadata
  kind     error, not recoverable: the same call will fail again
  cause    the page is not of the type that the call needs: in use for something else, or not given to the TDX module
  remedy   a bug in KVM or the VMM: update it, or report it with the kernel log
END

# intel/td-partitioning 1
says "intel/td-partitioning 1: KeyIDs, but not enabled by BIOS" 0 "$tdxhost" explain \
	"[    2.490299] tdx: [firmware bug]: TDX is not enabled by BIOS." <<'END'
"TDX is not enabled by BIOS"
  cause    the platform does not allow SEAMCALL: KeyIDs are reserved, but the SEAM range (SEAMRR) is off
  remedy   enable "Trust Domain Extension (TDX)" and "TDX Secure Arbitration Mode Loader (SEAM Loader)" in BIOS; 'tdxhost check' as root names what is missing
END
says "and the other one: no TDX module" 0 "$tdxhost" explain "virt/tdx: module not loaded" <<'END'
"virt/tdx: module not loaded"
  cause    the SEAM range is on, but the BIOS loaded no TDX module: SEAM loader off in BIOS, or no module file
  remedy   enable "TDX Secure Arbitration Mode Loader (SEAM Loader)" in BIOS, or install the TDX module where the BIOS loads it from (EFI/TDX on the EFI system partition)
END

# intel tdx-module 24
says "intel tdx-module 24: 0xc000010000000045" 0 "$tdxhost" explain 0xc000010000000045 <<'END'
TDX_OPERAND_INVALID, operand CPUID_CONFIG (0xc000010000000045)
  class    operand
  kind     error, not recoverable: the same call will fail again
  cause    TDH.MNG.INIT rejected a CPUID configuration of the TD (RCX: leaf, subleaf)
  remedy   not the host's bring-up: compare the TD's CPU model with what the TDX module allows to configure, and update VMM and TDX module together
END
says "the same as KVM logs it, with RCX" 0 "$tdxhost" explain \
	"kvm_intel: SEAMCALL TDH_MNG_INIT failed: 0xc000010000000045, rcx 0x100000007" <<'END'
TDX_OPERAND_INVALID, operand CPUID_CONFIG (0xc000010000000045)
  leaf     TDH.MNG.INIT (21)
  class    operand
  kind     error, not recoverable: the same call will fail again
  RCX      CPUID leaf 0x7, subleaf 0x1
  cause    TDH.MNG.INIT rejected a CPUID configuration of the TD (RCX: leaf, subleaf)
  remedy   not the host's bring-up: compare the TD's CPU model with what the TDX module allows to configure, and update VMM and TDX module together
END

# tdx_host's own line, and several values at once
says "tdx_host's log line" 0 "$tdxhost" explain \
	"tdx_host: TDH.SYS.LP.INIT failed on CPU 3: TDX_SYS_BUSY (0x8000020200000000): another CPU" <<'END'
TDX_SYS_BUSY (0x8000020200000000)
  leaf     TDH.SYS.LP.INIT (35)
  class    busy resource
  kind     error, recoverable: the same call may succeed
  cause    another CPU holds the TDX module's global lock
  remedy   call again
END
says "values and names" 1 "$tdxhost" explain TDX_KEY_CONFIGURED 8000020300000000 0xdeadbeef12345678 0xe000050500000001 <<END
TDX_KEY_CONFIGURED (0x0000081500000000)
  class    keys
  kind     warning or information, not an error
  cause    this package already has the key
  remedy   nothing to do

TDX_RND_NO_ENTROPY (0x8000020300000000)
  class    busy resource
  kind     error, recoverable: the same call may succeed
  cause    the random number generator (RDRAND, RDSEED) ran out of entropy
  remedy   call again a little later; if the error persists, the CPU or its microcode is faulty

unknown status (0xdeadbeef12345678)
  kind     error, not recoverable: the same call will fail again
  bits     error 1, non-recoverable 1, 61:60 1, class 0xbe (unknown class), number 0xef, details 0x12345678
  cause    unknown to tdxhost $(cat ../../build/cli/version): a status of a newer TDX module, or not a status

unknown status (0xe000050500000001)
  kind     error, not recoverable: the same call will fail again
  bits     error 1, non-recoverable 1, 61:60 2, class 0x05 (TDX module state), number 0x05, details 0x00000001
  like     TDX_SYS_NOT_READY, except for the flags in bits 63:60
  cause    unknown to tdxhost $(cat ../../build/cli/version): a status of a newer TDX module, or not a status
END

# --- every code
mapfile -t names < <(tail -n +2 "$codes" | cut -f2)
mapfile -t values < <(tail -n +2 "$codes" | cut -f1)
"$tdxhost" explain "${values[@]}" | grep -o '^TDX_[A-Z0-9_]*' >"$tmp/names" || true
result "$(printf '%s\n' "${names[@]}" | cmp -s - "$tmp/names"; echo $?)" \
	"each of ${#values[@]} values has its name"
"$tdxhost" explain "${names[@]}" | grep '^TDX_' | grep -o '0x[0-9a-f]*)$' | tr -d ')' >"$tmp/values" || true
result "$(printf '%s\n' "${values[@]}" | cmp -s - "$tmp/values"; echo $?)" \
	"each of ${#names[@]} names has its value"
"$tdxhost" explain "${values[@]}" | grep -c '^  cause ' >"$tmp/count" || true
result "$([ "$(cat "$tmp/count")" = ${#values[@]} ]; echo $?)" "each has a cause"
args=()
while read -r id; do
	args+=("$(printf '0xc0000100%08x' "$id")")
done < <(tail -n +2 "$operands" | cut -f1)
tail -n +2 "$operands" | cut -f2 >"$tmp/operands"
"$tdxhost" explain "${args[@]}" | sed -n 's/^TDX_OPERAND_INVALID, operand \([^ ]*\) .*/\1/p' >"$tmp/got"
result "$(cmp -s "$tmp/operands" "$tmp/got"; echo $?)" "each of ${#args[@]} operands has its name"

# --- JSON
"$tdxhost" explain --json "${values[@]}" "${args[@]}" 0xdeadbeef12345678 >"$tmp/json" || true
"$tdxhost" explain --json <"$tmp/331" >"$tmp/json2" || true
result "$(./schema ../../src/cli/schema/explain.json "$tmp/json" "$tmp/json2" >&2; echo $?)" \
	"JSON is what the schema says"
says "JSON" 0 "$tdxhost" explain --json TDX_SYS_BUSY <<'END'
[
  {
    "value": "0x8000020200000000",
    "name": "TDX_SYS_BUSY",
    "class": "busy resource",
    "error": true,
    "recoverable": true,
    "retryable": true,
    "details": null,
    "leaf": null,
    "rcx": null,
    "cause": "another CPU holds the TDX module's global lock",
    "remedy": "call again"
  }
]
END

# --- what is not a status
printf '%s\n' 'BIOS-e820: [mem 0x0000000000000000-0x8000020200000000] usable' \
	'CMR: [0x100000, 0x77800000)' 'usb 1-1: new device 0xc000010000000045' >"$tmp/noise"
input=$tmp/noise says "addresses are no statuses" 1 "$tdxhost" explain <<'END'
tdxhost explain: no TDX status and no known message in the input
END
exits "bad value" 2 "$tdxhost" explain 0x12345678123456789
exits "bad name" 2 "$tdxhost" explain TDX_NO_SUCH_THING
exits "empty argument" 2 "$tdxhost" explain ''
exits "unknown option" 2 "$tdxhost" explain --bogus
exits "help" 0 "$tdxhost" explain --help
exits "no command" 2 "$tdxhost"
exits "unknown command" 2 "$tdxhost" bogus
says "version" 0 "$tdxhost" --version <<<"tdxhost $(cat ../../build/cli/version)"
status=0
"$tdxhost" --help >/dev/full 2>/dev/null || status=$?
result "$([ $status = 3 ]; echo $?)" "output that could not be written is said"
done_testing
