/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vcpu_op: every sub-operation, good and bad. */
#include "guest.h"

static volatile unsigned nmis;

static void states(void)
{
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 0, NULL), 1);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 3, NULL), 0);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 4, NULL), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, ~0u, NULL), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_up, 2, NULL), -EINVAL); /* never initialised */
}

static void initialise_bad(void)
{
	struct vcpu_hvm_context c;

	cpu_context(&c);
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 77, &c), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 0, &c), -EEXIST);
	c.mode = 7;
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EINVAL);
	cpu_context(&c);
	c.pad = 1;
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EINVAL);
}

/* Contexts whose registers contradict each other. */
static void initialise_inconsistent(void)
{
	struct vcpu_hvm_context c;
	struct vcpu_hvm_x86_32 *r = &c.cpu_regs.x86_32;

	memset(&c, 0, sizeof(c));
	c.mode = VCPU_HVM_MODE_32B;
	r->cr0 = CR0_PE;
	r->cs_limit = r->ds_limit = r->ss_limit = r->es_limit = ~0u;
	r->cs_ar = 0xc9b;
	r->ds_ar = r->ss_ar = r->es_ar = 0xc93;
	r->tr_ar = 0x8b;
	r->tr_limit = 0x67;
	r->cs_ar = 0xc1b; /* not present */
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EINVAL);
	r->cs_ar = 0xcfb; /* DPL 3, SS DPL 0 */
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EINVAL);
	r->cs_ar = 0xc9b;
	r->efer = 1ull << 63;
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EINVAL);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
}

static void initialise_and_up(void)
{
	struct vcpu_hvm_context c;

	cpu_context(&c);
	cpu_prepare(1);
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), 0);
	CHECK_EQ(vcpu_op(VCPUOP_initialise, 1, &c), -EEXIST);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
	CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
	CHECK(wait_for(&cpus[1].online, 1, 10000));
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 1);
	CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
}

static void count_up(void *arg)
{
	volatile unsigned *n = arg;

	for (;;)
		++*n;
}

/* Waits until vcpu cpu is in that state; ten seconds are a failure on any machine. */
static bool wait_for_state(unsigned cpu, int state)
{
	struct vcpu_runstate_info r = { .state = -1 };
	uint64_t end = clock_ns() + 10000000000ull;

	while (clock_ns() < end) {
		if (vcpu_op(VCPUOP_get_runstate_info, cpu, &r) == 0 && r.state == state)
			return true;
		pause();
	}
	return false;
}

/* Down stops it where it is, up goes on from there. */
static void down_and_up(void)
{
	static volatile unsigned n;
	unsigned then;

	cpu_run(1, count_up, (void *)&n);
	CHECK(wait_for(&n, 1000, 10000));
	CHECK_EQ(vcpu_op(VCPUOP_down, 1, NULL), 0);
	CHECK_EQ(vcpu_op(VCPUOP_is_up, 1, NULL), 0);
	/* Another CPU stops it, when that CPU gets to it; then it stays where it is. */
	CHECK(wait_for_state(1, RUNSTATE_offline));
	then = n;
	delay_us(5000);
	CHECK_EQ(n, then);
	CHECK_EQ(vcpu_op(VCPUOP_up, 1, NULL), 0);
	CHECK(wait_for(&n, then + 1000, 10000));
	CHECK_EQ(vcpu_op(VCPUOP_down, 77, NULL), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_down, 1, NULL), 0);
}

static void runstate_info(void)
{
	struct vcpu_runstate_info r;
	uint64_t sum = 0;

	memset(&r, 0xff, sizeof(r));
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, &r), 0);
	CHECK_EQ(r.state, RUNSTATE_running);
	CHECK(r.state_entry_time <= clock_ns());
	for (unsigned i = 0; i < 4; i++)
		sum += r.time[i];
	CHECK(sum > 0 && sum <= clock_ns() + 1000000000ull);
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 3, &r), 0);
	CHECK_EQ(r.state, RUNSTATE_offline);
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 9, &r), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, bad_pointer()), -EFAULT);
}

static void runstate_area(void)
{
	static struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area a;
	uint64_t running;

	memset(&area, 0xff, sizeof(area));
	a.addr.p = HC_PTR(&area);
	CHECK_EQ(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &a), 0);
	CHECK_EQ(area.state, RUNSTATE_running);
	running = area.time[RUNSTATE_running];
	for (unsigned i = 0; i < 5; i++)
		sched_op(SCHEDOP_yield, NULL);
	delay_us(20000);
	sched_op(SCHEDOP_yield, NULL);
	CHECK_EQ(area.state, RUNSTATE_running);
	CHECK(area.time[RUNSTATE_running] >= running);
	CHECK_EQ(vcpu_op(VCPUOP_register_runstate_memory_area, 0, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_register_runstate_memory_area, 9, &a), -ENOENT);
}

