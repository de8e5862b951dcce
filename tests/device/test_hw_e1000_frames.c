/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network controller: frames received and sent. */
#include "e1000_fixture.h"

/* ---- receiving ---- */

static void test_receive(void)
{
	uint8_t *p;
	uint32_t crc;

	start();
	p = rx_descriptor(0);
	frame_make(100, 0);
	CHECK(receive(100)); /* off: lost */
	rx_start(8, 2048, 0);
	set(IMS, INT_RXT0);
	CHECK(receive(100));
	p = rx_descriptor(0);
	CHECK_EQ(get(RDH), 1);
	CHECK_EQ(p[8] | p[9] << 8, 104);
	CHECK_EQ(p[12], 0x07);
	CHECK(!memcmp(rx_buffer(0, 2048), frame, 100));
	memcpy(&crc, rx_buffer(0, 2048) + 100, 4);
	CHECK_EQ(crc, ethernet_crc(frame, 100));
	CHECK_EQ(get(ICR), INT_RXT0);
	set(RCTL, 0x04000002); /* without CRC */
	CHECK(receive(30));
	CHECK_EQ(rx_descriptor(1)[8], 60); /* padded */
	CHECK_EQ(rx_buffer(1, 2048)[30], 0);
	CHECK_EQ(get(GPRC), 2);
	CHECK_EQ(get(GPRC), 0);
	CHECK_EQ(get(PRC64), 1);
	CHECK_EQ(get(PRC64 + 4), 1);
	CHECK_EQ(get(GORC), 168);
	CHECK_EQ(get(GORC), 168);
	CHECK_EQ(get(GORC + 4), 0);
	CHECK_EQ(get(GORC), 0);
	CHECK(receive(13)); /* not even a header */
	pci_set(PCI_COMMAND, 2, 3);
	CHECK(receive(100));
	CHECK_EQ(get(TPR), 2);
	stop();
}

static void test_receive_long(void)
{
	start();
	rx_start(16, 256, 0x04030000 | 0x20);
	frame_make(1600, 0);
	CHECK(receive(1600));
	CHECK_EQ(get(RDH), 7);
	for (unsigned i = 0; i < 6; i++) {
		CHECK_EQ(rx_descriptor(i)[12], 0x01);
		CHECK_EQ(rx_descriptor(i)[9], 1);
	}
	CHECK_EQ(rx_descriptor(6)[12], 0x07);
	CHECK_EQ(rx_descriptor(6)[8], 1600 - 6 * 256);
	CHECK(!memcmp(rx_buffer(0, 256), frame, 1600));
	set(RCTL, 0x04030002); /* no long packets */
	CHECK(receive(1519));
	CHECK_EQ(get(ROC), 1);
	CHECK_EQ(get(RDH), 7);
	set(RCTL, 0x06030022); /* 4096 */
	CHECK(receive(4000));
	CHECK_EQ(get(RDH), 8);
	set(RCTL, 0x06000022);
	CHECK(receive(4000));
	CHECK_EQ(get(RDH), 10);
	CHECK_EQ(get(PRC64 + 20), 3);
	stop();
}

