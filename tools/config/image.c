/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats of disk images, by their bytes. */
#include "image.h"

#include <string.h>

#define SECTOR         512
#define ISO_AT         0x8001 /* ECMA-119 8.1: the volume descriptor of sector 16, behind its type */
#define TABLES_READ    64     /* second-level tables of a qcow2 that are looked at */
#define TABLE_CHUNK    512    /* entries read at once */
#define FIRST_MAX      65536  /* entries of the first table that are looked at */
#define OFFSET_BITS    0x00fffffffffffe00ull
#define IS_PACKED      (1ull << 62)
#define FEATURE_DAMAGE 2u
/* Data in a file of its own; entries of another form: second-level tables are not looked at. */
#define FEATURE_ELSEWHERE (4u | 16u)

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
	return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < 8; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/* ---- qcow2: every table and cluster that it speaks of begins within the file ---- */

struct qcow {
	const struct image_source *s;
	uint64_t cluster;
	unsigned tables_left;
	bool is_short;
};

static bool tables_check(struct qcow *q, uint64_t at, uint64_t entries, bool is_first);

static bool entry_check(struct qcow *q, uint64_t entry, bool is_first)
{
	uint64_t to = entry & OFFSET_BITS;

	if (!to || (!is_first && (entry & IS_PACKED)))
		return true;
	if (to >= q->s->size) {
		q->is_short = true;
		return true;
	}
	if (!is_first || !q->tables_left)
		return true;
	q->tables_left--;
	return tables_check(q, to, q->cluster / 8, false);
}

static bool tables_check(struct qcow *q, uint64_t at, uint64_t entries, bool is_first)
{
	uint8_t bytes[TABLE_CHUNK * 8];

	for (uint64_t done = 0; done < entries && !q->is_short; done += TABLE_CHUNK) {
		size_t n = entries - done < TABLE_CHUNK ? (size_t)(entries - done) : TABLE_CHUNK;
		long got = q->s->read(q->s->context, at + done * 8, bytes, n * 8);

		if (got < 0)
			return false;
		if ((size_t)got < n * 8) {
			q->is_short = true;
			return true;
		}
		for (size_t i = 0; i < n && !q->is_short; i++)
			if (!entry_check(q, be64(bytes + i * 8), is_first))
				return false;
	}
	return true;
}

static bool qcow2_probe(const struct image_source *s, const uint8_t *h, struct image_facts *f)
{
	uint32_t bits = be32(h + 20), entries = be32(h + 36);
	uint64_t table = be64(h + 40), counts = be64(h + 48);
	struct qcow q = { .s = s, .tables_left = TABLES_READ };

	f->kind = IMAGE_QCOW2;
	f->virtual_size = be64(h + 24);
	f->has_backing = be64(h + 8) != 0;
	f->is_encrypted = be32(h + 32) != 0;
	if (s->size < 72) {
		f->is_truncated = true;
		return true;
	}
	f->is_damaged = bits < 9 || bits > 21 || (be32(h + 4) >= 3 && (h[79] & FEATURE_DAMAGE));
	if (f->is_damaged)
		return true;
	if (be32(h + 4) >= 3 && (h[79] & FEATURE_ELSEWHERE))
		q.tables_left = 0;
	q.cluster = 1ull << bits;
	q.is_short = table >= s->size || counts >= s->size;
	if (!q.is_short &&
	    !tables_check(&q, table, entries < FIRST_MAX ? entries : FIRST_MAX, true))
		return false;
	f->is_truncated = q.is_short;
	return true;
}

/* ---- VHD: a footer at the end, and, where it grows, a copy at the start ---- */

static bool vhd_probe(const struct image_source *s, const uint8_t *h, struct image_facts *f)
{
	bool has_copy = memcmp(h, "conectix", 8) == 0;
	uint8_t footer[SECTOR];
	long n = 0;

	if (s->size >= SECTOR)
		n = s->read(s->context, s->size - SECTOR, footer, SECTOR);
	if (n < 0)
		return false;
	if (n == SECTOR && memcmp(footer, "conectix", 8) == 0) {
		f->kind = be32(footer + 60) == 2 ? IMAGE_VHD_FIXED : IMAGE_VHD;
		f->has_backing = be32(footer + 60) == 4;
		f->virtual_size = be64(footer + 48);
	} else if (has_copy) {
		f->kind = IMAGE_VHD;
		f->virtual_size = be64(h + 48);
		f->is_truncated = true;
	}
	return true;
}

