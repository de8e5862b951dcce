/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The debug keys, a row each. */
#include "console.h"
#include "devmodel.h"
#include "domain.h"
#include "host_irq.h"
#include "log.h"
#include "machine.h"
#include "page_alloc.h"
#include "percpu.h"
#include "sched.h"
#include "timer.h"
#include "vcpu.h"

static void key_help(void)
{
	log_info("debug keys:");
	for (const struct debug_key *k = debug_keys; k->key; k++)
		log_info("  %c  %s", k->key, k->help);
}

/* Each domain in turn, referenced. */
static void for_each_domain(void (*fn)(struct domain *d))
{
	struct domain *d = domain_next(0);

	while (d) {
		uint16_t next = (uint16_t)(d->id + 1);

		fn(d);
		domain_put(d);
		d = next < DOMID_LIMIT ? domain_next(next) : NULL;
	}
}

/* A vcpu that runs elsewhere is stopped for the time of its dump: its registers are in that CPU. */
static void dump_vcpus(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i) {
		bool elsewhere = v != percpu()->current;

		if (elsewhere) {
			sched_pause(&v->sched);
			sched_pause_wait(&v->sched);
		}
		vcpu_dump(v);
		if (elsewhere)
			sched_unpause(&v->sched);
	}
}

static void key_vcpus(void)
{
	for_each_domain(dump_vcpus);
}

static void key_events(void)
{
	for_each_domain(event_channels_dump);
}

static void key_grants(void)
{
	for_each_domain(grant_table_dump);
}

static void dump_p2m(struct domain *d)
{
	log_info("d%u:", d->id);
	p2m_dump(&d->p2m);
}

static void key_p2m(void)
{
	for_each_domain(dump_p2m);
}

/* The screen itself comes when the device model has its turn. */
static void ask_screen(struct domain *d)
{
	log_info("%s: %s", d->name, d->devmodel ? "its screen:" : "has no screen here");
	if (d->devmodel)
		devmodel_raise(d->devmodel, DEVMODEL_EVENT_SCREEN);
}

static void key_devmodels(void)
{
	for_each_domain(devmodel_dump);
}

static void key_screens(void)
{
	for_each_domain(ask_screen);
}

static void key_time(void)
{
	uint64_t now = machine_now_ns(), utc = machine_wallclock_ns() + now;

	log_info("system time %lu.%09lu s, UTC %lu s since 1970", now / 1000000000,
	         now % 1000000000, utc / 1000000000);
	log_info("TSC %#lx, %u kHz, %s", machine_tsc(), machine_tsc_khz(),
	         machine_tsc_reliable() ? "reliable" : "not known to be reliable");
}

static void key_cpus(void)
{
	for (unsigned i = 0; i < machine_nr_cpus(); i++) {
		struct percpu *p = percpu_of(i);

		log_info("CPU%u: %lu exits, pending %#x%s%s", i, read_once(p->nr_exits),
		         read_once(p->pending), read_once(p->in_guest) ? ", in guest mode" : "",
		         read_once(p->current)  ? ""
		         : read_once(p->thread) ? ", in a device model"
		                                : ", idle");
	}
}

static void key_interrupts(void)
{
	host_irqs_dump();
}

static void key_reboot(void)
{
	log_info("restart, by debug key");
	machine_reboot();
}

static void key_crash(void)
{
	log_info("crash, by debug key");
	machine_panic();
}

/* What stayed for inspection after its end (noreboot) is given back. */
static void destroy_ended(struct domain *d)
{
	if (!read_once(d->is_shut_down)) {
		log_info("%s: has not ended", d->name);
		return;
	}
	log_info("%s: destroyed, by debug key", d->name);
	domain_destroy(d);
}

static void key_destroy(void)
{
	log_info("destroying domains that have ended");
	for_each_domain(destroy_ended);
}

const struct debug_key debug_keys[] = {
	{ 'C', "crash with a dump", key_crash },
	{ 'R', "restart the computer", key_reboot },
	{ 'a', "timers", timers_dump },
	{ 'c', "CPUs", key_cpus },
	{ 'd', "registers of all vcpus", key_vcpus },
	{ 'e', "event channels", key_events },
	{ 'g', "grant tables", key_grants },
	{ 'h', "this help", key_help },
	{ 'i', "interrupts of devices", key_interrupts },
	{ 'm', "memory", page_alloc_dump },
	{ 'p', "memory maps of domains", key_p2m },
	{ 'q', "domains", domains_dump },
	{ 'b', "device models (guests' boards)", key_devmodels },
	{ 's', "text screens of guests, to the console", key_screens },
	{ 'r', "run queues", sched_dump },
	{ 't', "time", key_time },
	{ 'x', "destroy domains that have ended", key_destroy },
	{ 0 },
};

void debug_key_press(char key)
{
	for (const struct debug_key *k = debug_keys; k->key; k++) {
		if (k->key != key)
			continue;
		k->fn();
		return;
	}
	if (key >= ' ' && key < 0x7f)
		log_info("no debug key '%c' (h: help)", key);
	else
		log_info("no debug key %#x (h: help)", (unsigned char)key);
}
