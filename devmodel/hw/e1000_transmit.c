/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's transmitter (SDM 3.3 to 3.5): descriptors become frames, with checksums, VLAN tags and segmentation. */
#include "atomic.h"
#include "e1000_state.h"
#include "net_checksum.h"
#include "string.h"

#define TCTL_EN  0x02
#define TCTL_PSP 0x08
#define MIN_SIZE 60 /* of a frame without its CRC */

/* Commands (byte 11 of each descriptor). In a context descriptor the first two are TUCMD's. */
#define CMD_EOP     0x01
#define CMD_IC      0x04 /* legacy: a checksum goes in */
#define CMD_TSE     0x04 /* the others: segmentation */
#define CMD_RS      0x08
#define CMD_RPS     0x10
#define CMD_DEXT    0x20
#define CMD_VLE     0x40
#define CMD_IDE     0x80
#define TU_TCP      0x01
#define TU_IP       0x02 /* version 4 */
#define POPTS_IP    0x01
#define POPTS_TCP   0x02
#define STA_DD      0x01
#define STA_BYTE    12
#define TCP_FIN_PSH 0x09

/* One call's share, in something like instructions: what a descriptor, a frame and a byte cost. */
#define WORK_SHARE      400000
#define WORK_DESCRIPTOR 500
#define WORK_FRAME      2000
#define WORK_BYTE       1

struct descriptor {
	uint64_t address; /* or a context */
	uint32_t length;
	uint8_t command;
	uint8_t type; /* of those with DEXT */
	uint8_t options, checksum_offset, checksum_start;
	uint16_t special;
};
#define TYPE_CONTEXT 0
#define TYPE_DATA    1

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void descriptor_decode(const uint8_t *p, struct descriptor *d)
{
	d->address = get16(p) | (uint64_t)get16(p + 2) << 16 | (uint64_t)get16(p + 4) << 32 |
	             (uint64_t)get16(p + 6) << 48;
	d->command = p[11];
	d->type = p[10] >> 4;
	d->length = get16(p + 8);
	if (d->command & CMD_DEXT)
		d->length |= (uint32_t)(p[10] & 0xf) << 16;
	d->checksum_offset = p[10];
	d->options = d->checksum_start = p[13];
	d->special = get16(p + 14);
}

static void context_load(struct e1000 *s, const uint8_t *p)
{
	struct e1000_context *c = p[11] & CMD_TSE ? &s->tx.tso_context : &s->tx.context;

	*c = (struct e1000_context){
		.ip = { p[0], p[1], get16(p + 2) },
		.tcp = { p[4], p[5], get16(p + 6) },
		.mss = get16(p + 14),
		.header_length = p[13],
		.command = p[11],
	};
}

/* ---- a frame is finished ---- */

static void checksum_insert(uint8_t *frame, uint32_t size, const struct e1000_checksum *c,
                            uint32_t add, bool is_udp)
{
	uint32_t end = c->end ? MIN(size, c->end + 1u) : size;
	uint16_t sum;

	if (c->start >= end || c->offset + 2u > size)
		return;
	sum = (uint16_t)~net_sum(frame + c->start, end - c->start, add);
	net_put16(frame + c->offset, sum || !is_udp ? sum : 0xffff);
}

/* The headers of one segment: lengths, the number of the IP datagram, TCP's sequence and flags (SDM 3.5.6). */
static void segment_headers(struct e1000_transmit *t, uint8_t *frame, bool last)
{
	const struct e1000_context *c = &t->active;
	uint8_t *ip = frame + c->ip.start, *tcp = frame + c->tcp.start;

	if (c->ip.start + 6u <= t->size && c->command & TU_IP) {
		net_put16(ip + 2, (uint16_t)(t->size - c->ip.start));
		net_put16(ip + 4, (uint16_t)(net_get16(ip + 4) + t->segments));
	} else if (c->ip.start + 40u <= t->size) {
		net_put16(ip + 4, (uint16_t)(t->size - c->ip.start - 40));
	}
	if (c->command & TU_TCP && c->tcp.start + 14u <= t->size) {
		net_put32(tcp + 4, net_get32(tcp + 4) + t->segments * c->mss);
		if (!last)
			tcp[13] &= ~TCP_FIN_PSH;
	} else if (!(c->command & TU_TCP) && c->tcp.start + 6u <= t->size) {
		net_put16(tcp + 4, (uint16_t)(t->size - c->tcp.start));
	}
}

/* For a segment the driver leaves the pseudo header's sum, without the length, where the checksum goes. */
static void checksums(struct e1000_transmit *t, uint8_t *frame)
{
	const struct e1000_context *c = &t->active;
	uint32_t add = t->tso && t->size > c->tcp.start ? t->size - c->tcp.start : 0;

	if (t->options & POPTS_TCP)
		checksum_insert(frame, t->size, &c->tcp, add, !(c->command & TU_TCP));
	if (t->options & POPTS_IP)
		checksum_insert(frame, t->size, &c->ip, 0, false);
}

