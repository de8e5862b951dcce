// SPDX-License-Identifier: GPL-2.0-or-later
/* The devices of configuration space, found when they are first used, and what is done with an access to one. */
#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "log.h"
#include "options.h"
#include "vpci_device.h"

/* A chain of capabilities is no longer than what fits behind the header. */
#define CAPABILITIES_MAX 48
#define NOBODY           0xffffffffu
/* Of serial cards. */
#define COM1_PORT           0x3f8
#define PCI_CLASS           0x0a /* subclass, class */
#define CLASS_COMMUNICATION 0x07
#define CARD_PORTS          64

/* ---- what the guest does not see ---- */

static bool is_listed(uint32_t sbdf)
{
	for (uint32_t i = 0; i < options.nr_hidden; i++)
		if (options.hidden[i] == sbdf)
			return true;
	return false;
}

/* The serial port that is our console is on that card. */
static bool is_console(uint32_t sbdf)
{
	uint32_t port = options.com1_port ? options.com1_port : COM1_PORT;

	if (!options.console_com1 ||
	    machine_pci_read(sbdf, PCI_CLASS, 2) >> 8 != CLASS_COMMUNICATION ||
	    machine_pci_read(sbdf, PCI_HEADER_TYPE, 1) & 0x7f)
		return false;
	for (unsigned i = 0; i < 6; i++) {
		uint32_t bar = machine_pci_read(sbdf, PCI_BAR + i * 4, 4);

		/* a card's ports come in eights, one behind the other */
		if ((bar & 1) && (bar & ~3u) && port - (bar & ~3u) < CARD_PORTS)
			return true;
	}
	return false;
}

/* Such a device reads as if nobody answered, and writes to it are lost. */
static bool device_hide(uint32_t sbdf)
{
	bool listed = is_listed(sbdf);

	if (!listed && !is_console(sbdf))
		return false;
	log_info("PCI %04x:%02x:%02x.%u: %s, the first domain does not see it", sbdf >> 16,
	         sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7,
	         listed ? "hidden by pci_hide=" : "the hypervisor's console is on it");
	return true;
}

/* ---- finding ---- */

static struct list *bucket(struct vpci *p, uint32_t sbdf)
{
	return &p->devices[(sbdf ^ sbdf >> 8 ^ sbdf >> 16) % VPCI_BUCKETS];
}

struct vpci_device *vpci_device_find(struct vpci *p, uint32_t sbdf)
{
	struct list *pos;

	list_for_each(pos, bucket(p, sbdf)) {
		struct vpci_device *dev = list_entry(pos, struct vpci_device, node);

		if (dev->sbdf == sbdf)
			return dev;
	}
	return NULL;
}

/* Only such devices have extended registers; bridges show older ones' first registers there. */
static int express_found(struct vpci_device *dev, uint16_t at)
{
	if (!dev->is_virtual && !dev->sriov.at)
		vpci_sriov_read(dev);
	return 0;
}

static int (*const capability_found[])(struct vpci_device *dev, uint16_t at) = {
	[CAPABILITY_MSI] = vpci_msi_found,
	[CAPABILITY_EXPRESS] = express_found,
	[CAPABILITY_MSIX] = vpci_msix_found,
};

static int capabilities_read(struct vpci_device *dev)
{
	unsigned pointer = (dev->header_type & 0x7f) == 2 ? PCI_CARDBUS_POINTER : PCI_CAPABILITIES;
	uint32_t at;
	int err = 0;

	if (!(machine_pci_read(dev->sbdf, PCI_STATUS, 2) & STATUS_CAPABILITIES))
		return 0;
	at = machine_pci_read(dev->sbdf, pointer, 1) & 0xfc;
	for (unsigned n = 0; !err && at >= 0x40 && n < CAPABILITIES_MAX; n++) {
		uint32_t head = machine_pci_read(dev->sbdf, at, 2);
		uint8_t id = (uint8_t)head;

		if (id < ARRAY_LEN(capability_found) && capability_found[id])
			err = capability_found[id](dev, (uint16_t)at);
		at = head >> 8 & 0xfc;
	}
	return err;
}

static void device_silence(struct vpci_device *dev)
{
	vpci_msi_stop(dev);
	vpci_msix_stop(dev);
	list_remove(&dev->node);
	dev->vpci->nr_devices--;
}

