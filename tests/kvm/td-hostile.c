// SPDX-License-Identifier: GPL-2.0-only
/*
 * td-kvm hostile: the monitor of a TD that tries whatever it can (td-hostile.S).  It answers as
 * one does that wants the TD to go on: pages become what the TD takes them for, a vCPU that
 * sleeps gets interrupts and NMIs.
 */
#include <errno.h>
#include <linux/kvm_para.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "td-guest.h"
#include "td-kvm.h"

static unsigned long exits[64];

static bool its_memory(unsigned long gpa, unsigned long size)
{
	return gpa >= HOSTILE_MEMORY && size <= HOSTILE_MEMORY_SIZE &&
	       gpa - HOSTILE_MEMORY <= HOSTILE_MEMORY_SIZE - size;
}

static void on_memory_fault(struct vcpu *v)
{
	unsigned long gpa = v->run->memory_fault.gpa & ~(PAGE - 1);

	/* An access may cross the end. */
	if (!its_memory(gpa, PAGE) && gpa != HOSTILE_MEMORY + HOSTILE_MEMORY_SIZE)
		die("vCPU %u: memory fault at %#lx", v->index, gpa);
	set_private(v->td, gpa, PAGE, v->run->memory_fault.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE);
}

static void on_hypercall(struct vcpu *v)
{
	unsigned long gpa = v->run->hypercall.args[0], i;
	unsigned long pages = v->run->hypercall.args[1];
	bool private = v->run->hypercall.args[2] & KVM_MAP_GPA_RANGE_ENCRYPTED;

	v->run->hypercall.ret = EINVAL;
	if (pages > HOSTILE_MEMORY_SIZE / PAGE || !its_memory(gpa, pages * PAGE))
		return;
	for (i = 0; i < pages; i++)
		convert_page(v->td, gpa + i * PAGE, private);
	v->run->hypercall.ret = 0;
}

/* It may say so by chance, too, but not before. */
static void on_io(struct vcpu *v)
{
	unsigned int step = v->run->io.port - STEP;

	if (v->run->io.direction == KVM_EXIT_IO_OUT && v->run->io.size == 4 && step == v->step + 1 &&
	    step <= HOSTILE_DONE)
		__atomic_store_n(&v->step, step, __ATOMIC_RELEASE);
}

static void on_exit_to_us(struct vcpu *v)
{
	const struct kvm_run *run = v->run;

	__atomic_fetch_add(&exits[run->exit_reason % 64], 1, __ATOMIC_RELAXED);
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		on_io(v);
		break;
	case KVM_EXIT_MMIO:
	case KVM_EXIT_SYSTEM_EVENT:	/* TDG.VP.VMCALL <ReportFatalError> */
	case KVM_EXIT_TDX:		/* <GetQuote> and others that are the monitor's */
		break;
	case KVM_EXIT_HYPERCALL:
		on_hypercall(v);
		break;
	default:
		die("vCPU %u: exit reason %u, %#llx", v->index, run->exit_reason,
		    run->exit_reason == KVM_EXIT_INTERNAL_ERROR ? run->internal.data[0] :
		    run->hw.hardware_exit_reason);
	}
}

static void *run_vcpu(void *data)
{
	struct vcpu *v = data;

	while (v->step != HOSTILE_DONE) {
		if (!ioctl(v->fd, KVM_RUN, 0))
			on_exit_to_us(v);
		else if (errno == EFAULT && v->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
			on_memory_fault(v);
		else if (errno != EINTR && errno != EAGAIN)
			die("KVM_RUN of vCPU %u: %s", v->index, strerror(errno));
	}
	return NULL;
}

static bool all_are(const struct td *td, unsigned int step)
{
	unsigned int i;

	for (i = 0; i < td->nr_vcpus; i++)
		if (__atomic_load_n(&td->vcpu[i].step, __ATOMIC_ACQUIRE) < step)
			return false;
	return true;
}

/* By one vector after the other. A vCPU that sleeps without interrupts wants the NMI. */
static void wake(struct td *td, unsigned int round)
{
	unsigned int i;

	for (i = 0; i < td->nr_vcpus; i++) {
		interrupt(td, i, 0x20 + round % 0xe0);
		interrupt(td, i, MSI_NMI);
	}
}

int td_hostile(unsigned int tries, unsigned int vcpus, unsigned long seed)
{
	unsigned int round, i;
	struct td td;

	make_running(&td, vcpus, tries, seed | 1);
	start(&td, run_vcpu);
	while (!all_are(&td, HOSTILE_READY))
		usleep(1000);
	for (round = 0; !all_are(&td, HOSTILE_DONE); round++) {
		wake(&td, round);
		usleep(1000);
	}
	for (i = 0; i < td.nr_vcpus; i++)
		pthread_join(td.vcpu[i].thread, NULL);
	end(&td, 0);
	printf("each of %u vCPUs has tried %u times\n", td.nr_vcpus, tries);
	for (i = 0; i < 64; i++)
		if (exits[i])
			fprintf(stderr, "KVM exit %u: %lu times\n", i, exits[i]);
	return 0;
}