/* ---- the others ---- */

static const struct {
	enum image_kind kind;
	unsigned at, n;
	const char *bytes;
} marks[] = {
	{ IMAGE_QCOW2, 0, 4, "QFI\xfb" },
	{ IMAGE_VMDK, 0, 4, "KDMV" },
	{ IMAGE_VMDK, 0, 4, "COWD" },
	{ IMAGE_VMDK, 0, 21, "# Disk DescriptorFile" },
	{ IMAGE_QED, 0, 4, "QED" }, /* and its zero byte */
	{ IMAGE_VHDX, 0, 8, "vhdxfile" },
	{ IMAGE_VDI, 64, 4, "\x7f\x10\xda\xbe" },
	{ IMAGE_COMPRESSED, 0, 3, "\x1f\x8b\x08" },
	{ IMAGE_COMPRESSED, 0, 6,
	  "\xfd"
	  "7zXZ" },
	{ IMAGE_COMPRESSED, 0, 4, "\x28\xb5\x2f\xfd" },
	{ IMAGE_COMPRESSED, 0, 4, "PK\x03\x04" },
	{ IMAGE_COMPRESSED, 0, 3, "BZh" },
};

static bool iso_probe(const struct image_source *s, struct image_facts *f)
{
	uint8_t id[5];
	long n = s->read(s->context, ISO_AT, id, sizeof(id));

	if (n == sizeof(id) && memcmp(id, "CD001", sizeof(id)) == 0)
		f->kind = IMAGE_ISO;
	return n >= 0;
}

bool image_probe(const struct image_source *s, struct image_facts *f)
{
	uint8_t h[SECTOR] = { 0 };

	memset(f, 0, sizeof(*f));
	f->file_size = f->virtual_size = s->size;
	if (s->read(s->context, 0, h, sizeof(h)) < 0)
		return false;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (memcmp(h + marks[i].at, marks[i].bytes, marks[i].n) == 0) {
			f->kind = marks[i].kind;
			break;
		}
	if (f->kind == IMAGE_QCOW2 && be32(h + 4) == 1) {
		f->kind = IMAGE_QCOW;
		f->virtual_size = be64(h + 24);
		return true;
	}
	if (f->kind == IMAGE_QCOW2)
		return qcow2_probe(s, h, f);
	if (f->kind == IMAGE_VMDK && h[0] == 'K')
		f->virtual_size = le64(h + 12) <= UINT64_MAX / SECTOR ? le64(h + 12) * SECTOR : 0;
	return f->kind != IMAGE_RAW ||
	       (vhd_probe(s, h, f) && (f->kind != IMAGE_RAW || iso_probe(s, f)));
}

/* ---- words ---- */

const char *image_kind_name(enum image_kind kind)
{
	static const char *const names[] = {
		[IMAGE_RAW] = "raw",
		[IMAGE_ISO] = "an ISO 9660 CD (raw)",
		[IMAGE_QCOW] = "qcow",
		[IMAGE_QCOW2] = "qcow2",
		[IMAGE_VHD] = "vhd",
		[IMAGE_VHD_FIXED] = "vhd",
		[IMAGE_VMDK] = "vmdk",
		[IMAGE_QED] = "qed",
		[IMAGE_VHDX] = "vhdx",
		[IMAGE_VDI] = "vdi",
		[IMAGE_COMPRESSED] = "compressed",
	};

	return names[kind];
}

const char *disk_format_name(enum disk_format format)
{
	static const char *const names[] = {
		[DISK_RAW] = "raw",    [DISK_QCOW2] = "qcow2", [DISK_QCOW] = "qcow",
		[DISK_VHD] = "vhd",    [DISK_VMDK] = "vmdk",   [DISK_QED] = "qed",
		[DISK_EMPTY] = "empty"
	};

	return names[format];
}

bool image_fits(enum image_kind kind, enum disk_format format)
{
	switch (kind) {
	case IMAGE_RAW:
	case IMAGE_ISO: return format == DISK_RAW;
	case IMAGE_VHD_FIXED: return format == DISK_RAW || format == DISK_VHD;
	case IMAGE_QCOW: return format == DISK_QCOW;
	case IMAGE_QCOW2: return format == DISK_QCOW2;
	case IMAGE_VHD: return format == DISK_VHD;
	case IMAGE_VMDK: return format == DISK_VMDK;
	case IMAGE_QED: return format == DISK_QED;
	default: return false;
	}
}
