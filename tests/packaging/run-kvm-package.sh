#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-kvm-package.sh: package tdx-host-kvm-dkms, with stand-ins for dpkg, dkms, the kernel's
# headers and its source: the kernels that it accepts, its messages about others, and a KVM
# that does not fit tdx_host and must not build. slow-kvm-package.sh uses the real ones.
set -euo pipefail
shopt -s inherit_errexit nullglob
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tap_need gcc nm xz
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
version=1.2.3
k=7.2.12+deb13-amd64
deb=7.2.12-1~bpo13+1
src=$tmp/usr/src
package=$src/tdx-host-kvm-$version
mkdir -p "$tmp/bin" "$src"
PATH=$tmp/bin:$PATH
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}
# says WHAT STATUS WORDS COMMAND...: COMMAND must exit with STATUS and print WORDS.
says() {
	local what=$1 wanted=$2 words=$3 status=0 out
	shift 3
	out=$("$@" 2>&1 </dev/null) || status=$?
	tap_is "$what: status" "$status" "$wanted"
	tap_has "$what" "$out" "$words"
}

# --- its files, as debhelper installs them
while read -r from to; do
	tap "installed: $from" test -f "$from"
	to=$tmp/${to/'${env:TDX_HOST_VERSION}'/$version}
	mkdir -p "$to"
	cp "$from" "$to/"
done <debian/tdx-host-kvm-dkms.install
echo "$version" >"$package/VERSION"
tap_is "modprobe.d: what it sets" "$(grep -v '^#' "$tmp"/usr/lib/modprobe.d/*.conf)" "options kvm_intel tdx=1"

# --- a kernel: its headers, and the answers of dpkg
headers=$tmp/headers
mkdir -p "$headers/include/config"
# config LINE...
config() {
	printf '%s\n' "$@" >"$headers/include/config/auto.conf"
}
# dpkg PACKAGE VERSION [STATE]: adds a line to the answers.
stub dpkg-query "while [ \"\${1#-}\" != \"\$1\" ]; do [ \"\$1\" = -W ] || shift; shift; done
grep \"^\$1 \" $tmp/dpkg | cut -d' ' -f2- | grep ."
dpkg() {
	echo "$1 ${3:-installed} $2"
}
good() {
	config CONFIG_KVM=m CONFIG_KVM_INTEL=m
	{ dpkg "linux-headers-$k" $deb; dpkg linux-source-7.2 $deb; } >"$tmp/dpkg"
	: >"$src/linux-source-7.2.tar.xz"
}
source_for() {
	"$package/src/kvm/source-for" "${1:-$k}" "$headers" "$src"
}
stock="keeps its own KVM, which makes no TDs:"
good
says "source-for" 0 "$src/linux-source-7.2.tar.xz" source_for
{ dpkg "linux-headers-$k" $deb; dpkg linux-source-7.2 $deb unpacked; } >"$tmp/dpkg"
says "source-for: within apt's run" 0 "$src/linux-source-7.2.tar.xz" source_for
for other in 6.1.0-56-amd64 6.18.15+deb13-amd64 7.1.13+deb13-amd64 7.20.1-amd64 8.2.1-amd64; do
	says "source-for: Linux $other" 1 "kernel $other $stock tdx-host-kvm knows that of Linux 7.2 and 7.3" source_for "$other"
