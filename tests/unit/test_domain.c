/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake_domain.h"
#include "hypercall.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <xen/errno.h>

#include "log.h"
#include "options.h"

#include <xen/event_channel.h>
#include <xen/sched.h>

#define MS 1000000ull

static struct domain *dom0;

static void setup(unsigned cpus)
{
	fake_core_init(MIB(64), cpus);
	log_set_level(LOG_DEBUG, LOG_DEBUG);
	memset(&options, 0, sizeof(options));
	dom0 = NULL;
}

static void refuses_bad_configs(void)
{
	struct domain *d;
	struct domain_config c = { .id = DOMID_LIMIT, .max_vcpus = 1 };

	setup(1);
	CHECK_EQ(domain_create(&c, &d), -XEN_EINVAL);
	c.id = 5;
	c.max_vcpus = 0;
	CHECK_EQ(domain_create(&c, &d), -XEN_EINVAL);
	c.max_vcpus = DOMAIN_MAX_VCPUS + 1;
	CHECK_EQ(domain_create(&c, &d), -XEN_EINVAL);
	c.max_vcpus = 1;
	c.max_event_channels = EVENT_CHANNELS_MAX + 1;
	CHECK_EQ(domain_create(&c, &d), -XEN_EINVAL);
}

static void table_knows_them(void)
{
	static const uint16_t ids[] = { 300, 5, 256, 1000, 0 };
	struct domain *d[ARRAY_LEN(ids)], *found, *other;
	struct domain_config c = { .max_vcpus = 1 };
	uint32_t from = 0;

	setup(1);
	for (unsigned i = 0; i < ARRAY_LEN(ids); i++) {
		c.id = ids[i];
		CHECK_EQ(domain_create(&c, &d[i]), 0);
		CHECK_EQ(domain_create(&c, &other), -XEN_EEXIST);
	}
	c.id = DOMID_INVALID;
	CHECK_EQ(domain_create(&c, &other), 0);
	CHECK_EQ(other->id, 1);
	CHECK(!strcmp(other->name, "d1"));
	for (unsigned i = 0; i < ARRAY_LEN(ids); i++) {
		found = domain_get(ids[i]);
		CHECK(found == d[i]);
		domain_put(found);
	}
	CHECK(!domain_get(2));
	static const uint16_t sorted[] = { 0, 1, 5, 256, 300, 1000 };
	for (unsigned i = 0; i < ARRAY_LEN(sorted); i++) {
		found = domain_next((uint16_t)from);
		CHECK(found);
		CHECK_EQ(found->id, sorted[i]);
		from = found->id + 1u;
		domain_put(found);
	}
	CHECK(!domain_next((uint16_t)from));
	for (unsigned i = 0; i < ARRAY_LEN(ids); i++)
		fixture_end(d[i]);
	fixture_end(other);
	CHECK(!domain_next(0));
}

static void self_is_a_handle(void)
{
	struct domain *d, *found;

	setup(1);
	d = fixture_domain(false, 1);
	found = domain_by_handle(d->vcpus[0], DOMID_SELF);
	CHECK(found == d);
	domain_put(found);
	CHECK(!domain_by_handle(d->vcpus[0], DOMID_IO));
	fixture_end(d);
}

static void starts_when_told(void)
{
	struct domain *d;
	struct vcpu *v;

	setup(1);
	d = fixture_domain(false, 2);
	v = d->vcpus[0];
	CHECK_EQ(vcpu_create(d, 0, &v), -XEN_EEXIST);
	CHECK_EQ(vcpu_create(d, 2, &v), -XEN_EINVAL);
	vcpu_up(d->vcpus[0]);
	fixture_settle();
	CHECK(!percpu()->current);
	CHECK_EQ(domain_start(d), 0);
	fixture_settle();
	CHECK(percpu()->current == d->vcpus[0]);
	CHECK_EQ(domain_start(d), -XEN_EINVAL);
	CHECK_EQ(vcpu_create(d, 1, &v), -XEN_EINVAL);
	fixture_end(d);
}

