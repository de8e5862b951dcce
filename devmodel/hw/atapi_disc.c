// SPDX-License-Identifier: GPL-2.0-or-later
/* What lies in the drive: its size and kind, contents and structures, how it comes and goes. MMC-5 6.6, 6.22, 6.25, 6.26. */
#include "atapi.h"

#include "string.h"

#define LEAD_IN_FRAMES 150u /* two seconds before block 0 */
#define FRAMES_MAX     (100u * 60 * 75 - 1)
#define LEAD_OUT       0xaa
#define DATA_TRACK     0x14

uint32_t cd_blocks(const struct ide_drive *d)
{
	uint64_t blocks = (d->backend->sectors + CD_SECTORS - 1) / CD_SECTORS;

	return (uint32_t)MIN(blocks, 0xffffffffull);
}

bool cd_is_dvd(const struct ide_drive *d)
{
	return d->backend->sectors > CD_SIZE_MAX;
}

/* ---- coming and going ---- */

static void disc_is(struct ide_drive *d, bool there)
{
	struct atapi_state *cd = &d->cd;

	if (!there && !cd->medium)
		return;
	cd->medium = there;
	cd->event = there ? CD_EVENT_NEW_MEDIUM : CD_EVENT_REMOVED;
	if (there) {
		cd->attention = true;
		cd->attention_asc = ASC_MEDIUM_CHANGED >> 8;
	}
}

void cd_tray(struct ide_drive *d, bool open)
{
	if (d->cd.tray_open == open)
		return;
	d->cd.tray_open = open;
	disc_is(d, !open && d->backend->sectors);
	if (open && d->backend->eject)
		d->backend->eject(d->backend);
}

/* Somebody put a disc in (and so closed the tray), or took it away. */
static void changed(struct block_backend *b)
{
	struct ide_drive *d = b->client;

	if (b->sectors)
		d->cd.tray_open = false;
	disc_is(d, b->sectors && !d->cd.tray_open);
}

/* The button on the front: a locked drive asks the guest, which lets it go or does not. */
static void eject_wanted(struct block_backend *b)
{
	struct ide_drive *d = b->client;

	if (d->cd.locked)
		d->cd.event = CD_EVENT_EJECT_REQUEST;
	else
		cd_tray(d, true);
}

void atapi_attach(struct ide_drive *d)
{
	d->backend->client = d;
	d->backend->changed = changed;
	d->backend->eject_wanted = eject_wanted;
}

/* ---- the table of contents: one data track ---- */

void cd_msf_put(uint8_t *p, uint32_t lba, uint32_t lead)
{
	uint32_t frames = lba > FRAMES_MAX - lead ? FRAMES_MAX : lba + lead;

	p[0] = (uint8_t)(frames / 75 / 60);
	p[1] = (uint8_t)(frames / 75 % 60);
	p[2] = (uint8_t)(frames % 75);
}

bool cd_msf_get(const uint8_t *p, uint32_t *lba)
{
	uint32_t frames = (p[0] * 60u + p[1]) * 75 + p[2];

	*lba = frames - LEAD_IN_FRAMES;
	return p[1] < 60 && p[2] < 75 && frames >= LEAD_IN_FRAMES;
}

static void msf_put(uint8_t *p, uint32_t lba)
{
	cd_msf_put(p, lba, LEAD_IN_FRAMES);
}

void cd_address_put(uint8_t *p, uint32_t lba, bool msf)
{
	if (msf)
		msf_put(p + 1, lba);
	else
		be32_put(p, lba);
}

static uint8_t *track_put(uint8_t *p, uint8_t track, uint32_t lba, bool msf)
{
	p[1] = DATA_TRACK;
	p[2] = track;
	cd_address_put(p + 4, lba, msf);
	return p + 8;
}

/* Format 0: the tracks from a number on. */
static uint8_t *toc_tracks(struct ide_drive *d, uint8_t *p, bool msf)
{
	uint8_t first = d->cd.packet[6];

	if (first > 1 && first != LEAD_OUT)
		return NULL;
	if (first <= 1)
		p = track_put(p, 1, 0, msf);
	return track_put(p, LEAD_OUT, cd_blocks(d), msf);
}

/* Format 1: the last session's first track. */
static uint8_t *toc_sessions(struct ide_drive *d, uint8_t *p, bool msf)
{
	return track_put(p, 1, 0, msf);
}

/* Format 2: as it stands in the lead-in. */
static uint8_t *toc_raw(struct ide_drive *d, uint8_t *p, bool msf)
{
	static const uint8_t points[] = { 0xa0, 0xa1, 0xa2, 1 };

	if (d->cd.packet[6] > 1)
		return NULL;
	for (unsigned i = 0; i < ARRAY_LEN(points); i++, p += 11) {
		p[0] = 1;
		p[1] = DATA_TRACK;
		p[3] = points[i];
		if (points[i] < 0xa2)
			p[8] = 1; /* the number of the first or the last track, or: block 0 */
		if (points[i] == 0xa2)
			msf_put(p + 8, cd_blocks(d));
		if (points[i] == 1)
			msf_put(p + 8, 0);
	}
	return p;
}

void cd_read_toc(struct ide_drive *d)
{
	static uint8_t *(*const formats[])(struct ide_drive *, uint8_t *,
	                                   bool) = { toc_tracks, toc_sessions, toc_raw };
	const uint8_t *packet = d->cd.packet;
	uint8_t *p = memset(d->channel->buffer, 0, 64), *end = NULL;
	unsigned format = packet[2] & 15;

	if (!format)
		format = packet[9] >> 6; /* SFF-8020i's place for it */
	if (format < ARRAY_LEN(formats))
		end = formats[format](d, p + 4, packet[1] & 2);
	if (!end) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	be16_put(p, (uint32_t)(end - p) - 2);
	p[2] = p[3] = 1;
	atapi_reply(d, (uint32_t)(end - p), be16_get(packet + 7));
}

