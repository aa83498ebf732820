#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Every leaf of bring-up and shutdown x {first, middle, last call} x {each status
# the model can give it, an unknown one, #UD, #GP, VMfailInvalid}.  The statuses come from
# model-answers.tsv, which tests/unit/model_test.c compares with the model; expect() and
# expect_kept() define the outcome.
# Arguments: profile, leaves.
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.0.3 TDH.SYS.INIT TDH.SYS.INFO TDH.SYS.RD TDH.SYS.CONFIG
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.0.3 TDH.SYS.LP.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.0.3 TDH.SYS.KEY.CONFIG TDH.SYS.LP.SHUTDOWN
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.0.3 TDH.SYS.TDMR.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.01 TDH.SYS.LP.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.01 TDH.SYS.INIT TDH.SYS.RD TDH.SYS.CONFIG
#vm 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.01 TDH.SYS.KEY.CONFIG TDH.SYS.TDMR.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.34 TDH.SYS.LP.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.34 TDH.SYS.INIT TDH.SYS.RD TDH.SYS.CONFIG
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 1.5.34 TDH.SYS.KEY.CONFIG TDH.SYS.TDMR.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 2.0.14 TDH.SYS.LP.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 2.0.14 TDH.SYS.INIT TDH.SYS.RD TDH.SYS.CONFIG
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- 2.0.14 TDH.SYS.KEY.CONFIG TDH.SYS.TDMR.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- next TDH.SYS.LP.INIT
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- next TDH.SYS.INIT TDH.SYS.RD TDH.SYS.CONFIG
#slow 6.1 --cpus 2x2x1 --mem 1G --timeout 300 --add tests/unit/model-answers.tsv --add src/core/status-codes.tsv -- next TDH.SYS.KEY.CONFIG TDH.SYS.TDMR.INIT TDH.SYS.DISABLE
. /lib/tdx.sh

profile=$1
shift

# --- what to inject

# NAME VALUE of each status that leaf $1 of the model can return.
answers() {
	awk -F'\t' -v leaf="$1" '
		NR == FNR { value[$2] = $1; next }
		$1 == leaf { print $2, value[$2] }' /vm/status-codes.tsv /vm/model-answers.tsv
}

# --- what must happen

retryable() {
	case $1 in
	TDX_SYS_BUSY|TDX_OPERAND_BUSY|TDX_INTERRUPTED_RESUMABLE) true ;;
	*) false ;;
	esac
}

# LEAF NTH LAST NAME COUNT: sets want_state and, of last_error, want_error.  A
# "?" if the TDX module reports a success that was none
# and several outcomes are right; then the state must still agree with the TDX module.
expect() {
	want_state=failed want_error="$1 failed"
	case $4 in
	TDX_*) want_name=$4 ;;
	*) want_name='' ;;
	esac
	if retryable "$4"; then
		want_state=initialized want_error='' want_name=''
		return
	fi
	case $1:$2:$4 in
	TDH.SYS.INIT:*:vmfail)
		want_state=not-loaded want_error='no TDX module is loaded' ;;
	TDH.SYS.INIT:*:TDX_SYS_INIT_NOT_PENDING)
		want_error='initialised before' want_name='' ;;
	TDH.SYS.INIT:*:TDX_SUCCESS)
		want_error='TDH.SYS.LP.INIT failed' want_name=TDX_SYS_LP_INIT_NOT_PENDING ;;
	TDH.SYS.LP.INIT:*)
		expect_lp_init "$@" ;;
	# The module does not have the leaf: tdx_host uses TDH.SYS.INFO.
	TDH.SYS.RD:*:TDX_SYS_NOT_READY|TDH.SYS.RD:*:TDX_OPERAND_INVALID)
		want_state=initialized want_error='' want_name='' ;;
	TDH.SYS.RD:*:TDX_METADATA_FIELD_ID_INCORRECT|TDH.SYS.RD:*:TDX_SUCCESS)
		want_state='?' want_error='?' ;;
	TDH.SYS.INFO:*:TDX_SUCCESS)
		want_error='TDH.SYS.INFO: the TDX module'\''s answer makes no sense' want_name='' ;;
	# The first call, with an invalid operand, only finds out whether the leaf may be called.
	TDH.SYS.CONFIG:1:TDX_OPERAND_INVALID|TDH.SYS.CONFIG:1:TDX_SYS_CONFIG_NOT_PENDING)
		want_state=initialized want_error='' want_name='' ;;
	TDH.SYS.CONFIG:2:TDX_SUCCESS)
		want_error='TDH.SYS.KEY.CONFIG failed' want_name=TDX_SYS_KEY_CONFIG_NOT_PENDING ;;
	TDH.SYS.KEY.CONFIG:*:TDX_SUCCESS|TDH.SYS.KEY.CONFIG:*:TDX_KEY_CONFIGURED)
		want_error='TDH.SYS.TDMR.INIT failed' want_name=TDX_SYS_NOT_READY ;;
	TDH.SYS.TDMR.INIT:*:TDX_SUCCESS|TDH.SYS.TDMR.INIT:*:TDX_TDMR_ALREADY_INITIALIZED)
		want_state=initialized want_error='' want_name='' ;;
	*.SHUTDOWN:*|*.DISABLE:*)
		want_state=initialized want_error='' want_name='' ;;
	esac
}

