// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MSI, PCI 3.0, 6.8.1: the capability's control word is the machine's, as the guest sets it; message and mask are kept here. The device gets a message of ours when the guest
 * enables it, and whenever the guest writes to the capability: after a reset it may have lost it.
 */
#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "log.h"
#include "vpci_device.h"

#define CONTROL         2 /* of the capability: 16 bits */
#define CONTROL_ENABLE  0x0001u
#define CONTROL_MAX(c)  ((c) >> 1 & 7)
#define CONTROL_NR(c)   ((c) >> 4 & 7)
#define CONTROL_NR_MASK 0x0070u
#define CONTROL_64BIT   0x0080u
#define CONTROL_MASKING 0x0100u
#define SHIFT_MAX       5 /* 32 messages */
#define ADDRESS_LOW     4
#define ADDRESS_HIGH    8

static uint32_t data_at(const struct vpci_msi *m)
{
	return m->is_64bit ? 12 : 8;
}
static uint32_t mask_at(const struct vpci_msi *m)
{
	return data_at(m) + 4;
}

int vpci_msi_found(struct vpci_device *dev, uint16_t at)
{
	struct vpci_msi *m = &dev->msi;
	uint32_t control = machine_pci_read(dev->sbdf, at + CONTROL, 2);

	if (m->at)
		return 0; /* a second one is somebody's mistake */
	m->is_64bit = control & CONTROL_64BIT;
	m->has_mask = control & CONTROL_MASKING;
	m->max_shift = (uint8_t)MIN(CONTROL_MAX(control), (uint32_t)SHIFT_MAX);
	m->irqs = heap_alloc_array((size_t)1 << m->max_shift, sizeof(*m->irqs));
	if (!m->irqs)
		return -ENOMEM;
	for (unsigned i = 0; i < 1u << m->max_shift; i++)
		vpci_irq_init(&m->irqs[i], dev, i);
	m->at = at;
	/* Firmware's messages are nobody's now. */
	machine_pci_write(dev->sbdf, at + CONTROL, 2, control & ~CONTROL_ENABLE);
	return 0;
}

/* Pending bits, too, are the machine's. */
bool vpci_msi_owns(const struct vpci_device *dev, uint32_t reg)
{
	const struct vpci_msi *m = &dev->msi;
	uint32_t end = m->at + mask_at(m) + (m->has_mask ? 4 : 0);

	return m->at && reg >= m->at && reg < end;
}

/* Where the guest's word for that register is kept; NULL: the machine has it. */
static uint32_t *word_at(struct vpci_msi *m, uint32_t offset)
{
	if (offset == ADDRESS_LOW)
		return &m->address_low;
	if (m->is_64bit && offset == ADDRESS_HIGH)
		return &m->address_high;
	if (offset == data_at(m))
		return &m->data;
	return offset == mask_at(m) ? &m->mask : NULL;
}

uint32_t vpci_msi_read(struct vpci_device *dev, uint32_t reg)
{
	const uint32_t *word = word_at(&dev->msi, reg - dev->msi.at);

	return word ? *word : machine_pci_read(dev->sbdf, reg, 4);
}

/* ---- the device's side ---- */

static void control_write(struct vpci_device *dev, uint32_t control)
{
	machine_pci_write(dev->sbdf, dev->msi.at + CONTROL, 2, control);
}

static void messages_update(struct vpci_msi *m)
{
	uint32_t address = m->address_high ? 0 : m->address_low;

	for (unsigned i = 0; i < m->nr; i++)
		vpci_irq_message_set(&m->irqs[i], address, (m->data & ~(uint32_t)(m->nr - 1)) | i);
}

static void device_write(struct vpci_device *dev)
{
	struct vpci_msi *m = &dev->msi;
	struct machine_msi ours = machine_msi(m->irqs[0].irq.cpu, m->irqs[0].irq.vector);

	machine_pci_write(dev->sbdf, m->at + ADDRESS_LOW, 4, (uint32_t)ours.address);
	if (m->is_64bit)
		machine_pci_write(dev->sbdf, m->at + ADDRESS_HIGH, 4, ours.address >> 32);
	machine_pci_write(dev->sbdf, m->at + data_at(m), 2, ours.data);
	if (m->has_mask)
		machine_pci_write(dev->sbdf, m->at + mask_at(m), 4, m->mask);
}

