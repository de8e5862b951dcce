/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/control_op.c: copying, versions, rights and domains of the tools' calls. */
#include <string.h>

#include "control_op.h"
#include "errno.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/domctl.h>

#define ARG     0x3000u
#define VERSION 7u

struct member {
	uint32_t in, out;
	struct xenctl_bitmap map;
};

static struct domain *d, *guest;
static struct vcpu *v;
static struct control_call seen;
static long result;
static unsigned calls;

/* Answers as the test said; what it got, and one more in out. */
enum { PLAIN, OUT, ALWAYS, NO_DOMAIN, NOT_SELF, ANY_CALLER, EMPTY, BITMAP, ZOMBIE, MISSING };

static long row_plain(struct control_call *c, void *member)
{
	struct member *m = member;

	seen = *c;
	calls++;
	if (c->cmd == ZOMBIE)
		return result;
	m->out = m->in + 1;
	if (result == HYPERCALL_RESTART)
		c->copy_back = true;
	c->domid = 0x55;
	return result;
}

static long row_bitmap(struct control_call *c, void *member)
{
	struct member *m = member;
	uint64_t bits[1] = { ~0ull };

	if (m->in)
		return control_bitmap_put(c, &m->map, &(const uint64_t){ 0xa5f }, 12);
	if (control_bitmap_get(c, bits, 12, &m->map))
		return -EFAULT;
	return (long)bits[0];
}

static const struct control_row rows[] = {
	[PLAIN] = { row_plain, "plain", sizeof(struct member), 0 },
	[OUT] = { row_plain, "out", sizeof(struct member), CONTROL_OUT },
	[ALWAYS] = { row_plain, "always", sizeof(struct member), CONTROL_OUT_ALWAYS },
	[NO_DOMAIN] = { row_plain, "no domain", sizeof(struct member), CONTROL_NO_DOMAIN },
	[NOT_SELF] = { row_plain, "not self", sizeof(struct member), CONTROL_NOT_SELF },
	[ANY_CALLER] = { row_plain, "any caller", sizeof(struct member), CONTROL_ANY_CALLER },
	[EMPTY] = { row_plain, "empty", 0, 0 },
	[BITMAP] = { row_bitmap, "bitmap", sizeof(struct member), 0 },
	[ZOMBIE] = { row_plain, "zombie", 0, CONTROL_ZOMBIE },
	[MISSING] = { NULL },
};
static struct control_table table = {
	.name = "test",
	.version = VERSION,
	.head_size = 16,
	.has_domain = true,
	.nr_rows = ARRAY_LEN(rows),
	.rows = rows,
};

struct call {
	uint32_t cmd, version;
	uint16_t domain, pad[3];
	struct member m;
};

static void start(void)
{
	d = fake_domain_machine(1, 1, 16);
	guest = fake_domain_add(1, 8, false);
	v = d->vcpus[0];
	result = 0;
	calls = 0;
}

static long do_call(struct vcpu *caller, struct call *k)
{
	void *page = fake_guest_page(caller->domain, ARG >> PAGE_SHIFT);
	long r;

	k->version = k->version ? k->version : VERSION;
	memcpy(page, k, sizeof(*k));
	fake_make_current(caller);
	r = control_op(&table, caller, ARG);
	memcpy(k, page, sizeof(*k));
	return r;
}

static void copies_back(void)
{
	struct call k = { .cmd = PLAIN, .m = { .in = 4 } };

	start();
	k.domain = guest->id;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(seen.d == guest && seen.caller == v && seen.cmd == PLAIN);
	CHECK_EQ(k.m.out, 0);
	CHECK_EQ(k.domain, guest->id);
	k.cmd = OUT;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK_EQ(k.m.out, 5);
	CHECK_EQ(k.domain, 0x55);
	/* Errors leave it, unless the row says otherwise. */
	k = (struct call){ .cmd = OUT, .domain = guest->id, .m = { .in = 7 } };
	result = -ENOMEM;
	CHECK_EQ(do_call(v, &k), -ENOMEM);
	CHECK_EQ(k.m.out, 0);
	k.cmd = ALWAYS;
	CHECK_EQ(do_call(v, &k), -ENOMEM);
	CHECK_EQ(k.m.out, 8);
	/* Progress of a call that goes on. */
	k = (struct call){ .cmd = PLAIN, .domain = guest->id, .m = { .in = 9 } };
	result = HYPERCALL_RESTART;
	CHECK_EQ(do_call(v, &k), HYPERCALL_RESTART);
	CHECK_EQ(k.m.out, 10);
	CHECK(!spin_is_locked(&table.lock));
	CHECK(!seen.is_resumed);
	/* The second run knows that it is one, and leaves the head as it was. */
	CHECK(k.pad[0]);
	result = 0;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(seen.is_resumed && !k.pad[0] && !k.pad[1] && !k.pad[2]);
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(!seen.is_resumed);
}

