/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AMD-V behind virt_ops: the computer, its CPUs, and the life of a vcpu. */
#include "svm.h"
#include "npt.h"
#include "virt_insn.h"
#include "errno.h"
#include "format.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "string.h"

#define CPUID_AMD_FEATURES 0x80000001u
#define CPUID_AMD_EXTENDED 0x80000008u
#define CPUID_AMD_SVM      0x8000000au
#define E1C_SVM            BIT(2)
#define E1D_NX             BIT(20)
#define E1D_1G_PAGES       BIT(26)
#define E1D_RDTSCP         BIT(27)
#define E8B_RDPRU          BIT(4)
#define E8B_IBPB           BIT(12)
#define VM_CR_LOCK         BIT(3)
#define VM_CR_SVMDIS       BIT(4)

/* APM 15.14.4: what firmware sets to slow a spinning guest down is a matter of taste; these are some 10 microseconds. */
#define PAUSE_COUNT     3000
#define PAUSE_THRESHOLD 128

#define LOCKED_WORDS "AMD-V is disabled by the firmware: switch SVM on in the firmware's setup"

struct svm_host svm_host;

/* What hardware may lack, in the order of the log line. */
static const struct {
	uint8_t bit; /* enum svm_feature */
	const char *name;
} feature_rows[] = {
	{ SVM_NRIP_SAVE, "NRIP" },
	{ SVM_DECODE_ASSISTS, "decode assists" },
	{ SVM_FLUSH_BY_ASID, "flush by ASID" },
	{ SVM_CLEAN_BITS, "clean bits" },
	{ SVM_PAUSE_FILTER, "pause filter" },
	{ SVM_PAUSE_THRESHOLD, "pause threshold" },
	{ SVM_LBR_VIRT, "LBR" },
	{ SVM_SPEC_CTRL, "SPEC_CTRL" },
};

/* Stores the host's FS, GS, TR, LDTR and system-call MSRs in the VMCB at pa (APM 15.5.2). */
static void insn_vmsave(uint64_t pa)
{
	__asm__ volatile("vmsave %%rax" : : "a"(pa) : "memory");
}

static void host_read(void)
{
	static struct cpuid_policy host; /* too large for the stack */
	struct cpuid_leaf amd = insn_cpuid(CPUID_AMD_FEATURES, 0);
	struct cpuid_leaf extended = insn_cpuid(CPUID_AMD_EXTENDED, 0);
	struct cpuid_leaf svm = insn_cpuid(CPUID_AMD_SVM, 0);

	cpuid_read_host(insn_cpuid, &host);
	svm_host.features = svm.d;
	svm_host.has_ibpb = extended.b & E8B_IBPB;
	svm_host.has_rdpru = extended.b & E8B_RDPRU;
	svm_host.has_tsc_aux = amd.d & E1D_RDTSCP;
	svm_host.limits.nr_asids = svm.b;
	svm_host.limits.physical_bits = extended.a & 0xff;
	svm_host.limits.cr0_may = 0xffffffff;
	svm_host.limits.cr4_may = cpuid_cr4_valid(&host) | CR4_MCE;
	svm_host.limits.efer_may = cpuid_efer_valid(&host) | EFER_SVME | EFER_LMA;
	svm_host.is_emulated = virt_under_tcg();
	svm_host.virq_in_kernel = options.virtual_irqs;
	npt_init(amd.d & E1D_1G_PAGES, svm_host.limits.physical_bits, !svm_host.is_emulated);
}

static bool svm_probe(const char **why)
{
	uint64_t vm_cr;

	if (insn_cpuid(0x80000000, 0).a < CPUID_AMD_SVM ||
	    !(insn_cpuid(CPUID_AMD_FEATURES, 0).c & E1C_SVM))
		return false;
	vm_cr = insn_rdmsr(MSR_VM_CR);
	if ((vm_cr & VM_CR_SVMDIS) && (vm_cr & VM_CR_LOCK)) {
		*why = LOCKED_WORDS;
		return false;
	}
	if (!(insn_cpuid(CPUID_AMD_SVM, 0).d & BIT(SVM_NESTED_PAGING))) {
		*why = "this CPU has AMD-V without nested paging";
		return false;
	}
	if (!(insn_cpuid(CPUID_AMD_FEATURES, 0).d & E1D_NX)) {
		*why = "this CPU has no NX bit, or the firmware hides it";
		return false;
	}
	host_read();
	if (svm_host.limits.nr_asids < 2) {
		*why = "this CPU has no address space tag to give to a guest";
		return false;
	}
	return true;
}

