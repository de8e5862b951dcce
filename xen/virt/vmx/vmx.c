/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VT-x behind virt_ops: the computer, its CPUs, and the life of a vcpu. */
#include "vmx.h"
#include "ept.h"
#include "virt_barriers.h"
#include "vmx_insn.h"
#include "descriptor.h"
#include "errno.h"
#include "format.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "string.h"

#define CPUID_EXTENDED_FEATURES 0x80000001u
#define CPUID_WIDTHS            0x80000008u
#define C1C_VMX                 BIT(5)
#define C7D_IBRS                BIT(26) /* and with it IBPB */
#define C7D_ARCH_CAPS           BIT(29)
#define E1D_RDTSCP              BIT(27)
/* IA32_FEATURE_CONTROL, SDM 23.7 */
#define FEATURE_LOCKED BIT(0)
#define FEATURE_VMXON  BIT(2) /* outside SMX */

/* SDM 25.1.3: PAUSEs closer together than the gap are one loop, which exits when it is older than the window: some microseconds. */
#define PAUSE_GAP    128
#define PAUSE_WINDOW 4096

#define LOCKED_WORDS \
	"VT-x is locked off by the firmware: switch Intel Virtualization Technology on in the firmware's setup"

struct vmx_host vmx_host;

static uint64_t read_msr(uint32_t index)
{
	return insn_rdmsr(index);
}

static void host_read(uint64_t ept)
{
	static struct cpuid_policy host; /* too large for the stack */
	uint64_t basic = insn_rdmsr(MSR_VMX_BASIC);
	struct virt_limits *l = &vmx_host.limits;

	cpuid_read_host(insn_cpuid, &host);
	vmx_host.revision = VMX_BASIC_REVISION(basic);
	vmx_host.posts = vmx_control_on(&vmx_host.controls, VMX_PIN, PIN_POSTED);
	vmx_host.has_io_info = basic & VMX_BASIC_IO_INFO;
	vmx_host.has_ibpb = host.feat[0].d & C7D_IBRS;
	vmx_host.barriers = (uint8_t)virt_barriers_choose(
		host.feat[0].d, host.feat[0].d & C7D_ARCH_CAPS ? insn_rdmsr(MSR_ARCH_CAPS) : 0);
	vmx_host.has_tsc_aux = insn_cpuid(CPUID_EXTENDED_FEATURES, 0).d & E1D_RDTSCP;
	vmx_host.has_invvpid = (ept & VPID_CAP_INVVPID) && (ept & VPID_CAP_SINGLE);
	vmx_host.invept_type = ept & EPT_CAP_SINGLE ? INVALIDATE_SINGLE : INVALIDATE_ALL;
	vmx_host.checks_entries = options.check_entries;
	l->cr0_must = insn_rdmsr(MSR_VMX_CR0_FIXED0);
	l->cr0_may = insn_rdmsr(MSR_VMX_CR0_FIXED1);
	l->cr4_must = insn_rdmsr(MSR_VMX_CR4_FIXED0);
	l->cr4_may = insn_rdmsr(MSR_VMX_CR4_FIXED1);
	l->efer_may = cpuid_efer_valid(&host) | EFER_LMA;
	l->physical_bits = insn_cpuid(CPUID_WIDTHS, 0).a & 0xff;
	vmx_host.cr0_hidden = l->cr0_must & ~(CR0_PE | CR0_PG);
	l->has_ept_marks = ept & EPT_CAP_DIRTY;
	ept_init(ept, l->physical_bits, vmx_has_proc2(PROC2_WRITE_LOG));
}

static bool feature_is_locked_off(void)
{
	uint64_t feature = insn_rdmsr(MSR_FEATURE_CONTROL);

	return (feature & FEATURE_LOCKED) && !(feature & FEATURE_VMXON);
}

static bool vmx_probe(const char **why)
{
	static char words[120];
	const char *missing;
	uint64_t ept;

	if (!(insn_cpuid(1, 0).c & C1C_VMX))
		return false;
	if (feature_is_locked_off()) {
		*why = LOCKED_WORDS;
		return false;
	}
	missing = vmx_controls_choose(read_msr, &vmx_host.controls);
	ept = missing ? 0 : insn_rdmsr(MSR_VMX_EPT_VPID_CAP);
	if (!missing)
		missing = ept_missing(ept);
	if (missing) {
		format(words, sizeof(words), "this CPU has VT-x without %s", missing);
		*why = words;
		return false;
	}
	/* VPIDs that cannot be flushed when they are used up are no help. */
	if (!(ept & VPID_CAP_INVVPID) || !(ept & VPID_CAP_ALL))
		vmx_host.controls.value[VMX_PROC2] &= ~PROC2_VPID;
	if (!(ept & EPT_CAP_DIRTY)) /* SDM 26.2.1.1 */
		vmx_host.controls.value[VMX_PROC2] &= ~PROC2_WRITE_LOG;
	host_read(ept);
	return true;
}

