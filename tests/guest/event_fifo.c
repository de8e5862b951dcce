/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FIFO event channels: control block, array, queues, priorities. */
#include "guest.h"

static struct evtchn_fifo_control_block *control;
static volatile event_word_t *words; /* first page of the array */
static volatile unsigned upcalls;

#define WORD_PENDING (1u << EVTCHN_FIFO_PENDING)
#define WORD_MASKED  (1u << EVTCHN_FIFO_MASKED)
#define WORD_LINKED  (1u << EVTCHN_FIFO_LINKED)

static long init_control(unsigned vcpu, ulong_t frame, uint32_t offset, uint8_t *bits)
{
	struct evtchn_init_control c = { .control_gfn = frame, .offset = offset, .vcpu = vcpu };
	long ret = evtchn_op(EVTCHNOP_init_control, &c);

	if (bits)
		*bits = c.link_bits;
	return ret;
}

static long expand(ulong_t frame)
{
	struct evtchn_expand_array e = { .array_gfn = frame };

	return evtchn_op(EVTCHNOP_expand_array, &e);
}

static long priority(evtchn_port_t port, uint32_t level)
{
	struct evtchn_set_priority s = { .port = port, .priority = level };

	return evtchn_op(EVTCHNOP_set_priority, &s);
}

static void count_upcall(struct trap_frame *f)
{
	upcalls++;
	vcpu_infos[0]->evtchn_upcall_pending = 0;
}

static void before_control(void)
{
	long port = event_alloc_unbound(DOMID_SELF);

	CHECK_EQ(expand(page_frame(page_alloc())), -EOPNOTSUPP);
	CHECK_EQ(priority((evtchn_port_t)port, 3), -ENOSYS);
	CHECK_EQ(event_close((evtchn_port_t)port), 0);
}

static void control_bad(void)
{
	ulong_t f = page_frame(page_alloc());

	CHECK_EQ(init_control(77, f, 0, NULL), -ENOENT);
	CHECK_EQ(init_control(0, f, 4, NULL), -EINVAL);
	CHECK_EQ(init_control(0, f, 4096 - 8, NULL), -EINVAL);
	CHECK_EQ(init_control(0, f, 1u << 31, NULL), -EINVAL);
	CHECK(init_control(0, frame_unused(5), 0, NULL) < 0);
	CHECK_EQ(evtchn_op(EVTCHNOP_init_control, bad_pointer()), -EFAULT);
}

static void control_good(void)
{
	uint8_t bits = 0;

	control = page_alloc();
	CHECK_EQ(init_control(0, page_frame(control), 0, &bits), 0);
	CHECK_EQ(bits, EVTCHN_FIFO_LINK_BITS);
	CHECK_EQ(init_control(1, page_frame(page_alloc()), 256, NULL), 0);
	CHECK_EQ(init_control(0, page_frame(control), 0, NULL), -EINVAL); /* once only */
}

static void expand_array(void)
{
	void *page = page_alloc();

	CHECK(expand(frame_unused(5)) < 0);
	CHECK_EQ(evtchn_op(EVTCHNOP_expand_array, bad_pointer()), -EFAULT);
	CHECK_EQ(expand(page_frame(page)), 0);
	words = page;
}

static void priorities(void)
{
	long port = event_alloc_unbound(DOMID_SELF);

	CHECK_EQ(priority((evtchn_port_t)port, 0), 0);
	CHECK_EQ(priority((evtchn_port_t)port, EVTCHN_FIFO_PRIORITY_MIN), 0);
	CHECK_EQ(priority((evtchn_port_t)port, EVTCHN_FIFO_PRIORITY_MIN + 1), -EINVAL);
	CHECK_EQ(priority(1u << 30, 0), -EINVAL);
	CHECK_EQ(evtchn_op(EVTCHNOP_set_priority, bad_pointer()), -EFAULT);
	CHECK_EQ(event_close((evtchn_port_t)port), 0);
}

/* Takes the queue's head, as a kernel does: the port, or 0 when the queue is empty then. */
static evtchn_port_t take(unsigned queue)
{
	uint32_t head = control->head[queue];
	event_word_t word, link;

	if (!head)
		return 0;
	do {
		word = words[head];
		link = word & EVTCHN_FIFO_LINK_MASK;
	} while (!__sync_bool_compare_and_swap(&words[head], word,
	                                       word & ~(WORD_LINKED | EVTCHN_FIFO_LINK_MASK)));
	control->head[queue] = link;
	if (!link)
		bit_clear(&control->ready, queue);
	return head;
}

static void unmask_word(evtchn_port_t port)
{
	__atomic_fetch_and(&words[port], ~WORD_MASKED, __ATOMIC_SEQ_CST);
}

