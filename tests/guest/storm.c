/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random hypercalls: most in multicalls of 64, one in 64 by themselves. calls=N and seed=N on the command
 * line, and trace: one by one, each printed before it is made. What the calls answer does not matter: the
 * hypervisor must live, and so must we, who leave ourselves out of reach: pointers go to buffers of our own,
 * frames to frames that hold nothing we need.
 */
#include "guest.h"

#define BATCH 64
#define ARENA (256 * 1024)

static uint64_t state;
/* What a call writes beyond a pointer that a 16-bit piece was changed in still falls into the second part. */
static uint8_t arena[ARENA + 65536] __attribute__((aligned(65536)));
static multicall_entry_t batch[BATCH];
static uint8_t private[BATCH][128]; /* arguments that no later entry may change */
static ulong_t first_frame;         /* 256 frames that may come and go */

static uint64_t random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/*
 * Neither half of the number is an address of our image or its memory: structures are made of pieces, and
 * real Xen's walk drops upper bits.
 */
static ulong_t harmless(uint64_t v)
{
	for (unsigned half = 0; half < 64; half += 32) {
		uint32_t part = (uint32_t)(v >> half);

		if (part >= MIB(1) && part < MIB(512))
			v |= 0xc0000000ull << half;
	}
	return (ulong_t)v;
}

/* Numbers that are interesting more often than evenly spread ones are. */
static ulong_t random_number(void)
{
	uint64_t r = random();

	switch (r >> 60) {
	case 0:
	case 1:
	case 2:
	case 3: return (ulong_t)(r & 15);
	case 4: return (ulong_t)(r & 0xff);
	case 5: return (ulong_t) - (long)(r & 15);
	case 6: return harmless(1ull << (r % (sizeof(ulong_t) * 8)));
	case 7: return DOMID_SELF;
	case 8: return first_frame + (ulong_t)(r & 255);
	case 9: return frame_unused((unsigned)r & 1023) + 1024;
	default: return harmless((ulong_t)r);
	}
}

static ulong_t random_pointer(void)
{
	uint64_t r = random();

	switch (r >> 61) {
	case 0: return 0;
	case 1: return HC_PTR(bad_pointer());
	case 2: return harmless((ulong_t)r);
	case 3: return HC_PTR(arena) + (ulong_t)(r % 60) * 4096 + 4096 - (ulong_t)(r >> 32 & 28);
	default: return HC_PTR(arena) + (ulong_t)(r % (ARENA - 8192)) / 8 * 8;
	}
}

/* Fills a place with numbers, small words mixed with wide ones, and pointers. */
static void fill(ulong_t at)
{
	if (at < HC_PTR(arena) || at >= HC_PTR(arena) + ARENA - 128)
		return;
	for (unsigned i = 0; i < 12; i++) {
		uint64_t r = random();
		ulong_t v = r & 3 ? random_number() : random_pointer();

		if (r & 4)
			*(uint16_t *)(at + i * 4) = (uint16_t)(r & 8 ? DOMID_SELF : v);
		else
			memcpy((void *)(at + i * 4), &v, r & 16 ? 4 : sizeof(v));
	}
}

/* Those that may take our memory away, put something in its place, or take all there is. */
static bool memory_harmless(const multicall_entry_t *m)
{
	static const uint64_t harmful =
		1ull << XENMEM_increase_reservation | 1ull << XENMEM_decrease_reservation |
		1ull << XENMEM_populate_physmap | 1ull << XENMEM_add_to_physmap |
		1ull << XENMEM_exchange | 1ull << XENMEM_remove_from_physmap |
		1ull << XENMEM_add_to_physmap_batch | 1ull << XENMEM_acquire_resource;

	return !(harmful >> (m->args[0] & 63) & 1);
}

/* The same calls, on frames that may come and go. */
static void safe_memory_call(multicall_entry_t *m)
{
	static const unsigned ops[] = { XENMEM_decrease_reservation, XENMEM_add_to_physmap,
		                        XENMEM_remove_from_physmap, XENMEM_populate_physmap };
	uint64_t r = random();
	ulong_t frame = first_frame + (ulong_t)(r & 255), at = HC_PTR(private[m - batch]);
	unsigned op = ops[r >> 40 & 3];

	m->args[0] = op;
	m->args[1] = at;
	if (op == XENMEM_add_to_physmap) {
		struct xen_add_to_physmap a = { .domid = DOMID_SELF,
			                        .size = (uint16_t)(r >> 50 & 7),
			                        .space = (unsigned)(r >> 56 & 3),
			                        .gpfn = frame };

		if (a.space == XENMAPSPACE_shared_info)
			a.space = XENMAPSPACE_grant_table;
		a.idx = a.space == XENMAPSPACE_grant_table ? (r >> 60)
		                                           : first_frame + (ulong_t)(r >> 44 & 127);
		a.gpfn = first_frame + (ulong_t)(r & 127);
		memcpy((void *)at, &a, sizeof(a));
	} else if (op == XENMEM_remove_from_physmap) {
		struct xen_remove_from_physmap p = { .domid = DOMID_SELF, .gpfn = frame };

		memcpy((void *)at, &p, sizeof(p));
	} else {
		struct xen_memory_reservation v = { .nr_extents = 1 + (r >> 50 & 3),
			                            .domid = DOMID_SELF };
		xen_pfn_t *list = (xen_pfn_t *)(at + 64);

		for (unsigned i = 0; i < 4; i++)
			list[i] = first_frame + (ulong_t)(random() & 255);
		v.extent_start.p = list;
		memcpy((void *)at, &v, sizeof(v));
	}
}

