/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which barriers a CPU needs before entries, and their order. */
#include "virt_barriers.h"
#include "registers.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

static void test_choice(void)
{
	uint32_t flush = 1u << 28, clear = 1u << 10;

	CHECK_EQ(virt_barriers_choose(0, 0), 0);
	CHECK_EQ(virt_barriers_choose(flush, 0), BARRIER_L1D);
	CHECK_EQ(virt_barriers_choose(flush | clear, 0), BARRIER_L1D | BARRIER_VERW);
	/* not affected; affected but somebody below does it */
	CHECK_EQ(virt_barriers_choose(flush | clear, 1), BARRIER_VERW);
	CHECK_EQ(virt_barriers_choose(flush | clear, 8), BARRIER_VERW);
	CHECK_EQ(virt_barriers_choose(flush, ~9ull), BARRIER_L1D);
	CHECK_EQ(virt_barriers_choose(clear, 0), BARRIER_VERW);
}

static void test_order(void)
{
	fake_vmcs_reset();
	virt_barriers_do(0);
	CHECK_EQ(fake_vmcs.l1d_flushes + fake_vmcs.buffer_clears, 0);
	virt_barriers_do(BARRIER_VERW | BARRIER_L1D);
	CHECK_EQ(fake_vmcs.l1d_flushes_before_clear, 1);
	CHECK_EQ(fake_vmcs.buffer_clears, 1);
	CHECK(!strcmp(virt_barriers_words(BARRIER_L1D | BARRIER_VERW), "L1D flush VERW"));
}

UNIT_MAIN(UNIT(test_choice), UNIT(test_order))
