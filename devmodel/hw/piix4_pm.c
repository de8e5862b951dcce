/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PIIX4's power management function. */
#include "piix4_pm.h"

#include "errno.h"
#include "i440fx.h"
#include "pci_function.h"
#include "string.h"

/* Configuration. */
#define PMBA             0x40
#define PMREGMISC        0x80
#define PMREGMISC_PMIOSE 0x01
#define SMBBA            0x90
#define SMBHSTCFG        0xd2
#define SMBHSTCFG_ENABLE 0x01
#define SMBHSTCFG_IRQ    0x0e
#define SMBHSTCFG_IRQ9   0x08

/* The block at PMBA. */
#define PM_SIZE    64
#define PM1_STS    0x00
#define PM1_EN     0x02
#define PM1_CNT    0x04
#define PM_TMR     0x08
#define GPSTS      0x0c
#define GPEN       0x0e
#define GLBSTS     0x18
#define GLBCTL     0x28
#define TMR_BIT    0x0001
#define GBL_BIT    0x0020
#define PWRBTN_BIT 0x0100
#define SLPBTN_BIT 0x0200
#define RTC_BIT    0x0400
#define WAK_BIT    0x8000
#define SCI_EVENTS (TMR_BIT | GBL_BIT | PWRBTN_BIT | SLPBTN_BIT | RTC_BIT)
#define SCI_EN     0x01
#define GBL_RLS    0x04
#define BIOS_STS   0x20 /* in GLBSTS */
#define BIOS_RLS   0x02 /* in GLBCTL */
/* In the second byte of PM1_CNT. */
#define SLP_TYP(byte)     ((byte) >> 2 & 7)
#define SLP_EN            0x20
#define SLP_TYP_POS_FIRST 2
#define SLP_TYP_POS_LAST  4

#define PM_TIMER_HZ   3579545
#define PM_TIMER_MASK 0xffffff
#define PM_TIMER_TOP  23 /* its highest bit */

#define GPE_SIZE 4

/* The block at SMBBA. */
#define SMB_SIZE       16
#define HSTSTS         0x00
#define HSTCNT         0x02
#define BLKDAT         0x07
#define HSTSTS_DONE    0x02
#define HSTSTS_DEV_ERR 0x04
#define HSTSTS_FAILED  0x10
#define HSTSTS_EVENTS  0x1e
#define HSTCNT_INTEREN 0x01
#define HSTCNT_KILL    0x02
#define HSTCNT_START   0x40

/* Bytes of a block of registers: which bits a guest changes, and which it clears by writing ones. */
struct register_masks {
	uint8_t writable, clears;
};

struct piix4_pm {
	struct device *device;
	struct piix4_pm_config config;
	struct pci_function function;
	struct io_region pm, gpe, smb;
	bool pm_claimed, smb_claimed;
	uint8_t is_asleep;   /* 0 or 1 */
	uint16_t timer_port; /* as the machine was told */
	struct irq_line *sci;
	struct device_timer timer;
	uint8_t pm_bytes[PM_SIZE];
	uint8_t gpe_bytes[GPE_SIZE];
	uint8_t smb_bytes[SMB_SIZE];
	uint8_t block[32]; /* the SMBus' block data, read and written through one port */
	uint8_t block_at;
	uint64_t changes_seen; /* of the timer's top bit, that went into TMR_STS */
};

static const struct pci_ids ids = {
	.vendor = 0x8086,
	.device = 0x7113,
	.subsystem_vendor = BOARD_SUBSYSTEM_VENDOR,
	.subsystem = BOARD_SUBSYSTEM,
	.revision = 3,
	.base_class = 0x06,
	.sub_class = 0x80,
	.pin = 1,
};

