// SPDX-License-Identifier: GPL-2.0-or-later
/* The commands of a CD or DVD drive. MMC-5 6, SPC-3 6. */
#include "atapi.h"

#include "string.h"

#define MODE_SELECT_MAX 256u

static uint8_t *fresh(struct ide_drive *d, uint32_t n)
{
	return memset(d->channel->buffer, 0, n);
}

/* ---- what it is, and how it is ---- */

static void test_unit_ready(struct ide_drive *d)
{
	atapi_done(d);
}

/* Also a unit attention that nobody has heard of. */
static void request_sense(struct ide_drive *d)
{
	uint8_t *p = fresh(d, 18);

	if (!d->cd.sense_key && d->cd.attention) {
		d->cd.attention = false;
		d->cd.sense_key = SENSE_ATTENTION;
		d->cd.asc = d->cd.attention_asc;
	}
	p[0] = 0x70;
	p[2] = d->cd.sense_key;
	p[7] = 10;
	p[12] = d->cd.asc;
	p[13] = d->cd.ascq;
	d->cd.sense_key = d->cd.asc = d->cd.ascq = 0;
	atapi_reply(d, 18, d->cd.packet[4]);
}

static void inquiry(struct ide_drive *d)
{
	static const uint8_t head[8] = { 0x05, 0x80, 0x00, 0x21, 31 };
	uint8_t *p = fresh(d, 36);

	if (d->cd.packet[1] & 1) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	memcpy(p, head, sizeof(head));
	memcpy(p + 8, "ZAZEN   ", 8);
	memcpy(p + 16, d->model, 16);
	memcpy(p + 32, d->firmware, 4);
	atapi_reply(d, 36, be16_get(d->cd.packet + 3));
}

static void event_status(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	bool media = packet[4] & 0x10;
	uint8_t *p = fresh(d, 8);

	if (!(packet[1] & 1)) { /* one that waits for an event would be a queued one */
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	be16_put(p, media ? 6 : 2);
	p[2] = media ? 4 : 0x80;
	p[3] = 0x10;
	if (media) {
		p[4] = d->cd.event;
		p[5] = (uint8_t)((d->cd.tray_open ? 1 : 0) | (d->cd.medium ? 2 : 0));
		d->cd.event = CD_EVENT_NONE;
	}
	atapi_reply(d, media ? 8 : 4, be16_get(packet + 7));
}

static void mechanism_status(struct ide_drive *d)
{
	uint8_t *p = fresh(d, 8);

	p[1] = d->cd.tray_open ? 0x10 : 0;
	p[5] = 1; /* slots */
	atapi_reply(d, 8, be16_get(d->cd.packet + 8));
}

/* ---- the tray ---- */

static void prevent_removal(struct ide_drive *d)
{
	d->cd.locked = d->cd.packet[4] & 1;
	if (d->backend->lock)
		d->backend->lock(d->backend, d->cd.locked);
	atapi_done(d);
}

static void start_stop(struct ide_drive *d)
{
	uint8_t what = d->cd.packet[4];

	if ((what & 0xf0) || !(what & 2)) { /* power, or the motor only */
		atapi_done(d);
		return;
	}
	if (!(what & 1) && d->cd.locked) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_REMOVAL_PREVENTED);
		return;
	}
	cd_tray(d, !(what & 1));
	atapi_done(d);
}

/* ---- reading ---- */

static void read_capacity(struct ide_drive *d)
{
	uint8_t *p = fresh(d, 8);

	be32_put(p, cd_blocks(d) - 1);
	be32_put(p + 4, CD_BLOCK);
	atapi_reply(d, 8, 8);
}

static void read_10(struct ide_drive *d)
{
	atapi_read(d, be32_get(d->cd.packet + 2), be16_get(d->cd.packet + 7));
}

static void read_12(struct ide_drive *d)
{
	atapi_read(d, be32_get(d->cd.packet + 2), be32_get(d->cd.packet + 6));
}

/* Blocks of user data; there is nothing else in an image. */
static void read_user_data(struct ide_drive *d, uint32_t lba, uint32_t blocks)
{
	const uint8_t *p = d->cd.packet;
	unsigned type = p[1] >> 2 & 7;

	if (p[10] & 7)
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
	else if (type != 0 && type != 2 && type != 4)
		atapi_fail(d, SENSE_ILLEGAL, ASC_WRONG_TRACK_MODE);
	else if (!(p[9] & 0xf8))
		atapi_done(d);
	else if ((p[9] & 0xfe) != 0x10)
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
	else
		atapi_read(d, lba, blocks);
}