done
good
rm "$headers/include/config/auto.conf"
says "source-for: no headers" 1 "kernel $k $stock install linux-headers-$k" source_for
config CONFIG_KVM_INTEL=m CONFIG_INTEL_TDX_HOST=y
says "source-for: a kernel with TDX" 1 "$stock it brings TDX up by itself" source_for
config CONFIG_KVM_AMD=m
says "source-for: a kernel without KVM" 1 "$stock it has no module kvm-intel" source_for
config CONFIG_KVM_INTEL=y
says "source-for: KVM built in" 1 "$stock it has no module kvm-intel" source_for
good
dpkg linux-source-7.2 $deb >"$tmp/dpkg"
says "source-for: headers of no package" 1 "nothing says which source they match" source_for
dpkg "linux-headers-$k" $deb >"$tmp/dpkg"
says "source-for: no source" 1 "$stock install linux-source-7.2=$deb" source_for
{ dpkg "linux-headers-$k" $deb; dpkg linux-source-7.3 7.3.4-1; dpkg linux-source-7.2 $deb config-files; } >"$tmp/dpkg"
says "source-for: the source of another kernel" 1 "$stock install linux-source-7.2=$deb" source_for
{ dpkg "linux-headers-$k" $deb; dpkg linux-source-7.2 7.2.11-1~bpo13+1; } >"$tmp/dpkg"
says "source-for: the source of another version" 1 \
	"$stock linux-source-7.2 has version 7.2.11-1~bpo13+1, its headers $deb: install linux-source-7.2=$deb" source_for
{ dpkg "linux-headers-$k" $deb; dpkg linux-source-7.2 7.2.12-2~bpo13+1; } >"$tmp/dpkg"
says "source-for: of another revision" 1 "$stock linux-source-7.2 has version 7.2.12-2~bpo13+1" source_for
good
rm "$src/linux-source-7.2.tar.xz"
says "source-for: the package without its file" 1 "reinstall linux-source-7.2" source_for

# --- dkms.conf, as dkms reads it
# conf KERNEL VARIABLE
conf() {
	# shellcheck disable=SC2016
	kernelver=$1 arch=x86_64 kernel_source_dir=$headers dkms_tree=$tmp/dkms source_tree=$src \
		bash -uc '. "$1/dkms.conf" && echo "${!2}"' bash "$package" "$2"
}
good
tap_is "dkms.conf: its version" "$(conf $k PACKAGE_VERSION)" "$version"
tap_is "dkms.conf: built for a kernel that comes" "$(conf $k AUTOINSTALL)" yes
tap_is "dkms.conf: and where no kernel is named" "$(conf '' AUTOINSTALL)" yes
dpkg "linux-headers-$k" $deb >"$tmp/dpkg"
tap_is "dkms.conf: passed over without its source" "$(conf $k AUTOINSTALL)" ""
mkdir -p "$tmp/dkms/tdx-host-kvm/$version/$k"
tap_is "dkms.conf: what is built stays dkms'" "$(conf $k AUTOINSTALL)" yes
rm -r "$tmp/dkms"
good
tap_is "dkms.conf: passed over on Linux 7.4" "$(conf 7.4.1-amd64 AUTOINSTALL)" ""
taken=''
for series in 6.18 7.1 7.2 7.3 7.4 7.20 8.2; do
	[[ ! "$series.1-amd64" =~ $(conf "$series.1-amd64" BUILD_EXCLUSIVE_KERNEL) ]] || taken+=" $series"
done
tap_is "dkms.conf: the kernels that it is for" "$taken" " 7.2 7.3"
tap_has "tdxhost check knows the same" "$(grep '#define KVM_SERIES' src/cli/check_kvm.c)" '"Linux 7.2 or 7.3"'

# --- the build, in dkms' copy of the package
work=$tmp/build
fresh() {
	rm -rf "$work"
	cp -r "$package" "$work"
}
pre_build() {
	fresh
	(cd "$work" && eval "$(conf $k PRE_BUILD)")
}
# tarball FILE...: a source with these files.
tarball() {
	local f
	rm -rf "$tmp/linux-source-7.2"
	for f in "$@"; do
		mkdir -p "$tmp/linux-source-7.2/$(dirname "$f")"
		echo "/* $f */" >"$tmp/linux-source-7.2/$f"
	done
	tar -C "$tmp" -cJf "$src/linux-source-7.2.tar.xz" linux-source-7.2
}
kvm=(arch/x86/kvm/Makefile arch/x86/kvm/vmx/tdx.c virt/kvm/kvm_main.c Makefile)
good
tarball "${kvm[@]}"
tap "pre-build" pre_build
tap_is "pre-build: KVM's files, and ours beside them" "$(cd "$work/tree" && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
	"./arch/x86/kvm/Kbuild ./arch/x86/kvm/Makefile ./arch/x86/kvm/shim.h ./arch/x86/kvm/tdx_host_abi.h ./arch/x86/kvm/vmx/tdx.c ./virt/kvm/kvm_main.c "
