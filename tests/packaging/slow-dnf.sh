#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-dnf.sh: the dnf commands of docs/install.md, run with Debian's dnf in a Debian 13 with
# its dkms and headers: installation, two upgrades from commit to commit with changed source,
# the module in dracut's initramfs, removal. An empty package provides the dependencies of
# the rpms that Debian's own packages satisfy.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
scripts/deps dnf rpm mmdebstrap git >&2
tree=$(scripts/suite-tree trixie)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-dnf.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
checkout=$tmp/tdx_host
git clone -q "file://$PWD" "$checkout"

# stub NAME PROVIDES...: a package without files.
stub() {
	local name=$1 provides
	shift
	{
		printf '%s\n' "Name: $name" "Version: 1" "Release: 1" "Summary: $name" "License: none" "BuildArch: noarch"
		for provides in "$@"; do
			echo "Provides: $provides"
		done
		printf '%%description\n%s\n%%files\n' "$name"
	} >"$tmp/$name.spec"
	rpmbuild --quiet -bb --define "_topdir $tmp/rpm" --define "_dbpath $tmp/rpm/db" "$tmp/$name.spec" >&2
}
# The names of the tree's dkms and libraries on an rpm system.
dkms_there=$(dpkg-query --admindir "$tree/var/lib/dpkg" -W -f '${source:Upstream-Version}' dkms)

# The commands, except the one for the repositories of an EL.
mapfile -t commands < <(commands_of docs/install.md "RHEL, CentOS" | grep -v -e epel-release -e ^scripts/deps)
tap_is "docs/install.md: commands for dnf" "${#commands[@]}" 2
tap_has "docs/install.md: builds" "${commands[0]}" "scripts/packages rpm"
tap_has "docs/install.md: installs" "${commands[1]}" "dnf install ./build/packages/"

cat >"$tmp/in-root" <<'END'
set -u
. tests/packaging/lib.sh
root=$tmp/root
mkdir -p "$root" "$tmp/work"
mount -t tmpfs none "$tmp/work"
mkdir "$tmp"/work/{up,work}
mount -t overlay -o "lowerdir=$tree,upperdir=$tmp/work/up,workdir=$tmp/work/work" none "$root"
mount -t proc proc "$root/proc"
# One kernel is enough here.
kernel=$(ls "$root/lib/modules" | sort -V | head -n 1)
find "$root/lib/modules" -mindepth 1 -maxdepth 1 ! -name "$kernel" -exec rm -r {} +

# dnf for that root, with the given packages only.
printf '%s\n' '#!/bin/sh' "exec /usr/bin/dnf -q -y --installroot='$root' --releasever=1 --disablerepo='*' \\" \
	"--setopt=reposdir=/nonexistent --setopt=tsflags= --setopt=logdir=/tmp \"\$@\"" >"$tmp/bin/dnf"
chmod 755 "$tmp/bin/dnf"
run() {
	(cd "$checkout" && PATH=$tmp/bin:$PATH bash -ec "$1")
}
in_root() {
	chroot "$root" "$@"
}
with_rpm() {
	rpm --root "$root" "$@"
}
module() {
	in_root modinfo -k "$kernel" -F "$1" tdx_host
}
state_is() {
	local version
	version=$("$checkout/scripts/version")
	tap_is "$1: rpm has this version alone" "$(with_rpm -q --qf '%{version}\n' tdx-host tdx-host-dkms | sort -u)" "$version"
	tap_is "$1: dkms too" "$(in_root dkms status -m tdx-host)" "tdx-host/$version, $kernel, x86_64: installed"
	tap_is "$1: so has the module that modprobe would load" "$(module version)" "$version"
	tap_is "$1: and tdxhost" "$(in_root tdxhost --version)" "tdxhost $version"
	tap_is "$1: one source is left" "$(ls "$root/usr/src" | grep '^tdx-host')" "tdx-host-$version"
}

