// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * MSI-X, PCI 3.0, 6.8.2. The control word is the machine's, as the guest sets it, and so are the pending bits; the table that the guest sees is ours, and its pages are kept
 * out of the guest's memory map wherever the device's BAR puts them. Other registers in the same pages are passed on with the size of the access.
 *
 * An entry gets a vector of the machine when it is first unmasked, and keeps it until MSI-X is off.
 */
#include "domain.h"
#include "errno.h"
#include "heap.h"
#include "log.h"
#include "vpci_device.h"

#define CONTROL        2 /* of the capability: 16 bits */
#define CONTROL_ENABLE 0x8000u
#define CONTROL_NR(c)  (((c)&0x7ff) + 1)
#define TABLE          4 /* BAR in 3 bits, offset in it */
#define ENTRY_SIZE     16u
enum entry_word { WORD_ADDRESS, WORD_ADDRESS_HIGH, WORD_DATA, WORD_CONTROL };

#define BAR_IO     0x1u
#define BAR_64BIT  0x4u
#define BAR_TYPE   0x6u
#define BAR_MEMORY 0xfffffff0u

/* ---- where the table is ---- */

static uint32_t table_bytes(const struct vpci_msix *m)
{
	return m->nr * ENTRY_SIZE;
}

/* The pages of the table: all that is trapped. */
static bool pages_touch(const struct vpci_msix *m, uint64_t base, uint64_t size)
{
	return m->table && base < align_up(m->table + table_bytes(m), PAGE_SIZE) &&
	       (m->table & PAGE_MASK) < base + size;
}

static uint64_t bar_base(const struct vpci_device *dev, unsigned bar)
{
	unsigned reg = PCI_BAR + 4 * bar;
	uint32_t low = machine_pci_read(dev->sbdf, reg, 4);
	uint64_t base = low & BAR_MEMORY;

	if (low & BAR_IO)
		return 0;
	if ((low & BAR_TYPE) == BAR_64BIT && bar < 5)
		base |= (uint64_t)machine_pci_read(dev->sbdf, reg + 4, 4) << 32;
	return base;
}

/* 0: nowhere. A BAR that is over RAM is the guest's mistake, and we must not write there. */
static uint64_t table_find(const struct vpci_device *dev)
{
	const struct vpci_msix *m = &dev->msix;
	uint64_t base, at;

	if (dev->is_virtual)
		base = vpci_sriov_bar(dev, vpci_device_find(dev->vpci, dev->physical), m->bar);
	else if (machine_pci_read(dev->sbdf, PCI_COMMAND, 2) & COMMAND_MEMORY)
		base = bar_base(dev, m->bar);
	else
		return 0;
	at = base + m->offset;
	if (!base || at < base || at + table_bytes(m) < at)
		return 0;
	for (uint64_t page = at & PAGE_MASK; page < at + table_bytes(m); page += PAGE_SIZE)
		if (page_is_ram(hpa_to_mfn(hpa(page))))
			return 0;
	return at;
}

/* The guest has them mapped, perhaps, from the time when no table was there. */
static void pages_unmap(struct vpci_device *dev)
{
	const struct vpci_msix *m = &dev->msix;
	struct p2m *p2m = &dev->vpci->domain->p2m;

	for (uint64_t at = m->table & PAGE_MASK; pages_touch(m, at, 1); at += PAGE_SIZE) {
		int err = p2m_replace(p2m, gpa_to_gfn(gpa(at)), INVALID_MFN, 0, P2M_HOLE,
		                      P2M_MASK(P2M_MMIO_DIRECT) | P2M_MASK(P2M_HOLE));

		if (err)
			log_guest(dev->vpci->domain, LOG_WARNING,
			          "PCI %04x:%02x:%02x.%u: its MSI-X table at %#lx cannot be "
			          "watched (error %d)",
			          dev->sbdf >> 16, dev->sbdf >> 8 & 0xff, dev->sbdf >> 3 & 0x1f,
			          dev->sbdf & 7, at, -err);
	}
}

void vpci_msix_locate(struct vpci_device *dev)
{
	struct vpci_msix *m = &dev->msix;
	uint64_t table;

	if (!m->at)
		return;
	table = table_find(dev);
	if (table == m->table)
		return;
	m->table = table;
	if (!table)
		return;
	pages_unmap(dev);
	vpci_msix_restore(dev);
}

/* ---- the device's side ---- */

