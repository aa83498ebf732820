/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's log; for a recorded machine, the text in dev/kmsg. */
#ifndef TDXHOST_KLOG_H
#define TDXHOST_KLOG_H

#include <stdio.h>

/* The caller closes it.  NULL with errno: not allowed (EPERM), or not recorded. */
FILE *klog_open(void);

#endif
