/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One bus for port I/O and MMIO: sorted regions, a lookup that readers do without a lock, and one callback
 * that gets an offset. The bus cuts and widens accesses to what a region takes, so a device never checks sizes.
 */
#ifndef BUS_IOBUS_H
#define BUS_IOBUS_H

#include "types.h"

/* One guest access. */
struct io_access {
	uint64_t addr; /* absolute for the bus, offset in the region for its callback */
	uint64_t
		value; /* what is written, or where a read leaves its result (only size bytes count) */
	uint8_t size; /* 1, 2, 4 or 8 */
	bool is_write;
	void *cpu; /* who asks: the struct vcpu, for the few regions whose answer depends on it; else unused */
};

/* count elements of size bytes, one after the other at the same address: what REP INS and REP OUTS do. */
struct io_bulk {
	uint64_t addr;  /* absolute for the bus, offset in the region for its callback */
	void *buffer;   /* count * size bytes */
	uint32_t count; /* at least 1 */
	uint8_t size;   /* of an element: 1, 2 or 4 */
	bool is_write;  /* from the buffer to the device */
	void *cpu;      /* as in struct io_access */
};

enum io_result {
	IO_DONE, /* value is valid, resume the guest */
	IO_UNCLAIMED, /* nobody owns the address: reads float high (value is all ones), writes are lost */
	IO_PENDING, /* the owner will complete later: block the vcpu */
};

struct io_region {
	const char *name;
	uint64_t base, size;
	uint8_t min_access, max_access; /* powers of two; the bus splits or widens to them */
	enum io_result (*access)(struct io_region *r, struct io_access *a);
	/*
	 * Optional: elements of a string instruction, all at the same offset, b->size from min_access to max_access and aligned. Returns how many from the first on it took
	 * (0: it would rather have a single access). What remains comes as a single access, then bulk() is asked again.
	 */
	uint32_t (*bulk)(struct io_region *r, const struct io_bulk *b);
	/*
	 * An access that begins in the region comes as it is, whatever its size and whatever lies behind: for registers that are wider than the distance between them (the
	 * 16-bit ports 0x1ce and 0x1cf of the VBE extensions). One that begins before it is cut as ever.
	 */
	bool whole;
};

/*
 * Regions in address order. Writers need the owner's lock; readers see either the old or the new table (the
 * table is replaced as a whole, and the old one is freed by iobus_quiesce()).
 */
struct io_bus {
	struct io_table *table; /* read with load_acquire */
	struct io_table *retired;
	struct io_region *
		background; /* takes what no region claims; NULL: nobody. Set before the guest runs */
	const char *name;
	uint16_t max; /* regions at most */
};

/* name is for messages. max regions. -ENOMEM. */
int must_check iobus_init(struct io_bus *bus, const char *name, uint16_t max);
void iobus_destroy(struct io_bus *bus);

/* -EEXIST: overlaps a claimed region. -ENOSPC: full. -EINVAL: empty, wraps, bad access sizes. -ENOMEM. */
int must_check iobus_claim(struct io_bus *bus, struct io_region *r);
/* Same errors, -EINVAL also when it is not claimed; on an error the region stays where it was. A reader may find nobody there for a moment. */
int must_check iobus_move(struct io_bus *bus, struct io_region *r, uint64_t new_base);
/* Harmless when it is not claimed. */
void iobus_release(struct io_bus *bus, struct io_region *r);
/* Frees tables that no reader can still see; the caller knows that none is inside iobus_access(). */
void iobus_quiesce(struct io_bus *bus);

/*
 * Before the guest runs: r (with base 0 and the largest size) is asked wherever no region is; it may answer IO_UNCLAIMED. For an owner whose places move with the guest.
 */
void iobus_set_background(struct io_bus *bus, struct io_region *r);

/* The region that owns addr, or NULL. */
struct io_region *iobus_find(struct io_bus *bus, uint64_t addr);
/* Does somebody own a byte of [addr, addr + size)? */
bool iobus_has_any(struct io_bus *bus, uint64_t addr, uint64_t size);

/*
 * One access by the guest. An access that straddles regions is cut at their borders; parts that nobody owns read as ones (value has zeroes above size bytes). The
 * result is IO_UNCLAIMED only when no byte was owned. A callback sees naturally aligned offsets only, of min_access to max_access bytes: a larger or unaligned access is
 * cut; one below min_access is read whole and cut (or, for a write, written whole with the other bytes zero). IO_PENDING of a part ends the
 * access there: an owner that answers so must take all sizes.
 */
enum io_result iobus_access(struct io_bus *bus, struct io_access *a);

/*
 * Elements of a string instruction. *done: how many were carried out; the rest were not touched. IO_DONE: all of them. IO_UNCLAIMED, IO_PENDING: what iobus_access() said to
 * the element after those (which reads as ones where nobody owns it; whether it counts as carried out is the caller's to say). At most count single accesses and count + 1
 * calls of bulk(), so the caller bounds the time by the count.
 */
enum io_result iobus_bulk(struct io_bus *bus, const struct io_bulk *b, uint32_t *done);

#endif
