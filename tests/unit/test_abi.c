/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The public ABI's structures in both widths. */
#include <string.h>

#include "abi.h"
#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

struct wide {
	uint16_t id;
	uint64_t handle;
	uint32_t n;
	uint64_t longs;
};
struct narrow {
	uint16_t id;
	uint16_t hole;
	uint32_t handle, n, longs;
};
#define FIELD(f) ABI_FIELD(struct wide, struct narrow, f)
static const struct abi_struct abi = {
	sizeof(struct wide), sizeof(struct narrow),
	(const struct abi_field[]){ FIELD(id), FIELD(handle), FIELD(n), FIELD(longs), ABI_END }
};
static const struct abi_struct same = ABI_SAME(struct narrow);

#define ARRAY 0x20000

static struct domain *d;
static struct vcpu *v;

static void start(bool is_compat)
{
	fake_core_init(0, 1);
	d = guest_create(1, 1, 64, false);
	v = d->vcpus[0];
	if (is_compat)
		guest_set_compat(d);
}

static void test_native(void)
{
	struct wide in = { 1, 0x123456789abc, 7, UINT64_MAX }, out;

	start(false);
	CHECK_EQ(abi_put(v, &abi, &in, ARRAY, 3), 0);
	CHECK(!memcmp((struct wide *)fake_guest_page(d, ARRAY >> 12) + 3, &in, sizeof(in)));
	CHECK_EQ(abi_get(v, &abi, &out, ARRAY, 3), 0);
	CHECK(!memcmp(&in, &out, sizeof(in)));
}

static void test_compat(void)
{
	struct narrow *guest;
	struct wide x;

	start(true);
	guest = (struct narrow *)fake_guest_page(d, ARRAY >> 12) + 2;
	*guest = (struct narrow){ 5, 0xdead, 0xfffff000, 9, 0x80000000 };
	memset(&x, 0xff, sizeof(x));
	CHECK_EQ(abi_get(v, &abi, &x, ARRAY, 2), 0);
	CHECK_EQ(x.id, 5);
	CHECK_EQ(x.handle, 0xfffff000);
	CHECK_EQ(x.n, 9);
	CHECK_EQ(x.longs, 0x80000000);
	x.id = 6;
	x.handle = 0x1122334455667788;
	x.longs = 3;
	CHECK_EQ(abi_put(v, &abi, &x, ARRAY, 2), 0);
	CHECK_EQ(guest->id, 6);
	CHECK_EQ(guest->hole, 0xdead); /* not described, not touched */
	CHECK_EQ(guest->handle, 0x55667788);
	CHECK_EQ(guest->n, 9);
	CHECK_EQ(guest->longs, 3);
}

static void test_same_layout(void)
{
	struct narrow in = { 1, 2, 3, 4, 5 }, out;

	for (int is_compat = 0; is_compat < 2; is_compat++) {
		start(is_compat);
		CHECK_EQ(abi_put(v, &same, &in, ARRAY, 1), 0);
		CHECK_EQ(abi_get(v, &same, &out, ARRAY, 1), 0);
		CHECK(!memcmp(&in, &out, sizeof(in)));
	}
}

static void test_longs(void)
{
	uint64_t x = 0;

	start(false);
	CHECK_EQ(abi_put_long(v, 0x1122334455667788, ARRAY, 5), 0);
	CHECK_EQ(((uint64_t *)fake_guest_page(d, ARRAY >> 12))[5], 0x1122334455667788);
	CHECK_EQ(abi_get_long(v, &x, ARRAY, 5), 0);
	CHECK_EQ(x, 0x1122334455667788);
	start(true);
	((uint64_t *)fake_guest_page(d, ARRAY >> 12))[1] = UINT64_MAX;
	CHECK_EQ(abi_put_long(v, 0x1122334455667788, ARRAY, 2), 0);
	CHECK_EQ(((uint64_t *)fake_guest_page(d, ARRAY >> 12))[1], 0xffffffff55667788);
	CHECK_EQ(abi_get_long(v, &x, ARRAY, 2), 0);
	CHECK_EQ(x, 0x55667788);
}

static void test_wrapping_addresses(void)
{
	struct wide x = { 0 };
	uint64_t l;

	start(false);
	CHECK_EQ(abi_get(v, &abi, &x, ARRAY, UINT64_MAX / 2), -EFAULT);
	CHECK_EQ(abi_get(v, &abi, &x, UINT64_MAX - 8, 0), -EFAULT);
	CHECK_EQ(abi_get_long(v, &l, ARRAY, 1ull << 61), -EFAULT);
	CHECK_EQ(abi_get(v, &abi, &x, 0x800000, 0), -EFAULT);
	CHECK_EQ(abi_put(v, &abi, &x, 0x800000, 0), -EFAULT);
	start(true);
	CHECK_EQ(abi_get(v, &abi, &x, 0xfffffff8, 0), -EFAULT);
	CHECK_EQ(abi_get(v, &abi, &x, ARRAY, 1ull << 30), -EFAULT);
	CHECK_EQ(abi_get(v, &abi, &x, (1ull << 40) + ARRAY, 0), 0); /* handles have 32 bits */
	CHECK_EQ(abi_put(v, &abi, &x, 0x800000, 0), -EFAULT);
}

UNIT_MAIN(UNIT(test_native), UNIT(test_compat), UNIT(test_same_layout), UNIT(test_longs),
          UNIT(test_wrapping_addresses))
