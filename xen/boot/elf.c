// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads ELF files (System V ABI, chapters 4 and 5) as a PVH kernel needs it. The 32-bit and 64-bit tables are read into one form first. */
#include "elf.h"
#include "errno.h"
#include "string.h"
#include <xen/elfnote.h>

#define MAX_HEADERS 128  /* program or section headers looked at */
#define MAX_NOTES   4096 /* in one note section */
#define E_ENTRY     24   /* of a 32-bit header */

enum { PT_LOAD = 1, PT_NOTE = 4, SHT_NOTE = 7, EM_386 = 3, EM_X86_64 = 62 };

struct file {
	const uint8_t *bytes;
	uint64_t size;
	bool is_64;
};

/* The header fields that we use, and where each stands. */
struct header {
	uint64_t machine, phoff, shoff, phentsize, phnum, shentsize, shnum;
};
struct part {
	uint64_t type, offset, paddr, filesz, memsz, align;
};

struct field {
	uint8_t at, size;
};

static const struct field header_fields[2][7] = {
	{ { 18, 2 }, { 28, 4 }, { 32, 4 }, { 42, 2 }, { 44, 2 }, { 46, 2 }, { 48, 2 } },
	{ { 18, 2 }, { 32, 8 }, { 40, 8 }, { 54, 2 }, { 56, 2 }, { 58, 2 }, { 60, 2 } },
};
static const struct field program_fields[2][6] = {
	{ { 0, 4 }, { 4, 4 }, { 12, 4 }, { 16, 4 }, { 20, 4 }, { 28, 4 } },
	{ { 0, 4 }, { 8, 8 }, { 24, 8 }, { 32, 8 }, { 40, 8 }, { 48, 8 } },
};
/* Of a section: its size is in filesz; paddr has its address, which nobody uses. */
static const struct field section_fields[2][6] = {
	{ { 4, 4 }, { 16, 4 }, { 12, 4 }, { 20, 4 }, { 20, 4 }, { 32, 4 } },
	{ { 4, 4 }, { 24, 8 }, { 16, 8 }, { 32, 8 }, { 32, 8 }, { 48, 8 } },
};
static const uint8_t header_size[2] = { 52, 64 }, program_size[2] = { 32, 56 },
		     section_size[2] = { 40, 64 };

static bool file_has(const struct file *f, uint64_t at, uint64_t n)
{
	return at <= f->size && n <= f->size - at;
}

/* Fields of a table entry that lies in the file, widened. */
static void fields_read(const struct file *f, uint64_t at, const struct field *fields, unsigned n,
                        uint64_t *out)
{
	for (unsigned i = 0; i < n; i++) {
		out[i] = 0;
		memcpy(&out[i], f->bytes + at + fields[i].at, fields[i].size);
	}
}

static uint32_t file_u32(const struct file *f, uint64_t at)
{
	uint32_t v;

	memcpy(&v, f->bytes + at, sizeof(v));
	return v;
}

static void part_read(const struct file *f, uint64_t at, const struct field *fields,
                      struct part *out)
{
	uint64_t v[6];

	fields_read(f, at, fields, 6, v);
	*out = (struct part){ v[0], v[1], v[2], v[3], v[4], v[5] };
}

/* ---- headers ----------------------------------------------------------------------------------------- */

