/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ring 3: code in an address space of its own, run on this CPU like a function until it says that it is done, does what it may not, or its time is over. The bare
 * machine's is xen/machine/usermode.c; a test plays it.
 */
#ifndef CORE_USERMODE_H
#define CORE_USERMODE_H

#include "machine.h"

#define USERMODE_ARGS 6

enum usermode_end {
	USERMODE_DONE,  /* a call said so */
	USERMODE_FAULT, /* an exception that nobody takes */
	USERMODE_LATE,  /* over its budget */
};

struct usermode {
	uint64_t *
		root; /* its page tables: the lower half is the owner's, the upper half the hypervisor's. Below 4 GiB is not needed */
	uint64_t root_version; /* of the upper half; machine's own, 0 at first */
	uint64_t entry, stack;
	uint64_t budget_ns; /* of one run */
	/*
	 * Both are called on this CPU, between two instructions of ring 3, with interrupts off. page_fault: true: try again. call: the answer goes to
	 * args[0]; false: it is done.
	 */
	bool (*page_fault)(struct usermode *u, uint64_t linear, bool write, bool fetch);
	bool (*call)(struct usermode *u, uint64_t number, uint64_t args[USERMODE_ARGS]);
	/* How it ended: USERMODE_FAULT's vector, code and address; RIP and RSP always. */
	struct usermode_report {
		uint8_t vector;
		uint32_t error_code;
		uint64_t address, rip, rsp;
		uint64_t ran_ticks; /* of the TSC; always */
	} report;
};

/* Runs u from its entry with args in the registers of a C call. One at a time a CPU. */
enum usermode_end machine_usermode_run(struct usermode *u, const uint64_t args[USERMODE_ARGS]);
/* This CPU forgets what it may remember of u's tables. Only from page_fault and call. */
void machine_usermode_flush(struct usermode *u);

#endif
