/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest's device model: how it is made, entered and ended. What it is entered for beside accesses: devmodel_events.c. */
#include "devmodel.h"

#include "device.h"
#include "devmodel_link.h"
#include "domain.h"
#include "errno.h"
#include "guest_translate.h"
#include "heap.h"
#include "log.h"
#include "string.h"

#include <xen/sched.h>

static const char *const entry_names[] = {
	[DEVMODEL_START] = "start",
	[DEVMODEL_PIO] = "port",
	[DEVMODEL_MMIO] = "memory access",
	[DEVMODEL_PIO_STRING] = "string of ports",
	[DEVMODEL_EVENT] = "event",
	[DEVMODEL_RESET] = "reset",
	[DEVMODEL_MMIO_STRING] = "string in memory",
	[DEVMODEL_WAKE] = "wake",
};
static const char *const end_names[] = {
	[USERMODE_DONE] = "nothing",
	[USERMODE_FAULT] = "an exception",
	[USERMODE_LATE] = "its time is over",
};

static unsigned shared_order(void)
{
	unsigned order = 0;

	while ((PAGE_SIZE << order) < DEVMODEL_SHARED_SIZE)
		order++;
	return order;
}

/* ---- one entry ---- */

static bool page_fault(struct usermode *u, uint64_t linear, bool write, bool fetch)
{
	return devmodel_space_fault(&container_of(u, struct devmodel, user)->space, linear, write,
	                            fetch);
}

static void dead(struct devmodel *m, enum usermode_end end, const uint64_t args[USERMODE_ARGS])
{
	const struct usermode_report *r = &m->user.report;

	m->is_dead = true;
	log_error(
		"%s: the device model is ended: %s (vector %u, error code %#x, address %#llx) at RIP %#llx, RSP %#llx after %llu us",
		m->domain->name, end_names[end], end == USERMODE_FAULT ? r->vector : 0u,
		end == USERMODE_FAULT ? r->error_code : 0u, (unsigned long long)r->address,
		(unsigned long long)r->rip, (unsigned long long)r->rsp,
		(unsigned long long)machine_ticks_to_ns(r->ran_ticks) / 1000);
	log_error("%s: it was entered for: %s %#llx, %#llx, %#llx, %#llx; %u pages of its own",
	          m->domain->name, entry_names[args[0]], (unsigned long long)args[1],
	          (unsigned long long)args[2], (unsigned long long)args[3],
	          (unsigned long long)args[4], m->space.own.nr + m->space.window.nr);
}

/* Lock held. False: it is dead, or is now. */
static bool run(struct devmodel *m, const uint64_t args[USERMODE_ARGS])
{
	enum usermode_end end;

	if (unlikely(m->is_dead))
		return false;
	m->cpu = guest_touch_begin(&m->domain->p2m);
	(void)devmodel_space_renew(&m->space);
	end = machine_usermode_run(&m->user, args);
	guest_touch_end(m->cpu);
	m->nr_entries++;
	m->run_ticks += m->user.report.ran_ticks;
	if (likely(end == USERMODE_DONE))
		return true;
	dead(m, end, args);
	return false;
}

/* What it asked for and what needs that no lock is held. */
static noinline_fn void after_rare_run(struct devmodel *m, bool alive)
{
	static const uint8_t reasons[] = { [MACHINE_POWEROFF] = SHUTDOWN_poweroff,
		                           [MACHINE_REBOOT] = SHUTDOWN_reboot,
		                           [MACHINE_CRASH] = SHUTDOWN_crash };
	static const char *const causes[] = {
		[MACHINE_POWEROFF] = "its board was switched off (ACPI, or its power button's end)",
		[MACHINE_REBOOT] = "its board was reset (keyboard controller, port 0xcf9 or ACPI)",
		[MACHINE_CRASH] = "its board could not go on",
	};
	uint32_t events = m->machine_events;

	m->machine_events = 0;
	spin_unlock(&m->lock);
	if (unlikely(!alive) && !read_once(m->domain->is_shut_down))
		domain_crash(m->domain, "its device model is gone");
	if (likely(!events))
		return;
	if (events & 1u << MACHINE_SLEEP_S3)
		domain_sleep(m->domain);
	if (events & 1u << MACHINE_WAKE)
		domain_wake(m->domain);
	for (unsigned e = 0; e < ARRAY_LEN(reasons); e++)
		if (events & 1u << e && causes[e]) {
			domain_ending_note(m->domain, "%s", causes[e]);
			domain_shutdown(m->domain, reasons[e]);
		}
}

static inline void after_run(struct devmodel *m, bool alive)
{
	if (likely(alive && !m->machine_events))
		spin_unlock(&m->lock);
	else
		after_rare_run(m, alive);
}

