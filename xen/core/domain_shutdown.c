/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain ends by its own will, by a fault or by a watchdog; and what the computer does when it is the first domain. */
#include "domain_table.h"

#include "devmodel.h"
#include "errno.h"
#include "event_ops.h"
#include "format.h"
#include "log.h"
#include "options.h"
#include "string.h"

#include <xen/sched.h>
#include <xen/xen.h>

#define NS_A_SECOND 1000000000ull

static void restart_or_halt(struct domain *d)
{
	if (!options.noreboot)
		machine_reboot();
	log_info("%s: halted (noreboot)", d->name);
}

static void power_off(struct domain *d)
{
	machine_power_off();
}

static void dump_and_restart(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	domain_for_each_vcpu(d, v, i)
		vcpu_dump(v);
	restart_or_halt(d);
}

static const struct reason {
	const char *name;
	void (*first)(struct domain *d); /* what the computer does for the first domain */
} reasons[] = {
	[SHUTDOWN_poweroff] = { "poweroff", power_off },
	[SHUTDOWN_reboot] = { "reboot", restart_or_halt },
	[SHUTDOWN_suspend] = { "suspend", restart_or_halt },
	[SHUTDOWN_crash] = { "crash", dump_and_restart },
	[SHUTDOWN_watchdog] = { "watchdog", dump_and_restart },
	[SHUTDOWN_soft_reset] = { "soft_reset", restart_or_halt },
};

/* Who saves a domain may have asked to be told of its suspension by a port of the domain's own, and is then told by that alone. */
static bool tell_by_port(struct domain *d, uint32_t code)
{
	uint32_t port = read_once(d->suspend_port);

	return code == SHUTDOWN_suspend && port && !event_channel_send(d, port);
}

/* Says why; then dom0 is told, or the computer follows. */
static void shutdown_act(struct domain *d, uint32_t code)
{
	const struct reason *r = code < ARRAY_LEN(reasons) ? &reasons[code] : NULL;

	if (r)
		log_info("%s: shutdown: %s", d->name, r->name);
	else
		log_info("%s: shutdown: code %u", d->name, code);
	if (!domain_is_first(d)) {
		if (!tell_by_port(d, code))
			domain_tell_first(VIRQ_DOM_EXC);
		if (d->ended)
			d->ended(d, code);
		return;
	}
	if (r)
		r->first(d);
	else
		restart_or_halt(d);
}

/* A code latched before (SCHEDOP_shutdown_code) goes before the reason given now. */
void domain_shutdown(struct domain *d, uint32_t reason)
{
	struct vcpu *v;
	uint32_t i, code;

	spin_lock(&d->lock);
	if (d->is_shut_down) {
		spin_unlock(&d->lock);
		return;
	}
	if (d->shutdown_code == SHUTDOWN_CODE_NONE)
		d->shutdown_code = reason;
	code = d->shutdown_code;
	domain_ending_set(d);
	write_once(d->is_shut_down, true);
	domain_for_each_vcpu(d, v, i)
		if (!v->paused_for_shutdown) {
			v->paused_for_shutdown = true;
			sched_pause(&v->sched);
		}
	spin_unlock(&d->lock);
	shutdown_act(d, code);
}

/* Vcpus that were stopped by it go on, with all that they had. */
void domain_resume(struct domain *d)
{
	struct vcpu *v;
	uint32_t i;

	spin_lock(&d->lock);
	write_once(d->is_shut_down, false);
	d->shutdown_code = SHUTDOWN_CODE_NONE;
	memset(&d->ending, 0, sizeof(d->ending));
	domain_for_each_vcpu(d, v, i)
		if (v->paused_for_shutdown) {
			v->paused_for_shutdown = false;
			sched_unpause(&v->sched);
		}
	if (d->devmodel)
		devmodel_go_on(d->devmodel);
	spin_unlock(&d->lock);
}

void domain_shutdown_code(struct domain *d, uint32_t reason)
{
	spin_lock(&d->lock);
	if (d->shutdown_code == SHUTDOWN_CODE_NONE)
		d->shutdown_code = reason;
	spin_unlock(&d->lock);
}

void domain_crash(struct domain *d, const char *fmt, ...)
{
	char why[160];
	va_list ap;

	if (read_once(d->is_shut_down))
		return;
	va_start(ap, fmt);
	format_v(why, sizeof(why), fmt, ap);
	va_end(ap);
	log_error("%s: crashed: %s", d->name, why);
	domain_ending_note(d, "%s", why);
	domain_shutdown(d, SHUTDOWN_crash);
}

/* ---- watchdogs ---- */

static void watchdog_fired(struct domain *d, unsigned n)
{
	bool armed;

	spin_lock(&d->lock);
	armed = d->watchdog_armed >> n & 1 && !d->is_shut_down && d->state < DOMAIN_DYING;
	spin_unlock(&d->lock);
	if (!armed)
		return;
	log_warning("%s: watchdog %u has not been fed in time", d->name, n + 1);
	domain_ending_note(d, "watchdog %u was not fed in time", n + 1);
	domain_shutdown(d, SHUTDOWN_watchdog);
}

void domain_watchdog_fired_0(struct timer *t)
{
	watchdog_fired(container_of(t, struct domain, watchdog[0]), 0);
}

void domain_watchdog_fired_1(struct timer *t)
{
	watchdog_fired(container_of(t, struct domain, watchdog[1]), 1);
}

static long watchdog_new(struct domain *d, uint64_t at_ns)
{
	for (unsigned n = 0; n < DOMAIN_WATCHDOGS; n++) {
		if (d->watchdog_armed >> n & 1)
			continue;
		d->watchdog_armed |= 1u << n;
		timer_set(&d->watchdog[n], at_ns);
		return n + 1;
	}
	return -ENOSPC;
}

static long watchdog_feed(struct domain *d, unsigned n, uint32_t timeout_s, uint64_t at_ns)
{
	if (!(d->watchdog_armed >> n & 1))
		return -EINVAL;
	if (timeout_s) {
		timer_set(&d->watchdog[n], at_ns);
	} else {
		d->watchdog_armed &= ~(1u << n);
		timer_cancel(&d->watchdog[n]);
	}
	return 0;
}

long domain_watchdog(struct domain *d, uint32_t id, uint32_t timeout_s)
{
	uint64_t at_ns = machine_now_ns() + timeout_s * NS_A_SECOND;
	long r;

	if (id > DOMAIN_WATCHDOGS)
		return -EINVAL;
	spin_lock(&d->lock);
	r = id ? watchdog_feed(d, id - 1, timeout_s, at_ns) : watchdog_new(d, at_ns);
	spin_unlock(&d->lock);
	return r;
}
