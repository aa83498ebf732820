// SPDX-License-Identifier: GPL-2.0-only
/* Each error is one line in the log; the latest one is kept for last_error. */
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "host.h"

/* Taken with interrupts off, as tdx_cpu_enable() may fail in an IPI. */
static DEFINE_RAW_SPINLOCK(lock);
static char last_error[TDX_ERROR_LEN];	/* protected by lock */

void tdx_error(const char *fmt, ...)
{
	char buf[TDX_ERROR_LEN];
	unsigned long flags;
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	pr_err("%s\n", buf);

	raw_spin_lock_irqsave(&lock, flags);
	strscpy(last_error, buf, sizeof(last_error));
	raw_spin_unlock_irqrestore(&lock, flags);
}

void tdx_error_call(u64 leaf, u64 status, const char *where)
{
	const char *cause = tdx_status_cause(status);
	const char *remedy = tdx_status_remedy(status);
	char text[TDX_STATUS_LEN];

	tdx_status_format(text, sizeof(text), status);
	tdx_error("%s failed%s%s: %s%s%s%s%s", tdx_leaf_name(leaf),
		  where ? " " : "", where ? where : "", text,
		  cause ? ": " : "", cause ? cause : "",
		  remedy ? "; " : "", remedy ? remedy : "");
}

void tdx_error_forget(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	last_error[0] = '\0';
	raw_spin_unlock_irqrestore(&lock, flags);
}

void tdx_last_error(char *buf, size_t size)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	strscpy(buf, last_error, size);
	raw_spin_unlock_irqrestore(&lock, flags);
}
