/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way from a guest's call instruction to a handler: a table of rows by number. The dispatcher refuses callers outside ring 0 and in real mode, truncates
 * 32-bit callers' arguments, and writes the result to RAX.
 */
#ifndef CORE_HYPERCALL_H
#define CORE_HYPERCALL_H

#include "abi.h"
#include "errno.h"
#include "types.h"

struct domain;
struct vcpu;

/* args[0..4]; a handler that cannot go on now stores its progress in args and returns HYPERCALL_RESTART: they go back to the guest's registers and the
 * instruction runs again. */
typedef long (*hypercall_fn)(struct vcpu *caller, uint64_t *args);
#define HYPERCALL_RESTART (-1024)

struct hypercall {
	hypercall_fn fn;
	const char *name;
	uint8_t nr_args;
};
#define NR_HYPERCALLS 64
extern const struct hypercall hypercalls[NR_HYPERCALLS];

/* EXIT_HYPERCALL, and #UD on the other vendor's instruction. */
void hypercall_handle(struct vcpu *v);
/* One call with given arguments, for multicall. -ENOSYS. */
long hypercall_call(struct vcpu *v, uint64_t number, uint64_t *args);
/* Fills a hypercall page in the guest at this gpa (MSR write). -EFAULT. */
int must_check hypercall_page_write(struct vcpu *v, uint64_t gpa);
/* The page alone, for a domain builder. -EFAULT. */
int must_check hypercall_page_fill(struct domain *d, uint64_t gpa);
/* The caller runs 32-bit code: its structures have the 32-bit layouts. */
bool hypercall_is_compat(struct vcpu *v);
/* A long operation asks now and then: has it had its time, or is something pending on this CPU? */
bool hypercall_should_restart(void);

long xen_version_op(struct vcpu *caller, uint64_t *args);
long console_io_op(struct vcpu *caller, uint64_t *args);
long physdev_op(struct vcpu *caller, uint64_t *args);
#define VM_ASSIST_VALID (1u << VMASST_TYPE_runstate_update_flag) /* <xen/xen.h> */
long vm_assist_op(struct vcpu *caller, uint64_t *args);
long multicall_op(struct vcpu *caller, uint64_t *args);
long memory_op(struct vcpu *caller, uint64_t *args);
long set_timer_op(struct vcpu *caller, uint64_t *args);

#endif