static void frame_finish(struct e1000 *s, bool last)
{
	struct e1000_transmit *t = &s->tx;
	uint8_t *frame = t->frame + VLAN_TAG;

	if (t->tso)
		segment_headers(t, frame, last);
	checksums(t, frame);
	if (t->size < MIN_SIZE) /* what it may be padded with */
		memset(frame + t->size, 0, MIN_SIZE - t->size);
	if (t->tagged) {
		memmove(t->frame, frame, 12);
		net_put16(t->frame + 12, (uint16_t)*e1000_reg(s, VET));
		net_put16(t->frame + 14, t->tag);
	}
	t->ready = true;
}

/* ---- and sent ---- */

static bool loops(struct e1000 *s)
{
	return e1000_phy_loops(s) || (*e1000_reg(s, RCTL) & 0xc0) == 0xc0;
}

/* false: the network takes nothing now. What cannot go anywhere is lost. */
static bool frame_out(struct e1000 *s, const uint8_t *frame, uint32_t size)
{
	struct net_backend *net = s->config.net;

	if (loops(s)) {
		e1000_receive(s, frame, size);
	} else if (!e1000_link_is_up(s)) {
		return true;
	} else if (!net->send(net, frame, size)) {
		return false;
	}
	e1000_count_sent(s, frame, size);
	return true;
}

static bool frame_send(struct e1000 *s, bool last)
{
	struct e1000_transmit *t = &s->tx;
	uint8_t *frame = t->frame + VLAN_TAG;
	uint32_t size;

	if (t->bad)
		return true;
	if (!t->ready)
		frame_finish(s, last);
	size = t->size;
	/* Padding is no part of what was collected: with its next segment the frame is filled from there. */
	if (*e1000_reg(s, TCTL) & TCTL_PSP && size && size < MIN_SIZE)
		size = MIN_SIZE;
	if (t->tagged) {
		frame -= VLAN_TAG;
		size += VLAN_TAG;
	}
	if (size >= 14 && !frame_out(s, frame, size))
		return false;
	t->ready = false;
	return true;
}

/* ---- collecting ---- */

/* Where the frame ends that is being filled. */
static uint32_t fill_limit(const struct e1000_transmit *t)
{
	const struct e1000_context *c = &t->active;

	if (!t->tso)
		return FRAME_MAX;
	return t->have_header ? (uint32_t)c->header_length + c->mss : c->header_length;
}

/* The frame is full, and more comes. false: the network takes nothing now. */
static bool frame_full(struct e1000 *s, int *work)
{
	struct e1000_transmit *t = &s->tx;
	uint32_t header = t->active.header_length;

	if (!t->tso) {
		t->bad = true; /* too long */
		return true;
	}
	if (!t->have_header) {
		memcpy(t->header, t->frame + VLAN_TAG, header);
		t->have_header = true;
		return true;
	}
	if (!frame_send(s, false))
		return false;
	*work -= WORK_FRAME;
	t->segments++;
	memcpy(t->frame + VLAN_TAG, t->header, header);
	t->size = header;
	return true;
}

/* What is left of a data descriptor. false: not all could be done now. */
static bool collect(struct e1000 *s, const struct descriptor *d, int *work)
{
	struct e1000_transmit *t = &s->tx;

	while (t->offset < d->length && !t->bad) {
		uint32_t n = MIN(d->length - t->offset, fill_limit(t) - t->size);

		if (*work <= 0)
			return false;
		n = MIN(n, (uint32_t)*work);
		if (!n) {
			if (!frame_full(s, work))
				return false;
			continue;
		}
		if (dma_read(s->device->ports->dma, d->address + t->offset,
		             t->frame + VLAN_TAG + t->size, n))
			t->bad = true;
		t->size += n;
		t->offset += n;
		*work -= (int)n * WORK_BYTE;
	}
	return true;
}

static void packet_begin(struct e1000 *s, const struct descriptor *d)
{
	struct e1000_transmit *t = &s->tx;
	const struct e1000_context *c = &t->active;
	bool is_data = d->command & CMD_DEXT;

	t->started = true;
	t->size = t->segments = 0;
	t->have_header = t->tagged = t->ready = false;
	t->options = is_data ? d->options & (POPTS_IP | POPTS_TCP) : 0;
	t->tso = is_data && d->command & CMD_TSE;
	t->active = t->tso ? t->tso_context : t->context;
	t->bad = t->tso && (!c->mss || c->header_length + c->mss > FRAME_MAX);
}

