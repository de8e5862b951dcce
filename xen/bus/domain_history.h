/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the hypervisor remembers of a guest, for people who ask why it ended: our own command of domctl, in the range of devmodel_control.h. Both widths of callers have the same layout.
 */
#ifndef BUS_DOMAIN_HISTORY_H
#define BUS_DOMAIN_HISTORY_H

#include <stdint.h>

#define HISTORY_DOMCTL_GET 0x5a02 /* struct history_domctl_get */

/* Why a vcpu left guest mode. */
enum history_kind {
	HISTORY_NONE,
	HISTORY_PORT,        /* address: port; value: RAX before, size */
	HISTORY_PORT_STRING, /* INS, OUTS: address: port; size */
	HISTORY_MEMORY,      /* no RAM there: address: guest-physical */
	HISTORY_CPUID,       /* address: leaf */
	HISTORY_MSR_READ,    /* address: MSR */
	HISTORY_MSR_WRITE,
	HISTORY_CONTROL_REGISTER, /* address: number */
	HISTORY_DEBUG_REGISTER,
	HISTORY_XSETBV,
	HISTORY_HALT,
	HISTORY_HYPERCALL, /* address: number (RAX) */
	HISTORY_EXCEPTION, /* one that the guest caused: address: vector; value: error code */
	HISTORY_TASK_SWITCH,
	HISTORY_CACHE, /* INVD, WBINVD */
	HISTORY_PAUSE,
	HISTORY_TIME,    /* RDTSC */
	HISTORY_REFUSED, /* RDPMC, MWAIT, virtualisation: not for guests */
	HISTORY_TRIPLE_FAULT,
	HISTORY_BAD, /* the CPU refused the guest's state, or stopped for what nobody knows; address: code */
	HISTORY_RAISED, /* an exception that the hypervisor gave the guest: address: vector; value: error code */
	NR_HISTORY_KINDS
};

struct history_record {
	uint64_t rip;
	uint64_t address, value;
	uint32_t
		count; /* so often in a row, at this RIP: then address and value are the last one's */
	uint8_t kind; /* enum history_kind */
	uint8_t size, is_write, zero;
};

#define HISTORY_RECORDS 32u
#define HISTORY_WORDS   160u

struct domain_history {
	uint64_t now_ns, ended_ns; /* system time; ended_ns 0: it has not */
	char why[HISTORY_WORDS];   /* how it ended, in words; "": nobody said */
	uint32_t ended_vcpu;       /* that did it; ~0: none of its own */
	uint32_t nr_records;
	struct history_record
		records[HISTORY_RECORDS]; /* of the vcpu that was asked for; oldest first */
};

/*
 * One vcpu's past, and the domain's end. The guest is paused for the moment. -ESRCH, -EPERM, -EINVAL (the caller itself, or another size), -ENOENT: no such vcpu; -ENOMEM, -EFAULT.
 */
struct history_domctl_get {
	uint64_t buffer; /* linear address in the caller: struct domain_history */
	uint32_t size;   /* sizeof(struct domain_history) */
	uint32_t vcpu;
};

#endif
