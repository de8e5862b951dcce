// SPDX-License-Identifier: GPL-2.0-or-later
/* A device's message as the guest wrote it, and its way to the guest's local APICs. SDM 10.11. */
#include "domain.h"
#include "vlapic_registers.h"
#include "vpci_device.h"

#define ADDRESS_FIXED   0xfee00000u /* of every message that is an interrupt */
#define ADDRESS_MASK    0xfff00000u
#define ADDRESS_LOGICAL (1u << 2)
#define ADDRESS_DEST(a) ((a) >> 12 & 0xff)
#define DATA_MODE(d)    ((d) >> 8 & 7)
#define DATA_ASSERT     (1u << 14)
#define DATA_LEVEL      (1u << 15)

bool vpci_message_decode(uint64_t message, struct apic_message *m)
{
	uint32_t address = (uint32_t)(message >> 32), data = (uint32_t)message;

	*m = (struct apic_message){
		.destination = ADDRESS_DEST(address),
		.vector = (uint8_t)data,
		.delivery_mode = DATA_MODE(data),
		.logical = address & ADDRESS_LOGICAL,
		.level = data & DATA_LEVEL,
		.assert = !(data & DATA_LEVEL) || (data & DATA_ASSERT),
	};
	return (address & ADDRESS_MASK) == ADDRESS_FIXED && m->assert;
}

/* No lock: the message is one word. */
static void message_interrupt(struct host_irq *irq)
{
	struct vpci_irq *i = container_of(irq, struct vpci_irq, irq);
	struct apic_message m;

	if (vpci_message_decode(read_once(i->message), &m))
		(void)vlapic_deliver(irq->domain, NULL, &m);
}

void vpci_irq_init(struct vpci_irq *i, struct vpci_device *dev, uint32_t number)
{
	i->irq.fn = message_interrupt;
	i->irq.domain = dev->vpci->domain;
	i->irq.number = HOST_IRQ_MSI | number;
	i->irq.sbdf = dev->sbdf;
}

void vpci_irq_message_set(struct vpci_irq *i, uint32_t address, uint32_t data)
{
	write_once(i->message, (uint64_t)address << 32 | data);
}

unsigned vpci_irq_cpu(const struct vpci_irq *i)
{
	struct apic_message m;

	if (!vpci_message_decode(i->message, &m))
		return 0;
	return host_irq_cpu_for(vlapic_find(i->irq.domain, &m));
}
