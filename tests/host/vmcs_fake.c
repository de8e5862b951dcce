/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake VMCS. It stands alone: the numbers of fields are whatever xen/virt/vmx says. */
#include <string.h>

#include "vmcs.h"
#include "virt_barriers.h"
#include "vmcs_fake.h"

struct fake_vmcs fake_vmcs;

const struct virt_limits fake_limits = {
	.cr0_must = CR0_PE | CR0_NE | CR0_PG,
	.cr0_may = 0xffffffff,
	.cr4_must = CR4_VMXE,
	.cr4_may = 0x3767ff,
	.efer_may = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
	.physical_bits = 40,
};

void fake_vmcs_reset(void)
{
	memset(&fake_vmcs, 0, sizeof(fake_vmcs));
}

uint64_t vmcs_read(enum vmcs_field field)
{
	return fake_vmcs.field[field];
}

void vmcs_write(enum vmcs_field field, uint64_t value)
{
	fake_vmcs.field[field] = value;
	fake_vmcs.writes++;
}

void vmcs_invept(uint64_t type, uint64_t eptp)
{
	fake_vmcs.invepts++;
	fake_vmcs.invept_type = type;
	fake_vmcs.invept_eptp = eptp;
}

void vmcs_invvpid(uint64_t type, uint16_t vpid)
{
	fake_vmcs.invvpids++;
	fake_vmcs.invvpid_type = type;
	fake_vmcs.invvpid_tag = vpid;
}

uint64_t vmcs_read_cr2(void)
{
	return fake_vmcs.cr2;
}

void vmcs_write_cr2(uint64_t value)
{
	fake_vmcs.cr2 = value;
}

void virt_flush_l1d(void)
{
	fake_vmcs.l1d_flushes++;
}

void virt_clear_buffers(void)
{
	fake_vmcs.buffer_clears++;
	fake_vmcs.l1d_flushes_before_clear = fake_vmcs.l1d_flushes;
}
