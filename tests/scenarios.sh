# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154
# For tests/run: the boots of the VM scenarios, each a suite.
#
# A scenario, tests/vm/*.sh, has one line for each boot:
#   #vm KERNEL [OPTION OF scripts/vm]... [-- ARG...]
# A "#slow" line instead of "#vm" is a boot that runs only when PATTERN names the
# scenario ("vm" names all), or with --td; those left out are counted in left_out.  A
# scenario with the line "#alone" compares times, so it boots when nothing else runs.

# LINE of a scenario, less its first word: sets boot_kernel, boot_options, boot_args.
parse_boot() {
	local words i
	read -ra words <<<"$1"
	boot_kernel=${words[0]} boot_options=("${words[@]:1}") boot_args=()
	for ((i = 0; i < ${#boot_options[@]}; i++)); do
		if [ "${boot_options[i]}" = -- ]; then
			boot_args=("${boot_options[@]:i+1}")
			boot_options=("${boot_options[@]:0:i}")
			return
		fi
	done
}

# Is PATTERN about the scenario NAME itself?
is_named() {
	[[ -n $pattern && "vm $1" == *"${pattern%.*}"* ]]
}

# With --kernel: boots that differ in the kernel alone are one, and some make no sense on
# another kernel: those about modules built for the kernel of their line or about a text,
# and those that need more memory than a kernel can take that looks after each page.
declare -A booted=()
suits_any_kernel() {
	local boot="$1 ${boot_options[*]} -- ${boot_args[*]}"
	[ -z "${booted[$boot]:-}" ] || return 1
	booted[$boot]=1
	[[ $boot != *build/guards/* && $boot != *" --kvm "* && $boot != *README.md* && $boot != *"--mem 32G"* ]]
}

# A kernel that looks for faults takes its time, and a virtual CPU of a busy machine may
# not run for half a minute.  kmemleak would scan an initrd that 6.12 has moved and freed.
be_patient() {
	boot_options+=(--timeout 900
		--append "sysctl.kernel.hung_task_timeout_secs=300 watchdog_thresh=60"
		--append "rcupdate.rcu_cpu_stall_timeout=300 retain_initrd")
}

# scenario FILE: adds a suite for each boot that is wanted.
scenario() {
	local file=$1 name speed line title before i=0 slow=0 alone_too=''
	name=$(basename "$file" .sh)
	! grep -q '^#alone' "$file" || alone_too=1
	while read -r speed line; do
		i=$((i + 1))
		if [ "$speed" = '#slow' ] && [ -z "${td:-}" ] && ! is_named "$name"; then
			slow=$((slow + 1))
			continue
		fi
		parse_boot "$line"
		if [ -n "$kernel" ]; then
			if [ -n "$alone_too" ] || ! suits_any_kernel "$name"; then
				continue
			fi
			boot_kernel=$kernel
		fi
		title="$boot_kernel${boot_options[*]:+ ${boot_options[*]}}${boot_args[*]:+ -- ${boot_args[*]}}"
		# What the log is judged by says nothing of the boot, and is too long for a file's name.
		title=$(sed -E 's/ --(warn|expect) [^ ]+//g' <<<"$title")
		[ -z "$kernel" ] || be_patient
		before=${#names[@]}
		suite "vm $name.$i ${title%% --a[dp]*}" scripts/vm --kernel "$boot_kernel" --quiet \
			--timeout 240 --no-sim --no-host --log "$logs/vm_$name.$i.kernel" \
			"${boot_options[@]}" -- "$file" "${boot_args[@]}"
		[ ${#names[@]} = "$before" ] || [ -z "$alone_too" ] || alone[before]=1
	done < <(grep -E '^#(vm|slow) ' "$file" || true)
	[ "$slow" = 0 ] || left_out+=("$slow of $name")
	[ "$i" -gt 0 ] || suite "vm $name" tests/one "$file has a #vm line that says where it runs" false
}

scenarios() {
	local f
	for f in tests/vm/*.sh; do
		scenario "$f"
	done
	[ "$kernel" != debug ] || for f in tests/debug/*.sh; do
		scenario "$f"
	done
}
