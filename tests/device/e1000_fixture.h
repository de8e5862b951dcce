/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network controller under test, its network and its rings: shared by the tests of its registers and of its frames. Included once a program. */
#ifndef E1000_FIXTURE_H
#define E1000_FIXTURE_H
#include <string.h>

#include "device_fake.h"
#include "e1000_state.h"
#include "errno.h"
#include "net_checksum.h"
#include "unit.h"

#define BASE  0xf0000000u
#define PORT  0xc000
#define DEVFN PCI_DEVFN(3, 0)
#define RING  0x10000u
#define RX    0x20000u
#define TX    0x30000u

static struct fake_machine *m;
static struct device d;
static struct fake_wire *wire;

/* ---- the network ---- */

static struct net_backend net;
static uint8_t sent[64][2048];
static size_t sent_size[64];
static unsigned sent_n, rooms, takes;
static bool hasty;

static inline bool send(struct net_backend *b, const uint8_t *frame, size_t n)
{
	if (hasty)
		b->writable(b);
	if (!takes)
		return false;
	takes--;
	if (sent_n < 64 && n <= sizeof(sent[0])) {
		memcpy(sent[sent_n], frame, n);
		sent_size[sent_n] = n;
	}
	sent_n++;
	return true;
}

static inline void room(struct net_backend *b)
{
	rooms++;
}

static const uint8_t rom[3000] = { 0x55, 0xaa, 6 };

static inline uint32_t get(unsigned reg)
{
	return (uint32_t)fake_load(m, BASE + reg, 4);
}

static inline void set(unsigned reg, uint32_t value)
{
	fake_store(m, BASE + reg, 4, value);
}

static inline void pci_set(unsigned offset, unsigned size, uint32_t value)
{
	pci_bus_write(&m->pci, DEVFN, offset, size, value);
	iobus_quiesce(&m->mmio);
	iobus_quiesce(&m->pio);
}

static inline void start_with(bool cable)
{
	struct e1000_config c = { DEVFN, cable ? &net : NULL, rom, sizeof(rom) };

	m = fake_machine_new();
	net = (struct net_backend){ .mac = { 0x00, 0x16, 0x3e, 0x11, 0x22, 0x33 },
		                    .send = send,
		                    .room = room,
		                    .link_up = true };
	sent_n = rooms = 0;
	takes = ~0u;
	hasty = false;
	CHECK_EQ(device_create(&d, &e1000_class, "nic", &m->ports, &c), 0);
	wire = &m->intx[DEVFN][0];
	pci_set(PCI_BAR0, 4, BASE);
	pci_set(PCI_BAR0 + 8, 4, PORT);
	pci_set(PCI_COMMAND, 2, 7);
}

static inline void start(void)
{
	start_with(true);
}

static inline void stop(void)
{
	device_destroy(&d);
	CHECK(!m->timers.waiting && !wire->level);
	CHECK(!iobus_has_any(&m->pio, 0, 0x10000) && !iobus_has_any(&m->mmio, 0, ~0ull));
}

/* ---- rings ---- */

static inline void put64(uint32_t at, uint64_t value)
{
	memcpy(m->ram + at, &value, 8);
}

static inline void rx_start(unsigned entries, unsigned buffer, uint32_t rctl)
{
	for (unsigned i = 0; i < entries; i++) {
		put64(RX + 16 * i, RING + 0x40000 + i * buffer);
		put64(RX + 16 * i + 8, 0);
	}
	set(RDBAL, RX);
	set(RDLEN, entries * 16);
	set(RDH, 0);
	set(RDT, entries - 1);
	set(RCTL, rctl | 2);
}

static inline uint8_t *rx_buffer(unsigned i, unsigned buffer)
{
	return m->ram + RING + 0x40000 + i * buffer;
}

static inline uint8_t *rx_descriptor(unsigned i)
{
	return m->ram + RX + 16 * i;
}

static unsigned tx_tail;
static inline void tx_start(unsigned entries)
{
	memset(m->ram + TX, 0, entries * 16);
	set(TDBAL, TX);
	set(TDLEN, entries * 16);
	set(TDH, 0);
	set(TDT, 0);
	set(TCTL, 0x0a);
	tx_tail = 0;
}

/* low: address; high: the upper eight bytes. */
static inline void tx_add(uint64_t low, uint64_t high)
{
	put64(TX + 16 * tx_tail, low);
	put64(TX + 16 * tx_tail + 8, high);
	tx_tail = (tx_tail + 1) % (get(TDLEN) / 16);
}

#define EOP  (1ull << 24)
#define TSE  (1ull << 26)
#define IC   (1ull << 26)
#define RS   (1ull << 27)
#define DEXT (1ull << 29)
#define VLE  (1ull << 30)
#define IDE  (1ull << 31)
#define DATA (DEXT | 1ull << 20)
#define IXSM (1ull << 40)
#define TXSM (2ull << 40)

static uint8_t frame[16384];
static inline void frame_make(size_t size, uint8_t first)
{
	for (size_t i = 0; i < size; i++)
		frame[i] = (uint8_t)(i * 3 + size);
	memcpy(frame, net.mac, 6);
	frame[0] |= first;
	frame[12] = 0x88;
	frame[13] = 0xb5;
}

static inline bool receive(size_t size)
{
	return net.receive(&net, frame, size);
}

/* An IPv4 packet with TCP or UDP in a frame of size bytes, all sums right. */
static inline void ip_make(size_t size, uint8_t protocol, unsigned at)
{
	unsigned total = (unsigned)size - at, length = total - 20;
	uint8_t *ip = frame + at, *l4 = ip + 20;

	frame_make(size, 0);
	frame[at - 2] = 0x08;
	frame[at - 1] = 0x00;
	memset(ip, 0, 20);
	ip[0] = 0x45;
	net_put16(ip + 2, (uint16_t)total);
	ip[8] = 64;
	ip[9] = protocol;
	memcpy(ip + 12, "\x0a\x00\x00\x01\x0a\x00\x00\x02", 8);
	net_put16(ip + 10, (uint16_t)~net_sum(ip, 20, 0));
	if (protocol == 17) {
		net_put16(l4 + 4, (uint16_t)length);
		net_put16(l4 + 6, 0);
		net_put16(l4 + 6, (uint16_t)~net_sum(l4, length, net_sum(ip + 12, 8, 17 + length)));
	} else {
		l4[12] = 0x50;
		net_put16(l4 + 16, 0);
		net_put16(l4 + 16, (uint16_t)~net_sum(l4, length, net_sum(ip + 12, 8, 6 + length)));
	}
}

static inline bool sums_are_right(const uint8_t *f, size_t size)
{
	const uint8_t *ip = f + 14;
	unsigned length = net_get16(ip + 2) - 20u;

	return length + 34 <= size && net_sum(ip, 20, 0) == 0xffff &&
	       net_sum(ip + 20, length, net_sum(ip + 12, 8, ip[9] + length)) == 0xffff;
}

/* ---- PHY ---- */

static inline unsigned phy_get(unsigned reg)
{
	set(MDIC, 2u << 26 | 1u << 21 | reg << 16);
	CHECK_EQ(get(MDIC) >> 28, 1);
	return get(MDIC) & 0xffff;
}

static inline void phy_set(unsigned reg, unsigned value)
{
	set(MDIC, 1u << 26 | 1u << 21 | reg << 16 | value);
}

#endif
