/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIFO events against a model of a guest that takes them off its queues, honest and hostile. */
#include <string.h>

#include "errno.h"
#include "event_ops.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"

#define PENDING   (1u << EVTCHN_FIFO_PENDING)
#define MASKED    (1u << EVTCHN_FIFO_MASKED)
#define LINKED    (1u << EVTCHN_FIFO_LINKED)
#define BUSY      (1u << EVTCHN_FIFO_BUSY)
#define LINK_MASK 0x1ffffu

enum { CONTROL_GFN = GUEST_FREE_GFN, WORDS_GFN = GUEST_FREE_GFN + 4 };

static struct domain *d;
static uint32_t head[2][16]; /* the guest's own idea of where its queues begin */

static long op(struct vcpu *v, uint32_t cmd, void *arg, size_t size)
{
	return guest_call(v, event_channel_op, cmd, arg, size, 0);
}
#define OP(v, name, arg) op(v, EVTCHNOP_##name, arg, sizeof(*(arg)))

static uint32_t *word(uint32_t port)
{
	return (uint32_t *)fake_guest_page(d, WORDS_GFN + port / 1024) + port % 1024;
}
static struct evtchn_fifo_control_block *control(unsigned vcpu)
{
	return fake_guest_page(d, CONTROL_GFN + vcpu);
}
static long init_control(uint64_t gfn, uint32_t offset, uint32_t vcpu)
{
	struct evtchn_init_control c = { .control_gfn = gfn, .offset = offset, .vcpu = vcpu };
	long r = OP(d->vcpus[0], init_control, &c);

	if (!r)
		CHECK_EQ(c.link_bits, 17);
	return r;
}
static long expand(uint64_t gfn)
{
	struct evtchn_expand_array e = { .array_gfn = gfn };

	return OP(d->vcpus[0], expand_array, &e);
}
static long ipi(uint32_t vcpu)
{
	struct evtchn_bind_ipi b = { .vcpu = vcpu };
	long r = OP(d->vcpus[0], bind_ipi, &b);

	return r ? r : (long)b.port;
}
static long priority(uint32_t port, uint32_t p)
{
	struct evtchn_set_priority s = { .port = port, .priority = p };

	return OP(d->vcpus[0], set_priority, &s);
}
static long send_to(uint32_t port)
{
	struct evtchn_send s = { .port = port };

	return OP(d->vcpus[0], send, &s);
}
static long close_port(uint32_t port)
{
	struct evtchn_close c = { .port = port };

	return OP(d->vcpus[0], close, &c);
}

static void start(void)
{
	fake_core_init(0, 1);
	memset(head, 0, sizeof(head));
	d = guest_create(1, 2, 32, false);
}
static void start_fifo(void)
{
	start();
	CHECK_EQ(init_control(CONTROL_GFN, 0, 0), 0);
	CHECK_EQ(init_control(CONTROL_GFN + 1, 0, 1), 0);
	CHECK_EQ(expand(WORDS_GFN), 0);
}

/* The next event as an honest guest takes it: highest priority first. 0: none. */
static uint32_t take(unsigned vcpu)
{
	struct evtchn_fifo_control_block *c = control(vcpu);

	while (c->ready) {
		unsigned q = (unsigned)__builtin_ctz(c->ready);
		uint32_t port = head[vcpu][q], w;

		if (!port)
			port = c->head[q];
		w = *word(port);
		*word(port) = w & ~(LINKED | LINK_MASK);
		head[vcpu][q] = w & LINK_MASK;
		if (!(w & LINK_MASK))
			c->ready &= ~(1u << q);
		if ((w & (PENDING | MASKED)) == PENDING) {
			*word(port) &= ~PENDING;
			return port;
		}
	}
	d->vcpus[vcpu]->info[0] = 0;
	return 0;
}

static void setup_errors(void)
{
	start();
	CHECK_EQ(expand(WORDS_GFN), -EOPNOTSUPP);
	CHECK_EQ(init_control(CONTROL_GFN, 0, 2), -ENOENT);
	CHECK_EQ(init_control(CONTROL_GFN, 4, 0), -EINVAL);
	CHECK_EQ(init_control(CONTROL_GFN, 4096 - 64, 0), -EINVAL);
	CHECK_EQ(init_control(CONTROL_GFN, 0xfffffff8, 0), -EINVAL);
	CHECK_EQ(init_control(10000, 0, 0), -EINVAL);
	CHECK(!d->events.fifo && !d->vcpus[0]->fifo);
	CHECK_EQ(priority(1, 0), -ENOSYS);
	CHECK_EQ(init_control(CONTROL_GFN, 4096 - 72, 0), 0);
	CHECK_EQ(init_control(CONTROL_GFN, 0, 0), -EINVAL);
	CHECK_EQ(expand(10000), -EINVAL);
	CHECK_EQ(ipi(0), 1);
	CHECK_EQ(priority(1, 16), -EINVAL);
	CHECK_EQ(priority(2, 1), -EACCES);
	CHECK_EQ(priority(100000, 1), -EINVAL);
	CHECK_EQ(priority(1, 15), 0);
	for (int i = 0; i < 128; i++)
		CHECK_EQ(expand(WORDS_GFN), 0);
	CHECK_EQ(expand(WORDS_GFN), -ENOSPC);
	guest_destroy(d);
}

