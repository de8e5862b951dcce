/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device model's instance with the test as its ring 3: its address space, its calls, entries, and its end. */
#include "devmodel.h"

#include <string.h>

#include "device.h"
#include "domain.h"
#include "fake_domain.h"
#include "guest_translate.h"
#include "machine_fake.h"
#include "registers.h"
#include "ring3_program.h"
#include "unit.h"
#include "usermode_fake.h"
#include <xen/errno.h>
#include <xen/sched.h>

static struct domain *d;
static struct devmodel *m;
static struct devmodel_config config;

/* ---- ring 3 ---- */

static uint64_t seen[USERMODE_ARGS]; /* the last entry's arguments */
static uint64_t answer;              /* what it returns */
static enum usermode_end end;
static void (*inside)(struct usermode *u);

static int64_t ask(struct usermode *u, uint64_t number, uint64_t a, uint64_t b, uint64_t c,
                   uint64_t e)
{
	uint64_t args[USERMODE_ARGS] = { a, b, c, e };

	CHECK(u->call(u, number, args));
	return (int64_t)args[0];
}

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	uint64_t result[USERMODE_ARGS] = { answer };

	memcpy(seen, args, sizeof(seen));
	if (inside)
		inside(u);
	if (end == USERMODE_DONE)
		CHECK(!u->call(u, DEVMODEL_CALL_RETURN, result));
	return end;
}

/* The host address behind linear in its tables; NULL: nothing. */
static uint8_t *mapped(struct devmodel *model, uint64_t linear, uint64_t *flags)
{
	uint64_t *table = model->space.root;

	for (int l = 3;; l--) {
		uint64_t e = table[linear >> (12 + 9 * l) & 511];

		if (!(e & PTE_P))
			return NULL;
		if (l == 0 || (e & PTE_PS)) {
			*flags = e;
			return (uint8_t *)hpa_to_virt(hpa(e & PTE_ADDR)) +
			       (linear & ((4096ull << 9 * l) - 1));
		}
		table = hpa_to_virt(hpa(e & PTE_ADDR));
	}
}

/* It touches linear: what it reaches; NULL: that is its end. */
static uint8_t *touch(struct devmodel *model, uint64_t linear, bool write, bool fetch)
{
	uint64_t flags;
	uint8_t *p;

	if (!model->user.page_fault(&model->user, linear, write, fetch))
		return NULL;
	p = mapped(model, linear, &flags);
	CHECK(p);
	CHECK(flags & PTE_U);
	CHECK(!write || (flags & PTE_W));
	CHECK_EQ(!!(flags & PTE_NX), !fetch);
	return p;
}

static int create(void)
{
	fake_core_init(0, 1);
	d = fixture_domain(false, 1);
	d->max_pages += 1024;
	ring3_program_make();
	memset(seen, 0xff, sizeof(seen));
	answer = 0;
	end = USERMODE_DONE;
	inside = NULL;
	fake_usermode = ring3;
	config = (struct devmodel_config){ .image = &ring3_program,
		                           .image_size = sizeof(ring3_program),
		                           .image_name = "test" };
	config.board = (struct devmodel_board){ .version = DEVMODEL_ABI_VERSION,
		                                .vram_size = 16 * PAGE_SIZE };
	return 0;
}

static void start(void)
{
	create();
	CHECK_EQ(devmodel_create(d, &config), 0);
	m = d->devmodel;
	CHECK_EQ(seen[0], DEVMODEL_START);
	CHECK_EQ(m->user.entry, RING3_CODE + 4);
}

/* ---- the address space ---- */

static void program_pages(void)
{
	uint8_t *p;

	start();
	p = touch(m, RING3_CODE + 3, false, true);
	CHECK(p && *p == 0xc0);
	CHECK(!touch(m, RING3_CODE, true, false));
	p = touch(m, RING3_DATA + 15, true, false);
	CHECK(p && p[0] == 0xda && p[1] == 0);
	CHECK(!touch(m, RING3_DATA, false, true));
	CHECK(touch(m, RING3_DATA + 0x1fff, true, false));
	CHECK(!touch(m, RING3_DATA + 0x2000, true, false));
	CHECK(!touch(m, 0, false, false));
	CHECK(!touch(m, ~0ull, false, false));
	CHECK(!touch(m, 0xffff800000000000ull, false, false));
	CHECK(!touch(m, DEVMODEL_STACK_END, true, false));
	p = touch(m, DEVMODEL_STACK_END - 8, true, false);
	CHECK(p && !*p);
	CHECK((void *)touch(m, DEVMODEL_SHARED, true, false) == (void *)m->shared);
	fixture_end(d);
}

