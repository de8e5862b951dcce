/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interrupt wires of an HVM guest's board, from devices to the two PICs and the IO-APIC: 16 ISA interrupts, which both controllers have, and the four pins of each PCI
 * device, which have pins 16 to 47 of the IO-APIC and, by the ISA bridge's four links, an ISA interrupt as well. A wire with several ends is high while one of them is.
 */
#ifndef VDEV_IRQ_ROUTING_H
#define VDEV_IRQ_ROUTING_H

#include "save.h"
#include "spinlock.h"

struct domain;

#define IRQ_ISA_LINES 16
#define IRQ_LINES     48 /* 0 to 15: ISA; then the IO-APIC's own */
#define IRQ_LINKS     4
#define IRQ_PCI_WIRES (256 * 4) /* by function and pin */

/* A PCI pin's line, and its link: the tables that hvmloader builds say the same. */
#define IRQ_PCI_LINE(slot, pin) (16u + (((slot)*4u + (pin)) & 31u))
#define IRQ_PCI_LINK(slot, pin) (((slot) + (pin)) & 3u)

/* Ends of wires that the hypervisor's own devices have. */
enum irq_source {
	IRQ_SOURCE_PIT,
	IRQ_SOURCE_RTC,
	IRQ_SOURCE_HPET, /* three of them */
	IRQ_SOURCE_CALLBACK = IRQ_SOURCE_HPET + 3,
	NR_IRQ_SOURCES
};

struct irq_routing {
	struct spinlock lock; /* for all below. Outside the locks of the PICs and of the IO-APICs */
	uint64_t pci[IRQ_PCI_WIRES / 64];    /* bits: functions' pins that are high */
	uint16_t isa;                        /* bits: the device model's ends */
	uint8_t link_route[IRQ_LINKS];       /* ISA interrupt; 0: none */
	uint8_t source_line[NR_IRQ_SOURCES]; /* while it is high */
	bool source_level[NR_IRQ_SOURCES];
	uint8_t callback_link; /* 1 + the link that the callback's PCI pin holds; 0: none */
	bool fpu_ignored;      /* IGNNE#: port 0xf0 was written while interrupt 13 was there */
	bool is_stopped;       /* the domain ends: no wire moves any more */
	/* how many ends are high: follow from the above */
	uint16_t link_count[IRQ_LINKS];
	uint16_t line_count[IRQ_LINES];
};
/* The wires as their ends are. */
extern const struct save_field irq_routing_saved[];

/* All low, no routes. */
void irq_routing_init(struct irq_routing *r);
/* From then on nothing is sent to the domain's vcpus. */
void irq_routing_stop(struct irq_routing *r);
/*
 * The calls below are for a domain with a platform (hvm_platform.h); for another they do nothing. Any CPU, no lock that stands right of vioapic.lock.
 */
/* The device model's end of an ISA interrupt 0 to 15 (2 is nobody's). */
void irq_routing_isa_set(struct domain *d, unsigned irq, bool level);
/* A PCI function's pin 0 to 3 (A to D). */
void irq_routing_pci_set(struct domain *d, unsigned devfn, unsigned pin, bool level);
/* The ISA bridge's link 0 to 3 goes to that ISA interrupt; 0: to none. */
void irq_routing_link_set(struct domain *d, unsigned link, unsigned irq);
/* A message as a device writes it (SDM 10.11); what is none is lost. How many local APICs took it. */
unsigned irq_routing_msi(struct domain *d, uint64_t address, uint32_t data);

/* One of our own devices drives a line (below IRQ_LINES): one place at a time, so it leaves an earlier one. */
void irq_routing_source_set(struct domain *d, enum irq_source s, unsigned line, bool level);
/* The same, low for a moment and high again. */
void irq_routing_source_pulse(struct domain *d, enum irq_source s, unsigned line);

/*
 * A CPU with CR0.NE clear stops before an x87 instruction because of an error: its FERR# is interrupt 13, until port 0xf0 is written or the board is reset. True: it shall go on as if there was
 * none, as the wire IGNNE# would say: the interrupt's handler is at work, or has come back and left the error as it was (is_same), or the CPU takes no interrupts and would stand still for ever.
 */
bool irq_routing_fpu_error(struct domain *d, bool takes_interrupts, bool is_same);
void irq_routing_fpu_clear(struct domain *d);
void irq_routing_fpu_reset(struct domain *d);

/* What has become of an edge on that line. */
enum irq_line_state {
	IRQ_LINE_DEAF,  /* no controller listens */
	IRQ_LINE_WAITS, /* no CPU has taken it yet */
	IRQ_LINE_TAKEN,
};
enum irq_line_state irq_routing_line_state(struct domain *d, unsigned line);

/*
 * The first vcpu's upcall byte drives the line of HVM_PARAM_CALLBACK_IRQ, where that names an interrupt or a PCI pin. The byte changes without us: this is called
 * before whatever looks at the line or ends its interrupt. No lock held.
 */
void irq_routing_callback_sync(struct domain *d);

/* d's wires into *out; and from *in: -EINVAL: no wires could be so. The controllers are saved by themselves and not driven. */
void irq_routing_save(struct domain *d, struct irq_routing *out);
int must_check irq_routing_restore(struct domain *d, const struct irq_routing *in);
/* Counts what *in says into r. False: no wires could be so. */
bool irq_routing_count(struct irq_routing *r);

#endif
