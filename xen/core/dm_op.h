/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dm_op: the calls of a device model in the control domain. Public xen/hvm/dm_op.h. */
#ifndef CORE_DM_OP_H
#define CORE_DM_OP_H

#include "types.h"

struct vcpu;

/* args: the guest's id, how many buffers, where their list is. For privileged domains, about others. */
long dm_op(struct vcpu *caller, uint64_t *args);

#endif
