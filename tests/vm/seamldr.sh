#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The TDX module installed from scratch, and updated with TDs that go on, by the SEAM loader.
#slow 6.1    --cpus 2x2x1 --mem 2G --timeout 400
#slow 6.1-rt --cpus 2x2x1 --mem 2G --timeout 400
#slow 6.12   --cpus 2x2x1 --mem 2G --timeout 400
#slow 7.2    --cpus 2x2x1 --mem 2G --timeout 400
# shellcheck disable=SC2154
. /lib/tdx.sh

IMAGES=/tmp/images
CPU=/sys/devices/system/cpu
LIFE=/sys/module/tdx_td_life/parameters
EBADPARAM=0x8000000000000000
EUNSPECERR=0x8000000000010003

# SIM [HOST]: loads both, and has the images where the kernel reads files.
load_both() {
	load "$@"
	rm -rf $IMAGES
	cp -r "$SIM/images" $IMAGES
}

# VERB PROFILE: as tdxhost module asks for it.
ask() {
	echo "$1 $IMAGES/$2" 2>/dev/null >"$SYS/tdx_module"
}

refused() {
	check "$1 $2 is refused" fails ask "$1" "$2"
	holds "and why" "$(host last_error)" "$3"
}

# The TDX module of PROFILE is in place; nothing is known of it yet.
installed() {
	is "the SEAM loader has put it in place" "$(sim_report profile)" "$1"
	is "state" "$(host state)" uninitialized
	is "no CPU is initialised" "$(host cpus_initialized)" ""
	is "no PAMT is kept" "$(host kept_bytes)" ""
	is "no error is kept" "$(host last_error)" ""
}

