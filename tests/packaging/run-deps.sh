#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-deps.sh: the packages that scripts/deps installs with each distribution's package
# manager; and "make" builds only for the running kernel, unless told otherwise. The package
# managers, uname and id are stand-ins.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
sed "s|/etc/os-release|$tmp/os-release|" scripts/deps >"$tmp/deps"
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}
for manager in apt-get dnf; do
	stub $manager "echo $manager \"\$@\" >>$tmp/calls; [ ! -e $tmp/broken ]"
done
stub dpkg-query 'exit 1'
stub rpm 'exit 1'
stub apt-cache "[ ! -e $tmp/no-dh-dkms ]"

# deps ID LIKE VERSION KERNEL USER ARG...: its output in $out, its calls in $calls.
deps() {
	printf 'ID="%s"\nID_LIKE="%s"\nVERSION_ID="%s"\n' "$1" "$2" "$3" >"$tmp/os-release"
	stub uname "echo $4"
	stub id "echo $5"
	shift 5
	: >"$tmp/calls"
	status=0
	out=$(PATH=$tmp/bin:$PATH bash "$tmp/deps" "$@" 2>&1) || status=$?
	calls=$(cat "$tmp/calls")
}
# asks WHAT MANAGER PACKAGE...: it must have installed these packages among others.
asks() {
	local what=$1 manager=$2 p
	shift 2
	tap_is "$what: succeeds" "$status" 0
	tap_has "$what: $manager" "$calls" "$manager install"
	for p in "$@"; do
		tap "$what: $p" grep -qw -e "$p" "$tmp/calls"
	done
	tap_is "$what: none of the tests' packages" "$(grep -ow -e qemu-system-x86 -e bochs -e clang "$tmp/calls")" ""
}

deps debian "" 12 6.1.0-56-amd64 0 --build
asks "Debian 12" apt-get dkms libkmod-dev linux-headers-6.1.0-56-amd64
deps debian "" 13 6.12.118+deb13-amd64 0 --packages
asks "Debian 13" apt-get debhelper dh-dkms git linux-headers-6.12.118+deb13-amd64
deps ubuntu debian 24.04 6.8.0-88-generic 0 --packages
asks "Ubuntu" apt-get debhelper linux-headers-6.8.0-88-generic
touch "$tmp/no-dh-dkms"
deps ubuntu debian 22.04 5.15.0-160-generic 0 --packages
tap_is "Ubuntu 22.04 has no dh-dkms: not asked for" "$(grep -c dh-dkms "$tmp/calls")" 0
rm "$tmp/no-dh-dkms"
deps debian "" 12 6.8.12-15-pve 0 --build
asks "Proxmox" apt-get proxmox-headers-6.8.12-15-pve
for el in "rocky:rhel centos fedora:9.6:5.14.0-570.el9_6.x86_64" "almalinux:rhel centos fedora:10.0:6.12.0-55.el10_0.x86_64" \
		"rhel:fedora:9.6:5.14.0-570.el9_6.x86_64" "openEuler::24.03:6.6.0-98.0.0.oe2403sp2.x86_64"; do
	IFS=: read -r id like version kernel <<<"$el"
	deps "$id" "$like" "$version" "$kernel" 0 --packages
	asks "$id $version" dnf rpm-build kmod-devel dkms "kernel-devel-$kernel"
done

deps rocky "rhel centos fedora" 9.6 5.14.0-570.el9_6.x86_64 1000 --build
tap_is "without root: fails" "$status" 1
tap_is "without root: calls nothing" "$calls" ""
tap_has "without root: says what to type" "$out" "dnf install gcc make"
touch "$tmp/broken"
deps rocky "rhel centos fedora" 9.6 5.14.0-570.el9_6.x86_64 0 --build
tap_is "no EPEL: fails" "$status" 1
tap_has "no EPEL: names it" "$out" "dnf install epel-release && crb enable"
rm "$tmp/broken"
deps arch "" "" 6.17.1-arch1-1 0 --build
tap_is "another family: fails" "$status" 1
tap_has "another family: says what is needed" "$out" "headers of libkmod"
for release in "ubuntu:debian:24.04" "debian::13"; do
	IFS=: read -r id like version <<<"$release"
	deps "$id" "$like" "$version" 6.8.0-88-generic 0
	tap_is "the tests on $id $version: refused" "$status $calls" "1 "
	tap_has "the tests on $id $version: and how to install is named" "$out" "scripts/deps --build"
done

# A kernel without headers.
stub uname 'echo 6.99.0-none'
tap_has "make: names the kernel and what to type" \
	"$(env -u KERNEL -u MAKEFLAGS PATH="$tmp/bin:$PATH" make -s modules 2>&1 || true)" \
	"no headers of kernel 6.99.0-none in /lib/modules/6.99.0-none/build
kbuild: of the running kernel, scripts/deps --build"
tap_done