static void in_order_and_by_priority(void)
{
	start_fifo();
	for (uint32_t p = 1; p <= 6; p++)
		CHECK_EQ(ipi(0), p);
	CHECK_EQ(priority(5, 0), 0);
	CHECK_EQ(priority(6, 15), 0);
	for (uint32_t p = 6; p >= 1; p--)
		CHECK_EQ(send_to(p), 0);
	CHECK_EQ(d->vcpus[0]->info[0], 1);
	CHECK_EQ(control(0)->ready, 1u << 0 | 1u << 7 | 1u << 15);
	CHECK_EQ(take(0), 5);
	CHECK_EQ(take(0), 4);
	CHECK_EQ(take(0), 3);
	/* What comes in between goes behind the last. */
	CHECK_EQ(send_to(4), 0);
	CHECK_EQ(take(0), 2);
	CHECK_EQ(take(0), 1);
	CHECK_EQ(take(0), 4);
	CHECK_EQ(take(0), 6);
	CHECK_EQ(take(0), 0);
	/* The last one again: its queue is empty, so it becomes the head. */
	CHECK_EQ(send_to(6), 0);
	CHECK_EQ(d->vcpus[0]->info[0], 1);
	CHECK_EQ(take(0), 6);
	CHECK_EQ(take(0), 0);
}

static void moves_between_queues(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = DOMID_SELF };
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_bind_vcpu to = { .vcpu = 1 };

	start_fifo();
	CHECK_EQ(OP(d->vcpus[0], alloc_unbound, &a), 0);
	b.remote_port = a.port;
	CHECK_EQ(OP(d->vcpus[0], bind_interdomain, &b), 0);
	CHECK_EQ(take(0), b.local_port);
	CHECK_EQ(send_to(b.local_port), 0);
	/* Pending on vcpu 0; from now on it belongs to vcpu 1, once it has been taken. */
	to.port = a.port;
	CHECK_EQ(OP(d->vcpus[0], bind_vcpu, &to), 0);
	CHECK_EQ(take(0), a.port);
	CHECK_EQ(send_to(b.local_port), 0);
	CHECK_EQ(take(0), 0);
	CHECK_EQ(take(1), a.port);
	/* vcpu 0's queue does not still hang on it. */
	CHECK_EQ(send_to(b.local_port), 0);
	CHECK_EQ(send_to(a.port), 0);
	CHECK_EQ(take(0), b.local_port);
	CHECK_EQ(take(1), a.port);
	CHECK_EQ(priority(a.port, 2), 0);
	CHECK_EQ(send_to(b.local_port), 0);
	CHECK_EQ(control(1)->ready, 1u << 2);
	CHECK_EQ(take(1), a.port);
}

static void masked(void)
{
	struct evtchn_unmask u = { .port = 1 };

	start_fifo();
	CHECK_EQ(ipi(0), 1);
	*word(1) = MASKED;
	CHECK_EQ(send_to(1), 0);
	CHECK_EQ(*word(1), MASKED | PENDING);
	CHECK_EQ(d->vcpus[0]->info[0], 0);
	CHECK_EQ(event_channel_is_pending(d, 1), 1);
	CHECK_EQ(OP(d->vcpus[0], unmask, &u), 0);
	CHECK_EQ(d->vcpus[0]->info[0], 1);
	CHECK_EQ(take(0), 1);
	CHECK_EQ(OP(d->vcpus[0], unmask, &u), 0);
	CHECK_EQ(take(0), 0);
}

/* Pending in 2-level, and in words that do not exist yet: nothing is lost. */
static void pending_carries_over(void)
{
	uint32_t port = 0;

	start();
	for (int i = 0; i < 1100; i++)
		port = ipi(0);
	CHECK_EQ(send_to(3), 0);
	CHECK_EQ(send_to(port), 0);
	CHECK_EQ(init_control(CONTROL_GFN, 0, 0), 0);
	CHECK_EQ(event_channel_is_pending(d, 3), 1);
	CHECK_EQ(send_to(9), 0);
	CHECK_EQ(expand(WORDS_GFN), 0);
	CHECK_EQ(take(0), 3);
	CHECK_EQ(take(0), 9);
	CHECK_EQ(take(0), 0);
	CHECK_EQ(expand(WORDS_GFN + 1), 0);
	CHECK_EQ(take(0), port);
	/* vcpu 1 has no control block: its event waits in the word. */
	CHECK_EQ(ipi(1), port + 1);
	CHECK_EQ(send_to(port + 1), 0);
	CHECK_EQ(*word(port + 1), PENDING);
}

