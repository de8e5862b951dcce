/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hvm_op: parameters, upcall vector, memory type, and the rest. */
#include "guest.h"

static void callback_param(void)
{
	uint64_t v = 0;

	CHECK_EQ(hvm_param_set(HVM_PARAM_CALLBACK_IRQ, 2ull << 56 | VECTOR_CALLBACK), 0);
	CHECK_EQ(hvm_param_get(HVM_PARAM_CALLBACK_IRQ, &v), 0);
	CHECK_EQ(v, 2ull << 56 | VECTOR_CALLBACK);
}

/* A guest may read these, and there is none of it for the first domain. */
static void store_and_console(void)
{
	uint64_t v = 7;

	CHECK_EQ(hvm_param_get(HVM_PARAM_STORE_PFN, &v), 0);
	CHECK_EQ(v, 0);
	CHECK_EQ(hvm_param_get(HVM_PARAM_STORE_EVTCHN, &v), 0);
	CHECK_EQ(v, 0);
	CHECK_EQ(hvm_param_get(HVM_PARAM_CONSOLE_PFN, &v), 0);
	CHECK_EQ(v, 0);
	CHECK_EQ(hvm_param_get(HVM_PARAM_CONSOLE_EVTCHN, &v), 0);
	CHECK_EQ(v, 0);
}

/* Set by the tools only. */
static void params_of_the_tools(void)
{
	static const unsigned set[] = { HVM_PARAM_STORE_PFN,           HVM_PARAM_CONSOLE_PFN,
		                        HVM_PARAM_IOREQ_PFN,           HVM_PARAM_TIMER_MODE,
		                        HVM_PARAM_TRIPLE_FAULT_REASON, HVM_PARAM_ALTP2M };

	for (unsigned i = 0; i < ARRAY_LEN(set); i++) {
		long ret = hvm_param_set(set[i], 1);

		if (ret != -EPERM && ret != -EINVAL)
			test_fail("parameter %u: %ld", set[i], ret);
	}
}

static void params_bad(void)
{
	struct xen_hvm_param p = { .domid = 0x123, .index = 0 };
	uint64_t v;

	CHECK_EQ(hvm_param_get(HVM_NR_PARAMS, &v), -EINVAL);
	CHECK_EQ(hvm_param_get(~0u, &v), -EINVAL);
	CHECK_EQ(hvm_param_set(HVM_NR_PARAMS, 1), -EINVAL);
	CHECK_EQ(hvm_op(HVMOP_get_param, &p), -ESRCH);
	CHECK_EQ(hvm_op(HVMOP_set_param, &p), -ESRCH);
	CHECK_EQ(hvm_op(HVMOP_get_param, bad_pointer()), -EFAULT);
	CHECK_EQ(hvm_op(HVMOP_set_param, bad_pointer()), -EFAULT);
}

static void upcall_vector(void)
{
	struct xen_hvm_evtchn_upcall_vector v = { .vcpu = 0, .vector = 0x0f };

	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), -EINVAL);
	v.vector = 0x80;
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), 0);
	v.vcpu = 3;
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), 0);
	v.vcpu = 4;
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, &v), -ENOENT);
	CHECK_EQ(hvm_op(HVMOP_set_evtchn_upcall_vector, bad_pointer()), -EFAULT);
}

static void flush_tlbs(void)
{
	static uint8_t zero;

	CHECK_EQ(hvm_op(HVMOP_flush_tlbs, NULL), 0);
	CHECK_EQ(hvm_op(HVMOP_flush_tlbs, &zero), -EINVAL);
}

static void memory_type(void)
{
	struct xen_hvm_get_mem_type m = { .domid = DOMID_SELF, .pfn = page_frame(page_alloc()) };

	CHECK_EQ(hvm_op(HVMOP_get_mem_type, &m), 0);
	CHECK_EQ(m.mem_type, HVMMEM_ram_rw);
	m.pfn = frame_unused(77);
	CHECK_EQ(hvm_op(HVMOP_get_mem_type, &m), 0);
	CHECK_EQ(m.mem_type, HVMMEM_mmio_dm);
	m.domid = 0x123;
	CHECK_EQ(hvm_op(HVMOP_get_mem_type, &m), -ESRCH);
	CHECK_EQ(hvm_op(HVMOP_get_mem_type, bad_pointer()), -EFAULT);
}

static void time(void)
{
	struct xen_hvm_get_time t = { 0 };
	uint64_t before = clock_ns();

	CHECK_EQ(hvm_op(HVMOP_get_time, &t), 0);
	CHECK(t.now >= before - 1000000 && t.now <= clock_ns() + 1000000);
	CHECK_EQ(hvm_op(HVMOP_get_time, bad_pointer()), -EFAULT);
}

/* Without shadow page tables there is nothing to do: Linux turns the hint off when it is refused. */
static void pagetable_dying(void)
{
	struct xen_hvm_pagetable_dying p = { .domid = DOMID_SELF };
	long ret = hvm_op(HVMOP_pagetable_dying, &p);

	CHECK(ret == 0 || ret == -EINVAL || ret == -EOPNOTSUPP || ret == -ENOSYS);
}

static void unknown(void)
{
	static uint64_t zeroes[32];

	CHECK_EQ(hvm_op(26, zeroes), -ENOSYS);
	CHECK_EQ(hvm_op(99, zeroes), -ENOSYS);
	CHECK_EQ(hvm_op(~0u, zeroes), -ENOSYS);
}

GUEST_TESTS(TEST(callback_param), TEST(store_and_console), TEST(params_of_the_tools),
            TEST(params_bad), TEST(upcall_vector), TEST(flush_tlbs), TEST(memory_type), TEST(time),
            TEST(pagetable_dying), TEST(unknown));