static void tool_pause_outlives_start(void)
{
	struct domain *d;

	setup(1);
	d = fixture_domain(false, 1);
	vcpu_up(d->vcpus[0]);
	domain_pause(d);
	CHECK_EQ(domain_start(d), 0);
	fixture_settle();
	CHECK(!percpu()->current);
	domain_unpause(d);
	fixture_settle();
	CHECK(percpu()->current == d->vcpus[0]);
	domain_unpause(d);
	fixture_settle();
	CHECK(percpu()->current == d->vcpus[0]);
	CHECK_EQ(d->pause_count, 0);
	fixture_end(d);
}

/* Everything comes back, also when the domain ran, had ports and timers, and died at different times. */
static void teardown_gives_all_back(void)
{
	uint64_t free_pages = 0, bytes = 0, pages, bytes_after;
	unsigned reserved = 0;

	setup(2);
	/* The heap keeps some pages for later: start when it has them. */
	for (unsigned round = 0; round < 3; round++) {
		struct domain *d = fixture_domain(false, 40);
		struct vcpu *v;

		CHECK_EQ(domain_start(d), 0);
		for (unsigned i = 0; i < 5; i++)
			vcpu_up(d->vcpus[i]);
		fixture_settle();
		v = percpu()->current;
		CHECK(v);
		CHECK(event_channel_alloc_unbound(d, 0) > 0);
		timer_set(&v->singleshot, machine_now_ns() + 10 * MS);
		CHECK_EQ(domain_watchdog(d, 0, 1), 1);
		fixture_end(d);
		CHECK(!domain_next(0));
		CHECK(!percpu()->loaded);
		if (round == 0) {
			heap_usage(&bytes, &pages);
			free_pages = page_nr_free();
			reserved = percpu()->timers.reserved;
		}
	}
	heap_usage(&bytes_after, &pages);
	CHECK_EQ(bytes_after, bytes);
	CHECK_EQ(page_nr_free(), free_pages);
	CHECK_EQ(percpu()->timers.reserved, reserved);
}

/* A domain that was never started, and one that could not be made. */
static void gives_back_what_failed(void)
{
	struct domain_config c = { .id = 7, .max_vcpus = 4, .max_pages = 10 };
	uint64_t bytes, bytes_after, pages;
	struct domain *d, *twice;

	setup(1);
	CHECK_EQ(domain_create(&c, &d), 0);
	heap_usage(&bytes, &pages);
	CHECK_EQ(domain_create(&c, &twice), -XEN_EEXIST);
	heap_usage(&bytes_after, &pages);
	CHECK_EQ(bytes_after, bytes);
	fixture_end(d);
	CHECK(!domain_get(7));
	CHECK_EQ(domain_create(&c, &d), 0);
	fixture_end(d);
}

/* Somebody's page reference keeps the struct and the id, not the rest. */
static void pages_keep_the_id(void)
{
	struct domain_config c = { .id = 9, .max_vcpus = 1, .max_pages = 10 };
	struct domain *d, *again;
	mfn_t m;

	setup(1);
	CHECK_EQ(domain_create(&c, &d), 0);
	m = page_alloc(d, 0, 0);
	CHECK(mfn_valid(m));
	CHECK(page_get(m, d));
	CHECK_EQ(p2m_map(&d->p2m, gfn(3), m, 0, P2M_RAM_RW), 0);
	fixture_end(d);
	CHECK_EQ(d->state, DOMAIN_DEAD);
	CHECK_EQ(d->nr_pages, 1);
	CHECK(!domain_get(9));
	CHECK_EQ(domain_create(&c, &again), -XEN_EEXIST);
	page_put(m);
	fixture_settle();
	CHECK_EQ(domain_create(&c, &again), 0);
	fixture_end(again);
}

