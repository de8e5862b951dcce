/* SPDX-License-Identifier: GPL-2.0-or-later */
/* multicall: results, errors in entries, bad arrays. */
#include "guest.h"

static multicall_entry_t calls[256];

static void fill(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		calls[i] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version,
			                        .args = { XENVER_version },
			                        .result = (xen_ulong_t)-1 };
}

static void none(void)
{
	CHECK_EQ(multicall(calls, 0), 0);
}

static void many(void)
{
	fill(256);
	CHECK_EQ(multicall(calls, 256), 0);
	for (unsigned i = 0; i < 256; i++)
		if ((long)calls[i].result != (4 << 16 | 17))
			test_fail("entry %u: %ld", i, (long)calls[i].result);
}

static void with_structures(void)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF,
		                   .index = HVM_PARAM_CALLBACK_IRQ,
		                   .value = 0x7e };
	struct xen_feature_info f = { 0 };

	calls[0] = (multicall_entry_t){ .op = __HYPERVISOR_hvm_op,
		                        .args = { HVMOP_get_param, HC_PTR(&p) } };
	calls[1] = (multicall_entry_t){ .op = __HYPERVISOR_xen_version,
		                        .args = { XENVER_get_features, HC_PTR(&f) } };
	CHECK_EQ(multicall(calls, 2), 0);
	CHECK_EQ(calls[0].result, 0);
	CHECK_EQ(calls[1].result, 0);
	CHECK(p.value != 0x7e);
	CHECK(f.submap != 0);
}

/* An entry's error is that entry's: the others run, the call succeeds. */
static void errors_in_entries(void)
{
	fill(5);
	calls[1].op = 63;
	calls[2].args[1] = HC_PTR(bad_pointer());
	calls[2].args[0] = XENVER_extraversion;
	calls[3].op = (xen_ulong_t)-1;
	CHECK_EQ(multicall(calls, 5), 0);
	CHECK_EQ((long)calls[0].result, 4 << 16 | 17);
	CHECK_EQ((long)calls[1].result, -ENOSYS);
	CHECK_EQ((long)calls[2].result, -EFAULT);
	CHECK_EQ((long)calls[3].result, -ENOSYS);
	CHECK_EQ((long)calls[4].result, 4 << 16 | 17);
}

static void arguments_stay(void)
{
	fill(1);
	calls[0].args[1] = 0x1234;
	CHECK_EQ(multicall(calls, 1), 0);
	CHECK_EQ(calls[0].op, __HYPERVISOR_xen_version);
	CHECK_EQ(calls[0].args[1], 0x1234);
}

static void bad_array(void)
{
	CHECK_EQ(multicall(bad_pointer(), 1), -EFAULT);
	CHECK(multicall((void *)(ulong_t)-16, 2) == -EFAULT);
}

/* The array ends in an unmapped page: what came before has been done. */
static void array_into_a_hole(void)
{
	multicall_entry_t *c;
	uint8_t *page = page_alloc();

	if (!env_paging)
		return;
	window_map(0, HC_PTR(page), PTE_P | PTE_W);
	window_clear(1);
	c = (multicall_entry_t *)window_address(1) - 1;
	*c = (multicall_entry_t){ .op = __HYPERVISOR_xen_version };
	CHECK_EQ(multicall(c, 2), -EFAULT);
	CHECK_EQ((long)c->result, 4 << 16 | 17);
	window_clear(0);
}

static void nested(void)
{
	static multicall_entry_t inner = { .op = __HYPERVISOR_xen_version };

	calls[0] =
		(multicall_entry_t){ .op = __HYPERVISOR_multicall, .args = { HC_PTR(&inner), 1 } };
	CHECK_EQ(multicall(calls, 1), 0);
	CHECK((long)calls[0].result == -EINVAL || (long)calls[0].result == 0 ||
	      (long)calls[0].result == -ENOSYS);
}

static void yields_and_blocks_inside(void)
{
	fill(3);
	calls[1] = (multicall_entry_t){ .op = __HYPERVISOR_sched_op, .args = { SCHEDOP_yield } };
	CHECK_EQ(multicall(calls, 3), 0);
	CHECK_EQ((long)calls[1].result, 0);
	CHECK_EQ((long)calls[2].result, 4 << 16 | 17);
}

GUEST_TESTS(TEST(none), TEST(many), TEST(with_structures), TEST(errors_in_entries),
            TEST(arguments_stay), TEST(bad_array), TEST(array_into_a_hole), TEST(nested),
            TEST(yields_and_blocks_inside));