static void busy_port_is_not_reused(void)
{
	start_fifo();
	CHECK_EQ(ipi(0), 1);
	CHECK_EQ(ipi(0), 2);
	CHECK_EQ(send_to(1), 0);
	CHECK_EQ(close_port(1), 0);
	CHECK_EQ(*word(1), LINKED);
	CHECK_EQ(ipi(0), 3);
	CHECK_EQ(take(0), 0);
	CHECK_EQ(ipi(0), 1);
}

static void reset_goes_back(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };

	start_fifo();
	CHECK_EQ(ipi(0), 1);
	CHECK_EQ(send_to(1), 0);
	CHECK_EQ(OP(d->vcpus[0], reset, &r), 0);
	CHECK(d->events.ops == &event_ops_2l && !d->events.fifo && !d->vcpus[1]->fifo_control);
	CHECK_EQ(ipi(0), 1);
	CHECK_EQ(send_to(1), 0);
	CHECK_EQ(((uint8_t *)d->shared_info)[0x800], 2);
	CHECK_EQ(init_control(CONTROL_GFN, 0, 0), 0);
}

/* Words, heads and ready bits are rubbish all the time: we come to an end, write nowhere else, and an honest guest after a reset sees its events. */
static void hostile_words(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	uint64_t seed = 99, before = 0;

	fake_core_init(0, 1);
	for (unsigned round = 0; round < 6; round++) {
		memset(head, 0, sizeof(head));
		d = guest_create(1, 2, 32, false);
		CHECK_EQ(init_control(CONTROL_GFN, 0, 0), 0);
		CHECK_EQ(init_control(CONTROL_GFN + 1, 8, 1), 0);
		CHECK_EQ(expand(WORDS_GFN), 0);
		for (unsigned i = 1; i <= 40; i++)
			CHECK_EQ(ipi(i % 2), i);
		for (unsigned i = 0; i < 5000; i++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			*word(seed >> 20 & 63) = (uint32_t)(seed >> 32);
			control(0)->head[seed >> 8 & 15] = (uint32_t)(seed >> 16);
			control(0)->ready = (uint32_t)(seed >> 40);
			(void)priority(1 + (seed >> 26) % 40, seed >> 12 & 15);
			CHECK_EQ(send_to(1 + (seed >> 44) % 40), 0);
		}
		CHECK_EQ(OP(d->vcpus[0], reset, &r), 0);
		memset(fake_guest_page(d, WORDS_GFN), 0, 4096);
		memset(control(0), 0, 4096);
		CHECK_EQ(init_control(CONTROL_GFN, 0, 0), 0);
		CHECK_EQ(expand(WORDS_GFN), 0);
		CHECK_EQ(ipi(0), 1);
		CHECK_EQ(send_to(1), 0);
		CHECK_EQ(take(0), 1);
		guest_destroy(d);
		if (round == 0)
			before = page_nr_free();
		CHECK(page_nr_free() >= before);
	}
}

/* Random sends, takes, masks and priorities of an honest guest: each event that was sent is seen at least once, none without being sent. */
static void model(void)
{
	bool sent[65] = { false };
	uint64_t seed = 7;

	start_fifo();
	for (uint32_t i = 1; i <= 64; i++)
		CHECK_EQ(ipi(i % 2), i);
	for (unsigned i = 0; i < 20000; i++) {
		uint32_t port;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		port = 1 + (seed >> 33) % 64;
		switch (seed >> 60 & 3) {
		case 0: (void)priority(port, seed >> 50 & 15); break;
		case 1:
		case 2:
			CHECK_EQ(send_to(port), 0);
			sent[port] = true;
			break;
		default:
			port = take(seed >> 45 & 1);
			CHECK(!port || sent[port]);
			sent[port] = false;
			break;
		}
	}
	for (unsigned vcpu = 0; vcpu < 2; vcpu++)
		for (uint32_t port = take(vcpu); port; port = take(vcpu)) {
			CHECK(sent[port]);
			sent[port] = false;
		}
	for (uint32_t i = 1; i <= 64; i++)
		CHECK(!sent[i]);
}

UNIT_MAIN(UNIT(setup_errors), UNIT(in_order_and_by_priority), UNIT(moves_between_queues),
          UNIT(masked), UNIT(pending_carries_over), UNIT(busy_port_is_not_reused),
          UNIT(reset_goes_back), UNIT(hostile_words), UNIT(model))
