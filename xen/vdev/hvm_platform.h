/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of an HVM guest's board that the hypervisor plays itself: the PICs and their trigger register, the IO-APIC, interrupt wires, PIT and speaker port, RTC and
 * CMOS, HPET, ACPI timer. A domain has those that its emulation flags (XEN_X86_EMU_*) name; a PVH guest none.
 */
#ifndef VDEV_HVM_PLATFORM_H
#define VDEV_HVM_PLATFORM_H

#include "iobus.h"
#include "irq_routing.h"
#include "vhpet.h"
#include "vpic.h"
#include "vpit.h"
#include "vpmtimer.h"
#include "vrtc.h"

struct domain;
struct vcpu;

#define HVM_IOAPIC_BASE 0xfec00000u
#define HVM_IOAPIC_PINS 48u

/* What the domain's pic points into. */
struct hvm_pics {
	struct vpic pic;
	struct domain *domain;
};

struct hvm_platform {
	struct domain *domain;
	struct irq_routing routing;
	struct vpit *pit; /* NULL: the domain has none; so with all that follow */
	struct vrtc *rtc;
	struct vhpet *hpet;
	struct vpmtimer *pm_timer;
	struct io_region trigger;   /* ELCR */
	struct io_region fpu_clear; /* the coprocessor's port 0xf0 */
	/* the PICs' wire to the CPUs */
	struct irq_line extint;
	bool extint_level; /* vpic.lock to write */
};

/*
 * In building, before its vcpus run: the devices that d->emulation_flags names. Nothing to do, and 0, when these name none but local APICs. -ENOMEM; -EEXIST: a place is
 * taken. What was made before an error goes with the domain.
 */
int must_check hvm_platform_create(struct domain *d);
/* A step of teardown, for every domain: no vcpu runs. From then on nothing of it touches the vcpus. 0. */
int hvm_platform_stop(struct domain *d);
/* Nobody else has the domain any more. */
void hvm_platform_destroy(struct domain *d);
/* ACPI's S3 begins: what only interrupts a guest that is awake has no power; the clock goes on, and has its interrupt. */
void hvm_platform_sleep(struct domain *d);
/* As by the board's reset line. The domain is paused. CMOS and the time stay. */
void hvm_platform_reset(struct domain *d);

/* The PICs ask for v: by its local APIC's LINT0, past an APIC that is off, or by the IO-APIC's pin 0. Only for a domain with a platform. */
bool hvm_platform_extint_waits(struct vcpu *v);
/* The acknowledge of v's CPU: inject is given the vector, if they still ask; what it answers. */
bool hvm_platform_extint_take(struct vcpu *v, bool (*inject)(void *v, uint8_t vector));

#endif
