/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest may touch without an exit: the MSR bitmap (SDM 24.6.9), the I/O bitmaps (SDM 24.6.4), the time-stamp counter; and the MSRs that the CPU
 * exchanges at the door.
 *
 * Vcpus share one MSR bitmap until one of them asks for something else; if there is no memory for a copy of its own, it gets the bitmap that
 * intercepts every MSR, which is right and only slower. The I/O bitmaps are the domain's.
 */
#include "vmx.h"
#include "heap.h"
#include "log.h"
#include "string.h"

/* Neither reads nor writes concern us: fields of the VMCS, or switched with the vcpu. */
static const uint32_t free_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP,
	MSR_FS_BASE,     MSR_GS_BASE,      MSR_KERNEL_GS_BASE,
};
/* The CPU has the guest's value, but must know when it changes: vmx_lazy_load(). */
static const uint32_t read_free_msrs[] = { MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK };

/* The bitmap's two ranges of 0x2000 MSRs: a bit in the first half for reads, 2 KiB behind it one for writes. -1: in no range, always intercepted. */
#define MSR_WRITE_BITS 0x4000u
static int msr_bit(uint32_t index)
{
	static const uint32_t bases[] = { 0, 0xc0000000 };

	for (unsigned i = 0; i < ARRAY_LEN(bases); i++)
		if (index - bases[i] < 0x2000)
			return (int)(i * 0x2000 + (index - bases[i]));
	return -1;
}

int vmx_trap_maps_create(void)
{
	int err = virt_maps_create(0, &vmx_host.msr_default, &vmx_host.msr_all);
	uint8_t *usual = vmx_host.msr_default;

	for (unsigned i = 0; !err && i < ARRAY_LEN(free_msrs); i++) {
		map_bit_put(usual, (unsigned)msr_bit(free_msrs[i]), false);
		map_bit_put(usual, (unsigned)msr_bit(free_msrs[i]) + MSR_WRITE_BITS, false);
	}
	for (unsigned i = 0; !err && i < ARRAY_LEN(read_free_msrs); i++)
		map_bit_put(usual, (unsigned)msr_bit(read_free_msrs[i]), false);
	return err;
}

static void msr_bitmap_use(const uint8_t *map)
{
	if (vmx_has_proc(PROC_MSR_BITMAP))
		vmcs_write(VMCS_MSR_BITMAP, virt_to_hpa(map).v);
}

void vmx_trap_init(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	struct virt_ports *vd = v->domain->virt;
	uint64_t area = virt_to_hpa(s->area).v;

	if (vmx_has_proc(PROC_IO_BITMAPS)) {
		vmcs_write(VMCS_IO_BITMAP_A, virt_to_hpa(vd->bitmap).v);
		vmcs_write(VMCS_IO_BITMAP_B, virt_to_hpa(vd->bitmap + PAGE_SIZE).v);
	}
	msr_bitmap_use(vmx_host.msr_default);
	vmcs_write(VMCS_ENTRY_MSR_LOAD, area + offsetof(struct vmx_msr_area, guest));
	vmcs_write(VMCS_EXIT_MSR_LOAD, area + offsetof(struct vmx_msr_area, host));
	vmcs_write(VMCS_EXIT_MSR_STORE, 0);
	vmcs_write(VMCS_EXIT_STORE_COUNT, 0);
}

void vmx_trap_destroy(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	if (s->msr_bitmap)
		page_free_virt(s->msr_bitmap, 0);
	s->msr_bitmap = NULL;
}

/* Its own copy of the bitmap; NULL: no memory, and all MSRs exit from now on. */
static uint8_t *msr_bitmap_own(struct vcpu *v, struct vmx_vcpu *s)
{
	bool borrowed;

	if (s->msr_bitmap)
		return s->msr_bitmap;
	s->msr_bitmap = page_alloc_virt(0);
	if (s->msr_bitmap)
		memcpy(s->msr_bitmap, vmx_host.msr_default, PAGE_SIZE);
	else
		log_warning("d%uv%u: no memory for an MSR bitmap, all MSRs are intercepted",
		            v->domain->id, v->id);
	borrowed = vmx_hold(s);
	msr_bitmap_use(s->msr_bitmap ? s->msr_bitmap : vmx_host.msr_all);
	vmx_drop(s, borrowed);
	return s->msr_bitmap;
}

void vmx_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write)
{
	struct vmx_vcpu *s = v->virt;
	int bit = msr_bit(index);
	const uint8_t *now = s->msr_bitmap ? s->msr_bitmap : vmx_host.msr_default;
	uint8_t *own;

	if (bit < 0)
		return;
	if (map_bit_get(now, (unsigned)bit) == on_read &&
	    map_bit_get(now, (unsigned)bit + MSR_WRITE_BITS) == on_write)
		return;
	own = msr_bitmap_own(v, s);
	if (!own)
		return;
	map_bit_put(own, (unsigned)bit, on_read);
	map_bit_put(own, (unsigned)bit + MSR_WRITE_BITS, on_write);
}

void vmx_trap_rdtsc(struct vcpu *v, bool on)
{
	struct vmx_vcpu *s = v->virt;
	bool borrowed = vmx_hold(s);

	vmx_proc_control(s, PROC_RDTSC, on);
	vmx_drop(s, borrowed);
}

void vmx_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
	struct vmx_vcpu *s = v->virt;
	bool borrowed = vmx_hold(s);

	vmcs_write(VMCS_TSC_OFFSET, offset);
	vmx_drop(s, borrowed);
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

	while (i < s->nr_area && s->area->guest[i].index != index)
		i++;
	return i;
}

void vmx_area_set(struct vmx_vcpu *s, uint32_t index, uint64_t guest, uint64_t host)
{
	unsigned i = area_find(s, index);

	if (i == VMX_AREA_MSRS)
		bug("no room in an MSR area for %#x", index);
	s->area->guest[i] = (struct vmx_msr_entry){ index, 0, guest };
	s->area->host[i] = (struct vmx_msr_entry){ index, 0, host };
	if (i == s->nr_area)
		area_count(s, i + 1);
}

void vmx_area_remove(struct vmx_vcpu *s, uint32_t index)
{
	unsigned i = area_find(s, index);

	if (i == s->nr_area)
		return;
	s->area->guest[i] = s->area->guest[s->nr_area - 1];
	s->area->host[i] = s->area->host[s->nr_area - 1];
	area_count(s, s->nr_area - 1);
}
