/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rights to the machine: ports that stop trapping, accesses at their borders, device memory that appears when it is touched. */
#include <string.h>

#include "exit_handlers.h"
#include "fake_domain.h"
#include "hardware_domain.h"
#include "hardware_fake.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"
#include <xen/errno.h>

static struct domain *d;
static struct vcpu *v;

static void start(void)
{
	d = fake_domain_machine(1, 1, 64);
	v = d->vcpus[0];
	v->regs.rip = 0x1000;
}

static uint64_t in(uint16_t port, uint8_t size)
{
	v->regs.r[GPR_RAX] = 0;
	v->exit = (struct vcpu_exit){ .kind = EXIT_PIO,
		                      .insn_len = 1,
		                      .pio = { .port = port, .size = size } };
	exit_dispatch(v);
	return v->regs.r[GPR_RAX];
}

static enum io_result claimed_access(struct io_region *r, struct io_access *a)
{
	a->value = 0x11;
	return IO_DONE;
}

static void ports_stop_trapping(void)
{
	struct io_region claimed = { "device", 0x64, 1, 1, 1, claimed_access };

	start();
	CHECK_EQ(iobus_claim(&d->pio, &claimed), 0);
	CHECK_EQ(direct_ports_give(d, 0x60, 0x6f), 0);
	CHECK(!script_port_trapped(d, 0x60));
	CHECK(script_port_trapped(d, 0x64));
	CHECK(!script_port_trapped(d, 0x6f));
	CHECK(script_port_trapped(d, 0x70));
	CHECK_EQ(direct_ports_take(d, 0x61, 0x61), 0);
	CHECK(script_port_trapped(d, 0x61));
	CHECK_EQ(direct_ports_give(d, 0xfff0, 0x10000), -XEN_EINVAL);
	CHECK_EQ(direct_ports_give(d, 2, 1), -XEN_EINVAL);
	iobus_release(&d->pio, &claimed);
}

/* An access that exits because one of its bytes traps reaches the machine with the others. */
static void borders_of_ports(void)
{
	unsigned before;

	start();
	machine_port_write(0x100, 0x44332211, 4);
	machine_port_write(0x104, 0x88776655, 4);
	CHECK_EQ(direct_ports_give(d, 0x102, 0x1ff), 0);
	CHECK_EQ(in(0x104, 4), 0x88776655);
	CHECK_EQ(in(0x104, 1), 0x55);
	CHECK_EQ(in(0x100, 4), 0x4433ffff);
	CHECK_EQ(in(0x1ff, 2) >> 8, 0xff);
	before = fake_port_write.count;
	v->regs.r[GPR_RAX] = 0;
	CHECK_EQ(in(0x80, 4), 0xffffffff);
	CHECK_EQ(fake_port_write.count, before);
	v->regs.r[GPR_RAX] = 0xddccbbaa;
	v->exit = (struct vcpu_exit){ .kind = EXIT_PIO,
		                      .insn_len = 1,
		                      .pio = { .port = 0x100, .size = 4, .is_write = true } };
	exit_dispatch(v);
	CHECK_EQ(machine_port_read(0x100, 4), 0xddcc2211);
}

static void touch(uint64_t at)
{
	v->exit = (struct vcpu_exit){ .kind = EXIT_MMIO, .mmio = { .gpa = gpa(at) } };
	exit_dispatch(v);
}

static void frames_appear(void)
{
	start();
	CHECK_EQ(direct_frames_give(d, 0x80000, 0x80fff), 0);
	CHECK_EQ(direct_frames_take(d, 0x80200, 0x80200), 0);
	CHECK(!direct_frame_fault(d, gfn(0x80000)));
	d->direct.maps_on_fault = true;
	touch(GIB(2) + 0x1234);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80000)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x801ff)).mfn.v, 0x801ff);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80200)).type, P2M_HOLE);
	/* beside what it may not have, page by page */
	touch(GIB(2) + MIB(2) + 0x3000);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80203)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80204)).type, P2M_HOLE);
	CHECK(!direct_frame_fault(d, gfn(0x80200)));
	CHECK(!direct_frame_fault(d, gfn(0x81000)));
	/* a device on the bus goes first */
	struct io_region claimed = { "table", GIB(2) + MIB(4) + 0x10, 16, 1, 4, claimed_access };

	CHECK_EQ(iobus_claim(&d->mmio, &claimed), 0);
	CHECK(direct_frame_fault(d, gfn(0x80401)));
	CHECK(!direct_frame_fault(d, gfn(0x80400)));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80402)).type, P2M_HOLE);
	iobus_release(&d->mmio, &claimed);
}

/* A page of an MSI-X table stays a hole, and what is around it comes page by page. */
static void msix_tables_do_not_appear(void)
{
	struct fake_pci_device *f;
	struct io_access a = { .addr = 0xb0008000, .size = 4 };

	start();
	fake_hardware_reset();
	fake_nr_mcfg = 1;
	fake_mcfg[0] = (struct machine_mcfg){ 0xb0000000, 0, 0, 255 };
	f = fake_pci_add(0, 8, 0x12348086);
	fake_pci_set(f, 0x06, 2, 0x10);
	fake_pci_set(f, 0x34, 1, 0x40);
	fake_pci_set(f, 0x40, 2, 0x11);
	fake_pci_set(f, 0x44, 4, 0x1000);
	fake_pci_set(f, 0x10, 4, 0x80000000);
	fake_pci_set(f, 0x04, 2, 2);
	CHECK_EQ(hardware_domain_devices_create(d), 0);
	CHECK_EQ(direct_frames_give(d, 0x80000, 0x80fff), 0);
	d->direct.maps_on_fault = true;
	CHECK_EQ(iobus_access(&d->mmio, &a), IO_DONE); /* the guest sees the device */
	CHECK(!direct_frame_fault(d, gfn(0x80001)));
	CHECK(direct_frame_fault(d, gfn(0x80000)));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x80001)).type, P2M_HOLE);
	CHECK(direct_frame_fault(d, gfn(0x80200)));
	CHECK_EQ(p2m_lookup(&d->p2m, gfn(0x803ff)).type, P2M_MMIO_DIRECT);
	CHECK_EQ(hardware_domain_devices_destroy(d), 0);
}

static void interrupts(void)
{
	start();
	CHECK(!direct_irq_may(d, 9));
	CHECK_EQ(direct_irqs_give(d, 0, 23), 0);
	CHECK_EQ(direct_irqs_take(d, 4, 4), 0);
	CHECK(direct_irq_may(d, 9));
	CHECK(!direct_irq_may(d, 4));
	CHECK(!direct_frames_may(d, 0, 0));
}

UNIT_MAIN(UNIT(ports_stop_trapping), UNIT(borders_of_ports), UNIT(frames_appear),
          UNIT(msix_tables_do_not_appear), UNIT(interrupts))