/* SDM 23.7: each CPU has its own feature control, and firmware may have left one of them behind. Unlocked it is ours to set, and the lock is wanted. */
static int vmx_switch_on(unsigned cpu, void *region)
{
	uint64_t feature = insn_rdmsr(MSR_FEATURE_CONTROL);

	if (feature_is_locked_off()) {
		log_error("CPU %u: " LOCKED_WORDS, cpu);
		return -ENODEV;
	}
	if (!(feature & FEATURE_LOCKED))
		insn_wrmsr(MSR_FEATURE_CONTROL, feature | FEATURE_VMXON | FEATURE_LOCKED);
	*(uint32_t *)region = vmx_host.revision;
	insn_write_cr0(insn_read_cr0() | vmx_host.cr0_hidden);
	insn_write_cr4(insn_read_cr4() | CR4_VMXE);
	if (!insn_vmxon(virt_to_hpa(region).v)) {
		log_error("CPU %u: VT-x cannot be switched on (VMXON failed)", cpu);
		insn_write_cr4(insn_read_cr4() & ~CR4_VMXE);
		return -ENODEV;
	}
	return 0;
}

/* What guests' MSRs are compared with. */
static void cpu_read_lazy(struct vmx_cpu *c)
{
	c->lazy[LAZY_STAR] = insn_rdmsr(MSR_STAR);
	c->lazy[LAZY_LSTAR] = insn_rdmsr(MSR_LSTAR);
	c->lazy[LAZY_CSTAR] = insn_rdmsr(MSR_CSTAR);
	c->lazy[LAZY_FMASK] = insn_rdmsr(MSR_FMASK);
	if (vmx_host.has_tsc_aux)
		c->lazy[LAZY_TSC_AUX] = insn_rdmsr(MSR_TSC_AUX);
}

static int vmx_cpu_enable(unsigned cpu)
{
	struct vmx_cpu *c = heap_alloc(sizeof(*c));
	int err = -ENOMEM;

	if (!c)
		return -ENOMEM;
	c->vmxon = page_alloc_virt(0);
	if (!c->vmxon)
		goto undo;
	if (!vmx_msrs.usual) {
		err = virt_msr_maps_create(&vmx_msrs);
		if (err)
			goto undo;
		vmx_host.cr4_hidden = vmx_host.limits.cr4_must | (insn_read_cr4() & CR4_MCE);
		/* Ours has no use for SYSCALL, and ring 3 must not get at the guest's. */
		vmx_host.efer = insn_rdmsr(MSR_EFER) & ~EFER_SCE;
		vmx_host.pat = insn_rdmsr(MSR_PAT);
	}
	err = vmx_switch_on(cpu, c->vmxon);
	if (err)
		goto undo;
	c->percpu = percpu();
	tag_pool_init(&c->tags);
	cpu_read_lazy(c);
	/* Nothing that was cached before under these tags is of a guest of ours. Where there is no flush of all, it does nothing. */
	vmcs_invept(INVALIDATE_ALL, 0);
	if (vmx_has_proc2(PROC2_VPID))
		vmcs_invvpid(INVALIDATE_ALL, 0);
	c->percpu->virt = c;
	return 0;

undo:
	if (c->vmxon)
		page_free_virt(c->vmxon, 0);
	heap_free(c);
	return err;
}

static void vmx_cpu_disable(void)
{
	struct vmx_cpu *c = percpu()->virt;

	if (!c)
		return;
	percpu()->virt = NULL;
	insn_vmxoff();
	insn_write_cr4(insn_read_cr4() & ~CR4_VMXE);
	page_free_virt(c->vmxon, 0);
	heap_free(c);
}

/* ---- which VMCS is current ---- */

static void vmcs_load(struct vmx_vcpu *s)
{
	if (!insn_vmptrld(s->vmcs_pa))
		bug("a VMCS cannot be made current (VMPTRLD failed)");
}

static void vmcs_clear(struct vmx_vcpu *s)
{
	if (!insn_vmclear(s->vmcs_pa))
		bug("a VMCS cannot be put away (VMCLEAR failed)");
	s->is_launched = false;
}

void vmx_borrow(struct vmx_vcpu *s)
{
	spin_lock(&s->lock);
	if (s->cpu)
		bug("a vcpu's VMCS is wanted here while it is loaded on CPU %u",
		    s->cpu->percpu->cpu);
	vmcs_load(s);
}

