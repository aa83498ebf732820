#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-upgrade.sh: the .debs on a Debian 12 in QEMU, with its own apt and dkms: installed,
# used, upgraded, kept through a kernel upgrade, and removed. tests/packaging/guest has the
# guest's part.
#
# A ccache is filled here with the results of the guest's compiler: emulated, it takes ten
# minutes for what dkms builds five times.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
top=$PWD
log=$top/build/packages-test/upgrade
mkdir -p "$log"
rm -f "$log"/*

scripts/deps debhelper dh-dkms dpkg-dev mmdebstrap e2fsprogs git >&2
root=$(tests/packaging/root-image)
old=$(cat "$root/old") new=$(cat "$root/new") version=$(scripts/version)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-upgrade.XXXXXX")
qemu=''
# shellcheck disable=SC2317
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- the second disk: packages of this and of the next version, the simulator
repo=$tmp/srv/repo
mkdir -p "$repo"
cp "$root"/repo/*.deb "$repo"
scripts/packages deb >&2
cp build/packages/*.deb "$repo"
git clone -q "file://$top" "$tmp/next" >&2
git -C "$tmp/next" -c user.name=test -c user.email=test@localhost commit -q --allow-empty -m "the next commit"
next=$("$tmp/next/scripts/version")
"$tmp/next/scripts/packages" deb >&2
cp "$tmp"/next/build/packages/*.deb "$repo"
(cd "$repo" && dpkg-scanpackages -m . >Packages 2>/dev/null)
for k in "$old" "$new"; do
	scripts/deps "linux-headers-$k" >&2
	scripts/build-modules "$k" >&2
	mkdir -p "$tmp/srv/sim/$k"
	strip --strip-debug -o "$tmp/srv/sim/$k/tdx_seamsim.ko" "build/$k/tests/tdx_seamsim.ko"
	echo "$k" >"$tmp/srv/$([ "$k" = "$old" ] && echo old || echo new)"
done
# compile KERNEL VERSION: in the guest's tree, under the names that dkms uses there.
mkdir -p "$tmp/srv/ccache"
compile() {
	# shellcheck disable=SC2016
	unshare -m sh -ec '
		root=$1 tmp=$2 kernel=$3 version=$4
		mkdir -p "$tmp/overlay" && mount -t tmpfs none "$tmp/overlay" && cd "$tmp/overlay"
		mkdir up work root
		mount -t overlay -o "lowerdir=$root/root,upperdir=up,workdir=work" none root
		mount -t proc proc root/proc
		mkdir -p root/srv/ccache "root/var/lib/dkms/tdx-host/$version"
		mount --bind "$tmp/srv/ccache" root/srv/ccache
		for deb in "$root"/repo/linux-headers-*.deb "$tmp/srv/repo/tdx-host-dkms_${version}_"*.deb; do
			dpkg-deb --fsys-tarfile "$deb" | tar -C root -x --keep-directory-symlink
		done
		cp -a "root/usr/src/tdx-host-$version" "root/var/lib/dkms/tdx-host/$version/build"
		export DEBIAN_KERNEL_USE_CCACHE=1 CCACHE_DIR=/srv/ccache CCACHE_COMPILERCHECK=content
		exec chroot root make -s -C "/lib/modules/$kernel/build" -j2 \
			M="/var/lib/dkms/tdx-host/$version/build" modules' sh "$root" "$tmp" "$@" >&2
}
compile "$old" "$version"
compile "$old" "$next"
compile "$new" "$next"
echo "$version" >"$tmp/srv/version"
echo "$next" >"$tmp/srv/next"
cp tests/packaging/guest/* tests/packaging/lib.sh docs/install.md "$tmp/srv/"
mke2fs -q -t ext4 -d "$tmp/srv" -E root_owner=0:0 "$tmp/srv.img" 512M >&2
cp --sparse=always "$root/root.img" "$tmp/root.img"

# --- a boot of what the boot loader would take: /vmlinuz and /initrd.img
fetch() {
	debugfs -R "dump $1 $2" "$tmp/root.img" 2>/dev/null
	[ -s "$2" ] || { echo "slow-upgrade: no $1 in the guest's root file system" >&2; exit 1; }
}
link() {
	debugfs -R "stat $1" "$tmp/root.img" 2>/dev/null | sed -n 's/^Fast link dest: "\(.*\)"/\1/p'
}
boot() {
	local n=$1 rc=0
	fetch "/$(link /vmlinuz)" "$tmp/vmlinuz"
	fetch "/$(link /initrd.img)" "$tmp/initrd"
	mkfifo "$tmp/out$n"
	sed -u 's/\r$//' <"$tmp/out$n" &
	local reader=$!
	timeout 3000 qemu-system-x86_64 -accel tcg,thread=multi -nodefaults -display none -no-reboot \
		-monitor none -cpu max,vendor=GenuineIntel,family=6,model=143,stepping=8 -smp 2 -m 2G \
		-drive "file=$tmp/root.img,format=raw,if=virtio,cache=unsafe" \
		-drive "file=$tmp/srv.img,format=raw,if=virtio,readonly=on" \
		-serial "file:$log/boot$n" -chardev "file,id=out,path=$tmp/out$n" -serial chardev:out \
		-kernel "$tmp/vmlinuz" -initrd "$tmp/initrd" \
		-append "console=ttyS0 root=/dev/vda rw panic=-1 oops=panic tsc=reliable random.trust_cpu=on" \
		</dev/null &
	qemu=$!
	wait "$qemu" || rc=$?
	qemu=''
	wait "$reader"
	[ "$rc" = 0 ] || echo "slow-upgrade: boot $n ended with $rc: see $log/boot$n" >&2
	return "$rc"
}
boot 1
boot 2
stage=$(debugfs -R "cat /var/lib/tdx-test/stage" "$tmp/root.img" 2>/dev/null)
[ "$stage" = 3 ] || { echo "slow-upgrade: the guest got to stage '$stage' of 3: see $log" >&2; exit 1; }
if grep -E -m 5 'WARNING:|BUG:|Oops|Call Trace:|Kernel panic|general protection' "$log"/boot* >&2; then
	echo "slow-upgrade: the kernel has remarks: see $log" >&2
	exit 1
fi
