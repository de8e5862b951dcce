/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercall itself: ways in, numbers, privilege, pointers. */
#include "guest.h"

static const ulong_t versions = 4 << 16 | 17;

static long version_by(ulong_t stub)
{
	return hypercall_via(stub, __HYPERVISOR_xen_version, XENVER_version, 0, 0, 0, 0);
}

static void by_page(void)
{
	CHECK_EQ(version_by(HC_PTR(stub_page)), versions);
}

static void by_vendor_instruction(void)
{
	CHECK_EQ(version_by(hypercall_vendor_stub()), versions);
}

/* VMCALL on AMD and VMMCALL on Intel raise #UD, which the hypervisor serves. */
static void by_other_vendor(void)
{
	CHECK_EQ(version_by(HC_PTR(stub_vmcall)), versions);
	CHECK_EQ(version_by(HC_PTR(stub_vmmcall)), versions);
}

static void registers_survive(void)
{
	struct xen_feature_info f = { 0 };
	ulong_t flags;

	__asm__ volatile("stc");
	flags = flags_read();
	CHECK_EQ(version_op(XENVER_get_features, &f), 0);
	CHECK_EQ(flags_read() & (FLAG_IF | FLAG_TF | 1u << 10),
	         flags & (FLAG_IF | FLAG_TF | 1u << 10));
}

static void unknown_numbers(void)
{
	/* Never given out, or for paravirtualised guests only. */
	static const unsigned numbers[] = { 0,  1,  2,  3,  4,  5,  8,  9,  10, 11, 14, 22, 23 + 20,
		                            25, 28, 30, 31, 43, 44, 45, 46, 47, 50, 55, 56, 63 };

	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++) {
		long ret = hypercall_via(hypercall_vendor_stub(), numbers[i], 0, 0, 0, 0, 0);

		if (ret != -ENOSYS)
			test_fail("hypercall %u gave %ld", numbers[i], ret);
	}
}

static void absurd_numbers(void)
{
	static const ulong_t numbers[] = { 64,    127,        128,        255,        256,
		                           65535, 0x7fffffff, 0x80000000, (ulong_t)-1 };

	for (unsigned i = 0; i < ARRAY_LEN(numbers); i++)
		CHECK_EQ(hypercall_via(hypercall_vendor_stub(), numbers[i], 1, 2, 3, 4, 5),
		         -ENOSYS);
}

/* A slot is 32 bytes, loads its own number and returns; the one of iret raises #UD. */
static void page_slots(void)
{
	static const struct {
		unsigned slot;
		long want;
	} slots[] = { { 17, 4 << 16 | 17 }, { 2, -ENOSYS }, { 63, -ENOSYS } };

	for (unsigned i = 0; i < ARRAY_LEN(slots); i++) {
		ulong_t slot = HC_PTR(hypercall_page) + slots[i].slot * 32;

		CHECK_EQ(hypercall_via(slot, 0x1234, 0, 0, 0, 0, 0), slots[i].want);
	}
}

static void call_iret_slot(void *arg)
{
	hypercall_via(HC_PTR(hypercall_page) + __HYPERVISOR_iret * 32, 0, 0, 0, 0, 0, 0);
}

static void page_slot_iret(void)
{
	CHECK_TRAP(call_iret_slot, NULL, VEC_UD);
}

static uint8_t second_page[4096] __attribute__((aligned(4096)));

static void write_page_msr(void *arg)
{
	wrmsr(cpuid(xen_base + 2, 0).b, *(uint64_t *)arg);
}

static void page_msr(void)
{
	uint64_t good = HC_PTR(second_page), index = HC_PTR(second_page) | 1,
		 hole = (uint64_t)frame_unused(3) << 12;

	CHECK_NO_TRAP(write_page_msr, &good);
	CHECK(!memcmp(second_page, hypercall_page, 4096));
	CHECK_TRAP(write_page_msr, &index, VEC_GP);
	CHECK_TRAP(write_page_msr, &hole, VEC_GP);
}

static void user_call(void *arg)
{
	*(long *)arg =
		hypercall_via(hypercall_vendor_stub(), __HYPERVISOR_xen_version, 0, 0, 0, 0, 0);
}

static void user_mode_refused(void)
{
	long ret = 1;

	CHECK_EQ(exception_of_user(user_call, &ret).vector, NO_EXCEPTION);
	CHECK_EQ(ret, -EPERM);
}