static bool packet_end(struct e1000 *s, const struct descriptor *d)
{
	struct e1000_transmit *t = &s->tx;
	struct e1000_checksum legacy = { d->checksum_start, d->checksum_offset, 0 };

	if (!(d->command & CMD_DEXT) && d->command & CMD_IC && !t->ready && !t->bad)
		checksum_insert(t->frame + VLAN_TAG, t->size, &legacy, 0, false);
	if (!frame_send(s, true))
		return false;
	if (t->tso && !t->bad)
		e1000_count(s, TSCTC, 1);
	t->started = false;
	return true;
}

/* ---- descriptors ---- */

static void descriptor_done(struct e1000 *s, uint8_t *p, uint8_t command)
{
	uint32_t *head = e1000_reg(s, TDH);

	s->tx.offset = 0;
	*head = (*head + 1) % ring_entries(s, TDLEN);
	if (!(command & (CMD_RS | CMD_RPS)))
		return;
	store_release(&p[STA_BYTE], (uint8_t)(p[STA_BYTE] | STA_DD));
	if (command & CMD_IDE && *e1000_reg(s, TIDV))
		e1000_delay_begin(s, &s->tx_delay, *e1000_reg(s, TIDV), *e1000_reg(s, TADV));
	else
		*e1000_reg(s, ICR) |= INT_TXDW;
}

/* The one at TDH. false: it could not be finished now. */
static bool descriptor_run(struct e1000 *s, int *work)
{
	uint8_t *p = ring_entry(s, TDBAL, *e1000_reg(s, TDH), true), copy[RING_ENTRY];
	struct descriptor d;

	*work -= WORK_DESCRIPTOR;
	if (!p) { /* no RAM: as if all were zero */
		*e1000_reg(s, TDH) = (*e1000_reg(s, TDH) + 1) % ring_entries(s, TDLEN);
		return true;
	}
	memcpy(copy, p, sizeof(copy));
	barrier_compiler();
	descriptor_decode(copy, &d);
	if (d.command & CMD_DEXT && d.type == TYPE_CONTEXT) {
		context_load(s, copy);
		descriptor_done(s, p, d.command);
		return true;
	}
	if (!s->tx.started)
		packet_begin(s, &d);
	if (d.command & CMD_VLE && *e1000_reg(s, CTRL) & CTRL_VME && !s->tx.ready) {
		s->tx.tagged = true;
		s->tx.tag = d.special;
	}
	if (!collect(s, &d, work))
		return false;
	if (d.command & CMD_EOP) {
		if (!packet_end(s, &d))
			return false;
		*work -= WORK_FRAME;
	}
	descriptor_done(s, p, d.command);
	return true;
}

static bool may_run(struct e1000 *s)
{
	uint32_t entries = ring_entries(s, TDLEN);

	return *e1000_reg(s, TCTL) & TCTL_EN && pci_is_master(&s->function) &&
	       *e1000_reg(s, TDH) < entries && *e1000_reg(s, TDT) < entries &&
	       *e1000_reg(s, TDH) != *e1000_reg(s, TDT);
}

/* TXD_LOW: fewer descriptors are left than TXDCTL says, in eights. */
static bool is_low(struct e1000 *s)
{
	uint32_t entries = ring_entries(s, TDLEN);
	uint32_t left = (*e1000_reg(s, TDT) + entries - *e1000_reg(s, TDH)) % entries;

	uint32_t threshold = (*e1000_reg(s, TXDCTL) >> 25) * 8;

	return threshold && left == threshold;
}

void e1000_transmit_run(struct e1000 *s)
{
	struct device_clock *c = s->device->ports->clock;
	int work = WORK_SHARE;
	bool ran = false;

	if (s->tx_running)
		return;
	s->tx_running = true;
	while (may_run(s) && work > 0) {
		if (!descriptor_run(s, &work))
			break;
		ran = true;
		if (is_low(s))
			*e1000_reg(s, ICR) |= INT_TXD_LOW;
	}
	s->tx_running = false;
	if (work <= 0 && may_run(s))
		c->arm(c, &s->more, c->now_ns(c));
	else if (ran && *e1000_reg(s, TDH) == *e1000_reg(s, TDT))
		*e1000_reg(s, ICR) |= INT_TXQE;
	e1000_interrupt_update(s);
}

static void more_elapsed(struct device_timer *t)
{
	e1000_transmit_run(container_of(t, struct e1000, more));
}

void e1000_transmit_init(struct e1000 *s)
{
	s->more.fn = more_elapsed;
}

void e1000_transmit_reset(struct e1000 *s)
{
	s->device->ports->clock->cancel(s->device->ports->clock, &s->more);
	memset(&s->tx, 0, offsetof(struct e1000_transmit, header));
}

bool e1000_transmit_is_possible(const struct e1000 *s)
{
	const struct e1000_transmit *t = &s->tx;
	const struct e1000_context *c = &t->active;

	if (t->size > FRAME_MAX)
		return false;
	if (!t->started || !t->tso || t->bad)
		return true;
	return c->mss && c->header_length + c->mss <= FRAME_MAX && t->size <= fill_limit(t);
}
