// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * physdev_op: interrupts and devices of the machine. A guest whose interrupts come from a local APIC of its own and that drives no hardware has nothing to ask here: as
 * from Xen, every call is answered as one that does not exist.
 */
#include "hypercall.h"

long physdev_op(struct vcpu *v, uint64_t *args)
{
	return -ENOSYS;
}
