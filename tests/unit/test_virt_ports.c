/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bitmap of ports that a domain's vcpus share: its life, its bits. */
#include "virt_ports.h"
#include "page_alloc.h"
#include "machine_fake.h"
#include "unit.h"

#define ORDER 1

static struct domain d;

static void start(void)
{
	fake_memory_restart(4u << 20, 1);
	d.virt = NULL;
}

static void test_one_map_for_all_vcpus(void)
{
	struct virt_ports *p;
	uint64_t before;

	start();
	CHECK_EQ(virt_ports_attach(&d, ORDER), 0); /* the heap takes its pages */
	virt_ports_detach(&d, ORDER);
	before = page_nr_free();
	CHECK_EQ(virt_ports_attach(&d, ORDER), 0);
	p = d.virt;
	CHECK(p->bitmap[0] == 0xff && p->bitmap[8191] == 0xff);
	CHECK_EQ(virt_ports_attach(&d, ORDER), 0);
	CHECK(d.virt == p);
	CHECK_EQ(p->nr_vcpus, 2);
	virt_ports_detach(&d, ORDER);
	CHECK(d.virt == p);
	virt_ports_detach(&d, ORDER);
	CHECK(!d.virt);
	CHECK_EQ(page_nr_free(), before);
}

static void test_ports(void)
{
	struct virt_ports *p;

	start();
	virt_trap_port(&d, 0x80, false); /* no vcpu yet: nothing to do */
	CHECK_EQ(virt_ports_attach(&d, ORDER), 0);
	p = d.virt;
	virt_trap_port(&d, 0x83, false);
	virt_trap_port(&d, 0xffff, false);
	CHECK(!map_bit_get(p->bitmap, 0x83) && map_bit_get(p->bitmap, 0x82) &&
	      map_bit_get(p->bitmap, 0x84));
	CHECK_EQ(p->bitmap[8191], 0x7f);
	virt_trap_port(&d, 0x83, true);
	CHECK_EQ(p->bitmap[0x10], 0xff);
	virt_ports_detach(&d, ORDER);
}

UNIT_MAIN(UNIT(test_one_map_for_all_vcpus), UNIT(test_ports))
