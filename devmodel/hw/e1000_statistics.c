/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 82540EM's statistics (SDM 13.7): counters that are cleared by reading and stay at their largest value. */
#include "e1000_state.h"

void e1000_count(struct e1000 *s, unsigned offset, uint32_t n)
{
	uint32_t *counter = e1000_reg(s, offset);

	*counter = *counter + n < n ? ~0u : *counter + n;
}

static void count_bytes(struct e1000 *s, unsigned offset, uint32_t n)
{
	uint32_t *low = e1000_reg(s, offset);

	*low += n;
	if (*low < n)
		e1000_count(s, offset + 4, 1);
}

/* Its size with the CRC: 64, to 127, 255, 511, 1023, and above. */
static unsigned size_class(uint32_t size)
{
	unsigned n = 0;

	for (uint32_t limit = 64; n < 5 && size + CRC_SIZE > limit; n++)
		limit = limit * 2 - (n == 0);
	return n;
}

static bool is_broadcast(const uint8_t *frame)
{
	uint8_t all = 0xff;

	for (unsigned i = 0; i < 6; i++)
		all &= frame[i];
	return all == 0xff;
}

void e1000_count_sent(struct e1000 *s, const uint8_t *frame, uint32_t size)
{
	e1000_count(s, TPT, 1);
	e1000_count(s, GPTC, 1);
	count_bytes(s, GOTC, size + CRC_SIZE);
	count_bytes(s, TOT, size + CRC_SIZE);
	e1000_count(s, PTC64 + 4 * size_class(size), 1);
	if (is_broadcast(frame))
		e1000_count(s, BPTC, 1);
	else if (frame[0] & 1)
		e1000_count(s, MPTC, 1);
}

void e1000_count_received(struct e1000 *s, const uint8_t *frame, uint32_t size)
{
	e1000_count(s, TPR, 1);
	e1000_count(s, GPRC, 1);
	count_bytes(s, GORC, size + CRC_SIZE);
	count_bytes(s, TOR, size + CRC_SIZE);
	e1000_count(s, PRC64 + 4 * size_class(size), 1);
	if (is_broadcast(frame))
		e1000_count(s, BPRC, 1);
	else if (frame[0] & 1)
		e1000_count(s, MPRC, 1);
}

uint32_t e1000_statistics_read(struct e1000 *s, unsigned offset)
{
	uint32_t value = *e1000_reg(s, offset);

	switch (offset) {
	case GORC:
	case GOTC:
	case TOR:
	case TOT: return value; /* the lower half goes with the upper one */
	case GORC + 4:
	case GOTC + 4:
	case TOR + 4:
	case TOT + 4: *e1000_reg(s, offset - 4) = 0; break;
	}
	*e1000_reg(s, offset) = 0;
	return value;
}