void vmx_give_back(struct vmx_vcpu *s)
{
	struct vmx_cpu *c = percpu()->virt;

	vmcs_clear(s);
	if (c->current)
		vmcs_load(c->current);
	spin_unlock(&s->lock);
}

/* ---- a vcpu ---- */

static void vmcs_init_controls(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	const uint32_t *value = vmx_host.controls.value;

	s->proc_controls = value[VMX_PROC];
	s->entry_controls = value[VMX_ENTRY];
	vmcs_write(VMCS_PIN_CONTROLS, value[VMX_PIN]);
	vmcs_write(VMCS_PROC_CONTROLS, s->proc_controls);
	vmcs_write(VMCS_EXIT_CONTROLS, value[VMX_EXIT]);
	vmcs_write(VMCS_ENTRY_CONTROLS, s->entry_controls);
	vmcs_write(VMCS_EXCEPTION_BITMAP, VMX_EXCEPTIONS | 1u << X86_MF);
	/* What the guest owns of them: vmx_state.c. */
	vmcs_write(VMCS_CR0_MASK, ~(uint64_t)CR0_TS);
	vmcs_write(VMCS_CR4_MASK, ~(uint64_t)CR4_PGE);
	vmcs_write(VMCS_EPT_POINTER, s->eptp);
	vmcs_write(VMCS_LINK_POINTER, ~0ull);
	if (vmx_has_proc(PROC_TPR_SHADOW)) {
		vmcs_write(VMCS_VIRTUAL_APIC, virt_to_hpa(s->virtual_apic).v);
		vmx_tpr_threshold(s, 0);
	}
	if (vmx_has_proc2(PROC2_PAUSE_LOOP)) {
		vmcs_write(VMCS_PLE_GAP, PAUSE_GAP);
		vmcs_write(VMCS_PLE_WINDOW, PAUSE_WINDOW);
	}
}

/* Zero from the start, most of them for ever. Those that this CPU does not have are not written. */
static const uint16_t zero_fields[] = {
	VMCS_PF_MASK,       VMCS_PF_MATCH,       VMCS_CR3_TARGETS,       VMCS_TSC_OFFSET,
	VMCS_XSS_EXITING,   VMCS_EXIT_MSR_STORE, VMCS_EXIT_STORE_COUNT,  HOST_DS_SELECTOR,
	HOST_ES_SELECTOR,   HOST_FS_SELECTOR,    HOST_GS_SELECTOR,       HOST_FS_BASE,
	HOST_SYSENTER_CS,   HOST_SYSENTER_ESP,   HOST_SYSENTER_EIP,      GUEST_RIP,
	GUEST_RSP,          GUEST_RFLAGS,        GUEST_INTERRUPT_STATUS, VMCS_EOI_EXITS,
	VMCS_EOI_EXITS + 2, VMCS_EOI_EXITS + 4,  VMCS_EOI_EXITS + 6,
};

/* Of the host's fields those that are the same on all CPUs, and what is compared before it is written. */
static void vmcs_init_host(void)
{
	vmcs_write(HOST_CS_SELECTOR, INSN_READ_SELECTOR(cs) & ~7u);
	vmcs_write(HOST_SS_SELECTOR, INSN_READ_SELECTOR(ss) & ~7u);
	vmcs_write(HOST_TR_SELECTOR, insn_str());
	vmcs_write(HOST_RIP, (uint64_t)vmx_exited);
	if (vmx_control_on(&vmx_host.controls, VMX_EXIT, EXIT_LOAD_EFER))
		vmcs_write(HOST_EFER, vmx_host.efer);
	if (vmx_control_on(&vmx_host.controls, VMX_EXIT, EXIT_LOAD_PAT))
		vmcs_write(HOST_PAT, vmx_host.pat);
}

static void vmcs_set_host_cpu(void)
{
	uint64_t gdt = insn_sgdt().base;

	vmcs_write(HOST_GS_BASE, insn_rdmsr(MSR_GS_BASE));
	vmcs_write(HOST_GDTR_BASE, gdt);
	vmcs_write(HOST_IDTR_BASE, insn_sidt().base);
	vmcs_write(HOST_TR_BASE,
	           descriptor_base_64((const uint64_t *)(gdt + SELECTOR_TABLE(insn_str()))));
}

static void vcpu_free(struct vmx_vcpu *s)
{
	if (s->write_log)
		page_free_virt(s->write_log, 0);
	page_free_virt(s->vmcs, 1);
	heap_free(s);
}

