/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's state in a row of records: all that its guest can see but its memory and what the toolstack made it with (name, uuid, limits, CPUID policy, which is
 * only compared). Each record is a header and the fields of a saved-field table (lib/save.h), little-endian and packed.
 */
#ifndef CORE_SAVE_STATE_H
#define CORE_SAVE_STATE_H

#include "types.h"

struct domain;

/* In the order in which they stand in a row: each builds on those before it. Numbers never change their meaning. */
enum save_record {
	RECORD_END,
	RECORD_POLICY = 1, /* CPUID */
	RECORD_CLOCK,
	RECORD_DOMAIN,
	RECORD_MEMORY_MAP, /* by entry */
	RECORD_PARAMS,
	RECORD_PLACES,      /* by vcpu: pages of the guest's that we write to */
	RECORD_FIFO_PAGE,   /* by page of event words */
	RECORD_SHARED_INFO, /* the page */
	RECORD_PORT,        /* by port: those in use */
	RECORD_GRANTS,
	RECORD_GRANT_FRAME, /* by frame: its page */
	RECORD_WATCHDOGS,
	RECORD_MSRS,     /* by vcpu, as all that follow */
	RECORD_HARDWARE, /* registers that the backend keeps */
	RECORD_VCPU,
	RECORD_FPU,
	RECORD_AREAS, /* time and runstate areas */
	RECORD_APIC,
	RECORD_TIMERS,
	RECORD_IOAPIC, /* by IO-APIC */
	RECORD_PIC,    /* by chip */
	RECORD_WIRES,
	RECORD_PIT,
	RECORD_RTC,
	RECORD_HPET,
	RECORD_PM_TIMER,
	NR_RECORDS
};

struct save_header {
	uint16_t type;    /* enum save_record */
	uint16_t version; /* of the fields */
	uint32_t number;  /* of several: vcpu, port, frame, ... */
	uint32_t length;  /* bytes that follow */
};

/* Which record could not be put in, and why. */
struct save_refusal {
	const char *record, *why;
	uint32_t number;
};

/*
 * Bytes that the state takes; above size: what is in buf is of no use. Other domains' ends of event channels and mappings are theirs and not in it: an interdomain
 * port is saved as one that waits for the same domain. d is paused (domain_pause()) and not dying. -ENOMEM.
 */
long must_check domain_save(struct domain *d, void *buf, size_t size);
/*
 * Into a domain in building with its vcpus created and its memory in place. buf must be the hypervisor's own copy. What a record asks for is checked as if the
 * guest had asked for it; on an error the domain is half restored and can only be destroyed. -EINVAL (*refusal says more), -ENOMEM.
 */
int must_check domain_restore(struct domain *d, const void *buf, size_t size,
                              struct save_refusal *refusal);

#endif