static void pages_are_bounded(void)
{
	uint64_t at = 0;

	start();
	while (at < DEVMODEL_HEAP_SIZE && touch(m, DEVMODEL_HEAP + at, true, false))
		at += PAGE_SIZE;
	CHECK_EQ(at, DEVMODEL_HEAP_SIZE);
	CHECK(!touch(m, DEVMODEL_HEAP + at, true, false));
	CHECK(m->space.own.nr <= DEVMODEL_PAGES_MAX);
	/* guest RAM far apart: each needs a table, and these are bounded too */
	for (at = 0; touch(m, DEVMODEL_GUEST + at, false, false); at += 1ull << 30)
		CHECK(at < DEVMODEL_GUEST_MAX);
	CHECK_EQ(m->space.own.nr + m->space.window.nr, DEVMODEL_PAGES_MAX);
	/* all in all, whatever it touched */
	CHECK(devmodel_nr_pages(m) << PAGE_SHIFT <= MIB(3));
	devmodel_dump(d);
	CHECK(strstr(fake_console_text(), "device model: 29"));
	CHECK(strstr(fake_console_text(), " KiB beside 64 KiB of VRAM"));
	fixture_end(d);
}

static void guest_ram(void)
{
	uint8_t *p;

	start();
	(void)devmodel_space_renew(&m->space);
	*fixture_at(d, FIXTURE_DATA + 5) = 0x77;
	p = touch(m, DEVMODEL_GUEST + FIXTURE_DATA + 5, true, false);
	CHECK(p == fixture_at(d, FIXTURE_DATA + 5));
	p = touch(m, DEVMODEL_GUEST + FIXTURE_PAGES * PAGE_SIZE + 9, false, false);
	CHECK(p && *p == 0xff); /* nothing is there */
	CHECK(touch(m, DEVMODEL_GUEST + FIXTURE_PAGES * PAGE_SIZE + 9, true, false));
	CHECK(!touch(m, DEVMODEL_GUEST + DEVMODEL_GUEST_MAX, true, false));
	/* the page goes: so does what was known of it */
	CHECK(!devmodel_space_renew(&m->space));
	CHECK_EQ(p2m_unmap(&d->p2m, gfn(FIXTURE_DATA >> PAGE_SHIFT), 0), 0);
	CHECK(devmodel_space_renew(&m->space));
	CHECK_EQ(m->space.window.nr, 0);
	p = touch(m, DEVMODEL_GUEST + FIXTURE_DATA + 5, false, false);
	CHECK(p && *p == 0xff);
	fixture_end(d);
}

static void memory_disks(void)
{
	uint8_t *p;

	create();
	memset(fixture_at(d, 0x9000), 0x5d, PAGE_SIZE);
	config.board.drives[0] = (struct devmodel_drive){ DEVMODEL_DRIVE_DISK, 1, PAGE_SIZE - 1 };
	config.disks[0] = fixture_at(d, 0x9000);
	CHECK_EQ(devmodel_create(d, &config), 0);
	m = d->devmodel;
	p = touch(m, DEVMODEL_DISK(0) + 1, false, false);
	CHECK(p == fixture_at(d, 0x9001));
	CHECK(!touch(m, DEVMODEL_DISK(0), true, false));
	CHECK(!touch(m, DEVMODEL_DISK(0) + PAGE_SIZE, false, false));
	CHECK(!touch(m, DEVMODEL_DISK(1), false, false));
	fixture_end(d);
}

static void refused(const char *why)
{
	CHECK(devmodel_create(d, &config) < 0);
	if (!strstr(fake_console_text(), why)) {
		printf("%s\n", fake_console_text());
		CHECK(strstr(fake_console_text(), why));
	}
	fixture_end(d);
}

