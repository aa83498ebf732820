#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# From a kernel in which TDX is up into a second one, by kexec or by a panic: it boots, and
# its tdx_host reports the state of the TDX module.
# Arguments: profile, kexec or panic; then again: the SEAM loader installs the TDX module anew in
# the second kernel, or reset: in the first one, before kexec.
#vm 6.1 --cpus 2x1x1 --image --timeout 150 -- 1.0.3 kexec
#vm 6.1 --cpus 2x1x1 --image --timeout 150 -- 1.5.01 kexec
#vm 6.1 --cpus 2x1x1 --image --timeout 150 -- next kexec
#vm 6.1 --cpus 2x1x1 --image --panics --timeout 150 --append crashkernel=256M -- 1.5.01 panic
#slow 6.1 --cpus 2x1x1 --image --timeout 150 -- 1.5.34 kexec
#slow 6.1 --cpus 2x1x1 --image --timeout 150 -- 2.0.14 kexec
#slow 6.1 --cpus 2x1x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.1 -- 1.5.34 kexec again
#slow 6.1 --cpus 2x1x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.no.caches_written_back.no.still_ready.0 -- 1.5.34 kexec reset
#slow 7.2 --cpus 2x1x1 --image --timeout 150 --expect last.look:.pamt_pages_differ.0.lines_reset.yes.caches_written_back.yes.still_ready.1 -- 1.5.34 kexec again
. /lib/tdx.sh

# The simulated TDX module loses its state between kernels; the scenario passes it on.
# Unless the kernel has panicked, a module that can be shut down has been shut down.
past() {
	case $(shutdown_leaf):$1:$2 in
	*:reset) echo none ;;
	none:*|*:panic:*) echo ready ;;
	*) echo shutdown ;;
	esac
}

# By the SEAM loader, from scratch.
install_anew() {
	cp "$SIM/images/$1" /tmp/image
	check "tdxhost resets the TDX module" tdxhost module reset /tmp/image
	is "state" "$(host state)" uninitialized
	is "no PAMT is left with it" "$(host kept_bytes)" ""
	is "by one call on each CPU" "$(calls SEAMLDR.INSTALL)" "$(nproc)"
}

comes_up() {
	check "bring-up works" enable
	is "state" "$(host state)" initialized
	is "the TDX module is READY" "$(sim_report ready)" 1
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

# This file system, with the arguments for the second kernel.
second_initrd() {
	printf '%s\n' "$1" "$2" second "$tap_n" "$(past "$2" "$3")" "$3" >/vm/args
	(cd / && find . -xdev ! -name vmlinuz | cpio -o -H newc 2>/dev/null) >/tmp/initrd
}

first() {
	begin "$1, $2, first kernel"
	load "profile=$1" init=eager
	is "state" "$(host state)" initialized
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
	is "breaks no rule" "$(cat "$SIM/violations")" ""
	[ "$3" != reset ] || install_anew "$1"
	second_initrd "$1" "$2" "$3"
	cmdline=$(sed 's/ *crashkernel=[^ ]*//' /proc/cmdline)
	if [ "$2" = kexec ]; then
		kexec /vm/vmlinuz /tmp/initrd "$cmdline"
	else
		kexec -p /vm/vmlinuz /tmp/initrd "$cmdline nr_cpus=1 reset_devices" &&
			echo c >/proc/sysrq-trigger
	fi
	not_ok "the second kernel is booted"
	done_testing
}

second() {
	begin "$1, $2, second kernel"
	ok "boots"
	if [ "$2" = panic ]; then
		check "it is the capture kernel" [ -e /proc/vmcore ]
		done_testing
	fi
	check "has its own memory" fails [ -e /proc/vmcore ]
	load "profile=$1 past=$3"
	if [ "$4" = reset ]; then
		comes_up
		unload
		done_testing
	fi
	check "bring-up fails" fails enable
	is "state" "$(host state)" failed
	case $3 in
	ready)	text='the TDX module was initialised before, by another kernel or driver'
		remedy='have the SEAM loader install it again (tdxhost module reset)' ;;
	*)	text='the TDX module has been shut down'
		remedy='reboot the host (kexec is not enough' ;;
	esac
	holds "last_error" "$(host last_error)" "$text"
	holds "and what to do" "$(host last_error)" "$remedy"
	is "it is in the log, once" "$(log | grep -cF -e "$text")" 1
	if [ "$4" = again ]; then
		install_anew "$1"
		comes_up
	fi
	unload
	done_testing
}

case ${3:-} in
second)
	tap_n=$4
	second "$1" "$2" "$5" "${6:-}" ;;
*)	first "$1" "$2" "${3:-}" ;;
esac
