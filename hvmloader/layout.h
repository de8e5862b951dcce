/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie in the guest's memory while hvmloader runs and after. Numbers only: for the assembler, too. */
#ifndef HVMLOADER_LAYOUT_H
#define HVMLOADER_LAYOUT_H

#define BIOS_INFO          0x00001000 /* what SeaBIOS looks for under Xen */
#define TRAMPOLINE         0x00008000 /* a page of code for real mode */
#define HVM_INFO           0x0009f800 /* struct hvm_info_table of a builder that writes it */
#define LOW_RAM_END        0x000a0000
#define VGA_ROM_START      0x000c0000
#define LEGACY_END         0x00100000
#define LOADER_START       0x00100000
#define MMIO_DEFAULT_START 0xf0000000 /* the hole is at least from here to MMIO_END */
#define MMIO_LOWEST_START  0x80000000
#define MMIO_END           0xfc000000 /* from here to 4 GiB: special pages, controllers, BIOS */
#define IOAPIC_BASE        0xfec00000
#define HPET_BASE          0xfed00000
#define LAPIC_BASE         0xfee00000

#define IO_BAR_START 0xc000
#define IO_BAR_END   0x10000

/* Selectors of the flat segments. */
#define SEL_CODE32 0x08
#define SEL_DATA32 0x10
#define SEL_CODE16 0x18
#define SEL_DATA16 0x20

#define AP_STACK_SIZE 4096

#endif
