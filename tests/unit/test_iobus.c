/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The bus: claims, cutting and widening, and random accesses against a byte-by-byte model. */
#include <string.h>

#include "heap.h"
#include "iobus.h"
#include "machine_fake.h"
#include "unit.h"
#include <xen/errno.h>

#define NR_BYTES   256
#define NR_REGIONS 12

struct device {
	struct io_region r;
	uint8_t bytes[NR_BYTES];
	unsigned calls, bad;
	enum io_result answer;
};

static enum io_result device_access(struct io_region *r, struct io_access *a)
{
	struct device *d = (struct device *)r;

	d->calls++;
	if (a->size < r->min_access || a->size > r->max_access || a->addr % a->size ||
	    a->addr + a->size > r->size)
		d->bad++;
	if (d->answer != IO_DONE)
		return d->answer;
	if (a->is_write)
		memcpy(d->bytes + a->addr, &a->value, a->size);
	else {
		a->value = UINT64_MAX; /* bytes above size must not be seen */
		memcpy(&a->value, d->bytes + a->addr, a->size);
	}
	return IO_DONE;
}

static struct device device(uint64_t base, uint64_t size, uint8_t min, uint8_t max)
{
	return (struct device){ .r = { "device", base, size, min, max, device_access } };
}

static struct io_bus bus;

static void start(uint16_t max)
{
	fake_memory_init(0, 1);
	CHECK_EQ(iobus_init(&bus, "test", max), 0);
}

static struct io_access access_of(uint64_t addr, unsigned size)
{
	return (struct io_access){ .addr = addr, .size = (uint8_t)size };
}

static void test_claims(void)
{
	struct device a = device(0x100, 0x10, 1, 4), b = device(0x10f, 1, 1, 1);
	struct device c = device(0x110, 0x10, 1, 4), e = device(0, 0x100, 1, 8);
	struct device bad = device(0x200, 0, 1, 4);

	start(3);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	CHECK_EQ(iobus_claim(&bus, &a.r), -XEN_EEXIST);
	CHECK_EQ(iobus_claim(&bus, &b.r), -XEN_EEXIST);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_EINVAL);
	bad = device(UINT64_MAX - 3, 8, 1, 4);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_EINVAL);
	bad = device(0x200, 8, 3, 4);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_EINVAL);
	bad = device(0x200, 8, 4, 2);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_EINVAL);
	bad = device(0x200, 6, 4, 4);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_EINVAL);
	CHECK_EQ(iobus_claim(&bus, &c.r), 0);
	CHECK_EQ(iobus_claim(&bus, &e.r), 0);
	bad = device(0x1000, 8, 1, 4);
	CHECK_EQ(iobus_claim(&bus, &bad.r), -XEN_ENOSPC);
	CHECK(iobus_find(&bus, 0xff) == &e.r);
	CHECK(iobus_find(&bus, 0x100) == &a.r);
	CHECK(iobus_find(&bus, 0x10f) == &a.r);
	CHECK(iobus_find(&bus, 0x110) == &c.r);
	CHECK(!iobus_find(&bus, 0x120));
	iobus_release(&bus, &a.r);
	iobus_release(&bus, &a.r);
	CHECK(!iobus_find(&bus, 0x100));
	CHECK(iobus_find(&bus, 0x110) == &c.r);
	iobus_destroy(&bus);
}

static void test_last_byte_of_the_space(void)
{
	struct device a = device(UINT64_MAX - 7, 8, 1, 8);
	struct io_access x = access_of(UINT64_MAX - 3, 8);

	start(4);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	memset(a.bytes, 0x5a, 8);
	CHECK_EQ(iobus_access(&bus, &x), IO_DONE);
	CHECK_EQ(x.value, 0xffffffff5a5a5a5a);
	iobus_destroy(&bus);
}

static void test_move(void)
{
	struct device a = device(0x100, 0x10, 1, 4), b = device(0x200, 0x10, 1, 4);
	struct device stranger = device(0x400, 4, 1, 4);

	start(4);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	CHECK_EQ(iobus_claim(&bus, &b.r), 0);
	CHECK_EQ(iobus_move(&bus, &a.r, 0x1f8), -XEN_EEXIST);
	CHECK_EQ(a.r.base, 0x100);
	CHECK_EQ(iobus_move(&bus, &a.r, UINT64_MAX), -XEN_EINVAL);
	CHECK_EQ(iobus_move(&bus, &stranger.r, 0x500), -XEN_EINVAL);
	CHECK_EQ(iobus_move(&bus, &a.r, 0x108), 0); /* overlaps itself only */
	CHECK(!iobus_find(&bus, 0x107));
	CHECK(iobus_find(&bus, 0x117) == &a.r);
	CHECK_EQ(iobus_move(&bus, &a.r, 0x300), 0);
	CHECK(iobus_find(&bus, 0x305) == &a.r);
	CHECK(iobus_find(&bus, 0x205) == &b.r);
	iobus_quiesce(&bus);
	CHECK(!bus.retired);
	CHECK(iobus_find(&bus, 0x305) == &a.r);
	iobus_destroy(&bus);
}