comes_up() {
	check "echo 1 > enable works" enable
	is "state" "$(host state)" initialized
	is "version" "$(host version)" "$1"
	is "the TDX module is READY" "$(sim_report ready)" 1
	is "every online CPU is initialised" "$(host cpus_initialized)" "$(online)"
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

begin "no TDX module is loaded"
load_both no_module=1
check "bring-up fails" fails enable
is "state" "$(host state)" not-loaded
holds "last_error" "$(host last_error)" "the SEAM loader is there and can install one: tdxhost module install FILE"
is "updates left" "$(host num_remaining_updates)" 8
refused update 1.5.05 "TDX is not initialized"
check "it could be installed" ask check-install 1.5.01
is "and has not been" "$(calls SEAMLDR.INSTALL)" 0
check "it can be" ask install 1.5.01
is "by one call on each CPU" "$(calls SEAMLDR.INSTALL)" 4
installed 1.5.01
logged "all CPUs were stopped for"
is "updates left" "$(host num_remaining_updates)" 7
comes_up 1.5.01
capture tdxhost module show $IMAGES/1.5.34
holds "tdxhost shows what there is" "$out" "version           1.5.01"
holds "and what the file is" "$out" "image             1.5.34"
unload

begin "no SEAM loader"
load_both loaded=0
check "bring-up fails" fails enable
is "state" "$(host state)" not-loaded
holds "last_error" "$(host last_error)" "TDH.SYS.INIT failed: TDX_SEAMCALL_VMFAILINVALID"
refused install 1.5.01 "the SEAM loader does not answer"
is "state" "$(host state)" not-loaded
unload

begin "TDH.SYS.CONFIG has failed"
load_both "profile=1.5.01 fault=TDH.SYS.CONFIG:2:0xc0000b0300000000"
check "bring-up fails" fails enable
is "state" "$(host state)" failed
check "tdxhost resets it" tdxhost module reset $IMAGES/1.5.05
installed 1.5.05
comes_up 1.5.05
unload

begin "TDH.SYS.TDMR.INIT has failed, and PAMTs are kept"
load_both "profile=1.5.01 fault=TDH.SYS.TDMR.INIT:3:0xc000010000000001"
check "bring-up fails" fails enable
at_least "PAMTs are kept" "$(host kept_bytes)" 4096
before=$(free_kib)
kept=$(($(host kept_bytes) / 1024))
check "it can be installed again" ask install 1.5.01
installed 1.5.01
at_least "their memory is back" $(($(free_kib) + FREE_TOLERANCE_KIB)) $((before + kept))
comes_up 1.5.01
unload

begin "another load of tdx_host had initialised it"
load_both profile=1.5.01 init=eager
is "state" "$(host state)" initialized
check "unloads tdx_host" rmmod tdx_host
load_host
check "bring-up fails" fails enable
holds "last_error" "$(host last_error)" "the TDX module was initialised before"
check "it can be installed again" ask install 1.5.01
installed 1.5.01
comes_up 1.5.01
unload

begin "the kernel before kexec had initialised it"
load_both "profile=1.5.34 past=ready"
check "bring-up fails" fails enable
check "it can be installed again" ask install 1.5.34
installed 1.5.34
comes_up 1.5.34
unload

begin "TDX is up and idle"
load_both profile=1.5.01 init=eager
capture tdxhost module install $IMAGES/1.5.34
is "tdxhost asks for reset" "$rc" 1
holds "and says so" "$out" "'tdxhost module reset' begins from scratch"
pamt_kib=$(($(host pamt_bytes) / 1024))
before=$(free_kib)
check "tdxhost resets it" tdxhost module reset $IMAGES/1.5.34
installed 1.5.34
is "tdx_host may be unloaded" "$(host stays_loaded)" ""
at_least "PAMT memory is back" $(($(free_kib) + FREE_TOLERANCE_KIB)) $((before + pamt_kib))
comes_up 1.5.34
is "the file is remembered" "$(host tdx_module)" $IMAGES/1.5.34
capture tdxhost module reset
is "without a file it is reset to the last one" "$rc" 0
holds "and says which" "$out" "file              $IMAGES/1.5.34"
installed 1.5.34
comes_up 1.5.34
unload

begin "reset to the newest image there is"
load_both profile=1.5.01 init=eager
FIRMWARE=/lib/firmware/intel/tdx
check "fails without any" fails tdxhost module reset
mkdir -p $FIRMWARE
for of in 1.5.34 next 1.5.05; do cp $IMAGES/$of $FIRMWARE/$of.blob; done
echo x >$FIRMWARE/broken.blob
capture tdxhost module reset --dry-run
is "it is possible" "$rc" 0
holds "with the newest" "$out" "$FIRMWARE/next.blob"
is "and has not been done" "$(sim_report profile)" 1.5.01
check "it is done" tdxhost module reset
installed next
rm -r $FIRMWARE
comes_up 1.5.99
unload

begin "progress"
load_both "profile=1.5.01 latency=SEAMLDR.INFO:1000000" init=eager
capture tdxhost module update $IMAGES/1.5.34
is "tdxhost updates it" "$rc" 0
holds "and shows what it waits for" "$out" "check: 0 of 1"
is "nothing runs any more" "$(host progress)" "idle 0 0"
unload

# FILE: as the kernel's documentation has it; then what has come of it.
upload() {
	echo 1 >$UPLOAD/loading
	cat "$1" >$UPLOAD/data
	echo 0 >$UPLOAD/loading
	for _ in $(seq 600); do
		[ "$(cat $UPLOAD/status)" != idle ] || break
		usleep 50000
	done
	cat $UPLOAD/error
}

begin "firmware upload"
UPLOAD=/sys/class/firmware/tdx_module
load_both no_module=1
case $(uname -r) in
6.1.*)	check "this kernel has none" [ ! -e $UPLOAD ] ;;
*)	is "installs a TDX module where none is loaded" "$(upload $IMAGES/1.5.01)" ""
	installed 1.5.01
	is "it is from no file" "$(host tdx_module)" ""
	comes_up 1.5.01
	is "updates one that is up" "$(upload $IMAGES/1.5.34)" ""
	is "version" "$(host version)" 1.5.34
	is "updates left" "$(host num_remaining_updates)" 6
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
	holds "refuses a lower version" "$(upload $IMAGES/1.5.01)" "transferring:"
	holds "and why" "$(host last_error)" "its security version is lower"
	dd if=/dev/zero of=/tmp/zeroes bs=4096 count=499 2>/dev/null
	holds "what is too long" "$(upload /tmp/zeroes)" "preparing:invalid-file-size"
	dd if=/dev/zero of=/tmp/zeroes bs=4096 count=9 2>/dev/null
	holds "and what is no image" "$(upload /tmp/zeroes)" "transferring:"
	holds "and why" "$(host last_error)" "the uploaded image: "
	is "state" "$(host state)" initialized ;;
esac
unload