/* It is in no list any more, and no lock is held. */
static void device_free(struct vpci_device *dev)
{
	if (!dev)
		return;
	vpci_msi_free(dev);
	vpci_msix_free(dev);
	heap_free(dev);
}

/* NULL: no memory. pf: its physical function, of a virtual one. */
static struct vpci_device *device_create(struct vpci *p, uint32_t sbdf, uint32_t id,
                                         const struct vpci_device *pf)
{
	struct vpci_device *dev;

	if (p->nr_devices == VPCI_DEVICES_MAX || !(dev = heap_alloc(sizeof(*dev))))
		return NULL;
	dev->vpci = p;
	dev->sbdf = sbdf;
	dev->id = id;
	dev->is_virtual = pf;
	dev->physical = pf ? pf->sbdf : 0;
	dev->header_type = (uint8_t)machine_pci_read(sbdf, PCI_HEADER_TYPE, 1);
	list_add_tail(bucket(p, sbdf), &dev->node);
	list_init(&dev->msix.node);
	p->nr_devices++;
	dev->is_hidden = device_hide(sbdf);
	if (!dev->is_hidden && capabilities_read(dev))
		log_warning("PCI %04x:%02x:%02x.%u: no memory for its messages", sbdf >> 16,
		            sbdf >> 8 & 0xff, sbdf >> 3 & 0x1f, sbdf & 7);
	return dev;
}

/*
 * Who answers there, found and read at the first use. NULL: nobody, or no memory (then it is the machine's own as it is, without interrupts by message). *gone: one
 * that was there before, for device_free() once the lock is free.
 */
static struct vpci_device *device_get(struct vpci *p, uint32_t sbdf, struct vpci_device **gone)
{
	struct vpci_device *dev = vpci_device_find(p, sbdf);
	uint32_t id = machine_pci_read(sbdf, PCI_ID, 4);

	*gone = NULL;
	if (dev && dev->id == id)
		return dev;
	if (dev) {
		device_silence(dev);
		*gone = dev;
	}
	if (id == NOBODY)
		return NULL;
	return device_create(p, sbdf, id, NULL);
}

/* ---- accesses ---- */

static uint32_t low_mask(unsigned size)
{
	return size == 4 ? ~0u : (1u << 8 * size) - 1;
}

/* Identification is asked for in each scan; the rest comes from drivers of devices that are there. */
static struct vpci_device *device_for_access(struct vpci *p, uint32_t sbdf, uint32_t reg,
                                             struct vpci_device **gone)
{
	struct vpci_device *dev;

	*gone = NULL;
	dev = reg < 4 ? NULL : vpci_device_find(p, sbdf);
	return dev ? dev : device_get(p, sbdf, gone);
}

/* Also when there was no memory to keep it in mind. */
static bool device_is_hidden(const struct vpci_device *dev, uint32_t sbdf)
{
	return dev ? dev->is_hidden : is_listed(sbdf);
}

uint32_t vpci_config_read(struct vpci *p, uint32_t sbdf, uint32_t reg, unsigned size)
{
	unsigned shift = 8 * (reg & 3);
	struct vpci_device *dev, *gone;
	uint32_t value;

	spin_lock(&p->lock);
	dev = device_for_access(p, sbdf, reg, &gone);
	if (device_is_hidden(dev, sbdf))
		value = low_mask(size);
	else if (dev && vpci_msi_owns(dev, reg))
		value = vpci_msi_read(dev, reg & ~3u) >> shift & low_mask(size);
	else
		value = machine_pci_read(sbdf, reg, size);
	spin_unlock(&p->lock);
	device_free(gone);
	return value;
}

/* Registers that move or switch a device's memory. */
static bool moves_memory(uint32_t reg)
{
	return reg == PCI_COMMAND || (reg >= PCI_BAR && reg < PCI_BAR + 6 * 4);
}

