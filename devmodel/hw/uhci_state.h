/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The UHCI controller's parts among themselves. Names are the design guide's. */
#ifndef HW_UHCI_STATE_H
#define HW_UHCI_STATE_H

#include "device.h"
#include "pci_function.h"
#include "uhci.h"
#include "usb_tablet.h"

#define UHCI_PORTS 2

#define CMD_RS     0x01
#define STS_INT    0x01
#define STS_ERROR  0x02
#define STS_RESUME 0x04
#define STS_HSE    0x08
#define STS_HCPE   0x10
#define STS_HALTED 0x20

struct uhci {
	struct device *device;
	struct pci_function function;
	struct device_timer timer;
	struct usb_tablet tablet; /* on port 0, when it has an input */
	uint64_t frame_at;        /* when the frame FRNUM begins, while it runs */
	uint32_t frame_base;
	uint16_t command, status, enable, frame;
	uint8_t sof_modify;
	bool short_seen; /* why STS_INT is set: a short packet, */
	bool ioc_seen;   /* or a descriptor with IOC */
	uint16_t ports[UHCI_PORTS];
	uint8_t quiet; /* frames since anything was transferred, at most 255 */
	bool line;
};

/* One frame of the schedule: true when something was transferred. */
bool uhci_frame_run(struct uhci *s);

#endif
