/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the linker script says of the image. All borders are page aligned, in any order: text (execute), rodata (read), data with bss (read and write).
 */
#ifndef MACHINE_IMAGE_H
#define MACHINE_IMAGE_H

#include "types.h"

extern uint8_t image_start[], text_start[], text_end[], rodata_start[], rodata_end[], data_start[],
	data_end[], image_end[], build_id_note[], build_id_note_end[];

/*
 * The image is loaded at XEN_LOAD_ADDRESS, where the first domain's kernel may want to lie: paging_init() moves it to the upper end of low memory. How far it has come.
 */
extern uint64_t image_moved_by;
/* Where a byte of the image lies now. */
uint64_t image_phys(const void *p);

/* CPU 0's stack (traps.S): head.S runs on it from the start. An unmapped page lies below it once paging_init() was called. */
extern uint8_t cpu0_stack_guard[], cpu0_stack_top[];

#endif
