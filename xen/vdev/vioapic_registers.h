/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers and bits of the IO-APIC, 82093AA 3.0; and what the files vioapic*.c share. */
#ifndef VDEV_VIOAPIC_REGISTERS_H
#define VDEV_VIOAPIC_REGISTERS_H

#include "registers.h"
#include "vioapic.h"

#define IOAPIC_INDEX  0x00
#define IOAPIC_WINDOW 0x10
#define IOAPIC_EOI    0x40

#define IOAPIC_ID          0x00
#define IOAPIC_VERSION     0x01
#define IOAPIC_ARBITRATION 0x02
#define IOAPIC_ENTRIES     0x10
#define IOAPIC_ID_VALID    0x0f000000u

#define ENTRY_VECTOR      0xffull
#define ENTRY_MODE(e)     ((e) >> 8 & 7)
#define ENTRY_LOGICAL     BIT(11)
#define ENTRY_PENDING     BIT(12) /* delivery status */
#define ENTRY_ACTIVE_LOW  BIT(13)
#define ENTRY_REMOTE_IRR  BIT(14)
#define ENTRY_LEVEL       BIT(15)
#define ENTRY_MASKED      BIT(16)
#define ENTRY_DESTINATION 56
#define ENTRY_READ_ONLY   (ENTRY_PENDING | ENTRY_REMOTE_IRR)
#define ENTRY_WRITABLE    0xff0000000001afffull

/* Only fixed and lowest-priority interrupts have an end that the IO-APIC is told of (82093AA 3.2.4, SDM 10.6.1). */
bool vioapic_is_level(uint64_t entry);
/* Sends what is due. vioapic_pin.c; lock */
void vioapic_pin_service(struct vioapic_pin *p);
/* An entry was changed by the guest. vioapic_pin.c; lock */
void vioapic_pin_changed(struct vioapic_pin *p);
/* End of interrupt for one IO-APIC. vioapic_pin.c */
void vioapic_end(struct vioapic *a, uint8_t vector);
/* The vcpu that an entry names (the first, of several), or NULL. vioapic_pin.c */
struct vcpu *vioapic_pin_target(const struct vioapic_pin *p);

/* Brings the machine's pin in line with the entry. vioapic_host.c; lock */
void vioapic_host_update(struct vioapic_pin *p);

static inline uint32_t vioapic_pin_number(const struct vioapic_pin *p)
{
	return (uint32_t)(p - p->owner->pins);
}

#endif