static void read_cd(struct ide_drive *d)
{
	const uint8_t *p = d->cd.packet;

	read_user_data(d, be32_get(p + 2), be32_get(p + 5) & 0xffffff);
}

/* From a minute, second and frame up to another. */
static void read_cd_msf(struct ide_drive *d)
{
	uint32_t from, to;

	if (!cd_msf_get(d->cd.packet + 3, &from) || !cd_msf_get(d->cd.packet + 6, &to) || to < from)
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
	else
		read_user_data(d, from, to - from);
}

static void seek(struct ide_drive *d)
{
	if (be32_get(d->cd.packet + 2) >= cd_blocks(d))
		atapi_fail(d, SENSE_ILLEGAL, ASC_OUT_OF_RANGE);
	else
		atapi_done(d);
}

static void mode_select(struct ide_drive *d)
{
	uint32_t n = be16_get(d->cd.packet + 7);

	if (!(d->cd.packet[1] & 0x10) || (d->cd.packet[1] & 1))
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
	else if (!n)
		atapi_done(d);
	else if (n > MODE_SELECT_MAX || n < 8)
		atapi_fail(d, SENSE_ILLEGAL, ASC_LIST_LENGTH);
	else
		atapi_take(d, n);
}

/* Only MODE SELECT takes data. */
void atapi_received(struct ide_drive *d, uint32_t n)
{
	cd_mode_selected(d, n);
}

/* ---- the table ---- */

enum { ALWAYS = 1 /* even when a unit attention waits */, DISC = 2 /* needs one */ };

static const struct {
	uint8_t code, flags;
	void (*run)(struct ide_drive *d);
} commands[] = {
	{ 0x00, DISC, test_unit_ready },
	{ 0x03, ALWAYS, request_sense },
	{ 0x12, ALWAYS, inquiry },
	{ 0x1b, 0, start_stop },
	{ 0x1e, 0, prevent_removal },
	{ 0x25, DISC, read_capacity },
	{ 0x28, DISC, read_10 },
	{ 0x2b, DISC, seek },
	{ 0x42, DISC, cd_read_subchannel },
	{ 0x43, DISC, cd_read_toc },
	{ 0x44, DISC, cd_read_header },
	{ 0x45, DISC, cd_play },
	{ 0x46, ALWAYS, cd_configuration },
	{ 0x47, DISC, cd_play },
	{ 0x4a, ALWAYS, event_status },
	{ 0x4b, DISC, cd_pause },
	{ 0x4e, DISC, test_unit_ready }, /* STOP PLAY */
	{ 0x51, DISC, cd_disc_information },
	{ 0x52, DISC, cd_track_information },
	{ 0x55, 0, mode_select },
	{ 0x5a, 0, cd_mode_sense },
	{ 0xa5, DISC, cd_play },
	{ 0xa8, DISC, read_12 },
	{ 0xad, DISC, cd_dvd_structure },
	{ 0xb9, DISC, read_cd_msf },
	{ 0xbb, 0, test_unit_ready }, /* SET CD SPEED: as fast as it can */
	{ 0xbd, 0, mechanism_status },
	{ 0xbe, DISC, read_cd },
};

static void run(struct ide_drive *d, unsigned i)
{
	struct atapi_state *cd = &d->cd;

	if (!(commands[i].flags & ALWAYS) && cd->attention) {
		cd->attention = false;
		atapi_fail(d, SENSE_ATTENTION, (uint16_t)(cd->attention_asc << 8));
	} else if ((commands[i].flags & DISC) && !cd->medium) {
		atapi_fail(d, SENSE_NOT_READY, cd->tray_open ? ASC_TRAY_OPEN : ASC_NO_MEDIUM);
	} else {
		commands[i].run(d);
	}
}

void atapi_execute(struct ide_drive *d)
{
	uint8_t code = d->cd.packet[0];

	if (code != 0x03)
		d->cd.sense_key = d->cd.asc = d->cd.ascq = 0;
	for (unsigned i = 0; i < ARRAY_LEN(commands); i++)
		if (commands[i].code == code) {
			run(d, i);
			return;
		}
	atapi_fail(d, SENSE_ILLEGAL, ASC_OPCODE);
}
