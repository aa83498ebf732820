/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest of "td-kvm run" (td-guest.S) and its monitor (td-run.c) agree on. */
#ifndef TD_GUEST_H
#define TD_GUEST_H

#define GUEST_SIZE	0x2000
#define GUEST_BASE	0xffffe000	/* the reset vector is 16 bytes below 4 GB */
#define STEP		0x500		/* port of the first result */
#define FATAL		0xff		/* a result that is none: an exception, of the RIP that follows */
#define GUEST_PORT	0x3f8
#define GUEST_VECTOR	0x41
#define GUEST_MAILBOX	0x5000		/* a page that is shared from the beginning */
#define GUEST_FRESH	0x10000		/* two pages that the TD does not have at first */
#define GUEST_CONVERTED	0x20000
#define GUEST_TAKEN	0x30000		/* a page of each vCPU: the host takes it again and again */
#define GUEST_ROUND	0x5100		/* shared: how often it has; a word of each vCPU */
#define GUEST_ACK	0x5200		/* shared: how often the vCPU has noticed */
#define GUEST_ROUNDS	20
#define GUEST_WORD	0x7a6e		/* what the page begins with, until it is taken */
#define GUEST_VCPUS	4
#define GUEST_STORM	50		/* interrupts while it computes */
#define GUEST_CALLS	2000
#define COUNTS		100000		/* of each vCPU */

/* The hostile guest: td-hostile.S, td-hostile.c. */
#define HOSTILE_TRIES	0x9800		/* of each vCPU; 0: it is not hostile */
#define HOSTILE_SEED	0x9808
#define HOSTILE_AREAS	0xa000		/* 1 KB of each vCPU's own */
#define HOSTILE_READY	1		/* its results: it can be interrupted, it has done all */
#define HOSTILE_DONE	2
#define HOSTILE_MEMORY	0x40000		/* that it uses by chance */
#define HOSTILE_MEMORY_SIZE 0x40000

#endif