/* One entry from outside. */
static bool enter(struct devmodel *m, const uint64_t args[USERMODE_ARGS], uint64_t *result)
{
	bool alive;

	spin_lock(&m->lock);
	alive = run(m, args);
	*result = m->result;
	after_run(m, alive);
	return alive;
}

static enum io_result access(struct devmodel *m, enum devmodel_entry kind, struct io_access *a)
{
	const uint64_t args[USERMODE_ARGS] = { kind, a->addr, a->size, a->is_write, a->value };
	uint64_t result;
	uint32_t turn = 0;
	bool alive, naps;

	spin_lock(&m->lock);
	alive = run(m, args);
	result = alive ? m->result : ~0ull;
	naps = m->is_polled;
	if (unlikely(naps)) {
		m->is_polled = false;
		turn = m->turn;
	}
	after_run(m, alive);
	if (!a->is_write)
		a->value = result & (~0ull >> (64 - 8 * a->size));
	if (unlikely(naps))
		devmodel_nap(m, turn);
	return IO_DONE;
}

enum io_result devmodel_pio(struct devmodel *m, struct io_access *a)
{
	return access(m, DEVMODEL_PIO, a);
}

enum io_result devmodel_mmio(struct devmodel *m, struct io_access *a)
{
	return access(m, DEVMODEL_MMIO, a);
}

/* An entry with bytes that it gets, or fills. */
static bool enter_bulk(struct devmodel *m, const uint64_t args[USERMODE_ARGS], uint8_t *give,
                       uint8_t *take, uint32_t n)
{
	bool alive;

	spin_lock(&m->lock);
	if (give)
		memcpy(m->shared->bulk, give, n);
	alive = run(m, args);
	if (take && alive)
		memcpy(take, m->shared->bulk, n);
	after_run(m, alive);
	if (take && !alive)
		memset(take, 0xff, n);
	return alive;
}

bool devmodel_pio_string(struct devmodel *m, uint16_t port, unsigned size, bool is_write,
                         unsigned count, uint8_t *bytes)
{
	const uint64_t args[USERMODE_ARGS] = { DEVMODEL_PIO_STRING, port, size, is_write, count };

	return enter_bulk(m, args, is_write ? bytes : NULL, is_write ? NULL : bytes, size * count);
}

bool devmodel_mmio_string(struct devmodel *m, const struct devmodel_string *s)
{
	const uint64_t args[USERMODE_ARGS] = { DEVMODEL_MMIO_STRING, s->source, s->dest,
		                               s->size | (s->down ? DEVMODEL_STRING_DOWN : 0),
		                               s->count };

	return enter_bulk(m, args, s->source == DEVMODEL_STRING_BULK ? s->bytes : NULL,
	                  s->dest == DEVMODEL_STRING_BULK ? s->bytes : NULL, s->size * s->count);
}

void devmodel_enter_events(struct devmodel *m, uint32_t events)
{
	const uint64_t args[USERMODE_ARGS] = { DEVMODEL_EVENT, events };
	bool alive;

	spin_lock(&m->lock);
	if (events & DEVMODEL_EVENT_CONSOLE && !m->is_dead)
		devmodel_hand_over_typed(m);
	alive = run(m, args);
	write_once(m->turn, m->turn + 1);
	after_run(m, alive);
	devmodel_naps_end(m);
}

void devmodel_wake(struct devmodel *m)
{
	const uint64_t args[USERMODE_ARGS] = { DEVMODEL_WAKE };

	spin_lock(&m->lock);
	after_run(m, run(m, args));
}

/* ---- life ---- */

static int disks_add(struct devmodel *m, const struct devmodel_config *c)
{
	int err = 0;

	for (unsigned i = 0; i < DEVMODEL_DISKS && !err; i++) {
		const struct devmodel_region disk = {
			.base = DEVMODEL_DISK(i),
			.size = align_up(c->board.drives[i].size, PAGE_SIZE),
			.backing = DEVMODEL_FIXED,
			.is_writable = !c->board.drives[i].read_only,
			.from = c->disks[i],
		};

		err = devmodel_space_add(&m->space, &disk);
	}
	return err;
}

static int link_make(struct devmodel *m, const struct devmodel_config *c)
{
	int err = devmodel_space_add_link(&m->space);

	return err ? err : devmodel_link_make(m, c->backend);
}

