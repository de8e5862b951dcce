/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs for guests that are carried in the hypervisor's image. */
#ifndef BOOT_IMAGES_H
#define BOOT_IMAGES_H

#include "types.h"

extern const uint8_t image_hvmloader[], image_devmodel[];
extern const uint64_t image_hvmloader_size, image_devmodel_size;

#endif
