#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-version.sh: versions grow from commit to commit, also for dpkg and rpm, and are the
# same in a clone, a worktree, an archive and /usr/src, as installed by scripts/install.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tap_need git dpkg
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

version() {
	"$1/scripts/version"
}
git() {
	command git -c user.name=test -c user.email=test@localhost "$@"
}
commit() {
	git -C "$tmp/repo" commit -q --allow-empty -m "$1"
}
older() {
	dpkg --compare-versions "$1" lt "$2"
}

# A history of its own, of these files.
git init -q "$tmp/repo"
cp -r --parents .gitattributes VERSION dkms.conf Kbuild dist include scripts src "$tmp/repo"
echo 1.2.3 >"$tmp/repo/VERSION"
git -C "$tmp/repo" add .
commit "release 1.2.3"
git -C "$tmp/repo" tag v1.2.3
tap_is "a tagged release" "$(version "$tmp/repo")" 1.2.3
git clone -q "$tmp/repo" "$tmp/released"
git -C "$tmp/repo" archive --prefix=a/ HEAD | tar -C "$tmp" -x
tap_is "its archive" "$(version "$tmp/a")" 1.2.3

last=1.2.3
for i in 1 2 3 4 5 6 7 8 9 10; do
	commit "change $i"
	v=$(version "$tmp/repo")
	tap_has "commit $i" "$v" "1.2.3+$i.g"
	tap "commit $i: newer for dpkg" older "$last" "$v"
	last=$v
done
tap "the next release is newer" older "$last" 1.2.4
git clone -q "$tmp/repo" "$tmp/clone"
tap_is "a clone" "$(version "$tmp/clone")" "$last"
git -C "$tmp/repo" worktree add -q --detach "$tmp/worktree" HEAD
tap_is "a worktree" "$(version "$tmp/worktree")" "$last"
echo '/* changed */' >>"$tmp/clone/src/module/main.c"
tap_is "with a file changed" "$(version "$tmp/clone")" "$last"

# git mistrusts root in somebody else's checkout.
cp -r "$tmp/clone" "$tmp/foreign"
if [ "$(id -u)" = 0 ]; then
	chown -R 12345 "$tmp/foreign"
fi
tap_is "root in somebody's checkout" "$(version "$tmp/foreign")" "$last"

# Without the history: newer than the release, older than a version that counts commits.
git clone -q --depth 1 "file://$tmp/repo" "$tmp/shallow"
git -C "$tmp/repo" archive --prefix=b/ HEAD | tar -C "$tmp" -x
for t in shallow b; do
	v=$(version "$tmp/$t")
	tap_has "$t: the commit" "$v" "${last#*.g}"
	tap "$t: newer than the release" older 1.2.3 "$v"
	tap "$t: older than a counted commit" older "$v" 1.2.3+1.g0000000
done
tap_is "an archive and a shallow clone are the same" "$(version "$tmp/b")" "$(version "$tmp/shallow")"
mkdir "$tmp/repo/inner"
cp -r "$tmp/repo"/{VERSION,scripts} "$tmp/repo/inner"
tap_is "a copy inside another repository is not of that" "$(version "$tmp/repo/inner")" 1.2.3

DESTDIR=$tmp/dest "$tmp/worktree/scripts/install" dkms
src=$tmp/dest/usr/src/tdx-host-$last
tap_is "dkms' source: VERSION" "$(cat "$src/VERSION")" "$last"
# shellcheck disable=SC2016
tap_is "dkms' source: dkms.conf" "$(bash -c '. "$1"; echo $PACKAGE_VERSION' bash "$src/dkms.conf")" "$last"

# The version of this build.
release=$(scripts/kernel --release 6.1)
tap "build-modules" scripts/build-modules 6.1
built=$(modinfo -F version "build/$release/host/tdx_host.ko")
tap_has "the module's version is of this release" "$built" "$(cat VERSION)+"
tap "make cli" make -s cli
tap_is "tdxhost --version" "$(build/cli/tdxhost --version)" "tdxhost $(cat build/cli/version)"
tap_done
