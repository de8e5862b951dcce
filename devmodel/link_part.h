/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files link_*.c. */
#ifndef DEVMODEL_LINK_PART_H
#define DEVMODEL_LINK_PART_H

#include "link.h"
#include "link_port.h"
#include "link_queue.h"

/* One kind of thing that goes over the link. */
struct link_part {
	void (*start)(const struct devmodel_board *b);
	void (*attach)(void); /* a new backend: queues as it is to find them */
	void (*look)(void);   /* what has come */
};
extern const struct link_part link_media_part, link_block_part, link_serial_part, link_frames_part,
	link_input_part, link_screen_part;

/* A backend has attached, and was there when it was told last. */
bool link_is_heard(void);
bool link_is_attached(void);
/* When the turn is over. */
void link_tell(void);
/* There is more to do than a turn should: link_look() comes again soon. */
void link_look_again(void);
/* There is no room for what has come: link_look() comes again after so long. False: it was to come already. */
bool link_look_later(uint64_t ns);
/* link_media.c: a drive that link_block.c has. */
void link_medium_start(unsigned n, struct block_backend *drive, bool is_removable);
struct device *link_display(void);
struct device *link_usb(void);
struct device *link_power(void);

#endif