static void test_unclaimed(void)
{
	struct device a = device(0x100, 4, 1, 4);
	struct io_access x = access_of(0x80, 2);

	start(4);
	CHECK_EQ(iobus_access(&bus, &x), IO_UNCLAIMED);
	CHECK_EQ(x.value, 0xffff);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	x = access_of(0x102, 4);
	CHECK_EQ(iobus_access(&bus, &x), IO_DONE);
	CHECK_EQ(x.value, 0xffff0000);
	a.answer = IO_UNCLAIMED;
	x = access_of(0x100, 4);
	CHECK_EQ(iobus_access(&bus, &x), IO_UNCLAIMED);
	CHECK_EQ(x.value, 0xffffffff);
	a.answer = IO_PENDING;
	x = access_of(0x100, 8);
	CHECK_EQ(iobus_access(&bus, &x), IO_PENDING);
	iobus_destroy(&bus);
}

/* What no region has goes to the background, whole where it can. */
static void test_background(void)
{
	struct device back = device(0, NR_BYTES, 1, 8), a = device(0x80, 2, 1, 2);
	struct io_access access = access_of(0x10, 8);

	start(4);
	for (unsigned i = 0; i < NR_BYTES; i++) {
		back.bytes[i] = (uint8_t)i;
		a.bytes[i] = (uint8_t)~i;
	}
	iobus_set_background(&bus, &back.r);
	CHECK_EQ(iobus_access(&bus, &access), IO_DONE);
	CHECK_EQ(access.value, 0x1716151413121110);
	CHECK_EQ(back.calls, 1);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	CHECK_EQ(iobus_access(&bus, &access), IO_DONE);
	CHECK_EQ(back.calls, 2); /* far from the region: still whole */
	access = access_of(0x7c, 8);
	CHECK_EQ(iobus_access(&bus, &access), IO_DONE);
	CHECK_EQ(access.value, 0x8382feff7f7e7d7cull);
	CHECK_EQ(back.calls, 4);
	CHECK_EQ(a.calls, 1);
	CHECK_EQ(back.bad + a.bad, 0);
	back.answer = IO_UNCLAIMED;
	access = access_of(0x7c, 4);
	CHECK_EQ(iobus_access(&bus, &access), IO_UNCLAIMED);
	CHECK_EQ(access.value, 0xffffffff);
	access = access_of(0x7e, 4);
	CHECK_EQ(iobus_access(&bus, &access), IO_DONE);
	CHECK_EQ(access.value, 0xfeffffff);
	iobus_destroy(&bus);
}

static void test_widening(void)
{
	struct device a = device(0x1000, 16, 4, 4);
	struct io_access x = access_of(0x1005, 1);

	start(4);
	CHECK_EQ(iobus_claim(&bus, &a.r), 0);
	for (unsigned i = 0; i < 16; i++)
		a.bytes[i] = (uint8_t)(0x10 + i);
	CHECK_EQ(iobus_access(&bus, &x), IO_DONE);
	CHECK_EQ(x.value, 0x15);
	x = access_of(0x1003, 2);
	CHECK_EQ(iobus_access(&bus, &x), IO_DONE);
	CHECK_EQ(x.value, 0x1413);
	CHECK_EQ(a.calls, 3);
	x = access_of(0x1009, 1);
	x.is_write = true;
	x.value = 0xffffffab;
	CHECK_EQ(iobus_access(&bus, &x), IO_DONE);
	CHECK(!memcmp(a.bytes + 8, "\0\xab\0\0", 4));
	CHECK_EQ(x.addr, 0x1009);
	CHECK_EQ(a.bad, 0);
	iobus_destroy(&bus);
}

