#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# tdxhost module: what it says of an image, and what it refuses without tdx_host.
# tests/vm/seamldr.sh has the rest.
# shellcheck disable=SC2154
set -euo pipefail
cd "$(dirname "$0")"
. ./lib.sh
images=../fuzz/corpus/seam_image

# CPUID 1 EAX of CPUs that there are, without the stepping.
here() {
	awk -F ': ' '/^cpu family/ { f = $2 } /^model\t/ { m = $2 }
		END {
			base = f > 15 ? (f - 15) * 1048576 + 15 * 256 : f * 256
			printf "0x%x", base + int(m / 16) * 65536 + m % 16 * 16
		}' /proc/cpuinfo
}

# VALUE: as the image's only CPU.
made_for() {
	cp $images/version-2 "$tmp/image"
	printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $(($1 >> 8 & 255)) \
		$(($1 >> 16 & 255)) $(($1 >> 24 & 255)))" |
		dd of="$tmp/image" bs=1 seek=$((4096 + 1028)) conv=notrunc status=none
}

cpu=$(here)
made_for $((cpu + 7))
says "an image for this CPU, of another stepping" 0 "$tdxhost" module show "$tmp/image" <<END
state             tdx_host is not loaded
image             does not say its version
  built           2025-02-19
  security        1.11
  handoff data    4 to 7
  CPUs            $cpu (CPUID 1 EAX)
  this host       yes
END
made_for $((cpu ^ 0x10000))
says "an image for another CPU" 1 "$tdxhost" module show "$tmp/image" <<END
state             tdx_host is not loaded
image             does not say its version
  built           2025-02-19
  security        1.11
  handoff data    4 to 7
  CPUs            $(printf 0x%x $((cpu ^ 0x10000))) (CPUID 1 EAX)
  this host       no: it is made for other CPUs: take the release for this one
END
says "no image" 0 "$tdxhost" module show <<'END'
state             tdx_host is not loaded
END

# A version, as images of TDX 2.0 have it; the form of Linux 7.2 has no checksum to mend.
printf '\x08\x00\x00\x02' | dd of="$tmp/image" bs=1 seek=$((4096 + 1000)) conv=notrunc status=none
"$tdxhost" module show "$tmp/image" >"$tmp/out" || true
result "$(grep -qx 'image             2.0.08' "$tmp/out"; echo $?)" "a version"
"$tdxhost" module show $images/version-1 >"$tmp/out" || true
result "$(grep -qx '  security        1.11' "$tmp/out"; echo $?)" "the form of the published binaries"

says "a broken image" 2 "$tdxhost" module show $images/many-cpus <<END
tdxhost module: $images/many-cpus: its list of CPUs is longer than the space for it
END
says "a short one" 2 "$tdxhost" module show $images/short <<END
tdxhost module: $images/short: it is too short for an image of a TDX module
END
says "no file" 2 "$tdxhost" module show "$tmp/none" <<END
tdxhost module: $tmp/none: No such file or directory
END

usage() {
	says "$1" 2 "$tdxhost" module "${@:3}" <<<"tdxhost module: $2; see 'tdxhost module --help'"
}
usage "no action" "show, install, update or reset is missing"
usage "an unknown action" "unknown action 'remove'" remove
usage "no file to install" "install needs a FILE" install
usage "two files" "unexpected argument 'b'" install a b
[ -e /lib/firmware/intel/tdx ] || says "no file to reset to" 2 "$tdxhost" module reset <<'END'
tdxhost module: it is not known which file the TDX module is from, and no *.blob for this CPU is in /lib/firmware/intel/tdx: name a FILE
END
"$tdxhost" module install --dry-run $images/version-1 >"$tmp/out" 2>"$tmp/err" && status=0 || status=$?
result "$([ $status = 3 ] && grep -q '/tdx_module: No such file or directory: load tdx_host$' "$tmp/err"; echo $?)" \
	"without tdx_host"
done_testing
