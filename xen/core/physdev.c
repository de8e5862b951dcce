// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * physdev_op: interrupts and devices of the machine. A guest with a virtual interrupt controller of its own has nothing to ask here; the rows are those that exist
 * for it at all.
 */
#include "hypercall.h"

long physdev_op(struct vcpu *v, uint64_t *args)
{
	return -ENOSYS;
}