static void test_no_memory(void)
{
	static struct device d[3];

	start(4);
	for (unsigned i = 0; i < 3; i++) {
		d[i] = device(0x100 + 0x10 * i, 0x10, 1, 4);
		CHECK_EQ(iobus_claim(&bus, &d[i].r), 0);
	}
	for (size_t size = 16; size <= 2048; size *= 2)
		while (heap_alloc(size))
			;
	iobus_release(&bus, &d[1].r);
	CHECK(iobus_find(&bus, 0x10f) == &d[0].r);
	CHECK(!iobus_find(&bus, 0x110));
	CHECK(iobus_find(&bus, 0x120) == &d[2].r);
	CHECK_EQ(iobus_claim(&bus, &d[1].r), -XEN_ENOMEM);
	CHECK_EQ(iobus_move(&bus, &d[2].r, 0x900), -XEN_ENOMEM);
	CHECK(iobus_find(&bus, 0x120) == &d[2].r);
}

/* One byte of the model: who owns it. */
static struct device *model_owner(struct device *d, const bool *claimed, uint64_t addr)
{
	for (unsigned i = 0; i < NR_REGIONS; i++)
		if (claimed[i] && addr >= d[i].r.base && addr - d[i].r.base < d[i].r.size)
			return &d[i];
	return NULL;
}

static void model_access(struct device *d, const bool *claimed)
{
	unsigned size = 1u << machine_random() % 4;
	struct io_access x = access_of(machine_random() % 600, size);
	enum io_result result, expected = IO_UNCLAIMED;
	uint64_t value = machine_random();

	x.is_write = machine_random() % 2;
	x.value = value;
	result = iobus_access(&bus, &x);
	for (unsigned i = 0; i < size; i++) {
		struct device *o = model_owner(d, claimed, x.addr + i);
		uint8_t byte = (uint8_t)((x.is_write ? value : x.value) >> (8 * i));

		if (o)
			expected = IO_DONE;
		CHECK_EQ(byte, o ? o->bytes[x.addr + i - o->r.base] : x.is_write ? byte : 0xff);
	}
	CHECK_EQ(result, expected);
	if (!x.is_write && size < 8)
		CHECK_EQ(x.value >> (8 * size), 0);
}

static void test_random_model(void)
{
	static struct device d[NR_REGIONS];
	bool claimed[NR_REGIONS] = { false };

	start(NR_REGIONS);
	for (unsigned i = 0; i < NR_REGIONS; i++)
		d[i] = device(0, 1 + machine_random() % 100, 1,
		              (uint8_t)(1u << machine_random() % 4));
	for (unsigned step = 0; step < 200000; step++) {
		unsigned i = machine_random() % NR_REGIONS;
		uint64_t base = machine_random() % 512;
		bool overlap = false;

		if (machine_random() % 16) {
			model_access(d, claimed);
			continue;
		}
		for (uint64_t a = base; a < base + d[i].r.size; a++) {
			struct device *o = model_owner(d, claimed, a);

			overlap |= o && o != &d[i];
		}
		if (!claimed[i]) {
			d[i].r.base = base;
			CHECK_EQ(iobus_claim(&bus, &d[i].r), overlap ? -XEN_EEXIST : 0);
			claimed[i] = !overlap;
		} else if (machine_random() % 2) {
			CHECK_EQ(iobus_move(&bus, &d[i].r, base), overlap ? -XEN_EEXIST : 0);
		} else {
			iobus_release(&bus, &d[i].r);
			claimed[i] = false;
		}
		if (!(machine_random() % 8))
			iobus_quiesce(&bus);
	}
	for (unsigned i = 0; i < NR_REGIONS; i++)
		CHECK_EQ(d[i].bad, 0);
	iobus_destroy(&bus);
}

/* A data port that takes at most 5 elements at a stroke, and hands out a running number. */
struct stream {
	struct io_region r;
	uint32_t next, limit;
	unsigned singles, bulks;
};

static enum io_result stream_access(struct io_region *r, struct io_access *a)
{
	struct stream *s = (struct stream *)r;

	s->singles++;
	if (a->addr)
		return IO_UNCLAIMED;
	if (s->next == s->limit)
		return IO_PENDING;
	if (a->is_write)
		CHECK_EQ((uint16_t)a->value, (uint16_t)s->next);
	a->value = s->next++;
	return IO_DONE;
}

static uint32_t stream_bulk(struct io_region *r, const struct io_bulk *b)
{
	struct stream *s = (struct stream *)r;
	uint32_t n = MIN(b->count, MIN(5u, s->limit - s->next));
	uint16_t *p = b->buffer;

	CHECK_EQ(b->size, 2);
	s->bulks++;
	if (b->addr)
		return 0;
	for (uint32_t i = 0; i < n; i++, s->next++)
		if (b->is_write)
			CHECK_EQ(p[i], (uint16_t)s->next);
		else
			p[i] = (uint16_t)s->next;
	return n;
}