static const struct pci_register registers[] = {
	{ PCI_COMMAND, 0x0d, 0x00 }, { PCI_STATUS, 0, 0x80 },   { PCI_STATUS + 1, 0, 0x02 },
	{ 0x40, 0xc0, 0x01 },                              /* PMBA */
	{ 0x41, 0xff, 0x00 },        { 0x44, 0xff, 0x00 }, /* CNTA */
	{ 0x45, 0xff, 0x00 },        { 0x46, 0xff, 0x00 },      { 0x47, 0xff, 0x00 },
	{ 0x48, 0xff, 0x00 },                                                         /* CNTB */
	{ 0x49, 0xff, 0x00 },        { 0x4a, 0xff, 0x00 },      { 0x4c, 0xff, 0x00 }, /* GPICTL */
	{ 0x4d, 0xff, 0x00 },        { 0x4e, 0xff, 0x00 },      { 0x4f, 0xff, 0x00 },
	{ PMREGMISC, 0x01, 0x00 },   { 0x90, 0xf0, 0x01 },                            /* SMBBA */
	{ 0x91, 0xff, 0x00 },        { SMBHSTCFG, 0x0f, 0x00 }, { 0xd3, 0xff, 0x00 }, /* SMBSLVC */
	{ 0xd4, 0xff, 0x00 },                                                         /* SMBSHDW1 */
	{ 0xd5, 0xff, 0x00 },                                                         /* SMBSHDW2 */
};
/* DEVRESD to DEVRESJ: which accesses to a PC's devices are watched. Nobody watches: they keep what is written. */
#define DEVICE_MONITORS      0x50
#define DEVICE_MONITORS_LAST 0x7f

static const struct register_masks pm_masks[PM_SIZE] = {
	[PM1_STS] = { 0, TMR_BIT | 0x10 | GBL_BIT },
	[PM1_STS + 1] = { 0, (PWRBTN_BIT | SLPBTN_BIT | RTC_BIT | 0x0800 | WAK_BIT) >> 8 },
	[PM1_EN] = { TMR_BIT | GBL_BIT, 0 },
	[PM1_EN + 1] = { (PWRBTN_BIT | SLPBTN_BIT | RTC_BIT) >> 8, 0 },
	[PM1_CNT] = { SCI_EN | 0x02, 0 },
	[PM1_CNT + 1] = { 0x1c, 0 },
	[GPSTS] = { 0, 0x81 },
	[GPSTS + 1] = { 0, 0x0f },
	[GPEN] = { 0x81, 0 },
	[GPEN + 1] = { 0x0f, 0 },
	[0x10] = { 0x1e, 0 }, /* PCNTRL */
	[0x11] = { 0x3e, 0 },
	[0x12] = { 0x01, 0 },
	[GLBSTS] = { 0, 0xff },
	[GLBSTS + 1] = { 0, 0x0f },
	[0x1e] = { 0, 0xff }, /* DEVSTS */
	[0x1f] = { 0, 0x3f },
	[0x20] = { 0xff, 0 }, /* GLBEN */
	[0x21] = { 0x0f, 0 },
	[GLBCTL] = { 0xfd, 0 },
	[GLBCTL + 1] = { 0xff, 0 },
	[GLBCTL + 2] = { 0xff, 0 },
	[GLBCTL + 3] = { 0x0f, 0 },
	[0x2c] = { 0xff, 0 }, /* DEVCTL */
	[0x2d] = { 0xff, 0 },
	[0x2e] = { 0xff, 0 },
	[0x2f] = { 0x0f, 0 },
	[0x34] = { 0xff, 0 }, /* GPOREG */
	[0x35] = { 0xff, 0 },
	[0x36] = { 0xff, 0 },
	[0x37] = { 0x7f, 0 },
};
static const uint8_t gporeg_at_reset[] = { 0xff, 0xbf, 0xff, 0x7f };

static const struct register_masks gpe_masks[GPE_SIZE] = {
	{ 0, 0xff }, { 0, 0xff }, { 0xff, 0 }, { 0xff, 0 }
};

