/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a guest may touch without an exit: the MSR bitmap (APM 15.11), the I/O bitmap (APM 15.10) and the time-stamp counter. */
#include "svm.h"

/* The guest's own, exchanged by VMLOAD and VMSAVE: neither reads nor writes concern us. */
static const uint32_t free_msrs[] = { FREE_MSRS, MSR_STAR, MSR_LSTAR, MSR_CSTAR, MSR_FMASK, 0 };

struct virt_msr_maps svm_msrs = {
	.order = 1, /* 8 KiB */
	.bits = 2,
	.write = 1,
	.nr_ranges = 3,
	.ranges = { 0, 0xc0000000, 0xc0010000 },
	.free = free_msrs,
};

static void msrpm_use(struct svm_vcpu *s, const uint8_t *map)
{
	s->vmcb->msrpm_pa = virt_to_hpa(map).v;
	s->vmcb->clean &= ~CLEAN_IOPM;
}

void svm_trap_init(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct virt_ports *ports = v->domain->virt;

	s->vmcb->iopm_pa = virt_to_hpa(ports->bitmap).v;
	msrpm_use(s, svm_msrs.usual);
}

void svm_trap_msr(struct vcpu *v, uint32_t index, bool on_read, bool on_write)
{
	struct svm_vcpu *s = v->virt;
	const uint8_t *map = virt_msr_trap(v, &svm_msrs, &s->msrpm, index, on_read, on_write);

	if (map)
		msrpm_use(s, map);
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