/* ---- structures ---- */

void cd_disc_information(struct ide_drive *d)
{
	static const uint8_t info[34] = { 0, 32, 0x0e, 1, 1, 1, 1, 0x20 };

	if (d->cd.packet[1] & 7) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	memcpy(d->channel->buffer, info, sizeof(info));
	atapi_reply(d, sizeof(info), be16_get(d->cd.packet + 7));
}

/* Format 0: one layer of a DVD-ROM, and where its data lie. */
static uint32_t dvd_physical(struct ide_drive *d, uint8_t *p)
{
	p[0] = 0x01;
	p[1] = 0x0f;
	p[2] = 0x01;
	be32_put(p + 4, 0x30000);
	be32_put(p + 8, 0x30000 + cd_blocks(d) - 1);
	return 2048;
}

static uint32_t dvd_copyright(struct ide_drive *d, uint8_t *p)
{
	return 4; /* no protection, all regions */
}

static uint32_t dvd_manufacturer(struct ide_drive *d, uint8_t *p)
{
	return 2048;
}

/* Format 0xff: which formats there are, and how long they are. */
static uint32_t dvd_list(struct ide_drive *d, uint8_t *p)
{
	static const uint8_t list[] = { 0, 0x40, 0x08, 0x04, 1,    0x40, 0x00, 0x08,
		                        4, 0x40, 0x08, 0x04, 0xff, 0x40, 0x00, 0x14 };

	memcpy(p, list, sizeof(list));
	return sizeof(list);
}

static const struct {
	uint8_t format;
	uint32_t (*fill)(struct ide_drive *d, uint8_t *p);
} structures[] = {
	{ 0x00, dvd_physical },
	{ 0x01, dvd_copyright },
	{ 0x04, dvd_manufacturer },
	{ 0xff, dvd_list },
};

void cd_dvd_structure(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	uint8_t *p = memset(d->channel->buffer, 0, 4 + 2048);

	if ((packet[1] & 15) || (!cd_is_dvd(d) && packet[7] != 0xff)) {
		atapi_fail(d, SENSE_ILLEGAL, packet[1] & 15 ? ASC_FIELD : ASC_INCOMPATIBLE);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(structures); i++)
		if (structures[i].format == packet[7] && !packet[6]) {
			uint32_t n = structures[i].fill(d, p + 4);

			be16_put(p, n + 2);
			atapi_reply(d, n + 4, be16_get(packet + 8));
			return;
		}
	atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
}

/* ---- GET CONFIGURATION ---- */

#define PROFILE_CD  0x0008u
#define PROFILE_DVD 0x0010u

static uint32_t profile(const struct ide_drive *d)
{
	if (!d->cd.medium)
		return 0;
	return cd_is_dvd(d) ? PROFILE_DVD : PROFILE_CD;
}

/* Number, version and persistence, length, bytes. Bit 0 of the third byte is set when the feature is current. */
static const struct feature {
	uint16_t number;
	uint8_t version, length;
	uint8_t bytes[8];
	bool any, cd, dvd; /* current always, with a CD, with a DVD */
} features[] = {
	{ 0x0000, 0x02, 8, { 0x00, 0x10, 0, 0, 0x00, 0x08, 0, 0 }, .any = true },
	{ 0x0001, 0x0a, 8, { 0, 0, 0, 2, 1 }, .any = true }, /* core: ATAPI */
	{ 0x0003, 0x02, 4, { 0x29 }, .any = true },          /* removable: tray, eject, lock */
	{ 0x0010, 0x00, 8, { 0, 0, 8, 0, 0, 1, 0 }, .cd = true, .dvd = true },
	{ 0x001e, 0x08, 4, { 0 }, .cd = true },
	{ 0x001f, 0x00, 0, { 0 }, .dvd = true },
};

static uint8_t *feature_put(const struct ide_drive *d, const struct feature *f, bool current,
                            uint8_t *p)
{
	be16_put(p, f->number);
	p[2] = f->version | (current ? 1 : 0);
	p[3] = f->length;
	memcpy(p + 4, f->bytes, f->length);
	if (!f->number) { /* which of the profiles is the current one */
		p[6] = profile(d) == PROFILE_DVD;
		p[10] = profile(d) == PROFILE_CD;
	}
	return p + 4 + f->length;
}

void cd_configuration(struct ide_drive *d)
{
	const uint8_t *packet = d->cd.packet;
	unsigned which = packet[1] & 3, first = be16_get(packet + 2);
	uint8_t *start = memset(d->channel->buffer, 0, 128), *p = start + 8;

	if (which == 3) {
		atapi_fail(d, SENSE_ILLEGAL, ASC_FIELD);
		return;
	}
	for (unsigned i = 0; i < ARRAY_LEN(features); i++) {
		const struct feature *f = &features[i];
		uint32_t now = profile(d);
		bool current =
			f->any || (f->cd && now == PROFILE_CD) || (f->dvd && now == PROFILE_DVD);

		if (which == 2 ? f->number == first : f->number >= first && (which == 0 || current))
			p = feature_put(d, f, current, p);
	}
	be32_put(start, (uint32_t)(p - start) - 4);
	be16_put(start + 6, profile(d));
	atapi_reply(d, (uint32_t)(p - start), be16_get(packet + 7));
}