static void wrong_programs(void)
{
	create();
	config.image_size = 63;
	refused("not a static ELF");
	create();
	ring3_program.header[18] = 3;
	refused("not a static ELF");
	create();
	config.image_size = 64 + 56;
	refused("headers lie outside");
	create();
	ring3_program.segment[1].file_size = 17;
	refused("segment lies outside of the file");
	create();
	ring3_program.segment[1].vaddr = RING3_DATA + 1;
	refused("does not begin with a page");
	create();
	ring3_program.segment[1].vaddr = DEVMODEL_HEAP;
	refused("outside of the place for programs");
	create();
	ring3_program.segment[1].memory_size = ~0ull;
	refused("outside of the place for programs");
	create();
	ring3_program.segment[1].flags = 7;
	refused("code and may be written");
	create();
	answer = (uint64_t)-XEN_EINVAL;
	refused("cannot make its board");
}

/* ---- entries ---- */

static void accesses(void)
{
	struct io_access a = { .addr = 0x1f7, .size = 2, .value = ~0ull };
	uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	start();
	answer = 0x12345678;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(a.value, 0x5678);
	CHECK(seen[0] == DEVMODEL_PIO && seen[1] == 0x1f7 && seen[2] == 2 && !seen[3]);
	a = (struct io_access){ .addr = 0xfe000000, .size = 8, .value = 7, .is_write = true };
	CHECK_EQ(devmodel_mmio(m, &a), IO_DONE);
	CHECK_EQ(a.value, 7);
	CHECK(seen[0] == DEVMODEL_MMIO && seen[1] == 0xfe000000 && seen[3] && seen[4] == 7);
	CHECK(devmodel_pio_string(m, 0x1f0, 2, true, 4, bytes));
	CHECK(!memcmp(m->shared->bulk, bytes, 8));
	CHECK(seen[0] == DEVMODEL_PIO_STRING && seen[1] == 0x1f0 && seen[2] == 2 && seen[4] == 4);
	memset(m->shared->bulk, 9, 8);
	CHECK(devmodel_pio_string(m, 0x1f0, 4, false, 2, bytes));
	CHECK(bytes[7] == 9);
	fixture_end(d);
}

static void ended(enum usermode_end how, const char *word)
{
	struct io_access a = { .addr = 0x60, .size = 1 };
	uint8_t bytes[2] = { 0, 0 };

	start();
	end = how;
	m->user.report = (struct usermode_report){ .vector = X86_PF, .address = 0xdead };
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(a.value, 0xff);
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
	CHECK(strstr(fake_console_text(), word));
	CHECK(strstr(fake_console_text(), "entered for: port 0x60"));
	/* nothing is entered any more */
	memset(seen, 0, sizeof(seen));
	CHECK_EQ(devmodel_mmio(m, &a), IO_DONE);
	CHECK_EQ(a.value, 0xff);
	CHECK(!devmodel_pio_string(m, 0x1f0, 1, false, 2, bytes));
	CHECK_EQ(bytes[1], 0xff);
	CHECK_EQ(seen[1], 0);
	fixture_end(d);
}

static void faults_end_the_guest(void)
{
	ended(USERMODE_FAULT, "an exception");
}

static void lateness_ends_the_guest(void)
{
	ended(USERMODE_LATE, "its time is over");
}

/* ---- calls ---- */

static void calls_inside(struct usermode *u)
{
	static const char text[] = "one\r\ntwo";

	CHECK_EQ(ask(u, DEVMODEL_NR_CALLS, 0, 0, 0, 0), -XEN_ENOSYS);
	CHECK_EQ(ask(u, ~0ull, 0, 0, 0, 0), -XEN_ENOSYS);
	CHECK_EQ(ask(u, DEVMODEL_CALL_ISA_IRQ, 16, 1, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_ISA_IRQ, 15, 1, 0, 0), 0);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PCI_INTX, 256, 0, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PCI_INTX, 0, 4, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PCI_LINK, 4, 0, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PCI_LINK, 0, 16, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_MACHINE, MACHINE_CRASH + 1, 0, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_MSI, 0, 0, 0, 0), 0);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PM_TIMER, 0xb008, 0, 0, 0),
	         -XEN_ENODEV); /* no such platform */
	CHECK_EQ(ask(u, DEVMODEL_CALL_TEXT, DEVMODEL_NR_TEXTS, 0, 0, 0), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_TEXT, 0, DEVMODEL_TEXT + 1, 0, 0), -XEN_EINVAL);
	memcpy(m->shared->text, text, sizeof(text));
	CHECK_EQ(ask(u, DEVMODEL_CALL_TEXT, DEVMODEL_TEXT_DEBUG, sizeof(text) - 1, 0, 0),
	         sizeof(text) - 1);
	CHECK_EQ(ask(u, DEVMODEL_CALL_FRAME_SEND, 0, 60, 0, 0), -XEN_ENODEV);
	CHECK_EQ(ask(u, DEVMODEL_CALL_FRAME_RECEIVE, 0, 0, 0, 0), -XEN_ENODEV);
	CHECK(ask(u, DEVMODEL_CALL_NOW, 0, 0, 0, 0) >= 0);
}

