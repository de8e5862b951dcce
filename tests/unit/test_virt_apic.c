/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vlapic and the page that the CPU works on: nothing is lost or doubled on the way there and back; posted vectors. */
#include "virt_apic.h"
#include "domain.h"
#include "fake_domain.h"
#include "machine_fake.h"
#include "unit.h"
#include "virt_script.h"

#include <string.h>

static struct domain *d;
static struct vcpu *v;
static struct vlapic *l;
static uint8_t page[PAGE_SIZE] __attribute__((aligned(64)));

static void start(void)
{
	d = fake_domain_machine(2, 2, 16);
	v = d->vcpus[0];
	l = &v->lapic;
	vlapic_write(v, APIC_SVR, 0x1ff);
	memset(page, 0, sizeof(page));
	script_takes_posts = false;
}

static uint32_t at(uint32_t offset)
{
	return *virt_apic_reg(page, offset);
}

static void test_there_and_back(void)
{
	start();
	CHECK(virt_apic_is_idle(l));
	vlapic_set_irq(l, 0x41, false);
	vlapic_set_irq(l, 0x83, true);
	CHECK(!virt_apic_is_idle(l));
	vlapic_accept(v, 0x83);
	CHECK_EQ(virt_apic_put(v, page), 0x8341);
	CHECK_EQ(at(APIC_IRR + 0x20), 1u << 1);
	CHECK_EQ(at(APIC_ISR + 0x40), 1u << 3);
	CHECK_EQ(at(APIC_TMR + 0x40), 1u << 3);
	CHECK_EQ(l->irr[2], 0);
	/* While the guest runs: it ends 0x83 and takes 0x41; somebody sends 0x52. */
	*virt_apic_reg(page, APIC_ISR + 0x40) = 0;
	*virt_apic_reg(page, APIC_IRR + 0x20) = 0;
	*virt_apic_reg(page, APIC_ISR + 0x20) = 1u << 1;
	vlapic_set_irq(l, 0x52, false);
	virt_apic_get(v, page);
	CHECK_EQ(l->highest_isr, 0x41);
	CHECK_EQ(vlapic_waiting_vector(v), 0x52);
	CHECK_EQ(virt_apic_put(v, page), 0x4152);
	/* What the guest has not taken waits again, beside what came meanwhile. */
	vlapic_set_irq(l, 0x53, false);
	virt_apic_get(v, page);
	CHECK_EQ(l->irr[2], 1u << 0x12 | 1u << 0x13);
	CHECK_EQ(at(APIC_IRR + 0x20), 0);
}

static void test_off(void)
{
	start();
	vlapic_set_irq(l, 0x41, false);
	vlapic_write(v, APIC_SVR, 0xff);
	CHECK_EQ(virt_apic_put(v, page), 0);
	CHECK_EQ(l->irr[2], 1u << 1);
	vlapic_write(v, APIC_SVR, 0x1ff);
	CHECK_EQ(virt_apic_put(v, page), 0x41);
}

static void test_priority(void)
{
	start();
	vlapic_write(v, APIC_TPR, 0x25);
	*virt_apic_reg(page, APIC_TPR) = 0x20; /* as CR8 has it */
	virt_apic_put(v, page);
	CHECK_EQ(at(APIC_TPR), 0x25);
	*virt_apic_reg(page, APIC_TPR) = 0x37; /* the guest's write */
	virt_apic_put(v, page);
	CHECK_EQ(at(APIC_TPR), 0x37);
	virt_apic_get(v, page);
	CHECK_EQ(l->tpr, 0x37);
}

static void test_mirror(void)
{
	start();
	vlapic_write(v, APIC_LVT_TIMER + 0x30, 0x10041);
	vlapic_write(v, APIC_TIMER_INIT, 1000);
	CHECK(l->is_changed);
	virt_apic_mirror(d->vcpus[1], page);
	CHECK_EQ(at(APIC_ID), 2u << 24);
	virt_apic_mirror(v, page);
	CHECK_EQ(at(APIC_ID), 0);
	CHECK_EQ(at(APIC_VERSION), VLAPIC_VERSION);
	CHECK_EQ(at(APIC_SVR), 0x1ff);
	CHECK_EQ(at(APIC_LVT_TIMER + 0x30), 0x10041);
	CHECK_EQ(at(APIC_TIMER_INIT), 1000);
}

/* A vector for a running guest goes by its CPU; one whose end concerns the IO-APIC does not. */
static void test_posted(void)
{
	start();
	l->by_cpu = true;
	script_takes_posts = true;
	v->requests = 0;
	vlapic_set_irq(l, 0x41, false);
	CHECK_EQ(v->requests, 0);
	CHECK_EQ(l->irr[2], 1u << 1);
	vlapic_set_irq(l, 0x42, true);
	CHECK(v->requests & VCPU_REQ_EVENT);
	v->requests = 0;
	script_takes_posts = false;
	vlapic_set_irq(l, 0x43, false);
	CHECK(v->requests & VCPU_REQ_EVENT);
	/* the same again: somebody has told already */
	v->requests = 0;
	vlapic_set_irq(l, 0x43, false);
	CHECK_EQ(v->requests, 0);
	CHECK_EQ((uintptr_t)l->irr % 64, 0);
	l->by_cpu = false;
	script_takes_posts = true;
	vlapic_set_irq(l, 0x44, false);
	CHECK(v->requests & VCPU_REQ_EVENT);
	script_takes_posts = false;
}

UNIT_MAIN(UNIT(test_there_and_back), UNIT(test_off), UNIT(test_priority), UNIT(test_mirror),
          UNIT(test_posted))
