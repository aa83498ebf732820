# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# For the tests of tdxhost: ". ./lib.sh" in tests/cli.
#
# result STATUS NAME; says NAME STATUS COMMAND... <<<EXPECTED; done_testing

tdxhost=${TDXHOST:-../../build/cli/tdxhost}
[ -x "$tdxhost" ] || { echo "$0: no $tdxhost: run 'make cli'" >&2; exit 1; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0
failed=0

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		failed=1
	fi
}

# COMMAND must exit with STATUS and print what is on standard input.
# COMMAND reads the file $input, which is empty by default.
says() {
	local name=$1 want=$2 status=0
	shift 2
	cat >"$tmp/want"
	"$@" <"${input:-/dev/null}" >"$tmp/got" 2>&1 || status=$?
	if [ "$status" = "$want" ] && diff -u "$tmp/want" "$tmp/got" >"$tmp/diff"; then
		result 0 "$name"
	else
		result 1 "$name"
		echo "# exit status $status, wanted $want"
		sed 's/^/# /' "$tmp/diff"
	fi
}

exits() {
	local name=$1 want=$2 status=0
	shift 2
	"$@" <"${input:-/dev/null}" >"$tmp/got" 2>&1 || status=$?
	if [ "$status" = "$want" ]; then
		result 0 "$name"
	else
		result 1 "$name"
		echo "# exit status $status, wanted $want"
		sed 's/^/# /' "$tmp/got"
	fi
}

done_testing() {
	echo "1..$n"
	exit "$failed"
}
