#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# panic.sh stock|kvm: a fatal machine check in a SEAMCALL of bring-up, and a capture kernel for
# the panic.  The CPU is in VMX operation for this call alone, unless KVM is loaded and, as it
# does since 6.12, enables VMX when it loads.
. /lib/tdx.sh

if [ "${2:-}" = second ]; then
	tap_n=$3
	begin "capture kernel"
	check "it is one" [ -e /proc/vmcore ]
	done_testing
fi

begin "first kernel"
[ "$1" = stock ] || kernel_modules
is "KVM is loaded" "$(loaded kvm_intel && echo kvm || echo stock)" "$1"
check "the modules load" eval "load_sim vmx_real=1 fault=TDH.SYS.INIT:1:mce && load_host"
if [ "$(cat /sys/module/kvm/parameters/enable_virt_at_load 2>/dev/null)" = Y ]; then
	is "KVM has the CPU in VMX operation" "$(grep -c owned "$SIM/vmx")" 1
else
	is "the CPU is not in VMX operation" "$(cat "$SIM/vmx")" ""
fi
printf '%s\n' "$1" second $((tap_n + 1)) >/vm/args
(cd / && find . -xdev ! -name vmlinuz ! -name '*.ko' | cpio -o -H newc 2>/dev/null) >/tmp/initrd
check "the capture kernel is loaded" kexec -p /vm/vmlinuz /tmp/initrd \
	"$(sed 's/ *crashkernel=[^ ]*//' /proc/cmdline) nr_cpus=1 reset_devices"
# What was written leaves the port before the panic.
stty -F /dev/ttyS1 raw
enable
not_ok "the kernel panics"
done_testing
