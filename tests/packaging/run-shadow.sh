#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-shadow.sh: Linux's own driver is also a module named tdx_host
# (drivers/virt/coco/tdx-host).  The hooks that put ours into an initramfs ignore it.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/bin" "$tmp/etc/conf.d" "$tmp/initrd"

# modinfo of a kernel: its tdx_host is ours, its own or missing.
cat >"$tmp/bin/modinfo" <<'END'
#!/bin/sh
case $TDX_HOST_IS in
ours)	echo 'init:when to bring the TDX module up'; echo 'policy:RAM no TDMR can cover' ;;
kernel)	;;
*)	exit 1 ;;
esac
END
chmod 755 "$tmp/bin/modinfo"
PATH=$tmp/bin:$PATH

echo 'force_load() { echo "force_load $*"; }' >"$tmp/hook-functions"
sed "s|/usr/share/initramfs-tools/hook-functions|$tmp/hook-functions|" dist/initramfs-tools/hook >"$tmp/hook"
hook() {
	TDX_HOST_IS=$1 CONFDIR=$tmp/etc version=6.1 sh "$tmp/hook" 2>&1
}

echo TDX_HOST=y >"$tmp/etc/conf.d/tdx-host"
tap_is "initramfs-tools: ours goes in" "$(hook ours)" "force_load tdx_host init=eager"
without="W: tdx_host is not built for kernel 6.1: not in its initramfs"
tap_is "initramfs-tools: the kernel's own does not" "$(hook kernel)" "$without"
tap_is "initramfs-tools: none does not" "$(hook none)" "$without"
echo TDX_HOST=n >"$tmp/etc/conf.d/tdx-host"
tap_is "initramfs-tools: unasked, nothing" "$(hook ours)" ""

# The answer to dracut for a kernel.  If check() refused a module that is configured, dracut
# would make no initramfs at all, so it returns 255, "only if configured", for each.
dracut() {
	# shellcheck disable=SC2030,SC2031
	(export TDX_HOST_IS=$1 kernel=6.1 initdir=$tmp/initrd-$1
	dwarn() { echo "W: $*"; }
	instmods() { echo "instmods $*"; }
	. dist/dracut/module-setup.sh
	check && echo 0 || echo $?
	installkernel
	install
	[ ! -e "$initdir" ] || (cd "$initdir" && find . -type f | sort))
}
tap_is "dracut: ours, when asked" "$(dracut ours)" "255
instmods tdx_host
./etc/modprobe.d/tdx-host-eager.conf
./etc/modules-load.d/tdx-host.conf"
tap_is "dracut: the kernel's own: nothing, and says so" "$(dracut kernel)" "255
$without"
tap_is "dracut: none: nothing, and says so" "$(dracut none)" "255
$without"

# dkms links a module into kernels that it was not built for, where a distribution
# has weak-updates.
# shellcheck source=/dev/null
tap_is "dkms: no weak modules" "$(. ./dkms.conf && echo "${NO_WEAK_MODULES:-}")" yes

tap_done
