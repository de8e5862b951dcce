/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The display adapter: its life, its places on the buses. */
#include "vga.h"

#include "errno.h"
#include "string.h"
#include "vga_state.h"

#define ROM_SIZE      0x10000u /* room for a VGA BIOS */
#define MMIO_SIZE     0x1000
#define MMIO_PORTS    0x400 /* ports 0x3c0 to 0x3df */
#define MMIO_VBE      0x500 /* the VBE registers, 16 bits each */
#define MMIO_EXTENDED 0x600 /* how many bytes there are here; byte order */
#define LITTLE_ENDIAN 0x1e1e1e1e

#define BAR_LINEAR 0
#define BAR_MMIO   2

/* ---- ports ---- */

static const struct {
	uint16_t base, size;
} port_ranges[VGA_PORT_RANGES] = {
	{ 0x3b4, 2 }, { 0x3ba, 1 }, { 0x3c0, 16 }, { 0x3d4, 2 }, { 0x3da, 1 },
};

/* A word is written to two ports, the lower first: an index and what goes there. */
static void ports_access(struct vga *v, uint16_t port, struct io_access *a)
{
	uint64_t value = a->value;

	if (a->is_write) {
		for (unsigned i = 0; i < a->size; i++, value >>= 8)
			vga_port_write(v, (uint16_t)(port + i), (uint8_t)value);
		return;
	}
	a->value = 0;
	for (unsigned i = 0; i < a->size; i++)
		a->value |= (uint64_t)vga_port_read(v, (uint16_t)(port + i)) << 8 * i;
}

static enum io_result range_access(struct io_region *r, struct io_access *a)
{
	struct vga_port_range *p = container_of(r, struct vga_port_range, region);

	ports_access(p->vga, (uint16_t)(r->base + a->addr), a);
	return IO_DONE;
}

/* A double word at the index port is an index and its data. */
static enum io_result vbe_index_access(struct io_region *r, struct io_access *a)
{
	struct vga *v = container_of(r, struct vga, vbe_index_port);

	if (!a->is_write) {
		a->value = v->vbe_index;
		if (a->size > 2)
			a->value |= (uint64_t)vga_vbe_read(v, v->vbe_index) << 16;
		return IO_DONE;
	}
	v->vbe_index = a->size == 1 ? (uint8_t)a->value : (uint16_t)a->value;
	if (a->size > 2)
		vga_vbe_write(v, v->vbe_index, (uint16_t)(a->value >> 16));
	return IO_DONE;
}

static enum io_result vbe_data_access(struct io_region *r, struct io_access *a)
{
	struct vga *v = container_of(r, struct vga, vbe_data_port);

	if (a->is_write)
		vga_vbe_write(v, v->vbe_index, (uint16_t)a->value);
	else
		a->value = vga_vbe_read(v, v->vbe_index);
	return IO_DONE;
}

/* The second memory BAR: monitor, VGA ports, VBE registers. Bytes or words. */
static enum io_result mmio_access(struct io_region *r, struct io_access *a)
{
	struct pci_bar *bar = container_of(r, struct pci_bar, region);
	struct vga *v = container_of(bar, struct vga, function.bars[BAR_MMIO]);
	unsigned at = (unsigned)a->addr;

	if (at >= MMIO_PORTS && at < MMIO_PORTS + 0x20) {
		ports_access(v, (uint16_t)(0x3c0 + at - MMIO_PORTS), a);
		return IO_DONE;
	}
	if (at >= MMIO_VBE && at < MMIO_VBE + 2 * VBE_REGISTERS) {
		uint16_t index = (uint16_t)((at - MMIO_VBE) / 2);

		if (!a->is_write)
			a->value = vga_vbe_read(v, index) >> 8 * (at & 1);
		else if (a->size == 2)
			vga_vbe_write(v, index, (uint16_t)a->value);
		return IO_DONE;
	}
	if (a->is_write)
		return IO_DONE;
	a->value = 0;
	for (unsigned i = 0; at + i < VGA_EDID_SIZE && i < a->size; i++)
		a->value |= (uint64_t)v->edid[at + i] << 8 * i;
	if (at >= MMIO_EXTENDED && at < MMIO_EXTENDED + 8)
		a->value = (at & 4 ? LITTLE_ENDIAN : 8) >> 8 * (at & 3);
	return IO_DONE;
}

