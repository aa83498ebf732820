#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Puts tdx_host into the initramfs if asked for: the TDX module is then up before
# memory fragments. Ask with: add_dracutmodules+=" tdx-host " in /etc/dracut.conf.d.

# The kernel's own module of this name, which has no parameters, is no case for this.
ours() {
	# shellcheck disable=SC2154
	modinfo -k "$kernel" -F parm tdx_host 2>/dev/null | grep -q '^init:'
}

# Only when asked for. Of a kernel without tdx_host, too: for a module that is asked for
# and says no, dracut makes no initramfs at all.
check() {
	return 255
}

depends() {
	return 0
}

installkernel() {
	if ! ours; then
		dwarn "tdx_host is not built for kernel $kernel: not in its initramfs"
		return 0
	fi
	hostonly='' instmods tdx_host
}

install() {
	ours || return 0
	# shellcheck disable=SC2154
	mkdir -p "$initdir/etc/modprobe.d" "$initdir/etc/modules-load.d"
	echo "options tdx_host init=eager" >"$initdir/etc/modprobe.d/tdx-host-eager.conf"
	echo tdx_host >"$initdir/etc/modules-load.d/tdx-host.conf"
}
