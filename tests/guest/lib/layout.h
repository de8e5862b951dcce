/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that assembly and C share: selectors, stacks, the trampoline's place. */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

#define SEL_CODE32  0x08
#define SEL_DATA    0x10
#define SEL_CODE64  0x18
#define SEL_UCODE32 0x23
#define SEL_UDATA   0x2b
#define SEL_UCODE64 0x33
#define SEL_CODE16  0x38
#define SEL_DATA16  0x40
#define SEL_ABSENT  0x48 /* a data segment that is not present */
#define SEL_TSS     0x50 /* the first; one every 16 bytes */

#define MAX_CPUS   16
#define STACK_SIZE 16384

/* Where SIPI sends a processor: real-mode code is copied here (below 1 MiB, page aligned). */
#define TRAMPOLINE 0x8000

/* Vectors of the library itself. */
#define VECTOR_USER_EXIT 0x30 /* INT 0x30: user code is done */
#define VECTOR_CALLBACK  0xe0 /* event-channel callback */
#define VECTOR_WAKE      0xf0 /* there is work for an idle CPU */
#define VECTOR_SPURIOUS  0xff

#endif
