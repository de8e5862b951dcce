/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link: pages shared by a guest's device model in ring 3 and its backend process in the control domain. Disks, networks, serial lines, keys and the screen go through it;
 * the process never sees the guest's memory. Three are at work here, and none believes another:
 *
 *   the device model   reads and writes the pages at DEVMODEL_LINK in its address space (devmodel/rings.c)
 *   the backend        maps them, and VRAM, as resources of the guest (devmodel/backend/link.c)
 *   the hypervisor     carries "look": an event channel one way, DEVMODEL_EVENT_LINK and DEVMODEL_CALL_NOTIFY the other; it reads nothing here but adds bits to written[]
 *
 * Queues have one producer and one consumer. Indices run freely and are taken modulo the size; who reads the other side's index checks that it is possible (produced - consumed <=
 * size) and otherwise takes the queue for empty or full for ever. What is taken out is copied once, then checked. An index is written with release after what it covers and read with acquire
 * before. Each side keeps its own index where the other cannot write, too, and believes that one.
 *
 * A side tells the other when it has produced something, once for all that it did in a turn. A producer that finds no room sets waits to 1, makes that seen (a full barrier), looks
 * for room once more, and clears it when it goes on; a consumer that has consumed looks at waits after a full barrier, and tells the producer when it is not 0. So nobody is told of room that nobody waits for, and
 * nobody waits for ever.
 *
 * Attaching. A backend that starts (again) writes a new epoch, not 0, and tells the device model, which answers with model_epoch = epoch and tells the backend after it has emptied the queues, put its unanswered
 * block requests into theirs again, from the oldest on, and written what the backend needs to know (lamps, locks). Until then the backend touches no queue; then it takes the indices as they stand: what the
 * guest has said on serial lines and in texts, and nobody has consumed, is still there. So a backend may die at any moment: requests are repeated until they are answered, and only an answered flush is a promise.
 * While nobody is bound to the event channel, bytes and frames that find no room are lost, as on a line that nobody listens to.
 */
#ifndef BUS_DEVMODEL_LINK_H
#define BUS_DEVMODEL_LINK_H

#include "backend.h"
#include "devmodel_abi.h"
#include "input.h"
#include "vga_screen.h"

#define DEVMODEL_LINK_VERSION 1u

struct link_queue {
	uint32_t produced __attribute__((aligned(64))); /* the producer's */
	uint32_t waits;                                 /* the producer's: it wants room */
	uint32_t consumed __attribute__((aligned(64))); /* the consumer's */
};

/* ---- disks: requests to the backend, answers back in any order ---- */

#define LINK_BLOCK_SLOTS 64
enum link_block_flags { LINK_BLOCK_FUA = 1 };

struct link_block_request {
	uint32_t tag;  /* the device model's; one request at a time has it */
	uint8_t op;    /* enum block_op */
	uint8_t drive; /* 0 to 3: hda to hdd */
	uint8_t flags; /* enum link_block_flags */
	uint8_t zero;
	uint64_t sector; /* of 512 bytes */
	uint32_t count;  /* sectors; 0 for a flush */
	uint32_t buffer; /* where in data[] the bytes are, or go. A multiple of 512 */
};

struct link_block_answer {
	uint32_t tag;
	int32_t error; /* 0, -EIO, -ENOSPC, -EROFS, -ENOMEDIUM */
};

struct link_block {
	struct link_queue request_queue, answer_queue;
	struct link_block_request requests[LINK_BLOCK_SLOTS];
	struct link_block_answer answers[LINK_BLOCK_SLOTS];
};

/*
 * A drive's medium: the backend's. A change is announced by a new generation, another than before, written last. At first it is what the board says, and generation 0. A backend that starts again goes on
 * from what it finds.
 */
struct link_medium {
	uint64_t sectors; /* 0: none */
	uint32_t read_only;
	uint32_t generation;
	uint32_t eject_wanted; /* counts: somebody pressed the drive's button */
	uint32_t zero;
};
/* What the guest did with the drive: the device model's. */
struct link_drive {
	uint32_t is_locked;
	uint32_t
		ejects; /* counts: the guest ejected the medium; the backend closes it and announces none */
};

