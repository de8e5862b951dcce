/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM: fuzz_chip.h. Its own event: a frame comes, the network takes frames or stops to, the cable is pulled or plugged. */
#include "e1000.h"
#include "fuzz_chip.h"

#define DEVFN PCI_DEVFN(3, 0)

static struct net_backend net;
static bool takes;
static uint8_t frame[NET_FRAME_MAX];

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

static void event(void)
{
	unsigned what = next() % 4;

	if (what == 0) {
		takes = !takes;
		if (takes)
			net.writable(&net);
	} else if (what == 1) {
		net.link_up = !net.link_up;
		net.link_changed(&net);
	} else {
		for (unsigned i = 0; i < 48; i++)
			frame[i] = next();
		net.receive(&net, frame, next16() % (NET_FRAME_MAX + 1));
	}
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
	return fuzz_chip_run(&chip, data, size);
}