static void unmapped_pointers(void)
{
	struct evtchn_status s = { .dom = DOMID_SELF, .port = 1u << 20 };

	CHECK_EQ(version_op(XENVER_capabilities, bad_pointer()), -EFAULT);
	CHECK_EQ(evtchn_op(EVTCHNOP_status, bad_pointer()), -EFAULT);
	CHECK_EQ(hvm_op(HVMOP_get_param, bad_pointer()), -EFAULT);
	CHECK_EQ(memory_op(XENMEM_add_to_physmap, bad_pointer()), -EFAULT);
	CHECK_EQ(sched_op(SCHEDOP_poll, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, bad_pointer()), -EFAULT);
	CHECK_EQ(grant_op(GNTTABOP_query_size, bad_pointer(), 1), -EFAULT);
	CHECK_EQ(evtchn_op(EVTCHNOP_status, &s), -EINVAL);
}

/* The highest addresses: the structure would wrap around. */
static void pointers_at_the_top(void)
{
	CHECK_EQ(evtchn_op(EVTCHNOP_status, (void *)(ulong_t)-4), -EFAULT);
	CHECK_EQ(version_op(XENVER_capabilities, (void *)(ulong_t)-8), -EFAULT);
}

static void non_canonical_pointer(void)
{
	if (sizeof(ulong_t) == 8)
		CHECK_EQ(version_op(XENVER_capabilities, (void *)(ulong_t)0x8000000000000000ull),
		         -EFAULT);
}

static void read_only_pointer(void)
{
	static uint8_t page[4096] __attribute__((aligned(4096)));
	struct xen_feature_info *f = window_address(0);

	if (!env_paging)
		return;
	window_map(0, HC_PTR(page), PTE_P);
	CHECK_EQ(version_op(XENVER_get_features, f), -EFAULT);
	CHECK_EQ(version_op(XENVER_extraversion, f), -EFAULT);
	window_clear(0);
}

/* Two pages, not next to each other in physical memory, read and written across the boundary. */
static void straddling_pointer(void)
{
	uint8_t *pages = page_alloc_many(3, 1);
	struct evtchn_status *s;
	struct xen_hvm_param *p;
	long port = event_alloc_unbound(DOMID_SELF);

	if (env_paging) {
		window_map(0, HC_PTR(pages), PTE_P | PTE_W);
		window_map(1, HC_PTR(pages) + 8192, PTE_P | PTE_W);
		pages = window_address(0);
	}
	for (unsigned back = 1; back < sizeof(*s); back += 3) {
		s = (struct evtchn_status *)(pages + 4096 - back);
		memset(s, 0, sizeof(*s));
		s->dom = DOMID_SELF;
		s->port = (evtchn_port_t)port;
		CHECK_EQ(evtchn_op(EVTCHNOP_status, s), 0);
		CHECK_EQ(s->status, EVTCHNSTAT_unbound);
	}
	p = (struct xen_hvm_param *)(pages + 4096 - 9);
	*p = (struct xen_hvm_param){ .domid = DOMID_SELF, .index = HVM_PARAM_CALLBACK_IRQ };
	p->value = 0x7e7e7e7e7e7eull;
	CHECK_EQ(hvm_op(HVMOP_get_param, p), 0);
	CHECK(p->value != 0x7e7e7e7e7e7eull);
	event_close((evtchn_port_t)port);
}

/* The second half is not mapped: nothing may be done. */
static void half_mapped_pointer(void)
{
	struct evtchn_alloc_unbound *a;
	uint8_t *page = page_alloc();

	if (!env_paging)
		return;
	window_map(0, HC_PTR(page), PTE_P | PTE_W);
	window_clear(1);
	a = (struct evtchn_alloc_unbound *)((uint8_t *)window_address(1) - 4);
	memset(a, 0, 4);
	CHECK_EQ(evtchn_op(EVTCHNOP_alloc_unbound, a), -EFAULT);
	window_clear(0);
}

/* Refused from outside the control interfaces' versions, and harmless. */
static void control_interfaces(void)
{
	static uint64_t zeroes[32];

	CHECK(hypercall(__HYPERVISOR_sysctl, HC_PTR(zeroes), 0, 0, 0, 0) < 0);
	CHECK(hypercall(__HYPERVISOR_domctl, HC_PTR(zeroes), 0, 0, 0, 0) < 0);
	CHECK(hypercall(__HYPERVISOR_platform_op, HC_PTR(zeroes), 0, 0, 0, 0) < 0);
	CHECK(hypercall(__HYPERVISOR_dm_op, DOMID_SELF, 0, 0, 0, 0) < 0);
}

GUEST_TESTS(TEST(by_page), TEST(by_vendor_instruction), TEST(by_other_vendor),
            TEST(registers_survive), TEST(unknown_numbers), TEST(absurd_numbers), TEST(page_slots),
            TEST(page_slot_iret), TEST(page_msr), TEST(user_mode_refused), TEST(unmapped_pointers),
            TEST(pointers_at_the_top), TEST(non_canonical_pointer), TEST(read_only_pointer),
            TEST(straddling_pointer), TEST(half_mapped_pointer), TEST(control_interfaces));
