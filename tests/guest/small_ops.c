/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small hypercalls: console_io, set_timer_op, physdev_op, vm_assist. */
#include "guest.h"

static void console_writes(void)
{
	static char text[] = "a line of console_io\n";

	CHECK_EQ(console_op(CONSOLEIO_write, sizeof(text) - 1, text), 0);
	CHECK_EQ(console_op(CONSOLEIO_write, 0, text), 0);
	CHECK_EQ(console_op(CONSOLEIO_write, 4, bad_pointer()), -EFAULT);
}

/* Longer than any buffer inside, and with bytes that are no text. */
static void console_write_long(void)
{
	static char text[3000];

	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = i % 100 == 99 ? '\n' : (char)('a' + i % 26);
	CHECK_EQ(console_op(CONSOLEIO_write, sizeof(text), text), 0);
	text[0] = 0;
	text[1] = (char)0xff;
	text[2] = '\n';
	CHECK_EQ(console_op(CONSOLEIO_write, 3, text), 0);
}

static void console_reads(void)
{
	char buf[8];

	CHECK_EQ(console_op(CONSOLEIO_read, sizeof(buf), buf), 0);
	CHECK_EQ(console_op(CONSOLEIO_read, 0, buf), 0);
	CHECK_EQ(console_op(99, sizeof(buf), buf), -ENOSYS);
}

static void timer(void)
{
	CHECK_EQ(set_timer_op(0), 0);
	CHECK_EQ(set_timer_op(clock_ns() + 1000000000ull), 0);
	CHECK_EQ(set_timer_op(0), 0);
}

static void physdev(void)
{
	static uint64_t zeroes[16];

	CHECK_EQ(physdev_op(99, zeroes), -ENOSYS);
	CHECK_EQ(physdev_op(~0u, zeroes), -ENOSYS);
	/* No pirqs are emulated: refused for every translated domain. */
	CHECK(physdev_op(13, zeroes) < 0);
	CHECK(physdev_op(PHYSDEVOP_eoi, zeroes) < 0);
}

static void assists(void)
{
	CHECK_EQ(vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	CHECK_EQ(vm_assist(VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag), 0);
	CHECK_EQ(vm_assist(VMASST_CMD_enable, VMASST_TYPE_writable_pagetables), -EINVAL);
	CHECK_EQ(vm_assist(VMASST_CMD_enable, 63), -EINVAL);
	CHECK_EQ(vm_assist(VMASST_CMD_enable, 64), -EINVAL);
	CHECK_EQ(vm_assist(VMASST_CMD_enable, ~0u), -EINVAL);
	CHECK_EQ(vm_assist(7, VMASST_TYPE_runstate_update_flag), -ENOSYS);
}

/* With the assist, state_entry_time's top bit is set only while the area is being written. */
static void runstate_update_flag(void)
{
	static struct vcpu_runstate_info area;
	struct vcpu_register_runstate_memory_area a;

	CHECK_EQ(vm_assist(VMASST_CMD_enable, VMASST_TYPE_runstate_update_flag), 0);
	a.addr.p = HC_PTR(&area);
	CHECK_EQ(vcpu_op(VCPUOP_register_runstate_memory_area, 0, &a), 0);
	for (unsigned i = 0; i < 20; i++) {
		sched_op(SCHEDOP_yield, NULL);
		CHECK(!(area.state_entry_time & XEN_RUNSTATE_UPDATE));
		CHECK_EQ(area.state, RUNSTATE_running);
	}
	CHECK(area.state_entry_time > 0);
	vm_assist(VMASST_CMD_disable, VMASST_TYPE_runstate_update_flag);
}

GUEST_TESTS(TEST(console_writes), TEST(console_write_long), TEST(console_reads), TEST(timer),
            TEST(physdev), TEST(assists), TEST(runstate_update_flag));
