/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for the devices under test. */
#include "device_fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sanitizer/asan_interface.h>

#include "errno.h"

static struct fake_machine *the_machine;

static void wire_set(struct irq_line *l, bool level)
{
	struct fake_wire *w = container_of(l, struct fake_wire, line);

	if (level && !w->level)
		w->rises++;
	if (!level && w->level)
		w->falls++;
	w->level = level;
}

static struct irq_line *isa_irq(struct device_ports *p, unsigned irq)
{
	return &container_of(p, struct fake_machine, ports)->isa[irq].line;
}

static void set_intx(struct pci_bus *b, uint8_t devfn, unsigned pin, bool level)
{
	wire_set(&container_of(b, struct fake_machine, pci)->intx[devfn][pin].line, level);
}

static void *span(struct guest_dma *d, uint64_t gpa, size_t *len, bool write)
{
	struct fake_machine *m = container_of(d, struct fake_machine, dma);

	if (gpa >= m->ram_size)
		return NULL;
	*len = MIN(*len, (size_t)(m->ram_size - gpa));
	return m->ram + gpa;
}

/* ---- time ---- */

static uint64_t now_ns(struct device_clock *c)
{
	return container_of(c, struct fake_machine, clock)->now_ns;
}

static void cancel(struct device_clock *c, struct device_timer *t)
{
	device_timers_cancel(&container_of(c, struct fake_machine, clock)->timers, t);
}

static void arm(struct device_clock *c, struct device_timer *t, uint64_t at_ns)
{
	device_timers_arm(&container_of(c, struct fake_machine, clock)->timers, t, at_ns);
}

void fake_machine_advance(struct fake_machine *m, uint64_t ns)
{
	uint64_t end = m->now_ns + ns;

	while (device_timers_next_ns(&m->timers) <= end) {
		m->now_ns = MAX(m->now_ns, device_timers_next_ns(&m->timers));
		device_timers_run(&m->timers, m->now_ns);
	}
	m->now_ns = end;
}

void fake_machine_sleep(struct fake_machine *m, uint64_t ns)
{
	m->now_ns += ns;
	while (device_timers_next_ns(&m->timers) <= m->now_ns)
		device_timers_run(&m->timers, m->now_ns);
}

void fake_machine_pass(struct fake_machine *m, unsigned units, uint64_t unit_ns)
{
	(units & 1 ? fake_machine_sleep : fake_machine_advance)(m, units * unit_ns);
}

/* ---- what the machine is asked ---- */

static struct fake_machine *of_port(struct machine_port *p)
{
	return container_of(p, struct fake_machine, port);
}

static void event(struct machine_port *p, enum machine_event e)
{
	of_port(p)->events[e]++;
}

static void set_link(struct machine_port *p, unsigned link, unsigned irq)
{
	of_port(p)->link[link] = irq;
}

static void move_pm_timer(struct machine_port *p, uint16_t port)
{
	of_port(p)->pm_timer = port;
}

static void message(struct machine_port *p, uint64_t address, uint32_t data)
{
	of_port(p)->messages++;
	of_port(p)->message_address = address;
	of_port(p)->message_data = data;
}

static void log_line(struct machine_port *p, const char *text)
{
	of_port(p)->logs++;
	snprintf(of_port(p)->last_log, sizeof(of_port(p)->last_log), "%s", text);
}

static void polled(struct machine_port *p)
{
	of_port(p)->polls++;
}

/* Made once and cleaned from then on: fuzzers want tens of thousands a second. */
static struct fake_machine *machine_clean(uint32_t ram_size)
{
	struct fake_machine *m = the_machine;
	uint8_t *ram;
	uint32_t was;

	if (!m) {
		m = the_machine = calloc(1, sizeof(*m));
		m->ram = malloc(FAKE_RAM_SIZE);
	}
	iobus_destroy(&m->pio);
	iobus_destroy(&m->mmio);
	ram = m->ram;
	was = m->ram_size;
	memset(m, 0, sizeof(*m));
	m->ram = ram;
	m->ram_size = ram_size;
	memset(m->ram, 0, ram_size);
	if (was == ram_size)
		return m;
	/* What is behind a small one is nobody's. */
	ASAN_UNPOISON_MEMORY_REGION(m->ram, FAKE_RAM_SIZE);
	ASAN_POISON_MEMORY_REGION(m->ram + ram_size, FAKE_RAM_SIZE - ram_size);
	return m;
}

