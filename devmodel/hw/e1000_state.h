/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's parts among themselves: registers, EEPROM, PHY, transmitter, receiver, interrupts. Names are the SDM's. */
#ifndef HW_E1000_STATE_H
#define HW_E1000_STATE_H

#include "device.h"
#include "e1000.h"
#include "pci_function.h"

/* Registers (SDM 13.3), byte offsets. */
enum {
	CTRL = 0x0000,
	STATUS = 0x0008,
	EECD = 0x0010,
	EERD = 0x0014,
	MDIC = 0x0020,
	FCT = 0x0030,
	VET = 0x0038,
	ICR = 0x00c0,
	ITR = 0x00c4,
	ICS = 0x00c8,
	IMS = 0x00d0,
	IMC = 0x00d8,
	RCTL = 0x0100,
	TCTL = 0x0400,
	RDBAL = 0x2800,
	RDBAH = 0x2804,
	RDLEN = 0x2808,
	RDH = 0x2810,
	RDT = 0x2818,
	RDTR = 0x2820,
	RADV = 0x282c,
	RSRPD = 0x2c00,
	TDBAL = 0x3800,
	TDBAH = 0x3804,
	TDLEN = 0x3808,
	TDH = 0x3810,
	TDT = 0x3818,
	TIDV = 0x3820,
	TXDCTL = 0x3828,
	TADV = 0x382c,
	STATS = 0x4000,
	MPC = 0x4010,
	PRC64 = 0x405c, /* six sizes */
	GPRC = 0x4074,
	BPRC = 0x4078,
	MPRC = 0x407c,
	GPTC = 0x4080,
	GORC = 0x4088, /* 64 bits, as the next ones */
	GOTC = 0x4090,
	RNBC = 0x40a0,
	ROC = 0x40ac,
	TOR = 0x40c0,
	TOT = 0x40c8,
	TPR = 0x40d0,
	TPT = 0x40d4,
	PTC64 = 0x40d8, /* six sizes */
	MPTC = 0x40f0,
	BPTC = 0x40f4,
	TSCTC = 0x40f8,
	TSCTFC = 0x40fc,
	RXCSUM = 0x5000,
	MTA = 0x5200,
	RAL = 0x5400, /* 16 pairs with RAH */
	VFTA = 0x5600,
	REGISTERS_END = 0x6000,
};

#define CTRL_SLU     0x00000040u
#define CTRL_RST     0x04000000u
#define CTRL_VME     0x40000000u
#define CTRL_PHY_RST 0x80000000u

#define INT_TXDW    0x00000001u
#define INT_TXQE    0x00000002u
#define INT_LSC     0x00000004u
#define INT_RXDMT0  0x00000010u
#define INT_RXO     0x00000040u
#define INT_RXT0    0x00000080u
#define INT_MDAC    0x00000200u
#define INT_TXD_LOW 0x00008000u
#define INT_SRPD    0x00010000u
#define INT_ALL     0x0001f6dfu

#define RAH_AV 0x80000000u

#define EEPROM_WORDS  64
#define PHY_REGISTERS 32
#define RING_ENTRY    16      /* bytes a descriptor */
#define RING_MAX      0x10000 /* descriptors: what RDLEN and TDLEN can say */
#define FRAME_MAX     16288   /* the longest that the chip sends or receives */
#define VLAN_TAG      4
#define CRC_SIZE      4

/* Interrupt causes that are told late (SDM 3.2.7, 3.4.3.1): each event begins packet_at anew, the first one sets absolute_at. 0: not running. */
struct e1000_delay {
	struct device_timer timer; /* armed at the sooner one, or before */
	uint64_t packet_at, absolute_at;
};

/* What a context descriptor says, or a legacy descriptor's own offsets. */
struct e1000_checksum {
	uint8_t start, offset;
	uint16_t end; /* the last byte; 0: of the packet */
};
struct e1000_context {
	struct e1000_checksum ip, tcp;
	uint16_t mss;
	uint8_t header_length;
	uint8_t command; /* TUCMD */
};

/* The packet that is being collected from its descriptors; all of it survives a pause between two of them, or in one. */
struct e1000_transmit {
	struct e1000_context context, tso_context; /* for packets that begin */
	struct e1000_context active;               /* this one's */
	uint32_t offset;   /* how much of the data descriptor at TDH is done */
	uint32_t size;     /* bytes in frame */
	uint32_t segments; /* of this packet, that are sent */
	uint16_t tag;      /* what goes in when tagged */
	uint8_t options;   /* POPTS of the first descriptor */
	bool started;      /* the first descriptor was seen */
	bool tso;
	bool have_header; /* tso: frame began with header */
	bool tagged;
	bool bad;   /* nothing of it is sent (any more) */
	bool ready; /* frame was finished (checksums, tag) but not taken yet */
	uint8_t header[256];
	uint8_t frame[VLAN_TAG + FRAME_MAX]; /* from VLAN_TAG on; a tag needs the room before */
};

struct e1000 {
	struct device *device;
	struct e1000_config config;
	struct pci_function function;
	uint32_t regs[REGISTERS_END / 4];
	uint32_t io_address; /* IOADDR of the I/O BAR */

	/* Interrupts. */
	struct device_timer throttle;
	uint64_t quiet_until; /* by ITR */
	struct e1000_delay rx_delay, tx_delay;
	bool line;