static void calls(void)
{
	struct io_access a = { .addr = 0, .size = 1 };

	start();
	inside = calls_inside;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK(strstr(fake_console_text(), "debug: one\n"));
	CHECK(!strstr(fake_console_text(), "two"));
	fixture_end(d);
}

static void place_inside(struct usermode *u)
{
	uint64_t hole = FIXTURE_PAGES * PAGE_SIZE;

	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 2, hole, 0, PAGE_SIZE), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, hole + 1, 0, PAGE_SIZE), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, hole, 16 * PAGE_SIZE, PAGE_SIZE), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, hole, PAGE_SIZE, 16 * PAGE_SIZE), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, ~0xfffull, 0, PAGE_SIZE), -XEN_EINVAL);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, hole, PAGE_SIZE, 2 * PAGE_SIZE), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(FIXTURE_PAGES)).mfn.v, m->space.vram.mfns[1].v);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(FIXTURE_PAGES + 1)).mfn.v, m->space.vram.mfns[2].v);
	/* it moves */
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, hole + 8 * PAGE_SIZE, 0, PAGE_SIZE), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(FIXTURE_PAGES)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(FIXTURE_PAGES + 8)).mfn.v, m->space.vram.mfns[0].v);
	/* RAM is not hidden by it, nor lost */
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 1, FIXTURE_DATA, 0, PAGE_SIZE), 0);
	CHECK(p2m_lookup(&d->p2m, gfn(FIXTURE_DATA >> PAGE_SHIFT)).mfn.v !=
	      m->space.vram.mfns[0].v);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 1, 0, 0, 0), 0);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(FIXTURE_DATA >> PAGE_SHIFT)).type, P2M_RAM_RW);
	CHECK(fake_usermode_flushes > 0);
}

static void vram_in_the_guest(void)
{
	struct io_access a = { .addr = 0, .size = 1 };

	start();
	fake_usermode_flushes = 0;
	inside = place_inside;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(seen[0], DEVMODEL_PIO);
	fixture_end(d);
}

/* Large pieces of VRAM stay large in the guest's map: moving them is a few changes. */
static void large_inside(struct usermode *u)
{
	struct p2m *p = &d->p2m;
	uint64_t changes, before = p->nr_entries[P2M_RAM_RW];
	mfn_t *vram = m->space.vram.mfns;

	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, MIB(64), 0, MIB(4)), 0);
	CHECK_EQ(p2m_lookup(p, gfn(MIB(64) >> PAGE_SHIFT)).order, PAGE_ORDER_2M);
	CHECK_EQ(p2m_lookup(p, gfn((MIB(66) >> PAGE_SHIFT) + 3)).mfn.v, vram[515].v);
	CHECK_EQ(p->nr_entries[P2M_RAM_RW], before + 1024);
	CHECK_EQ(page_of(vram[700])->refs, 2);
	/* by halves, where the place is not aligned */
	changes = p->generation;
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, MIB(129), 0, MIB(4)), 0);
	CHECK_EQ(p->generation, changes + 1);
	CHECK_EQ(p2m_lookup(p, gfn(MIB(64) >> PAGE_SHIFT)).type, P2M_HOLE);
	CHECK_EQ(p2m_lookup(p, gfn(MIB(132) >> PAGE_SHIFT)).mfn.v, vram[768].v);
	CHECK_EQ(page_of(vram[700])->refs, 2);
	/* while what is written is watched */
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, MIB(64), 0, MIB(4)), 0);
	guest_touch_end(m->cpu); /* the map changes on another CPU, so to speak */
	CHECK_EQ(p2m_change_type(p, gfn((MIB(64) >> PAGE_SHIFT) + 5), P2M_RAM_RW, P2M_RAM_LOGDIRTY),
	         0);
	(void)guest_touch_begin(p);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, 0, 0, 0), 0);
	CHECK_EQ(p2m_lookup(p, gfn((MIB(64) >> PAGE_SHIFT) + 5)).type, P2M_HOLE);
	CHECK_EQ(p->nr_entries[P2M_RAM_RW], before);
	CHECK_EQ(page_of(vram[700])->refs, 1);
	/* up to what is there */
	guest_touch_end(m->cpu);
	CHECK_EQ(p2m_map(p, gfn((MIB(64) >> PAGE_SHIFT) + 2), page_alloc(d, 0, 0), 0, P2M_RAM_RW),
	         0);
	(void)guest_touch_begin(p);
	CHECK_EQ(ask(u, DEVMODEL_CALL_PLACE, 0, MIB(64), 0, MIB(4)), 0);
	CHECK_EQ(p2m_lookup(p, gfn((MIB(64) >> PAGE_SHIFT) + 1)).mfn.v, vram[1].v);
	CHECK(p2m_lookup(p, gfn((MIB(64) >> PAGE_SHIFT) + 2)).mfn.v != vram[2].v);
}