static struct fake_machine *machine_make(uint32_t ram_size)
{
	struct fake_machine *m = machine_clean(ram_size);

	if (iobus_init(&m->pio, "ports", 256) || iobus_init(&m->mmio, "memory", 64))
		abort();
	m->pci = (struct pci_bus){
		.pio = &m->pio, .mmio = &m->mmio, .set_intx = set_intx, .address_bits = 36
	};
	m->dma.span = span;
	m->clock = (struct device_clock){ now_ns, arm, cancel };
	m->port =
		(struct machine_port){ event, set_link, move_pm_timer, message, log_line, polled };
	m->ports = (struct device_ports){ &m->pio,   &m->mmio, &m->pci, &m->dma,
		                          &m->clock, &m->port, isa_irq };
	m->now_ns = 1000000000;
	for (unsigned i = 0; i < 16; i++)
		m->isa[i].line.set = wire_set;
	for (unsigned i = 0; i < 256 * 4; i++)
		m->intx[i / 4][i % 4].line.set = wire_set;
	return m;
}

struct fake_machine *fake_machine_new(void)
{
	return machine_make(FAKE_RAM_SIZE);
}

struct fake_machine *fake_machine_small(void)
{
	return machine_make(FAKE_RAM_SMALL);
}

/* ---- guest accesses ---- */

static uint64_t do_access(struct io_bus *bus, uint64_t addr, unsigned size, bool is_write,
                          uint64_t value)
{
	struct io_access a = {
		.addr = addr, .value = value, .size = (uint8_t)size, .is_write = is_write
	};

	iobus_access(bus, &a);
	iobus_quiesce(bus);
	return size == 8 ? a.value : a.value & ((1ull << 8 * size) - 1);
}

uint32_t fake_in(struct fake_machine *m, uint16_t port, unsigned size)
{
	return (uint32_t)do_access(&m->pio, port, size, false, 0);
}

void fake_out(struct fake_machine *m, uint16_t port, unsigned size, uint32_t value)
{
	do_access(&m->pio, port, size, true, value);
}

uint64_t fake_load(struct fake_machine *m, uint64_t gpa, unsigned size)
{
	return do_access(&m->mmio, gpa, size, false, 0);
}

void fake_store(struct fake_machine *m, uint64_t gpa, unsigned size, uint64_t value)
{
	do_access(&m->mmio, gpa, size, true, value);
}

/* ---- a disk ---- */

static void disk_carry_out(struct fake_disk *d, struct block_request *r)
{
	uint8_t *at = d->bytes + r->sector * BLOCK_SECTOR;

	switch (r->op) {
	case BLOCK_READ:
		d->reads++;
		if (!d->error)
			memcpy(r->buffer, at, r->count * BLOCK_SECTOR);
		break;
	case BLOCK_WRITE:
		d->writes++;
		if (!d->error)
			memcpy(at, r->buffer, r->count * BLOCK_SECTOR);
		break;
	case BLOCK_FLUSH: d->flushes++; break;
	case BLOCK_DISCARD: d->discards++; break;
	}
	r->done(r, d->error);
}

static void disk_submit(struct block_backend *b, struct block_request *r)
{
	struct fake_disk *d = container_of(b, struct fake_disk, backend);
	struct block_request **p = &d->waiting;

	if (r->op != BLOCK_FLUSH && (r->sector > b->sectors || r->count > b->sectors - r->sector))
		abort(); /* a device asks only for what there is */
	if (!d->wait) {
		disk_carry_out(d, r);
		return;
	}
	r->next = NULL;
	while (*p)
		p = &(*p)->next;
	*p = r;
}

static void disk_cancel(struct block_backend *b, struct block_request *r)
{
	struct fake_disk *d = container_of(b, struct fake_disk, backend);

	for (struct block_request **p = &d->waiting; *p; p = &(*p)->next)
		if (*p == r) {
			*p = r->next;
			r->done(r, -EIO);
			return;
		}
}

bool fake_disk_answer(struct fake_disk *d)
{
	struct block_request *r = d->waiting;

	if (!r)
		return false;
	d->waiting = r->next;
	disk_carry_out(d, r);
	return true;
}

void fake_disk_init(struct fake_disk *d, uint8_t *bytes, uint64_t sectors)
{
	*d = (struct fake_disk){ .bytes = bytes };
	d->backend = (struct block_backend){ .sectors = sectors,
		                             .submit = disk_submit,
		                             .cancel = disk_cancel };
}
