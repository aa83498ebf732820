#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-install.sh [SUITE]...: README's commands on a bare Debian 12 and 13 (mmdebstrap
# minbase), and the commands of docs/install.md without packages: the packages are installed,
# then upgraded twice, from commit to commit; make install runs twice, with changed source.
# Prints the time it takes and the number of packages it pulls in.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
suites=("$@")
[ $# -gt 0 ] || suites=(bookworm trixie)
tap_need mmdebstrap
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-install.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"

# Runs a command in the tree, as root, in its checkout; the output is in $tmp/log.
inside() {
	# shellcheck disable=SC2016
	unshare -m sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$1" \
		env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive bash -ec "cd /root/tdx_host; $2"' \
		sh "$tree" "$1" </dev/null >"$tmp/log" 2>&1 || { cat "$tmp/log"; return 1; }
}
said() {
	inside "$1" >/dev/null && cat "$tmp/log"
}

# Commits in that checkout; a text becomes the module's description.
change() {
	sed -i "s/^MODULE_DESCRIPTION(.*/MODULE_DESCRIPTION(\"$1\");/" "$checkout/src/module/main.c"
}
commit() {
	git -C "$checkout" -c user.name=test -c user.email=test@localhost commit -q -a -m "$1"
}

for suite in "${suites[@]}"; do
	tree=$tmp/$suite checkout=$tmp/$suite/root/tdx_host
	sources=$(scripts/archive "$suite" "$suite-security")
	mapfile -t sources <<<"$sources"
	tap "$suite: a bare system" mmdebstrap --quiet --variant=minbase --skip=cleanup/apt/lists \
		"$suite" "$tree" "${sources[@]}"
	git clone -q "file://$PWD" "$checkout"
	# uname of a machine with this suite's kernel; apt asks before it installs.
	kernel=$(chroot "$tree" apt-cache depends linux-headers-amd64 | sed -n 's/.*Depends: linux-headers-//p' | head -n 1)
	printf '#!/bin/sh\n[ "$*" != -r ] || { echo %s; exit; }\nexec /bin/uname "$@"\n' "$kernel" \
		>"$tree/usr/local/bin/uname"
	chmod 755 "$tree/usr/local/bin/uname"
	echo 'APT::Get::Assume-Yes "true";' >"$tree/etc/apt/apt.conf.d/yes"

	commands=$(commands_of README.md Install)
	tap_has "README has commands for Debian" "$commands" "apt-get install ./build/packages"
	installed() {
		chroot "$tree" dpkg-query -W -f '${db:Status-Status}\n' | grep -c '^installed$'
	}
	n=$(installed) since=$SECONDS
	tap "$suite: README's commands" inside "$commands"
	echo "# $suite: $((SECONDS - since)) s, $(($(installed) - n)) packages, from bare to built and installed for $kernel"
	tap_is "$suite: none of the tests' tools" "$(chroot "$tree" dpkg-query -W | grep -c -e ^qemu-system -e ^bochs -e ^clang)" 0

	upgraded() {
		local version
		version=$(said scripts/version)
		tap_is "$suite: $1: dpkg has version $version" \
			"$(chroot "$tree" dpkg-query -W -f '${Version}' tdx-host-dkms)" "$version"
		tap_is "$suite: $1: so has tdxhost" "$(said "tdxhost --version")" "tdxhost $version"
		tap_is "$suite: $1: and the module that modprobe would load" \
			"$(said "modinfo -k $kernel -F version tdx_host")" "$version"
		tap_is "$suite: $1: dkms has this one alone" "$(said "dkms status -m tdx-host")" \
			"tdx-host/$version, $kernel, x86_64: installed"
	}
	upgraded installed
	for i in 1 2; do
		change "upgrade $i"
		commit "upgrade $i"
		tap "$suite: README's commands, upgrade $i" inside "$commands"
		upgraded "upgrade $i"
		tap_is "$suite: upgrade $i: with the changed source" \
			"$(said "modinfo -k $kernel -F description tdx_host")" "upgrade $i"
	done

	tap "$suite: make install beside the package is refused" inside "make; ! make install"
	tap_has "$suite: and says why" "$(cat "$tmp/log")" "is of package tdx-host-dkms"
	tap "$suite: purge" inside "apt-get purge 'tdx-host-*'"
	commands=$(commands_of docs/install.md "Without packages")
	tap_has "docs/install.md has commands without packages" "$commands" "make install"
	tap "$suite: the commands without packages" inside "$commands"
	made() {
		tap_is "$suite: $1: the module is of the source" "$(said "modinfo -k $kernel -F description tdx_host")" "$2"
		tap_is "$suite: $1: dkms has this version alone" "$(said "dkms status -m tdx-host")" \
			"tdx-host/$(said scripts/version), $kernel, x86_64: installed"
		tap_is "$suite: $1: one source is left" "$(ls -d "$tree"/usr/src/tdx-host-* | wc -l)" 1
	}
	made "make install" "upgrade 2"
	change "not committed"
	tap "$suite: make install again, the version the same" inside "make; make install"
	made "the same version" "not committed"
	commit "as after git pull"
	tap "$suite: make install again, the version newer" inside "make; make install"
	made "a newer version" "not committed"
	tap "$suite: make uninstall" inside "make uninstall"
	tap_is "$suite: nothing is left" "$(find "$tree" -xdev -iname '*tdx*host*' ! -path "$tree/root/*" ! -path '*/var/log/*')" ""
	rm -rf "$tree"
done
tap_done