static struct vmx_vcpu *vcpu_alloc(void)
{
	struct vmx_vcpu *s = heap_alloc(sizeof(*s));

	if (!s)
		return NULL;
	s->vmcs = page_alloc_virt(1);
	if (!s->vmcs)
		goto no_vmcs;
	if (vmx_has_proc2(PROC2_WRITE_LOG)) {
		s->write_log = page_alloc_virt(0);
		if (!s->write_log)
			goto no_log;
	}
	s->virtual_apic = s->vmcs + PAGE_SIZE;
	return s;

no_log:
	page_free_virt(s->vmcs, 1);
no_vmcs:
	heap_free(s);
	return NULL;
}

static int vmx_vcpu_create(struct vcpu *v)
{
	struct vmx_vcpu *s = vcpu_alloc();
	int err;

	if (!s)
		return -ENOMEM;
	err = virt_ports_attach(v->domain, VMX_IO_ORDER);
	if (err) {
		vcpu_free(s);
		return err;
	}
	spin_init(&s->lock);
	*(uint32_t *)s->vmcs = vmx_host.revision;
	s->vmcs_pa = virt_to_hpa(s->vmcs).v;
	s->eptp = mfn_to_hpa(v->domain->p2m.root).v | EPTP_FLAGS |
	          (vmx_host.limits.has_ept_marks ? EPTP_MARKS : 0);
	tag_user_init(&s->tag);
	v->virt = s;
	vmcs_clear(s);
	vmx_borrow(s);
	for (unsigned i = 0; i < ARRAY_LEN(zero_fields); i++)
		vmcs_write((enum vmcs_field)zero_fields[i], 0);
	vmcs_init_controls(v);
	vmcs_init_host();
	vmx_trap_init(v);
	vmx_apic_init(v);
	if (s->write_log)
		vmx_log_init(s);
	vmx_give_back(s);
	vmx_state_reset(v);
	vmx_event_reset(v);
	return 0;
}

static void vmx_vcpu_destroy(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	if (!s)
		return;
	virt_msr_free(&vmx_msrs, &s->msr_bitmap);
	virt_ports_detach(v->domain, VMX_IO_ORDER);
	vcpu_free(s);
	v->virt = NULL;
}

static void vmx_vcpu_reset(struct vcpu *v)
{
	vmx_state_reset(v);
	vmx_event_reset(v);
}

static void vmx_vcpu_load(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;
	struct vmx_cpu *c = percpu()->virt;

	spin_lock(&s->lock);
	vmcs_load(s);
	s->cpu = c;
	c->current = s;
	spin_unlock(&s->lock);
	s->percpu = c->percpu;
	/* Elsewhere since: what this CPU keeps of translations may be old. */
	if (tag_user_load(&c->tags, &s->tag, vmx_host.has_ibpb)) {
		s->attention |= ATTENTION_EPT;
		vmcs_set_host_cpu();
	}
	vmcs_write(HOST_CR0, insn_read_cr0());
	vmcs_write(HOST_CR3, insn_read_cr3());
	vmcs_write(HOST_CR4, insn_read_cr4());
	vmx_swapgs_load(s);
	s->attention |= ATTENTION_CPU;
	/* Its VPID may have been given to others; while it stays loaded only it takes new ones. */
	if (s->tag.generation != c->tags.generation)
		s->attention |= ATTENTION_TLB;
}

static void vmx_vcpu_unload(struct vcpu *v)
{
	struct vmx_vcpu *s = v->virt;

	vmx_breakpoints_unload(v);
	vmx_swapgs_unload(s);
	spin_lock(&s->lock);
	vmcs_clear(s);
	s->cpu->current = NULL;
	s->cpu = NULL;
	spin_unlock(&s->lock);
}

static void vmx_describe(char *buf, size_t size)
{
	size_t at = format(buf, size, "VT-x, nested paging, unrestricted guests, %spages up to %s",
	                   vmx_host.limits.has_ept_marks ? "dirty marks, " : "",
	                   ept_format.max_leaf_level == 2   ? "1 GiB"
	                   : ept_format.max_leaf_level == 1 ? "2 MiB"
	                                                    : "4 KiB");

	at += vmx_controls_describe(&vmx_host.controls, buf + at, size - at);
	if (at < size && vmx_host.barriers)
		format(buf + at, size - at, "; before entries: %s",
		       virt_barriers_words(vmx_host.barriers));
}

const struct virt_ops vmx_ops = {
	.name = "vmx",
	VIRT_SLOTS(vmx),
	.nested = &ept_format,
	.hypercall_is_vmmcall = false,
};