tap "${commands0}" run "$commands0"
out=$(run "$commands1" 2>&1) && status=0 || status=$?
tap_is "without dkms: dnf refuses" "$status" 1
tap_has "without dkms: and names it" "$out" "nothing provides dkms"
tap "dnf: what an rpm system has" run "dnf install $tmp/rpm/RPMS/noarch/*.rpm"
in_root depmod "$kernel"	# dkms wants it, and without a kernel nothing else makes it
tap "$commands1" run "$commands1"
state_is "installed"

# Now the module goes into the initramfs, as docs/install.md says for dracut.
tap "dracut is there to try" in_root apt-get -qq -o APT::Sandbox::User=root install \
	--no-install-recommends dracut-core
tap_has "dracut.conf.d: a line to uncomment" "$(cat "$root/etc/dracut.conf.d/tdx-host.conf")" "#add_dracutmodules"
sed -i 's/^#add_/add_/' "$root/etc/dracut.conf.d/tdx-host.conf"
printf '%s\n' 'hostonly="no"' 'dracutmodules+=" base "' 'compress="cat"' >"$root/etc/dracut.conf.d/small.conf"
# The version of the module in the one initramfs.
in_initramfs() {
	local image
	image=$(find "$root/boot" -name 'init*' -printf '/boot/%f\n')
	in_root sh -ec 'rm -rf /tmp/i && mkdir /tmp/i && cd /tmp/i && lsinitrd --unpack "$1" >/dev/null
		find . -name "tdx_host.ko*" -exec modinfo -F version {} \;' sh "$image"
}

for i in 1 2; do
	sed -i "s/^MODULE_DESCRIPTION(.*/MODULE_DESCRIPTION(\"upgrade $i\");/" "$checkout/src/module/main.c"
	git -C "$checkout" -c user.name=test -c user.email=test@localhost commit -q -a -m "upgrade $i"
	tap "upgrade $i: $commands0" run "$commands0"
	tap "upgrade $i: $commands1" run "$commands1"
	state_is "upgrade $i"
	tap_is "upgrade $i: with the changed source" "$(module description)" "upgrade $i"
	tap_is "upgrade $i: the initramfs has it" "$(in_initramfs)" "$(module version)"
done
before=$(stat -c %y "$root"/boot/init*)
tap "dnf remove" run "dnf remove tdx-host tdx-host-dkms"
tap_is "no dkms state is left" "$(in_root dkms status)" ""
tap "the initramfs was made again" test "$(stat -c %y "$root"/boot/init*)" != "$before"
tap_is "and has no tdx_host" "$(in_initramfs)" ""
tap_is "no file is left but the changed one" "$(in_root find / -xdev -iname '*tdx*host*' ! -path '/var/lib/rpm/*' ! -path '/tmp/*' \
	! -path '/var/cache/*' ! -path '/var/log/*' ! -path '/proc/*')" \
	/etc/dracut.conf.d/tdx-host.conf.rpmsave
tap_done
END
mkdir "$tmp/bin"
stub an-rpm-system "dkms = $dkms_there" /bin/sh /bin/bash 'rtld(GNU_HASH)' \
	"libc.so.6()(64bit)" 'libkmod.so.2()(64bit)' 'libkmod.so.2(LIBKMOD_5)(64bit)' \
	$(objdump -p "$tree/lib/x86_64-linux-gnu/libc.so.6" | grep -o 'GLIBC_2[0-9.]*$' | sort -u | sed 's/.*/libc.so.6(&)(64bit)/')
env tmp="$tmp" tree="$tree" checkout="$checkout" commands0="${commands[0]}" commands1="${commands[1]}" \
	unshare -m bash "$tmp/in-root" >"$tmp/tap" 2>&1 || true
tap_from "$tmp/tap"
tap "the tests in the root came to their end" grep -q "^1\.\." "$tmp/tap"
tap_done
