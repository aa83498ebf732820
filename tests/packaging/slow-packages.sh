#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-packages.sh: both kinds of packages: lintian and rpmlint find nothing, two builds give
# the same bytes, and the list of files is right; rpm --root installs the rpms into a tree,
# where the real dkms builds for the tree's headers; make install.
set -euo pipefail
shopt -s inherit_errexit nullglob
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
scripts/deps debhelper dh-dkms dpkg-dev lintian rpm rpmlint mmdebstrap >&2

version=$(scripts/version)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-packages-test.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
tap_n=0

# Two builds of one commit, in two folders at the same time, with two umasks.
git clone -q "file://$PWD" "$tmp/a"
cp -a "$tmp/a" "$tmp/b"
out=$tmp/a/build/packages
(umask 077; exec env TMPDIR="$tmp" make -s -C "$tmp/b" packages) >"$tmp/once-more" 2>&1 &
tap "make packages" make -s -C "$tmp/a" packages
if wait $!; then
	tap_ok "once more, at the same time"
else
	tap_not_ok "once more, at the same time" "$(cat "$tmp/once-more")"
fi
for f in "$out"/*.{deb,rpm,dsc,tar.*}; do
	tap "${f##*/}: the same bytes" cmp "$f" "$tmp/b/build/packages/${f##*/}"
done
tap_is "no path of the build is in the rpms" "$(rpm -qp --xml "$out"/*.rpm 2>/dev/null | grep -e /tdx-packages)" ""
tap_is "three packages of either kind, and KVM's .deb" \
	"$(printf '%s\n' "$out"/tdx-host*.{deb,rpm} | grep -cv -e dbgsym -e src.rpm)" 7

tap_is "lintian has no remark" "$(lintian --fail-on none "$out"/*.changes 2>/dev/null)" ""
for f in debian/*.lintian-overrides; do
	tap_is "$f: begins with the reason" "$(head -c 2 "$f")" "# "
done
# Every error, except those that the file lists with a reason.
tap_is "rpmlint has no error" "$(rpmlint -c rpm/rpmlint.toml "$out"/*.rpm 2>/dev/null | grep ' E: ')" ""

# --- the publisher
mkdir "$tmp/all"
for f in "$out"/*.deb; do
	dpkg-deb -R "$f" "$tmp/all/${f##*/}"
done
for f in "$out"/*.rpm; do
	mkdir "$tmp/all/${f##*/}"
	rpm2cpio "$f" | (cd "$tmp/all/${f##*/}" && cpio -idm --quiet)
	rpm -qpi "$f" >"$tmp/all/${f##*/}.info" 2>/dev/null