static void large_window(void)
{
	struct io_access a = { .addr = 0, .size = 1 };

	create();
	d->max_pages += 2048;
	config.board.vram_size = MIB(4) + 16 * PAGE_SIZE;
	CHECK_EQ(devmodel_create(d, &config), 0);
	m = d->devmodel;
	inside = large_inside;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(seen[0], DEVMODEL_PIO);
	fixture_end(d);
}

static void power_inside(struct usermode *u)
{
	CHECK_EQ(ask(u, DEVMODEL_CALL_MACHINE, MACHINE_POWEROFF, 0, 0, 0), 0);
	CHECK(!d->is_shut_down); /* when the entry is over */
}

static void power_off(void)
{
	struct io_access a = { .addr = 0xb004, .size = 2, .is_write = true };

	start();
	inside = power_inside;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_poweroff);
	fixture_end(d);
}

/* ---- events: a thread of the scheduler's ---- */

static unsigned events_seen;
static uint64_t event_takes_ns;

static void event_inside(struct usermode *u)
{
	if (seen[0] != DEVMODEL_EVENT)
		return;
	events_seen++;
	fake_advance(event_takes_ns);
}

/* Up and running, on the only CPU, or not at all there. */
static void run_guest(bool with_vcpu)
{
	start();
	inside = event_inside;
	events_seen = 0;
	event_takes_ns = 1000000;
	CHECK_EQ(domain_start(d), 0);
	if (with_vcpu)
		fixture_run(d->vcpus[0]);
	fixture_settle();
}

static uint64_t thread_ns(void)
{
	return sched_time_in(&m->thread, SCHED_RUNNING, machine_now_ns());
}

static void events_have_a_thread(void)
{
	uint64_t before;

	run_guest(false);
	before = thread_ns();
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	devmodel_raise(m, DEVMODEL_EVENT_FRAME);
	CHECK_EQ(events_seen, 0);
	fixture_settle();
	CHECK_EQ(events_seen, 1);
	CHECK_EQ(seen[1], DEVMODEL_EVENT_LINK | DEVMODEL_EVENT_FRAME);
	CHECK_EQ(thread_ns() - before, event_takes_ns);
	CHECK(!percpu()->thread);
	fixture_end(d);
}

/* The backend attaches before the guest begins. */
static void events_before_the_start(void)
{
	start();
	inside = event_inside;
	events_seen = 0;
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	fixture_settle();
	CHECK_EQ(events_seen, 1);
	fixture_end(d);
}

static void events_wait_while_paused(void)
{
	run_guest(false);
	domain_pause(d);
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	fixture_advance(50000000);
	CHECK_EQ(events_seen, 0);
	CHECK(!timer_is_set(&m->timer));
	domain_unpause(d);
	fixture_settle();
	CHECK_EQ(events_seen, 1);
	/* and while it is shut down, until the tools let it go on */
	domain_shutdown(d, SHUTDOWN_suspend);
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	fixture_advance(50000000);
	CHECK_EQ(events_seen, 1);
	domain_resume(d);
	fixture_settle();
	CHECK_EQ(events_seen, 2);
	fixture_end(d);
}

/* In the middle of a vcpu's turn there is no switch: it pays. */
static void timers_in_a_vcpus_turn(void)
{
	uint64_t before;

	run_guest(true);
	CHECK(percpu()->current == d->vcpus[0]);
	before = thread_ns();
	timer_set(&m->timer, machine_now_ns() + 1000);
	fake_advance(2000);
	timers_run();
	CHECK_EQ(events_seen, 1);
	CHECK_EQ(seen[1], DEVMODEL_EVENT_TIMER);
	CHECK_EQ(thread_ns(), before);
	fixture_end(d);
}