static int space_make(struct devmodel *m, const struct devmodel_config *c)
{
	struct devmodel_region shared = { DEVMODEL_SHARED, DEVMODEL_SHARED_SIZE, DEVMODEL_FIXED,
		                          true };
	const char *why;
	int err = devmodel_space_init(&m->space, m->domain);

	if (err)
		return err;
	m->shared = page_alloc_virt(shared_order());
	if (!m->shared)
		return -ENOMEM;
	m->shared->board = c->board;
	shared.from = (const uint8_t *)m->shared;
	err = devmodel_space_add(&m->space, &shared);
	if (!err)
		err = devmodel_space_add_vram(&m->space, c->board.vram_size);
	if (!err)
		err = c->board.has_link ? link_make(m, c) : disks_add(m, c);
	if (err)
		return err;
	err = devmodel_space_load(&m->space, c->image, c->image_size, &m->user.entry, &why);
	if (err)
		log_error("%s: %s is no device model: %s", m->domain->name, c->image_name, why);
	else
		store_release(&m->has_pages, true);
	return err;
}

static int board_make(struct devmodel *m)
{
	const uint64_t args[USERMODE_ARGS] = { DEVMODEL_START };
	uint64_t result;

	m->user.root = m->space.root;
	m->user.stack = DEVMODEL_STACK_END - 8; /* as after a call */
	m->user.budget_ns = DEVMODEL_BUDGET_NS;
	m->user.page_fault = page_fault;
	m->user.call = devmodel_call;
	if (!enter(m, args, &result))
		return -EINVAL;
	if (result)
		log_error("%s: the device model cannot make its board: error %lld", m->domain->name,
		          -(long long)result);
	return result ? -EINVAL : 0;
}

static struct devmodel *instance_alloc(struct domain *d, const struct devmodel_config *config)
{
	struct devmodel *m = heap_alloc(sizeof(*m));

	if (!m)
		return NULL;
	m->domain = d;
	m->has_console = config->board.nr_serials && !config->board.has_link;
	if (devmodel_events_init(m)) {
		heap_free(m);
		return NULL;
	}
	m->image = config->owned_image;
	return m;
}

static int instance_make(struct devmodel *m, const struct devmodel_config *config)
{
	int err = space_make(m, config);

	for (uint32_t n = 0; n < DEVMODEL_NICS && !err && !config->board.has_link; n++)
		if (config->board.nics[n].present)
			err = devmodel_net_join(m, n);
	return err ? err : board_make(m);
}

int devmodel_create(struct domain *d, const struct devmodel_config *config)
{
	struct devmodel *m = instance_alloc(d, config);
	int err = -ENOMEM;

	if (m) {
		store_release(&d->devmodel, m);
		devmodel_thread_place(m);
		err = instance_make(m, config);
	} else if (config->owned_image) {
		devmodel_image_put(config->owned_image);
	}
	if (err == -ENOMEM)
		log_error("%s: no memory for its device model", d->name);
	if (m && err) {
		spin_lock(&m->lock);
		m->is_dead = true;
		spin_unlock(&m->lock);
	}
	if (!err)
		sched_unit_start(&m->thread);
	return err;
}

/* Who raises an event late finds a thread that is stopped: the struct stays until the domain goes. */
int devmodel_destroy(struct domain *d)
{
	struct devmodel *m = d->devmodel;

	if (!m)
		return 0;
	if (devmodel_events_stop(m))
		return -EINTR;
	devmodel_net_leave(m);
	spin_lock(&m->lock);
	m->is_dead = true;
	spin_lock(&m->pages_lock);
	m->has_pages = false;
	spin_unlock(&m->pages_lock);
	devmodel_space_destroy(&m->space);
	if (m->shared)
		page_free_virt(m->shared, shared_order());
	m->shared = NULL;
	if (m->image)
		devmodel_image_put(m->image);
	m->image = NULL;
	spin_unlock(&m->lock);
	return 0;
}

void devmodel_free(struct domain *d)
{
	heap_free(d->devmodel);
	d->devmodel = NULL;
}

/* ---- what it costs ---- */

uint64_t devmodel_nr_pages(const struct devmodel *m)
{
	uint64_t pages = (uint64_t)read_once(m->space.own.nr) + read_once(m->space.window.nr);

	if (read_once(m->shared))
		pages += 1ull << shared_order();
	return pages;
}

void devmodel_dump(struct domain *d)
{
	const struct devmodel *m = d->devmodel;

	if (!m) {
		log_info("%s: no device model here", d->name);
		return;
	}
	log_info(
		"%s: device model%s: %llu KiB beside %llu KiB of VRAM, %llu KiB of these for its view of the guest; %llu entries, %llu ms",
		d->name, read_once(m->is_dead) ? " (ended)" : "",
		(unsigned long long)(devmodel_nr_pages(m) << PAGE_SHIFT >> 10),
		(unsigned long long)read_once(m->space.vram.nr) << PAGE_SHIFT >> 10,
		(unsigned long long)read_once(m->space.window.nr) << PAGE_SHIFT >> 10,
		(unsigned long long)read_once(m->nr_entries),
		(unsigned long long)(machine_ticks_to_ns(read_once(m->run_ticks)) / 1000000));
}
