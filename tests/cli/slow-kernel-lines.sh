#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-kernel-lines.sh [DIR VERSION]...: compares log-messages.tsv with kernel sources: the
# unpacked ones given or, by default, Debian's linux-source packages of bookworm (6.1, 6.12)
# and the newest two of trixie-backports, each fetched once into .cache/sources.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"
top=$(cd ../.. && pwd)
sources=$top/.cache/sources
want=(arch/x86 drivers/virt)

# fetch SERIES COMMAND...: its package, downloaded by COMMAND in the working directory.
fetch() {
	local series=$1 dir=$sources/$1 tmp
	shift
	[ ! -e "$dir" ] || return 0
	mkdir -p "$sources"
	exec 9>"$dir.lock"
	flock 9
	[ ! -e "$dir" ] || return 0
	tmp=$(mktemp -d "$dir.XXXXXX")
	(cd "$tmp" && "$@") >&2
	dpkg-deb --fsys-tarfile "$tmp"/*.deb |
		tar -xO "./usr/src/linux-source-$series.tar.xz" |
		tar -xJ -C "$tmp" --strip-components=1 "${want[@]/#/linux-source-$series/}"
	rm "$tmp"/*.deb
	mv "$tmp" "$dir"
}

here() {
	apt-get -qq -o APT::Sandbox::User=root download "linux-source-$1"
}

in_tree() {
	local tree=$1 package=$2
	# shellcheck disable=SC2016
	chroot "$tree" sh -c 'rm -rf /tmp/source && mkdir /tmp/source && cd /tmp/source &&
		apt-get -qq -o APT::Sandbox::User=root -t trixie-backports download "$1"' sh "$package"
	mv "$tree"/tmp/source/*.deb .
}

pairs=("$@")
if [ $# = 0 ]; then
	for series in 6.1 6.12; do
		fetch $series here $series
		pairs+=("$sources/$series" "$series")
	done
	tree=$("$top/scripts/suite-tree" trixie)
	newest=$(chroot "$tree" apt-cache search --names-only '^linux-source-[0-9.]+$' |
		sed -n 's/^linux-source-\([0-9.]*\) .*/\1/p' | sort -V | tail -n 2)
	for series in $newest; do
		fetch "$series" in_tree "$tree" "linux-source-$series"
		pairs+=("$sources/$series" "$series")
	done
fi

n=0 failed=0
for ((i = 0; i < ${#pairs[@]}; i += 2)); do
	out=$(./kernel-lines ../../src/cli/log-messages.tsv "${pairs[i + 1]}" "${pairs[i]}") || failed=1
	while read -r line; do
		case $line in
		"ok "*) n=$((n + 1)); echo "ok $n - ${line#* - }" ;;
		"not ok "*) n=$((n + 1)); echo "not ok $n - ${line#* - }" ;;
		esac
	done <<<"$out"
done
echo "1..$n"
[ $n -gt 0 ] && exit $failed