static void device_word(const struct vpci_msix *m, uint32_t index, enum entry_word word,
                        uint32_t value)
{
	machine_mmio_write(hpa(m->table + index * ENTRY_SIZE + word * 4), 4, value);
}

static void device_mask(const struct vpci_msix *m, uint32_t index)
{
	device_word(m, index, WORD_CONTROL, MSIX_MASKED);
	/* Written when this comes back: no message of the old kind follows. */
	(void)machine_mmio_read(hpa(m->table + index * ENTRY_SIZE + WORD_CONTROL * 4), 4);
}

/* Bound, to where its target runs. */
static int entry_bind(struct vpci_msix_entry *e)
{
	struct host_irq *irq = &e->irq.irq;
	unsigned cpu = vpci_irq_cpu(&e->irq);

	if (!irq->vector)
		return host_irq_bind(irq, 0, 1, cpu);
	if (irq->cpu != cpu)
		(void)host_irq_move(irq, 0, 1, cpu);
	return 0;
}

/* An entry whose words have changed, or that the device may have lost. */
static void entry_update(struct vpci_device *dev, uint32_t index)
{
	struct vpci_msix *m = &dev->msix;
	struct vpci_msix_entry *e = &m->entries[index];
	struct machine_msi ours;

	vpci_irq_message_set(&e->irq, e->word[WORD_ADDRESS_HIGH] ? 0 : e->word[WORD_ADDRESS],
	                     e->word[WORD_DATA] & 0xffff);
	if (!m->enabled || !m->table)
		return;
	device_mask(m, index);
	if (e->word[WORD_CONTROL] & MSIX_MASKED)
		return;
	if (entry_bind(e)) {
		log_guest(dev->vpci->domain, LOG_WARNING,
		          "PCI %04x:%02x:%02x.%u: no vector is left for MSI-X %u", dev->sbdf >> 16,
		          dev->sbdf >> 8 & 0xff, dev->sbdf >> 3 & 0x1f, dev->sbdf & 7, index);
		return;
	}
	ours = machine_msi(e->irq.irq.cpu, e->irq.irq.vector);
	device_word(m, index, WORD_ADDRESS, (uint32_t)ours.address);
	device_word(m, index, WORD_ADDRESS_HIGH, ours.address >> 32);
	device_word(m, index, WORD_DATA, ours.data);
	device_word(m, index, WORD_CONTROL, 0);
}

void vpci_msix_restore(struct vpci_device *dev)
{
	for (uint32_t i = 0; dev->msix.enabled && i < dev->msix.nr; i++)
		entry_update(dev, i);
}

static void unbind_all(struct vpci_msix *m)
{
	for (uint32_t i = 0; i < m->nr; i++)
		host_irq_unbind(&m->entries[i].irq.irq, 0, 1);
}

static void control_write(struct vpci_device *dev, uint32_t control)
{
	machine_pci_write(dev->sbdf, dev->msix.at + CONTROL, 2, control);
}

/* ---- the guest's side: the capability ---- */

int vpci_msix_found(struct vpci_device *dev, uint16_t at)
{
	struct vpci_msix *m = &dev->msix;
	uint32_t control = machine_pci_read(dev->sbdf, at + CONTROL, 2), table;

	if (m->at)
		return 0;
	table = machine_pci_read(dev->sbdf, at + TABLE, 4);
	if ((table & 7) > 5)
		return 0;
	m->nr = CONTROL_NR(control);
	m->bar = table & 7;
	m->offset = table & ~7u;
	m->entries = heap_alloc_array(m->nr, sizeof(*m->entries));
	if (!m->entries)
		return -ENOMEM;
	for (uint32_t i = 0; i < m->nr; i++) {
		m->entries[i].word[WORD_CONTROL] = MSIX_MASKED;
		vpci_irq_init(&m->entries[i].irq, dev, i);
	}
	m->at = at;
	control_write(dev, control & ~CONTROL_ENABLE);
	list_add_tail(&dev->vpci->tables, &m->node);
	vpci_msix_locate(dev);
	return 0;
}

bool vpci_msix_owns(const struct vpci_device *dev, uint32_t reg)
{
	const struct vpci_msix *m = &dev->msix;

	return m->at && reg >= m->at && reg < m->at + 4u;
}

