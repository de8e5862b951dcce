/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a guest may touch without an exit: the MSR bitmap (APM 15.11), the I/O bitmap (APM 15.10) and the time-stamp counter.
 *
 * Vcpus share one MSR bitmap until one of them asks for something else; if there is no memory for a copy of its own, it gets the bitmap that
 * intercepts every MSR, which is right and only slower. The I/O bitmap is the domain's.
 */
#include "svm.h"
#include "heap.h"
#include "log.h"
#include "string.h"

/* The guest's own, exchanged by VMLOAD and VMSAVE: neither reads nor writes concern us. */
static const uint32_t free_msrs[] = {
	MSR_SYSENTER_CS, MSR_SYSENTER_ESP, MSR_SYSENTER_EIP, MSR_STAR,    MSR_LSTAR,
	MSR_CSTAR,       MSR_FMASK,        MSR_FS_BASE,      MSR_GS_BASE, MSR_KERNEL_GS_BASE,
};

/* The bitmap's three ranges of 0x2000 MSRs, two bits each: read, then write. -1: in no range, always intercepted. */
static int msr_bit(uint32_t index)
{
	static const uint32_t bases[] = { 0, 0xc0000000, 0xc0010000 };

	for (unsigned i = 0; i < ARRAY_LEN(bases); i++)
		if (index - bases[i] < 0x2000)
			return (int)(i * 0x4000 + (index - bases[i]) * 2);
	return -1;
}

int svm_trap_maps_create(void)
{
	int err = virt_maps_create(SVM_MSRPM_ORDER, &svm_host.msrpm_default, &svm_host.msrpm_all);

	for (unsigned i = 0; !err && i < ARRAY_LEN(free_msrs); i++) {
		unsigned bit = (unsigned)msr_bit(free_msrs[i]);

		map_bit_put(svm_host.msrpm_default, bit, false);
		map_bit_put(svm_host.msrpm_default, bit + 1, false);
	}
	return err;
}

static void msrpm_use(struct svm_vcpu *s, const uint8_t *map)
{
	s->vmcb->msrpm_pa = virt_to_hpa(map).v;
	s->vmcb->clean &= ~CLEAN_IOPM;
}

void svm_trap_init(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct virt_ports *sd = v->domain->virt;

	s->vmcb->iopm_pa = virt_to_hpa(sd->bitmap).v;
	msrpm_use(s, svm_host.msrpm_default);
}

void svm_trap_destroy(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	if (s->msrpm)
		page_free_virt(s->msrpm, SVM_MSRPM_ORDER);
	s->msrpm = NULL;
}

void svm_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write)
{
	struct svm_vcpu *s = v->virt;
	int bit = msr_bit(index);
	const uint8_t *now = s->msrpm ? s->msrpm : svm_host.msrpm_default;

	if (bit < 0)
		return;
	if (map_bit_get(now, (unsigned)bit) == on_read &&
	    map_bit_get(now, (unsigned)bit + 1) == on_write)
		return;
	if (!s->msrpm) {
		s->msrpm = page_alloc_virt(SVM_MSRPM_ORDER);
		if (!s->msrpm) {
			log_warning("d%uv%u: no memory for an MSR bitmap, all MSRs are intercepted",
			            v->domain->id, v->id);
			msrpm_use(s, svm_host.msrpm_all);
			return;
		}
		memcpy(s->msrpm, svm_host.msrpm_default, PAGE_SIZE << SVM_MSRPM_ORDER);
		msrpm_use(s, s->msrpm);
	}
	map_bit_put(s->msrpm, (unsigned)bit, on_read);
	map_bit_put(s->msrpm, (unsigned)bit + 1, on_write);
}

void svm_trap_rdtsc(struct vcpu *v, bool on)
{
	struct svm_vcpu *s = v->virt;

	svm_intercept(s, ICEPT_MISC1, ICEPT_RDTSC, on);
	svm_intercept(s, ICEPT_MISC2, ICEPT_RDTSCP, on);
}

void svm_set_tsc_offset(struct vcpu *v, uint64_t offset)
{
	struct svm_vcpu *s = v->virt;

	s->vmcb->tsc_offset = offset;
	s->vmcb->clean &= ~CLEAN_INTERCEPTS;
}