/* Ends the domain or loses its console by design, waits for ever, or reaches the machine: left out. */
static bool allowed(const multicall_entry_t *m)
{
	unsigned op = (unsigned)m->args[0];

	switch (m->op) {
	case __HYPERVISOR_sched_op: return op == SCHEDOP_yield || op > SCHEDOP_pin_override;
	case __HYPERVISOR_memory_op: return memory_harmless(m);
	case __HYPERVISOR_console_io: return op != CONSOLEIO_write;
	case __HYPERVISOR_vcpu_op:
		return op != VCPUOP_down && op != VCPUOP_initialise && op != VCPUOP_up &&
		       op != VCPUOP_send_nmi && op != VCPUOP_register_vcpu_info;
	case __HYPERVISOR_grant_table_op:
		return op != GNTTABOP_map_grant_ref && op != GNTTABOP_copy;
	case __HYPERVISOR_hvm_op:
		return op != HVMOP_set_param && op != HVMOP_set_evtchn_upcall_vector;
	case __HYPERVISOR_event_channel_op:
		return op != EVTCHNOP_init_control && op != EVTCHNOP_reset;
	case __HYPERVISOR_platform_op:
	case __HYPERVISOR_physdev_op:
	case __HYPERVISOR_sysctl:
	case __HYPERVISOR_domctl:
	case __HYPERVISOR_kexec_op:
	case __HYPERVISOR_multicall: return false;
	default: return true;
	}
}

static void make_call(multicall_entry_t *m)
{
	static const uint8_t common[] = { 12, 12, 15, 17, 18, 20, 20, 21,
		                          24, 24, 29, 32, 32, 32, 34, 34 };
	uint64_t r = random();

	m->op = r & 15 ? common[r >> 4 & 15] : (xen_ulong_t)(r >> 8 & 63);
	if (m->op == __HYPERVISOR_memory_op && (r >> 20 & 3)) {
		safe_memory_call(m);
		return;
	}
	m->args[0] = r >> 30 & 3 ? (xen_ulong_t)(r >> 32 & 15) : random_number();
	for (unsigned i = 1; i < 6; i++)
		m->args[i] = random() & 1 ? random_pointer() : random_number();
	if (m->op == __HYPERVISOR_grant_table_op)
		m->args[2] &= 7; /* more is only longer */
	if (!allowed(m))
		m->op = 63;
	for (unsigned i = 1; i < 3; i++)
		if (random() & 3)
			fill(m->args[i]);
}

static void traced_batch(void)
{
	for (unsigned i = 0; i < BATCH; i++) {
		multicall_entry_t *m = &batch[i];

		if (m->op == 63)
			continue;
		print("%u(%lx, %lx, %lx, %lx, %lx)\n", (unsigned)m->op, (long)m->args[0],
		      (long)m->args[1], (long)m->args[2], (long)m->args[3], (long)m->args[4]);
		hypercall(m->op, m->args[0], m->args[1], m->args[2], m->args[3], m->args[4]);
	}
}

static void storm(void)
{
	uint64_t calls = option_number("calls", 100000), done = 0;
	bool trace = option_text("trace", NULL, 0);

	state = option_number("seed", 1) * 0x9e3779b97f4a7c15ull + 1;
	while (done < calls) {
		for (unsigned i = 0; i < BATCH; i++)
			make_call(&batch[i]);
		if (trace) {
			traced_batch();
			done += BATCH;
			continue;
		}
		if (!(random() & 63)) {
			multicall_entry_t *m = &batch[0];

			hypercall(m->op, m->args[0], m->args[1], m->args[2], m->args[3],
			          m->args[4]);
			done++;
			continue;
		}
		multicall(batch, BATCH);
		done += BATCH;
	}
	test_note("%llu calls", (unsigned long long)done);
}

/* What must still work. */
static void aftermath(void)
{
	xen_pfn_t f = page_frame(page_alloc());
	struct xen_memory_reservation r = { .nr_extents = 1, .domid = DOMID_SELF };
	struct evtchn_reset reset = { .dom = DOMID_SELF };
	uint64_t t = clock_ns();

	CHECK_EQ(version_op(XENVER_version, NULL), 4 << 16 | 17);
	r.extent_start.p = &f;
	CHECK_EQ(memory_op(XENMEM_decrease_reservation, &r), 1);
	CHECK_EQ(memory_op(XENMEM_populate_physmap, &r), 1);
	CHECK_EQ(evtchn_op(EVTCHNOP_reset, &reset), 0);
	CHECK(event_alloc_unbound(DOMID_SELF) > 0);
	delay_us(1000);
	CHECK(clock_ns() >= t + 1000000);
}

void guest_setup(void)
{
	first_frame = page_frame(page_alloc_many(256, 256));
	event_init();
}

GUEST_TESTS(TEST(storm), TEST(aftermath));
