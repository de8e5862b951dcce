/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The world of the devices of an instance. */
#include "ports.h"

#include "call.h"
#include "errno.h"
#include "link.h"
#include "string.h"
#include "timers.h"

#define PORT_REGIONS   128
#define MEMORY_REGIONS 64
#define ADDRESS_BITS   44 /* as far as DEVMODEL_GUEST_MAX */

static struct io_bus pio, mmio;

/* ---- the guest's RAM: all of it is in the address space, and what is none there reads as ones ---- */

static void *ram_span(struct guest_dma *m, uint64_t gpa, size_t *len, bool write)
{
	uint64_t end = devmodel_shared()->board.guest_end;

	if (gpa >= end)
		return NULL;
	*len = MIN(*len, (size_t)(end - gpa));
	return (void *)(DEVMODEL_GUEST + gpa);
}

static struct guest_dma ram = { ram_span };

/* ---- time ---- */

static struct device_timers timers;
static uint64_t asked_ns = UINT64_MAX; /* what the hypervisor's timer is set to */

static uint64_t clock_now(struct device_clock *c)
{
	return (uint64_t)devmodel_call(DEVMODEL_CALL_NOW, 0, 0, 0, 0);
}

static void timers_changed(void)
{
	uint64_t next = device_timers_next_ns(&timers);

	if (next == asked_ns)
		return;
	asked_ns = next;
	devmodel_call(DEVMODEL_CALL_TIMER, next, 0, 0, 0);
}

static void clock_cancel(struct device_clock *c, struct device_timer *t)
{
	device_timers_cancel(&timers, t);
	timers_changed();
}

static void clock_arm(struct device_clock *c, struct device_timer *t, uint64_t at_ns)
{
	device_timers_arm(&timers, t, at_ns);
	timers_changed();
}

static struct device_clock clock = { clock_now, clock_arm, clock_cancel };

void ports_timer_event(void)
{
	asked_ns = UINT64_MAX; /* it has fired */
	device_timers_run(&timers, clock_now(&clock));
	timers_changed();
}

void ports_reset(void)
{
	device_timers_cancel_all(&timers);
	timers_changed();
}

/* ---- wires ---- */

static struct wire {
	struct irq_line line;
	bool level;
} isa[16];

static void isa_set(struct irq_line *l, bool level)
{
	struct wire *w = container_of(l, struct wire, line);

	if (w->level == level)
		return;
	w->level = level;
	devmodel_call(DEVMODEL_CALL_ISA_IRQ, (uint64_t)(w - isa), level, 0, 0);
}

static struct irq_line *isa_irq(struct device_ports *p, unsigned irq)
{
	return &isa[irq].line;
}

static uint8_t intx[256]; /* by devfn: pins that are driven */

static void set_intx(struct pci_bus *b, uint8_t devfn, unsigned pin, bool level)
{
	uint8_t now = (uint8_t)((intx[devfn] & ~(1u << pin)) | (unsigned)level << pin);

	if (now == intx[devfn])
		return;
	intx[devfn] = now;
	devmodel_call(DEVMODEL_CALL_PCI_INTX, devfn, pin, level, 0);
}

static struct pci_bus pci = {
	.pio = &pio, .mmio = &mmio, .set_intx = set_intx, .address_bits = ADDRESS_BITS
};

/* ---- the machine ---- */

static void machine_event(struct machine_port *p, enum machine_event e)
{
	devmodel_call(DEVMODEL_CALL_MACHINE, e, 0, 0, 0);
}

static void set_link(struct machine_port *p, unsigned link, unsigned irq)
{
	devmodel_call(DEVMODEL_CALL_PCI_LINK, link, irq, 0, 0);
}

static void move_pm_timer(struct machine_port *p, uint16_t port)
{
	devmodel_call(DEVMODEL_CALL_PM_TIMER, port, 0, 0, 0);
}

static void message(struct machine_port *p, uint64_t address, uint32_t data)
{
	devmodel_call(DEVMODEL_CALL_MSI, address, data, 0, 0);
}

static void log_text(struct machine_port *p, const char *text)
{
	devmodel_text(DEVMODEL_TEXT_LOG, (const uint8_t *)text, strlen(text));
	devmodel_text(DEVMODEL_TEXT_LOG, (const uint8_t *)"\n", 1);
	link_log(text);
}

static void polled(struct machine_port *p)
{
	devmodel_call(DEVMODEL_CALL_POLLED, 0, 0, 0, 0);
}

static struct machine_port machine = { machine_event, set_link, move_pm_timer,
	                               message,       log_text, polled };

/* ---- all together ---- */

static struct device_ports all = { &pio, &mmio, &pci, &ram, &clock, &machine, isa_irq };

struct device_ports *ports(void)
{
	return &all;
}

int ports_init(void)
{
	for (unsigned i = 0; i < ARRAY_LEN(isa); i++)
		isa[i].line.set = isa_set;
	if (iobus_init(&pio, "ports", PORT_REGIONS) || iobus_init(&mmio, "memory", MEMORY_REGIONS))
		return -ENOMEM;
	return 0;
}
