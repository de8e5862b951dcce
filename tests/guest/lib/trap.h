/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts. */
#ifndef GUEST_TRAP_H
#define GUEST_TRAP_H

#include "arch.h"

#define NO_EXCEPTION (-1)

struct exception {
	int vector; /* NO_EXCEPTION: the function returned */
	ulong_t error;
	ulong_t ip;
	ulong_t address; /* CR2, of a page fault */
};

/* Runs fn(arg) and tells which exception ended it. Nests. */
struct exception exception_of(void (*fn)(void *), void *arg);

/* The same at CPL 3, on a stack of its own. Interrupts are off there. */
struct exception exception_of_user(void (*fn)(void *), void *arg);

/* What happens at a vector. Exceptions without a handler end exception_of; others are counted. */
typedef void (*trap_handler)(struct trap_frame *frame);
void trap_handle(unsigned vector, trap_handler handler);

/* How often the vector came to this CPU (exceptions that end exception_of included). */
unsigned trap_count(unsigned vector);
void trap_count_clear(void);

void trap_dispatch(struct trap_frame *frame);

int context_save(struct context *c) __attribute__((returns_twice));
void noreturn_fn context_restore(const struct context *c);
void noreturn_fn user_enter(void (*fn)(void *), void *arg, void *stack_top);

/* Checks: fn(arg) ends in this vector / in none. */
#define CHECK_TRAP(fn, arg, v) CHECK_EQ(exception_of(fn, arg).vector, v)
#define CHECK_NO_TRAP(fn, arg) CHECK_EQ(exception_of(fn, arg).vector, NO_EXCEPTION)

/* A function "name" whose body is one piece of assembly (clobbering what it likes of eax, ecx, edx). */
#define ASM_FUNCTION(name, text)                                                         \
	static void name(void *arg)                                                      \
	{                                                                                \
		__asm__ volatile(text : : : "eax", "ebx", "ecx", "edx", "memory", "cc"); \
	}

#endif
