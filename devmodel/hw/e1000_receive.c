/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's receiver (SDM 3.2): filters, checksums, and the ring of buffers. */
#include "atomic.h"
#include "e1000_state.h"
#include "net_checksum.h"
#include "string.h"

#define RCTL_EN    0x00000002u
#define RCTL_SBP   0x00000004u
#define RCTL_UPE   0x00000008u
#define RCTL_MPE   0x00000010u
#define RCTL_LPE   0x00000020u
#define RCTL_BAM   0x00008000u
#define RCTL_VFE   0x00040000u
#define RCTL_CFIEN 0x00080000u
#define RCTL_CFI   0x00100000u
#define RCTL_PMCF  0x00800000u
#define RCTL_BSEX  0x02000000u
#define RCTL_SECRC 0x04000000u

#define STA_DD    0x01
#define STA_EOP   0x02
#define STA_IXSM  0x04
#define STA_VP    0x08
#define STA_TCPCS 0x20
#define STA_IPCS  0x40
#define STA_PIF   0x80
#define ERR_TCPE  0x20
#define ERR_IPE   0x40
#define STA_BYTE  12

#define RXCSUM_IPOFL 0x100
#define RXCSUM_TUOFL 0x200

#define MIN_SIZE    60   /* without its CRC */
#define NORMAL_SIZE 1518 /* the same, a VLAN tag included: above are long packets */
#define TYPE_IPV4   0x0800
#define PROTO_TCP   6
#define PROTO_UDP   17

/* What the last descriptor of a frame says. */
struct result {
	uint8_t status, errors;
	uint16_t tag, checksum;
};

static bool has_tag(struct e1000 *s, const uint8_t *frame)
{
	return net_get16(frame + 12) == *e1000_reg(s, VET);
}

/* ---- filters (SDM 3.2.1, 10) ---- */

static bool is_exact(struct e1000 *s, const uint8_t *frame)
{
	uint32_t low = frame[0] | frame[1] << 8 | frame[2] << 16 | (uint32_t)frame[3] << 24;
	uint32_t high = frame[4] | (uint32_t)frame[5] << 8;

	for (unsigned i = 0; i < 16; i++) {
		uint32_t rah = *e1000_reg(s, RAL + 8 * i + 4);

		/* Those that select by source (bits 16 and 17) are for other chips. */
		if (rah & RAH_AV && (rah & 0x3ffff) == high && *e1000_reg(s, RAL + 8 * i) == low)
			return true;
	}
	return false;
}

/* Twelve bits of the address, of which RCTL.MO says which, choose a bit of the table. */
static bool is_in_multicast_table(struct e1000 *s, const uint8_t *frame)
{
	static const uint8_t shifts[] = { 4, 3, 2, 0 };
	unsigned high = frame[4] | (unsigned)frame[5] << 8;
	unsigned hash = high >> shifts[*e1000_reg(s, RCTL) >> 12 & 3] & 0xfff;

	return *e1000_reg(s, MTA + 4 * (hash >> 5)) >> (hash & 31) & 1;
}

/* pif: no exact filter let it pass. */
static bool address_passes(struct e1000 *s, const uint8_t *frame, bool *pif)
{
	static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint32_t rctl = *e1000_reg(s, RCTL);

	*pif = false;
	if (is_exact(s, frame) || (rctl & RCTL_BAM && !memcmp(frame, broadcast, 6)))
		return true;
	*pif = true;
	if (frame[0] & 1)
		return rctl & RCTL_MPE || is_in_multicast_table(s, frame);
	return rctl & RCTL_UPE;
}

static bool vlan_passes(struct e1000 *s, const uint8_t *frame)
{
	uint32_t rctl = *e1000_reg(s, RCTL);
	uint16_t tag;

	if (!(rctl & RCTL_VFE) || !has_tag(s, frame))
		return true;
	tag = net_get16(frame + 14);
	if (rctl & RCTL_CFIEN && !(rctl & RCTL_CFI) != !(tag & 0x1000))
		return false;
	return *e1000_reg(s, VFTA + 4 * (tag >> 5 & 0x7f)) >> (tag & 31) & 1;
}

/* A frame of flow control is for the MAC alone unless RCTL says other. */
static bool is_pause(struct e1000 *s, const uint8_t *frame)
{
	uint32_t type = *e1000_reg(s, FCT);

	return type && net_get16(frame + 12) == type && !(*e1000_reg(s, RCTL) & RCTL_PMCF);
}

