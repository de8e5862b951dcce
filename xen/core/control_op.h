/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three calls of the control tools: domctl, sysctl and platform_op. Each is one struct with a head (command, interface version, with domctl the domain) and a member of a
 * union for each command. A call is described by a table of rows; copying, version, rights and the domain are handled here, once, in Xen's order:
 * -EFAULT, -EACCES (another version), -ESRCH, -EPERM, -ENOSYS.
 *
 * The structs of domctl and sysctl are the same for callers of both widths (all their 64-bit fields and handles are aligned); those of platform_op are not.
 */
#ifndef CORE_CONTROL_OP_H
#define CORE_CONTROL_OP_H

#include "abi.h"
#include "errno.h"
#include "hypercall.h"
#include "spinlock.h"
#include "types.h"

struct domain;
struct vcpu;

/* One call in progress. */
struct control_call {
	struct vcpu *caller;
	struct domain
		*d; /* domctl: the domain it is about, referenced; NULL: none (CONTROL_NO_DOMAIN) */
	uint16_t
		domid; /* domctl: as the caller gave it; what a row without domain leaves there is copied back */
	uint32_t cmd;
	bool copy_back;  /* the handler asks for it, whatever the row and the result say */
	bool is_resumed; /* domctl: this is not the first run of the call */
};

enum control_flags {
	CONTROL_OUT = 1, /* the member goes back to the caller when the result is not negative */
	CONTROL_OUT_ALWAYS = 2, /* and with errors, too: they are explained in it */
	CONTROL_NO_DOMAIN =
		4, /* domctl: the handler looks for the domain itself, if there is one */
	CONTROL_ZOMBIE =
		8, /* domctl: one of which only pages or references are left will do, and none at all (d NULL) when the call is resumed */
	CONTROL_NOT_SELF = 16,   /* domctl: -EINVAL for the caller's own domain */
	CONTROL_ANY_CALLER = 32, /* the handler checks rights itself */
};

/*
 * member: this process's own copy of the command's member, of the row's size; read from the caller in one go. A result of HYPERCALL_RESTART copies the member back (CONTROL_OUT or
 * not) when the row has progress in it and sets copy_back, and runs the call again. No lock but the table's is held.
 */
struct control_row {
	long (*fn)(struct control_call *c, void *member);
	const char *name;
	uint16_t size; /* of the member */
	uint8_t flags; /* enum control_flags */
};

struct control_table {
	const char *name;
	uint32_t version;    /* interface_version */
	uint16_t head_size;  /* where the union begins */
	bool has_domain;     /* the head ends with a domid */
	bool is_native_only; /* no 32-bit callers: -ENOSYS */
	uint32_t nr_rows;
	const struct control_row *rows; /* by command; fn NULL: -ENOSYS */
	/* the same for commands of our own, by command - own_first */
	uint32_t own_first, nr_own_rows;
	const struct control_row *own_rows;
	/*
	 * One such call at a time: who comes second makes the call again a moment later (it must not wait here: the first one may wait for a vcpu whose state this CPU holds).
	 */
	struct spinlock lock;
};

/* The largest member. */
#define CONTROL_MEMBER_MAX 256

/* The hypercall: arg is the address of the caller's struct. */
long control_op(struct control_table *t, struct vcpu *caller, uint64_t arg);

/*
 * Arrays that members point to. handle: a linear address. Element i, of size bytes, to or from the caller. 0, -EFAULT (also when the address wraps).
 */
#define control_handle(h) ((uint64_t)(uintptr_t)(h).p)
int must_check control_get(struct control_call *c, void *to, uint64_t handle, uint64_t i,
                           size_t size);
int must_check control_put(struct control_call *c, const void *from, uint64_t handle, uint64_t i,
                           size_t size);

/*
 * A struct xenctl_bitmap of the caller: out gets nr_bits (those beyond the caller's are 0; more of the caller's are ignored). put writes as many whole bytes as both have and clears what the
 * caller has beyond. -EFAULT.
 */
struct xenctl_bitmap;
int must_check control_bitmap_get(struct control_call *c, uint64_t *bits, unsigned nr_bits,
                                  const struct xenctl_bitmap *from);
int must_check control_bitmap_put(struct control_call *c, const struct xenctl_bitmap *to,
                                  const uint64_t *bits, unsigned nr_bits);

long domctl_op(struct vcpu *caller, uint64_t *args);
long sysctl_op(struct vcpu *caller, uint64_t *args);
long platform_op(struct vcpu *caller, uint64_t *args);

#endif
