#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The man pages and the completion are complete.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
top=../..
commands=(status check plan enable module selftest explain report)

page() {
	groff -man -Tascii -P-c -P-b -P-u -P-o -rHY=0 -rLL=100n "$top/man/$1" >"$tmp/$1"
}

# FILE must contain each line of standard input as a word.
words_in() {
	local missing=''
	while read -r word; do
		grep -qE -e "(^|[^a-z_-])$word([^a-z_]|$)" "$1" || missing+=" $word"
	done
	[ -z "$missing" ] || { echo "# missing:$missing"; return 1; }
}

for m in tdxhost.1 tdx_host.4; do
	groff -ww -man -Tutf8 -z "$top/man/$m" 2>"$tmp/warnings" || echo failed >>"$tmp/warnings"
	result "$([ ! -s "$tmp/warnings" ]; echo $?)" "$m: groff has no remark"
	sed 's/^/# /' "$tmp/warnings"
	page "$m"
	version=$(cat $top/VERSION)	# with "+..." in a source package
	result "$(grep -qF "tdx_host ${version%%+*}" "$tmp/$m"; echo $?)" "$m is of this version"
done

"$tdxhost" --help | sed -n 's/^  \([a-z][a-z]*\)  *[a-z].*/\1/p' >"$tmp/has"
result "$(printf '%s\n' "${commands[@]}" | cmp -s - "$tmp/has"; echo $?)" \
	"--help lists ${commands[*]}"
for c in "${commands[@]}"; do
	status=0
	"$tdxhost" "$c" --help >"$tmp/help" || status=$?
	result $status "$c --help"
	grep -o -e '--[a-z][a-z-]*' "$tmp/help" | sort -u >"$tmp/options"
	sed '/--help/d' "$tmp/options" | words_in "$tmp/tdxhost.1" &&
		result 0 "$c: options in the man page" || result 1 "$c: options in the man page"
	# The options that TAB offers after "tdxhost COMMAND --".
	(
		. "$top/dist/tdxhost.bash-completion"
		COMP_WORDS=(tdxhost "$c" --) COMP_CWORD=2
		_tdxhost
		printf '%s\n' "${COMPREPLY[@]}"
	) | sort -u >"$tmp/offered"
	result "$(diff "$tmp/options" "$tmp/offered" >&2; echo $?)" "$c: completion offers its options"
done

sed -n 's/^\(module_param\|module_param_cb\|tdx_words_param\)(\([a-z_]*\),.*/\2/p' $top/src/module/*.c | sort >"$tmp/params"
result "$([ "$(wc -l <"$tmp/params")" -ge 6 ] && sed 's/$/=/' "$tmp/params" |
	words_in "$tmp/tdx_host.4" >&2; echo $?)" "tdx_host.4 has the module's parameters"
(
	. "$top/dist/tdxhost.bash-completion"
	COMP_WORDS=(tdxhost enable '') COMP_CWORD=2
	_tdxhost
	printf '%s\n' "${COMPREPLY[@]}"
) | sed -n 's/=.*//p' | sort -u >"$tmp/offered"
result "$(diff "$tmp/params" "$tmp/offered" >&2; echo $?)" "completion offers the module's parameters"
sed -n 's/.*&dev_attr_\([a-z_]*\)\.attr.*/\1/p' $top/src/module/sysfs.c >"$tmp/files"
result "$([ -s "$tmp/files" ] && words_in "$tmp/tdx_host.4" <"$tmp/files" >&2; echo $?)" \
	"tdx_host.4 has the files of sysfs"
sed -n 's/.*debugfs_create_file("\([a-z]*\)".*/\1/p' $top/src/module/debugfs.c >"$tmp/files"
result "$([ -s "$tmp/files" ] && words_in "$tmp/tdx_host.4" <"$tmp/files" >&2; echo $?)" \
	"tdx_host.4 has the files of debugfs"
sed -n 's/.*\[TDX_STATE_[A-Z_]*\] = "\([a-z-]*\)".*/\1/p' $top/src/module/state.c >"$tmp/states"
result "$([ -s "$tmp/states" ] && words_in "$tmp/tdx_host.4" <"$tmp/states" >&2; echo $?)" \
	"tdx_host.4 has the states"
result "$(words_in $top/src/cli/host_files.c <"$tmp/states" >&2; echo $?)" "tdxhost knows the states"
# docs/kvm.md lists each WARN that tests/vm/kvm-faults.sh expects.
grep -o -e '--warn [a-z_]*' $top/tests/vm/kvm-faults.sh | sed 's/^--warn //' | sort -u >"$tmp/warns"
sed -n 's/^| TDH[^|]*|\([^|]*\)|.*/\1/p' $top/docs/kvm.md | grep -o '`[a-z_]*`' | tr -d '`' | sort -u >"$tmp/listed"
result "$([ -s "$tmp/warns" ] && diff "$tmp/warns" "$tmp/listed" >&2; echo $?)" \
	"docs/kvm.md has the WARNINGs that tests/vm/kvm-faults.sh waits for"
done_testing
