/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Vectors of devices: bound, moved, given up, and when they are free again. */
#include <string.h>

#include "errno.h"
#include "fake_domain.h"
#include "hardware_fake.h"
#include "host_irq.h"
#include "machine_fake.h"
#include "unit.h"

#define NR_VECTORS (MACHINE_VECTOR_LAST - MACHINE_VECTOR_FIRST + 1)

static struct host_irq irqs[2 * NR_VECTORS];
static unsigned nr_taken;
static struct host_irq *last;

static void taken(struct host_irq *irq)
{
	nr_taken++;
	last = irq;
}

static void start(void)
{
	(void)fake_domain_machine(2, 1, 16);
	fake_hardware_reset();
	memset(irqs, 0, sizeof(irqs));
	for (unsigned i = 0; i < ARRAY_LEN(irqs); i++)
		irqs[i].fn = taken;
	nr_taken = 0;
	last = NULL;
}

static void interrupt(unsigned cpu, uint8_t vector)
{
	fake_set_cpu(cpu);
	host_irq_interrupt(vector);
	fake_set_cpu(0);
}

static void test_reaches_its_owner(void)
{
	start();
	CHECK_EQ(host_irq_bind(&irqs[0], 0, 1, 1), 0);
	CHECK_EQ(host_irq_bind(&irqs[1], 0, 1, 0), 0);
	CHECK_EQ(irqs[0].cpu, 1);
	CHECK(irqs[0].vector >= MACHINE_VECTOR_FIRST);
	interrupt(1, irqs[0].vector);
	CHECK_EQ(nr_taken, 1);
	CHECK(last == &irqs[0]);
	CHECK_EQ(irqs[0].count, 1);
	interrupt(0, irqs[1].vector);
	CHECK(last == &irqs[1]);
	interrupt(0, irqs[1].vector + 1);
	interrupt(0, 0xff);
	CHECK_EQ(nr_taken, 2);
}

static void test_pool_ends_and_falls_back(void)
{
	unsigned i;

	start();
	for (i = 0; i < NR_VECTORS; i++) {
		CHECK_EQ(host_irq_bind(&irqs[i], 0, 1, 1), 0);
		CHECK_EQ(irqs[i].cpu, 1);
	}
	for (; i < 2 * NR_VECTORS; i++) {
		CHECK_EQ(host_irq_bind(&irqs[i], 0, 1, 1), 0);
		CHECK_EQ(irqs[i].cpu, 0);
	}
	struct host_irq more = { .fn = taken };
	CHECK_EQ(host_irq_bind(&more, 0, 1, 1), -ENOSPC);
	CHECK_EQ(more.vector, 0);
}

static void test_blocks_are_aligned(void)
{
	static const unsigned sizes[] = { 1, 32, 2, 16, 4, 8, 32 };
	unsigned used = 0;

	start();
	for (unsigned k = 0; k < ARRAY_LEN(sizes); k++) {
		struct host_irq *first = &irqs[used];

		CHECK_EQ(host_irq_bind(first, sizeof(irqs[0]), sizes[k], 0), 0);
		CHECK_EQ(first->vector % sizes[k], 0);
		for (unsigned i = 0; i < sizes[k]; i++) {
			CHECK_EQ(first[i].vector, first->vector + i);
			interrupt(0, first[i].vector);
			CHECK(last == &first[i]);
		}
		used += sizes[k];
	}
}

static void test_free_after_a_window_only(void)
{
	unsigned windows;
	uint8_t vector;

	start();
	for (unsigned i = 0; i < NR_VECTORS; i++)
		CHECK_EQ(host_irq_bind(&irqs[i], 0, 1, 0), 0);
	vector = irqs[7].vector;
	host_irq_unbind(&irqs[7], 0, 1);
	CHECK_EQ(irqs[7].vector, 0);
	CHECK(percpu()->pending & PENDING_IRQ);
	interrupt(0, vector); /* late: for nobody */
	CHECK_EQ(nr_taken, 0);
	CHECK_EQ(host_irq_bind(&irqs[NR_VECTORS], 0, 1, 0), -ENOSPC);
	windows = fake_counts.irq_windows;
	host_irq_run();
	CHECK_EQ(fake_counts.irq_windows, windows + 1);
	CHECK_EQ(host_irq_bind(&irqs[NR_VECTORS], 0, 1, 0), 0);
	CHECK_EQ(irqs[NR_VECTORS].vector, vector);
}

static uint8_t late_vector;

static void late_interrupt(void)
{
	host_irq_interrupt(late_vector);
}

static void test_a_move_loses_none(void)
{
	start();
	CHECK_EQ(host_irq_bind(&irqs[0], 0, 1, 0), 0);
	late_vector = irqs[0].vector;
	CHECK_EQ(host_irq_move(&irqs[0], 0, 1, 1), 0);
	CHECK_EQ(irqs[0].cpu, 1);
	interrupt(0, late_vector);
	CHECK_EQ(nr_taken, 1);
	interrupt(1, irqs[0].vector);
	CHECK_EQ(nr_taken, 2);
	/* one that was held back until the window */
	fake_on_irq_window = late_interrupt;
	host_irq_run();
	CHECK_EQ(nr_taken, 3);
	fake_on_irq_window = NULL;
	interrupt(0, late_vector);
	CHECK_EQ(nr_taken, 3);
}

static void test_unbind_after_a_move(void)
{
	start();
	CHECK_EQ(host_irq_bind(&irqs[0], 0, 1, 0), 0);
	late_vector = irqs[0].vector;
	CHECK_EQ(host_irq_move(&irqs[0], 0, 1, 1), 0);
	host_irq_unbind(&irqs[0], 0, 1);
	interrupt(0, late_vector);
	CHECK_EQ(nr_taken, 0);
	host_irq_sync(irqs, sizeof(irqs));
}

static void test_a_move_that_finds_no_room(void)
{
	start();
	for (unsigned i = 0; i < 2 * NR_VECTORS; i++)
		CHECK_EQ(host_irq_bind(&irqs[i], 0, 1, 1), 0);
	late_vector = irqs[3].vector;
	CHECK_EQ(host_irq_move(&irqs[3], 0, 1, 0), -ENOSPC);
	CHECK_EQ(irqs[3].vector, late_vector);
	interrupt(1, late_vector);
	CHECK(last == &irqs[3]);
}

static void test_dump(void)
{
	start();
	irqs[0].number = 17;
	irqs[1].number = HOST_IRQ_MSI | 3;
	irqs[1].sbdf = 0x1a;
	CHECK_EQ(host_irq_bind(&irqs[0], 0, 1, 0), 0);
	CHECK_EQ(host_irq_bind(&irqs[1], 0, 1, 1), 0);
	interrupt(0, irqs[0].vector);
	fake_console_clear();
	host_irqs_dump();
	CHECK(strstr(fake_console_text(), "GSI 17, -, 1"));
	CHECK(strstr(fake_console_text(), "MSI 3 of 0000:00:03.2"));
}

UNIT_MAIN(UNIT(test_reaches_its_owner), UNIT(test_pool_ends_and_falls_back),
          UNIT(test_blocks_are_aligned), UNIT(test_free_after_a_window_only),
          UNIT(test_a_move_loses_none), UNIT(test_unbind_after_a_move),
          UNIT(test_a_move_that_finds_no_room), UNIT(test_dump))