# If the module needs every LP tdx_host tries a second time; otherwise it goes on without.
expect_lp_init() {
	case $every_lp:$5:$2:$4 in
	no:*:TDX_SUCCESS|no:*:TDX_SYS_LP_INIT_DONE)
		want_state='?' want_error='?' ;;
	*:TDX_SYS_LP_INIT_DONE|*:TDX_SUCCESS)
		want_error='more CPUs to be initialised' want_name='' ;;
	no:0:1:*) ;;
	no:0:"$3":*|no:1:*)
		want_state=initialized ;;
	no:*)
		want_state='?' ;;
	yes:1:*)
		want_state=initialized want_error='' want_name='' ;;
	esac
}

# LEAF NAME: KiB of $allocated that are kept as PAMTs, given the state before unload.
expect_kept() {
	want_kept=0
	# tdx_host has never seen the module READY: no PAMT was ever written.
	case $state:$last_error in
	initialized:*|failed:TDH.SYS.TDMR.INIT*) ;;
	*) return ;;
	esac
	if [ "$shuts_down" = none ]; then
		want_kept=$allocated
		return
	fi
	case $1:$2 in
	*.SHUTDOWN:TDX_SUCCESS) ;;
	# The module still answers.
	*.DISABLE:TDX_SUCCESS)
		want_kept=$allocated ;;
	*.SHUTDOWN:*|*.DISABLE:*)
		retryable "$2" || want_kept=$allocated ;;
	# Without a key on each package the module is not READY, and cannot be disabled.
	TDH.SYS.KEY.CONFIG:*)
		[ "$shuts_down:$state" != TDH.SYS.DISABLE:failed ] || want_kept=$allocated ;;
	esac
}

# LEAF NAME: the reason in the log why PAMTs are kept.
check_why() {
	why=$(sed -n 's/.* stay with the TDX module until the machine restarts: //p' /tmp/log)
	case $kept:$shuts_down:$1:$2:$why in
	0:*:) ;;
	0:*) wrong "nothing is kept, and yet: $why" ;;
	# Without a key on each package the module is not READY, which it checks first.
	*:TDH.SYS.KEY.CONFIG:*:"TDH.SYS.DISABLE failed: TDX_SYS_NOT_READY "*) ;;
	*:none:*:"this version cannot be shut down") ;;
	*:TDH.SYS.DISABLE:TDX_OPERAND_INVALID:"this version cannot be shut down") ;;
	*.DISABLE:TDX_SUCCESS:"it says that it was shut down, and still answers on CPU "*) ;;
	*.SHUTDOWN:*:"$1 failed on CPU "*|*.DISABLE:*:"$1 failed: "*) ;;
	*) wrong "$kept KiB are kept, because: '$why'" ;;
	esac
}

# --- one case

wrong() {
	faults="$faults# $*
"
}

field() {
	value=''
	read -r value <"$1"
}

check_state() {
	[ "$want_state" = '?' ] || [ "$state" = "$want_state" ] ||
		wrong "state '$state', wanted '$want_state'"
	case $state:$ready in
	initialized:1|failed:*|not-loaded:0) ;;
	*) wrong "state '$state' and the TDX module's READY is $ready" ;;
	esac
	case $state:$last_error in
	failed:|not-loaded:) wrong "no last_error" ;;
	esac
	if [ "$want_error" != '?' ]; then
		case $want_error:$last_error in
		:|[!:]*:*"$want_error"*"$want_name"*) ;;
		*) wrong "last_error '$last_error', wanted '$want_error ... $want_name'" ;;
		esac
	fi
}

