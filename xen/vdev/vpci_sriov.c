// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual functions, PCI Express 9.3.3: they do not answer to a scan and have no BARs of their own. The physical function's capability says where all of theirs begin, and how large
 * one is; that is asked once, when the physical function is found and none of the others is switched on.
 */
#include "vpci_device.h"

#define EXTENDED_FIRST   0x100u
#define EXTENDED_MAX     96u /* a chain no longer than what fits, about */
#define EXTENDED_SRIOV   0x0010u
#define EXTENDED_NEXT(h) ((h) >> 20 & 0xffc)

#define CONTROL        0x08
#define CONTROL_ENABLE 0x1u
#define CONTROL_MEMORY 0x8u
#define FIRST_OFFSET   0x14
#define STRIDE         0x16
#define VF_BAR         0x24

#define BAR_IO     0x1u
#define BAR_64BIT  0x4u
#define BAR_TYPE   0x6u
#define BAR_MEMORY 0xfffffff0u

static bool bar_is_64bit(uint32_t low, unsigned bar)
{
	return (low & BAR_TYPE) == BAR_64BIT && bar < 5;
}

static uint64_t bar_read(const struct vpci_device *pf, unsigned bar)
{
	unsigned reg = pf->sriov.at + VF_BAR + 4 * bar;
	uint32_t low = machine_pci_read(pf->sbdf, reg, 4);
	uint64_t base = low & BAR_MEMORY;

	if (low & BAR_IO)
		return 0;
	if (bar_is_64bit(low, bar))
		base |= (uint64_t)machine_pci_read(pf->sbdf, reg + 4, 4) << 32;
	return base;
}

/* Ones written, and what stays read back (PCI 3.0, 6.2.5.1). */
static uint64_t bar_size(const struct vpci_device *pf, unsigned bar)
{
	unsigned reg = pf->sriov.at + VF_BAR + 4 * bar;
	uint32_t low = machine_pci_read(pf->sbdf, reg, 4), high = 0;
	bool is_64bit = bar_is_64bit(low, bar);
	uint64_t size;

	if (is_64bit) {
		high = machine_pci_read(pf->sbdf, reg + 4, 4);
		machine_pci_write(pf->sbdf, reg + 4, 4, ~0u);
	}
	machine_pci_write(pf->sbdf, reg, 4, ~0u);
	size = bar_read(pf, bar);
	if (!is_64bit && size)
		size |= ~0ull << 32;
	machine_pci_write(pf->sbdf, reg, 4, low);
	if (is_64bit)
		machine_pci_write(pf->sbdf, reg + 4, 4, high);
	return -size;
}

static uint16_t capability_find(uint32_t sbdf)
{
	unsigned at = EXTENDED_FIRST;

	for (unsigned n = 0; at >= EXTENDED_FIRST && n < EXTENDED_MAX; n++) {
		uint32_t head = machine_pci_read(sbdf, at, 4);

		if (!head || head == ~0u)
			return 0;
		if ((uint16_t)head == EXTENDED_SRIOV)
			return (uint16_t)at;
		at = EXTENDED_NEXT(head);
	}
	return 0;
}

void vpci_sriov_read(struct vpci_device *dev)
{
	struct vpci_sriov *s = &dev->sriov;

	s->at = capability_find(dev->sbdf);
	if (!s->at ||
	    (machine_pci_read(dev->sbdf, s->at + CONTROL, 2) & (CONTROL_ENABLE | CONTROL_MEMORY)))
		return;
	for (unsigned bar = 0; bar < 6; bar++) {
		uint32_t low = machine_pci_read(dev->sbdf, s->at + VF_BAR + 4 * bar, 4);

		s->bar_size[bar] = bar_size(dev, bar);
		bar += bar_is_64bit(low, bar);
	}
}

uint64_t vpci_sriov_bar(const struct vpci_device *dev, const struct vpci_device *pf, unsigned bar)
{
	uint32_t control, stride, distance, first;
	uint64_t base;

	if (!pf || !pf->sriov.at || !pf->sriov.bar_size[bar])
		return 0;
	control = machine_pci_read(pf->sbdf, pf->sriov.at + CONTROL, 2);
	first = machine_pci_read(pf->sbdf, pf->sriov.at + FIRST_OFFSET, 2);
	stride = machine_pci_read(pf->sbdf, pf->sriov.at + STRIDE, 2);
	distance = dev->sbdf - pf->sbdf - first;
	if (!(control & CONTROL_ENABLE) || !(control & CONTROL_MEMORY) || !stride ||
	    distance > 0xffff || distance % stride)
		return 0;
	base = bar_read(pf, bar);
	return base ? base + distance / stride * pf->sriov.bar_size[bar] : 0;
}
