#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Each leaf of a TD's life fails once, at its first call and at a middle one.
#
# If a leaf that builds or runs a TD fails, KVM returns an error, and nothing is lost.  If a
# leaf that destroys one fails, KVM has no caller to tell.  It warns, and the TD stays with
# the TDX module; with some leaves its KeyID does too, and then tdx_host stays loaded.
# Arguments: builds, gives-back, or a leaf whose failure costs a KeyID.
#
# The WARNs are KVM's own, one in each function that makes such a call, and the one in
# vt_cache_reg(): after an exit without a reason KVM reads registers of the TD.
#slow 7.2 --kvm --cpus 2x1x1 --timeout 300 --warn tdx_do_tdh_mng_key_config --warn tdx_gmem_post_populate --warn tdx_protected_apic_has_interrupt --warn tdx_read_cpuid --warn tdx_sept_set_private_spte --warn tdx_vcpu_unlocked_ioctl --warn tdx_vm_ioctl --warn vt_cache_reg -- builds
#slow 7.2 --kvm --cpus 2x1x1 --timeout 300 --warn tdx_sept_set_private_spte --warn __tdx_reclaim_page -- gives-back
#slow 7.2 --kvm --warn tdx_flush_vp_on_cpu -- TDH.VP.FLUSH
#slow 7.2 --kvm --warn smp_func_do_phymem_cache_wb --warn tdx_mmu_release_hkid -- TDH.PHYMEM.CACHE.WB
#slow 7.2 --kvm --warn tdx_mmu_release_hkid -- TDH.MNG.VPFLUSHDONE
#slow 7.2 --kvm --warn tdx_mmu_release_hkid -- TDH.MNG.KEY.FREEID
. /lib/tdx.sh
. /lib/kvm.sh
STATUS=0xc000090000000000	# no leaf returns it, and nobody retries it
FAULT=/sys/module/tdx_seamsim/parameters/fault

# LEAF: how often a TD's life calls it.
in_a_life() {
	sed -n "s/^$1 //p" /tmp/life
}

count_calls() {
	calls_before=$(awk '$1 == "leaf" { print $2, $4 }' "$SIM/report")
	is "a TD lives" "$(/vm/td-kvm life 2>&1)" "1 TDs lived"
	echo "$calls_before" | awk 'FNR == NR { was[$1] = $2; next }
		$1 == "leaf" { print $2, $4 - was[$2] }' - "$SIM/report" >/tmp/life
}

first_and_middle() {
	n=$(in_a_life "$1")
	middle=$((n / 2 + 1))
	note "$1: $n calls in a life"
	[ "$middle" = 1 ] && echo 1 >/tmp/at || echo "1 $middle" >/tmp/at
}

# LEAF NTH: a TD of which that call fails; $out, $rc.
live_with() {
	echo "$1:$2:$STATUS" >$FAULT
	capture timeout 30 /vm/td-kvm life
	echo >$FAULT
}

EIO="Input/output error"
# The error that the monitor sees if the TD cannot be built or run.
seen() {
	case $1 in
	TDH.MNG.INIT|TDH.MNG.CREATE|TDH.MNG.KEY.CONFIG|TDH.MNG.ADDCX) echo "KVM_TDX_INIT_VM: $EIO" ;;
	TDH.VP.CREATE|TDH.VP.ADDCX|TDH.VP.INIT) echo "KVM_TDX_INIT_VCPU: $EIO" ;;
	TDH.MEM.PAGE.ADD|TDH.MR.EXTEND) echo "KVM_TDX_INIT_MEM_REGION: $EIO" ;;
	TDH.MEM.SEPT.ADD) echo "KVM_TDX_INIT_MEM_REGION: $EIO" ;;
	TDH.MR.FINALIZE) echo "KVM_TDX_FINALIZE_VM: $EIO" ;;
	TDH.VP.ENTER) echo "(reason 17)" ;;	# KVM_EXIT_INTERNAL_ERROR
	*) echo "$EIO" ;;
	esac
}

