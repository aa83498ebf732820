#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# TDs from creation to end with the functions of tdx_host.h: one alone, on all CPUs at once,
# with failures of each function, and without VMX.
# Argument: the number of rounds of 8 TDs at once.
#vm 6.1    --cpus 2x4x1 --mem 3G --timeout 600 -- 50
#slow 6.1    --cpus 2x4x1 --mem 3G --timeout 900 -- 1000
#vm 6.1-rt --cpus 2x4x1 --mem 3G --timeout 600 -- 50
#slow 6.12   --cpus 2x4x1 --mem 3G --timeout 600 -- 50
. /lib/tdx.sh

LIFE=/sys/module/tdx_td_life/parameters

# The result of the test module, or its message about a parameter.
lives() {
	modprobe tdx_td_life "$@"
}

life() {
	cat "$LIFE/$1"
}

# The TDX module, tdx_host and the test module have nothing left.
all_is_back() {
	is "every page is back" "$(life pages) $(life leaked)" "0 0"
	is "every TD is gone" "$(sim_report tds)" 0
	is "the TDX module has every KeyID back" "$(sim_report guest_keyids_used)" 0
	is "so has tdx_host" "$(host nr_keyids_free)" 47
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

end_life() {
	check "unloads tdx_td_life" rmmod tdx_td_life
	unload
}

begin "one TD"
load "profile=1.5.34 vmx_owner=1"
lives
is "no step failed" "$(life failures)" ""
is "one TD lived" "$(life lives)" 1
all_is_back
is "64 pages were added" "$(calls TDH.MEM.PAGE.ADD)" 64
is "all of each was measured" "$(calls TDH.MR.EXTEND)" 1024
is "one was missing, and added" "$(calls TDH.MEM.PAGE.AUG)" 1
is "32 were removed" "$(calls TDH.MEM.PAGE.REMOVE)" 32
is "and all other pages were reclaimed" "$(calls TDH.PHYMEM.PAGE.RECLAIM)" $((33 + 3 + 6 + 6 + 1))
is "a key on each package" "$(calls TDH.MNG.KEY.CONFIG)" 2
check "tdx_host stays while it is bound" fails rmmod tdx_host
end_life

# On that kernel each TD takes long, and the first ones show faults of order.
times=$1
[ ! -e "$KMEMLEAK" ] || times=20

begin "8 TDs at once, $times times"
load "profile=1.5.34 vmx_owner=1"
lives tds=8 rounds="$times" extend=1
is "no step failed" "$(life failures)" ""
is "all TDs lived" "$(life lives)" $((8 * times))
is "and all had the same measurement" "$(life same_mrtd)" Y
all_is_back
end_life

# The first call of each leaf fails, with one of its own statuses.
LEAVES="0 1 2 3 4 6 7 8 9 10 11 16 17 18 19 20 21 22 26 28 29 38 40 41 43"
faults=$(for leaf in $LEAVES; do
	printf ',%d:1:1:0xc0000f01000000%02x' "$leaf" "$leaf"
done)
# In the order of the calls.
WANT="tdh_mng_create 0xc0000f0100000009
tdh_mng_key_config 0xc0000f0100000008
tdh_mng_vpflushdone 0xc0000f0100000013
tdh_phymem_cache_wb 0xc0000f0100000028
tdh_mng_key_freeid 0xc0000f0100000014
tdh_phymem_page_reclaim 0xc0000f010000001c
tdh_phymem_page_wbinvd_tdr 0xc0000f0100000029
tdh_mng_addcx 0xc0000f0100000001
tdh_mng_init 0xc0000f0100000015
tdh_vp_create 0xc0000f010000000a
tdh_vp_addcx 0xc0000f0100000004
tdh_vp_init 0xc0000f0100000016
tdh_mem_sept_add 0xc0000f0100000003
tdh_vp_flush 0xc0000f0100000012
tdh_mem_page_add 0xc0000f0100000002
tdh_mr_extend 0xc0000f0100000010
tdh_mr_finalize 0xc0000f0100000011
tdh_mng_rd 0xc0000f010000000b
tdh_vp_enter 0xc0000f0100000000
tdh_mem_page_aug 0xc0000f0100000006
tdh_vp_wr 0xc0000f010000002b
tdh_vp_rd 0xc0000f010000001a
tdh_mem_range_block 0xc0000f0100000007
tdh_mem_track 0xc0000f0100000026
tdh_mem_page_remove 0xc0000f010000001d"

begin "every leaf fails once"
load "profile=1.5.34 vmx_owner=1 fault=${faults#,}"
lives rounds=24 extend=1
is "each status arrives as the TDX module gave it" "$(life failures)" "$WANT"
at_least "then a TD lives" "$(life lives)" 1
all_is_back
end_life

begin "VMX is off"
load "profile=1.5.34 vmx_owner=1" init=eager
echo none >"$SIM/owner"
lives expect=0x8000ff0000000006
is "every function says #UD" "$(life failures)$(life matching) of $(life wrappers)" "26 of 26"
check "unloads tdx_td_life" rmmod tdx_td_life
unload

begin "the TDX module is not initialized"
load "profile=1.5.34 vmx_owner=1"
lives expect=0xc000050500000000
is "every function says TDX_SYS_NOT_READY" "$(life failures)$(life matching) of $(life wrappers)" \
	"26 of 26"
end_life

begin "no TDX module"
load "loaded=0 vmx_owner=1"
lives expect=0x8000ff00ffff0000
is "every function says VMfailInvalid" "$(life failures)$(life matching) of $(life wrappers)" "26 of 26"
end_life

begin "the CPU does not allow SEAMCALL"
load "profile=1.5.34 vmx_owner=1 $(for leaf in $LEAVES; do printf ',%d:1:0:gp' "$leaf"; done |
	sed 's/^,/fault=/')"
lives expect=0x8000ff000000000d
is "every function says #GP" "$(life failures)$(life matching) of $(life wrappers)" "26 of 26"
end_life

begin "KeyIDs"
load "profile=1.5.34 vmx_owner=1"
lives keyids=1
is "a consumer gets every KeyID, and no more" "$(life taken)" 47
logged "frees KeyID 0, which nobody holds"
logged "frees KeyID 16, which nobody holds"
logged "frees KeyID 17, which nobody holds"
logged "frees KeyID 65536, which nobody holds"
logged "frees KeyID 4294967295, which nobody holds"
is "all KeyIDs are free again" "$(host nr_keyids_free)" 47
check "unloads tdx_td_life" rmmod tdx_td_life
lives keyids=1 keep=47
is "and gets all of them again" "$(life taken)" 47
is "what a consumer keeps is gone" "$(host nr_keyids_free)" 0
check "it unloads all the same" rmmod tdx_td_life
is "and its KeyIDs stay allocated" "$(host nr_keyids_free)" 0
lives
is "no TD can be made" "$(life lives) $(life failures)" "0 "
logged "no KeyID: error -28"
check "unloads tdx_td_life" rmmod tdx_td_life
check "tdx_host stays: there may be TDs" fails rmmod tdx_host
is "breaks no rule" "$(cat "$SIM/violations")" ""

done_testing
