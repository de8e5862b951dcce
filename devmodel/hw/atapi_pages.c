// SPDX-License-Identifier: GPL-2.0-or-later
/* The mode pages of a CD drive: error recovery, audio control, capabilities. MMC-5 7, SFF-8020i 10.8.6. */
#include "atapi.h"

#include "string.h"

#define HEADER      8u
#define SPEED       8467u /* 48 times 176.4 KB/s */
#define BUFFER_KIB  512u
#define ALL_PAGES   0x3f
#define MEDIUM_DATA 0x01
#define MEDIUM_NONE 0x70
#define MEDIUM_OPEN 0x71

enum { CURRENT, CHANGEABLE, DEFAULT, SAVED };

static const uint8_t recovery_default[8] = { 0x01, 0x06, 0x00, 0x05 };

void cd_pages_reset(struct ide_drive *d)
{
	memcpy(d->cd.recovery, recovery_default, sizeof(recovery_default));
}

/* The host may set how hard the drive tries. */
static uint32_t recovery(const struct ide_drive *d, unsigned control, uint8_t *p)
{
	static const uint8_t mask[8] = { 0x01, 0x06, 0xff, 0xff };

	memcpy(p,
	       control == CURRENT      ? d->cd.recovery
	       : control == CHANGEABLE ? mask
	                               : recovery_default,
	       8);
	return 8;
}

/* Two ports, left and right, full volume. */
static uint32_t audio(const struct ide_drive *d, unsigned control, uint8_t *p)
{
	static const uint8_t page[16] = { 0x0e, 14, 0x04, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff };

	memcpy(p, page, control == CHANGEABLE ? 2 : sizeof(page));
	return sizeof(page);
}

/* It reads CD-R, CD-RW and DVD-ROM; the tray ejects and locks. */
static uint32_t capabilities(const struct ide_drive *d, unsigned control, uint8_t *p)
{
	static const uint8_t page[7] = { 0x2a, 18, 0x0b, 0, 0x70, 0, 0x29 };

	memcpy(p, page, control == CHANGEABLE ? 2 : sizeof(page));
	if (control == CHANGEABLE)
		return 20;
	p[6] |= d->cd.locked ? 2 : 0;
	be16_put(p + 8, SPEED);
	be16_put(p + 10, 2); /* volume levels */
	be16_put(p + 12, BUFFER_KIB);
	be16_put(p + 14, SPEED);
	return 20;
}

static const struct {
	uint8_t code;
	uint32_t (*fill)(const struct ide_drive *d, unsigned control, uint8_t *p);
} pages[] = {
	{ 0x01, recovery },
	{ 0x0e, audio },
	{ 0x2a, capabilities },
};

void cd_mode_sense(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	unsigned code = packet[2] & 0x3f, control = packet[2] >> 6;
	uint8_t *p = memset(d->channel->buffer, 0, 64);
	uint32_t n = HEADER;

	if (control == SAVED) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_NOT_SAVED);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(pages); i++)
		if (code == ALL_PAGES || code == pages[i].code)
			n += pages[i].fill(d, control, p + n);
	if (n == HEADER) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	be16_put(p, n - 2);
	p[2] = d->cd.medium ? MEDIUM_DATA : d->cd.tray_open ? MEDIUM_OPEN : MEDIUM_NONE;
	atapi_reply(d, n, be16_get(packet + 7));
}

/* n bytes in the buffer: a header, and pages of which only error recovery can be changed. */
void cd_mode_selected(struct ide_drive *d, uint32_t n)
{
	const uint8_t *p = d->channel->buffer + HEADER, *end = d->channel->buffer + n;

	if (be16_get(d->channel->buffer + 6)) { /* no block descriptors */
		atapi_fail(d, SENSE_ILLEGAL, ASC_PARAMETER);
		return;
	}
	while (p < end) {
		if (end - p < 8 || (p[0] & 0x3f) != 0x01 || p[1] != 6) {
			atapi_fail(d, SENSE_ILLEGAL, ASC_PARAMETER);
			return;
		}
		memcpy(d->cd.recovery + 2, p + 2, 2);
		p += 8;
	}
	atapi_done(d);
}
