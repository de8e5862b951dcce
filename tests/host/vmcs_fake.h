/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A VMCS that is an array, for tests of xen/virt/vmx: each field is what was written to it last. */
#ifndef TESTS_VMCS_FAKE_H
#define TESTS_VMCS_FAKE_H

#include "virt_rules.h"

#define FAKE_VMCS_FIELDS 0x7000

struct fake_vmcs {
	uint64_t field[FAKE_VMCS_FIELDS];
	unsigned writes, invepts, invvpids;
	uint64_t invept_type, invept_eptp, invvpid_type, invvpid_tag;
	uint64_t cr2;
	unsigned l1d_flushes, buffer_clears, l1d_flushes_before_clear;
};
extern struct fake_vmcs fake_vmcs;

/* What a CPU with such a VMCS lets a guest have. */
extern const struct virt_limits fake_limits;

/* All fields zero, nothing counted. */
void fake_vmcs_reset(void);

#endif