static void test_bulk(void)
{
	struct stream s = {
		{ "stream", 0x1f0, 8, 2, 2, stream_access, stream_bulk }, 0, 100, 0, 0
	};
	uint16_t words[20];
	struct io_bulk b = { .addr = 0x1f0, .buffer = words, .count = 12, .size = 2 };
	uint32_t done;

	start(4);
	CHECK_EQ(iobus_claim(&bus, &s.r), 0);
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(done, 12);
	for (unsigned i = 0; i < 12; i++)
		CHECK_EQ(words[i], i);
	CHECK_EQ(s.bulks, 2); /* 5 + 1 + 5 + 1 */
	CHECK_EQ(s.singles, 2);
	b.is_write = true;
	s.next = 0;
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(s.next, 12);
	b.is_write = false;
	s.limit = 15;
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_PENDING);
	CHECK_EQ(done, 3);
	CHECK_EQ(words[2], 14);
	b.addr = 0x1f2; /* the region does not own this one */
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_UNCLAIMED);
	CHECK_EQ(done, 0);
	CHECK_EQ(words[0], 0xffff);
	iobus_destroy(&bus);
}

/* Sizes and places that a region does not take whole, and regions without bulk(), go element by element; the background has its turn, too. */
static void test_bulk_falls_back(void)
{
	struct stream s = {
		{ "stream", 0x1f0, 8, 2, 2, stream_access, stream_bulk }, 0, 100, 0, 0
	};
	struct device plain = device(0x300, 4, 1, 4);
	struct stream back = {
		{ "rest", 0, 0x10000, 2, 2, stream_access, stream_bulk }, 0, 100, 0, 0
	};
	uint32_t longs[4], done;
	struct io_bulk b = { .addr = 0x1f0, .buffer = longs, .count = 4, .size = 4 };

	start(4);
	CHECK_EQ(iobus_claim(&bus, &s.r), 0);
	CHECK_EQ(iobus_claim(&bus, &plain.r), 0);
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(s.bulks, 0);
	CHECK_EQ(longs[3], 0xffff0003);
	memcpy(plain.bytes, "\1\2\3\4", 4);
	b.addr = 0x300;
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(plain.calls, 4);
	CHECK_EQ(longs[0], 0x04030201);
	iobus_set_background(&bus, &back.r);
	b = (struct io_bulk){ .addr = 0, .buffer = longs, .count = 4, .size = 2 };
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(back.bulks, 1);
	b.addr = 0x2ff; /* half of it is the region's */
	CHECK_EQ(iobus_bulk(&bus, &b, &done), IO_DONE);
	CHECK_EQ(back.bulks, 1);
	iobus_destroy(&bus);
}

static struct io_access last_whole;

static enum io_result whole_access(struct io_region *r, struct io_access *a)
{
	last_whole = *a;
	return IO_DONE;
}

/* Words at neighbouring odd and even addresses. */
static void test_whole(void)
{
	struct io_region index = { "index", 0x1ce, 1, 1, 1, whole_access, .whole = true };
	struct io_region data = { "data", 0x1cf, 2, 1, 2, whole_access, .whole = true };
	struct io_access a = { .addr = 0x1ce, .size = 2, .is_write = true, .value = 0x1234 };

	start(4);
	CHECK_EQ(iobus_claim(&bus, &index), 0);
	CHECK_EQ(iobus_claim(&bus, &data), 0);
	CHECK_EQ(iobus_access(&bus, &a), IO_DONE);
	CHECK(last_whole.size == 2 && !last_whole.addr && last_whole.value == 0x1234);
	a.addr = 0x1d0;
	a.size = 4;
	CHECK_EQ(iobus_access(&bus, &a), IO_DONE);
	CHECK(last_whole.size == 4 && last_whole.addr == 1);
	a.addr = 0x1cd; /* begins before: cut */
	a.value = 0x44332211;
	CHECK_EQ(iobus_access(&bus, &a), IO_DONE);
	CHECK(last_whole.size == 2 && last_whole.value == 0x4433);
	iobus_destroy(&bus);
}

UNIT_MAIN(UNIT(test_claims), UNIT(test_background), UNIT(test_last_byte_of_the_space),
          UNIT(test_move), UNIT(test_unclaimed), UNIT(test_widening), UNIT(test_no_memory),
          UNIT(test_random_model), UNIT(test_bulk), UNIT(test_bulk_falls_back), UNIT(test_whole))
