/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the scripts of the IDE function's drives share. */
#ifndef QTEST_IDE_SCRIPT_H
#define QTEST_IDE_SCRIPT_H

#include "compare.h"

#define BMBASE     0xc000
#define PRDS       0x1000
#define DATA       0x10000 /* where DMA goes */
#define DATA_BYTES 0x4000

extern uint16_t ide_base, ide_control, ide_master;
extern unsigned ide_irq;

/* As firmware does. */
void ide_program(void);
void ide_channel(unsigned i);
/* Software reset, no DMA, no interrupt pending: where a sequence starts. */
void ide_resync(void);
/* Until neither machine is busy. */
void ide_settle(void);
void ide_settle_dma(void);
/* All that can be read after a command. */
bool ide_compare(void);
/* The data port for n bytes, by accesses of size; at bytes of the transfer were before. */
bool ide_data_in(unsigned at, unsigned n, unsigned size);
void ide_data_out(unsigned n, unsigned size);
/*
 * A table of some entries for so many bytes in all, random in form, for memory that is the same on both machines: a transfer that fails leaves there what it found. And the bus master
 * starts.
 */
void ide_dma_table(unsigned bytes);
void ide_dma_start(bool to_memory);
uint8_t ide_status(void); /* ours */

#endif
