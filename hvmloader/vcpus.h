/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt controllers and vcpus as firmware leaves them: wired as a PC's, all vcpus seen to start, memory types set on each. */
#ifndef HVMLOADER_VCPUS_H
#define HVMLOADER_VCPUS_H

#include "tables.h"

/* IO-APIC and the first vcpu's local APIC: virtual wire mode. */
void apic_setup(void);
/* Starts each vcpu that is to be online, counts it in machine.up, and sends it back to wait for a start-up IPI. */
void vcpus_check(struct machine *m);
/* MTRRs of the running vcpu: all is write-back but VGA's window and PCI's holes. */
void memory_types_set(const struct pci *p);
/* Called on each vcpu that was started. */
void ap_main(void);

#endif
