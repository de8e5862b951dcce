// SPDX-License-Identifier: GPL-2.0-or-later
/* Hypercalls: from the call instruction to the row of the table, and back to RAX. */
#include "hypercall.h"
#include "control_op.h"
#include "dm_op.h"
#include "domain.h"
#include "exit_handlers.h"
#include "log.h"
#include "percpu.h"
#include "string.h"

#include <xen/xen.h>

/* A long operation gives way after this much time. */
#define HYPERCALL_SLICE_NS 200000ull

const struct hypercall hypercalls[NR_HYPERCALLS] = {
	[__HYPERVISOR_memory_op] = { memory_op, "memory_op", 2 },
	[__HYPERVISOR_multicall] = { multicall_op, "multicall", 2 },
	[__HYPERVISOR_set_timer_op] = { set_timer_op, "set_timer_op", 2 },
	[__HYPERVISOR_xen_version] = { xen_version_op, "xen_version", 2 },
	[__HYPERVISOR_console_io] = { console_io_op, "console_io", 3 },
	[__HYPERVISOR_grant_table_op] = { grant_table_op, "grant_table_op", 3 },
	[__HYPERVISOR_vm_assist] = { vm_assist_op, "vm_assist", 2 },
	[__HYPERVISOR_vcpu_op] = { vcpu_op, "vcpu_op", 3 },
	[__HYPERVISOR_sched_op] = { sched_op, "sched_op", 2 },
	[__HYPERVISOR_event_channel_op] = { event_channel_op, "event_channel_op", 2 },
	[__HYPERVISOR_physdev_op] = { physdev_op, "physdev_op", 2 },
	[__HYPERVISOR_hvm_op] = { hvm_op, "hvm_op", 2 },
	[__HYPERVISOR_dm_op] = { dm_op, "dm_op", 3 },
	[__HYPERVISOR_platform_op] = { platform_op, "platform_op", 1 },
	[__HYPERVISOR_sysctl] = { sysctl_op, "sysctl", 1 },
	[__HYPERVISOR_domctl] = { domctl_op, "domctl", 1 },
};

bool hypercall_is_compat(struct vcpu *v)
{
	return !paging_64bit_code(guest_paging_mode(v));
}

bool hypercall_should_restart(void)
{
	struct percpu *pc = percpu();
	uint64_t now;

	if (read_once(pc->pending))
		return true;
	now = machine_now_ns();
	if (!pc->hypercall_start_ns)
		pc->hypercall_start_ns = now;
	return now - pc->hypercall_start_ns > HYPERCALL_SLICE_NS;
}

long hypercall_call(struct vcpu *v, uint64_t number, uint64_t *args)
{
	if (number >= NR_HYPERCALLS || !hypercalls[number].fn)
		return -ENOSYS;
	return hypercalls[number].fn(v, args);
}

/* APM 15.5 has no rule of its own here: ours is ring 0 in protected mode. */
static bool caller_may(const struct paging_mode *m)
{
	return m->cpl == 0 && (m->cr0 & CR0_PE) && !(m->rflags & RFLAGS_VM);
}

/* Arguments in their registers: RDI RSI RDX R10 R8, or EBX ECX EDX ESI EDI. */
static inline void args_get(const struct vcpu *v, bool compat, uint64_t args[5])
{
	const uint64_t *r = v->regs.r;

	args[2] = r[GPR_RDX];
	if (likely(!compat)) {
		args[0] = r[GPR_RDI];
		args[1] = r[GPR_RSI];
		args[3] = r[GPR_R10];
		args[4] = r[GPR_R8];
		return;
	}
	args[0] = (uint32_t)r[GPR_RBX];
	args[1] = (uint32_t)r[GPR_RCX];
	args[2] = (uint32_t)args[2];
	args[3] = (uint32_t)r[GPR_RSI];
	args[4] = (uint32_t)r[GPR_RDI];
}

static cold_fn void args_put(struct vcpu *v, bool compat, const uint64_t args[5])
{
	uint64_t *r = v->regs.r;

	r[GPR_RDX] = args[2];
	r[compat ? GPR_RBX : GPR_RDI] = args[0];
	r[compat ? GPR_RCX : GPR_RSI] = args[1];
	r[compat ? GPR_RSI : GPR_R10] = args[3];
	r[compat ? GPR_RDI : GPR_R8] = args[4];
}

static void hypercall_run(struct vcpu *v, bool compat)
{
	uint64_t args[5], rip = v->regs.rip;
	uint64_t number = compat ? (uint32_t)v->regs.r[GPR_RAX] : v->regs.r[GPR_RAX];
	long result;

	args_get(v, compat, args);
	/* RIP goes on first: calls that end or switch the vcpu leave it behind the instruction. */
	exit_skip_insn(v);
	result = hypercall_call(v, number, args);
	if (unlikely(result == HYPERCALL_RESTART)) {
		args_put(v, compat, args);
		v->regs.rip = rip;
		return;
	}
	v->regs.r[GPR_RAX] = compat ? (uint32_t)result : (uint64_t)result;
}

void hypercall_handle(struct vcpu *v)
{
	const struct paging_mode *m = guest_paging_mode(v);

	if (unlikely(!caller_may(m))) {
		v->regs.r[GPR_RAX] = (uint64_t)-EPERM;
		exit_skip_insn(v);
		return;
	}
	percpu()->hypercall_start_ns = 0;
	hypercall_run(v, !paging_64bit_code(m));
}

/* A slot: mov eax, number; call; ret. IRET is not for this kind of guest: UD2. */
static void slot_write(uint8_t slot[32], unsigned number)
{
	const uint8_t call[2][3] = { { 0x0f, 0x01, 0xc1 }, { 0x0f, 0x01, 0xd9 } };

	memset(slot, 0xcc, 32);
	if (number == __HYPERVISOR_iret) {
		slot[0] = 0x0f;
		slot[1] = 0x0b;
		return;
	}
	slot[0] = 0xb8;
	slot[1] = (uint8_t)number;
	slot[2] = slot[3] = slot[4] = 0;
	memcpy(slot + 5, call[virt->hypercall_is_vmmcall], 3);
	slot[8] = 0xc3;
}

int hypercall_page_fill(struct domain *d, uint64_t gpa_value)
{
	uint8_t slot[32];
	int err = 0;

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(slot) && err == 0; i++) {
		slot_write(slot, i);
		err = guest_write_gpa(d, gpa(gpa_value + i * sizeof(slot)), slot, sizeof(slot));
	}
	return err;
}

int hypercall_page_write(struct vcpu *v, uint64_t gpa_value)
{
	int err = hypercall_page_fill(v->domain, gpa_value);

	if (err) {
		log_guest(v->domain, LOG_WARNING, "vcpu %u: hypercall page at %#lx is not in RAM",
		          v->id, gpa_value);
		return err;
	}
	v->domain->hypercall_page = gpa_value;
	domain_latch_width(v->domain, v);
	return 0;
}
