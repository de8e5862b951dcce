/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exceptions and interrupts. */
#include "guest.h"

static trap_handler handlers[256];

void trap_handle(unsigned vector, trap_handler handler)
{
	handlers[vector] = handler;
}

unsigned trap_count(unsigned vector)
{
	return atomic_load(&this_cpu()->traps[vector]);
}

void trap_count_clear(void)
{
	memset((void *)this_cpu()->traps, 0, sizeof(this_cpu()->traps));
}

static void catch_exception(struct cpu *c, struct trap_frame *f)
{
	c->caught.vector = (int)f->vector;
	c->caught.error = f->error;
	c->caught.ip = f->ip;
	c->caught.address = f->vector == VEC_PF ? cr2_read() : 0;
	context_restore(c->recover);
}

void trap_dispatch(struct trap_frame *f)
{
	struct cpu *c = this_cpu();

	atomic_add(&c->traps[f->vector & 255], 1);
	if (handlers[f->vector]) {
		handlers[f->vector](f);
		return;
	}
	if (f->vector == VECTOR_USER_EXIT && c->recover) {
		c->caught.vector = NO_EXCEPTION;
		context_restore(c->recover);
	}
	if (f->vector >= 32) {
		if (f->vector != VECTOR_SPURIOUS && lapic_in_service(f->vector))
			lapic_eoi();
		return;
	}
	if (f->vector == VEC_NMI)
		return;
	if (c->recover)
		catch_exception(c, f);
	print("FAIL trap: cpu %u vector %u error 0x%lx ip 0x%lx cr2 0x%lx\n", c->id,
	      (unsigned)f->vector, (unsigned long)f->error, (unsigned long)f->ip,
	      (unsigned long)cr2_read());
	guest_exit(SHUTDOWN_crash);
}

struct exception exception_of(void (*fn)(void *), void *arg)
{
	struct cpu *c = this_cpu();
	struct context here, *outer = c->recover;

	c->caught = (struct exception){ .vector = NO_EXCEPTION };
	if (!context_save(&here)) {
		c->recover = &here;
		barrier();
		fn(arg);
		c->caught = (struct exception){ .vector = NO_EXCEPTION };
	}
	c = this_cpu();
	c->recover = outer;
	return c->caught;
}

struct user_call {
	void (*fn)(void *);
	void *arg;
};

static void enter_user(void *p)
{
	struct user_call *u = p;

	user_enter(u->fn, u->arg, this_cpu()->user_stack + sizeof(this_cpu()->user_stack));
}

struct exception exception_of_user(void (*fn)(void *), void *arg)
{
	struct user_call u = { fn, arg };

	return exception_of(enter_user, &u);
}
