# SPDX-License-Identifier: GPL-2.0-only
# The model's files, without their ending: for the unit tests and the simulator.
tdxm_files := flush guest guest_apic guest_cpuid guest_cr handoff hostmem image key_config leaves model pamt \
	phymem profiles seamldr seamldr_install sept_format shutdown sys_config sys_info sys_init \
	sys_rd sys_rdall td_count td_enter td_cpuid td_cpuid_cpu td_init td_life td_mem td_page td_sept \
	td_sha384 td_vp tdg tdg_field tdg_mem tdg_mr tdg_report tdg_sys tdg_vm tdg_vp tdg_vp_field \
	tdmr_init violation
