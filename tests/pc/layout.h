/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are in the first MiB, for C and the assembler. All segments of real mode are 0, so that a pointer is an address; the program ends below 64 KiB.
 */
#pragma once

#define VARIABLES   0x600  /* what begins as 0 */
#define PROTECTED   0x2600 /* the part for protected mode */
#define IRQ_STACK   0x7000 /* ends here */
#define BOOT_SECTOR 0x7c00 /* the stack ends here, too */
#define PROGRAM     0x8000
#define BUFFER      0x20000 /* 64 KiB for drives, BIOS and pictures */
#define PAGES       0x30000 /* page directory and tables */
#define TASK_STACKS 0x40000 /* 4 KiB for each task and each ring */
#define V86_STACK   0x5fff0
#define FAR_MEMORY  0x200000 /* beyond the first MiB; nobody else uses it */

/* Segments of protected mode. */
#define CODE32     0x08
#define DATA32     0x10
#define CODE16     0x18
#define DATA16     0x20
#define USER_CODE  0x2b
#define USER_DATA  0x33
#define FIRST_FREE 0x38 /* the tests' own */

/* Vectors that have stubs, in real and in protected mode. */
#define STUBS           0x80
#define PROTECTED_STUBS 0x60