static const char *header_read(struct file *f, struct header *out)
{
	static const uint8_t magic[4] = { 0x7f, 'E', 'L', 'F' };
	uint64_t v[7];

	if (!file_has(f, 0, 16) || memcmp(f->bytes, magic, sizeof(magic)))
		return "it is not an ELF file";
	if ((f->bytes[4] != 1 && f->bytes[4] != 2) || f->bytes[5] != 1)
		return "its ELF class or byte order is not x86's";
	f->is_64 = f->bytes[4] == 2;
	if (!file_has(f, 0, header_size[f->is_64]))
		return "its ELF header is cut";
	fields_read(f, 0, header_fields[f->is_64], 7, v);
	*out = (struct header){ v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
	if (out->machine != EM_386 && out->machine != EM_X86_64)
		return "it is for another kind of CPU";
	if (!out->phnum || out->phnum > MAX_HEADERS)
		return "it has no program headers, or too many";
	if (out->phentsize != program_size[f->is_64] ||
	    !file_has(f, out->phoff, out->phnum * out->phentsize))
		return "its program headers are cut";
	return NULL;
}

static const char *segment_add(const struct file *f, const struct part *p, struct elf_image *out)
{
	if (!p->memsz)
		return NULL;
	if (out->nr_segments == ELF_MAX_SEGMENTS)
		return "it has too many segments";
	if (p->filesz > p->memsz || p->paddr + p->memsz < p->paddr)
		return "one of its segments makes no sense";
	if (!file_has(f, p->offset, p->filesz))
		return "it is cut: a segment lies beyond its end";
	out->segments[out->nr_segments++] = (struct elf_segment){
		.paddr = p->paddr,
		.memory_size = p->memsz,
		.offset = p->offset,
		.file_size = p->filesz,
	};
	out->low = MIN(out->low, p->paddr);
	out->high = MAX(out->high, p->paddr + p->memsz);
	return NULL;
}

/* ---- notes ------------------------------------------------------------------------------------------- */

/* Looks for the note in a part of the file, with entries padded to align. */
static bool notes_search(const struct file *f, const struct part *p, uint64_t align,
                         uint32_t *entry)
{
	uint64_t at = p->offset, end = p->offset + p->filesz;

	for (unsigned i = 0; i < MAX_NOTES && end - at >= 12; i++) {
		uint32_t name_size = file_u32(f, at), value_size = file_u32(f, at + 4);
		uint32_t type = file_u32(f, at + 8);
		uint64_t name = at + 12, value = align_up(12 + (uint64_t)name_size, align) + at;

		if (value > end || value_size > end - value)
			return false;
		if (type == XEN_ELFNOTE_PHYS32_ENTRY && name_size == 4 &&
		    !memcmp(f->bytes + name, "Xen", 4) && (value_size == 4 || value_size == 8) &&
		    (value_size == 4 || !file_u32(f, value + 4))) {
			*entry = file_u32(f, value);
			return true;
		}
		at = value + align_up(value_size, align);
		if (at > end)
			return false;
	}
	return false;
}

static bool note_find(const struct file *f, const struct part *p, uint32_t *entry)
{
	if (!file_has(f, p->offset, p->filesz))
		return false;
	/* Xen's notes are padded to 4 whatever the header says; others may stand before them. */
	return notes_search(f, p, 4, entry) || (p->align == 8 && notes_search(f, p, 8, entry));
}

static bool sections_search(const struct file *f, const struct header *h, uint32_t *entry)
{
	struct part p;

	if (h->shnum > MAX_HEADERS || h->shentsize != section_size[f->is_64] ||
	    !file_has(f, h->shoff, h->shnum * h->shentsize))
		return false;
	for (uint64_t i = 0; i < h->shnum; i++) {
		part_read(f, h->shoff + i * h->shentsize, section_fields[f->is_64], &p);
		if (p.type == SHT_NOTE && note_find(f, &p, entry))
			return true;
	}
	return false;
}

/* ---- the whole --------------------------------------------------------------------------------------- */

static bool entry_is_inside(const struct elf_image *e)
{
	for (uint32_t i = 0; i < e->nr_segments; i++)
		if (e->entry >= e->segments[i].paddr &&
		    e->entry - e->segments[i].paddr < e->segments[i].memory_size)
			return true;
	return false;
}

static const char *image_read(struct file *f, bool own_entry, struct elf_image *out)
{
	struct header h;
	const char *why = header_read(f, &h);
	bool found = false;

	if (why)
		return why;
	out->is_64 = f->is_64;
	for (uint64_t i = 0; i < h.phnum; i++) {
		struct part p;

		part_read(f, h.phoff + i * h.phentsize, program_fields[f->is_64], &p);
		if (p.type == PT_LOAD)
			why = segment_add(f, &p, out);
		else if (p.type == PT_NOTE && !found)
			found = note_find(f, &p, &out->entry);
		if (why)
			return why;
	}
	if (!out->nr_segments)
		return "it has nothing to load";
	if (own_entry && !f->is_64)
		out->entry = file_u32(f, E_ENTRY);
	else if (!found && !sections_search(f, &h, &out->entry))
		return "it has no PVH entry (Xen's PHYS32_ENTRY note)";
	return entry_is_inside(out) ? NULL : "its entry lies outside of what it loads";
}

int elf_parse(const void *data, uint64_t size, struct elf_image *out, const char **why)
{
	struct file f = { .bytes = data, .size = size };

	*out = (struct elf_image){ .low = UINT64_MAX };
	*why = image_read(&f, false, out);
	return *why ? -ENOEXEC : 0;
}

int elf_parse_loader(const void *data, uint64_t size, struct elf_image *out, const char **why)
{
	struct file f = { .bytes = data, .size = size };

	*out = (struct elf_image){ .low = UINT64_MAX };
	*why = image_read(&f, true, out);
	return *why ? -ENOEXEC : 0;
}