static void one_event(void)
{
	long port = event_bind_ipi(0);

	unmask_word((evtchn_port_t)port);
	upcalls = 0;
	irq_off();
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK(words[port] & WORD_PENDING);
	CHECK(words[port] & WORD_LINKED);
	CHECK(control->ready >> EVTCHN_FIFO_PRIORITY_DEFAULT & 1);
	CHECK_EQ(control->head[EVTCHN_FIFO_PRIORITY_DEFAULT], port);
	CHECK_EQ(vcpu_infos[0]->evtchn_upcall_pending, 1);
	irq_on();
	for (unsigned i = 0; i < 1000; i++)
		pause();
	irq_off();
	CHECK_EQ(upcalls, 1);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), port);
	words[port] &= ~WORD_PENDING;
	CHECK_EQ(event_close((evtchn_port_t)port), 0);
}

static void masked_event(void)
{
	long port = event_bind_ipi(0);

	words[port] |= WORD_MASKED;
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK(words[port] & WORD_PENDING);
	CHECK(!(words[port] & WORD_LINKED));
	CHECK_EQ(event_unmask_call((evtchn_port_t)port), 0);
	CHECK(!(words[port] & WORD_MASKED));
	CHECK(words[port] & WORD_LINKED);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), port);
	words[port] &= ~WORD_PENDING;
	vcpu_infos[0]->evtchn_upcall_pending = 0;
	CHECK_EQ(event_close((evtchn_port_t)port), 0);
}

/* Three of one priority come in order; one of higher priority has its own queue. */
static void order(void)
{
	long p[4];

	for (unsigned i = 0; i < 4; i++) {
		p[i] = event_bind_ipi(0);
		unmask_word((evtchn_port_t)p[i]);
	}
	CHECK_EQ(priority((evtchn_port_t)p[3], 0), 0);
	irq_off();
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(event_send((evtchn_port_t)p[i]), 0);
	CHECK_EQ(control->ready, 1u << 0 | 1u << EVTCHN_FIFO_PRIORITY_DEFAULT);
	CHECK_EQ(take(0), p[3]);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), p[0]);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), p[1]);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), p[2]);
	CHECK_EQ(take(EVTCHN_FIFO_PRIORITY_DEFAULT), 0);
	vcpu_infos[0]->evtchn_upcall_pending = 0;
	for (unsigned i = 0; i < 4; i++) {
		words[p[i]] &= ~WORD_PENDING;
		CHECK_EQ(event_close((evtchn_port_t)p[i]), 0);
	}
}

/* Ports beyond the array's words can be bound; they work once a second page is there. */
static void second_page(void)
{
	volatile event_word_t *second = page_alloc();
	unsigned n = 0;
	long port = 0;

	while (port < 1024 && n++ < 1100)
		port = event_bind_ipi(0);
	if (!CHECK_EQ(port, 1024))
		return;
	CHECK_EQ(event_send((evtchn_port_t)port), 0); /* lost */
	CHECK_EQ(expand(page_frame((void *)second)), 0);
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK(second[0] & WORD_PENDING);
	second[0] = WORD_MASKED;
	for (evtchn_port_t p = 1; p <= 1024; p++)
		event_close(p);
	memset(control, 0, sizeof(*control));
	vcpu_infos[0]->evtchn_upcall_pending = 0;
}

/* A link that points anywhere must harm nobody but us. */
static void corrupt_links(void)
{
	long a = event_bind_ipi(0), b = event_bind_ipi(0);

	unmask_word((evtchn_port_t)a);
	unmask_word((evtchn_port_t)b);
	irq_off();
	event_send((evtchn_port_t)a);
	words[a] = WORD_PENDING | WORD_LINKED | EVTCHN_FIFO_LINK_MASK;
	control->head[EVTCHN_FIFO_PRIORITY_DEFAULT] = 0x1ffff;
	control->ready = ~0u;
	CHECK(event_send((evtchn_port_t)b) <= 0);
	words[a] = words[b] = WORD_MASKED;
	memset(control, 0, sizeof(*control));
	vcpu_infos[0]->evtchn_upcall_pending = 0;
	CHECK_EQ(event_close((evtchn_port_t)a), 0);
	CHECK_EQ(event_close((evtchn_port_t)b), 0);
}

static void reset_goes_back_to_two_levels(void)
{
	struct evtchn_reset r = { .dom = DOMID_SELF };
	long port;

	CHECK_EQ(evtchn_op(EVTCHNOP_reset, &r), 0);
	port = event_bind_ipi(0);
	CHECK(port > 0);
	event_mask((evtchn_port_t)port);
	CHECK_EQ(event_send((evtchn_port_t)port), 0);
	CHECK(bit_test(shared->evtchn_pending, (unsigned)port));
	CHECK_EQ(expand(page_frame(page_alloc())), -EOPNOTSUPP);
}

void guest_setup(void)
{
	event_init();
	trap_handle(VECTOR_CALLBACK, count_upcall);
}

GUEST_TESTS(TEST(before_control), TEST(control_bad), TEST(control_good), TEST(expand_array),
            TEST(priorities), TEST(one_event), TEST(masked_event), TEST(order), TEST(second_page),
            TEST(corrupt_links), TEST(reset_goes_back_to_two_levels));