/* ---- bytes: serial lines, and what else the guest says ---- */

enum link_text { LINK_TEXT_DEBUG, LINK_TEXT_LOG, LINK_TEXTS };
#define LINK_SERIALS   4
#define LINK_BYTES_OUT 8192u /* to the backend */
#define LINK_BYTES_IN  1024u /* from it */

struct link_bytes_out {
	struct link_queue queue;
	uint32_t lost; /* bytes that found no room (debug port and log only): the device model's */
	uint8_t bytes[LINK_BYTES_OUT];
};
struct link_bytes_in {
	struct link_queue queue;
	uint8_t bytes[LINK_BYTES_IN];
};
struct link_serial {
	struct link_bytes_out out;
	struct link_bytes_in in;
	/* the device model's */
	uint8_t dtr, rts, break_on;
	/* the backend's: CHAR_LINE_ bits; breaks counts those that came in */
	uint8_t lines;
	uint32_t breaks;
};

/* ---- frames: a record is a struct link_frame, its bytes, and padding up to 8 bytes; it may wrap round the end ---- */

#define LINK_FRAMES 65536u
struct link_frame {
	uint16_t
		length; /* of the frame, without check sequence; 14 to NET_FRAME_MAX. 0: the other side is out of its mind */
	uint16_t zero;
	uint32_t zero2;
};
struct link_frames {
	struct link_queue queue;
	uint8_t bytes[LINK_FRAMES];
};
struct link_nic {
	struct link_frames out, in; /* to the backend, from it */
	uint32_t is_up;             /* the backend's: the cable is in */
};

/* ---- what a person does ---- */

#define LINK_INPUTS 256
struct link_input {
	struct link_queue queue; /* from the backend */
	struct input_event events[LINK_INPUTS];
	/* the device model's */
	uint32_t leds; /* INPUT_LED_ bits */
	uint32_t
		has_tablet; /* the guest has configured the tablet: points arrive; otherwise movements are wanted */
};

/* ---- the screen ---- */

/*
 * The backend asks by asked++; the device model then brings screen and written[] up to date and sets answered to asked. sequence is odd while screen is being written: the reader
 * copies it and looks again. written[]: a bit for each page of VRAM that may have changed since the answer before; set by the hypervisor, taken by atomic exchange by the backend after answered and before it reads the
 * pages. A backend that has just attached takes all pages for written.
 */
#define LINK_VRAM_PAGES ((DEVMODEL_VRAM_MAX + DEVMODEL_VRAM_HIDDEN) >> PAGE_SHIFT)
struct link_screen {
	uint32_t asked;    /* the backend's */
	uint32_t answered; /* the device model's, as all below */
	uint32_t sequence;
	uint32_t zero;
	struct vga_screen screen;
	uint64_t written[(LINK_VRAM_PAGES + 63) / 64] __attribute__((aligned(64)));
};

/* ---- all of it ---- */

#define LINK_DATA KIB(512) /* sectors on their way */

struct devmodel_link {
	/* the device model's, before the guest runs */
	uint32_t version; /* DEVMODEL_LINK_VERSION */
	uint32_t size;    /* of this struct */
	uint32_t model_epoch;
	uint32_t epoch __attribute__((aligned(64))); /* the backend's */
	struct link_medium media[DEVMODEL_DISKS];
	struct link_drive drives[DEVMODEL_DISKS];
	struct link_block block;
	struct link_input input;
	struct link_bytes_out texts[LINK_TEXTS];
	struct link_serial serials[LINK_SERIALS];
	struct link_screen screen;
	struct link_nic nics[DEVMODEL_NICS];
	uint8_t data[LINK_DATA] __attribute__((aligned(4096)));
};
#define DEVMODEL_LINK_SIZE align_up(sizeof(struct devmodel_link), PAGE_SIZE)
_Static_assert(sizeof(struct devmodel_link) <= MIB(2), "part of an instance's memory");

#endif
