#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run-dkms.sh [KERNEL [brief]]: the real dkms adds, builds, installs and removes the module,
# in scratch trees, and, unless "brief", refuses unsupported kernels.
#
# KERNEL is an argument of scripts/kernel (6.1). A kernel of another suite is tested with
# the dkms of that suite.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. tests/packaging/lib.sh
tap_need dkms

kernel=${1:-6.1}
release=$(scripts/kernel --release "$kernel")
tree=$(scripts/kernel --tree "$kernel")
version=$(scripts/version)
tmp=$(mktemp -d "$tree/tmp/tdx-dkms.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
seen=${tmp#"$tree"}

# In the kernel's tree, if it has one, as if that were /.
run() {
	if [ -n "$tree" ]; then
		# shellcheck disable=SC2016
		unshare -m sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$@"' sh "$tree" "$@"
	else
		command "$@"
	fi
}
dkms() {
	run dkms "$@" --dkmstree "$seen/dkms" --sourcetree "$seen/usr/src" \
		--installtree "$seen/lib/modules"
}

DESTDIR=$tmp scripts/install dkms
headers=$(run readlink -f "/lib/modules/$release/build")
mkdir -p "$tmp/dkms" "$tmp/lib/modules/$release"
ln -s "$headers" "$tmp/lib/modules/$release/build"	# for dkms 3.2
name="$kernel, dkms $(run dkms --version | tr -dc '0-9.'): "

# --- one name everywhere
package=$(sed -n 's/^PACKAGE_NAME="\(.*\)"$/\1/p' dkms.conf)
tap_is "${name}the name in the spec" "$(sed -n 's/^Name: *//p' rpm/tdx-host.spec.in)" "$package"
# dh_dkms takes it from dkms.conf.
tap_is "${name}the names in the scripts of the packages" "$(grep -ho -e '-m [^ ]* -v' \
	debian/tdx-host-dkms.* rpm/tdx-host.spec.in | sort -u)" "-m $package -v"

# --- from add to remove
tap "${name}add" dkms add "$package/$version"
# A machine with this state of dkms and no module.
tests/cli/machine "$tmp/machine" tests/cli/base.machine tests/cli/check/no-driver.machine
mkdir -p "$tmp/machine/var/lib"
ln -s "$tmp/dkms" "$tmp/machine/var/lib/dkms"
tap_has "${name}tdxhost check finds it in dkms" \
	"$(build/cli/tdxhost check --root "$tmp/machine" | grep '^FAIL  driver')" "DKMS has tdx_host, but not built"
tap "${name}autoinstall passes over a kernel that it is not for" dkms autoinstall -k 99.1.0-amd64
tap "${name}build" dkms build "tdx-host/$version" -k "$release"
tap "${name}install" dkms install "tdx-host/$version" -k "$release"
ko=$(find "$tmp/lib/modules/$release" -name 'tdx_host.ko*')
tap "${name}one module was installed" test -f "$ko"
tap_is "${name}of this version" "$(modinfo -F version "$ko")" "$version"
tap_is "${name}for this kernel" "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" "$release"
tap_has "${name}status" "$(dkms status)" installed
tap "${name}remove" dkms remove "tdx-host/$version" --all
tap_is "${name}leaves no module" "$(find "$tmp/lib/modules" -name 'tdx_host*')" ""
tap_is "${name}and no state" "$(find "$tmp/dkms" -path '*tdx-host*')" ""

[ "${2:-}" != brief ] || tap_done

# --- the source in the repository
rm -rf "$tmp/usr/src"
DESTDIR=$tmp scripts/install dkms
cp dkms.conf VERSION "$tmp/usr/src/tdx-host-$version/"
mv "$tmp/usr/src/tdx-host-$version" "$tmp/checkout"
mkdir -p "$tmp/usr/src"
tap "${name}add of a directory" dkms add "$seen/checkout"
tap_has "${name}finds its version" "$(dkms status)" "$(cat VERSION)"
tap "${name}remove" dkms remove "tdx-host/$(cat VERSION)" --all

# --- kernels that must be refused: a copy of the headers, changed
cp -rL "$tree$headers" "$tmp/headers"
sed -i "s|^KBUILD_OUTPUT=.*|KBUILD_OUTPUT=$seen/headers|" "$tmp/headers/Makefile"
rm -rf "$tmp/usr/src"
DESTDIR=$tmp scripts/install dkms
source=$tmp/usr/src/tdx-host-$version

# Builds for the changed headers; prints the messages, with the status in $status.
status=0
refusal() {
	status=0
	run make -C "$seen/headers" M="${source#"$tree"}" >"$tmp/out" 2>&1 || status=$?
	grep '^tdx_host: ' "$tmp/out" || tail -n 3 "$tmp/out"
}
refused() {
	refusal >"$tmp/words"
	tap "$name$1: the build stops" test "$status" != 0
	tap_is "$name$1: one sentence" "$(wc -l <"$tmp/words")" 1
	tap_has "$name$1: that names it" "$(cat "$tmp/words")" "$2"
	tap_is "$name$1: nothing was compiled" "$(find "$source" -name '*.o' | wc -l)" 0
}

set_config() {
	local f
	for f in .config include/config/auto.conf; do
		cp "$tree$headers/$f" "$tmp/headers/$f"
		sed -i "/^$1=\|^# $1 is/d" "$tmp/headers/$f"
		[ "$2" = n ] || echo "$1=$2" >>"$tmp/headers/$f"
	done
}

refused_by_dkms() {
	! dkms build "tdx-host/$version" -k "$release" --kernelsourcedir "$seen/headers" --force
}

set_config CONFIG_INTEL_TDX_HOST y
refused "CONFIG_INTEL_TDX_HOST=y" "CONFIG_INTEL_TDX_HOST=y"
set_config CONFIG_INTEL_TDX_HOST n
set_config CONFIG_CONTIG_ALLOC n
refused "CONFIG_CONTIG_ALLOC off" CONFIG_CONTIG_ALLOC
set_config CONFIG_CONTIG_ALLOC y

for symbol in 'alloc_contig_range\(_noprof\)\?' free_contig_range walk_iomem_res_desc \
		register_memory_notifier __cpuhp_setup_state clflush_cache_range \
		register_reboot_notifier add_cpu remove_cpu; do
	plain=${symbol%%\\*}
	sed "/\t$symbol\t/d" "$tree$headers/Module.symvers" >"$tmp/headers/Module.symvers"
	refused "$plain not exported" "$plain"
done
sed '/\tremove_cpu\t/s/\t[^\t]*$/\tmodule:kvm/' "$tree$headers/Module.symvers" >"$tmp/headers/Module.symvers"
refused "exported to kvm alone" remove_cpu
rm "$tmp/headers/Module.symvers"
refused "no Module.symvers" Module.symvers

# At the end, because dkms 2.8 cleans the kernel's tree.
cp "$tree$headers/Module.symvers" "$tmp/headers/"
set_config CONFIG_INTEL_TDX_HOST y
tap "${name}CONFIG_INTEL_TDX_HOST=y: dkms add" dkms add "tdx-host/$version"
tap "${name}CONFIG_INTEL_TDX_HOST=y: dkms build refuses" refused_by_dkms
tap "${name}CONFIG_INTEL_TDX_HOST=y: dkms remove" dkms remove "tdx-host/$version" --all

# --- tdxhost check after a failed dkms build; the log of dkms 2.8
# does not have the sentence
[[ $name != *"dkms 2."* ]] || tap_done
rm -rf "$tmp/headers"
cp -rL "$tree$headers" "$tmp/headers"
sed -i "s|^KBUILD_OUTPUT=.*|KBUILD_OUTPUT=$seen/headers|" "$tmp/headers/Makefile"
rm "$tmp/headers/Module.symvers"
tap "${name}broken headers: dkms add" dkms add "tdx-host/$version"
tap "${name}broken headers: dkms build fails" refused_by_dkms
echo "$release" >"$tmp/machine/proc/sys/kernel/osrelease"
mkdir -p "$tmp/machine/lib/modules/$release/build"
tap_has "${name}broken headers: tdxhost check says what is missing" \
	"$(build/cli/tdxhost check --root "$tmp/machine" | grep '^FAIL  driver')" \
	"DKMS could not build tdx_host: kernel $release has no Module.symvers"
tap "${name}broken headers: dkms remove" dkms remove "tdx-host/$version" --all

tap_done
