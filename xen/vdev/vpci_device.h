/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files vpci*.c share: a device with its capabilities, and the guest's side of its messages. */
#ifndef VDEV_VPCI_DEVICE_H
#define VDEV_VPCI_DEVICE_H

#include "host_irq.h"
#include "iobus.h"
#include "list.h"
#include "spinlock.h"
#include "vpci.h"

#define PCI_ID              0x00
#define PCI_COMMAND         0x04
#define PCI_STATUS          0x06
#define PCI_HEADER_TYPE     0x0e
#define PCI_BAR             0x10
#define PCI_CAPABILITIES    0x34
#define PCI_CARDBUS_POINTER 0x14
#define PCI_CONFIG_SIZE     4096u
#define COMMAND_MEMORY      0x2u
#define STATUS_CAPABILITIES 0x10u
#define CAPABILITY_MSI      0x05
#define CAPABILITY_EXPRESS  0x10
#define CAPABILITY_MSIX     0x11

/* One interrupt of a device: ours on the machine, and the message that the guest wants for it. */
struct vpci_irq {
	struct host_irq irq;
	uint64_t message; /* atomic: address (low half) << 32 | data; 0: none */
};

/* PCI 3.0, 6.8.1. All under the vpci's lock. */
struct vpci_msi {
	uint16_t at; /* in configuration space; 0: the device has none */
	bool is_64bit, has_mask;
	uint8_t max_shift;                              /* it may have 1 << max_shift messages */
	uint8_t nr;                                     /* bound and enabled; 0: off */
	uint32_t address_low, address_high, data, mask; /* as the guest wrote them */
	struct vpci_irq *irqs;                          /* 1 << max_shift */
};

/* PCI 3.0, 6.8.2. All under the vpci's lock. */
struct vpci_msix_entry {
	uint32_t word[4]; /* address, upper address, data, control: as the guest wrote them */
	struct vpci_irq irq;
};
#define MSIX_MASKED 1u
struct vpci_msix {
	uint16_t at; /* 0: none */
	bool enabled;
	uint8_t bar;
	uint32_t nr, offset; /* entries; of the table in its BAR */
	uint64_t table;      /* where it is in memory now; 0: nowhere */
	struct list node;    /* vpci.tables */
	struct vpci_msix_entry *entries;
};

/* PCI Express 9.3.3, SR-IOV: what a physical function's virtual ones are made of. Read when it is found. */
struct vpci_sriov {
	uint16_t at; /* 0: none */
	uint64_t bar_size[6];
};

struct vpci_device {
	struct vpci *vpci;
	struct list node; /* vpci.devices. Its lock */
	uint32_t sbdf, id;
	uint8_t header_type;
	struct vpci_msi msi;
	struct vpci_msix msix;
	struct vpci_sriov sriov;
	bool is_hidden;  /* from the guest. Constant */
	bool is_virtual; /* its BARs are the physical function's: */
	uint32_t physical;
};

#define VPCI_BUCKETS     256
#define VPCI_WINDOWS_MAX 8
#define VPCI_DEVICES_MAX 4096

struct vpci_window {
	struct io_region region;
	struct vpci *vpci;
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

struct vpci {
	struct domain *domain;
	struct spinlock lock; /* devices and all that they hold; outside p2m.lock */
	struct list devices[VPCI_BUCKETS];
	struct list tables; /* devices with an MSI-X table */
	uint32_t nr_devices;
	uint32_t address;    /* written to port 0xcf8. lock */
	uint32_t nr_windows; /* set while building, as the windows */
	struct vpci_window windows[VPCI_WINDOWS_MAX];
	struct io_region address_port, data_port, msix_pages;
};

/* An access of the guest to configuration space, naturally aligned. vpci.c; takes the lock */
uint32_t vpci_config_read(struct vpci *p, uint32_t sbdf, uint32_t reg, unsigned size);
void vpci_config_write(struct vpci *p, uint32_t sbdf, uint32_t reg, unsigned size, uint32_t value);

/* Ports and windows. vpci_access.c: -ENOMEM, -EEXIST. */
int must_check vpci_access_create(struct vpci *p);
void vpci_access_destroy(struct vpci *p);

/* The rest: vpci.lock held. */

/* Prepares irq for its first binding. vpci_message.c */
void vpci_irq_init(struct vpci_irq *irq, struct vpci_device *dev, uint32_t number);
/* A message as one word, address << 32 | data. False: it is no interrupt. No lock. */
struct apic_message;
bool vpci_message_decode(uint64_t message, struct apic_message *m);
/* The guest's message from now on. */
void vpci_irq_message_set(struct vpci_irq *irq, uint32_t address, uint32_t data);
/* Where irq's interrupts are best taken by its message. */
unsigned vpci_irq_cpu(const struct vpci_irq *irq);

/* Looks for the capability. vpci_sriov.c */
void vpci_sriov_read(struct vpci_device *dev);
/* Where a BAR of a virtual function is, by its physical function pf; 0: nowhere now. */
uint64_t vpci_sriov_bar(const struct vpci_device *dev, const struct vpci_device *pf, unsigned bar);
/* NULL: nobody there, or not seen yet. vpci.c */
struct vpci_device *vpci_device_find(struct vpci *p, uint32_t sbdf);

/* Capability found at reg. -ENOMEM. vpci_msi.c, vpci_msix.c */
int must_check vpci_msi_found(struct vpci_device *dev, uint16_t at);
int must_check vpci_msix_found(struct vpci_device *dev, uint16_t at);
/* Everything off, memory freed later by vpci_device_free(). */
void vpci_msi_stop(struct vpci_device *dev);
void vpci_msix_stop(struct vpci_device *dev);
/* Waits for interrupts that are being taken, and frees. No lock held. */
void vpci_msi_free(struct vpci_device *dev);
void vpci_msix_free(struct vpci_device *dev);

/* Is reg in the capability (its part that is not the machine's)? */
bool vpci_msi_owns(const struct vpci_device *dev, uint32_t reg);
bool vpci_msix_owns(const struct vpci_device *dev, uint32_t reg);
/* The aligned 32-bit register at reg, one that is owned. mask: bytes written. */
uint32_t vpci_msi_read(struct vpci_device *dev, uint32_t reg);
void vpci_msi_write(struct vpci_device *dev, uint32_t reg, uint32_t value, uint32_t mask);
void vpci_msix_write(struct vpci_device *dev, uint32_t reg, uint32_t value, uint32_t mask);
/* Gives the device again what it should have. */
void vpci_msi_restore(struct vpci_device *dev);
void vpci_msix_restore(struct vpci_device *dev);
/* Decoding or a BAR may have changed: where the table is now. */
void vpci_msix_locate(struct vpci_device *dev);

/* An access to memory that nobody else claims: MSI-X tables and what lies beside them. Takes the lock. */
enum io_result vpci_msix_access(struct io_region *r, struct io_access *a);

#endif