static const struct register_masks smb_masks[SMB_SIZE] = {
	[HSTSTS] = { 0, HSTSTS_EVENTS },
	[0x01] = { 0, 0x3c }, /* SMBSLVSTS */
	[HSTCNT] = { HSTCNT_INTEREN | HSTCNT_KILL | 0x1c, 0 },
	[0x03] = { 0xff, 0 }, /* SMBHSTCMD */
	[0x04] = { 0xff, 0 }, /* SMBHSTADD */
	[0x05] = { 0xff, 0 }, /* SMBHSTDAT0, 1 */
	[0x06] = { 0xff, 0 },
	[0x08] = { 0x0f, 0 }, /* SMBSLVCNT */
	[0x0a] = { 0xff, 0 }, /* SMBSLVEVT */
	[0x0b] = { 0xff, 0 },
};

static uint16_t word(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static uint32_t bytes_read(const uint8_t *bytes, unsigned size)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * i;
	return value;
}

static void bytes_write(uint8_t *bytes, const struct register_masks *masks,
                        const struct io_access *a)
{
	for (unsigned i = 0; i < a->size; i++) {
		uint8_t *b = &bytes[a->addr + i], value = (uint8_t)(a->value >> 8 * i);
		const struct register_masks *m = &masks[a->addr + i];

		*b = (*b & ~m->writable) | (value & m->writable);
		*b &= ~(value & m->clears);
	}
}

static bool touches(const struct io_access *a, unsigned reg)
{
	return a->addr <= reg && reg < a->addr + a->size;
}

/* ---- the interrupt ---- */

static void sci_update(struct piix4_pm *s)
{
	const uint8_t *pm = s->pm_bytes, *gpe = s->gpe_bytes, *smb = s->smb_bytes;
	bool event, smbus;

	event = (word(pm + PM1_STS) & word(pm + PM1_EN) & SCI_EVENTS) ||
	        (word(pm + GPSTS) & word(pm + GPEN)) || (word(gpe) & word(gpe + 2));
	smbus = smb[HSTCNT] & HSTCNT_INTEREN && smb[HSTSTS] & HSTSTS_EVENTS &&
	        (s->function.config[SMBHSTCFG] & SMBHSTCFG_IRQ) == SMBHSTCFG_IRQ9;
	irq_line_set(s->sci, smbus || (event && pm[PM1_CNT] & SCI_EN));
}

static void status_set(struct piix4_pm *s, uint16_t bits)
{
	s->pm_bytes[PM1_STS] |= (uint8_t)bits;
	s->pm_bytes[PM1_STS + 1] |= bits >> 8;
	sci_update(s);
}

static void wake_ask(struct piix4_pm *s)
{
	struct machine_port *m = s->device->ports->machine;

	if (s->is_asleep)
		m->event(m, MACHINE_WAKE);
}

void piix4_pm_power_button(struct device *d)
{
	status_set(d->state, PWRBTN_BIT);
	wake_ask(d->state);
}

void piix4_pm_sleep_button(struct device *d)
{
	status_set(d->state, SLPBTN_BIT);
	wake_ask(d->state);
}

void piix4_pm_alarm(struct device *d)
{
	struct piix4_pm *s = d->state;

	status_set(s, RTC_BIT);
	if (word(s->pm_bytes + PM1_EN) & RTC_BIT)
		wake_ask(s);
}

void piix4_pm_wake(struct device *d)
{
	wake_ask(d->state);
}

void piix4_pm_woken(struct device *d)
{
	struct piix4_pm *s = d->state;

	s->is_asleep = false;
	status_set(s, WAK_BIT);
}

void piix4_pm_acpi_mode(struct device *d, bool on)
{
	struct piix4_pm *s = d->state;

	s->pm_bytes[PM1_CNT] = (s->pm_bytes[PM1_CNT] & ~SCI_EN) | (on ? SCI_EN : 0);
	sci_update(s);
}

void piix4_pm_general_event(struct device *d, unsigned bit)
{
	struct piix4_pm *s = d->state;

	s->gpe_bytes[bit / 8] |= (uint8_t)(1 << bit % 8);
	sci_update(s);
}

/* ---- the timer ---- */

