/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 82540EM: fuzz_chip.h. Its own event: a frame comes, the network takes frames or stops to, the cable is pulled or plugged, the driver makes rings, and fills descriptors of the
 * transmitter's with more or less sense.
 */
#include "e1000_state.h"
#include "fuzz_chip.h"

#define DEVFN PCI_DEVFN(3, 0)
#define TX    0x1000u
#define RX    0x2000u
#define BYTES 0x4000u /* buffers, up to the end of RAM */

static struct net_backend net;
static bool takes;
static uint8_t frame[NET_FRAME_MAX];
static unsigned tail;

static bool net_send(struct net_backend *b, const uint8_t *bytes, size_t n)
{
	if (n > NET_FRAME_MAX || n < 14)
		abort();
	frame[0] ^= bytes[n - 1]; /* all of it can be read */
	return takes;
}

static void net_room(struct net_backend *b)
{
}

static void begin(void)
{
	pci_bus_write(&m->pci, DEVFN, PCI_BAR0, 4, FUZZ_MMIO);
	pci_bus_write(&m->pci, DEVFN, PCI_BAR0 + 8, 4, 0xc000);
	pci_bus_write(&m->pci, DEVFN, PCI_COMMAND, 2, 7);
}

static void set(unsigned reg, uint32_t value)
{
	fake_store(m, FUZZ_MMIO + reg, 4, value);
}

static void rings(void)
{
	unsigned how = next();

	set(TDBAL, TX);
	set(TDLEN, 128 * (1 + (how & 3)));
	set(TDH, 0);
	set(TDT, 0);
	set(TCTL, how & 4 ? 0x0a : 0x02);
	set(RDBAL, RX);
	set(RDLEN, 128 * (1 + (how >> 3 & 3)));
	set(RDH, 0);
	for (unsigned i = 0; i < 32; i++) {
		uint64_t buffer = BYTES + 0x500 * i;

		memcpy(m->ram + RX + 16 * i, &buffer, sizeof(buffer));
	}
	set(RDT, 8 * (1 + (how >> 3 & 3)) - 1);
	set(RCTL, next32() | 2);
	set(IMS, next16());
	set(RXCSUM, next16());
	tail = 0;
}

static void descriptors(void)
{
	unsigned n = 1 + next() % 4;

	while (n--) {
		uint8_t *p = m->ram + TX + 16 * (tail & 7);
		uint16_t address = (uint16_t)(BYTES + next16() % 0x8000);

		memset(p, 0, 16);
		memcpy(p, &address, 2);
		for (unsigned i = 8; i < 16; i++)
			p[i] = next();
		if (p[11] & 0x20 && !(p[10] & 0x10)) /* a context: offsets that fit headers */
			for (unsigned i = 0; i < 8; i++)
				p[i] = next() % 64;
		tail++;
	}
	tail &= 7;
	set(TDT, tail);
}

/* A frame of IP with TCP or UDP, more or less. */
static void packet(void)
{
	static const uint8_t headers[] = { 0,    0x16, 0x3e, 1,  2,    3,  0,  1,  2, 3,
		                           4,    5,    0x08, 0,  0x45, 0,  0,  60, 0, 1,
		                           0x40, 0,    64,   17, 0,    0,  10, 0,  0, 1,
		                           10,   0,    0,    2,  0,    80, 0,  90, 0, 40 };
	unsigned how = next();

	memset(frame, how, 128);
	memcpy(frame, headers, sizeof(headers));
	if (how & 1)
		frame[23] = 6;
	frame[14 + next() % 40] ^= next();
	net.receive(&net, frame, 60 + next() * (how & 2 ? 8u : 1u));
}

static void any_frame(void)
{
	for (unsigned i = 0; i < 48; i++)
		frame[i] = next();
	net.receive(&net, frame, next16() % (NET_FRAME_MAX + 1));
}

static void network(void)
{
	takes = !takes;
	if (takes)
		net.writable(&net);
}

static void cable(void)
{
	net.link_up = !net.link_up;
	net.link_changed(&net);
}

static void event(void)
{
	static void (*const events[])(void) = { network, cable, any_frame,
		                                packet,  rings, descriptors };

	events[next() % ARRAY_LEN(events)]();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct e1000_config config = { DEVFN, &net, NULL, 0 };
	static const struct fuzz_chip chip = { &e1000_class, &config, DEVFN, 0xc000, begin, event };

	net = (struct net_backend){ .mac = { 0, 0x16, 0x3e, 1, 2, 3 },
		                    .send = net_send,
		                    .room = net_room,
		                    .link_up = true };
	takes = true;
	tail = 0;
	memset(frame, 0, 256);
	return fuzz_chip_run(&chip, data, size);
}