static bool passes(struct e1000 *s, const uint8_t *frame, size_t size, struct result *r)
{
	bool pif;

	if (size > NORMAL_SIZE && !(*e1000_reg(s, RCTL) & (RCTL_LPE | RCTL_SBP))) {
		e1000_count(s, ROC, 1);
		return false;
	}
	if (is_pause(s, frame) || !vlan_passes(s, frame) || !address_passes(s, frame, &pif))
		return false;
	if (pif)
		r->status |= STA_PIF;
	return true;
}

/* ---- checksums (SDM 3.2.9) ---- */

static void check_transport(const uint8_t *ip, unsigned header, unsigned total, struct result *r)
{
	unsigned length = total - header;
	const uint8_t *p = ip + header;
	uint32_t pseudo = net_sum(ip + 12, 8, ip[9] + length);

	if (ip[9] == PROTO_UDP && (length < 8 || !net_get16(p + 6)))
		return; /* it has none */
	if (ip[9] == PROTO_TCP && length < 20)
		return;
	if (ip[9] != PROTO_UDP && ip[9] != PROTO_TCP)
		return;
	r->status |= STA_TCPCS;
	if (net_sum(p, length, pseudo) != 0xffff)
		r->errors |= ERR_TCPE;
}

static void check_ip(struct e1000 *s, const uint8_t *frame, uint32_t size, struct result *r)
{
	uint32_t rxcsum = *e1000_reg(s, RXCSUM), at = 14;
	unsigned header, total;

	if (has_tag(s, frame))
		at += VLAN_TAG;
	if (size < at + 20 || net_get16(frame + at - 2) != TYPE_IPV4 || frame[at] >> 4 != 4)
		return;
	header = (frame[at] & 0xf) * 4u;
	total = net_get16(frame + at + 2);
	if (header < 20 || total < header || at + total > size)
		return;
	if (rxcsum & RXCSUM_IPOFL) {
		r->status |= STA_IPCS;
		if (net_sum(frame + at, header, 0) != 0xffff)
			r->errors |= ERR_IPE;
	}
	/* Fragments have no checksum of their own. */
	if (rxcsum & RXCSUM_TUOFL && !(net_get16(frame + at + 6) & 0x3fff))
		check_transport(frame + at, header, total, r);
}

static void checksums(struct e1000 *s, uint32_t size, struct result *r)
{
	const uint8_t *frame = s->rx_frame;
	uint32_t start = *e1000_reg(s, RXCSUM) & 0xff;
	uint16_t sum;

	if (*e1000_reg(s, RXCSUM) & (RXCSUM_IPOFL | RXCSUM_TUOFL))
		check_ip(s, frame, size, r);
	if (!(r->status & (STA_IPCS | STA_TCPCS)))
		r->status |= STA_IXSM;
	if (start >= size)
		return;
	sum = net_sum(frame + start, size - start, 0);
	r->checksum = (uint16_t)(sum >> 8 | sum << 8); /* in the order of the packet */
}

/* ---- the ring ---- */

static uint32_t buffer_size(struct e1000 *s)
{
	uint32_t rctl = *e1000_reg(s, RCTL), bsize = rctl >> 16 & 3;

	/* With BSEX sizes are 16 times as large, and the first is none: 2048 then, too. */
	return rctl & RCTL_BSEX && bsize ? 32768u >> bsize : 2048u >> bsize;
}

static uint32_t buffers_free(struct e1000 *s)
{
	uint32_t entries = ring_entries(s, RDLEN);
	uint32_t head = *e1000_reg(s, RDH), tail = *e1000_reg(s, RDT);

	if (head >= entries || tail >= entries)
		return 0;
	return tail >= head ? tail - head : tail + entries - head;
}

static void descriptor_write(uint8_t *p, uint32_t length, uint8_t status, const struct result *r)
{
	p[8] = (uint8_t)length;
	p[9] = (uint8_t)(length >> 8);
	p[10] = (uint8_t)r->checksum;
	p[11] = (uint8_t)(r->checksum >> 8);
	p[13] = r->errors;
	p[14] = (uint8_t)r->tag;
	p[15] = (uint8_t)(r->tag >> 8);
	store_release(&p[STA_BYTE], status);
}

