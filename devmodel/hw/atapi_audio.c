// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What players of audio discs and their drivers ask, of a drive in which lies one data track: where it is, what kind of track that is; and that it does not play. MMC-5 6.20, 6.24, 6.27; SFF-8020i
 * 10.8.7 to 10.8.18.
 */
#include "atapi.h"

#include "string.h"

#define AUDIO_NONE   0x15 /* no status to return */
#define TRACK        1
#define CONTROL      0x14 /* a data track; its Q channel tells of the position */
#define TRACK_MODE   0x04 /* data, recorded in one piece */
#define DATA_MODE_1  0x01
#define WHOLE        0xff
#define SUB_POSITION 1
#define SUB_CATALOG  2
#define SUB_ISRC     3

static uint8_t *fresh(struct ide_drive *d, uint32_t n)
{
	return memset(d->channel->buffer, 0, n);
}

/* The head is at rest at the disc's start. Neither the disc nor its track has a number of its own. */
void cd_read_subchannel(struct ide_drive *d)
{
	static const uint8_t lengths[] = { 0, 12, 20, 20 };
	const uint8_t *packet = d->cd.packet;
	unsigned format = packet[3], n = 0;
	uint8_t *p = fresh(d, 4 + 20);

	if (packet[2] & 0x40) {
		if (format < SUB_POSITION || format > SUB_ISRC ||
		    (format == SUB_ISRC && packet[6] != TRACK)) {
			atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
			return;
		}
		n = lengths[format];
		p[4] = (uint8_t)format;
	}
	p[1] = AUDIO_NONE;
	be16_put(p + 2, n);
	if (n && format != SUB_CATALOG) {
		p[5] = CONTROL;
		p[6] = TRACK;
	}
	if (n && format == SUB_POSITION) {
		p[7] = 1;
		cd_address_put(p + 8, 0, packet[1] & 2);
		if (packet[1] & 2)
			cd_msf_put(p + 13, 0, 0);
	}
	atapi_reply(d, 4 + n, be16_get(packet + 7));
}

/* The address in the header of a block. */
void cd_read_header(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	uint32_t lba = be32_get(packet + 2);
	uint8_t *p = fresh(d, 8);

	if (lba >= cd_blocks(d)) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_OUT_OF_RANGE);
		return;
	}
	p[0] = DATA_MODE_1;
	cd_address_put(p + 4, lba, packet[1] & 2);
	atapi_reply(d, 8, be16_get(packet + 7));
}

/* By an address, a track or a session: there is one of each. */
void cd_track_information(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	unsigned by = packet[1] & 3;
	uint32_t which = be32_get(packet + 2);
	uint8_t *p = fresh(d, 36);

	if (by == 3 || (by ? which != TRACK && which != WHOLE : which >= cd_blocks(d))) {
		atapi_fail(d, SENSE_ILLEGAL, by ? ASC_FIELD : ASC_OUT_OF_RANGE);
		return;
	}
	be16_put(p, 34);
	p[2] = p[3] = 1;
	p[5] = TRACK_MODE;
	p[6] = DATA_MODE_1;
	be32_put(p + 24, cd_blocks(d));
	atapi_reply(d, 36, be16_get(packet + 7));
}

void cd_play(struct ide_drive *d)
{
	atapi_fail(d, SENSE_ILLEGAL, ASC_WRONG_TRACK_MODE);
}

/* Nothing plays that could pause or go on. */
void cd_pause(struct ide_drive *d)
{
	atapi_fail(d, SENSE_ILLEGAL, ASC_SEQUENCE);
}