static void unbind(struct vpci_msi *m)
{
	if (m->nr)
		host_irq_unbind(&m->irqs[0].irq, sizeof(m->irqs[0]), m->nr);
	m->nr = 0;
}

static void disable(struct vpci_device *dev, uint32_t control)
{
	control_write(dev, control & ~CONTROL_ENABLE);
	unbind(&dev->msi);
}

static void enable(struct vpci_device *dev, uint32_t control)
{
	struct vpci_msi *m = &dev->msi;
	unsigned shift = MIN(CONTROL_NR(control), (uint32_t)m->max_shift);

	if (m->nr != 1u << shift) {
		disable(dev, control);
		m->nr = (uint8_t)(1u << shift);
		messages_update(m);
		if (host_irq_bind(&m->irqs[0].irq, sizeof(m->irqs[0]), m->nr,
		                  vpci_irq_cpu(&m->irqs[0]))) {
			log_guest(dev->vpci->domain, LOG_WARNING,
			          "PCI %04x:%02x:%02x.%u: no %u vectors are left together",
			          dev->sbdf >> 16, dev->sbdf >> 8 & 0xff, dev->sbdf >> 3 & 0x1f,
			          dev->sbdf & 7, m->nr);
			m->nr = 0;
			return;
		}
	}
	device_write(dev);
	control_write(dev, (control & ~CONTROL_NR_MASK) | shift << 4);
}

static void control_changed(struct vpci_device *dev, uint32_t control)
{
	if (control & CONTROL_ENABLE)
		enable(dev, control);
	else
		disable(dev, control);
}

/*
 * To the CPU where the target runs now. Address and data are two registers: only a device that can be held back meanwhile is moved.
 */
static void follow_target(struct vpci_device *dev)
{
	struct vpci_msi *m = &dev->msi;
	unsigned cpu = vpci_irq_cpu(&m->irqs[0]);

	if (!m->has_mask || m->irqs[0].irq.cpu == cpu)
		return;
	machine_pci_write(dev->sbdf, m->at + mask_at(m), 4, ~0u);
	(void)host_irq_move(&m->irqs[0].irq, sizeof(m->irqs[0]), m->nr, cpu);
}

void vpci_msi_write(struct vpci_device *dev, uint32_t reg, uint32_t value, uint32_t mask)
{
	struct vpci_msi *m = &dev->msi;
	uint32_t offset = reg - m->at, *word = word_at(m, offset);

	if (!word) {
		uint32_t control = machine_pci_read(dev->sbdf, m->at + CONTROL, 2);

		mask >>= 16;
		if (mask)
			control_changed(dev, (control & ~mask) | (value >> 16 & mask));
		return;
	}
	*word = (*word & ~mask) | (value & mask);
	m->address_low &= ~3u;
	m->data &= 0xffff;
	if (!m->nr)
		return;
	messages_update(m);
	if (offset != mask_at(m))
		follow_target(dev);
	device_write(dev);
}

void vpci_msi_restore(struct vpci_device *dev)
{
	if (dev->msi.nr) {
		device_write(dev);
		control_write(dev, machine_pci_read(dev->sbdf, dev->msi.at + CONTROL, 2) |
		                           CONTROL_ENABLE);
	}
}

void vpci_msi_stop(struct vpci_device *dev)
{
	struct vpci_msi *m = &dev->msi;

	if (m->nr)
		disable(dev, machine_pci_read(dev->sbdf, m->at + CONTROL, 2));
}

void vpci_msi_free(struct vpci_device *dev)
{
	struct vpci_msi *m = &dev->msi;

	if (m->irqs)
		host_irq_sync(&m->irqs[0], sizeof(m->irqs[0]) << m->max_shift);
	heap_free(m->irqs);
	m->irqs = NULL;
}
