/* SPDX-License-Identifier: GPL-2.0-only */
/* For test modules that play KVM, with vmx_owner=1. */
#ifndef TDX_SEAMSIM_PLAY_KVM_H
#define TDX_SEAMSIM_PLAY_KVM_H

/*
 * From now on VMX operation ends on every CPU when this kernel's KVM would end it before a
 * reboot: in a reboot notifier or in syscore shutdown, registered by this call.
 */
void tdx_seamsim_play_kvm(void);
void tdx_seamsim_kvm_played(void);

#endif
