/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device model and a backend that are both hostile, against the hypervisor: ring 3 asks for anything with any arguments, touches any address and writes whatever it likes to its shared memory
 * and to the link; the guest moves its memory meanwhile, time passes, the other end of the event channel comes and goes, a migration counts dirty pages. Nothing may be touched that is not the
 * instance's, and in the end everything is given back: the sanitizers and the page counts watch.
 *
 * Input: operations of a byte with their parameters. Those of ring 3 end with the entry.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devmodel.h"
#include "devmodel_link.h"
#include "errno.h"
#include "event_ops.h"
#include "fake_domain.h"
#include "hvm_platform.h"
#include "machine_fake.h"
#include "registers.h"
#include "ring3_program.h"
#include "usermode_fake.h"

#include <xen/arch-x86/xen.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define VRAM_PAGES ((MIB(1) + DEVMODEL_VRAM_HIDDEN) >> PAGE_SHIFT)
#define STEPS      200u

static const uint8_t *at;
static size_t left;
static struct domain *dom0, *d;
static struct devmodel *m;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "violated: %s\n", what);
	abort();
}

static uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *at++;
}

static uint64_t number(unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)next() << 8 * i;
	return v;
}

/* Small numbers, places that mean something, and any. */
static uint64_t argument(void)
{
	static const uint64_t places[] = {
		0xf0000000, 0xa0000,    0xb8000,
		0x8000,     PAGE_SIZE,  VRAM_PAGES << PAGE_SHIFT,
		MIB(1),     MIB(2),     DEVMODEL_GUEST_MAX,
		UINT64_MAX, 0xfee00000,
	};

	switch (next() % 4) {
	case 0: return next();
	case 1: return places[next() % ARRAY_LEN(places)];
	case 2: return places[next() % ARRAY_LEN(places)] + number(2) * PAGE_SIZE;
	default: return number(8);
	}
}

/* ---- ring 3 ---- */

/* What it reaches by linear, if it may: one of its own pages, of its guest's, or the sink. */
static uint8_t *reached(uint64_t linear)
{
	uint64_t *table = m->space.root;

	for (int l = 3; l >= 0; l--) {
		uint64_t e = table[linear >> (12 + 9 * l) & 511];

		if (!(e & PTE_P))
			return NULL;
		must(e & PTE_U, "an entry of its own half");
		if (l == 0 || (e & PTE_PS)) {
			uint64_t low = linear & ((PAGE_SIZE << 9 * l) - 1);

			return e & PTE_W ? (uint8_t *)hpa_to_virt(hpa(e & PTE_ADDR)) + low : NULL;
		}
		table = hpa_to_virt(hpa(e & PTE_ADDR));
	}
	return NULL;
}

static bool touch(struct usermode *u)
{
	static const uint64_t bases[] = { DEVMODEL_IMAGE,  DEVMODEL_HEAP,   DEVMODEL_STACK_END,
		                          DEVMODEL_SHARED, DEVMODEL_LINK,   DEVMODEL_VRAM,
		                          DEVMODEL_GUEST,  DEVMODEL_DISK(0) };
	uint64_t linear = next() & 1 ? number(8) : bases[next() % ARRAY_LEN(bases)] + number(3);
	bool write = next() & 1;
	uint8_t *p;

	if (!u->page_fault(u, linear, write, false))
		return false;
	must(linear < 1ull << 47, "an address of its own half");
	p = write ? reached(linear) : NULL;
	if (p)
		*p = next();
	return true;
}

static enum usermode_end ring3(struct usermode *u, const uint64_t args[USERMODE_ARGS])
{
	static const enum usermode_end ends[] = { USERMODE_FAULT, USERMODE_LATE };

	if (args[0] == DEVMODEL_START) {
		uint64_t result[USERMODE_ARGS] = { 0 };

		must(!u->call(u, DEVMODEL_CALL_RETURN, result), "a return that returns");
		return USERMODE_DONE;
	}
	for (unsigned i = 0; i < 32; i++) {
		uint64_t call[USERMODE_ARGS];
		unsigned what = next();

		if (!left)
			what = 0;
		if (what % 16 == 1) {
			if (!touch(u))
				return USERMODE_FAULT;
			continue;
		}
		if (what == 255)
			return ends[next() & 1];
		for (unsigned k = 0; k < USERMODE_ARGS; k++)
			call[k] = argument();
		if (!u->call(u, what % 16 ? what % (DEVMODEL_NR_CALLS + 2) : DEVMODEL_CALL_RETURN,
		             call))
			return USERMODE_DONE;
	}
	return USERMODE_LATE;
}

