/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers of a guest's vcpus. */
#ifndef TOOLS_REGISTERS_H
#define TOOLS_REGISTERS_H

#include "core_file.h"
#include "hypervisor.h"

/* Of vcpus 0 to nr - 1. One that is down has no registers: all are zero, and is_up is false. */
void registers_read(struct hypervisor *h, uint32_t domid, struct core_vcpu *vcpus, size_t nr);

#endif
