/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/history.c: what is remembered of a guest's exits and of its end, through the tools' call. */
#include "history.h"

#include <string.h>

#include "errno.h"
#include "fake_control.h"
#include "machine_fake.h"
#include "unit.h"

#include <xen/sched.h>

static struct domain *d;
static struct vcpu *v;
static struct domain_history h;

static void start(void)
{
	fake_control_machine(1);
	d = fake_tool_domain(2, 64);
	v = d->vcpus[0];
}

static long get_size(uint32_t vcpu, uint32_t size)
{
	struct xen_domctl op = { .cmd = HISTORY_DOMCTL_GET, .domain = d->id };
	const struct history_domctl_get x = { .buffer = FAKE_BUFFER, .size = size, .vcpu = vcpu };
	long rc;

	memcpy(&op.u, &x, sizeof(x));
	rc = fake_domctl(&op);
	if (!rc)
		fake_buffer_read(0, &h, sizeof(h));
	return rc;
}

static long get(uint32_t vcpu)
{
	return get_size(vcpu, sizeof(h));
}

/* As an exit at rip; dispatch has a test of its own. */
static void leave(struct vcpu_exit x, uint64_t rip)
{
	history_note(&v->history, x.kind, rip, 0x1234, x.raw.code, x.raw.info1);
}

static void nothing_yet(void)
{
	start();
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.nr_records, 0);
	CHECK_EQ(h.ended_ns, 0);
	CHECK(!h.why[0]);
	CHECK_EQ(get(1), 0);
	CHECK_EQ(get(2), -ENOENT);
	CHECK_EQ(get_size(0, sizeof(h) - 1), -EINVAL);
}

static void kinds_are_told(void)
{
	start();
	leave((struct vcpu_exit){ .kind = EXIT_PIO,
	                          .pio = { .port = 0x1f7, .size = 2, .is_write = true } },
	      0x7c00);
	leave((struct vcpu_exit){ .kind = EXIT_MMIO, .mmio = { .gpa = gpa(0xfee00020) } }, 0x7c02);
	leave((struct vcpu_exit){ .kind = EXIT_MSR_READ, .msr = { .index = 0xc0000080 } }, 0x7c06);
	leave((struct vcpu_exit){ .kind = EXIT_HYPERCALL }, 0x7c08);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.nr_records, 4);
	CHECK_EQ(h.records[0].kind, HISTORY_PORT);
	CHECK_EQ(h.records[0].address, 0x1f7);
	CHECK_EQ(h.records[0].size, 2);
	CHECK_EQ(h.records[0].is_write, 1);
	CHECK_EQ(h.records[0].value, 0x1234);
	CHECK_EQ(h.records[0].rip, 0x7c00);
	CHECK_EQ(h.records[1].kind, HISTORY_MEMORY);
	CHECK_EQ(h.records[1].address, 0xfee00020);
	CHECK_EQ(h.records[2].address, 0xc0000080);
	CHECK_EQ(h.records[3].kind, HISTORY_HYPERCALL);
	CHECK_EQ(h.records[3].address, 0x1234);
	CHECK_EQ(get(1), 0);
	CHECK_EQ(h.nr_records, 0);
}

static void repetitions_are_counted(void)
{
	start();
	leave((struct vcpu_exit){ .kind = EXIT_HALT }, 0x100);
	for (unsigned i = 0; i < 1000; i++)
		leave((struct vcpu_exit){ .kind = EXIT_PIO, .pio = { .port = 0x60, .size = 1 } },
		      0x200);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.nr_records, 2);
	CHECK_EQ(h.records[0].count, 1);
	CHECK_EQ(h.records[1].count, 1000);
}

static void the_oldest_go(void)
{
	start();
	for (unsigned i = 0; i < 3 * HISTORY_RECORDS + 5; i++)
		leave((struct vcpu_exit){ .kind = EXIT_HALT }, i);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.nr_records, HISTORY_RECORDS);
	CHECK_EQ(h.records[0].rip, 2 * HISTORY_RECORDS + 5);
	CHECK_EQ(h.records[HISTORY_RECORDS - 1].rip, 3 * HISTORY_RECORDS + 4);
}

static void exits_and_exceptions_come_in(void)
{
	start();
	v->regs.rip = 0x3000;
	v->exit = (struct vcpu_exit){ .kind = EXIT_RDPMC, .insn_len = 2 };
	exit_dispatch(v);
	v->exit = (struct vcpu_exit){ .kind = EXIT_HOST_EVENT };
	exit_dispatch(v);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.nr_records, 2);
	CHECK_EQ(h.records[0].kind, HISTORY_REFUSED);
	CHECK_EQ(h.records[1].kind, HISTORY_RAISED);
	CHECK_EQ(h.records[1].address, X86_GP);
}

static void its_end_has_words(void)
{
	start();
	domain_ending_note(d, "because of %u", 7u);
	domain_ending_note(d, "a consequence");
	fake_set_now(5000);
	domain_shutdown(d, SHUTDOWN_crash);
	domain_ending_note(d, "too late");
	CHECK_EQ(get(0), 0);
	CHECK_EQ(strcmp(h.why, "because of 7"), 0);
	CHECK_EQ(h.ended_ns, 5000);
	CHECK_EQ(h.ended_vcpu, ~0u); /* the control domain's vcpu is the current one */
	domain_resume(d);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(h.ended_ns, 0);
	CHECK(!h.why[0]);
	domain_crash(d, "vcpu %u: no", 0u);
	CHECK_EQ(get(0), 0);
	CHECK_EQ(strcmp(h.why, "vcpu 0: no"), 0);
}

UNIT_MAIN(UNIT(nothing_yet), UNIT(kinds_are_told), UNIT(repetitions_are_counted),
          UNIT(the_oldest_go), UNIT(exits_and_exceptions_come_in), UNIT(its_end_has_words))