tap "pre-build: KVM's are unchanged" cmp "$tmp/linux-source-7.2/arch/x86/kvm/vmx/tdx.c" "$work/tree/arch/x86/kvm/vmx/tdx.c"
dpkg "linux-headers-$k" $deb >"$tmp/dpkg"
says "pre-build: no source" 1 "install linux-source-7.2=$deb" pre_build
good
tarball arch/x86/kvm/vmx/vmx.c virt/kvm/kvm_main.c
says "pre-build: a KVM without TDX" 1 "has no arch/x86/kvm/vmx/tdx.c: Linux 6.16 or later has" pre_build
tarball arch/x86/kvm/vmx/tdx.c virt/lib/Makefile
says "pre-build: half a source" 1 "has no virt/kvm" pre_build
tarball "${kvm[@]}" arch/x86/kvm/Kbuild
says "pre-build: a KVM with a Kbuild" 1 "KVM has a Kbuild file of its own now" pre_build
: >"$src/linux-source-7.2.tar.xz"
says "pre-build: a broken tarball" 2 "tar: " pre_build
tarball "${kvm[@]}"

# The kernel's make: kvm-intel.ko takes the functions in $tmp/calls.
cat >"$headers/Makefile" <<'END2'
modules:
	test -e $(KBUILD_EXTRA_SYMBOLS)
	{ echo 'void f(void) {'; sed 's/.*/extern int &(void); &();/' $(CALLS); echo '}'; } | gcc -xc -c -o $(M)/kvm-intel.ko -
END2
symvers=$tmp/dkms/tdx-host/$version/$k/x86_64/module/Module.symvers
mkdir -p "${symvers%/*}"
printf '0x00000000\t%s\ttdx_host\tEXPORT_SYMBOL_GPL\t\n' tdx_get_sysinfo tdh_vp_enter tdx_of_ours >"$symvers"
# build CALL...
build() {
	printf '%s\n' "$@" >"$tmp/calls"
	pre_build
	(cd "$work" && eval "$(conf $k MAKE) CALLS=$tmp/calls")
}
says "build" 0 "symbols: 2 of 2" build tdx_get_sysinfo tdh_vp_enter printk
says "build: a symbol that tdx_host does not export" 2 "KVM wants tdh_mem_page_aug: tdx_host does not export it" \
	build tdx_get_sysinfo tdh_mem_page_aug
says "build: one that tdx_host.h does not declare" 2 "KVM wants tdx_of_ours: tdx_host.h does not declare it" \
	build tdx_get_sysinfo tdx_of_ours
says "build: without TDX" 2 "it was built without TDX" build printk
says "build: kbuild fails" 2 "Error" build 'no name'
rm "$symvers"
says "build: no tdx_host" 2 "Error" build tdx_get_sysinfo

# --- structures and functions that both sides declare: a vmx/tdx.c without code of its own
fresh
tap "a tree" pre_build
include=$tmp/include
mkdir -p "$include"/{linux,asm}
cat >"$include/linux/types.h" <<'END2'
#pragma once
#include <stdbool.h>
#include <stddef.h>
#define static_assert _Static_assert
#define sizeof_field(type, member) sizeof(((type *)0)->member)
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32;
typedef unsigned long long u64, kvm_pfn_t; typedef unsigned long phys_addr_t;
struct page; enum pg_level { PG_LEVEL_NONE, PG_LEVEL_4K };
END2
for h in io kvm_types mm misc_cgroup; do
	echo '#include <linux/types.h>' >"$include/linux/$h.h"
