/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hypercalls: by the hypercall page (default), or by either vendor's instruction. */
#ifndef GUEST_HYPERCALL_H
#define GUEST_HYPERCALL_H

#include "arch.h"
#include <xen/xen.h>

/* Entry points of a hypercall with the registers loaded (traps.S). */
void stub_vmmcall(void);
void stub_vmcall(void);
void stub_page(void);

extern ulong_t hypercall_method; /* the address of one of the three */
extern uint32_t xen_base;        /* first of Xen's CPUID leaves; 0: none found */
extern uint8_t hypercall_page[4096];

/* Finds the leaves, fills the page. False: this is not Xen's ABI. */
bool hypercall_init(void);

/* The instruction that the CPUID vendor has: stub_vmmcall or stub_vmcall. */
ulong_t hypercall_vendor_stub(void);

static inline long hypercall(ulong_t nr, ulong_t a, ulong_t b, ulong_t c, ulong_t d, ulong_t e)
{
	return hypercall_via(hypercall_method, nr, a, b, c, d, e);
}

#define HC_PTR(p) ((ulong_t)(p))

static inline long version_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_xen_version, op, HC_PTR(arg), 0, 0, 0);
}
static inline long memory_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_memory_op, op, HC_PTR(arg), 0, 0, 0);
}
static inline long evtchn_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_event_channel_op, op, HC_PTR(arg), 0, 0, 0);
}
static inline long sched_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_sched_op, op, HC_PTR(arg), 0, 0, 0);
}
static inline long vcpu_op(unsigned op, unsigned vcpu, void *arg)
{
	return hypercall(__HYPERVISOR_vcpu_op, op, vcpu, HC_PTR(arg), 0, 0);
}
static inline long hvm_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_hvm_op, op, HC_PTR(arg), 0, 0, 0);
}
static inline long grant_op(unsigned op, void *arg, unsigned count)
{
	return hypercall(__HYPERVISOR_grant_table_op, op, HC_PTR(arg), count, 0, 0);
}
static inline long physdev_op(unsigned op, void *arg)
{
	return hypercall(__HYPERVISOR_physdev_op, op, HC_PTR(arg), 0, 0, 0);
}
static inline long console_op(unsigned op, unsigned count, void *arg)
{
	return hypercall(__HYPERVISOR_console_io, op, count, HC_PTR(arg), 0, 0);
}
static inline long vm_assist(unsigned cmd, unsigned type)
{
	return hypercall(__HYPERVISOR_vm_assist, cmd, type, 0, 0, 0);
}
static inline long multicall(multicall_entry_t *calls, unsigned n)
{
	return hypercall(__HYPERVISOR_multicall, HC_PTR(calls), n, 0, 0, 0);
}
/* The 64-bit time is one argument for a 64-bit caller and two, low first, for a 32-bit one. */
long set_timer_op(uint64_t when);

long hvm_param_set(unsigned index, uint64_t value);
long hvm_param_get(unsigned index, uint64_t *value);

#endif