static void linear_placed(struct pci_bar *b, uint64_t base)
{
	struct vga *v = container_of(b, struct vga, function.bars[BAR_LINEAR]);

	v->vram->place(v->vram, VRAM_WINDOW_LINEAR, base == ~0ull ? 0 : base, 0,
	               base == ~0ull ? 0 : v->screen.linear_size);
}

/* ---- life ---- */

const struct vga_screen *vga_get_screen(const struct device *d)
{
	return &((struct vga *)d->state)->screen;
}

uint64_t vga_take_written(struct device *d)
{
	struct vga *v = d->state;
	uint64_t written = v->written;

	v->written = 0;
	return written;
}

static void vga_destroy(struct device *d)
{
	struct vga *v = d->state;

	vga_window_remove(v);
	pci_function_remove(&v->function);
	for (unsigned i = 0; i < VGA_PORT_RANGES; i++)
		iobus_release(d->ports->pio, &v->ports_at[i].region);
	iobus_release(d->ports->pio, &v->vbe_index_port);
	iobus_release(d->ports->pio, &v->vbe_data_port);
	iobus_release(d->ports->mmio, &v->legacy);
}

static int claim_ports(struct vga *v)
{
	struct io_bus *pio = v->ports->pio;
	int error = 0;

	for (unsigned i = 0; i < VGA_PORT_RANGES && !error; i++) {
		v->ports_at[i].vga = v;
		v->ports_at[i].region = (struct io_region){ .name = "vga",
			                                    .base = port_ranges[i].base,
			                                    .size = port_ranges[i].size,
			                                    .min_access = 1,
			                                    .max_access = 2,
			                                    .access = range_access };
		error = iobus_claim(pio, &v->ports_at[i].region);
	}
	if (error)
		return error;
	/* These are 16 bits wide, though only one apart. */
	v->vbe_index_port = (struct io_region){ .name = "vbe index",
		                                .base = 0x1ce,
		                                .size = 1,
		                                .min_access = 1,
		                                .max_access = 1,
		                                .whole = true,
		                                .access = vbe_index_access };
	v->vbe_data_port = (struct io_region){ .name = "vbe data",
		                               .base = 0x1cf,
		                               .size = 2,
		                               .min_access = 1,
		                               .max_access = 2,
		                               .whole = true,
		                               .access = vbe_data_access };
	error = iobus_claim(pio, &v->vbe_index_port);
	return error ? error : iobus_claim(pio, &v->vbe_data_port);
}

/* Reads as ones: firmware lays memory with its VGA BIOS where the register points to. */
static enum io_result rom_access(struct io_region *r, struct io_access *a)
{
	a->value = ~0ull;
	return IO_DONE;
}

static int add_function(struct vga *v, uint8_t devfn)
{
	static const struct pci_ids ids = { .vendor = 0x1234,
		                            .device = 0x1111,
		                            .subsystem_vendor = 0x1af4,
		                            .subsystem = 0x1100,
		                            .revision = 2, /* the extended registers are there */
		                            .base_class = 3 };
	struct pci_function *f = &v->function;

	f->bars[BAR_LINEAR].prefetchable = true;
	f->bars[BAR_LINEAR].placed = linear_placed;
	f->bars[BAR_LINEAR].region.name = "vga memory";
	f->bars[BAR_LINEAR].region.size = v->screen.linear_size;
	f->bars[BAR_MMIO].region = (struct io_region){ .name = "vga registers",
		                                       .size = MMIO_SIZE,
		                                       .min_access = 1,
		                                       .max_access = 2,
		                                       .access = mmio_access };
	f->rom.region = (struct io_region){ .name = "vga rom",
		                            .size = ROM_SIZE,
		                            .min_access = 1,
		                            .max_access = 8,
		                            .access = rom_access };
	pci_function_init(f, devfn, &ids);
	/* The ports of a VGA are in no base address, but whether it decodes them is seen here: firmware asks. (It always does.) */
	f->writable[PCI_COMMAND] |= PCI_COMMAND_IO;
	return pci_function_add(v->ports->pci, f);
}