	/* EEPROM. */
	uint16_t eeprom[EEPROM_WORDS];
	uint32_t eeprom_in;   /* bits that came, the start bit first */
	uint16_t eeprom_out;  /* bits that go out, the highest first */
	uint8_t eeprom_count; /* bits that came since the start bit, it included */
	bool eeprom_do, eeprom_reading, eeprom_may_write;

	/* PHY. */
	uint16_t phy[PHY_REGISTERS];
	struct device_timer link_timer;
	uint64_t link_at;   /* when autonegotiation is done; 0: it is not going on */
	bool link_was_lost; /* since the PHY's status was read */

	struct device_timer more; /* the transmitter goes on */
	struct e1000_transmit tx;
	bool tx_running; /* not for a second time from inside */
	bool rx_refused; /* the network holds a frame back */
	uint8_t rx_frame[FRAME_MAX + CRC_SIZE];
};

static inline uint32_t *e1000_reg(struct e1000 *s, unsigned offset)
{
	return &s->regs[offset / 4];
}
static inline uint64_t e1000_now(struct e1000 *s)
{
	return s->device->ports->clock->now_ns(s->device->ports->clock);
}

/* ---- e1000_registers.c ---- */
/* Any offset that is a multiple of 4; what is no register reads as 0 and takes nothing. */
uint32_t e1000_register_read(struct e1000 *s, uint32_t offset);
void e1000_register_write(struct e1000 *s, uint32_t offset, uint32_t value);
/* What CTRL.RST does: all but PCI, EEPROM and PHY. */
void e1000_mac_reset(struct e1000 *s);
/* Power-on. */
void e1000_registers_reset(struct e1000 *s);
/* No register holds a bit that it cannot have. */
bool e1000_registers_are_possible(const struct e1000 *s);

/* ---- e1000_interrupt.c ---- */
void e1000_interrupt_init(struct e1000 *s);
void e1000_interrupt_update(struct e1000 *s);
void e1000_cause(struct e1000 *s, uint32_t causes);
/* An event whose cause may wait: units of 1.024 us. */
void e1000_delay_begin(struct e1000 *s, struct e1000_delay *d, uint32_t packet, uint32_t absolute);
/* Tells it now, if it runs. */
void e1000_delay_flush(struct e1000 *s, struct e1000_delay *d);
void e1000_interrupt_reset(struct e1000 *s);
void e1000_interrupt_restored(struct e1000 *s);

/* ---- e1000_eeprom.c ---- */
void e1000_eeprom_init(struct e1000 *s);
bool e1000_eeprom_is_possible(const struct e1000 *s);
uint32_t e1000_eecd_read(struct e1000 *s, unsigned offset);
void e1000_eecd_write(struct e1000 *s, unsigned offset, uint32_t value);
void e1000_eerd_write(struct e1000 *s, unsigned offset, uint32_t value);

/* ---- e1000_phy.c ---- */
void e1000_phy_init(struct e1000 *s);
void e1000_phy_reset(struct e1000 *s);
void e1000_phy_restored(struct e1000 *s);
void e1000_mdic_write(struct e1000 *s, unsigned offset, uint32_t value);
bool e1000_link_is_up(const struct e1000 *s);
/* Speed (0: 10, 1: 100, 2: 1000 Mbit/s) and duplex as negotiated or set. */
unsigned e1000_link_speed(const struct e1000 *s);
bool e1000_link_full_duplex(const struct e1000 *s);
/* The PHY sends what it gets back to where it came from. */
bool e1000_phy_loops(const struct e1000 *s);
/* The cable was plugged or pulled. */
void e1000_link_changed(struct e1000 *s);

/* ---- e1000_transmit.c ---- */
void e1000_transmit_init(struct e1000 *s);
/* As far as the ring, the network and one call's share of work go. */
void e1000_transmit_run(struct e1000 *s);
void e1000_transmit_reset(struct e1000 *s);
/* After a restore: could it be so? */
bool e1000_transmit_is_possible(const struct e1000 *s);

/* ---- e1000_receive.c ---- */
/* false: no buffer; e1000_receive_ready() when there may be one. */
bool e1000_receive(struct e1000 *s, const uint8_t *frame, size_t size);
void e1000_receive_ready(struct e1000 *s);

/* ---- e1000_statistics.c ---- */
void e1000_count(struct e1000 *s, unsigned offset, uint32_t n);
/* A frame of size bytes, its CRC not among them. */
void e1000_count_sent(struct e1000 *s, const uint8_t *frame, uint32_t size);
void e1000_count_received(struct e1000 *s, const uint8_t *frame, uint32_t size);
/* Reading clears: the upper half of a counter of 64 bits clears both. */
uint32_t e1000_statistics_read(struct e1000 *s, unsigned offset);

/* ---- rings ---- */
static inline uint32_t ring_entries(struct e1000 *s, unsigned length_reg)
{
	return *e1000_reg(s, length_reg) / RING_ENTRY;
}
/* The entry at index of the ring whose base registers begin at base_reg; NULL: no RAM is there. */
static inline uint8_t *ring_entry(struct e1000 *s, unsigned base_reg, uint32_t index, bool write)
{
	struct guest_dma *m = s->device->ports->dma;
	uint64_t gpa = *e1000_reg(s, base_reg) | (uint64_t)*e1000_reg(s, base_reg + 4) << 32;
	size_t length = RING_ENTRY;
	uint8_t *p = m->span(m, gpa + (uint64_t)index * RING_ENTRY, &length, write);

	return length == RING_ENTRY ? p : NULL;
}

#endif
