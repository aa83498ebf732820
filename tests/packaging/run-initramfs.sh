#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-initramfs.sh: dist/update-initramfs, which the packages and "make install" call: it
# rebuilds initramfs images that are configured to contain tdx_host, with the installed tool.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/both" "$tmp/dracut" "$tmp/none"
for tool in grep sh; do
	for dir in both dracut none; do
		ln -s "$(command -v $tool)" "$tmp/$dir/$tool"
	done
done
for tool in both/update-initramfs both/dracut dracut/dracut; do
	printf '#!/bin/sh\necho "%s $*"\n' "${tool#*/}" >"$tmp/$tool"
	chmod 755 "$tmp/$tool"
done

# update TOOLS ARG...: prints its calls and messages.
update() {
	local tools=$1
	shift
	ROOT=$tmp/root PATH=$tmp/$tools sh dist/update-initramfs "$@" 2>&1
}
# The files as installed, with one line active.
fresh() {
	rm -rf "$tmp/root"
	mkdir -p "$tmp/root/etc/initramfs-tools/conf.d" "$tmp/root/etc/dracut.conf.d"
	cp dist/initramfs-tools/conf "$tmp/root/etc/initramfs-tools/conf.d/tdx-host"
	cp dist/dracut/conf "$tmp/root/etc/dracut.conf.d/tdx-host.conf"
}
fresh
tap_is "as installed: nothing" "$(update both)" ""
sed -i 's/^#TDX_HOST/TDX_HOST/' "$tmp/root/etc/initramfs-tools/conf.d/tdx-host"
tap_is "TDX_HOST=y: initramfs-tools" "$(update both)" "update-initramfs -u -k all"
tap_is "TDX_HOST=y, removed" "$(update both --removed)" "update-initramfs -u -k all"
tap_is "TDX_HOST=y, without the tool: nothing" "$(update dracut)" ""
fresh
sed -i 's/^#add_/add_/' "$tmp/root/etc/dracut.conf.d/tdx-host.conf"
tap_is "asked into dracut's" "$(update dracut)" "dracut -f --regenerate-all"
tap_is "asked into dracut's, removed" "$(update dracut --removed)" "dracut -f --regenerate-all"
tap_is "asked into dracut's, without dracut: nothing" "$(update none)" ""
fresh
echo 'add_dracutmodules+=" nfs tdx-host "' >"$tmp/root/etc/dracut.conf"
tap_is "asked in dracut.conf" "$(update dracut)" "dracut -f --regenerate-all"

# The loaded module: ours has parameters, the kernel's own has none.
fresh
mkdir -p "$tmp/root/sys/module/tdx_host"
tap_is "removed, the kernel's own loaded: no word" "$(update none --removed)" ""
mkdir -p "$tmp/root/sys/module/tdx_host/parameters"
touch "$tmp/root/sys/module/tdx_host/parameters/init"
tap_has "removed while loaded: says that it stays" "$(update none --removed)" "until this host boots again"
tap_is "upgraded while loaded: no word" "$(update none)" ""
tap_done
