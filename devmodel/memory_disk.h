/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks that are memory: boot modules, at DEVMODEL_DISK(n). */
#ifndef DEVMODEL_MEMORY_DISK_H
#define DEVMODEL_MEMORY_DISK_H

#include "backend.h"
#include "devmodel_abi.h"

/* Drive n of the board: NULL: there is none. An empty CD-ROM drive has no sectors. */
struct block_backend *memory_disk(const struct devmodel_board *b, unsigned n);

#endif
