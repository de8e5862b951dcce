/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The IO-APICs of a domain: the Intel 82093AA with the EOI register of its heirs (version 0x20). A pin is a wire (bus/irq_line.h) that emulated devices drive, or, for the
 * domain that has the hardware, a pin of the machine: then what the guest programs decides how the machine's own IO-APIC is programmed. A wire's level is "asserted or
 * not": the polarity that the guest programs only matters to the machine.
 */
#ifndef VDEV_VIOAPIC_H
#define VDEV_VIOAPIC_H

#include "host_irq.h"
#include "iobus.h"
#include "irq_line.h"
#include "save.h"
#include "spinlock.h"

struct domain;

/* So many entries the index register can name. */
#define VIOAPIC_PINS_MAX 120
#define VIOAPICS_MAX     16
#define VIOAPIC_VERSION  0x20u

struct vioapic_pin {
	struct irq_line wire;
	struct vioapic *owner;
	uint64_t entry; /* the redirection table's */
	bool asserted;  /* the wire, or what is known of the machine's */
	bool edge;      /* one that has not been sent yet */
	/* the machine's pin */
	bool is_host;                     /* set while building */
	bool host_unmasked;               /* it may interrupt now */
	bool host_level, host_active_low; /* as it is programmed */
	struct host_irq irq;
};

struct vioapic {
	struct io_region region;
	struct domain *domain;
	struct spinlock
		lock; /* for the rest, pins included. Outside domain.lock; taken in interrupts */
	uint32_t number, gsi_base, nr_pins;
	uint32_t id;     /* the register: 4 bits at 24 */
	uint32_t select; /* index register */
	struct vioapic_pin pins[];
};

struct vioapic_config {
	uint64_t address; /* of a page */
	uint32_t id, gsi_base, nr_pins;
};
/* In building: one more, in its reset state. -EINVAL: too many pins or IO-APICs; -ENOMEM; the bus's errors. */
int must_check vioapic_create(struct domain *d, const struct vioapic_config *config);
/* No vcpu runs any more. */
void vioapics_destroy(struct domain *d);
void vioapic_reset(struct vioapic *a);

/* In building: pin gsi is the machine's line of that number, unless the hypervisor has it itself (then it is a wire that nobody drives). */
void vioapic_attach_host(struct domain *d, uint32_t gsi);
/* The wire of a pin; NULL: no such pin. Wires that several devices share are the business of whoever drives them. */
struct irq_line *vioapic_line(struct domain *d, uint32_t gsi);
/* Is there such a pin? */
bool vioapic_has_gsi(const struct domain *d, uint32_t gsi);

/* Is pin gsi there and open? *waits: its vector has not been taken by the CPU that it goes to. */
bool vioapic_line_is_heard(struct domain *d, uint32_t gsi, bool *waits);
/* Does pin 0 bring the PICs' interrupts (ExtINT) to v? */
bool vioapic_brings_extint(struct domain *d, struct vcpu *v);

/* A local APIC of the domain has ended a level-triggered vector. */
void vioapic_eoi(struct domain *d, uint8_t vector);

/* What the guest can see of one; a row for each by vioapic.number. vioapic_save.c */
struct vioapic_state {
	uint32_t id, select;
	uint64_t entry[VIOAPIC_PINS_MAX];
	bool asserted[VIOAPIC_PINS_MAX];
};
extern const struct save_field vioapic_saved[];
void vioapic_save(struct vioapic *a, struct vioapic_state *out);
/* -EINVAL: no IO-APIC could be so; nothing is changed then. */
int must_check vioapic_restore(struct vioapic *a, const struct vioapic_state *in);

#endif
