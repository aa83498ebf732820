#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-autopkgtest.sh: debian/tests as Debian's autopkgtest runs them: all of them in a bare
# Debian 12, then dkms-build in QEMU, on the kernel that it builds for.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
log=$PWD/build/packages-test/autopkgtest
rm -rf "$log"
mkdir -p "$log"
scripts/deps debhelper dh-dkms dpkg-dev mmdebstrap e2fsprogs autopkgtest >&2
scripts/packages deb >&2
release=$(scripts/kernel --release 6.1)
scripts/kernel 6.1 >&2
scripts/build-modules 6.1 >&2
make -s cli >&2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-autopkgtest.XXXXXX")
trap 'umount "$tmp/chroot/proc" 2>/dev/null || true; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
tests=$(sed -n 's/^Tests: //p' debian/tests/control)

# bare WHAT PACKAGES: a tree of Debian 12 in $tmp/WHAT, with the packages to test in /srv.
bare() {
	local sources
	sources=$(scripts/archive bookworm bookworm-security)
	mapfile -t sources <<<"$sources"
	tap "a bare Debian 12: $1" mmdebstrap --quiet --variant=apt --skip=cleanup/apt/lists --include="$2" \
		bookworm "$tmp/$1" "${sources[@]}"
	cp build/packages/*.deb build/packages/*.dsc build/packages/*.tar.* "$tmp/$1/srv"
	rm "$tmp/$1"/srv/*dbgsym* "$tmp/$1"/srv/tdx-host-kvm-dkms_*
}

# results PREFIX TESTS FILE: FILE is the summary that autopkgtest has written.
results() {
	local name
	for name in $2; do
		tap_is "$1: $name" "$(awk -v name="$name" '$1 == name { print $2 }' "$3")" PASS
	done
	tap_is "$1: and nothing else" "$(wc -l <"$3")" "$(wc -w <<<"$2")"
}

bare chroot dpkg-dev
# The backend mounts nothing, and the leak sanitizer of the unit tests reads /proc.
mount -t proc proc "$tmp/chroot/proc"
autopkgtest --summary-file="$log/chroot" --log-file="$log/chroot.log" --output-dir="$log/chroot.out" \
	"$tmp"/chroot/srv/*.deb "$tmp"/chroot/srv/*.dsc -- chroot "$tmp/chroot" >&2 </dev/null ||
	tail -n 30 "$log/chroot.log" >&2
results "in a tree" "$tests" "$log/chroot"

# The guest has no network: what the test depends on is there.
bare vm "autopkgtest,dpkg-dev,kmod,dkms,linux-headers-amd64"
tap_is "the headers are those of the kernel that boots" "$(ls "$tmp/vm/lib/modules")" "$release"
truncate -s 4G "$tmp/root.img"
mke2fs -q -t ext4 -d "$tmp/vm" -E root_owner=0:0 "$tmp/root.img" >&2
cat >"$tmp/guest.sh" <<-'GUEST'
	#!/bin/sh
	. /lib/tdx.sh
	kernel_modules
	mkdir -p /root
	mount -t ext4 /dev/vda /root
	for fs in proc sys dev tmp; do
		mount --rbind "/$fs" "/root/$fs"
	done
	chroot /root /bin/sh -c 'PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 autopkgtest \
		--test-name=dkms-build --summary-file=/srv/summary /srv/*.deb /srv/*.dsc -- null' >/dev/kmsg 2>&1
	cat /root/srv/summary
	umount -l /root
GUEST
scripts/vm --kernel 6.1 --quiet --no-sim --no-host --timeout 3000 --mem 2G --log "$log/vm.kernel" \
	--module virtio_pci --module virtio_blk --module ext4 \
	--qemu -drive --qemu "file=$tmp/root.img,format=raw,if=virtio,cache=unsafe" \
	-- "$tmp/guest.sh" >"$log/vm" || tail -n 30 "$log/vm.kernel" >&2
results "in QEMU" dkms-build "$log/vm"
tap_done