builds() {
	load "$SCRIPT"
	load_kvm_for_tds
	begin "no fault"
	count_calls
	count_calls
	for leaf in TDH.MNG.CREATE TDH.MNG.KEY.CONFIG TDH.MNG.ADDCX TDH.MNG.INIT TDH.VP.CREATE TDH.VP.ADDCX \
			TDH.VP.INIT TDH.VP.RD TDH.VP.WR TDH.MEM.SEPT.ADD TDH.MEM.PAGE.ADD TDH.MR.EXTEND \
			TDH.MR.FINALIZE TDH.VP.ENTER TDH.MEM.PAGE.AUG; do
		first_and_middle $leaf
		for nth in $(cat /tmp/at); do
			begin "$leaf, call $nth"
			live_with $leaf "$nth"
			# capture sets it.
			# shellcheck disable=SC2154
			is "the TD ends" "$rc" 1
			# shellcheck disable=SC2154
			holds "its monitor is told" "$out" "$(seen $leaf)"
			all_is_back
			is "the next TD lives" "$(/vm/td-kvm life 2>&1)" "1 TDs lived"
		done
	done
	first_and_middle TDH.MNG.RD
	for nth in $(cat /tmp/at); do
		begin "TDH.MNG.RD, call $nth"
		live_with TDH.MNG.RD "$nth"
		# KVM ignores the failure for the TSC offset, and takes a CPUID leaf that fails
		# for one that the TD does not have.
		if [ "$nth" = 1 ]; then
			is "the monitor is not told" "$rc $out" "0 1 TDs lived"
			is "but the log is" "$(dmesg | grep -c 'TDH_MNG_RD\[EXEC\.0xa\] failed')" 1
		else
			holds "its monitor misses the leaf" "$rc $out" "1 KVM_TDX_GET_CPUID: "
		fi
		all_is_back
		is "the next TD lives" "$(/vm/td-kvm life 2>&1)" "1 TDs lived"
	done
	begin "after all faults"
	unload_kvm
	unload
}

gives_back() {
	load "$SCRIPT"
	load_kvm_for_tds
	begin "no fault"
	count_calls
	count_calls
	unload_kvm
	unload
	for leaf in TDH.MEM.RANGE.BLOCK TDH.MEM.TRACK TDH.MEM.PAGE.REMOVE TDH.PHYMEM.PAGE.WBINVD \
			TDH.PHYMEM.PAGE.RECLAIM; do
		first_and_middle $leaf
		for nth in $(cat /tmp/at); do
			begin "$leaf, call $nth"
			load "$SCRIPT"
			load_kvm_for_tds
			live_with $leaf "$nth"
			# The first call but for RECLAIM's is for a page that is converted, the
			# middle one for the end of a TD.
			if [ "$nth" = 1 ] && [ $leaf != TDH.PHYMEM.PAGE.RECLAIM ]; then
				holds "the monitor is told" "$out" "$EIO"
			else
				is "the monitor has no one to hear it from" "$out" "1 TDs lived"
			fi
			is "the TDX module has every KeyID back" "$(sim_report guest_keyids_used)" 0
			is "so has tdx_host" "$(host nr_keyids_free)" $(($(host nr_keyids) - 1))
			left=1
			[ $leaf != TDH.PHYMEM.PAGE.WBINVD ] || left=0
			is "so many TDs stay with the TDX module" "$(sim_report tds)" $left
			unload_kvm
			unload
		done
	done
}

# It ends with the modules loaded, as tdx_host does not unload while a TD exists.
costs_keyid() {
	load "$SCRIPT"
	load_kvm_for_tds
	begin "$1"
	live_with "$1" 1
	note "$rc $out"
	# A move to another CPU also flushes the vCPU, and may or may not report a failure.
	if [ "$1" = TDH.VP.FLUSH ]; then
		check "the monitor ends" [ "$rc" -le 1 ]
	else
		is "the monitor has no one to hear it from" "$out" "1 TDs lived"
	fi
	is "the TD stays with the TDX module" "$(sim_report tds)" 1
	is "its KeyID stays allocated, too" "$(sim_report guest_keyids_used)" 1
	is "tdx_host does not allocate that KeyID again" "$(host nr_keyids_free)" $(($(host nr_keyids) - 2))
	drop_kept
	check "kvm-intel unloads" rmmod kvm_intel
	check "tdx_host stays" fails rmmod tdx_host
	is "breaks no rule" "$(cat "$SIM/violations")" ""
}

warm_kvm_up
case $1 in
builds) builds ;;
gives-back) gives_back ;;
*) costs_keyid "$1" ;;
esac
done_testing
