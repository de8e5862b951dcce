/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network interfaces' backends: frames by the hypervisor, to other guests' interfaces. */
#ifndef DEVMODEL_FRAMES_H
#define DEVMODEL_FRAMES_H

#include "backend.h"
#include "devmodel_abi.h"

/* Interface n of the board; NULL: there is none. */
struct net_backend *frame_net(const struct devmodel_board *b, unsigned n);
/* Frames may have come. */
void frame_input(void);

#endif