/* APM 15.4: each CPU has its own VM_CR, and firmware may have left one of them behind. */
static int svm_switch_on(unsigned cpu)
{
	uint64_t vm_cr = insn_rdmsr(MSR_VM_CR);

	if (vm_cr & VM_CR_SVMDIS) {
		if (vm_cr & VM_CR_LOCK) {
			log_error("CPU %u: " LOCKED_WORDS, cpu);
			return -ENODEV;
		}
		insn_wrmsr(MSR_VM_CR, vm_cr & ~VM_CR_SVMDIS);
	}
	insn_wrmsr(MSR_EFER, insn_rdmsr(MSR_EFER) | EFER_SVME | EFER_NXE);
	return 0;
}

/* Its interrupt has ended the run of a guest: that was all. */
static void virq_timer_fire(struct timer *t)
{
}

static int svm_cpu_enable(unsigned cpu)
{
	struct svm_cpu *c = heap_alloc(sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->hsave = page_alloc_virt(0);
	c->host_vmcb = page_alloc_virt(0);
	if (!c->hsave || !c->host_vmcb)
		goto undo;
	if (!svm_msrs.usual) {
		err = virt_msr_maps_create(&svm_msrs);
		if (err)
			goto undo;
		svm_host.cr4_hidden = insn_read_cr4() & CR4_MCE;
	}
	err = svm_switch_on(cpu);
	if (!err && svm_host.is_emulated)
		err = timer_init(&c->virq_timer, virq_timer_fire, cpu);
	if (err)
		goto undo;
	c->percpu = percpu();
	tag_pool_init(&c->tags);
	c->host_vmcb_pa = virt_to_hpa(c->host_vmcb).v;
	insn_wrmsr(MSR_VM_HSAVE_PA, virt_to_hpa(c->hsave).v);
	insn_vmsave(c->host_vmcb_pa);
	if (svm_host.has_tsc_aux)
		c->tsc_aux = insn_rdmsr(MSR_TSC_AUX);
	c->percpu->virt = c;
	return 0;

undo:
	if (c->hsave)
		page_free_virt(c->hsave, 0);
	if (c->host_vmcb)
		page_free_virt(c->host_vmcb, 0);
	heap_free(c);
	return err;
}

static void svm_cpu_disable(void)
{
	struct svm_cpu *c = percpu()->virt;

	if (!c)
		return;
	percpu()->virt = NULL;
	timer_kill(&c->virq_timer);
	insn_wrmsr(MSR_EFER, insn_rdmsr(MSR_EFER) & ~EFER_SVME);
	insn_wrmsr(MSR_VM_HSAVE_PA, 0);
	page_free_virt(c->hsave, 0);
	page_free_virt(c->host_vmcb, 0);
	heap_free(c);
}

static void vmcb_init(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct vmcb *m = s->vmcb;

	/* The selective CR0 intercept would let TS through, which kernels no longer write; and QEMU's overlooks bits 63:32. */
	m->intercept[ICEPT_CR] = ICEPT_CR_WRITE(0) | ICEPT_CR_WRITE(4);
	m->intercept[ICEPT_DR] = ~0u;
	/* #UD: the other vendor's hypercall. #DB, #AC: their delivery can raise them again for ever. */
	m->intercept[ICEPT_EXCEPTION] = 1u << X86_UD | 1u << X86_DB | 1u << X86_AC | 1u << X86_MC;
	/*
	 * Not TASK_SWITCH: the CPU carries it out itself, through the nested tables, and nothing that it changes is ours (APM 15.14.1): CR3 and the LDT are
	 * the guest's own here, and EFLAGS and CR0.TS are in the VMCB at the next exit.
	 */
	m->intercept[ICEPT_MISC1] = ICEPT_INTR | ICEPT_NMI | ICEPT_INIT | ICEPT_RDPMC |
	                            ICEPT_CPUID | ICEPT_RSM | ICEPT_INVD | ICEPT_HLT |
	                            ICEPT_INVLPGA | ICEPT_IOIO | ICEPT_MSR | ICEPT_FERR_FREEZE |
	                            ICEPT_SHUTDOWN;
	m->intercept[ICEPT_MISC2] = ICEPT_VMRUN | ICEPT_VMMCALL | ICEPT_VMLOAD | ICEPT_VMSAVE |
	                            ICEPT_STGI | ICEPT_CLGI | ICEPT_SKINIT | ICEPT_WBINVD |
	                            ICEPT_MONITOR | ICEPT_MWAIT | ICEPT_XSETBV;
	if (svm_host.has_rdpru)
		m->intercept[ICEPT_MISC2] |= ICEPT_RDPRU;
	if (svm_has(SVM_PAUSE_FILTER)) {
		m->intercept[ICEPT_MISC1] |= ICEPT_PAUSE;
		m->pause_count = PAUSE_COUNT;
		if (svm_has(SVM_PAUSE_THRESHOLD))
			m->pause_threshold = PAUSE_THRESHOLD;
	}
	m->nested_ctl = NESTED_PAGING;
	m->nested_cr3 = mfn_to_hpa(v->domain->p2m.root).v;
}

static int svm_vcpu_create(struct vcpu *v)
{
	struct svm_vcpu *s = heap_alloc(sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	s->vmcb = page_alloc_virt(0);
	if (!s->vmcb) {
		err = -ENOMEM;
		goto no_vmcb;
	}
	err = virt_ports_attach(v->domain, SVM_IOPM_ORDER);
	if (err)
		goto no_domain;
	s->vmcb_pa = virt_to_hpa(s->vmcb).v;
	tag_user_init(&s->tag);
	v->virt = s;
	vmcb_init(v);
	svm_trap_init(v);
	svm_state_reset(v);
	svm_event_reset(s);
	return 0;

no_domain:
	page_free_virt(s->vmcb, 0);
no_vmcb:
	heap_free(s);
	return err;
}

static void svm_vcpu_destroy(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	if (!s)
		return;
	virt_msr_free(&svm_msrs, &s->msrpm);
	virt_ports_detach(v->domain, SVM_IOPM_ORDER);
	page_free_virt(s->vmcb, 0);
	heap_free(s);
	v->virt = NULL;
}

static void svm_vcpu_reset(struct vcpu *v)
{
	svm_state_reset(v);
	svm_event_reset(v->virt);
}

static void svm_vcpu_load(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;
	struct svm_cpu *c = percpu()->virt;

	s->cpu = c;
	s->percpu = c->percpu;
	s->host_vmcb_pa = c->host_vmcb_pa;
	/* Elsewhere since: what this CPU keeps of the VMCB and of translations may be old. */
	if (tag_user_load(&c->tags, &s->tag, svm_host.has_ibpb))
		s->vmcb->clean = 0;
	s->attention |= ATTENTION_CPU;
	/* Its ASID may have been given to others; while it stays loaded only it takes new ones. */
	if (s->tag.generation != c->tags.generation)
		s->attention |= ATTENTION_TLB;
}

static void svm_vcpu_unload(struct vcpu *v)
{
	struct svm_vcpu *s = v->virt;

	svm_breakpoints_unload(v);
	s->cpu = NULL;
}

static const char *feature_name(const void *unused, unsigned i, bool *is_on)
{
	if (i >= ARRAY_LEN(feature_rows))
		return NULL;
	*is_on = svm_has(feature_rows[i].bit);
	return feature_rows[i].name;
}

static void svm_describe(char *buf, size_t size)
{
	size_t at = format(buf, size, "AMD-V, nested paging, %u ASIDs", svm_host.limits.nr_asids);

	virt_describe_features(buf + at, size - at, feature_name, NULL);
}

const struct virt_ops svm_ops = {
	.name = "svm",
	VIRT_SLOTS(svm),
	.nested = &npt_format,
	.hypercall_is_vmmcall = true,
};
