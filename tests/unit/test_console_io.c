/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hypercall console_io: who may, and how a long text gives way. */
#include "domain_fixture.h"

static struct domain *d;
static struct vcpu *v;

static void setup(void)
{
	fake_core_init(MIB(64), 1);
	d = fixture_domain(false, 1);
	CHECK_EQ(domain_start(d), 0);
	v = d->vcpus[0];
	fixture_run(v);
	fake_console_clear();
}

static void writes(void)
{
	setup();
	fixture_write(d, FIXTURE_DATA, "hello\n", 6);
	CHECK_EQ(fixture_call(v, console_io_op, CONSOLEIO_write, 6, FIXTURE_DATA), 0);
	CHECK(strstr(fake_console_text(), "hello\n"));
	CHECK_EQ(fixture_call(v, console_io_op, CONSOLEIO_write, 0, FIXTURE_DATA), 0);
	CHECK_EQ(fixture_call(v, console_io_op, CONSOLEIO_write, 6, 0xdead0000), -XEN_EFAULT);
	CHECK_EQ(fixture_call(v, console_io_op, CONSOLEIO_write, 0x80000000, FIXTURE_DATA), -XEN_EINVAL);
	CHECK_EQ(fixture_call(v, console_io_op, CONSOLEIO_read, 6, FIXTURE_DATA), -XEN_EPERM);
	CHECK_EQ(fixture_call(v, console_io_op, 2, 6, FIXTURE_DATA), -XEN_ENOSYS);
	fixture_end(d);
}

/* The line may be slow: with other work for this CPU a long text does not go out at once. */
static void long_text_gives_way(void)
{
	uint64_t args[6] = { CONSOLEIO_write, 1000, FIXTURE_DATA };
	unsigned calls = 1;
	char text[1000];

	setup();
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	fixture_write(d, FIXTURE_DATA, text, sizeof(text));
	atomic_fetch_or(&percpu()->pending, PENDING_SCHED);
	while (console_io_op(v, args) == HYPERCALL_RESTART && calls < 100) {
		CHECK_EQ(args[1] + args[2], 1000 + FIXTURE_DATA);
		calls++;
	}
	CHECK(calls > 4 && calls < 20);
	CHECK(!memcmp(fake_console_text(), text, sizeof(text)));
	fixture_end(d);
}

UNIT_MAIN(UNIT(writes), UNIT(long_text_gives_way))