static uint64_t now_ticks(struct piix4_pm *s)
{
	struct device_clock *c = s->device->ports->clock;
	uint64_t ns = c->now_ns(c);

	return ns / 1000000000 * PM_TIMER_HZ + ns % 1000000000 * PM_TIMER_HZ / 1000000000;
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	return ticks / PM_TIMER_HZ * 1000000000 + ticks % PM_TIMER_HZ * 1000000000 / PM_TIMER_HZ +
	       1;
}

/* The status bit is made when somebody looks; a timer runs only while it could interrupt. */
static void timer_update(struct piix4_pm *s)
{
	struct device_clock *c = s->device->ports->clock;
	uint64_t changes = now_ticks(s) >> PM_TIMER_TOP;

	if (changes != s->changes_seen)
		s->pm_bytes[PM1_STS] |= TMR_BIT;
	s->changes_seen = changes;
	if (!(s->pm_bytes[PM1_EN] & TMR_BIT) || s->pm_bytes[PM1_STS] & TMR_BIT)
		c->cancel(c, &s->timer);
	else if (!s->timer.armed)
		c->arm(c, &s->timer, ticks_to_ns((changes + 1) << PM_TIMER_TOP));
}

static void timer_elapsed(struct device_timer *t)
{
	struct piix4_pm *s = container_of(t, struct piix4_pm, timer);

	timer_update(s);
	sci_update(s);
}

/* ---- the blocks ---- */

static void sleep_begin(struct piix4_pm *s)
{
	struct machine_port *m = s->device->ports->machine;
	unsigned type = SLP_TYP(s->pm_bytes[PM1_CNT + 1]);

	if (type == PIIX4_SLP_TYP_S5) {
		m->event(m, MACHINE_POWEROFF);
	} else if (type == PIIX4_SLP_TYP_S3) {
		s->is_asleep = true;
		m->event(m, MACHINE_SLEEP_S3);
	} else if (type >= SLP_TYP_POS_FIRST && type <= SLP_TYP_POS_LAST) {
		status_set(s, WAK_BIT);
	}
}

static void pm_write(struct piix4_pm *s, const struct io_access *a)
{
	timer_update(s);
	bytes_write(s->pm_bytes, pm_masks, a);
	if (touches(a, GLBCTL) && a->value >> 8 * (GLBCTL - a->addr) & BIOS_RLS)
		s->pm_bytes[PM1_STS] |= GBL_BIT;
	if (touches(a, PM1_CNT) && a->value >> 8 * (PM1_CNT - a->addr) & GBL_RLS)
		s->pm_bytes[GLBSTS] |= BIOS_STS;
	timer_update(s);
	sci_update(s);
	if (touches(a, PM1_CNT + 1) && a->value >> 8 * (PM1_CNT + 1 - a->addr) & SLP_EN)
		sleep_begin(s);
}

static enum io_result pm_access(struct io_region *r, struct io_access *a)
{
	struct piix4_pm *s = container_of(r, struct piix4_pm, pm);

	if (a->is_write) {
		pm_write(s, a);
	} else if (a->addr >= PM_TMR && a->addr < PM_TMR + 4) {
		a->value = (now_ticks(s) & PM_TIMER_MASK) >> 8 * (a->addr - PM_TMR);
	} else {
		if (a->addr == PM1_STS) {
			timer_update(s);
			sci_update(s);
		}
		a->value = bytes_read(s->pm_bytes + a->addr, a->size);
	}
	return IO_DONE;
}

static enum io_result gpe_access(struct io_region *r, struct io_access *a)
{
	struct piix4_pm *s = container_of(r, struct piix4_pm, gpe);

	if (!a->is_write) {
		a->value = bytes_read(s->gpe_bytes + a->addr, a->size);
		return IO_DONE;
	}
	bytes_write(s->gpe_bytes, gpe_masks, a);
	sci_update(s);
	return IO_DONE;
}

/* ---- SMBus ---- */

static uint8_t *block_next(struct piix4_pm *s)
{
	uint8_t *byte = &s->block[s->block_at];

	s->block_at = (s->block_at + 1) % sizeof(s->block);
	return byte;
}

