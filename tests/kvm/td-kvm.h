/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of td-kvm share. A step that fails ends the program. */
#ifndef TD_KVM_H
#define TD_KVM_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#define PAGE		4096UL
#define MEMORY		(2UL << 20)
#define MORE_MEMORY	0x2000UL	/* for td->code, behind it in user space */
#define MAX_VCPUS	4

struct td;

struct vcpu {
	struct td *td;
	unsigned int index;
	int fd;
	struct kvm_run *run;
	unsigned int step;		/* of expected[] */
	pthread_t thread;
};

struct td {
	int vm;
	int gmem;
	int code;			/* more memory of a TD that runs; -1: none */
	void *shared;
	unsigned int nr_vcpus;
	struct vcpu vcpu[MAX_VCPUS];
};

/* td-kvm.c */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
int checked(const char *what, int result);
void tdx(const char *what, int fd, unsigned int id, unsigned int flags, void *data);
/* With @vcpus vCPUs, or with as many as the host has CPUs: KVM's rule for TDs. */
void make_with_vcpus(struct td *td, unsigned int vcpus);
void add_memory(struct td *td);
void set_private(struct td *td, unsigned long gpa, unsigned long size, bool private);
void punch_hole(struct td *td, unsigned long gpa);
void convert_page(struct td *td, unsigned long gpa, bool private);
void start(struct td *td, void *(*what)(void *));
/* A message-signalled interrupt to a vCPU: its data, a vector or MSI_NMI. */
#define MSI_NMI		0x400
void interrupt(const struct td *td, unsigned int index, unsigned int data);
void end(struct td *td, unsigned int round);

/* td-run.c */
/* @tries: of each vCPU, from @seed on, if the guest is to be the hostile one; else 0. */
void make_running(struct td *td, unsigned int vcpus, unsigned int tries, unsigned long seed);
int td_run(unsigned int rounds, unsigned int vcpus);
int td_running(void);

/* td-hostile.c */
int td_hostile(unsigned int tries, unsigned int vcpus, unsigned long seed);

#endif
