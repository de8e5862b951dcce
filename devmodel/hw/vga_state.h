/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the display adapter, for its own files: vga.c (life, PCI), vga_ports.c, vga_vbe.c, vga_memory.c, vga_timing.c. */
#ifndef HW_VGA_STATE_H
#define HW_VGA_STATE_H

#include "pci_function.h"
#include "vga.h"
#include "vga_edid.h"

#define VGA_PORT_RANGES 5

struct vga;
struct vga_port_range {
	struct io_region region;
	struct vga *vga;
};

/* Where the guest reaches memory by itself; length 0: nowhere. */
struct vga_window {
	uint32_t base, offset, length;
};

/* When lines and pictures begin and end; all in ns. */
struct vga_timing {
	uint32_t line, active; /* of a line, and its visible part */
	uint32_t frame, visible, retrace;
};

struct vga {
	struct vga_screen screen;
	uint8_t *memory;
	uint32_t latch;      /* plane 0 lowest */
	uint64_t written;    /* vga_take_written() */
	bool settled;        /* the legacy window is as the registers want it */
	bool timing_valid;   /* timing follows from the registers */
	bool read_dac;       /* 0x3c7 was written last, not 0x3c8 */
	bool attribute_data; /* the flip-flop of port 0x3c0 */
	uint8_t sr_index, gr_index, cr_index, ar_index;
	uint8_t feature, enable;                    /* ports 0x3ca and 0x3c3 */
	uint8_t dac_index, dac_part, dac_buffer[3]; /* the next colour's parts */
	uint16_t vbe_index;
	struct vga_window window; /* that is placed */
	struct vga_timing timing;
	struct vram_backend *vram;
	struct device_ports *ports;
	struct pci_function function;
	struct io_region legacy, vbe_index_port, vbe_data_port;
	struct vga_port_range ports_at[VGA_PORT_RANGES];
	uint8_t edid[VGA_EDID_SIZE];
};

/* vga_ports.c: port is 0x3b0 to 0x3df; those that are not there read as ones. */
uint8_t vga_port_read(struct vga *v, uint16_t port);
void vga_port_write(struct vga *v, uint16_t port, uint8_t value);
void vga_ports_reset(struct vga *v);

/* vga_vbe.c: index beyond the registers reads as 0. */
uint16_t vga_vbe_read(const struct vga *v, uint16_t index);
void vga_vbe_write(struct vga *v, uint16_t index, uint16_t value);
void vga_vbe_reset(struct vga *v);
/* Makes of restored registers some that can be. */
void vga_vbe_restored(struct vga *v);

/* vga_memory.c: the range 0xa0000 to 0xbffff, by offset in it. */
enum io_result vga_legacy_access(struct io_region *r, struct io_access *a);
/* After a register changed: the window goes away if it is wrong now. It comes when the guest next touches the range. */
void vga_map_changed(struct vga *v);
/* Takes the window away. */
void vga_window_remove(struct vga *v);

/* vga_timing.c: input status register 1. */
uint8_t vga_retrace_status(struct vga *v);

#endif
