/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The link to the backend process (devmodel_link.h) from the device model's side: what stands behind the devices of a board that has one. Nothing that comes from there is believed: a
 * backend that is out of its mind makes drives fail and lines silent, no more.
 */
#ifndef DEVMODEL_LINK_PARTS_H
#define DEVMODEL_LINK_PARTS_H

#include "backend.h"
#include "device.h"
#include "devmodel_link.h"

/* Once, before the devices are made. ports stay. */
void link_start(const struct devmodel_board *b, struct device_ports *ports);
/* The devices that it asks about itself, or tells of a key (power), once they are made; usb and power may be NULL. */
void link_devices(struct device *display, struct device *usb, struct device *power);
/* DEVMODEL_EVENT_LINK */
void link_look(void);
/* The entry is over: tells the backend what there is to tell. */
void link_turn_over(void);

/* Sources for the board. NULL: there is no such drive or interface. */
struct block_backend *link_disk(const struct devmodel_board *b, unsigned n);
struct net_backend *link_net(const struct devmodel_board *b, unsigned n);
struct char_backend *link_serial(unsigned n);
struct char_backend *link_text(enum link_text kind);
struct input_backend *link_keyboard(void); /* and mouse */
struct input_backend *link_tablet(void);
/* A line of the device model's own; nothing happens when there is no link. */
void link_log(const char *text);

#endif
