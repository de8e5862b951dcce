/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding Xen's leaves and setting up hypercalls. */
#include "guest.h"

ulong_t hypercall_method;
uint32_t xen_base;
uint8_t hypercall_page[4096] __attribute__((aligned(4096)));

bool hypercall_init(void)
{
	for (uint32_t base = 0x40000000; base < 0x40010000; base += 0x100) {
		struct cpuid_regs r = cpuid(base, 0);

		if (r.b != XEN_CPUID_SIGNATURE_EBX || r.c != XEN_CPUID_SIGNATURE_ECX ||
		    r.d != XEN_CPUID_SIGNATURE_EDX)
			continue;
		xen_base = base;
		wrmsr(cpuid(base + 2, 0).b, HC_PTR(hypercall_page));
		hypercall_method = HC_PTR(stub_page);
		return true;
	}
	return false;
}

ulong_t hypercall_vendor_stub(void)
{
	uint32_t b = cpuid(0, 0).b;

	/* "AuthenticAMD", "HygonGenuine" */
	return b == 0x68747541 || b == 0x6f677948 ? HC_PTR(stub_vmmcall) : HC_PTR(stub_vmcall);
}

long set_timer_op(uint64_t when)
{
	if (sizeof(ulong_t) == 8)
		return hypercall(__HYPERVISOR_set_timer_op, (ulong_t)when, 0, 0, 0, 0);
	return hypercall(__HYPERVISOR_set_timer_op, (ulong_t)when, (ulong_t)(when >> 32), 0, 0, 0);
}

long hvm_param_set(unsigned index, uint64_t value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index, .value = value };

	return hvm_op(HVMOP_set_param, &p);
}

long hvm_param_get(unsigned index, uint64_t *value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };
	long ret = hvm_op(HVMOP_get_param, &p);

	*value = p.value;
	return ret;
}
