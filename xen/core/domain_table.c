/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of all domains: by id for lookups (a hash), in order of id for walks (a list). A domain is in it until its struct is freed. */
#include "domain_table.h"

#include "errno.h"
#include "format.h"
#include "log.h"

#include <xen/xen.h>

#define NR_BUCKETS 256

/* All: table_lock. */
static struct spinlock table_lock = SPINLOCK_INIT;
static struct domain *buckets[NR_BUCKETS];
static struct list by_id = LIST_INIT(by_id);
static uint32_t nr_domains;
static uint16_t last_id;
/* Set once, read freely. */
static struct domain *first_domain;

static struct domain *bucket_find(uint16_t id)
{
	struct domain *d = buckets[id % NR_BUCKETS];

	while (d && d->id != id)
		d = d->hash_next;
	return d;
}

/* Ids are used up before one comes again, so that a late user of an old id finds nobody. 0 is only given by name. */
static uint16_t free_id(void)
{
	uint16_t id = last_id;

	do {
		id = id + 1 < DOMID_LIMIT ? (uint16_t)(id + 1) : 1;
	} while (bucket_find(id));
	last_id = id;
	return id;
}

static void link_by_id(struct domain *d)
{
	struct list *pos = by_id.prev;

	while (pos != &by_id && list_entry(pos, struct domain, node)->id > d->id)
		pos = pos->prev;
	list_add_head(pos, &d->node);
	d->hash_next = buckets[d->id % NR_BUCKETS];
	buckets[d->id % NR_BUCKETS] = d;
}

int domain_table_insert(struct domain *d, uint16_t id)
{
	int err = 0;

	spin_lock(&table_lock);
	if (nr_domains >= DOMAIN_MAX)
		err = -ENOSPC;
	else if (id != DOMID_INVALID && bucket_find(id))
		err = -EEXIST;
	if (!err) {
		d->id = id == DOMID_INVALID ? free_id() : id;
		format(d->name, sizeof(d->name), "d%u", d->id);
		link_by_id(d);
		nr_domains++;
		if (d->is_privileged && !first_domain)
			write_once(first_domain, d);
	}
	spin_unlock(&table_lock);
	return err;
}

void domain_table_remove(struct domain *d)
{
	struct domain **link;

	spin_lock(&table_lock);
	for (link = &buckets[d->id % NR_BUCKETS]; *link != d; link = &(*link)->hash_next)
		;
	*link = d->hash_next;
	list_remove(&d->node);
	nr_domains--;
	if (first_domain == d)
		write_once(first_domain, NULL);
	spin_unlock(&table_lock);
}

void domain_table_init(void)
{
	spin_init(&table_lock);
	for (unsigned i = 0; i < NR_BUCKETS; i++)
		buckets[i] = NULL;
	list_init(&by_id);
	nr_domains = 0;
	last_id = 0;
	first_domain = NULL;
}

/* A domain whose last reference went stays in the table for a moment: it is not found any more. */
static bool ref_if_there(struct domain *d, bool dead_too)
{
	uint32_t refs = read_once(d->refs);

	if (!dead_too && read_once(d->state) == DOMAIN_DEAD)
		return false;
	while (refs)
		if (atomic_compare_exchange(&d->refs, &refs, refs + 1))
			return true;
	return false;
}

static struct domain *get(uint16_t id, bool dead_too)
{
	struct domain *d;

	spin_lock(&table_lock);
	d = bucket_find(id);
	if (d && !ref_if_there(d, dead_too))
		d = NULL;
	spin_unlock(&table_lock);
	return d;
}

struct domain *domain_get(uint16_t id)
{
	return get(id, false);
}

struct domain *domain_get_any(uint16_t id)
{
	return get(id, true);
}

struct domain *domain_by_handle(struct vcpu *caller, uint16_t domid)
{
	return domid == DOMID_SELF ? domain_ref(caller->domain) : domain_get(domid);
}

static struct domain *next(uint16_t from, bool dead_too)
{
	struct domain *d, *found = NULL;
	struct list *pos;

	spin_lock(&table_lock);
	list_for_each(pos, &by_id) {
		d = list_entry(pos, struct domain, node);
		if (d->id >= from && ref_if_there(d, dead_too)) {
			found = d;
			break;
		}
	}
	spin_unlock(&table_lock);
	return found;
}

struct domain *domain_next(uint16_t from)
{
	return next(from, false);
}

struct domain *domain_next_any(uint16_t from)
{
	return next(from, true);
}

struct domain *domain_first(void)
{
	struct domain *d;

	spin_lock(&table_lock);
	d = first_domain;
	if (d && !ref_if_there(d, false))
		d = NULL;
	spin_unlock(&table_lock);
	return d;
}

bool domain_is_first(const struct domain *d)
{
	return d == read_once(first_domain);
}

void domain_tell_first(unsigned virq)
{
	struct domain *d = domain_first();

	if (!d)
		return;
	event_channel_send_global_virq(d, virq);
	domain_put(d);
}

static void domain_dump(struct domain *d)
{
	static const char *const states[] = { "building", "running", "dying", "dead" };
	struct vcpu *v;
	uint32_t i;

	log_info("%s: %s%s, references %u, pauses %u, pages %llu of %llu, weight %u, cap %u",
	         d->name, states[d->state], d->is_shut_down ? ", shut down" : "", d->refs,
	         d->pause_count, (unsigned long long)d->nr_pages, (unsigned long long)d->max_pages,
	         d->share.weight, d->share.cap);
	p2m_dump(&d->p2m);
	spin_lock(&d->lock);
	domain_for_each_vcpu(d, v, i)
		vcpu_dump(v);
	spin_unlock(&d->lock);
}

void domains_dump(void)
{
	struct domain *d;
	uint32_t from = 0;

	while (from < DOMID_LIMIT && (d = domain_next_any((uint16_t)from)) != NULL) {
		domain_dump(d);
		from = d->id + 1u;
		domain_put(d);
	}
}
