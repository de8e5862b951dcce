/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bitmaps of MSRs, in both vendors' layouts: what is free at first, a vcpu's own copy, and none where memory is out. */
#include "virt_msrs.h"
#include "domain.h"
#include "errno.h"
#include "page_alloc.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_ports.h"

static const uint32_t free_msrs[] = { MSR_SYSENTER_CS, MSR_KERNEL_GS_BASE, 0 };
static const uint32_t read_free[] = { MSR_LSTAR, 0 };

static struct virt_msr_maps amd, intel;
static struct domain domain;
static struct vcpu vcpu = { .domain = &domain };

static void start(void)
{
	fake_memory_restart(4u << 20, 1);
	amd = (struct virt_msr_maps){ .order = 1,
		                      .bits = 2,
		                      .write = 1,
		                      .nr_ranges = 3,
		                      .ranges = { 0, 0xc0000000, 0xc0010000 },
		                      .free = free_msrs };
	intel = (struct virt_msr_maps){ .bits = 1,
		                        .write = 0x4000,
		                        .nr_ranges = 2,
		                        .ranges = { 0, 0xc0000000 },
		                        .free = free_msrs,
		                        .read_free = read_free };
	CHECK_EQ(virt_msr_maps_create(&amd), 0);
	CHECK_EQ(virt_msr_maps_create(&intel), 0);
}

static void test_usual(void)
{
	start();
	/* APM 15.11: two bits each, the second range 2 KiB behind the first */
	CHECK_EQ(amd.usual[MSR_SYSENTER_CS / 4], 0xff & ~(3u << MSR_SYSENTER_CS % 4 * 2));
	CHECK_EQ(amd.usual[0x800 + (MSR_KERNEL_GS_BASE & 0x1fff) / 4],
	         0xff & ~(3u << MSR_KERNEL_GS_BASE % 4 * 2));
	CHECK_EQ(amd.all[MSR_SYSENTER_CS / 4], 0xff);
	CHECK_EQ(amd.usual[8191], 0xff);
	/* SDM 24.6.9: reads low, reads high, writes low, writes high, a KiB each */
	CHECK_EQ(intel.usual[MSR_SYSENTER_CS / 8], 0xff & ~(1u << MSR_SYSENTER_CS % 8));
	CHECK_EQ(intel.usual[0x800 + MSR_SYSENTER_CS / 8], 0xff & ~(1u << MSR_SYSENTER_CS % 8));
	CHECK(!map_bit_get(intel.usual + 0x400, MSR_LSTAR & 0x1fff));
	CHECK(map_bit_get(intel.usual + 0xc00, MSR_LSTAR & 0x1fff));
}

static void test_own_copy(void)
{
	uint8_t *own = NULL;
	const uint8_t *use;

	start();
	CHECK(!virt_msr_trap(&vcpu, &intel, &own, MSR_SYSENTER_CS, false, false));
	CHECK(!virt_msr_trap(&vcpu, &intel, &own, MSR_PAT, true, true));
	CHECK(!virt_msr_trap(&vcpu, &intel, &own, 0x40000000, false, false)); /* in no range */
	CHECK(!own);
	use = virt_msr_trap(&vcpu, &intel, &own, MSR_PAT, false, true);
	CHECK(own && use == own && own != intel.usual);
	CHECK(!map_bit_get(own, MSR_PAT) && map_bit_get(own + 0x800, MSR_PAT));
	CHECK(map_bit_get(intel.usual, MSR_PAT)); /* nobody else's */
	CHECK(!map_bit_get(own, MSR_SYSENTER_CS));
	/* The next change is in the same copy. */
	CHECK(!virt_msr_trap(&vcpu, &intel, &own, MSR_SYSENTER_CS, true, true));
	CHECK(map_bit_get(own, MSR_SYSENTER_CS));
	virt_msr_free(&intel, &own);
	CHECK(!own);
}

static void test_no_memory(void)
{
	uint8_t *own = NULL;

	start();
	while (page_alloc_virt(0))
		;
	CHECK(virt_msr_trap(&vcpu, &amd, &own, MSR_PAT, false, false) == amd.all);
	CHECK(!own);
	CHECK_EQ(virt_msr_maps_create(&amd), -ENOMEM);
}

UNIT_MAIN(UNIT(test_usual), UNIT(test_own_copy), UNIT(test_no_memory))
