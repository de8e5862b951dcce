/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board of an HVM guest on the fake machine, and its ports and registers as the guest reaches them. */
#ifndef TESTS_FAKE_PLATFORM_H
#define TESTS_FAKE_PLATFORM_H

#include "domain.h"
#include "hvm_platform.h"

#define BOARD_ALL                                                                     \
	(XEN_X86_EMU_LAPIC | XEN_X86_EMU_HPET | XEN_X86_EMU_PM | XEN_X86_EMU_RTC |    \
	 XEN_X86_EMU_IOAPIC | XEN_X86_EMU_PIC | XEN_X86_EMU_VGA | XEN_X86_EMU_IOMMU | \
	 XEN_X86_EMU_PIT)

/* A running domain with these devices and so many vcpus; local APICs are on, the PICs' vectors are 0x20 and 0x28 and all is masked. Aborts when it cannot. */
struct domain *board_create(uint32_t flags, unsigned vcpus);
/* All of it is gone. */
void board_destroy(struct domain *d);

uint8_t board_in(struct domain *d, uint16_t port);
uint32_t board_in32(struct domain *d, uint16_t port);
void board_out(struct domain *d, uint16_t port, uint8_t value);
uint64_t board_read(struct domain *d, uint64_t at, unsigned size);
void board_write(struct domain *d, uint64_t at, unsigned size, uint64_t value);

/* IO-APIC pin to a vector of vcpu 0: edge, or level; ~0: masked. */
void board_pin(struct domain *d, unsigned pin, uint32_t entry);
#define PIN_LEVEL  0x8000u
#define PIN_MASKED 0x10000u
/* The PICs' masks; the first vcpu takes their interrupts when they are not all ones. */
void board_pics(struct domain *d, uint16_t mask);

/* Time passes, with its timers. */
void board_advance(uint64_t ns);
/* The first vcpu takes what its local APIC has and ends it: the vector, or -1. */
int board_take(struct domain *d);
/* The PICs' request, acknowledged and ended: the vector, or -1. */
int board_take_pic(struct domain *d);

#endif
