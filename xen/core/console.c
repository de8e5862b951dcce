/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console input: to dom0, to a guest whose serial port is here, or to the debug keys. */
#include "console.h"

#include "devmodel.h"
#include "domain.h"
#include "event_channel.h"
#include "log.h"
#include "percpu.h"
#include "spinlock.h"

#include <xen/xen.h>

/* Typed in a row, it moves the input from one to the other. */
#define SWITCH_KEY   0x01
#define SWITCH_COUNT 3

/* Bytes waiting; what does not fit is lost. Sizes are powers of two. */
struct byte_queue {
	uint32_t head, tail, mask;
	uint8_t *bytes;
};

static uint8_t arrived_bytes[256], dom0_bytes[1024], key_bytes[64];
static struct spinlock lock = SPINLOCK_INIT; /* all below */
static struct byte_queue arrived = { .mask = sizeof(arrived_bytes) - 1, .bytes = arrived_bytes };
static struct byte_queue keys = { .mask = sizeof(key_bytes) - 1, .bytes = key_bytes };
static struct byte_queue for_dom0 = { .mask = sizeof(dom0_bytes) - 1, .bytes = dom0_bytes };
/* input_lock */
static bool to_hypervisor;
static uint16_t owner_id; /* otherwise it goes to the first domain from here on that takes it */
static unsigned switch_keys;
/*
 * Held while input is worked off, before all others. A key may stop vcpus and wait for their CPUs: who finds it held must go on with its own pending work.
 */
static struct spinlock input_lock = SPINLOCK_INIT;

static bool queue_put(struct byte_queue *q, uint8_t byte)
{
	if (q->tail - q->head > q->mask)
		return false;
	q->bytes[q->tail++ & q->mask] = byte;
	return true;
}

static bool queue_get(struct byte_queue *q, uint8_t *byte)
{
	if (q->head == q->tail)
		return false;
	*byte = q->bytes[q->head++ & q->mask];
	return true;
}

void console_input(uint8_t byte)
{
	spin_lock(&lock);
	(void)queue_put(&arrived, byte);
	spin_unlock(&lock);
	atomic_fetch_or(&percpu()->pending, PENDING_CONSOLE);
}

static bool takes_input(const struct domain *d)
{
	return domain_is_first(d) || (d->devmodel && devmodel_has_console(d->devmodel));
}

static struct domain *owner_from(uint16_t id)
{
	struct domain *d = domain_next(id);

	while (d && !takes_input(d)) {
		id = (uint16_t)(d->id + 1);
		domain_put(d);
		d = domain_next(id);
	}
	return d;
}

/* Who has the input when the hypervisor has not; referenced, NULL: nobody is there. */
static struct domain *owner_get(void)
{
	struct domain *d = owner_from(owner_id);

	return d || !owner_id ? d : owner_from(0);
}

static const char *owner_name(const struct domain *d)
{
	if (!d)
		return "dom0 when it runs";
	return domain_is_first(d) ? "dom0" : d->name;
}

/* Away from the hypervisor it goes to the next one: all have their turn. */
static void switch_input(void)
{
	struct domain *d;

	to_hypervisor = !to_hypervisor;
	d = owner_get();
	if (d && !to_hypervisor && owner_id == d->id) {
		owner_id++;
		domain_put(d);
		d = owner_get();
	}
	if (to_hypervisor)
		log_info(
			"input goes to the hypervisor (h: help; three times ^A: on to the next domain)");
	else
		log_info("input goes to %s (three times ^A: to the hypervisor)", owner_name(d));
	if (d) {
		owner_id = d->id;
		domain_put(d);
	}
}

static void route(struct domain *owner, uint8_t byte)
{
	if (to_hypervisor || !owner) {
		debug_key_press((char)byte);
		return;
	}
	if (!domain_is_first(owner)) {
		devmodel_type(owner->devmodel, byte);
		return;
	}
	spin_lock(&lock);
	(void)queue_put(&for_dom0, byte);
	spin_unlock(&lock);
	event_channel_send_global_virq(owner, VIRQ_CONSOLE);
}

bool console_key(char key)
{
	bool put;

	spin_lock(&lock);
	put = queue_put(&keys, (uint8_t)key);
	spin_unlock(&lock);
	percpu_raise(percpu()->cpu, PENDING_CONSOLE);
	return put;
}

/* input_lock is held; switch_keys and to_hypervisor follow the order of the bytes. */
static void take_byte(uint8_t byte)
{
	struct domain *owner;

	if (byte == SWITCH_KEY) {
		if (++switch_keys == SWITCH_COUNT) {
			switch_keys = 0;
			switch_input();
		}
		return;
	}
	owner = owner_get();
	/* fewer than it takes: they were meant as they are */
	for (; switch_keys; switch_keys--)
		route(owner, SWITCH_KEY);
	route(owner, byte);
	if (owner)
		domain_put(owner);
}

/* The next byte, and whether it is a key that needs no routing. */
static bool input_get(uint8_t *byte, bool *is_key)
{
	bool more;

	spin_lock(&lock);
	*is_key = queue_get(&keys, byte);
	more = *is_key || queue_get(&arrived, byte);
	spin_unlock(&lock);
	return more;
}

void console_run(void)
{
	uint8_t byte;
	bool is_key;

	if (!spin_trylock(&input_lock)) {
		percpu_raise(percpu()->cpu, PENDING_CONSOLE);
		return;
	}
	while (input_get(&byte, &is_key)) {
		if (is_key)
			debug_key_press((char)byte);
		else
			take_byte(byte);
	}
	spin_unlock(&input_lock);
}

size_t console_read(char *to, size_t size)
{
	size_t n = 0;
	uint8_t byte;

	spin_lock(&lock);
	while (n < size && queue_get(&for_dom0, &byte))
		to[n++] = (char)byte;
	spin_unlock(&lock);
	return n;
}
