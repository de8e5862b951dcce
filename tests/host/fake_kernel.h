/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The smallest kernel with a PVH entry, for tests of builders. */
#ifndef TESTS_FAKE_KERNEL_H
#define TESTS_FAKE_KERNEL_H

#include <stdint.h>

#define FAKE_KERNEL_SIZE 0x2000

/*
 * An ELF32 file of that size: one segment at paddr that takes size bytes of memory, of which the file has 0x800, all 0xaa; its entry is 0x10 behind paddr.
 */
void fake_kernel_make(uint8_t file[FAKE_KERNEL_SIZE], uint32_t paddr, uint32_t size);

#endif