/* As the CPU's loop does, for that long: what is pending, then a thread's turn or a millisecond of a vcpu's. How many of these the vcpu v got. */
static unsigned loop(unsigned ms, const struct vcpu *v)
{
	uint64_t end_ns = machine_now_ns() + ms * 1000000ull;
	unsigned got = 0;

	while (machine_now_ns() < end_ns) {
		uint32_t work = atomic_exchange(&percpu()->pending, 0);

		timers_run();
		if (work & PENDING_SCHED)
			sched_run();
		if (percpu()->thread) {
			percpu()->thread->run(percpu()->thread);
			continue;
		}
		got += percpu()->current == v;
		fake_advance(1000000);
	}
	return got;
}

static void event_again_inside(struct usermode *u)
{
	event_inside(u);
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
}

/* A guest that keeps its device model busy for ever takes no more than its share. */
static void events_are_bounded(void)
{
	struct domain *other;
	unsigned got;

	run_guest(false);
	other = fixture_domain(false, 1);
	CHECK_EQ(domain_start(other), 0);
	fixture_run(other->vcpus[0]);
	inside = event_again_inside;
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	(void)loop(100, other->vcpus[0]);
	events_seen = 0;
	got = loop(1000, other->vcpus[0]);
	CHECK(got > 450 && got < 550);
	CHECK(events_seen > 450 && events_seen < 550);
	/* nor than its cap, when the machine has nothing else to do */
	CHECK_EQ(sched_share_set(&d->share, 256, 10), 0);
	(void)loop(100, other->vcpus[0]);
	events_seen = 0;
	(void)loop(1000, other->vcpus[0]);
	CHECK(events_seen > 50 && events_seen < 150);
	inside = NULL;
	domain_destroy(other);
	domain_put(other);
	fixture_end(d);
}

/* ---- naps ---- */

static void polled_inside(struct usermode *u)
{
	if (seen[0] == DEVMODEL_PIO)
		CHECK_EQ(ask(u, DEVMODEL_CALL_POLLED, 0, 0, 0, 0), 0);
	event_inside(u);
}

static void poll(void)
{
	struct io_access a = { .addr = 0x1f7, .size = 1 };

	answer = 0x80;
	CHECK_EQ(devmodel_pio(m, &a), IO_DONE);
	CHECK_EQ(a.value, 0x80);
	fixture_settle();
}

static void naps(void)
{
	struct vcpu *v;

	run_guest(true);
	inside = polled_inside;
	v = d->vcpus[0];
	v->regs.rflags &= ~RFLAGS_IF;
	poll();
	CHECK(!percpu()->current);
	CHECK_EQ(v->sched.state, SCHED_BLOCKED);
	/* until there is news */
	devmodel_raise(m, DEVMODEL_EVENT_LINK);
	fixture_settle();
	CHECK_EQ(events_seen, 1);
	CHECK(percpu()->current == v);
	CHECK(!v->polling);
	/* or a while has passed */
	poll();
	CHECK(!percpu()->current);
	fixture_advance(5000000);
	CHECK(percpu()->current == v);
	/* or something wants the vcpu */
	poll();
	vcpu_request(v, VCPU_REQ_EVENT);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* an event that was served meanwhile is news */
	CHECK_EQ(m->turn, 1);
	devmodel_nap(m, 0);
	fixture_settle();
	CHECK(percpu()->current == v);
	/* what was said in an entry that is over counts no more */
	inside = NULL;
	poll();
	CHECK(percpu()->current == v);
	fixture_end(d);
}

UNIT_MAIN(UNIT(naps), UNIT(events_have_a_thread), UNIT(events_before_the_start),
          UNIT(events_wait_while_paused), UNIT(timers_in_a_vcpus_turn), UNIT(events_are_bounded),
          UNIT(program_pages), UNIT(pages_are_bounded), UNIT(guest_ram), UNIT(memory_disks),
          UNIT(wrong_programs), UNIT(accesses), UNIT(faults_end_the_guest),
          UNIT(lateness_ends_the_guest), UNIT(calls), UNIT(vram_in_the_guest), UNIT(large_window),
          UNIT(power_off))