check_log() {
	set -- $(awk '/KB allocated for PAMT/ { a += $(NF - 4) }
		/KB of PAMT stay with/ { sub(/.*tdx_host: /, ""); k += $1 }
		/violation|WARNING|BUG/ { w++ }
		END { print a + 0, k + 0, w + 0 }' /tmp/log)
	allocated=$1 kept=$2
	[ "$3" = 0 ] || wrong "the log: $(grep -E 'violation|WARNING|BUG' /tmp/log)"
}

# An LP of TDX 1.0 that claims to be shut down, while the others are, answers
# as they do.  tdx_host believes it and frees memory that still belongs to
# the module, which the simulator notices.
check_rules() {
	broken=$(cat $SIM/violations $SIM/vmx)
	case $1:$2 in
	*.SHUTDOWN:TDX_SUCCESS)
		case $broken in
		"PAMT memory freed while it is the TDX module's"*) broken='' ;;
		*) wrong "the simulator does not see that PAMT memory was given back early" ;;
		esac
	esac
	[ -z "$broken" ] || wrong "$broken"
}

# LEAF NTH LAST NAME STATUS COUNT
one_case() {
	cases=$((cases + 1))
	what="$1 call $2 of $3$([ "$6" = 1 ] || echo ' and all after it'): $4"
	echo "vm: $profile $what" >/dev/kmsg
	faults=''
	insmod "$KO/tdx_seamsim.ko" "profile=$profile" "fault=$1:$2:$6:$5" || wrong "simulator"
	before=$(free_now)
	insmod "$KO/tdx_host.ko" allow_unload=1 || wrong "insmod tdx_host"
	echo 1 2>/dev/null >$SYS/enable
	field $SYS/state
	state=$value
	field $SYS/last_error
	last_error=$value
	read -r value ready <$SIM/report
	rmmod tdx_host || wrong "rmmod tdx_host"
	dmesg -c >/tmp/log
	check_rules "$1" "$4"
	expect "$1" "$2" "$3" "$4" "$6"
	check_state
	check_log
	expect_kept "$1" "$4"
	check_why "$1" "$4"
	[ "$kept" = "$want_kept" ] || wrong "$kept KiB kept, wanted $want_kept of $allocated"
	lost=$(lost_kib $((before - kept)) free_kib)
	[ "$lost" -le "$FREE_TOLERANCE_KIB" ] || wrong "$lost KiB are missing"
	all_kept=$((all_kept + kept))
	rmmod tdx_seamsim || wrong "rmmod tdx_seamsim"
	if [ -z "$faults" ]; then
		ok "$profile $what"
	else
		not_ok "$profile $what"
		printf '%s' "$faults"
	fi
}

# --- all of them

# LEAF NTH LAST
each_status() {
	{
		answers "$1"
		echo "unknown 0xc0007f0000000000
ud ud
gp gp
vmfail vmfail"
	} >/tmp/statuses
	while read -r name status; do
		one_case "$1" "$2" "$3" "$name" "$status" 1
		# tdx_host may call a failing LP again.
		[ "$1" != TDH.SYS.LP.INIT ] || retryable "$name" ||
			one_case "$1" "$2" "$3" "$name" "$status" 0
	done </tmp/statuses
}

KO=/lib/modules/$(uname -r)/extra
all_kept=0
cases=0
begin "module $profile"
load "profile=$profile" init=eager
is "without a fault it comes up" "$(host state)" initialized
every_lp=no
! wants_every_lp || every_lp=yes
shuts_down=$(shutdown_leaf)
check "unloads" rmmod tdx_host
awk '$1 == "leaf" { print $2, $4 }' $SIM/report >/tmp/calls
rmmod tdx_seamsim
warm_up
warm_up
case_name=''
dmesg -c >/dev/null
echo $(($(free_kib) + $(split_kib))) >/tmp/first
for leaf; do
	last=$(awk -v leaf="$leaf" '$1 == leaf { print $2 }' /tmp/calls)
	at_least "$leaf: its statuses are known" "$(answers "$leaf" | grep -c ' 0x')" 4
	at_least "$leaf: is called" "$last" 1
	for nth in $(printf '%s\n' 1 $(((last + 1) / 2)) "$last" | uniq); do
		each_status "$leaf" "$nth" "$last"
	done
done
# Small losses do not add up either.
lost=$(lost_kib $(($(cat /tmp/first) - all_kept - $(split_kib))) free_kib)
check "over all cases no more than $FREE_TOLERANCE_KIB KiB are missing: $lost" \
	[ "$lost" -le "$FREE_TOLERANCE_KIB" ]
at_least "module $profile, $*: cases: $cases" "$cases" 30
done_testing
