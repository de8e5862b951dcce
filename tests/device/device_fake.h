/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ports of a device, played by the test: buses, PCI, guest RAM, a clock that the test moves, interrupt wires, what the machine was asked. */
#ifndef DEVICE_FAKE_H
#define DEVICE_FAKE_H

#include "backend.h"
#include "device.h"
#include "pci_function.h"
#include "timers.h"

#define FAKE_RAM_SIZE  (4u << 20)
#define FAKE_RAM_SMALL (64u << 10)

struct fake_wire {
	struct irq_line line;
	bool level;
	unsigned rises, falls;
};

struct fake_machine {
	struct device_ports ports;
	struct io_bus pio, mmio;
	struct pci_bus pci;
	struct guest_dma dma;
	struct device_clock clock;
	struct machine_port port;
	uint8_t *ram; /* at guest address 0 */
	uint32_t ram_size;
	uint64_t now_ns;
	struct device_timers timers;
	struct fake_wire isa[16], intx[256][4];
	unsigned events[4]; /* by enum machine_event */
	unsigned link[4];
	uint16_t pm_timer;
	unsigned messages;
	uint64_t message_address;
	uint32_t message_data;
	unsigned polls;
	unsigned logs;
	char last_log[256];
};

/* The one machine of a test program, as new: RAM is zero, time is 1 s. */
struct fake_machine *fake_machine_new(void);
/* The same with FAKE_RAM_SMALL bytes of RAM, made in microseconds: for fuzzers. */
struct fake_machine *fake_machine_small(void);
/* Time goes on by ns; timers run in their order, each at its time. */
void fake_machine_advance(struct fake_machine *m, uint64_t ns);
/* The same on a busy computer: what fell due meanwhile runs at the end, all at once. */
void fake_machine_sleep(struct fake_machine *m, uint64_t ns);
/* One of the two: an odd number of units is slept. */
void fake_machine_pass(struct fake_machine *m, unsigned units, uint64_t unit_ns);
/* Guest accesses. A read of what nobody owns gives ones. */
uint32_t fake_in(struct fake_machine *m, uint16_t port, unsigned size);
void fake_out(struct fake_machine *m, uint16_t port, unsigned size, uint32_t value);
uint64_t fake_load(struct fake_machine *m, uint64_t gpa, unsigned size);
void fake_store(struct fake_machine *m, uint64_t gpa, unsigned size, uint64_t value);

/* A disk of the test's memory: answers at once, or when the test says so. */
struct fake_disk {
	struct block_backend backend;
	uint8_t *bytes;
	bool wait;                     /* requests stay in the list until fake_disk_answer() */
	int error;                     /* what each request ends with */
	struct block_request *waiting; /* oldest first */
	unsigned reads, writes, flushes, discards;
};
void fake_disk_init(struct fake_disk *d, uint8_t *bytes, uint64_t sectors);
/* The oldest request that waits is done; false: there is none. */
bool fake_disk_answer(struct fake_disk *d);

#endif