/* ---- the world ---- */

static void enter(void)
{
	struct io_access a = { .addr = number(2), .size = 1 };

	must(devmodel_pio(m, &a) == IO_DONE, "an access that is done");
}

static void enter_string(void)
{
	uint8_t bytes[DEVMODEL_BULK] = { 0 };

	(void)devmodel_pio_string(m, (uint16_t)number(2), 1, next() & 1, DEVMODEL_BULK, bytes);
}

static void raise(void)
{
	devmodel_raise(m, next());
	fixture_settle();
}

static void time_passes(void)
{
	fixture_advance(number(2) * 1000);
}

/* What the backend writes: any of the link's pages, whose bytes the hypervisor must not care for. */
static void backend_writes(void)
{
	uint32_t page = (uint32_t)number(2);

	if (page < m->space.link.nr)
		memset(mfn_to_virt(m->space.link.mfns[page]), next(), PAGE_SIZE);
}

static void guest_moves_memory(void)
{
	uint64_t n = next() % FIXTURE_PAGES;

	if (n < 8) /* its tables */
		return;
	if (next() & 1)
		(void)!p2m_unmap(&d->p2m, gfn(n), 0);
	else
		(void)!p2m_change_type(&d->p2m, gfn(n), P2M_RAM_RW, P2M_RAM_LOGDIRTY);
}

static void guest_maps_over_windows(void)
{
	uint64_t to = (0xf0000000 >> PAGE_SHIFT) + next();
	mfn_t page = page_alloc(d, 0, 0);

	if (mfn_valid(page) && p2m_map(&d->p2m, gfn(to), page, 0, P2M_RAM_RW))
		page_put(page);
}

static void migration(void)
{
	d->settings.logs_dirty = next() & 1;
}

static void other_end(void)
{
	struct event_channel *chn;
	int port;

	if (next() & 1) {
		(void)event_channel_close(dom0, 1 + next() % 4);
		return;
	}
	/* as bind_interdomain does */
	event_channels_lock_pair(dom0, d);
	port = event_port_alloc(dom0, &chn);
	if (port > 0 && event_channel_at(&d->events, m->port)->state == PORT_UNBOUND) {
		struct event_channel *ours = event_channel_at(&d->events, m->port);

		chn->state = ours->state = PORT_INTERDOMAIN;
		chn->remote = d;
		chn->remote_domid = d->id;
		chn->remote_port = m->port;
		ours->remote = dom0;
		ours->remote_port = (uint32_t)port;
	}
	event_channels_unlock_pair(dom0, d);
}

static void resource(void)
{
	uint16_t type = (uint16_t)(0x5a00 + next() % 3);
	mfn_t page;

	if (!devmodel_resource_get(d, type, number(2), &page))
		page_put(page);
	(void)devmodel_resource_frames(d, type, next() & 1);
}

static void (*const steps[])(void) = {
	enter,          enter,
	enter,          enter_string,
	raise,          time_passes,
	backend_writes, guest_moves_memory,
	migration,      guest_maps_over_windows,
	other_end,      resource,
};

static void start(void)
{
	struct domain_config config = { .id = DOMID_INVALID, .max_vcpus = 1 };
	struct devmodel_config model = { .image_name = "fuzzed" };

	fake_core_init(48ull << 20, 1);
	fake_usermode = ring3;
	dom0 = fixture_domain(true, 1);
	config.max_pages = FIXTURE_PAGES * 2 + VRAM_PAGES + 64;
	config.emulation_flags = XEN_X86_EMU_ALL & ~(XEN_X86_EMU_VPCI | XEN_X86_EMU_USE_PIRQ);
	d = fake_domain_build(&config, FIXTURE_PAGES, 1);
	must(!hvm_platform_create(d), "a platform");
	ring3_program_make();
	model.image = &ring3_program;
	model.image_size = sizeof(ring3_program);
	model.board = (struct devmodel_board){ .version = DEVMODEL_ABI_VERSION,
		                               .vram_size = VRAM_PAGES << PAGE_SHIFT,
		                               .has_link = 1 };
	must(!devmodel_create(d, &model), "a device model");
	m = d->devmodel;
	must(!domain_start(dom0) && !domain_start(d), "domains that start");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t id;

	at = data;
	left = 0; /* ring 3 makes its board */
	start();
	left = size;
	for (unsigned i = 0; left && i < STEPS; i++)
		steps[next() % ARRAY_LEN(steps)]();
	id = d->id;
	fixture_end(d);
	must(!domain_get_any(id), "a guest that is gone");
	fixture_end(dom0);
	return 0;
}
