/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device: its state and the ports through which it sees the world. Nothing else exists for it: no globals, no clock of its own, no guest memory but by guest_dma.
 * Whoever makes a device hands the ports in: the device model's entry code, or a test with fakes. All calls into the devices of a guest are made one at a time (one lock
 * an instance), so a device has no lock; and no device calls another through an address that a guest chose.
 */
#ifndef BUS_DEVICE_H
#define BUS_DEVICE_H

#include "iobus.h"
#include "irq_line.h"
#include "save.h"

/*
 * The guest's RAM. span: the bytes at gpa, *len cut to what lies there in one piece (at least 1); NULL: nothing that RAM can be is there. The pointer is good until the
 * device returns to its caller. Pages that turn out to be none (ballooned away, device memory) read as ones and take no writes. Never MMIO.
 */
struct guest_dma {
	void *(*span)(struct guest_dma *m, uint64_t gpa, size_t *len, bool write);
};
/* Copies; what is no RAM reads as ones and takes no writes, and makes the result -EFAULT. Page borders are no concern of the caller. */
int must_check dma_read(struct guest_dma *m, uint64_t gpa, void *to, size_t len);
int must_check dma_write(struct guest_dma *m, uint64_t gpa, const void *from, size_t len);

/* Time as the guest sees it: nanoseconds that stand still while it is paused. */
struct device_timer {
	void (*fn)(struct device_timer *t);
	uint64_t at_ns;            /* valid while armed */
	struct device_timer *next; /* the clock's */
	bool armed;
};
struct device_clock {
	uint64_t (*now_ns)(struct device_clock *c);
	/* Once, at or soon after at_ns; moves a timer that is armed. */
	void (*arm)(struct device_clock *c, struct device_timer *t, uint64_t at_ns);
	void (*cancel)(struct device_clock *c, struct device_timer *t);
};

/* What a device asks of the machine around it. */
enum machine_event {
	MACHINE_POWEROFF,
	MACHINE_REBOOT,
	MACHINE_SLEEP_S3,
	MACHINE_WAKE, /* from S3; harmless for a machine that does not sleep */
	MACHINE_CRASH
};
struct machine_port {
	void (*event)(struct machine_port *p, enum machine_event e);
	/* PCI interrupt link 0 to 3 goes to an ISA interrupt (0: to none). */
	void (*set_link)(struct machine_port *p, unsigned link, unsigned isa_irq);
	/* The ACPI timer's register is at this port; 0: nowhere. */
	void (*move_pm_timer)(struct machine_port *p, uint16_t port);
	void (*message)(struct machine_port *p, uint64_t address, uint32_t data); /* MSI */
	/* A line in the guest's log; the machine limits their rate. */
	void (*log)(struct machine_port *p, const char *text);
	/* In an access: the guest asks again and again for what only a backend's answer will change, and may well sleep until then. NULL: that is of no interest. */
	void (*polled)(struct machine_port *p);
};

struct pci_bus;
struct device_ports {
	struct io_bus *pio, *mmio;
	struct pci_bus *pci;
	struct guest_dma *dma;
	struct device_clock *clock;
	struct machine_port *machine;
	struct irq_line *(*isa_irq)(
		struct device_ports *p,
		unsigned irq); /* 0 to 15; each device has its own end of the wire */
};

struct device;
struct device_class {
	const char *name;
	size_t state_size; /* the state is zeroed before create() */
	uint16_t version;  /* of the saved record */
	/* config: the class's own structure, named in its header. -EINVAL, -ENOMEM, -EEXIST: a place is taken. On an error nothing is left claimed. */
	int (*create)(struct device *d, const void *config);
	void (*reset)(struct device *d); /* to power-on; also called once after create */
	void (*destroy)(struct device *d);
	const struct save_field
		*saved; /* everything that the guest could notice; fields are of the state */
	/* After the saved fields are there again: claims places, arms timers, drives lines. -EINVAL: no device could be so. NULL: nothing to do. */
	int (*restored)(struct device *d);
	void (*saving)(
		struct device *
			d); /* before they are read: brings what runs by itself up to date. NULL: nothing to do */
};

struct device {
	const struct device_class *class;
	const char *id; /* for messages */
	struct device_ports *ports;
	void *state;
};

/* Allocates the state, creates and resets. The errors of create(), -ENOMEM. */
int must_check device_create(struct device *d, const struct device_class *class, const char *id,
                             struct device_ports *ports, const void *config);
void device_reset(struct device *d);
/* Harmless for one that was not created. */
void device_destroy(struct device *d);
/* The record of its state. Bytes written, -ENOSPC. */
long must_check device_save(struct device *d, void *buf, size_t size);
/* Into a device that was just created. -EINVAL; then it is in its reset state. */
int must_check device_restore(struct device *d, uint16_t version, const void *buf, size_t size);

#endif
