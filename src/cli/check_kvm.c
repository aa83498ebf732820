// SPDX-License-Identifier: GPL-2.0-only
/* KVM: bring-up does without it, TDs do not. */
#include "check.h"
#include "root.h"

void check_kvm(struct check *c)
{
	if (!root_exists("/sys/module/kvm_intel"))
		check_say(c, &(struct finding){ .result = SKIP, .name = "kvm" },
			  "kvm_intel is not loaded; bring-up does without it");
	else if (root_exists("/sys/module/tdx_host/holders/kvm_intel"))
		check_pass(c, "kvm", "kvm_intel is bound to tdx_host");
	else
		check_say(c, &(struct finding){ .result = WARN, .name = "kvm",
			  .wanted = "a kvm_intel built against tdx_host, for TDs",
			  .remedy = "none for bring-up, which leaves KVM alone" },
			  "kvm_intel is loaded and not bound to tdx_host: it runs VMs, no TDs");
}