/* One buffer's share. */
static void buffer_fill(struct e1000 *s, const uint8_t *bytes, uint32_t n, bool last,
                        const struct result *r)
{
	uint32_t *head = e1000_reg(s, RDH);
	uint8_t *p = ring_entry(s, RDBAL, *head, true);
	uint64_t address;
	static const struct result none;

	*head = (*head + 1) % ring_entries(s, RDLEN);
	if (!p)
		return;
	memcpy(&address, p, sizeof(address));
	/* A buffer that is no RAM: the bytes are lost, as on a real bus. Address 0 is none on purpose (SDM 3.2.3). */
	if (address && dma_write(s->device->ports->dma, address, bytes, n)) {
		/* nobody to tell */
	}
	if (last)
		descriptor_write(p, n, r->status | STA_DD | STA_EOP, r);
	else
		descriptor_write(p, n, STA_DD, &none);
}

/* The buffers that are left reach the part of the ring that RCTL.RDMTS says: half, a quarter, an eighth. */
static uint32_t low_causes(struct e1000 *s, uint32_t before, uint32_t now)
{
	unsigned shift = (*e1000_reg(s, RCTL) >> 8 & 3) + 1;
	uint32_t threshold = ring_entries(s, RDLEN) >> shift;

	return before > threshold && now <= threshold ? INT_RXDMT0 : 0;
}

static void received(struct e1000 *s, uint32_t size, uint32_t causes)
{
	uint32_t delay = *e1000_reg(s, RDTR);

	if (size <= *e1000_reg(s, RSRPD))
		causes |= INT_SRPD;
	if (delay)
		e1000_delay_begin(s, &s->rx_delay, delay, *e1000_reg(s, RADV));
	else
		causes |= INT_RXT0;
	e1000_cause(s, causes);
}

/* The frame as memory will see it goes to rx_frame: no tag if that is wanted, padded. Its size, without a CRC. */
static uint32_t stage(struct e1000 *s, const uint8_t *frame, uint32_t size, struct result *r)
{
	uint8_t *to = s->rx_frame;

	if (*e1000_reg(s, CTRL) & CTRL_VME && size >= 18 && has_tag(s, frame)) {
		r->status |= STA_VP;
		r->tag = net_get16(frame + 14);
		memcpy(to, frame, 12);
		memcpy(to + 12, frame + 16, size - 16);
		size -= VLAN_TAG;
	} else {
		memcpy(to, frame, size);
	}
	if (size < MIN_SIZE) {
		memset(to + size, 0, MIN_SIZE - size);
		size = MIN_SIZE;
	}
	return size;
}

static bool store(struct e1000 *s, const uint8_t *frame, uint32_t size, struct result *r)
{
	uint32_t part = buffer_size(s), available = buffers_free(s), staged, need;

	staged = stage(s, frame, size, r);
	checksums(s, staged, r);
	if (!(*e1000_reg(s, RCTL) & RCTL_SECRC)) {
		uint32_t crc = ethernet_crc(s->rx_frame, staged);

		memcpy(s->rx_frame + staged, &crc, CRC_SIZE);
		staged += CRC_SIZE;
	}
	need = (staged + part - 1) / part;
	if (need > available)
		return false;
	for (uint32_t at = 0; at < staged; at += part)
		buffer_fill(s, s->rx_frame + at, MIN(part, staged - at), at + part >= staged, r);
	e1000_count_received(s, frame, MAX(size, (uint32_t)MIN_SIZE));
	received(s, staged, low_causes(s, available, available - need));
	return true;
}

/* Is anything listening? */
static bool is_on(struct e1000 *s)
{
	return *e1000_reg(s, RCTL) & RCTL_EN && pci_is_master(&s->function);
}

bool e1000_receive(struct e1000 *s, const uint8_t *frame, size_t size)
{
	struct result r = { 0 };

	if (!is_on(s) || size < 14 || size > FRAME_MAX || !passes(s, frame, size, &r))
		return true;
	/* With no ring at all nothing will ever take it. */
	if (!ring_entries(s, RDLEN)) {
		e1000_count(s, MPC, 1);
		return true;
	}
	if (store(s, frame, (uint32_t)size, &r))
		return true;
	e1000_count(s, RNBC, 1);
	e1000_cause(s, INT_RXO);
	return false;
}

void e1000_receive_ready(struct e1000 *s)
{
	if (!s->rx_refused || (is_on(s) && !buffers_free(s)))
		return;
	s->rx_refused = false;
	s->config.net->room(s->config.net);
}