static void dying_is_found_and_told(void)
{
	struct domain *d, *found;
	uint16_t id;

	setup(1);
	dom0 = fixture_domain(true, 1);
	CHECK(domain_is_first(dom0));
	d = fixture_domain(false, 1);
	id = d->id;
	domain_destroy(d);
	domain_destroy(d);
	found = domain_get(id);
	CHECK(found == d && domain_is_dying(found));
	domain_put(found);
	CHECK_EQ(domain_start(d), -XEN_EINVAL);
	fixture_end(d);
	fixture_end(dom0);
	CHECK(!domain_first());
}

static void shutdown_stops_and_tells(void)
{
	struct domain *d;

	setup(2);
	dom0 = fixture_domain(true, 1);
	d = fixture_domain(false, 3);
	CHECK_EQ(domain_start(d), 0);
	for (unsigned i = 0; i < 3; i++)
		vcpu_up(d->vcpus[i]);
	fixture_settle();
	fake_console_clear();
	domain_shutdown(d, SHUTDOWN_suspend);
	fixture_settle();
	for (unsigned cpu = 0; cpu < 2; cpu++)
		CHECK(!percpu_of(cpu)->current);
	CHECK(d->is_shut_down);
	CHECK_EQ(d->shutdown_code, SHUTDOWN_suspend);
	CHECK(strstr(fake_console_text(), "d1: shutdown: suspend\n"));
	fake_console_clear();
	domain_shutdown(d, SHUTDOWN_crash);
	domain_crash(d, "too late");
	CHECK_EQ(d->shutdown_code, SHUTDOWN_suspend);
	CHECK_EQ(fake_console_text()[0], 0);
	fixture_end(d);
	fixture_end(dom0);
}

static void codes_have_names(void)
{
	static const struct {
		uint32_t code;
		const char *text;
	} rows[] = {
		{ 0, "d1: shutdown: poweroff\n" }, { 1, "d1: shutdown: reboot\n" },
		{ 2, "d1: shutdown: suspend\n" },  { 3, "d1: shutdown: crash\n" },
		{ 4, "d1: shutdown: watchdog\n" }, { 5, "d1: shutdown: soft_reset\n" },
		{ 6, "d1: shutdown: code 6\n" },   { 255, "d1: shutdown: code 255\n" },
	};

	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct domain *d;

		setup(1);
		dom0 = fixture_domain(true, 1);
		d = fixture_domain(false, 1);
		fake_console_clear();
		domain_shutdown(d, rows[i].code);
		CHECK(strstr(fake_console_text(), rows[i].text));
		fixture_end(d);
		fixture_end(dom0);
	}
}

static void first_domain_acts(void)
{
	static const struct {
		uint32_t code;
		bool noreboot;
		enum fake_end end;
	} rows[] = {
		{ SHUTDOWN_poweroff, false, FAKE_END_POWER_OFF },
		{ SHUTDOWN_poweroff, true, FAKE_END_POWER_OFF },
		{ SHUTDOWN_reboot, false, FAKE_END_REBOOT },
		{ SHUTDOWN_reboot, true, FAKE_END_NONE },
		{ SHUTDOWN_crash, false, FAKE_END_REBOOT },
		{ SHUTDOWN_crash, true, FAKE_END_NONE },
		{ SHUTDOWN_watchdog, false, FAKE_END_REBOOT },
		{ SHUTDOWN_suspend, true, FAKE_END_NONE },
		{ 77, false, FAKE_END_REBOOT },
	};

	static unsigned i; /* not in a register across the jump */

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		setup(1);
		options.noreboot = rows[i].noreboot;
		dom0 = fixture_domain(true, 2);
		CHECK_EQ(domain_start(dom0), 0);
		vcpu_up(dom0->vcpus[0]);
		fixture_settle();
		fake_console_clear();
		CHECK_EQ(FAKE_END_OF(domain_shutdown(dom0, rows[i].code)), rows[i].end);
		CHECK(strstr(fake_console_text(), "d0: shutdown: "));
		CHECK_EQ(!!strstr(fake_console_text(), "halted (noreboot)\n"),
		         rows[i].end == FAKE_END_NONE);
		/* The state of each vcpu is shown for a crash. */
		CHECK_EQ(!!strstr(fake_console_text(), "d0 v1: "),
		         rows[i].code == SHUTDOWN_crash || rows[i].code == SHUTDOWN_watchdog);
		fixture_settle();
		CHECK(!percpu()->current);
		fixture_end(dom0);
	}
}