static int vga_create(struct device *d, const void *config)
{
	const struct vga_config *c = config;
	struct vga *v = d->state;
	uint32_t linear = c->vram->size - VGA_DIRECT_SIZE;
	int error;

	if (linear < VGA_LINEAR_MIN || linear > VGA_LINEAR_MAX || (linear & (linear - 1)))
		return -EINVAL;
	v->screen.linear_size = linear;
	v->ports = d->ports;
	v->vram = c->vram;
	v->memory = c->vram->bytes;
	v->legacy = (struct io_region){ .name = "vga legacy memory",
		                        .base = 0xa0000,
		                        .size = 0x20000,
		                        .min_access = 1,
		                        .max_access = 8,
		                        .access = vga_legacy_access };
	vga_edid_make(v->edid, c->width ? c->width : 1024, c->height ? c->height : 768);
	error = claim_ports(v);
	if (!error)
		error = iobus_claim(d->ports->mmio, &v->legacy);
	if (!error)
		error = add_function(v, c->devfn);
	if (error)
		vga_destroy(d); /* what was not claimed is not released */
	return error;
}

static void vga_reset(struct device *d)
{
	struct vga *v = d->state;

	vga_window_remove(v);
	pci_function_reset(&v->function);
	vga_ports_reset(v);
	vga_vbe_reset(v);
	v->screen.form = VGA_PLANAR;
	v->screen.generation++;
	v->written = ~0ull;
}

static int vga_restored(struct device *d)
{
	struct vga *v = d->state;

	if (v->screen.form >= VGA_FORMS || v->dac_part > 2 || v->sr_index > 7 || v->gr_index > 15)
		return -EINVAL;
	vga_vbe_restored(v);
	vga_window_remove(v);
	v->timing_valid = false;
	v->screen.generation++;
	v->written = ~0ull;
	return pci_function_restored(&v->function);
}

static const struct save_field vga_saved[] = {
	SAVE_ONE(SAVE_U8, 1, struct vga, screen.form),
	SAVE_ONE(SAVE_U8, 1, struct vga, screen.misc),
	SAVE_BLOB(1, struct vga, screen.sr),
	SAVE_BLOB(1, struct vga, screen.gr),
	SAVE_BLOB(1, struct vga, screen.cr),
	SAVE_BLOB(1, struct vga, screen.ar),
	SAVE_ONE(SAVE_BOOL, 1, struct vga, screen.video),
	SAVE_ONE(SAVE_U8, 1, struct vga, screen.dac_mask),
	SAVE_BLOB(1, struct vga, screen.dac),
	SAVE_ARRAY(SAVE_U16, 1, struct vga, screen.vbe),
	SAVE_ONE(SAVE_U32, 1, struct vga, latch),
	SAVE_ONE(SAVE_BOOL, 1, struct vga, read_dac),
	SAVE_ONE(SAVE_BOOL, 1, struct vga, attribute_data),
	SAVE_ONE(SAVE_U8, 1, struct vga, sr_index),
	SAVE_ONE(SAVE_U8, 1, struct vga, gr_index),
	SAVE_ONE(SAVE_U8, 1, struct vga, cr_index),
	SAVE_ONE(SAVE_U8, 1, struct vga, ar_index),
	SAVE_ONE(SAVE_U8, 1, struct vga, feature),
	SAVE_ONE(SAVE_U8, 1, struct vga, enable),
	SAVE_ONE(SAVE_U8, 1, struct vga, dac_index),
	SAVE_ONE(SAVE_U8, 1, struct vga, dac_part),
	SAVE_BLOB(1, struct vga, dac_buffer),
	SAVE_ONE(SAVE_U16, 1, struct vga, vbe_index),
	SAVE_BLOB(1, struct vga, function.config),
	SAVE_LAST,
};

const struct device_class vga_class = {
	.name = "vga",
	.state_size = sizeof(struct vga),
	.version = 1,
	.create = vga_create,
	.reset = vga_reset,
	.destroy = vga_destroy,
	.saved = vga_saved,
	.restored = vga_restored,
};
