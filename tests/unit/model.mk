# SPDX-License-Identifier: GPL-2.0-only
include ../model/srcs.mk
model_all := $(tdxm_files:%=tests/model/%.c) tests/unit/model_harness.c

# What the model can answer; tests/vm/matrix.sh injects the same.
$(out)/model_answers.inc: model-answers.tsv
	@mkdir -p $(out)
	@awk 'NR > 1 { sub(/^TDH\./, "", $$1); gsub(/\./, "_", $$1); \
		print "{ " $$1 ", " $$2 " }," }' $< >$@

tests += model
model_deps := $(out)/model_answers.inc
model_srcs := $(model_all) tests/unit/model_case.c tests/unit/answers.c
model_cflags := -DMODEL_DIR='"$(top)/tests/model"'

tests += model_config
model_config_srcs := $(model_all)
model_config_deps := model_config_cases.inc

tests += model_pamt
model_pamt_srcs := $(model_all) tests/unit/model_case.c tests/unit/answers.c

tests += model_guest
model_guest_srcs := $(model_all) tests/unit/td_rig.c tests/unit/model_case.c tests/unit/answers.c
model_guest_deps := model_guest_answers.inc
model_guest_cflags := -DMODEL_DIR='"$(top)/tests/model"'

tests += model_measure
model_measure_srcs := $(model_all) tests/unit/td_rig.c tests/unit/model_case.c tests/unit/answers.c

tests += model_hostile
model_hostile_srcs := $(model_guest_srcs)
model_hostile_deps := model_guest_answers.inc

tests += model_td
model_td_srcs := $(model_all) tests/unit/td_rig.c tests/unit/model_case.c tests/unit/answers.c
model_td_cflags := -DMODEL_DIR='"$(top)/tests/model"'

tests += model_smp
model_smp_srcs := $(model_all)
model_smp_sanitize := thread

tests += model_td_smp
model_td_smp_srcs := $(model_all) tests/unit/td_rig.c
model_td_smp_sanitize := thread

tests += model_seamldr
model_seamldr_srcs := $(model_all) tests/unit/td_rig.c tests/unit/model_case.c tests/unit/answers.c

tests += model_check
model_check_srcs := $(model_all) src/core/tdmr_check.c

tests += model_profile
model_profile_srcs := $(model_all) tests/unit/td_rig.c

tests += model_table
model_table_srcs := $(model_all)
model_table_deps := $(top)/docs/tdx-modules.md
model_table_cflags := -DLEAF_TABLE='"$(top)/docs/tdx-modules.md"'

# docs/tdx-modules.md anew, from the model's table of leaves.
.PHONY: leaf-table
leaf-table: $(out)/model_table
	$(out)/model_table print >$(top)/docs/tdx-modules.md
