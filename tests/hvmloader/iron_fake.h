/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine for hvmloader's unit tests: memory that appears where it is touched, PCI functions with masks, a CMOS, and a hypervisor that keeps a list of what was asked. */
#ifndef IRON_FAKE_H
#define IRON_FAKE_H

#include <setjmp.h>
#include "iron.h"
#include "pci_config.h"

#define FAKE_FUNCTIONS 64
#define FAKE_ROWS      16
#define FAKE_MOVES     4096

struct fake_function {
	pci_bdf bdf; /* bus as it is wired: of a bridge's, what the test says */
	uint8_t config[256], writable[256];
	unsigned behind; /* 0, or 1 + the index of the bridge that it is behind */
};

struct fake_row {
	uint64_t start, size;
	uint32_t type;
};

struct fake_iron {
	struct fake_function functions[FAKE_FUNCTIONS];
	unsigned nr_functions;
	struct fake_row rows[FAKE_ROWS];
	unsigned nr_rows; /* 0: the hypervisor has no map */
	/* Pages; the first of them, but all are counted. */
	struct {
		uint64_t from, to;
	} moves[FAKE_MOVES];
	unsigned nr_moves;
	bool refuse_moves;
	uint8_t cmos[128], cmos_index;
	uint8_t ports[0x10000];
	uint32_t pci_address;
	uint32_t mmio; /* what device registers read as */
	char console[8192];
	unsigned console_len;
	uint8_t handle[16];
	unsigned yields;
	unsigned ap_runs; /* vcpus that start when they are told to: so many */
	unsigned sipis, inits;
	jmp_buf crash;
	bool may_crash;
};
extern struct fake_iron iron;

/* A machine with nothing in it, and no memory touched. */
void fake_iron_reset(void);
/* A function with ids, class and header type; the test adds BARs. */
struct fake_function *fake_function_add(unsigned bus, unsigned device, unsigned function,
                                        uint16_t vendor, uint16_t id, uint16_t class);
/* BAR n of size bytes; low: its type bits. A 64-bit one takes n + 1, too. */
void fake_bar(struct fake_function *f, unsigned n, uint64_t size, uint32_t low);
void fake_rom(struct fake_function *f, uint32_t size);
void fake_bridge(struct fake_function *f);
uint32_t fake_config32(const struct fake_function *f, unsigned offset);
uint16_t fake_config16(const struct fake_function *f, unsigned offset);
/* A row of the hypervisor's memory map. */
void fake_row(uint64_t start, uint64_t size, uint32_t type);

/* Is `statement` the end of the guest? */
#define DIES(statement)                                                             \
	(iron.may_crash = true, setjmp(iron.crash) ? (iron.may_crash = false, true) \
	                                           : ((statement), iron.may_crash = false, false))

#endif
