/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest's hardware state as a row of Xen's records (public arch-x86/hvm/save.h): what the domain builder starts a vcpu with, and what migration streams carry. Built from and
 * checked like our own records (save_state.h), which hold more.
 */
#ifndef CORE_HVM_CONTEXT_H
#define CORE_HVM_CONTEXT_H

#include "control_op.h"
#include "domain.h"

/* One kind of record, of vcpus or of the board. The domain is paused in all calls: no CPU holds a vcpu's state. */
struct hvm_record {
	uint16_t type; /* HVM_SAVE_CODE() */
	const char *name;
	uint32_t size;
	uint32_t min_size; /* load takes shorter ones down to this: the rest is zeroes */
	/* Fills *record, size zeroed bytes. How many of them count; 0: this vcpu has none. */
	uint32_t (*save)(struct vcpu *v, void *record);
	/* Checks all of it before anything is changed. length: of what came, the rest up to size is zeroes. -EINVAL */
	int (*load)(struct vcpu *v, const void *record, uint32_t length);
	/* Of the board: so many, and instead of those two the same for number n of them. 0: it is vcpus'. -ENODEV: there is none */
	uint32_t nr_of_board;
	uint32_t (*board_save)(struct domain *d, uint32_t n, void *record);
	int (*board_load)(struct domain *d, uint32_t n, const void *record);
};

/* hvm_context_cpu.c, hvm_context_apic.c, hvm_context_msr.c */
extern const struct hvm_record hvm_record_cpu, hvm_record_xsave, hvm_record_lapic,
	hvm_record_lapic_regs, hvm_record_mtrr, hvm_record_tsc_adjust, hvm_record_msr;
/* hvm_context_irq.c, hvm_context_timers.c */
extern const struct hvm_record hvm_record_pic, hvm_record_ioapic, hvm_record_pci_irq,
	hvm_record_isa_irq, hvm_record_pci_link, hvm_record_pit, hvm_record_rtc, hvm_record_hpet,
	hvm_record_pm_timer;

#define HVM_RECORD_MAX 8192 /* bytes of a record without its descriptor */

/* Bytes that the whole row takes. */
uint32_t hvm_context_size(struct domain *d);
/*
 * The row into the caller's buffer of *size bytes; *size becomes what was written. -ENOSPC: too small, -ENOMEM, -EFAULT.
 */
int must_check hvm_context_save(struct control_call *c, struct domain *d, uint64_t handle,
                                uint32_t *size);
/* One record without its descriptor; handle 0: only *size. -EINVAL: no such type, -ENOENT: no such vcpu, or none of its now, -ENOSPC. */
int must_check hvm_context_save_one(struct control_call *c, struct domain *d, uint16_t type,
                                    uint16_t instance, uint64_t handle, uint64_t *size);
/*
 * A row from the caller's buffer, with a header first and an end last. Vcpus with a CPU record are up afterwards. -EINVAL (what came before the bad record stays), -ENODEV: a device that this
 * domain has not, -EFAULT, -ENOMEM.
 */
int must_check hvm_context_load(struct control_call *c, struct domain *d, uint64_t handle,
                                uint32_t size);

#endif