/* Sleeps, and looks at the times before and after: the sum of all is the time that passed. How much longer it was blocked. */
static uint64_t blocked_in_sleep(uint64_t ns)
{
	struct vcpu_runstate_info before, after;
	uint64_t outer = clock_ns(), inner, passed = 0;

	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, &before), 0);
	inner = clock_ns();
	irq_off();
	set_timer_op(clock_ns() + ns);
	irq_wait();
	irq_off();
	inner = clock_ns() - inner;
	CHECK_EQ(vcpu_op(VCPUOP_get_runstate_info, 0, &after), 0);
	outer = clock_ns() - outer;
	for (unsigned i = 0; i < 4; i++) {
		CHECK(after.time[i] >= before.time[i]);
		passed += after.time[i] - before.time[i];
	}
	CHECK(inner >= ns);
	CHECK(passed >= inner && passed <= outer);
	return after.time[RUNSTATE_blocked] - before.time[RUNSTATE_blocked];
}

/* Time spent blocked shows. A machine that stands still for a while before the sleep begins makes it shorter: so it is long enough in the end. */
static void runstate_blocked(void)
{
	uint64_t ns = 10000000;
	long timer = event_bind_virq(VIRQ_TIMER, 0);

	event_unmask((evtchn_port_t)timer);
	while (blocked_in_sleep(ns) < ns / 2) {
		ns *= 2;
		CHECK(ns < 10000000000ull);
	}
	event_close((evtchn_port_t)timer);
}

static void timers_bad(void)
{
	struct vcpu_set_periodic_timer p = { .period_ns = 1000 };
	struct vcpu_set_singleshot_timer s = { .timeout_abs_ns = 1 };

	CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, &p), -EINVAL); /* too short */
	p.period_ns = 1ull << 63;
	CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, &p), -EINVAL);
	CHECK_EQ(vcpu_op(VCPUOP_set_periodic_timer, 0, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_stop_periodic_timer, 0, NULL), 0);
	CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 1, &s), -EINVAL); /* one's own only */
	CHECK_EQ(vcpu_op(VCPUOP_stop_singleshot_timer, 1, NULL), -EINVAL);
	CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 0, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_set_singleshot_timer, 9, &s), -ENOENT);
}

static void count_nmi(struct trap_frame *f)
{
	nmis++;
}

static void nmi(void)
{
	trap_handle(VEC_NMI, count_nmi);
	CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 0, NULL), 0);
	for (unsigned i = 0; i < 1000; i++)
		pause();
	CHECK_EQ(nmis, 1);
	CHECK_EQ(vcpu_op(VCPUOP_send_nmi, 9, NULL), -ENOENT);
}

static void physical_id(void)
{
	struct vcpu_get_physid p = { .phys_id = 0x7e };
	long ret = vcpu_op(VCPUOP_get_physid, 0, &p);

	CHECK(ret == 0 || ret == -EINVAL);
	CHECK_EQ(vcpu_op(VCPUOP_get_physid, 9, &p), -ENOENT);
}

static void time_area(void)
{
	static struct vcpu_time_info area;
	struct vcpu_register_time_memory_area a;
	uint64_t now;

	a.addr.p = HC_PTR(&area);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, &a), 0);
	CHECK(area.tsc_to_system_mul != 0);
	CHECK_EQ(area.version & 1, 0);
	now = clock_ns();
	CHECK(clock_read(&area) >= now && clock_read(&area) < now + 1000000000ull);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_time_memory_area, 0, bad_pointer()), -EFAULT);
}

/* Last: from here on vcpu 0's vcpu_info is elsewhere. */
static void vcpu_info_moves(void)
{
	uint8_t *page = page_alloc();
	struct vcpu_register_vcpu_info r = { .mfn = page_frame(page), .offset = 4096 - 8 };
	volatile struct vcpu_info *there = (volatile struct vcpu_info *)(page + 128);
	long port = event_bind_ipi(0);

	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -ENXIO); /* straddles the page */
	r.offset = 130;
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -ENXIO); /* not aligned */
	r.offset = 128;
	r.mfn = frame_unused(9);
	CHECK(vcpu_op(VCPUOP_register_vcpu_info, 0, &r) < 0);
	r.mfn = page_frame(page);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 9, &r), -ENOENT);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, bad_pointer()), -EFAULT);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), 0);
	vcpu_infos[0] = there;
	CHECK(there->time.tsc_to_system_mul != 0);
	CHECK_EQ(vcpu_op(VCPUOP_register_vcpu_info, 0, &r), -EINVAL); /* once only */

	bit_clear(shared->evtchn_pending, (unsigned)port);
	event_count[port] = 0;
	event_unmask((evtchn_port_t)port);
	irq_on();
	event_send((evtchn_port_t)port);
	for (unsigned i = 0; i < 1000; i++)
		pause();
	irq_off();
	CHECK_EQ(event_count[port], 1);
	CHECK(clock_ns() > 0);
}

static void unknown(void)
{
	static uint64_t zeroes[8];

	CHECK_EQ(vcpu_op(16, 0, zeroes), -ENOSYS);
	CHECK_EQ(vcpu_op(99, 0, zeroes), -ENOSYS);
}

void guest_setup(void)
{
	event_init();
}

GUEST_TESTS(TEST(states), TEST(initialise_bad), TEST(initialise_inconsistent),
            TEST(initialise_and_up), TEST(down_and_up), TEST(runstate_info), TEST(runstate_area),
            TEST(runstate_blocked), TEST(timers_bad), TEST(nmi), TEST(physical_id), TEST(time_area),
            TEST(vcpu_info_moves), TEST(unknown));