done
# The kernel's own header, changed by sed.
kernel_with() {
	{
		echo '#ifndef _ASM_X86_TDX_H'
		echo '#define _ASM_X86_TDX_H'
		echo '#include <linux/types.h>'
		sed -n '/^struct tdx_sys_info_version {/,/---- As Linux 6.16/p' include/tdx_host.h |
			sed -e '$d' -e 's/ TDX_HOST_SYMBOL(.*)//' -e "$1"
		echo '*/'
		echo '#endif'
	} >"$include/asm/tdx.h"
	LC_ALL=C gcc -std=gnu11 -Wall -Werror -I"$include" -I"$work/tree/arch/x86/kvm" \
		-DCONFIG_INTEL_TDX_HOST=1 -include "$work/tree/arch/x86/kvm/shim.h" \
		-c -o "$tmp/tdx.o" -xc /dev/null
}
tap "layout: the same" kernel_with ''
differs() {
	says "layout: $1" 1 "$2" kernel_with "$3"
}
differs "a wider member" '"struct tdx_sys_info_td_ctrl, tdr_base_size"' 's/u16 tdr_base_size/u32 tdr_base_size/'
differs "one more member at the end" '"struct tdx_td"' 's/int tdcx_nr_pages;/& u64 more;/'
differs "two members the other way round" '"struct tdx_module_args, rdx"' 's/u64 rcx, rdx,/u64 rdx, rcx,/'
differs "a longer array" '"struct tdx_sys_info_td_conf, cpuid_config_leaves"' 's/cpuid_config_leaves\[128\]/cpuid_config_leaves[256]/'
differs "a member of another name" "tdvpr_pa" 's/phys_addr_t tdvpr_pa/phys_addr_t tdvpr_phys/'
differs "no such structure" "tdx_sys_info_features" '/^struct tdx_sys_info_features/s/features/flags/; s/struct tdx_sys_info_features features/struct tdx_sys_info_flags features/'
differs "a function with another argument" "conflicting types for 'tdh_mng_create'" 's/tdh_mng_create(struct tdx_td \*td, u16 hkid)/tdh_mng_create(struct tdx_td *td, u64 hkid)/'
differs "a function with another result" "conflicting types for 'tdx_guest_keyid_alloc'" 's/^int tdx_guest_keyid_alloc/u64 tdx_guest_keyid_alloc/'

# --- installation of the package, of headers and of sources: always succeeds
sed "s|#ENV.TDX_HOST_VERSION#|$version|; s|/usr/src|$src|; s|/lib/modules/\$kernel/build|$headers|" \
	debian/tdx-host-kvm-dkms.postinst >"$tmp/postinst"
stub dkms "case \$1 in
status) grep \"^\$3/\" $tmp/state ;;
install) echo \"\$*\" >>$tmp/installs; [ ! -e $tmp/broken ] ;;
*) echo \"\$*\" >>$tmp/installs ;;
esac"
postinst() {
	: >"$tmp/installs"
	sh "$tmp/postinst" "$@"
}
tdx_host() {
	printf "tdx-host/$version, %s, x86_64: installed\n" "$@"
}
good
: >"$tmp/state"
says "postinst: no tdx_host yet" 0 "" postinst configure
tap_is "postinst: dkms has it" "$(cat "$tmp/installs")" "add -m tdx-host-kvm -v $version"
tdx_host $k 6.12.118+deb13-amd64 >"$tmp/state"
says "postinst: another kernel" 0 "kernel 6.12.118+deb13-amd64 $stock" postinst configure
tap_is "postinst: built for the one with its source" "$(grep install "$tmp/installs")" "install -m tdx-host-kvm -v $version -k $k"
says "postinst: and says so" 0 "kernel $k has a KVM that makes TDs" postinst triggered
touch "$tmp/broken"
says "postinst: it does not build" 0 "kernel $k $stock see /var/lib/dkms/tdx-host-kvm/$version/build/make.log" postinst triggered
rm "$tmp/broken"
dpkg "linux-headers-$k" $deb >"$tmp/dpkg"
says "postinst: no source" 0 "kernel $k $stock install linux-source-7.2=$deb" postinst triggered
tap_is "postinst: nothing was built" "$(cat "$tmp/installs")" ""
good
echo "tdx-host-kvm/$version, $k, x86_64: installed (Original modules exist)" >>"$tmp/state"
says "postinst: built already" 0 "" postinst triggered
tap_is "postinst: not again" "$(grep -- "-k $k" "$tmp/installs" || true)" ""
tap_is "triggered by headers and sources" "$(grep -v '^#' debian/tdx-host-kvm-dkms.triggers)" "interest-noawait /usr/src"
tap_done