done
cp "$out"/*.dsc "$tmp/all"
tap_is "no example.org, no field that is not filled in" \
	"$(grep -rlE '[@/]example\.|^(Maintainer|Homepage|URL|Vcs|Bug).*@[A-Z_]+@' "$tmp/all" | sed "s|$tmp/all/||")" ""
tap_is "a field without a value is left out" "$(grep -rhE '^(Homepage|Vcs-Git|URL|Bug URL)' "$tmp/all")" ""
sed -i -e 's|^MAINTAINER=|&A Distribution <tdx@distribution.test>|' -e 's|^HOMEPAGE=|&https://distribution.test/tdx?a\&b|' \
	-e 's|^VCS_GIT=|&https://distribution.test/tdx.git|' "$tmp/b/dist/project"
git -C "$tmp/b" -c user.name=test -c user.email=test@localhost commit -q -a -m "published"
for kind in deb rpm; do
	tap "dist/project filled in: $kind, with the unit tests at build" "$tmp/b/scripts/packages" --check $kind
	tap_has "$kind: --check runs them" "$(cat "$tmp/b/build/packages/log")" "# unit plan"
	tap_is "$kind: and none fails" "$(grep -c '^not ok' "$tmp/b/build/packages/log")" 0
done
named=$(dpkg-deb -f "$tmp"/b/build/packages/tdx-host-tools_*.deb; cat "$tmp"/b/build/packages/*.dsc
	rpm -qpi "$tmp"/b/build/packages/tdx-host-devel-*.rpm 2>/dev/null)
for line in "Maintainer: A Distribution <tdx@distribution.test>" "Homepage: https://distribution.test/tdx?a&b" \
		"Vcs-Git: https://distribution.test/tdx.git" "Packager    : A Distribution" "URL         : https://distribution.test/tdx?a&b"; do
	tap_has "dist/project filled in: $line" "$named" "$line"
done
sed -i 's|^MAINTAINER=.*|MAINTAINER=Nobody <nobody@example.org>|' "$tmp/b/dist/project"
git -C "$tmp/b" -c user.name=test -c user.email=test@localhost commit -q -a -m "nobody"
tap "dist/project with an address that is none: no packages" sh -c '! "$1"' sh "$tmp/b/scripts/packages"

# --- the command, in both
for f in "$tmp/all"/tdx-host-tools_*.deb "$tmp/all/tdx-host-$version-1.x86_64.rpm"; do
	exe=$f/usr/bin/tdxhost kind=${f##*.}
	headers=$(readelf -hldn "$exe")
	for has in "DYN (Position-Independent" GNU_RELRO "BIND_NOW"; do
		tap_has "$kind: tdxhost: $has" "$headers" "$has"
	done
	symbols=$(readelf -W --dyn-syms "$exe")
	tap_has "$kind: tdxhost: stack protector" "$symbols" __stack_chk_fail
	tap_has "$kind: tdxhost: fortified" "$symbols" _chk@GLIBC
	tap_has "$kind: tdxhost: CET" "$(objdump -d "$exe" | grep -m 100 -c endbr64)" 100
	tap_has "$kind: tdxhost: stack clash protection" "$(objdump -d "$exe" | grep -m 1 'orq *\$0x0,(%rsp)')" orq
done

# --- their contents
deb_files() {
	dpkg-deb -c "$out/$1" | awk '$1 !~ /^d/ { print substr($6, 2) }' | grep -v ^/usr/share/doc/
}
# The module's sources in HEAD.
source_files() {
	git ls-files dkms.conf Kbuild VERSION include/tdx_host.h scripts/gen-status scripts/probe-kernel \
		src/core src/module src/selftest dist/update-initramfs | sed "s|^|/usr/src/tdx-host-$version/|"
}
tools=$(printf '%s\n' /usr/bin/tdxhost /usr/lib/udev/rules.d/90-tdx-host.rules \
	/usr/lib/systemd/system/tdx-host.service \
	/usr/share/bash-completion/completions/tdxhost /usr/share/man/man1/tdxhost.1 \
	/usr/share/man/man4/tdx_host.4)
initramfs='/etc/dracut.conf.d/tdx-host.conf /usr/lib/dracut/modules.d/90tdx-host/module-setup.sh'
snippets=$(printf '%s\n' /etc/modprobe.d/tdx-host.conf /etc/modules-load.d/tdx-host.conf)
sorted() {
	LC_ALL=C sort
}
tap_is "tdx-host-tools.deb: its files" "$(deb_files "tdx-host-tools_${version}_amd64.deb" | sed 's/\.gz$//; s|^/lib/|/usr/lib/|' | grep -v lintian | sorted)" \
	"$(sorted <<<"$tools")"
tap_is "tdx-host-dev.deb: its files" "$(deb_files "tdx-host-dev_${version}_all.deb")" /usr/include/tdx_host.h
tap_is "tdx-host-dkms.deb: its files" "$(deb_files "tdx-host-dkms_${version}_all.deb" | sorted)" \
	"$({ source_files; echo "$snippets"; printf '%s\n' $initramfs /etc/initramfs-tools/conf.d/tdx-host
		echo /usr/share/initramfs-tools/hooks/tdx-host; } | sorted)"
tap_is "tdx-host-kvm-dkms.deb: its files" "$(deb_files "tdx-host-kvm-dkms_${version}_all.deb" | sorted)" \
	"$({ sed "s|^.*/||; s|^|/usr/src/tdx-host-kvm-$version/src/kvm/|" <(git ls-files src/kvm | grep -v 'dkms\.conf$')
		printf "/usr/src/tdx-host-kvm-$version/%s\n" VERSION dkms.conf include/tdx_host.h
		echo /usr/lib/modprobe.d/tdx-host-kvm.conf; } | sorted)"
rpm_files() {
	rpm -qpl --noartifact "$out/$1" 2>/dev/null | grep -v -e /usr/lib/.build-id -e ^/usr/share/doc/ -e ^/usr/share/licenses/
}
tap_is "tdx-host.rpm: its files" "$(rpm_files "tdx-host-$version-1.x86_64.rpm" | sed 's/\.gz$//' | sorted)" \
	"$(sorted <<<"$tools")"
tap_is "tdx-host-devel.rpm: its files" "$(rpm_files "tdx-host-devel-$version-1.noarch.rpm")" /usr/include/tdx_host.h
tap_is "tdx-host-dkms.rpm: its files" "$(rpm_files "tdx-host-dkms-$version-1.noarch.rpm" |
	grep -v -e "^/usr/src/tdx-host-$version\(/.*\)\?/[a-z]*$" -e 90tdx-host$ -e "/tdx-host-$version$" | sorted)" \
	"$({ source_files; printf '%s\n' $snippets $initramfs; } | grep -v "/[a-z]*$" | sorted)"
tap_has "tdx-host-dkms.rpm: the snippets are configuration" \
	"$(rpm -qpc "$out/tdx-host-dkms-$version-1.noarch.rpm" 2>/dev/null)" "$snippets"

