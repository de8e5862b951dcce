/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The display adapter: a VGA with the Bochs VBE extensions, PCI 1234:1111. QEMU, "Standard VGA" (docs/specs), for what its base addresses show; IBM, "VGA/XGA Hardware
 * Technical Reference", for the VGA.
 * Its option ROM's register has room and no bytes.
 *
 * Text modes, the chained mode with 256 colours and all linear modes are written by the guest with no exit, through the windows of its vram_backend; the others come here.
 */
#ifndef HW_VGA_H
#define HW_VGA_H

#include "backend.h"
#include "device.h"
#include "vga_screen.h"

/* The size of the backend's memory for a guest that sees linear bytes of it. */
#define VGA_MEMORY_SIZE(linear) ((linear) + VGA_DIRECT_SIZE)
#define VGA_LINEAR_DEFAULT      (16u << 20)
#define VGA_LINEAR_MIN          (1u << 20)
#define VGA_LINEAR_MAX          (512u << 20)

struct vga_config {
	uint8_t devfn;
	/* size is VGA_MEMORY_SIZE(a power of two from VGA_LINEAR_MIN to VGA_LINEAR_MAX); the memory may have anything in it */
	struct vram_backend *vram;
	uint16_t width, height; /* that the monitor likes best; 0: 1024 by 768 */
};
extern const struct device_class vga_class;

/* What is to be seen; the pointer stays good, generation tells of changes. */
const struct vga_screen *vga_get_screen(const struct device *d);
/*
 * What the adapter itself wrote since the last call (the guest's own writes are not in it): a bit for each of the first 63 pages of the memory, bit 63 for all others.
 */
uint64_t vga_take_written(struct device *d);

#endif