begin "KeyIDs that a consumer has left behind"
load_both profile=1.5.34 init=eager
free_keyids=$(host nr_keyids_free)
modprobe tdx_td_life keyids=1 keep=2
is "they are held" "$(host nr_keyids_free)" $((free_keyids - 2))
refused install 1.5.34 "TDs live"
check "unloads the consumer" rmmod tdx_td_life
check "alone they do not stand in the way" ask install 1.5.34
installed 1.5.34
logged "2 TDs could not be removed, and are gone now"
is "all KeyIDs are free" "$(host nr_keyids_free)" "$free_keyids"
comes_up 1.5.34
unload

begin "unloaded after a reset"
load_both profile=1.5.34 "init=eager allow_unload=0"
holds "tdx_host stays loaded, and says how it could go" "$(host stays_loaded)" "'tdxhost module reset' first"
check "rmmod is refused" fails rmmod tdx_host
check "tdxhost resets the TDX module" tdxhost module reset $IMAGES/1.5.34
is "nothing keeps tdx_host loaded" "$(host stays_loaded)" ""
check "rmmod works" rmmod tdx_host
is "no PAMT is kept" "$(kept_kib)" 0
memory_is_back
check "loads again" load_host init=eager
is "state" "$(host state)" initialized
is "the TDX module is READY" "$(sim_report ready)" 1
unload

# PROFILE: four TDs at once, one life after the other, from it.
begin_lives() {
	load_both "profile=$1 vmx_owner=1 keep_vmcs=1" init=eager
	modprobe tdx_td_life tds=4 rounds=60 &
	life=$!
	until [ "$(sim_report tds)" -ge 2 ]; do usleep 20000; done
}

updates_to() {
	check "updated to $1" ask update "$1"
	is "it is in place" "$(sim_report profile)" "$1"
	is "state" "$(host state)" initialized
}

# FAILURES, of which there are so many that LIVES are left of 240.
lives_end() {
	wait $life
	is "which steps failed" "$(sort -u $LIFE/failures)" "$1"
	is "all other lives were lived" $(($(cat $LIFE/lives) + $(cat $LIFE/nr_failures))) 240
	is "all were measured the same" "$(cat $LIFE/same_mrtd)" Y
	is "every page is back" "$(cat $LIFE/pages) $(cat $LIFE/leaked)" "0 0"
	is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
}

begin "updated under TDs"
begin_lives 1.5.34
refused install 1.5.34 "the TDX module cannot be installed: "
for to in 1.5.34 1.5.34 next; do updates_to $to; done
at_least "TDs live" "$(sim_report tds)" 1
lives_end ""
is "version" "$(host version)" 1.5.99
refused update 1.5.34 "its security version is lower"
refused update 2.0.14 "another major number"
refused install next "other kernel modules use tdx_host"
check "unloads tdx_td_life" rmmod tdx_td_life
unload

# These two know no version 1 of TDH.VP.INIT, which the TDs need for their vCPU.
begin "from the oldest under TDs"
begin_lives 1.5.01
for to in 1.5.05 1.5.34; do updates_to $to; done
at_least "TDs live" "$(sim_report tds)" 1
lives_end "tdh_vp_init 0xc000010000000000"
at_least "TDs had a vCPU after the update" "$(cat $LIFE/lives)" 1
check "unloads tdx_td_life" rmmod tdx_td_life
unload

begin "KVM is in VMX operation, and the CPU drops the VMCS"
load_both "profile=1.5.01 vmx_owner=1 keep_vmcs=0" init=eager
refused update 1.5.34 "the SEAM loader does not answer"
is "state" "$(host state)" initialized
unload

begin "a CPU is offline"
load_both profile=1.5.01 init=eager
echo 0 >$CPU/cpu2/online
refused update 1.5.34 "a CPU is offline"
is "state" "$(host state)" initialized
is "the TDX module is READY" "$(sim_report ready)" 1
echo 1 >$CPU/cpu2/online
check "online again: it can be updated" ask update 1.5.34
is "version" "$(host version)" 1.5.34
unload