void vpci_config_write(struct vpci *p, uint32_t sbdf, uint32_t reg, unsigned size, uint32_t value)
{
	unsigned shift = 8 * (reg & 3);
	uint32_t mask = low_mask(size) << shift;
	struct vpci_device *dev, *gone;

	spin_lock(&p->lock);
	dev = device_for_access(p, sbdf, reg, &gone);
	if (device_is_hidden(dev, sbdf)) {
		/* lost */
	} else if (dev && vpci_msi_owns(dev, reg)) {
		vpci_msi_write(dev, reg & ~3u, value << shift, mask);
	} else if (dev && vpci_msix_owns(dev, reg)) {
		vpci_msix_write(dev, reg & ~3u, value << shift, mask);
	} else {
		machine_pci_write(sbdf, reg, size, value);
		if (dev && moves_memory(reg & ~3u))
			vpci_msix_locate(dev);
	}
	spin_unlock(&p->lock);
	device_free(gone);
}

/* ---- what the guest tells ---- */

int vpci_device_add(struct domain *d, uint32_t sbdf)
{
	struct vpci *p = d->vpci;
	struct vpci_device *dev, *gone;
	bool found;

	if (!p)
		return -ENODEV;
	spin_lock(&p->lock);
	dev = device_get(p, sbdf, &gone);
	found = dev && !dev->is_hidden;
	spin_unlock(&p->lock);
	device_free(gone);
	return found ? 0 : -ENODEV;
}

int vpci_virtual_add(struct domain *d, uint32_t sbdf, uint32_t physical)
{
	struct vpci *p = d->vpci;
	struct vpci_device *dev = NULL, *pf, *gone;

	if (!p)
		return -ENODEV;
	spin_lock(&p->lock);
	pf = device_get(p, physical, &gone);
	if (pf && pf->sriov.at && !is_listed(sbdf)) {
		dev = vpci_device_find(p, sbdf);
		/* It may have been taken for one that answers. */
		dev = dev ? dev : device_create(p, sbdf, machine_pci_read(sbdf, PCI_ID, 4), pf);
	}
	spin_unlock(&p->lock);
	device_free(gone);
	return dev ? 0 : -ENODEV;
}

/* What is done to the device at sbdf with the lock held; -ENODEV: there is none. *out: the device, which is no longer known when it was silenced. */
static int device_do(struct domain *d, uint32_t sbdf, void (*what)(struct vpci_device *dev),
                     struct vpci_device **out)
{
	struct vpci *p = d->vpci;

	*out = NULL;
	if (!p)
		return -ENODEV;
	spin_lock(&p->lock);
	*out = vpci_device_find(p, sbdf);
	if (*out)
		what(*out);
	spin_unlock(&p->lock);
	return *out ? 0 : -ENODEV;
}

int vpci_device_remove(struct domain *d, uint32_t sbdf)
{
	struct vpci_device *dev;
	int err = device_do(d, sbdf, device_silence, &dev);

	device_free(dev);
	return err;
}

static void interrupts_restore(struct vpci_device *dev)
{
	vpci_msi_restore(dev);
	vpci_msix_restore(dev);
}

int vpci_restore_msi(struct domain *d, uint32_t sbdf)
{
	struct vpci_device *dev;

	return device_do(d, sbdf, interrupts_restore, &dev);
}

int vpci_mmcfg_reserved(struct domain *d, uint64_t base, uint16_t segment, uint8_t first_bus,
                        uint8_t last_bus)
{
	const struct machine_mcfg *m;

	for (unsigned n = 0; d->vpci && (m = machine_mcfg(n)) != NULL; n++)
		if (m->segment == segment && m->base == base && first_bus >= m->first_bus &&
		    last_bus <= m->last_bus)
			return 0;
	return -ENODEV;
}

/* ---- making ---- */

int vpci_create(struct domain *d)
{
	struct vpci *p = heap_alloc(sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->domain = d;
	list_init(&p->tables);
	for (unsigned i = 0; i < VPCI_BUCKETS; i++)
		list_init(&p->devices[i]);
	d->vpci = p;
	return vpci_access_create(p);
}

void vpci_destroy(struct domain *d)
{
	struct vpci *p = d->vpci;

	if (!p)
		return;
	vpci_access_destroy(p);
	for (unsigned i = 0; i < VPCI_BUCKETS; i++) {
		struct list *first;

		while ((first = list_first(&p->devices[i])) != NULL) {
			struct vpci_device *dev = list_entry(first, struct vpci_device, node);

			spin_lock(&p->lock);
			device_silence(dev);
			spin_unlock(&p->lock);
			device_free(dev);
		}
	}
	d->vpci = NULL;
	heap_free(p);
}