static void test_receive_full(void)
{
	start();
	rx_start(8, 2048, 0x04000100); /* told at a quarter */
	frame_make(64, 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK(receive(64));
	CHECK_EQ(get(ICR), INT_RXT0);
	CHECK(receive(64));
	CHECK_EQ(get(ICR), INT_RXT0 | INT_RXDMT0);
	CHECK(receive(64));
	CHECK(receive(64));
	CHECK(!receive(64));
	CHECK_EQ(get(ICR), INT_RXT0 | INT_RXO);
	CHECK_EQ(get(RNBC), 1);
	CHECK_EQ(rooms, 0);
	set(RDT, 7); /* no news */
	CHECK_EQ(rooms, 0);
	set(RDT, 2);
	CHECK_EQ(rooms, 1);
	CHECK(receive(64));
	CHECK_EQ(get(RDH), 0);
	CHECK(receive(64) && receive(64) && !receive(64));
	set(RCTL, 0); /* who waits is let go */
	CHECK_EQ(rooms, 2);
	set(RCTL, 2);
	set(RDT, 100);
	CHECK(!receive(64));
	set(CTRL, CTRL_RST);
	CHECK_EQ(rooms, 3);
	set(RCTL, 2);
	CHECK(receive(64)); /* no ring */
	CHECK_EQ(get(MPC), 1);
	stop();
}

static bool passes(size_t size)
{
	uint32_t before = get(RDH);

	set(RDT, (before + 7) % 8);
	CHECK(receive(size));
	return get(RDH) != before;
}

static void test_filters(void)
{
	start();
	rx_start(8, 2048, 0);
	frame_make(64, 0);
	CHECK(passes(64));
	frame[5] ^= 1;
	CHECK(!passes(64));
	set(RCTL, 0x0a); /* promiscuous */
	CHECK(passes(64));
	CHECK_EQ(rx_descriptor((get(RDH) + 7) % 8)[12], 0x87);
	set(RCTL, 2);
	set(RAL + 8, 0x113e1600);
	set(RAL + 12, 0x80003222);
	CHECK(passes(64));
	set(RAL + 12, 0x80013222); /* by source: none of ours */
	CHECK(!passes(64));
	memset(frame, 0xff, 6);
	CHECK(!passes(64));
	set(RCTL, 0x8002);
	CHECK(passes(64));
	memcpy(frame, "\x01\x00\x5e\x12\x34\x56", 6);
	CHECK(!passes(64));
	set(RCTL, 0x12);
	CHECK(passes(64));
	for (unsigned mo = 0; mo < 4; mo++) {
		static const uint16_t hashes[] = { 0x563, 0xac6, 0x58d, 0x634 };

		set(RCTL, 2 | mo << 12);
		CHECK(!passes(64));
		set(MTA + 4 * (hashes[mo] >> 5), 1u << (hashes[mo] & 31));
		CHECK(passes(64));
		set(MTA + 4 * (hashes[mo] >> 5), 0);
	}
	CHECK_EQ(get(MPRC), 5);
	CHECK_EQ(get(BPRC), 1);
	frame_make(64, 0);
	set(FCT, 0x88b5);
	CHECK(!passes(64));
	set(RCTL, 0x800002);
	CHECK(passes(64));
	stop();
}

static void test_receive_vlan(void)
{
	uint8_t *p;

	start();
	rx_start(8, 2048, 0x04000000);
	frame_make(80, 0);
	memcpy(frame + 12, "\x81\x00\x20\x45\x08\x06", 6);
	CHECK(passes(80));
	CHECK_EQ(rx_descriptor(0)[12], 0x07);
	set(CTRL, CTRL_VME);
	CHECK(passes(80));
	p = rx_descriptor(1);
	CHECK_EQ(p[12], 0x0f);
	CHECK_EQ(p[8], 76);
	CHECK_EQ(p[14] | p[15] << 8, 0x2045);
	CHECK_EQ(net_get16(rx_buffer(1, 2048) + 12), 0x0806);
	CHECK(!memcmp(rx_buffer(1, 2048) + 14, frame + 18, 62));
	set(RCTL, 0x04040002);
	CHECK(!passes(80));
	set(VFTA + 8, 1 << 5);
	CHECK(passes(80));
	set(RCTL, 0x041c0002); /* only those with the CFI bit */
	CHECK(!passes(80));
	set(RCTL, 0x040c0002);
	CHECK(passes(80));
	frame[14] |= 0x10;
	CHECK(!passes(80));
	stop();
}

static unsigned received_sums(size_t size)
{
	uint32_t at = get(RDH);

	CHECK(passes(size));
	return rx_descriptor(at)[12] << 8 | rx_descriptor(at)[13];
}

static void test_receive_sums(void)
{
	start();
	rx_start(8, 2048, 0x04000000);
	set(RXCSUM, 0x300 | 14);
	ip_make(100, 6, 14);
	CHECK_EQ(received_sums(100), 0x6300);
	CHECK_EQ(rx_descriptor(0)[10] << 8 | rx_descriptor(0)[11], net_sum(frame + 14, 86, 0));
	frame[60] ^= 1;
	CHECK_EQ(received_sums(100), 0x6320);
	frame[26] ^= 1;
	CHECK_EQ(received_sums(100), 0x6360);
	ip_make(100, 17, 14);
	CHECK_EQ(received_sums(100), 0x6300);
	net_put16(frame + 40, 0); /* UDP without */
	CHECK_EQ(received_sums(100), 0x4300);
	ip_make(100, 6, 14);
	frame[20] |= 0x20; /* a fragment */
	frame[24] -= 0x20;
	CHECK_EQ(received_sums(100) & 0x2000, 0);
	ip_make(100, 1, 14);
	CHECK_EQ(received_sums(100), 0x4300);
	ip_make(50, 6, 14); /* TCP's header is cut */
	CHECK_EQ(received_sums(50), 0x4300);
	ip_make(100, 6, 14);
	frame[17] = 200; /* longer than the frame */
	CHECK_EQ(received_sums(100), 0x0700);
	frame_make(100, 0);
	CHECK_EQ(received_sums(100), 0x0700);
	ip_make(104, 6, 18);
	net_put16(frame + 12, 0x8100);
	CHECK_EQ(received_sums(104), 0x6300);
	set(RXCSUM, 0x100);
	ip_make(100, 6, 14);
	CHECK_EQ(received_sums(100), 0x4300);
	set(RXCSUM, 0x200);
	CHECK_EQ(received_sums(100), 0x2300);
	set(RXCSUM, 0xff);
	CHECK_EQ(received_sums(100), 0x0700);
	stop();
}

static void test_receive_delay(void)
{
	start();
	rx_start(32, 2048, 0x04000000);
	set(IMS, INT_RXT0);
	set(RDTR, 100); /* 102.4 us */
	set(RADV, 150); /* 153.6 us */
	frame_make(64, 0);
	CHECK(receive(64));
	fake_machine_advance(m, 100000);
	CHECK(receive(64));
	fake_machine_advance(m, 50000);
	CHECK(!wire->level);
	fake_machine_advance(m, 4000);
	CHECK(wire->level);
	CHECK_EQ(get(ICR), INT_RXT0);
	CHECK(receive(64));
	fake_machine_advance(m, 103000);
	CHECK_EQ(get(ICR), INT_RXT0);
	CHECK(receive(64));
	set(RDTR, 0x80000064); /* now */
	CHECK_EQ(get(ICR), INT_RXT0);
	set(RDTR, 0x80000064);
	fake_machine_advance(m, 300000);
	CHECK_EQ(get(ICR), 0);
	set(RSRPD, 64); /* small ones are told at once */
	CHECK(receive(64));
	CHECK_EQ(get(ICR), INT_SRPD);
	stop();
}

/* ---- sending ---- */

static void test_transmit(void)
{
	start();
	tx_start(8);
	frame_make(100, 0);
	memcpy(m->ram + 0x8000, frame, 100);
	set(IMS, INT_TXDW);
	tx_add(0x8000, 100 | EOP | RS);
	set(TDT, tx_tail);
	CHECK_EQ(sent_n, 1);
	CHECK_EQ(sent_size[0], 100);
	CHECK(!memcmp(sent[0], frame, 100));
	CHECK_EQ(m->ram[TX + 12], 1);
	CHECK_EQ(get(TDH), 1);
	CHECK(wire->level);
	CHECK_EQ(get(ICR), INT_TXDW | INT_TXQE);
	tx_add(0x8000, 10);
	tx_add(0x800a, 20 | EOP);
	set(TDT, tx_tail);
	CHECK_EQ(sent_size[1], 60); /* padded */
	CHECK_EQ(sent[1][30], 0);
	CHECK_EQ(m->ram[TX + 16 + 12], 0);
	CHECK_EQ(get(ICR), INT_TXQE);
	set(TCTL, 2);
	tx_add(0x8000, 20 | EOP);
	tx_add(0x8000, 5 | EOP); /* no frame at all */
	set(TDT, tx_tail);
	CHECK_EQ(sent_n, 3);
	CHECK_EQ(sent_size[2], 20);
	CHECK_EQ(get(TPT), 3);
	CHECK_EQ(get(PTC64 + 4), 1);
	CHECK_EQ(get(TOT), 104 + 64 + 24);
	stop();
}

static void test_transmit_off(void)
{
	start();
	tx_start(8);
	set(TCTL, 0);
	memset(m->ram + 0x8000, 0xff, 100);
	tx_add(0x8000, 100 | EOP | RS);
	pci_set(PCI_COMMAND, 2, 3);
	set(TDT, 1);
	set(TCTL, 2);
	CHECK_EQ(sent_n, 0);
	pci_set(PCI_COMMAND, 2, 7);
	CHECK_EQ(sent_n, 1);
	CHECK_EQ(get(BPTC), 1);
	set(TDT, 8); /* outside */
	set(TDT, 1);
	net.link_up = false;
	tx_add(0x8000, 100 | EOP | RS);
	set(TDT, 2);
	CHECK_EQ(get(TDH), 2);
	CHECK_EQ(sent_n, 1);
	set(TDBAH, 0x7fffffff); /* descriptors where nothing is */
	set(TDT, 0);
	CHECK_EQ(get(TDH), 0);
	stop();
}

static void test_transmit_busy(void)
{
	start();
	tx_start(8);
	memset(m->ram + 0x8000, 1, 1000);
	takes = 1;
	hasty = true;
	for (unsigned i = 0; i < 3; i++)
		tx_add(0x8000, 1000 | EOP | RS | (i == 1 ? IC | 20ull << 16 | 30ull << 40 : 0));
	set(TDT, 3);
	CHECK_EQ(sent_n, 1);
	CHECK_EQ(get(TDH), 1);
	CHECK_EQ(get(ICR), INT_TXDW);
	net.writable(&net);
	CHECK_EQ(get(TDH), 1);
	takes = 5;
	net.writable(&net);
	CHECK_EQ(sent_n, 3);
	CHECK_EQ(get(TDH), 3);
	CHECK_EQ(net_get16(sent[1] + 20), 0xffff & ~net_sum(m->ram + 0x8000, 970, 0));
	CHECK_EQ(get(MPTC), 3);
	stop();
}

static void test_transmit_delay(void)
{
	start();
	tx_start(8);
	set(IMS, INT_TXDW);
	set(TIDV, 100);
	tx_add(0x8000, 100 | EOP | RS | IDE);
	set(TDT, 1);
	CHECK(!wire->level);
	fake_machine_advance(m, 103000);
	CHECK(wire->level);
	CHECK_EQ(get(ICR) & INT_TXDW, INT_TXDW);
	tx_add(0x8000, 100 | EOP | RS | IDE);
	set(TDT, 2);
	set(TIDV, 0x80000064);
	CHECK_EQ(get(ICR) & INT_TXDW, INT_TXDW);
	set(TXDCTL, 1u << 25 | 0);
	for (unsigned i = 0; i < 3; i++)
		tx_add(0x8000, 100 | EOP);
	set(TDT, tx_tail);
	CHECK_EQ(get(ICR) & INT_TXD_LOW, 0);
	stop();
	start();
	tx_start(16);
	set(TXDCTL, 1u << 25);
	for (unsigned i = 0; i < 12; i++)
		tx_add(0x8000, 100 | EOP);
	set(TDT, tx_tail);
	CHECK_EQ(get(ICR), INT_TXD_LOW | INT_TXQE);
	stop();
}

static void test_transmit_sums(void)
{
	start();
	tx_start(8);
	ip_make(101, 6, 14);
	net_put16(frame + 24, 0);
	net_put16(frame + 50, net_sum(frame + 26, 8, 6 + 67));
	memcpy(m->ram + 0x8000, frame, 101);
	/* IP at 14, its sum at 24, to 33; TCP at 34, its sum at 50, to the end. */
	tx_add(14 | 24 << 8 | 33 << 16 | 34ull << 32 | 50ull << 40, DEXT | 3ull << 24 | RS);
	tx_add(0x8000, 40 | DATA | IXSM | TXSM);
	tx_add(0x8000 + 40, 61 | DATA | EOP | RS);
	set(TDT, 3);
	CHECK_EQ(m->ram[TX + 12], 1);
	CHECK_EQ(sent_n, 1);
	CHECK(sums_are_right(sent[0], 101));
	/* A sum of nothing, and places that are none. */
	tx_add(200 | 24 << 8 | 33 << 16 | 34ull << 32 | 255ull << 40, DEXT);
	tx_add(0x8000, 101 | DATA | EOP | IXSM | TXSM);
	set(TDT, 5);
	CHECK(!memcmp(sent[1], frame, 101));
	/* UDP's zero is sent as ones. */
	memset(m->ram + 0x8000, 0, 64);
	net_put16(m->ram + 0x8000 + 20, 0xffff);
	tx_add(0 | 0 << 8 | 0 << 16 | 20ull << 32 | 40ull << 40, DEXT);
	tx_add(0x8000, 64 | DATA | EOP | TXSM);
	set(TDT, 7);
	CHECK_EQ(net_get16(sent[2] + 40), 0xffff);
	stop();
}

static void test_transmit_vlan(void)
{
	start();
	tx_start(8);
	frame_make(64, 0);
	memcpy(m->ram + 0x8000, frame, 64);
	tx_add(0x8000, 64 | EOP | VLE | 0x2045ull << 48);
	set(TDT, 1);
	CHECK_EQ(sent_size[0], 64); /* not with VME off */
	set(CTRL, CTRL_VME);
	tx_add(0x8000, 64 | EOP | VLE | 0x2045ull << 48);
	set(TDT, 2);
	CHECK_EQ(sent_size[1], 68);
	CHECK_EQ(net_get32(sent[1] + 12), 0x81002045);
	CHECK(!memcmp(sent[1], frame, 12) && !memcmp(sent[1] + 16, frame + 12, 52));
	stop();
}

/* A TCP packet of 4000 bytes goes in segments of 1460. */
static void segments(unsigned first_part, unsigned mss)
{
	ip_make(4054, 6, 14);
	frame[34 + 13] = 0x19; /* ACK, PSH, FIN */
	net_put32(frame + 38, 0xfffffff0);
	net_put16(frame + 18, 0xffff);
	net_put16(frame + 16, 0);
	net_put16(frame + 24, 0);
	net_put16(frame + 50, net_sum(frame + 26, 8, 6));
	memcpy(m->ram + 0x8000, frame, 4054);
	tx_add(14 | 24 << 8 | 33 << 16 | 34ull << 32 | 50ull << 40,
	       4000 | DEXT | TSE | 3ull << 24 | 54ull << 40 | (uint64_t)mss << 48);
	tx_add(0x8000, first_part | DATA | TSE | IXSM | TXSM);
	tx_add(0x8000 + first_part, (4054 - first_part) | DATA | TSE | EOP | RS);
	set(TDT, tx_tail);
}

static void check_segments(unsigned from, unsigned mss)
{
	unsigned n = (4000 + mss - 1) / mss;

	CHECK_EQ(sent_n, from + n);
	for (unsigned i = 0; i < n; i++) {
		const uint8_t *f = sent[from + i];
		unsigned length = i + 1 < n ? mss : 4000 - mss * (n - 1);

		CHECK_EQ(sent_size[from + i], 54 + length);
		CHECK(sums_are_right(f, sent_size[from + i]));
		CHECK_EQ(net_get16(f + 16), 40 + length);
		CHECK_EQ(net_get16(f + 18), (0xffff + i) & 0xffff);
		CHECK_EQ(net_get32(f + 38), 0xfffffff0 + i * mss);
		CHECK_EQ(f[47], i + 1 < n ? 0x10 : 0x19);
		CHECK(!memcmp(f + 54, frame + 54 + i * mss, length));
	}
}

static void test_segmentation(void)
{
	start();
	tx_start(32);
	segments(54, 1460);
	check_segments(0, 1460);
	CHECK_EQ(get(TSCTC), 1);
	segments(20, 1000); /* the header in two parts; no rest */
	check_segments(3, 1000);
	takes = 1; /* the network takes them one by one */
	segments(700, 1460);
	while (get(TDH) != get(TDT)) {
		takes = 1;
		net.writable(&net);
	}
	check_segments(7, 1460);
	takes = ~0u;
	segments(54, 0);     /* no size */
	segments(54, 16300); /* too long */
	CHECK_EQ(sent_n, 10);
	CHECK_EQ(get(TDH), get(TDT));
	stop();
}

/* Segments shorter than a frame may be, while the network takes one now and then: each is padded, and none grows by it. */
static void test_segmentation_padded(void)
{
	static uint8_t record[60000];
	long n;

	start();
	tx_start(8);
	frame_make(100, 0);
	memcpy(m->ram + 0x8000, frame, 100);
	tx_add(14 | 34ull << 32, 86 | DEXT | TSE | 14ull << 40 | 8ull << 48);
	tx_add(0x8000, 100 | DATA | TSE | EOP | RS);
	takes = 0;
	set(TDT, 2);
	n = device_save(&d, record, sizeof(record));
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	while (get(TDH) != get(TDT)) {
		takes = 1;
		net.writable(&net);
	}
	CHECK_EQ(sent_n, 11);
	for (unsigned i = 0; i < 11; i++) {
		unsigned length = i < 10 ? 8 : 6;

		CHECK_EQ(sent_size[i], 60);
		CHECK(!memcmp(sent[i] + 14, frame + 14 + 8 * i, length));
		for (unsigned k = 14 + length; k < 60; k++)
			CHECK_EQ(sent[i][k], 0);
	}
	stop();
}

/* UDP over IPv6 in a TSO context: lengths only. */
static void test_segmentation_udp6(void)
{
	start();
	tx_start(8);
	frame_make(262, 0);
	memcpy(m->ram + 0x8000, frame, 262);
	tx_add(14 | 0 << 8 | 0 << 16 | 54ull << 32 | 60ull << 40,
	       200 | DEXT | TSE | 62ull << 40 | 100ull << 48);
	tx_add(0x8000, 262 | DATA | TSE | EOP);
	set(TDT, 2);
	CHECK_EQ(sent_n, 2);
	CHECK_EQ(net_get16(sent[1] + 18), 108);
	CHECK_EQ(net_get16(sent[1] + 58), 108);
	stop();
}

/* What would take long goes on by a timer. */
static void test_transmit_bound(void)
{
	start();
	tx_start(4096);
	for (unsigned i = 0; i < 4095; i++)
		tx_add(0x8000, 1000 | EOP);
	set(TDT, 4095);
	CHECK(sent_n > 50 && sent_n < 500);
	for (unsigned i = 0; i < 40; i++)
		fake_machine_advance(m, 1);
	CHECK_EQ(sent_n, 4095);
	/* Segments of one byte. */
	set(TDH, 0);
	tx_tail = 0;
	tx_add(14 | 34ull << 32, DEXT | TSE | 3ull << 24 | 54ull << 40 | 1ull << 48);
	tx_add(0x8000, 4000 | DATA | TSE | EOP);
	set(TDT, 2);
	CHECK(sent_n < 4095 + 500);
	set(TDT, 2);
	for (unsigned i = 0; i < 40; i++)
		fake_machine_advance(m, 1);
	CHECK_EQ(get(TDH), 2);
	CHECK_EQ(sent_n, 4095 + 3946);
	/* A packet that never ends, and one from where no memory is. */
	tx_add(0x8000, 0xfffff | DATA);
	tx_add(0x8000, 0xfffff | DATA | EOP);
	tx_add(0xffffff0000, 100 | DATA | EOP);
	set(TDT, 5);
	CHECK_EQ(get(TDH), 5);
	CHECK_EQ(sent_n, 4095 + 3946);
	stop();
}

static void test_loopback(void)
{
	start();
	tx_start(8);
	rx_start(8, 2048, 0x040000c0);
	frame_make(64, 0);
	memcpy(m->ram + 0x8000, frame, 64);
	tx_add(0x8000, 64 | EOP);
	set(TDT, 1);
	CHECK_EQ(get(RDH), 1);
	CHECK(!memcmp(rx_buffer(0, 2048), frame, 64));
	set(RCTL, 0x04000002);
	phy_set(0, 0x4140);
	CHECK(receive(64)); /* from outside: lost */
	tx_add(0x8000, 64 | EOP);
	set(TDT, 2);
	CHECK_EQ(get(RDH), 2);
	CHECK_EQ(sent_n, 0);
	stop();
}

static void test_saved(void)
{
	static uint8_t record[65536];
	long n;

	start();
	tx_start(32);
	rx_start(8, 2048, 0x04000000);
	set(IMS, INT_ALL);
	set(RDTR, 1000);
	frame_make(64, 0);
	CHECK(receive(64));
	phy_set(0, 0x1340);
	takes = 1;
	fake_machine_advance(m, 5000000);
	get(ICR);
	set(RDTR, 10000);
	CHECK(receive(64));
	fake_machine_advance(m, 6000000);
	segments(700, 1460);
	CHECK_EQ(sent_n, 1);
	set(ITR, 1000);
	get(ICR);
	set(ICS, 1);
	CHECK(wire->level);
	n = device_save(&d, record, sizeof(record));
	CHECK(n > 0);
	device_reset(&d);
	CHECK(!wire->level);
	takes = ~0u;
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), 0);
	CHECK(wire->level);
	check_segments(0, 1460);
	CHECK_EQ(get(RDTR), 10000);
	CHECK(rooms > 0);
	record[256 + STATUS] = 1; /* no such bit */
	CHECK_EQ(device_restore(&d, 1, record, (size_t)n), -EINVAL);
	CHECK_EQ(get(STATUS), 0xffffffff);
	record[256 + STATUS] = 0;
	for (unsigned i = 0; i < 300; i++) {
		/* Whatever the transmitter's state says, it is refused or harmless. */
		long at = n - 16292 - 256 - 60 + i % 60;
		uint8_t old = record[at];

		record[at] ^= (uint8_t)(1 << i / 60);
		if (!device_restore(&d, 1, record, (size_t)n))
			fake_machine_advance(m, 20000000);
		record[at] = old;
	}
	stop();
}

static void test_taken(void)
{
	struct e1000_config c = { DEVFN, NULL, rom, 0x1000001 };
	struct device second;

	start();
	CHECK_EQ(device_create(&second, &e1000_class, "big", &m->ports, &c), -EINVAL);
	c.rom_size = 0;
	CHECK_EQ(device_create(&second, &e1000_class, "again", &m->ports, &c), -EEXIST);
	stop();
}

UNIT_MAIN(UNIT(test_receive), UNIT(test_receive_long), UNIT(test_receive_full), UNIT(test_filters),
          UNIT(test_receive_vlan), UNIT(test_receive_sums), UNIT(test_receive_delay),
          UNIT(test_transmit), UNIT(test_transmit_off), UNIT(test_transmit_busy),
          UNIT(test_transmit_delay), UNIT(test_transmit_sums), UNIT(test_transmit_vlan),
          UNIT(test_segmentation), UNIT(test_segmentation_padded), UNIT(test_segmentation_udp6),
          UNIT(test_transmit_bound), UNIT(test_loopback), UNIT(test_saved), UNIT(test_taken))
