/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripted backend of virt_ops.h: a guest is a queue of steps that the test sets. Registers are plain memory, events are recorded. In host programs `virt`
 * points to it from the start.
 */
#ifndef TESTS_VIRT_SCRIPT_H
#define TESTS_VIRT_SCRIPT_H

#include "vcpu.h"
#include "virt_ops.h"

#define SCRIPT_MAX_STEPS  64
#define SCRIPT_MAX_EVENTS 64

/* One entry into the guest: fn (if any) plays the guest's code on v->regs and v->virt, then v->exit is as given; fn may change it. */
struct script_step {
	struct vcpu_exit exit;
	void (*fn)(struct vcpu *v, void *arg);
	void *arg;
};

/* v->virt of the scripted backend: a test may read and write all of it. */
struct script_vcpu {
	uint64_t reg[NR_VCPU_REGS];
	struct segment segment[NR_SEGS];
	unsigned shadow;
	struct event injected; /* for the next entry; EVENT_NONE */
	enum window window;
	uint8_t window_priority;
	uint8_t insn[15];
	size_t insn_len;
	uint64_t tsc_offset;
	bool rdtsc_trapped, loaded;

	/* what was delivered to the guest by entries, oldest first; nr_delivered counts on when the array is full */
	struct event delivered[SCRIPT_MAX_EVENTS];
	unsigned nr_delivered;
	unsigned nr_runs, nr_entries, nr_flushes, nr_resets, nr_loads;

	struct script_step steps[SCRIPT_MAX_STEPS];
	unsigned step_first, nr_steps;
	/* what a run with an empty queue does; the exit is EXIT_HOST_EVENT at first */
	struct script_step idle;

	/* the last trap_msr(): */
	uint32_t msr_index;
	bool msr_read_trapped, msr_write_trapped;
};

extern const struct virt_ops script_ops;
/* What its post says. */
extern bool script_takes_posts;

static inline struct script_vcpu *script_of(struct vcpu *v)
{
	return v->virt;
}

/* Adds a step to the end of v's queue. */
void script_push(struct vcpu *v, const struct script_step *s);
/* The common case: just an exit. */
void script_push_exit(struct vcpu *v, const struct vcpu_exit *e);
/* A flat guest: 64-bit with this CR3, or 32-bit unpaged. All segments flat, CPL 0. */
void script_set_long_mode(struct vcpu *v, uint64_t cr3);
void script_set_flat32(struct vcpu *v);
void script_set_cpl(struct vcpu *v, uint8_t cpl);
/* Is port trapped for d? (all are at first) */
bool script_port_trapped(struct domain *d, uint16_t port);

#endif
