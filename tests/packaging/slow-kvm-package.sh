#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-kvm-package.sh: tdx-host-kvm-dkms on a Debian 13 with the kernels of its backports.
# The tree's own apt and dkms install it and upgrade the kernel, then go back. The modules
# that they have built then run in QEMU on the same root file system, and are removed there.
set -euo pipefail
shopt -s inherit_errexit nullglob
cd "$(dirname "$0")/../.."
if [ "${1:-}" != --mounted ]; then
	exec unshare -m "$0" --mounted
fi
. tests/packaging/lib.sh
log=$PWD/build/packages-test/kvm-package
mkdir -p "$log"
scripts/deps debhelper dh-dkms dpkg-dev mmdebstrap e2fsprogs >&2

scripts/suite-tree trixie 7.2 >/dev/null
tree=$(scripts/suite-tree trixie 7.3)
old=$(scripts/kernel --release 7.2) new=$(scripts/kernel --release 7.3)
for k in "$old" "$new"; do
	scripts/kernel "$k" >&2
	scripts/build-modules "$k" >&2
done
make -s cli >&2
scripts/packages deb >&2
version=$(scripts/version)

tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-kvm-package.XXXXXX")
root=$tmp/root
# shellcheck disable=SC2317
cleanup() {
	umount -q -l "$root/proc" "$root" || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- the tree: a copy on write of the one that builds modules, with the older kernel alone
mkdir -p "$tmp"/{up,work,root}
mount -t overlay -o "lowerdir=$tree,upperdir=$tmp/up,workdir=$tmp/work" none "$root"
mount -t proc proc "$root/proc"
in_root() {
	chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}
# apt WHAT ARGUMENT...: its output is in $tmp/apt, and the log of dkms in $log.
apt() {
	local what=$1 since=$SECONDS
	shift
	tap "$what" apt_says "$@"
	echo "# $what: $((SECONDS - since)) s"
	cat "$tmp/apt" >>"$log/apt"
}
apt_says() {
	in_root apt-get -q -y -o APT::Sandbox::User=root --no-install-recommends \
		-t trixie-backports "$@" >"$tmp/apt" 2>&1 || { cat "$tmp/apt"; return 1; }
}
said() {
	tap_has "$1" "$(grep '^tdx-host-kvm: ' "$tmp/apt" || tail -n 3 "$tmp/apt")" "$2"
}
of_source() {
	in_root dpkg-query -W -f '${source:Version}' "linux-headers-$1"
}
series() {
	echo "${1%%[-+]*}" | cut -d. -f1-2
}
source_of() {
	echo "linux-source-$(series "$1")"
}

printf '%s\n' MODULES=list COMPRESS=gzip >"$tmp/small"
install -D -m 644 "$tmp/small" "$root/etc/initramfs-tools/conf.d/small"
cp build/packages/*.deb "$root/tmp"
git clone -q "file://$PWD" "$tmp/next" >&2
git -C "$tmp/next" -c user.name=test -c user.email=test@localhost commit -q --allow-empty -m "the next commit"
next=$("$tmp/next/scripts/version")
"$tmp/next/scripts/packages" deb >&2
cp "$tmp"/next/build/packages/*.deb "$root/tmp"
apt "Debian 13: the newer kernel's headers go" purge "linux-headers-$new" "linux-headers-${new%-amd64}-common" "linux-kbuild-${new%-amd64}"
apt "Debian 13: the older kernel" install "linux-image-$old" initramfs-tools openssl

stock() {
	in_root modinfo -k "$1" -F filename kvm_intel
}
stock_old=$(stock "$old")
stock_sum=$(sha256sum <"$root$stock_old")
tap_has "the stock KVM is there" "$stock_old" "/lib/modules/$old/kernel/arch/x86/kvm/kvm-intel.ko"

# has_tds KERNEL WHEN: modprobe would load the KVM for TDs, on KERNEL.
has_tds() {
	local k=$1 name
	tap_is "$2: dkms has it for $k" "$(in_root dkms status -m tdx-host-kvm -k "$k" | cut -d' ' -f1-4)" \
		"tdx-host-kvm/$version, $k, x86_64: installed"
	for name in kvm kvm-intel; do
		tap_has "$2: $name of $k is dkms'" "$(in_root modinfo -k "$k" -F filename "$name")" \
			"/lib/modules/$k/updates/dkms/$name.ko"
		tap_is "$2: $name of $k is signed" "$(in_root modinfo -k "$k" -F signer "$name")" "DKMS module signing key"
		tap_has "$2: $name of $k is for that kernel" "$(in_root modinfo -k "$k" -F vermagic "$name")" "$k "
	done
	tap_has "$2: it needs tdx_host" "$(in_root modinfo -k "$k" -F depends kvm-intel)" tdx_host
	tap_is "$2: modprobe sets its parameter" \
		"$(in_root modprobe -S "$k" --show-depends kvm_intel | grep -o 'kvm-intel.*')" \
		"$(basename "$(in_root modinfo -k "$k" -F filename kvm-intel)") tdx=1 "
	# The modules for other vendors and for graphics use the same kvm.
	tap_is "$2: depmod lacks no symbol" \
		"$(in_root depmod -n -e -E "/lib/modules/$k/build/Module.symvers" "$k" 2>&1 >/dev/null | head -n 5)" ""
	tap_has "$2: the log has every symbol" \
		"$(cat "$root/var/lib/dkms/tdx-host-kvm/$version/$k/x86_64/log/make.log")" "symbols: 30 of 30"
}
# is_stock KERNEL WHEN
is_stock() {
	tap_has "$2: $1 has its stock KVM" "$(stock "$1")" "/lib/modules/$1/kernel/arch/x86/kvm/kvm-intel.ko"
}

# boot KERNEL STAGE: the same in QEMU; changes stay in the image.
boot() {
	local k=$1 since=$SECONDS line
	shift
	[ -e "$tmp/root.img" ] || {
		in_root apt-get clean
		umount "$root/proc"
		truncate -s 6G "$tmp/root.img"
		mke2fs -q -t ext4 -d "$root" -E root_owner=0:0 "$tmp/root.img" >&2
		mount -t proc proc "$root/proc"
	}
	# Of --kvm the CPU and td-kvm are wanted; the modules come from the image.
	scripts/vm --kernel "$k" --kvm --quiet --no-sim --no-host --timeout 900 --log "$log/$k" \
		--module virtio_pci --module virtio_blk --module ext4 \
		--qemu -drive --qemu "file=$tmp/root.img,format=raw,if=virtio,cache=unsafe" \
		-- tests/packaging/kvm-guest "$@" >"$tmp/tap" 2>"$tmp/err" || cat "$tmp/err" >&2
	grep -q '^1\.\.' "$tmp/tap" || tap_not_ok "$k: the guest came to its end" "see $log/$k"
	tap_from "$tmp/tap" "$k: "
	echo "# $k in QEMU: $((SECONDS - since)) s"
}

# --- installed, all at once
wanted=$(of_source "$old")
apt "apt install of our packages and $(source_of "$old")" install \
	"/tmp/tdx-host-dkms_${version}_all.deb" "/tmp/tdx-host-kvm-dkms_${version}_all.deb" \
	"/tmp/tdx-host-tools_${version}_amd64.deb" "$(source_of "$old")=$wanted"
said "it says that $old has it" "kernel $old has a KVM that makes TDs"
has_tds "$old" installed
boot "$old" "$version" runs
rm "$tmp/root.img"

# --- a kernel upgrade without the source
apt "the newer kernel, without its source" install "linux-image-$new" "linux-headers-$new"
wanted=$(of_source "$new")
said "it says what is missing" "kernel $new keeps its own KVM, which makes no TDs: install $(source_of "$new")=$wanted"
is_stock "$new" "upgraded without source"
tap_is "the newer kernel's package is whole" "$(in_root dpkg-query -W -f '${db:Status-Status}' "linux-headers-$new")" installed
tap_has "dkms has tdx_host for it" "$(in_root dkms status -m tdx-host -k "$new")" installed
has_tds "$old" "upgraded without source"

# --- the source is installed, and dkms builds by itself
apt "the source of the newer kernel" install "$(source_of "$new")=$wanted"
said "it says that $new has it" "kernel $new has a KVM that makes TDs"
has_tds "$new" "with the source"
boot "$new" "$version" runs removal

# --- the old kernel is removed
apt "the older kernel goes" purge "linux-image-$old" "linux-headers-$old"
tap_is "dkms has put its stock KVM back" "$(sha256sum <"$root$stock_old")" "$stock_sum"
tap_is "and taken its own away" "$(in_root find "/lib/modules/$old/updates" 2>/dev/null)" ""
tap_has "dkms has the newer alone" "$(in_root dkms status -m tdx-host-kvm)" "$new"

# --- image, headers and source are installed at once, as in an upgrade
owner=$(in_root dpkg -S "/usr/lib/modules/$new/kernel/arch/x86/kvm/kvm-amd.ko.xz")
owner=${owner%%:*}
apt "the kernel once more" install --reinstall "$owner" "linux-image-$new" "linux-headers-$new" "$(source_of "$new")"
has_tds "$new" "reinstalled"

# --- upgrade of the packages
version=$next
apt "the next version of the packages" install "/tmp/tdx-host-dkms_${next}_all.deb" \
	"/tmp/tdx-host-kvm-dkms_${next}_all.deb" "/tmp/tdx-host-tools_${next}_amd64.deb"
has_tds "$new" upgraded
tap_is "upgraded: dkms has the next version alone" "$(in_root dkms status | cut -d, -f1 | LC_ALL=C sort -u | tr '\n' ' ')" \
	"tdx-host-kvm/$next tdx-host/$next "

# --- removal of the package
apt "the package goes" purge tdx-host-kvm-dkms
is_stock "$new" removed
tap_is "no dkms state is left" "$(in_root dkms status -m tdx-host-kvm)" ""
tap_is "no file is left" "$(in_root find / -xdev -iname '*tdx*host*kvm*' ! -path '/tmp/*' ! -path '/var/lib/dpkg/*')" ""
tap_is "the files of $owner are as packaged" "$(in_root dpkg -V "$owner")" ""
tap_done