static void smb_write(struct piix4_pm *s, const struct io_access *a)
{
	uint8_t value = (uint8_t)a->value;

	bytes_write(s->smb_bytes, smb_masks, a);
	if (a->addr == BLKDAT)
		*block_next(s) = value;
	if (a->addr == HSTCNT && value & HSTCNT_KILL)
		s->smb_bytes[HSTSTS] |= HSTSTS_FAILED;
	else if (a->addr == HSTCNT && value & HSTCNT_START &&
	         s->function.config[SMBHSTCFG] & SMBHSTCFG_ENABLE)
		s->smb_bytes[HSTSTS] |= HSTSTS_DEV_ERR; /* nobody acknowledges */
	sci_update(s);
}

static enum io_result smb_access(struct io_region *r, struct io_access *a)
{
	struct piix4_pm *s = container_of(r, struct piix4_pm, smb);

	if (a->is_write) {
		smb_write(s, a);
		return IO_DONE;
	}
	if (a->addr == HSTCNT)
		s->block_at = 0;
	a->value = a->addr == BLKDAT ? *block_next(s) : s->smb_bytes[a->addr];
	return IO_DONE;
}

/* ---- places ---- */

static void place(struct io_bus *bus, struct io_region *r, bool *claimed, uint16_t base)
{
	if (*claimed && r->base == base)
		return;
	if (*claimed)
		iobus_release(bus, r);
	r->base = base;
	*claimed = base && !iobus_claim(bus, r);
}

static void places_update(struct piix4_pm *s)
{
	struct machine_port *m = s->device->ports->machine;
	struct io_bus *bus = s->device->ports->pio;
	const uint8_t *config = s->function.config;
	bool pm_on = config[PMREGMISC] & PMREGMISC_PMIOSE;
	bool smb_on = config[PCI_COMMAND] & PCI_COMMAND_IO;
	uint16_t timer;

	place(bus, &s->pm, &s->pm_claimed, pm_on ? word(config + PMBA) & 0xffc0 : 0);
	place(bus, &s->smb, &s->smb_claimed, smb_on ? word(config + SMBBA) & 0xfff0 : 0);
	timer = s->pm_claimed ? (uint16_t)(s->pm.base + PM_TMR) : 0;
	if (timer != s->timer_port)
		m->move_pm_timer(m, timer);
	s->timer_port = timer;
}

static void function_written(struct pci_function *f, unsigned offset, unsigned size)
{
	struct piix4_pm *s = container_of(f, struct piix4_pm, function);

	places_update(s);
	sci_update(s);
}

/* ---- the device ---- */

static void function_describe(struct piix4_pm *s)
{
	struct pci_function *f = &s->function;

	pci_function_init(f, PCI_DEVFN(1, 3), &ids);
	pci_function_registers(f, registers, ARRAY_LEN(registers));
	memset(f->writable + DEVICE_MONITORS, 0xff, DEVICE_MONITORS_LAST + 1 - DEVICE_MONITORS);
	if (s->config.pm_base) {
		f->at_reset[PMBA] = (uint8_t)(s->config.pm_base | 1);
		f->at_reset[PMBA + 1] = s->config.pm_base >> 8;
		f->at_reset[PMREGMISC] = PMREGMISC_PMIOSE;
	}
	if (s->config.smbus_base) {
		f->at_reset[SMBBA] = (uint8_t)(s->config.smbus_base | 1);
		f->at_reset[SMBBA + 1] = s->config.smbus_base >> 8;
		f->at_reset[SMBHSTCFG] = SMBHSTCFG_ENABLE | SMBHSTCFG_IRQ9;
		f->at_reset[PCI_COMMAND] = PCI_COMMAND_IO;
	}
	f->written = function_written;
}

