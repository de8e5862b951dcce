// SPDX-License-Identifier: GPL-2.0-or-later
/* vm_assist: the behaviours that a guest may choose. Public xen/xen.h, VMASST_TYPE_*. */
#include "domain.h"
#include "hypercall.h"

#include <xen/xen.h>

long vm_assist_op(struct vcpu *v, uint64_t *args)
{
	uint32_t cmd = (uint32_t)args[0];
	uint64_t type = args[1];

	if (type >= 32 || !(VM_ASSIST_VALID >> type & 1))
		return -EINVAL;
	switch (cmd) {
	case VMASST_CMD_enable: atomic_fetch_or(&v->domain->vm_assist, 1u << type); return 0;
	case VMASST_CMD_disable: atomic_fetch_and(&v->domain->vm_assist, ~(1u << type)); return 0;
	default: return -ENOSYS;
	}
}
