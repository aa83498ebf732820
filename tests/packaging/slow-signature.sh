#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# slow-signature.sh: a kernel that accepts only signed modules (module.sig_enforce=1, as
# under Secure Boot), booted by UEFI: it refuses tdx_host unsigned and signed with an unknown
# key, and accepts it once that key is in the firmware's db.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
top=$PWD
log=$top/build/packages-test/signature
mkdir -p "$log"
scripts/deps ovmf efitools openssl >&2

release=$(scripts/kernel --release 6.1)
image=$(scripts/kernel 6.1)
scripts/build-modules 6.1 >&2
make -s cli >&2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/tdx-signature.XXXXXX")
qemu=''
# shellcheck disable=SC2317
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# --- a key, the modules signed with it, and the key in the form for the firmware
own=$tmp/own/vm
mkdir -p "$own/signed" "$own/unsigned"
openssl req -new -x509 -newkey rsa:2048 -sha256 -nodes -days 3650 -subj "/CN=tdx_host test key/" \
	-keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2>/dev/null
sign_file=$(readlink -f "/lib/modules/$release/build/scripts/sign-file")
for ko in "build/$release"/{host/tdx_host,tests/tdx_seamsim}.ko; do
	strip --strip-debug -o "$own/unsigned/${ko##*/}" "$ko"
	"$sign_file" sha256 "$tmp/key.pem" "$tmp/cert.pem" "$own/unsigned/${ko##*/}" "$own/signed/${ko##*/}"
done
# The test key as the owner of db: without a platform key nobody checks that.
cert-to-efi-sig-list -g 5a1f3c1e-94c0-4a5f-9ab1-6b4f4f1f7c11 "$tmp/cert.pem" "$tmp/db.esl" >&2
sign-efi-sig-list -k "$tmp/key.pem" -c "$tmp/cert.pem" db "$tmp/db.esl" "$tmp/db.auth" >&2
# Non-volatile, boot and runtime, time-based authenticated; then the variable.
{ printf '\x27\0\0\0'; cat "$tmp/db.auth"; } >"$own/db"
cp ".cache/kernels/$release/lib/modules/$release/kernel/fs/efivarfs/efivarfs.ko" "$own/"

cat >"$own/test.sh" <<'END'
#!/bin/sh
. /lib/tdx.sh
n=$1
tap_n=$2
refused() {
	! insmod "$1" 2>/tmp/why && grep -qi "$2" /tmp/why
}
check "boot $n: unsigned: refused" refused /vm/unsigned/tdx_host.ko 'key\|permitted'
tdxhost check >/tmp/check
check "boot $n: unsigned: tdxhost check fails" test $? = 1
holds "boot $n: unsigned: and explains" "$(grep -i -A2 signature /tmp/check)" "not signed, and this kernel accepts only signed modules"
holds "boot $n: unsigned: and says what to do" "$(grep -i -A2 signature /tmp/check)" "mokutil --import"
if [ "$n" = 1 ]; then
	check "boot 1: signed by an unknown key: refused" refused /vm/signed/tdx_host.ko key
	insmod /vm/efivarfs.ko
	mount -t efivarfs efivarfs /sys/firmware/efi/efivars
	check "boot 1: the key goes into db" sh -c 'cat /vm/db >/sys/firmware/efi/efivars/db-d719b2cb-3d3a-4596-a3bc-dad00e67656f'
else
	check "boot 2: signed, simulator: loads" insmod /vm/signed/tdx_seamsim.ko
	check "boot 2: signed: loads" insmod /vm/signed/tdx_host.ko init=eager allow_unload=1
	is "boot 2: state" "$(host state)" initialized
	check "boot 2: unloads" rmmod tdx_host
	cp /vm/signed/tdx_host.ko "/lib/modules/$(uname -r)/extra/"
	holds "boot 2: tdxhost check knows the key" "$(tdxhost check | grep -i -A2 signature)" "signed by tdx_host test key, which the kernel trusts"
fi
echo "1..$((tap_n - $2))"
exit $((tap_failed != 0))
END
chmod 755 "$own/test.sh"
echo test.sh >"$own/script"

# The base that scripts/vm boots too.
printf '#!/bin/sh\n' >"$tmp/nothing.sh"
scripts/vm --kernel 6.1 --quiet --no-sim --no-host --log "$log/base" -- "$tmp/nothing.sh" >&2
cp /usr/share/OVMF/OVMF_VARS_4M.fd "$tmp/vars.fd"

boot() {
	local n=$1 status
	printf '%s\n' "$1" "$2" >"$own/args"
	(cd "$tmp/own" && find . -mindepth 1 | LC_ALL=C sort | cpio -o -H newc --quiet -R 0:0) |
		cat "build/$release/initramfs.cpio" - >"$tmp/initrd"
	timeout 600 qemu-system-x86_64 -accel tcg,thread=multi -machine q35 -nodefaults -display none -no-reboot \
		-monitor none -cpu max,vendor=GenuineIntel,family=6,model=143,stepping=8 -smp 2 -m 2G \
		-drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
		-drive "if=pflash,format=raw,file=$tmp/vars.fd" \
		-serial "file:$log/boot$n" -serial "file:$tmp/out$n" -serial "file:$tmp/status" \
		-kernel "$image" -initrd "$tmp/initrd" \
		-append "console=ttyS0 ignore_loglevel panic=-1 oops=panic tsc=reliable random.trust_cpu=on rdinit=/init module.sig_enforce=1" \
		</dev/null >&2 &
	qemu=$!
	wait "$qemu" || true
	qemu=''
	# The firmware writes to the same port.
	tr -d '\r' <"$tmp/out$n" | grep -aE '^(ok|not ok|#|1\.\.)' || true
	status=$(tr -dc 0-9 <"$tmp/status")
	[ "$status" = 0 ] || failed=1
}
failed=0
boot 1 0
boot 2 "$(grep -acE '^(not )?ok ' "$tmp/out1")"
exit "$failed"
