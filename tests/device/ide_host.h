/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host's driver for the IDE function under test: commands by PIO and by the bus master. */
#ifndef IDE_HOST_H
#define IDE_HOST_H

#include "ata.h"
#include "device_fake.h"
#include "ide.h"

#define IDE_DEVFN  9 /* device 1, function 1 */
#define IDE_BMBASE 0xc000
#define IDE_PRDS   0x1000 /* where the driver keeps its table */

struct ide_host {
	struct fake_machine *m;
	struct device ide;
	uint16_t base, control, master;
	unsigned irq;
};
extern struct ide_host host;

/* A machine with these drives, programmed as firmware does; the primary channel is chosen. */
void host_start(const struct ide_config *c);
void host_start_on(struct fake_machine *m, const struct ide_config *c);
void host_end(void);
void host_channel(unsigned i);
uint8_t host_in(unsigned reg);
void host_out(unsigned reg, uint8_t value);
uint8_t host_alt(void);
/* Registers and the command: 28 or 48 bits. device: the drive's bit and what else goes there. */
void host_command(uint8_t command, uint8_t device, uint64_t lba, uint32_t count);
void host_command_ext(uint8_t command, uint8_t device, uint64_t lba, uint32_t count);
/* n bytes at the data port by words. */
void host_read(void *to, uint32_t n);
void host_write(const void *from, uint32_t n);
/* The table has one entry; the bus master is started. */
void host_dma(uint32_t gpa, uint32_t n, bool to_memory);
void host_entry(unsigned i, uint32_t gpa, uint32_t n, bool last);
void host_dma_start(bool to_memory);
uint8_t host_dma_stop(void); /* its status before, which is cleared */

#endif
