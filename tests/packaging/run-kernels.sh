#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-kernels.sh: kernels that cannot be built for here, described by tests/data/kernels:
# the answer of scripts/probe-kernel, and compat.h replaces missing functions only by ones
# that the kernel has. Modules built here import no other symbols.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tap_need gcc readelf
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A tree as the headers package would have it: $tmp/NAME; the answers wanted in $tmp/NAME.answers.
tree() {
	local t=$tmp/$1 key a b c
	mkdir -p "$t/include/generated" "$t/include/config"
	: >"$t/Module.symvers"
	: >"$t.answers"
	while read -r key a b c; do
		case $key in
		release) echo "#define UTS_RELEASE \"$a\"" >"$t/include/generated/utsrelease.h" ;;
		config) echo "$a" | tee -a "$t/.config" >>"$t/include/config/auto.conf" ;;
		export) printf '0x00000000\t%s\t%s\tEXPORT_SYMBOL_GPL\t%s\n' "$a" "${b:-vmlinux}" "$c" >>"$t/Module.symvers" ;;
		word)
			mkdir -p "$t/include/${a%/*}"
			echo "$b${c:+ $c}" >>"$t/include/$a" ;;
		answer) echo "#define TDX_HAVE_$a 1" >>"$t.answers" ;;
		refused) echo "$a $b $c" >"$t.refused" ;;
		kvm|kexec) echo "$a" >"$t.$key" ;;
		source|'#'*|'') ;;
		*) tap_not_ok "$1: $key is a word of the format" "see tests/data/kernels/README" ;;
		esac
	done <"tests/data/kernels/$1"
}

# The text that compat.h replaces NAME with on this kernel, if it does.
text_of() {
	printf '#include "compat.h"\n%s\n' "$2" |
		gcc -E -P -I"$tmp/$1.features" -iquote src/module/compat -xc - | tail -n 1
}

# The names in it.
expands_to() {
	text_of "$1" "$2" | grep -oE '[A-Z][A-Z0-9_]+' || true
}

n=0
for file in tests/data/kernels/[!R]*; do
	k=${file##*/}
	n=$((n + 1))
	tree "$k"
	tap "$k: says where its lines are from" grep -q '^source ' "$file"
	status=0
	said=$(scripts/probe-kernel "$tmp/$k" "$tmp/$k" 2>&1) || status=$?
	if [ -e "$tmp/$k.refused" ]; then
		tap_is "$k: refused" "$status" 1
		tap_is "$k: in these words" "$said" \
			"tdx_host: kernel $(sed -n 's/^release //p' "$file") $(sed 's/ *$//' "$tmp/$k.refused")"
		continue
	fi
	tap_is "$k: the probe takes it" "$status" 0
	tap_is "$k: and finds" "$(grep '^#define' <<<"$said" | sort)" "$(sort "$tmp/$k.answers")"
	mkdir -p "$tmp/$k.features"
	echo "$said" >"$tmp/$k.features/features.h"
	lacks=''
	for name in $(grep -oE '^#define [A-Z_]+' src/module/compat/compat.h | awk '$2 !~ /_H$|^TDX_/ { print $2 }'); do
		for other in $(expands_to "$k" "$name"); do
			grep -rqw "$other" "$tmp/$k/include" || lacks+=" $name=$other"
		done
	done
	# WQ_PERCPU is 0 on that kernel.
	tap_is "$k: compat.h names nothing that it lacks" "$lacks" ""
	kvm=syscore kexec=unnamed
	[ "$(text_of "$k" TDX_KVM_LEAVES_IN_NOTIFIER)" != 1 ] || kvm=notifier
	[ "$(text_of "$k" TDX_KEXEC_IS_NAMED)" != 1 ] || kexec=named
	tap_is "$k: compat.h knows where its KVM leaves VMX operation" "$kvm" "$(cat "$tmp/$k.kvm")"
	tap_is "$k: compat.h knows whether its kexec has a name" "$kexec" "$(cat "$tmp/$k.kexec")"
done
tap "the kernels were found" test "$n" -ge 10

# --- the test notices faults: the probe and compat.h, broken on purpose
# broken KERNEL SED: the answer of the broken probe for it, and its status.
broken() {
	sed "$2" scripts/probe-kernel >"$tmp/probe"
	said=$(sh "$tmp/probe" "$tmp/$1" "$tmp/$1" 2>&1) && status=0 || status=$?
}
broken el-9.2 's/ alloc_contig_range alloc_contig_range_noprof/ alloc_contig_range_noprof/'
tap_is "a probe that forgets the name on EL 9.2: refuses it" "$status" 1
tap_has "a probe that forgets the name on EL 9.2: says so" "$said" "does not export alloc_contig_range_noprof"
broken openeuler-5.10 's/HK_TYPE_WQ$/HK_FLAG_WQ/'
tap_has "a probe that takes openEuler 5.10 for newer: another answer" "$said" "TDX_HAVE_HK_TYPE"
tap_is "a probe that takes openEuler 5.10 for newer: which is not wanted" "$(grep -c HK_TYPE "$tmp/openeuler-5.10.answers")" 0
echo "$said" >"$tmp/openeuler-5.10.features/features.h"
tap_is "compat.h then leaves a name that openEuler 5.10 lacks" \
	"$(expands_to openeuler-5.10 HK_TYPE_WQ) $(grep -rcw HK_TYPE_WQ "$tmp/openeuler-5.10/include/linux/sched/isolation.h")" "HK_TYPE_WQ 0"

# --- docs/install.md: each description is named, for what it shows
families=$(sed -n '/^<!-- FAMILIES -->$/,/^<!-- END OF FAMILIES -->$/p' docs/install.md)
for file in tests/data/kernels/[!R]*; do
	k=${file##*/}
	row=$(grep -w -e "$k" <<<"$families" || true)
	if grep -q '^source made up' "$file"; then
		tap_is "$k is made up: docs/install.md does not name it" "$row" ""
	elif [ -e "$tmp/$k.refused" ]; then
		tap_has "$k: docs/install.md has its own TDX" "$row" "| yes | refused by recorded"
	else
		tap_has "$k: docs/install.md has none of its own" "$row" "| no | checked against recorded"
	fi
done

# --- the objects: ld of EL 9.2 warns of one that does not say whether its stack is executable
scripts/build-modules 6.1 >&2
host=build/$(scripts/kernel --release 6.1)/host
for f in src/module/*.S; do
	tap "$f: .note.GNU-stack" sh -c "readelf -SW '$host/${f%.S}.o' | grep -q ' .note.GNU-stack .* 0 .* 0 .* 1\$'"
done
tap_done
