/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both backends say about a guest and about the hardware, for people. Only xen/virt includes it. */
#ifndef VIRT_VIRT_DESCRIBE_H
#define VIRT_VIRT_DESCRIBE_H

#include "vcpu.h"

/* The guest's registers and segments, as the core sees them, into the log. v is loaded here or nowhere. */
void virt_dump_registers(struct vcpu *v);

/* v->exit and the log tell that the CPU, or our own check, refused v's state for this reason; code and info are the vendor's. */
cold_fn void virt_bad_entry(struct vcpu *v, const char *rule, uint64_t code, uint64_t info1,
                            uint64_t info2);

/*
 * The text "; with a, b; without c"; gives its length. name tells of the i-th feature whether there is such, NULL: there are no more, "": nobody wants to know; it gets context.
 */
size_t virt_describe_features(char *buf, size_t size,
                              const char *(*name)(const void *context, unsigned i, bool *is_on),
                              const void *context);

#endif
