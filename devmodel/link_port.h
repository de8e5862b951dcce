/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the link is, and what is asked of the hypervisor about it. link_port.c is ring 3's; a test plays it. */
#ifndef DEVMODEL_LINK_PORT_H
#define DEVMODEL_LINK_PORT_H

#include "devmodel_link.h"

struct devmodel_link *link_memory(void);
/* The backend shall look. False: there is none now. */
bool link_notify(void);
/* What the guest wrote to its screen goes into written[]. */
void link_vram_written(void);

#endif
