/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the program share. Sources are built for real mode (16) or for protected mode (32), which WIDTH says; functions that both have are there twice, with the width behind their
 * names, and data is there once.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "layout.h"

#define PASTE_(a, b)  a##b
#define PASTE(a, b)   PASTE_(a, b)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define memory_copy   PASTE(memory_copy, WIDTH)
#define memory_fill   PASTE(memory_fill, WIDTH)
#define memory_same   PASTE(memory_same, WIDTH)
#define check         PASTE(check, WIDTH)
#define equal         PASTE(equal, WIDTH)
#define group         PASTE(group, WIDTH)

/* ---- report.c ---- */

struct tally {
	const char *group; /* before each name */
	uint32_t passed, failed;
};
extern struct tally tally;

/* A line PASS or FAIL on the debug port. */
void check(const char *name, bool good);
/* The same; a failure says both numbers. */
void equal(const char *name, uint32_t got, uint32_t wanted);

void memory_copy(void *to, const void *from, uint32_t bytes);
void memory_fill(void *to, uint8_t value, uint32_t bytes);
bool memory_same(const void *a, const void *b, uint32_t bytes);

/* ---- ports and flags ---- */

#define PORT_FUNCTIONS(bits, suffix, reg)                                                   \
	static inline void out##bits(uint16_t port, uint##bits##_t value)                   \
	{                                                                                   \
		__asm__ volatile("out" suffix " %" reg "0, %1" : : "a"(value), "Nd"(port)); \
	}                                                                                   \
	static inline uint##bits##_t in##bits(uint16_t port)                                \
	{                                                                                   \
		uint##bits##_t value;                                                       \
                                                                                            \
		__asm__ volatile("in" suffix " %1, %" reg "0" : "=a"(value) : "Nd"(port));  \
		return value;                                                               \
	}
PORT_FUNCTIONS(8, "b", "b")
PORT_FUNCTIONS(16, "w", "w")
PORT_FUNCTIONS(32, "l", "k")

/* An indexed register: the index at the port, the value beside it. */
static inline uint8_t indexed(uint16_t port, uint8_t index)
{
	out8(port, index);
	return in8(port + 1);
}
static inline void set_indexed(uint16_t port, uint8_t index, uint8_t value)
{
	out8(port, index);
	out8(port + 1, value);
}
static inline void interrupts_on(void)
{
	__asm__ volatile("sti" : : : "memory");
}
static inline void interrupts_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}
/* A register of the clock and its memory. Whoever comes between would move the index; so nobody does. */
static inline uint8_t cmos(uint8_t index)
{
	uint32_t flags;
	uint8_t value;

	__asm__ volatile("pushfl; popl %k0; cli" : "=r"(flags) : : "memory");
	value = indexed(0x70, index);
	__asm__ volatile("pushl %k0; popfl" : : "r"(flags) : "memory", "cc");
	return value;
}
static inline void set_cmos(uint8_t index, uint8_t value)
{
	uint32_t flags;

	__asm__ volatile("pushfl; popl %k0; cli" : "=r"(flags) : : "memory");
	set_indexed(0x70, index, value);
	__asm__ volatile("pushl %k0; popfl" : : "r"(flags) : "memory", "cc");
}
/* Sleeps until an interrupt has been. */
static inline void sleep_once(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

/* ---- the groups of tests; each main.c's ---- */

void bios_tests(void);
void screen_tests(void);
void timer_tests(void);
void input_tests(void);
void drive_tests(void);
void dma_tests(void);
void real_mode_tests(void);
void segment_tests(void); /* these in protected mode */
void paging_tests(void);
void task_tests(void);
void v86_tests(void);
void fpu_tests(void); /* real mode again */
