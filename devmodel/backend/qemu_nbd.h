/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-nbd as a helper: one process a disk image, which has nothing but the image. */
#ifndef BACKEND_QEMU_NBD_H
#define BACKEND_QEMU_NBD_H

#include "disk.h"

#define QEMU_NBD_UID 0x59000000u /* + its process id */

/* Our end of the connection to a new one for this image, as QEMU's driver of that name reads it; it ends when we hang up. -1: failure; that the image is bad comes later, as a connection that breaks. */
int qemu_nbd_start(const struct disk_wish *w, const char *driver, struct failure *f);

#endif
