/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-modification logging (SDM 28.2.6): each time the CPU sets a dirty mark in a nested entry it notes the page, so that those who read the dirty log need not look for it everywhere
 * (p2m_written()). Only pages whose writes somebody wants to know of come without their mark, so for all others the log stays empty.
 */
#include "vmx.h"

#define LOG_ENTRIES (PAGE_SIZE / sizeof(uint64_t))

void vmx_log_init(struct vmx_vcpu *s)
{
	vmcs_write(VMCS_WRITE_LOG, virt_to_hpa(s->write_log).v);
	vmcs_write(GUEST_LOG_INDEX, LOG_ENTRIES - 1);
}

/* It fills from its end; the index names the next entry, and is -1 when there is none. */
void vmx_log_drain(struct vcpu *v, struct vmx_vcpu *s)
{
	unsigned i = (uint16_t)(vmcs_read(GUEST_LOG_INDEX) + 1);

	if (likely(i == LOG_ENTRIES))
		return;
	for (; i < LOG_ENTRIES; i++)
		p2m_written(&v->domain->p2m, gpa_to_gfn(gpa(s->write_log[i])));
	vmcs_write(GUEST_LOG_INDEX, LOG_ENTRIES - 1);
}