# --- rpm --root: a copy on write of a tree with dkms and the headers of two kernels
tree=$(scripts/suite-tree trixie)
cat >"$tmp/in-root" <<'END'
set -u
. tests/packaging/lib.sh
root=$tmp/root
mkdir -p "$tmp"/{up,work,root}
mount -t tmpfs none "$tmp/work"
mkdir "$tmp"/work/{up,work}
mount -t overlay -o "lowerdir=$tree,upperdir=$tmp/work/up,workdir=$tmp/work/work" none "$root"
mount -t proc proc "$root/proc"
in_root() {
	chroot "$root" "$@"
}
with_rpm() {
	rpm --root "$root" --dbpath /var/lib/rpm "$@"
}
cp dist/90-tdx-host.rules "$root/tmp/"
states() {
	in_root dkms status | sort
}
tap "rpm --root: install" with_rpm -i --nodeps "$out/tdx-host-dkms-$version-1.noarch.rpm" \
	"$out/tdx-host-devel-$version-1.noarch.rpm"
for kernel in "$root"/lib/modules/*/build; do
	kernel=${kernel%/build}
	kernel=${kernel##*/}
	tap_has "rpm --root: dkms has built and installed for $kernel" "$(states)" \
		"tdx-host/$version, $kernel, x86_64: installed"
	ko=$(in_root find "/lib/modules/$kernel/updates" -name 'tdx_host.ko*')
	tap_is "rpm --root: for $kernel: its version" "$(in_root modinfo -F version "$ko")" "$version"
done

# Configured, the module goes into the initramfs.
tap "dracut is there to try" in_root apt-get -qq -o APT::Sandbox::User=root install \
	--no-install-recommends dracut-core
initramfs() {
	tap "dracut: an initramfs $1" in_root dracut -q -f --no-hostonly -m "base $2" /tmp/initramfs "$kernel"
	in_root lsinitrd /tmp/initramfs | grep -o '[^ ]*tdx[-_]host[^ ]*' >"$tmp/initramfs"
}
in_root depmod "$kernel"	# dkms wants it, and without a kernel nothing else makes it
initramfs "without it" ""
tap_is "dracut: not in it unasked" "$(cat "$tmp/initramfs")" ""
initramfs "with it" tdx-host
for f in updates/dkms/tdx_host.ko etc/modprobe.d/tdx-host-eager.conf etc/modules-load.d/tdx-host.conf; do
	tap_has "dracut: in it when asked: $f" "$(cat "$tmp/initramfs")" "$f"
done

# The rules as a newer systemd reads them.
tap "udevadm verify" in_root udevadm verify /tmp/90-tdx-host.rules
tap_is "rpm --root: the files are as packaged" "$(with_rpm -V --nodeps tdx-host-dkms tdx-host-devel)" ""
tap "rpm --root: the same once more, as an upgrade" with_rpm -U --nodeps --replacepkgs \
	"$out/tdx-host-dkms-$version-1.noarch.rpm"
tap_has "rpm --root: still built" "$(states)" installed
tap "rpm --root: erase" with_rpm -e --nodeps tdx-host-dkms tdx-host-devel
tap_is "rpm --root: no dkms state is left" "$(states)" ""
tap_is "rpm --root: no file is left" \
	"$(in_root find / -xdev -iname '*tdx*host*' ! -path '/var/lib/rpm/*' ! -path '/tmp/*')" ""

# With incomplete headers the transaction succeeds all the same.
rm "$root"/usr/src/linux-headers-*/Module.symvers
tap "rpm --root: broken headers: installs" with_rpm -i --nodeps "$out/tdx-host-dkms-$version-1.noarch.rpm"
tap_is "rpm --root: broken headers: nothing is built" "$(states | grep -c installed)" 0
tap_done
END
tap_n_before=$tap_n
env tmp="$tmp" tree="$tree" out="$out" version="$version" unshare -m bash "$tmp/in-root" >"$tmp/tap" 2>&1 || true
tap_from "$tmp/tap"
tap "the tests in the root came to their end" grep -qx "1\.\.$((tap_n - tap_n_before))" "$tmp/tap"

# --- make install and uninstall
make_dest() {
	make -s "$1" DESTDIR="$tmp/dest" PREFIX=/opt/tdx
}
tap "make install" make_dest install
tap_has "make install: PREFIX" "$("$tmp/dest/opt/tdx/bin/tdxhost" --version)" "$(scripts/version)"
tap "make install: the source for dkms" test -e "$tmp/dest/usr/src/tdx-host-$(scripts/version)/dkms.conf"
echo '#' >>"$tmp/dest/etc/modprobe.d/tdx-host.conf"
tap "make install: once more" make_dest install
tap_is "make install: leaves a changed configuration" "$(tail -n 1 "$tmp/dest/etc/modprobe.d/tdx-host.conf")" "#"
tap "make uninstall" make_dest uninstall
tap_is "make uninstall: no file is left" "$(find "$tmp/dest" ! -type d)" ""
tap_is "make uninstall: no directory of ours" "$(find "$tmp/dest" -path '*tdx-host*')" ""

tap_done
