# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154
# For scenarios in which KVM creates TDs (scripts/vm --kvm), after tdx.sh.  ". /lib/kvm.sh"

HELD=/tmp/held

DOES=apic-on,in,out,mmio-read,mmio-write,fault@0x40000,map-shared@0x20000,fault-shared@0x20000
DOES=$DOES,map-private@0x20000,fault@0x20000,hlt,interrupt,end
LIFE=life
SCRIPT="kvm=1 profile=next exit_stride=0x80000 exits=$DOES"
kept=''

param() {
	cat "/sys/module/kvm_intel/parameters/$1"
}

load_kvm() {
	insmod /vm/kvm.ko && insmod /vm/kvm-intel.ko "$@"
}

# With its first VM KVM has the kernel patch code that runs on other CPUs, and with the
# last again; QEMU may run what was there between. So a VM is kept meanwhile.
load_kvm_for_tds() {
	load_kvm tdx=1 || return
	td_kvm_stays keep /tmp/kept
	kept=$!
}

# VERB FILE: td-kvm in the background, once it has said in FILE that it is ready. $! is it.
td_kvm_stays() {
	rm -f "$2"
	/vm/td-kvm "$1" >"$2" 2>&1 &
	until [ -s "$2" ]; do
		sleep 0.1
	done
}

drop_kept() {
	[ -z "$kept" ] || kill_td "$kept"
	kept=''
}

kill_td() {
	kill -9 "$1"
	wait "$1" 2>/dev/null
}

unload_kvm() {
	drop_kept
	check "kvm-intel unloads" rmmod kvm_intel
	check "kvm unloads" rmmod kvm
	is "VMX is off" "$(cat "$SIM/vmx")" ""
}

all_is_back() {
	is "every TD is gone" "$(sim_report tds)" 0
	is "the TDX module has every KeyID back" "$(sim_report guest_keyids_used)" 0
	is "so has tdx_host" "$(host nr_keyids_free)" $(($(host nr_keyids) - 1))
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

# A TD that runs in the background: it has entered after it says so.
hold() {
	td_kvm_stays hold "$HELD.$1"
	held=$!
	is "a TD is held" "$(cat "$HELD.$1")" held
}

# The kernel keeps what vmap() and the stacks of tasks used until it changes the attributes of
# some page, as for a module that comes.
purge_vmap() {
	modprobe tdx_consumer && rmmod tdx_consumer
}

# TDs that run, and what td-kvm then does with them: after the file is read.
# Where there are several CPUs, TDs leave out the first: whatever CPU restores x87 state, QEMU
# changes flags of the first one, not atomically (cpu_clear_ignne(), called by cpu_set_fpus(); 7.2
# and later).  What VMRUN or #VMEXIT sets there meanwhile is lost: the guest runs without its nested
# tables, or the host with the guest's.
guests_run() {
	SCRIPT="kvm=1 guests=1 profile=next mktme_keyids=3 tdx_keyids=12"
	LIFE=run
	[ "$(nproc)" = 1 ] || taskset -p "$(printf %x $(((1 << $(nproc)) - 2)))" $$ >/dev/null
}

# KVM's own first load keeps memory, and so does what a TD needs of it.
warm_kvm_up() {
	kernel_modules
	load "$SCRIPT"
	load_kvm_for_tds && /vm/td-kvm "$LIFE" 2 >/dev/null
	drop_kept
	rmmod kvm_intel kvm
	rmmod tdx_host tdx_seamsim
}
