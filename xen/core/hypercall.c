// SPDX-License-Identifier: GPL-2.0-or-later
/* Hypercalls: from the call instruction to the row of the table, and back to RAX. */
#include "hypercall.h"
#include "domain.h"
#include "exit_handlers.h"
#include "log.h"
#include "percpu.h"
#include "string.h"

#include <xen/xen.h>

/* A long operation gives way after this much time. */
#define HYPERCALL_SLICE_NS 200000ull

const struct hypercall hypercalls[NR_HYPERCALLS] = {
	[__HYPERVISOR_memory_op] = {memory_op,         "memory_op",        2},
	[__HYPERVISOR_multicall] = { multicall_op,     "multicall",        2},
	[__HYPERVISOR_set_timer_op] = { set_timer_op,     "set_timer_op",     2},
	[__HYPERVISOR_xen_version] = { xen_version_op,   "xen_version",      2},
	[__HYPERVISOR_console_io] = { console_io_op,    "console_io",       3},
	[__HYPERVISOR_grant_table_op] = { grant_table_op,   "grant_table_op",   3},
	[__HYPERVISOR_vm_assist] = { vm_assist_op,     "vm_assist",        2},
	[__HYPERVISOR_vcpu_op] = { vcpu_op,          "vcpu_op",          3},
	[__HYPERVISOR_sched_op] = { sched_op,         "sched_op",         2},
	[__HYPERVISOR_event_channel_op] = { event_channel_op, "event_channel_op", 2},
	[__HYPERVISOR_physdev_op] = { physdev_op,       "physdev_op",       2},
	[__HYPERVISOR_hvm_op] = { hvm_op,           "hvm_op",           2},
};

static const uint8_t args_64bit[5] = { GPR_RDI, GPR_RSI, GPR_RDX, GPR_R8 + 2, GPR_R8 };
static const uint8_t args_32bit[5] = { GPR_RBX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI };

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

static void hypercall_run(struct vcpu *v, bool compat)
{
	const uint8_t *from = compat ? args_32bit : args_64bit;
	uint64_t mask = compat ? 0xffffffff : ~0ull;
	uint64_t args[5];
	uint64_t rip = v->regs.rip;
	long result;

	for (unsigned i = 0; i < 5; i++)
		args[i] = v->regs.r[from[i]] & mask;
	/* RIP goes on first: calls that end or switch the vcpu leave it behind the instruction. */
	exit_skip_insn(v);
	result = hypercall_call(v, v->regs.r[GPR_RAX] & mask, args);
	if (unlikely(result == HYPERCALL_RESTART)) {
		for (unsigned i = 0; i < 5; i++)
			v->regs.r[from[i]] = args[i] & mask;
		v->regs.rip = rip;
		return;
	}
	v->regs.r[GPR_RAX] = (uint64_t)result & mask;
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
	const uint8_t call[2][3] = {
		{0x0f,  0x01, 0xc1},
                { 0x0f, 0x01, 0xd9}
	};

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

int hypercall_page_write(struct vcpu *v, uint64_t gpa_value)
{
	uint8_t slot[32];
	int err = 0;

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(slot) && err == 0; i++) {
		slot_write(slot, i);
		err = guest_write_gpa(v->domain, gpa(gpa_value + i * sizeof(slot)), slot,
		                      sizeof(slot));
	}
	if (err) {
		log_guest(v->domain, LOG_WARNING, "vcpu %u: hypercall page at %#lx is not in RAM",
		          v->id, gpa_value);
		return err;
	}
	v->domain->hypercall_page = gpa_value;
	domain_latch_width(v->domain, v);
	return 0;
}
