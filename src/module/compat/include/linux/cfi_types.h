/* SPDX-License-Identifier: GPL-2.0-only */
/* Before 6.1, where any function may be the target of an indirect call. */
#include <linux/linkage.h>

#define SYM_TYPED_FUNC_START(name)	SYM_FUNC_START(name)
