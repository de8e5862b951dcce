/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Images made here byte by byte: what each is told to be, whole, cut off and damaged. */
#include "unit.h"

#include "image.h"

#include <string.h>

#define SIZE 0x60000u
static uint8_t bytes[SIZE];
static bool fails;

static long read_bytes(void *context, uint64_t offset, void *to, size_t n)
{
	uint64_t size = *(uint64_t *)context;

	if (fails)
		return -1;
	if (offset >= size)
		return 0;
	if (n > size - offset)
		n = (size_t)(size - offset);
	memcpy(to, bytes + offset, n);
	return (long)n;
}

static struct image_facts probe(uint64_t size)
{
	struct image_source s = { .read = read_bytes, .context = &size, .size = size };
	struct image_facts f;

	CHECK(image_probe(&s, &f));
	CHECK_EQ(f.file_size, size);
	return f;
}

static void put(uint64_t at, uint64_t value, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		bytes[at + i] = (uint8_t)(value >> 8 * (n - 1 - i));
}

/* Clusters of 64 KiB: header, counts, first table, second table, data. */
static void qcow2_make(unsigned version)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, "QFI\xfb", 4);
	put(4, version, 4);
	put(20, 16, 4);
	put(24, 1 << 30, 8);
	put(36, 2, 4);
	put(40, 0x20000, 8);
	put(48, 0x10000, 8);
	put(0x20000, 1ull << 63 | 0x30000, 8);
	put(0x30000 + 8 * 5, 1ull << 63 | 0x40000, 8);
	put(0x30000 + 8 * 6, 1ull << 63 | 0x50000, 8);
}

static void raw(void)
{
	memset(bytes, 0, sizeof(bytes));
	CHECK_EQ(probe(SIZE).kind, IMAGE_RAW);
	CHECK_EQ(probe(SIZE).virtual_size, SIZE);
	CHECK_EQ(probe(1).kind, IMAGE_RAW);
	CHECK_EQ(probe(0).kind, IMAGE_RAW);
	memcpy(bytes + 0x8001, "CD001", 5);
	CHECK_EQ(probe(SIZE).kind, IMAGE_ISO);
	CHECK_EQ(probe(0x8004).kind, IMAGE_RAW);
}

static void qcow2_whole(void)
{
	struct image_facts f;

	qcow2_make(3);
	f = probe(SIZE);
	CHECK_EQ(f.kind, IMAGE_QCOW2);
	CHECK_EQ(f.virtual_size, 1 << 30);
	CHECK(!f.is_truncated && !f.is_damaged && !f.is_encrypted && !f.has_backing);
	put(32, 1, 4);
	put(8, 0x200, 8);
	f = probe(SIZE);
	CHECK(f.is_encrypted && f.has_backing);
	put(4, 1, 4);
	CHECK_EQ(probe(SIZE).kind, IMAGE_QCOW);
}

static void qcow2_cut_off(void)
{
	static const unsigned sizes[] = { 71,      512,     0x10000, 0x20000, 0x20008,
		                          0x30000, 0x30100, 0x40000, 0x50000 };

	qcow2_make(3);
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct image_facts f = probe(sizes[i]);

		CHECK_EQ(f.kind, IMAGE_QCOW2);
		CHECK(f.is_truncated);
	}
	CHECK(!probe(0x50001).is_truncated); /* the last cluster may be a part of one */
}

/* A packed cluster's offset has other bits; entries of images with data elsewhere have another meaning. */
static void qcow2_other_entries(void)
{
	qcow2_make(3);
	put(0x30000 + 8 * 7, 1ull << 62 | 0x00ffffffffffffffull, 8);
	CHECK(!probe(SIZE).is_truncated);
	put(0x30000 + 8 * 7, 0x00fffffffffffe00ull, 8);
	CHECK(probe(SIZE).is_truncated);
	put(72, 4, 8);
	CHECK(!probe(SIZE).is_truncated);
	put(72, 16, 8);
	CHECK(!probe(SIZE).is_truncated);
	put(4, 2, 4);
	CHECK(probe(SIZE).is_truncated); /* version 2 has no such bits */
}

static void qcow2_damaged(void)
{
	qcow2_make(3);
	put(72, 2, 8);
	CHECK(probe(SIZE).is_damaged);
	qcow2_make(3);
	put(20, 40, 4);
	CHECK(probe(SIZE).is_damaged);
	qcow2_make(2);
	put(36, 0xffffffff, 4);
	put(40, 0xfffffffffffffff8, 8);
	CHECK(probe(SIZE).is_truncated);
}

static void vhd(void)
{
	struct image_facts f;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes + SIZE - 512, "conectix", 8);
	put(SIZE - 512 + 48, 12345, 8);
	put(SIZE - 512 + 60, 2, 4);
	f = probe(SIZE);
	CHECK_EQ(f.kind, IMAGE_VHD_FIXED);
	CHECK_EQ(f.virtual_size, 12345);
	memcpy(bytes, bytes + SIZE - 512, 512);
	put(SIZE - 512 + 60, 3, 4);
	CHECK_EQ(probe(SIZE).kind, IMAGE_VHD);
	f = probe(SIZE - 1024);
	CHECK_EQ(f.kind, IMAGE_VHD);
	CHECK(f.is_truncated);
	put(SIZE - 512 + 60, 4, 4);
	CHECK(probe(SIZE).has_backing);
}

static void marks(void)
{
	static const struct {
		const char *text;
		unsigned at, n;
		enum image_kind kind;
	} rows[] = {
		{ "KDMV", 0, 4, IMAGE_VMDK },
		{ "# Disk DescriptorFile", 0, 21, IMAGE_VMDK },
		{ "QED\0", 0, 4, IMAGE_QED },
		{ "vhdxfile", 0, 8, IMAGE_VHDX },
		{ "\x7f\x10\xda\xbe", 64, 4, IMAGE_VDI },
		{ "\x1f\x8b\x08", 0, 3, IMAGE_COMPRESSED },
		{ "\xfd\x37zXZ", 0, 6, IMAGE_COMPRESSED },
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes + rows[i].at, rows[i].text, rows[i].n);
		CHECK_EQ(probe(SIZE).kind, rows[i].kind);
	}
}

static void unreadable(void)
{
	uint64_t size = SIZE;
	struct image_source s = { .read = read_bytes, .context = &size, .size = size };
	struct image_facts f;

	fails = true;
	CHECK(!image_probe(&s, &f));
	fails = false;
}

static void which_fits_which(void)
{
	CHECK(image_fits(IMAGE_RAW, DISK_RAW));
	CHECK(image_fits(IMAGE_ISO, DISK_RAW));
	CHECK(image_fits(IMAGE_VHD_FIXED, DISK_RAW));
	CHECK(image_fits(IMAGE_VHD_FIXED, DISK_VHD));
	CHECK(!image_fits(IMAGE_VHD, DISK_RAW));
	CHECK(!image_fits(IMAGE_QCOW2, DISK_RAW));
	CHECK(!image_fits(IMAGE_RAW, DISK_QCOW2));
	CHECK(!image_fits(IMAGE_VDI, DISK_RAW));
}

UNIT_MAIN(UNIT(raw), UNIT(qcow2_whole), UNIT(qcow2_cut_off), UNIT(qcow2_other_entries),
          UNIT(qcow2_damaged), UNIT(vhd), UNIT(marks), UNIT(unreadable), UNIT(which_fits_which))
