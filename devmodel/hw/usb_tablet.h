/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A USB tablet: a pointer with absolute places, five buttons and a wheel, of full speed (USB 2.0 chapter 9, HID 1.11). Its ids are those that emulated tablets have (0627:0001), which guests' drivers
 * know; being of the HID class it needs none of its own. It is a part of the host controller's state, and is called by it.
 */
#ifndef HW_USB_TABLET_H
#define HW_USB_TABLET_H

#include "input.h"
#include "save.h"

/* What a transaction comes to, if not a number of bytes. */
#define USB_NAK   (-1)
#define USB_STALL (-2)

#define TABLET_REPORT 6  /* bytes */
#define TABLET_QUEUE  16 /* reports that wait; of movements only the last one */

struct usb_tablet {
	struct input_backend *input;
	void (*news)(struct usb_tablet *t); /* a report waits */
	uint8_t address, new_address;       /* the new one counts from the end of its transfer */
	uint8_t configuration, idle, protocol;
	bool remote_wakeup, halted;
	/* The control transfer. */
	uint8_t setup[8];
	uint8_t data[128];
	uint8_t data_size, data_at;
	bool stalled; /* until the next setup */
	/* Reports, the oldest first; the last one is also what GET_REPORT gives. */
	uint8_t queue[TABLET_QUEUE * TABLET_REPORT];
	uint8_t queued;
	uint8_t last[TABLET_REPORT];
};

/* Becomes the input's client; NULL: nobody moves it. */
void usb_tablet_init(struct usb_tablet *t, struct input_backend *input);
void usb_tablet_end(struct usb_tablet *t);
/* The bus' reset: no address, no configuration. */
void usb_tablet_reset(struct usb_tablet *t);
/* Transactions at the device's address. n: at most so many bytes. Number of bytes, USB_NAK, USB_STALL. */
int usb_tablet_setup(struct usb_tablet *t, const uint8_t *bytes, unsigned n);
int usb_tablet_in(struct usb_tablet *t, unsigned endpoint, uint8_t *bytes, unsigned n);
int usb_tablet_out(struct usb_tablet *t, unsigned endpoint, const uint8_t *bytes, unsigned n);
/* After a restore. */
bool usb_tablet_is_possible(const struct usb_tablet *t);

/* Rows of a table of saved fields whose state has the tablet in a member of that name. */
#define USB_TABLET_SAVED(state, member)                                                           \
	SAVE_ONE(SAVE_U8, 1, state, member.address),                                              \
		SAVE_ONE(SAVE_U8, 1, state, member.new_address),                                  \
		SAVE_ONE(SAVE_U8, 1, state, member.configuration),                                \
		SAVE_ONE(SAVE_U8, 1, state, member.idle),                                         \
		SAVE_ONE(SAVE_U8, 1, state, member.protocol),                                     \
		SAVE_ONE(SAVE_BOOL, 1, state, member.remote_wakeup),                              \
		SAVE_ONE(SAVE_BOOL, 1, state, member.halted), SAVE_BLOB(1, state, member.setup),  \
		SAVE_BLOB(1, state, member.data), SAVE_ONE(SAVE_U8, 1, state, member.data_size),  \
		SAVE_ONE(SAVE_U8, 1, state, member.data_at),                                      \
		SAVE_ONE(SAVE_BOOL, 1, state, member.stalled), SAVE_BLOB(1, state, member.queue), \
		SAVE_ONE(SAVE_U8, 1, state, member.queued), SAVE_BLOB(1, state, member.last)

#endif