begin "an image that is broken"
load_both profile=1.5.01 init=eager
printf x | dd of=$IMAGES/1.5.34 bs=1 seek=$((4096 + 40)) conv=notrunc 2>/dev/null
refused update 1.5.34 "reserved bytes"
echo x >$IMAGES/1.5.34
refused update 1.5.34 "too short"
refused update none "there is no such file"
# Nothing but the SEAM loader looks at the module's code.
printf x | dd of=$IMAGES/1.5.05 bs=1 seek=$((3 * 4096)) conv=notrunc 2>/dev/null
refused install 1.5.05 "PSEAMLDR_EBADHASH"
is "no TDX module is left" "$(host state)" not-loaded
check "PAMTs are the kernel's again" [ -z "$(host kept_bytes)" ]
check "another one can be installed" ask install next
comes_up 1.5.99
unload

# NTH STATE: an installation that fails there, and the state. The first call that fails has
# done nothing.
fails_at() {
	begin "install: SEAMLDR.INSTALL fails on call $1"
	load_both "profile=1.5.01 fault=SEAMLDR.INSTALL:$1:$EUNSPECERR" init=eager
	refused install 1.5.34 "SEAMLDR.INSTALL failed on CPU"
	is "state" "$(host state)" "$2"
	check "the next attempt goes on" ask install 1.5.34
	installed 1.5.34
	comes_up 1.5.34
	unload
}
fails_at 1 initialized
fails_at 2 not-loaded
fails_at 4 not-loaded

# LEAF NTH STATUS STATE AGAIN: an update that fails there, the state, whether another one works.
update_fails_at() {
	begin "update: $1 fails on call $2"
	load_both profile=1.5.01 init=eager
	echo "$1:$2:$3" >/sys/module/tdx_seamsim/parameters/fault
	refused update 1.5.34 "$1 failed on CPU"
	is "state" "$(host state)" "$4"
	if [ "$5" = again ]; then
		check "the next attempt works" ask update 1.5.34
		is "state" "$(host state)" initialized
		is "version" "$(host version)" 1.5.34
		is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
	else
		refused update 1.5.34 "TDX is not initialized"
		check "it can be installed" ask install 1.5.34
		installed 1.5.34
		comes_up 1.5.34
	fi
	unload
}
update_fails_at TDH.SYS.SHUTDOWN 1 0xc000010000000001 initialized again
for nth in 1 3; do
	update_fails_at SEAMLDR.INSTALL $nth $EUNSPECERR failed again
done
update_fails_at SEAMLDR.INSTALL 4 $EBADPARAM failed again
update_fails_at TDH.SYS.INIT 1 0xc000010000000001 failed lost
for nth in 1 3; do
	update_fails_at TDH.SYS.LP.INIT $nth 0xc000010000000001 failed lost
done
update_fails_at TDH.SYS.UPDATE 1 0xc000010000000001 failed lost

begin "the SEAM loader finds no random number at first"
load_both "profile=1.5.01 fault=SEAMLDR.INSTALL:2:3:0x8000000000030001" init=eager
check "it can be updated" ask update 1.5.34
is "version" "$(host version)" 1.5.34
unload

begin "updates until none is left"
load_both "profile=1.5.01 updates=200" init=eager
n=0
while ask update 1.5.01; do n=$((n + 1)); done
is "as many as there were" $n 200
is "none is left" "$(host num_remaining_updates)" 0
holds "and why" "$(host last_error)" "no update left"
is "state" "$(host state)" initialized
is "PAMTs are as the TDX module wrote them" "$(cat "$SIM/verify")" "pamt_pages_differ 0"
check "from scratch it goes on" ask install 1.5.01
is "updates left" "$(host num_remaining_updates)" 199
comes_up 1.5.01
unload

begin "a CPU comes and goes"
load_both "profile=1.5.01 updates=100" init=eager
while :; do
	echo 0 >$CPU/cpu3/online
	echo 1 >$CPU/cpu3/online
done 2>/dev/null &
hotplug=$!
n=0
for try in $(seq 60); do
	if ask update 1.5.01; then
		n=$((n + 1))
	elif [ "$(host state)" != initialized ]; then
		break
	fi
done
kill $hotplug
wait $hotplug 2>/dev/null
echo 1 2>/dev/null >$CPU/cpu3/online
is "state" "$(host state)" initialized
is "as many updates as it says" $((100 - n)) "$(host num_remaining_updates)"
check "it can still be updated" ask update 1.5.34
is "every CPU is initialised" "$(host cpus_initialized)" "$(online)"
unload

done_testing