static int piix4_pm_create(struct device *d, const void *config)
{
	struct piix4_pm *s = d->state;
	struct io_region row = { .name = "power management", .min_access = 1, .max_access = 4 };
	int error;

	s->device = d;
	s->config = *(const struct piix4_pm_config *)config;
	s->sci = d->ports->isa_irq(d->ports, s->config.sci_irq);
	s->timer.fn = timer_elapsed;
	s->pm = s->gpe = s->smb = row;
	s->pm.size = PM_SIZE;
	s->pm.access = pm_access;
	s->gpe.base = s->config.gpe_base;
	s->gpe.size = GPE_SIZE;
	s->gpe.access = gpe_access;
	s->smb.size = SMB_SIZE;
	s->smb.max_access = 1;
	s->smb.access = smb_access;
	function_describe(s);
	error = pci_function_add(d->ports->pci, &s->function);
	if (error || !s->config.gpe_base)
		return error;
	error = iobus_claim(d->ports->pio, &s->gpe);
	if (error)
		pci_function_remove(&s->function);
	return error;
}

static void piix4_pm_destroy(struct device *d)
{
	struct piix4_pm *s = d->state;
	struct machine_port *m = d->ports->machine;

	d->ports->clock->cancel(d->ports->clock, &s->timer);
	irq_line_set(s->sci, false);
	m->move_pm_timer(m, 0);
	place(d->ports->pio, &s->pm, &s->pm_claimed, 0);
	place(d->ports->pio, &s->smb, &s->smb_claimed, 0);
	iobus_release(d->ports->pio, &s->gpe);
	pci_function_remove(&s->function);
}

static void piix4_pm_reset(struct device *d)
{
	struct piix4_pm *s = d->state;

	pci_function_reset(&s->function);
	memset(s->pm_bytes, 0, sizeof(s->pm_bytes));
	memcpy(s->pm_bytes + 0x34, gporeg_at_reset, sizeof(gporeg_at_reset));
	memset(s->gpe_bytes, 0, sizeof(s->gpe_bytes));
	memset(s->smb_bytes, 0, sizeof(s->smb_bytes));
	memset(s->block, 0, sizeof(s->block));
	s->block_at = 0;
	s->is_asleep = false;
	s->changes_seen = now_ticks(s) >> PM_TIMER_TOP;
	timer_update(s);
	places_update(s);
	sci_update(s);
}

/* Bits that no guest could set, nor any event: -EINVAL. */
static int bytes_check(const uint8_t *bytes, const struct register_masks *masks, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (bytes[i] & ~(masks[i].writable | masks[i].clears))
			return -EINVAL;
	return 0;
}

static int piix4_pm_restored(struct device *d)
{
	struct piix4_pm *s = d->state;
	int error = pci_function_restored(&s->function);

	if (error || s->block_at >= sizeof(s->block) || s->is_asleep > 1 ||
	    bytes_check(s->pm_bytes, pm_masks, PM_SIZE) ||
	    bytes_check(s->smb_bytes, smb_masks, SMB_SIZE))
		return -EINVAL;
	d->ports->clock->cancel(d->ports->clock, &s->timer);
	timer_update(s);
	places_update(s);
	sci_update(s);
	return 0;
}

static const struct save_field piix4_pm_saved[] = {
	SAVE_BLOB(1, struct piix4_pm, function.config),
	SAVE_BLOB(1, struct piix4_pm, pm_bytes),
	SAVE_BLOB(1, struct piix4_pm, gpe_bytes),
	SAVE_BLOB(1, struct piix4_pm, smb_bytes),
	SAVE_BLOB(1, struct piix4_pm, block),
	SAVE_ONE(SAVE_U8, 1, struct piix4_pm, block_at),
	SAVE_ONE(SAVE_U64, 1, struct piix4_pm, changes_seen),
	SAVE_ONE(SAVE_U8, 1, struct piix4_pm, is_asleep),
	SAVE_LAST,
};

const struct device_class piix4_pm_class = {
	.name = "piix4_pm",
	.state_size = sizeof(struct piix4_pm),
	.version = 1,
	.create = piix4_pm_create,
	.reset = piix4_pm_reset,
	.destroy = piix4_pm_destroy,
	.saved = piix4_pm_saved,
	.restored = piix4_pm_restored,
};
