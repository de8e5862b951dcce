/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CD or DVD drive that speaks packets: what its files share. atapi.c carries packets and data (ATA8-ACS 7.20), atapi_commands.c knows the commands (MMC-5, SPC-3),
 * atapi_disc.c what lies in the drive, atapi_pages.c the mode pages, atapi_audio.c what players of audio discs ask.
 */
#ifndef HW_ATAPI_H
#define HW_ATAPI_H

#include "ide_state.h"

#define CD_BLOCK     2048u
#define CD_SECTORS   4u       /* of the backend in a block */
#define CD_SIZE_MAX  1440000u /* sectors of 80 minutes: what is longer is a DVD */
#define PACKET_BYTES 12u

enum {
	SENSE_NONE = 0,
	SENSE_NOT_READY = 2,
	SENSE_MEDIUM = 3,
	SENSE_ILLEGAL = 5,
	SENSE_ATTENTION = 6
};
#define ASC_READ_ERROR        0x1100
#define ASC_LIST_LENGTH       0x1a00
#define ASC_OPCODE            0x2000
#define ASC_OUT_OF_RANGE      0x2100
#define ASC_FIELD             0x2400
#define ASC_PARAMETER         0x2600
#define ASC_MEDIUM_CHANGED    0x2800
#define ASC_RESET             0x2900
#define ASC_INCOMPATIBLE      0x3000
#define ASC_SEQUENCE          0x2c00
#define ASC_NOT_SAVED         0x3900
#define ASC_NO_MEDIUM         0x3a01
#define ASC_TRAY_OPEN         0x3a02
#define ASC_REMOVAL_PREVENTED 0x5302
#define ASC_WRONG_TRACK_MODE  0x6400

/* Media events */
enum { CD_EVENT_NONE, CD_EVENT_EJECT_REQUEST, CD_EVENT_NEW_MEDIUM, CD_EVENT_REMOVED };

/* ---- atapi.c: how a packet ends ---- */

void atapi_done(struct ide_drive *d);
/* asc: additional sense code and its qualifier */
void atapi_fail(struct ide_drive *d, uint8_t key, uint16_t asc);
/* The buffer's first n bytes for the host, which takes at most allocation of them. */
void atapi_reply(struct ide_drive *d, uint32_t n, uint32_t allocation);
/* Blocks of the disc for the host. */
void atapi_read(struct ide_drive *d, uint32_t lba, uint32_t blocks);
/* n bytes from the host, then atapi_received(). */
void atapi_take(struct ide_drive *d, uint32_t n);

/* ---- atapi_commands.c ---- */

/* The packet in d->cd.packet. */
void atapi_execute(struct ide_drive *d);
void atapi_received(struct ide_drive *d, uint32_t n);

/* ---- atapi_disc.c ---- */

uint32_t cd_blocks(const struct ide_drive *d);
bool cd_is_dvd(const struct ide_drive *d);
void cd_tray(struct ide_drive *d, bool open);
void cd_read_toc(struct ide_drive *d);
void cd_disc_information(struct ide_drive *d);
void cd_dvd_structure(struct ide_drive *d);
void cd_configuration(struct ide_drive *d);
/* Minute, second and frame of a block that is so many frames behind lead; a disc too long for them ends at the last there is. */
void cd_msf_put(uint8_t *p, uint32_t lba, uint32_t lead);
/* The block there; false: not a place behind the lead-in. */
bool must_check cd_msf_get(const uint8_t *p, uint32_t *lba);
/* Four bytes of an address: that, or its number. */
void cd_address_put(uint8_t *p, uint32_t lba, bool msf);

/* ---- atapi_audio.c ---- */

void cd_read_subchannel(struct ide_drive *d);
void cd_read_header(struct ide_drive *d);
void cd_track_information(struct ide_drive *d);
void cd_play(struct ide_drive *d);
void cd_pause(struct ide_drive *d);

/* ---- atapi_pages.c ---- */

void cd_mode_sense(struct ide_drive *d);
void cd_mode_selected(struct ide_drive *d, uint32_t n);
void cd_pages_reset(struct ide_drive *d);

/* Big-endian fields */
static inline uint32_t be16_get(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}
static inline uint32_t be32_get(const uint8_t *p)
{
	return be16_get(p) << 16 | be16_get(p + 2);
}
static inline void be16_put(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}
static inline void be32_put(uint8_t *p, uint32_t v)
{
	be16_put(p, v >> 16);
	be16_put(p + 2, v);
}

#endif
