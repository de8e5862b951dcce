/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page-modification logging: what the CPU has noted gets to the p2m, and the log is empty again. SDM 28.2.6. */
#include "vmx.h"
#include "ept.h"
#include "machine_fake.h"
#include "p2m_table.h"
#include "unit.h"
#include "vmcs_fake.h"

#include <string.h>

struct vmx_host vmx_host;

static struct domain domain;
static struct vmx_vcpu state;
static struct vcpu vcpu;
static uint64_t page[512];
static struct virt_ops ops;

void vmx_borrow(struct vmx_vcpu *s)
{
}
void vmx_give_back(struct vmx_vcpu *s)
{
}
void vmx_enter(struct vcpu *v, bool is_launched)
{
}

/* Regions 0 to 2 are mapped, clean and quiet. */
static void start(void)
{
	uint64_t bits[P2M_SCAN / 64];

	fake_memory_restart(MIB(64), 2);
	fake_vmcs_reset();
	ept_init(EPT_CAP_2M | EPT_CAP_DIRTY, 40, true);
	ops.nested = &ept_format;
	virt = &ops;
	domain = (struct domain){ .id = 1, .max_pages = 1 << 20, .refs = 1 };
	vcpu = (struct vcpu){ .domain = &domain, .virt = &state };
	state = (struct vmx_vcpu){ .write_log = page };
	CHECK_EQ(p2m_init(&domain.p2m, &domain), 0);
	for (unsigned i = 0; i < 3; i++) {
		mfn_t m = page_alloc(&domain, 9, 0);

		CHECK(mfn_valid(m));
		CHECK_EQ(p2m_map(&domain.p2m, gfn(i * P2M_SCAN), m, 9, P2M_RAM_RW), 0);
		CHECK_EQ(p2m_dirty_scan(&domain.p2m, i * P2M_SCAN, true, bits), P2M_SCAN);
	}
	memset(page, 0xff, sizeof(page));
	vmx_log_init(&state);
}

/* As the CPU does it: the mark and the note. False: the log is full, and there is neither. */
static bool cpu_writes(uint64_t g)
{
	uint64_t index = vmcs_read(GUEST_LOG_INDEX);
	struct p2m_slot s = p2m_walk(&domain.p2m, virt->nested, g);

	if (*s.entry & ept_format.dirty)
		return true;
	if (index > 511)
		return false;
	*s.entry |= ept_format.dirty;
	page[index] = g << PAGE_SHIFT;
	vmcs_write(GUEST_LOG_INDEX, (uint16_t)(index - 1));
	return true;
}

static unsigned dirty(uint64_t region)
{
	uint64_t bits[P2M_SCAN / 64];
	unsigned n = 0;

	if (p2m_dirty_scan(&domain.p2m, region * P2M_SCAN, true, bits) != P2M_SCAN)
		return 0;
	for (unsigned i = 0; i < P2M_SCAN; i++)
		n += bits[i / 64] >> i % 64 & 1;
	return n;
}

static void test_nothing_written(void)
{
	start();
	CHECK_EQ(vmcs_read(VMCS_WRITE_LOG), virt_to_hpa(page).v);
	CHECK_EQ(vmcs_read(GUEST_LOG_INDEX), 511);
	fake_vmcs.writes = 0;
	vmx_log_drain(&vcpu, &state);
	CHECK_EQ(fake_vmcs.writes, 0);
	CHECK_EQ(dirty(0), 0);
}

static void test_some_pages(void)
{
	start();
	CHECK(cpu_writes(P2M_SCAN + 5) && cpu_writes(P2M_SCAN + 5) && cpu_writes(P2M_SCAN + 9));
	CHECK_EQ(vmcs_read(GUEST_LOG_INDEX), 509);
	/* Nobody has been told yet. */
	CHECK_EQ(dirty(1), 0);
	vmx_log_drain(&vcpu, &state);
	CHECK_EQ(vmcs_read(GUEST_LOG_INDEX), 511);
	CHECK_EQ(dirty(0), 0);
	CHECK_EQ(dirty(1), 2);
	CHECK_EQ(dirty(2), 0);
	CHECK_EQ(dirty(1), 0);
}

static void test_full(void)
{
	start();
	for (unsigned i = 0; i < 512; i++)
		CHECK(cpu_writes(3 * P2M_SCAN - 1 - i));
	CHECK_EQ(vmcs_read(GUEST_LOG_INDEX), 0xffff);
	CHECK(!cpu_writes(7));
	vmx_log_drain(&vcpu, &state);
	CHECK(cpu_writes(7));
	vmx_log_drain(&vcpu, &state);
	CHECK_EQ(dirty(0), 1);
	CHECK_EQ(dirty(1), 0);
	CHECK_EQ(dirty(2), 512);
}

UNIT_MAIN(UNIT(test_nothing_written), UNIT(test_some_pages), UNIT(test_full))