/* Its domain went between two runs: only a row that is content with one that is as good as dead hears of it. */
static void vanished(void)
{
	struct call k = { .cmd = ZOMBIE };

	start();
	k.domain = guest->id;
	result = HYPERCALL_RESTART;
	CHECK_EQ(do_call(v, &k), HYPERCALL_RESTART);
	k.domain = 99;
	result = 0;
	k.cmd = PLAIN;
	CHECK_EQ(do_call(v, &k), -ESRCH);
	k.cmd = ZOMBIE;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(!seen.d && seen.is_resumed);
	k.domain = 99;
	CHECK_EQ(do_call(v, &k), -ESRCH);
}

static void refuses(void)
{
	struct call k = { .cmd = PLAIN, .version = VERSION + 1 };

	start();
	k.domain = guest->id;
	CHECK_EQ(do_call(v, &k), -EACCES);
	k.version = VERSION;
	k.domain = 99;
	CHECK_EQ(do_call(v, &k), -ESRCH);
	k.cmd = MISSING;
	CHECK_EQ(do_call(v, &k), -ESRCH);
	k.domain = guest->id;
	CHECK_EQ(do_call(v, &k), -ENOSYS);
	k.cmd = 1000;
	CHECK_EQ(do_call(v, &k), -ENOSYS);
	k.cmd = NOT_SELF;
	k.domain = d->id;
	CHECK_EQ(do_call(v, &k), -EINVAL);
	CHECK_EQ(calls, 0);
	k.cmd = NO_DOMAIN;
	k.domain = 99;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(!seen.d && seen.domid == 99);
	CHECK_EQ(calls, 1);
}

static void rights(void)
{
	struct call k = { .cmd = PLAIN };

	start();
	k.domain = guest->id;
	CHECK_EQ(do_call(guest->vcpus[0], &k), -EPERM);
	k.cmd = MISSING;
	CHECK_EQ(do_call(guest->vcpus[0], &k), -EPERM);
	CHECK_EQ(calls, 0);
	k.cmd = ANY_CALLER;
	CHECK_EQ(do_call(guest->vcpus[0], &k), 0);
	CHECK_EQ(calls, 1);
}

static void addresses(void)
{
	struct call k = { .cmd = OUT, .version = VERSION };
	uint64_t end = 16 * PAGE_SIZE;
	uint8_t *last;

	start();
	k.domain = guest->id;
	last = fake_guest_page(d, 15);
	fake_make_current(v);
	CHECK_EQ(control_op(&table, v, end), -EFAULT);
	/* The head is there, the member is not; one without a member is whole. */
	memcpy(last + PAGE_SIZE - 16, &k, 16);
	CHECK_EQ(control_op(&table, v, end - 16), -EFAULT);
	((struct call *)(void *)(last + PAGE_SIZE - 16))->cmd = EMPTY;
	CHECK_EQ(control_op(&table, v, end - 16), 0);
	CHECK_EQ(control_op(&table, v, ~0ull - 15), -EFAULT);
	CHECK_EQ(calls, 1);
	/* No reference is left. */
	CHECK_EQ(guest->refs, fake_domain_add(1, 8, false)->refs);
}

static void one_at_a_time(void)
{
	struct call k = { .cmd = PLAIN };

	start();
	k.domain = guest->id;
	spin_lock(&table.lock);
	CHECK_EQ(do_call(v, &k), HYPERCALL_RESTART);
	CHECK_EQ(calls, 0);
	spin_unlock(&table.lock);
	CHECK_EQ(do_call(v, &k), 0);
}

static void native_only(void)
{
	struct call k = { .cmd = PLAIN };

	start();
	k.domain = guest->id;
	table.is_native_only = true;
	CHECK_EQ(do_call(v, &k), -ENOSYS);
	table.is_native_only = false;
	CHECK_EQ(do_call(v, &k), 0);
}

static void bitmaps(void)
{
	struct call k = { .cmd = BITMAP };
	uint8_t *bytes;

	start();
	k.domain = guest->id;
	bytes = fake_guest_page(d, 5);
	memset(bytes, 0xff, 8);
	k.m.map.bitmap.p = (void *)0x5000;
	k.m.map.nr_bits = 0;
	CHECK_EQ(do_call(v, &k), 0);
	k.m.map.nr_bits = 5;
	CHECK_EQ(do_call(v, &k), 0x1f);
	k.m.map.nr_bits = 64;
	CHECK_EQ(do_call(v, &k), 0xfff);
	/* Out: only whole bytes that both have, zeroes behind. */
	k.m.in = 1;
	k.m.map.nr_bits = 8;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(bytes[0] == 0x5f && bytes[1] == 0xff);
	k.m.map.nr_bits = 40;
	CHECK_EQ(do_call(v, &k), 0);
	CHECK(bytes[0] == 0x5f && bytes[1] == 0x0a && !bytes[2] && !bytes[4] && bytes[5] == 0xff);
	k.m.map.bitmap.p = (void *)0xffff0000;
	CHECK_EQ(do_call(v, &k), -EFAULT);
	k.m.in = 0;
	CHECK_EQ(do_call(v, &k), -EFAULT);
}

UNIT_MAIN(UNIT(copies_back), UNIT(vanished), UNIT(refuses), UNIT(rights), UNIT(addresses),
          UNIT(one_at_a_time), UNIT(native_only), UNIT(bitmaps))