void vpci_msix_write(struct vpci_device *dev, uint32_t reg, uint32_t value, uint32_t mask)
{
	struct vpci_msix *m = &dev->msix;
	uint32_t control = machine_pci_read(dev->sbdf, m->at + CONTROL, 2);

	mask >>= 16;
	if (!mask)
		return;
	control = (control & ~mask) | (value >> 16 & mask);
	if (control & CONTROL_ENABLE) {
		/* The entries are right before the device may use them. */
		m->enabled = true;
		vpci_msix_restore(dev);
		control_write(dev, control);
		return;
	}
	control_write(dev, control);
	if (m->enabled)
		unbind_all(m);
	m->enabled = false;
}

void vpci_msix_stop(struct vpci_device *dev)
{
	struct vpci_msix *m = &dev->msix;

	list_remove(&m->node);
	if (!m->enabled)
		return;
	control_write(dev, machine_pci_read(dev->sbdf, m->at + CONTROL, 2) & ~CONTROL_ENABLE);
	unbind_all(m);
	m->enabled = false;
}

void vpci_msix_free(struct vpci_device *dev)
{
	struct vpci_msix *m = &dev->msix;

	if (m->entries)
		host_irq_sync(m->entries, m->nr * sizeof(*m->entries));
	heap_free(m->entries);
	m->entries = NULL;
}

/* ---- the guest's side: the table ---- */

static struct vpci_device *device_at(struct vpci *p, uint64_t at)
{
	struct list *pos;

	list_for_each(pos, &p->tables) {
		struct vpci_msix *m = list_entry(pos, struct vpci_msix, node);

		if (pages_touch(m, at, 1))
			return container_of(m, struct vpci_device, msix);
	}
	return NULL;
}

bool vpci_owns_mmio(struct domain *d, uint64_t base, uint64_t size)
{
	struct vpci *p = d->vpci;
	struct list *pos;
	bool owns = false;

	if (!p)
		return false;
	spin_lock(&p->lock);
	list_for_each(pos, &p->tables)
		owns |= pages_touch(list_entry(pos, struct vpci_msix, node), base, size);
	spin_unlock(&p->lock);
	return owns;
}

static const uint32_t word_valid[] = {
	[WORD_ADDRESS] = ~3u,
	[WORD_ADDRESS_HIGH] = ~0u,
	[WORD_DATA] = ~0u,
	[WORD_CONTROL] = MSIX_MASKED,
};

/* Bytes of one word of the table. */
static void table_write(struct vpci_device *dev, uint32_t offset, uint32_t value, uint32_t mask)
{
	uint32_t index = offset / ENTRY_SIZE, w = offset % ENTRY_SIZE / 4;
	uint32_t *word = &dev->msix.entries[index].word[w], old = *word;

	*word = ((*word & ~mask) | (value & mask)) & word_valid[w];
	/* Linux writes masks that are what they were, much. */
	if (*word != old || w != WORD_CONTROL)
		entry_update(dev, index);
}

static uint32_t table_read(const struct vpci_device *dev, uint32_t offset)
{
	return dev->msix.entries[offset / ENTRY_SIZE].word[offset % ENTRY_SIZE / 4];
}

/* All of an aligned access lies in the table, or none. */
static void table_access(struct vpci_device *dev, uint32_t offset, struct io_access *a)
{
	uint32_t low = offset & ~3u, shift = 8 * (offset & 3);
	uint32_t mask = a->size >= 4 ? ~0u : ((1u << 8 * a->size) - 1) << shift;

	if (a->is_write) {
		table_write(dev, low, (uint32_t)a->value << shift, mask);
		if (a->size == 8)
			table_write(dev, low + 4, a->value >> 32, ~0u);
		return;
	}
	a->value = (table_read(dev, low) & mask) >> shift;
	if (a->size == 8)
		a->value |= (uint64_t)table_read(dev, low + 4) << 32;
}

enum io_result vpci_msix_access(struct io_region *r, struct io_access *a)
{
	struct vpci *p = container_of(r, struct vpci, msix_pages);
	struct vpci_device *dev;

	spin_lock(&p->lock);
	dev = device_at(p, a->addr);
	if (dev && a->addr - dev->msix.table < table_bytes(&dev->msix))
		table_access(dev, (uint32_t)(a->addr - dev->msix.table), a);
	else if (dev && a->is_write)
		machine_mmio_write(hpa(a->addr), a->size, a->value);
	else if (dev)
		a->value = machine_mmio_read(hpa(a->addr), a->size);
	spin_unlock(&p->lock);
	return dev ? IO_DONE : IO_UNCLAIMED;
}
