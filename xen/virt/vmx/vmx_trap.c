/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest may touch without an exit: the MSR bitmap (SDM 24.6.9), the I/O bitmaps (SDM 24.6.4) and the time-stamp counter; and the MSRs that the CPU
 * exchanges at the door.
 */
#include "vmx.h"
#include "log.h"

/* Fields of the VMCS, or switched with the vcpu: neither reads nor writes concern us. */
static const uint32_t free_msrs[] = { FREE_MSRS, 0 };
/* The CPU has the guest's value, but must know when it changes: vmx_lazy_load(). */
static const uint32_t read_free_msrs[] = { MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK, 0 };

struct virt_msr_maps vmx_msrs = {
	.bits = 1,
	.write = 0x4000,
	.nr_ranges = 2,
	.ranges = { 0, 0xc0000000 },
	.free = free_msrs,
	.read_free = read_free_msrs,
};

static void msr_bitmap_use(const uint8_t *map)
{
	if (vmx_has_proc(PROC_MSR_BITMAP))
		vmcs_write(VMCS_MSR_BITMAP, virt_to_hpa(map).v);
}

void vmx_trap_init(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	struct virt_ports *ports = v->domain->virt;

	if (vmx_has_proc(PROC_IO_BITMAPS)) {
		vmcs_write(VMCS_IO_BITMAP_A, virt_to_hpa(ports->bitmap).v);
		vmcs_write(VMCS_IO_BITMAP_B, virt_to_hpa(ports->bitmap + PAGE_SIZE).v);
	}
	msr_bitmap_use(vmx_msrs.usual);
	vmcs_write(VMCS_ENTRY_MSR_LOAD, virt_to_hpa(s->area.guest).v);
	vmcs_write(VMCS_EXIT_MSR_LOAD, virt_to_hpa(s->area.host).v);
}

void vmx_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write)
{
	struct vmx_vcpu *s = v->virt;
	const uint8_t *map = virt_msr_trap(v, &vmx_msrs, &s->msr_bitmap, index, on_read, on_write);

	if (!map)
		return;
	VMX_HOLD(s);
	msr_bitmap_use(map);
}

void vmx_trap_rdtsc(struct vcpu *v, bool on)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	vmx_proc_control(s, PROC_RDTSC, on);
}

void vmx_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
	struct vmx_vcpu *s = v->virt;
	VMX_HOLD(s);

	vmcs_write(VMCS_TSC_OFFSET, offset);
}

/* ---- MSR areas, SDM 24.7.2, 24.8.2 ---- */

static void area_count(struct vmx_vcpu *s, unsigned n)
{
	s->nr_area = n;
	vmcs_write(VMCS_ENTRY_LOAD_COUNT, n);
	vmcs_write(VMCS_EXIT_LOAD_COUNT, n);
}

static unsigned area_find(const struct vmx_vcpu *s, uint32_t index)
{
	unsigned i = 0;

	while (i < s->nr_area && s->area.guest[i].index != index)
		i++;
	return i;
}

void vmx_area_set(struct vmx_vcpu *s, uint32_t index, uint64_t guest, uint64_t host)
{
	unsigned i = area_find(s, index);

	if (i == VMX_AREA_MSRS)
		bug("no room in an MSR area for %#x", index);
	s->area.guest[i] = (struct vmx_msr_entry){ index, 0, guest };
	s->area.host[i] = (struct vmx_msr_entry){ index, 0, host };
	if (i == s->nr_area)
		area_count(s, i + 1);
}

void vmx_area_remove(struct vmx_vcpu *s, uint32_t index)
{
	unsigned i = area_find(s, index);

	if (i == s->nr_area)
		return;
	s->area.guest[i] = s->area.guest[s->nr_area - 1];
	s->area.host[i] = s->area.host[s->nr_area - 1];
	area_count(s, s->nr_area - 1);
}