static void crash_says_why(void)
{
	struct domain *d;

	setup(1);
	dom0 = fixture_domain(true, 1);
	d = fixture_domain(false, 1);
	fake_console_clear();
	domain_crash(d, "vcpu %u did %s", 3, "this");
	CHECK(strstr(fake_console_text(), "d1: crashed: vcpu 3 did this\n"));
	CHECK_EQ(d->shutdown_code, SHUTDOWN_crash);
	fixture_end(d);
	fixture_end(dom0);
}

static void width_is_latched(void)
{
	struct domain *d;
	struct vcpu *v;
	uint8_t *shared;

	setup(1);
	machine_set_wallclock_ns(0x123456789ull * 1000000000 + 5);
	d = fixture_domain(false, 1);
	v = d->vcpus[0];
	shared = d->shared_info;
	CHECK_EQ(*(uint32_t *)(shared + 0xc04), 0x23456789);
	CHECK_EQ(*(uint32_t *)(shared + 0xc08), 5);
	CHECK_EQ(*(uint32_t *)(shared + 0xc0c), 1);
	script_set_flat32(v);
	domain_latch_width(d, v);
	CHECK(d->is_compat);
	CHECK_EQ(*(uint32_t *)(shared + 0x904), 0x23456789);
	CHECK_EQ(*(uint32_t *)(shared + 0x908), 5);
	CHECK_EQ(*(uint32_t *)(shared + 0x924), 1);
	CHECK_EQ(*(uint32_t *)(shared + 0x900) & 1, 0);
	script_set_long_mode(v, FIXTURE_CR3);
	domain_latch_width(d, v);
	CHECK(!d->is_compat);
	CHECK_EQ(*(uint32_t *)(shared + 0xc04), 0x23456789);
	fixture_end(d);
}

static void ids_run_out_politely(void)
{
	static struct domain *d[64];
	struct domain_config c = { .id = DOMID_INVALID, .max_vcpus = 1 };
	unsigned n;

	setup(1);
	for (n = 0; n < ARRAY_LEN(d); n++)
		CHECK_EQ(domain_create(&c, &d[n]), 0);
	/* A freed id is not the next one given. */
	domain_destroy(d[10]);
	domain_put(d[10]);
	for (unsigned i = 0; i < 100; i++)
		fixture_advance(MS);
	CHECK_EQ(domain_create(&c, &d[10]), 0);
	CHECK_EQ(d[10]->id, 65);
	domains_dump();
	for (n = 0; n < ARRAY_LEN(d); n++)
		domain_destroy(d[n]), domain_put(d[n]);
	for (unsigned i = 0; i < 200; i++)
		fixture_advance(MS);
	CHECK(!domain_next(0));
}

UNIT_MAIN(UNIT(refuses_bad_configs), UNIT(table_knows_them), UNIT(self_is_a_handle),
          UNIT(starts_when_told), UNIT(tool_pause_outlives_start), UNIT(teardown_gives_all_back),
          UNIT(gives_back_what_failed), UNIT(pages_keep_the_id), UNIT(dying_is_found_and_told),
          UNIT(shutdown_stops_and_tells), UNIT(codes_have_names), UNIT(first_domain_acts),
          UNIT(crash_says_why), UNIT(width_is_latched), UNIT(ids_run_out_politely))
