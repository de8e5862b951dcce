/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ELF programs: hvmloader, and kernels with Xen's note for PVH. System V ABI, chapters 4 and 5; public xen/elfnote.h. */
#include "domain_image.h"

#include <elf.h>
#include <string.h>

#include <xen/elfnote.h>

/* What is alike in both classes. */
struct segment {
	uint32_t type;
	uint64_t offset, paddr, file_size, memory_size;
};

struct program {
	struct domain_image *d;
	const char *name;
	const uint8_t *file;
	size_t size;
	bool is_64;
	uint64_t entry, table, entry_size;
	unsigned nr;
};

static bool wrong(struct program *p, const char *why)
{
	return fail(p->d->failure, "%s: %s cannot be started: %s", p->d->plan->name, p->name, why);
}

static bool header_read(struct program *p)
{
	Elf64_Ehdr h64;
	Elf32_Ehdr h32;

	if (p->size < sizeof(h64) || memcmp(p->file, ELFMAG, SELFMAG) != 0)
		return wrong(p, "it is no ELF file");
	p->is_64 = p->file[EI_CLASS] == ELFCLASS64;
	if (p->is_64) {
		memcpy(&h64, p->file, sizeof(h64));
		p->entry = h64.e_entry;
		p->table = h64.e_phoff;
		p->entry_size = h64.e_phentsize;
		p->nr = h64.e_phnum;
	} else {
		memcpy(&h32, p->file, sizeof(h32));
		p->entry = h32.e_entry;
		p->table = h32.e_phoff;
		p->entry_size = h32.e_phentsize;
		p->nr = h32.e_phnum;
	}
	if (p->entry_size != (p->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
	    p->table > p->size || p->nr > (p->size - p->table) / p->entry_size)
		return wrong(p,
		             "its program headers lie outside of the file, which may be cut off");
	return true;
}

static bool segment_read(struct program *p, unsigned n, struct segment *s)
{
	const uint8_t *at = p->file + p->table + n * p->entry_size;
	Elf64_Phdr h64;
	Elf32_Phdr h32;

	if (p->is_64) {
		memcpy(&h64, at, sizeof(h64));
		*s = (struct segment){ h64.p_type, h64.p_offset, h64.p_paddr, h64.p_filesz,
			               h64.p_memsz };
	} else {
		memcpy(&h32, at, sizeof(h32));
		*s = (struct segment){ h32.p_type, h32.p_offset, h32.p_paddr, h32.p_filesz,
			               h32.p_memsz };
	}
	if (s->offset > p->size || s->file_size > p->size - s->offset)
		return wrong(p, "a part of it lies outside of the file, which may be cut off");
	return true;
}

/* A note with Xen's entry point. */
static void notes_look(struct program *p, const struct segment *s, bool *found)
{
	uint64_t at = s->offset, end = s->offset + s->file_size;
	Elf32_Nhdr note; /* the same in both classes */

	while (end - at >= sizeof(note)) {
		uint64_t name, value;

		memcpy(&note, p->file + at, sizeof(note));
		name = at + sizeof(note);
		value = name + ((note.n_namesz + 3ull) & ~3ull);
		at = value + ((note.n_descsz + 3ull) & ~3ull);
		if (value > end || at > end)
			return;
		if (note.n_type != XEN_ELFNOTE_PHYS32_ENTRY || note.n_namesz != 4 ||
		    memcmp(p->file + name, "Xen", 4) != 0 || note.n_descsz < 4)
			continue;
		p->entry = 0;
		memcpy(&p->entry, p->file + value, 4);
		*found = true;
	}
}

static bool note_find(struct program *p)
{
	bool found = false;
	struct segment s;

	for (unsigned i = 0; i < p->nr && !found; i++) {
		if (!segment_read(p, i, &s))
			return false;
		if (s.type == PT_NOTE)
			notes_look(p, &s, &found);
	}
	return found ||
	       wrong(p,
	             "it has no entry for PVH (an ELF note of Xen's): a kernel without CONFIG_PVH boots from a disk with type=\"hvm\"");
}

static bool segment_load(struct program *p, const struct segment *s)
{
	uint64_t zeroes;

	if (s->type != PT_LOAD || !s->memory_size)
		return true;
	if (s->file_size > s->memory_size)
		return wrong(p, "a part of it is larger in the file than in memory");
	if (!ram_covers(p->d, s->paddr, s->memory_size))
		return wrong(
			p, "it wants to lie where the guest has no memory: give it more (memory=)");
	zeroes = s->memory_size - s->file_size;
	if (s->paddr + s->memory_size > p->d->image_end)
		p->d->image_end = s->paddr + s->memory_size;
	return (!s->file_size ||
	        ram_write(p->d, s->paddr, p->file + s->offset, s->file_size, p->name)) &&
	       (!zeroes || ram_zero(p->d, s->paddr + s->file_size, zeroes, p->name));
}

bool elf_load(struct domain_image *d, const char *name, const uint8_t *file, size_t size, bool note)
{
	struct program p = { .d = d, .name = name, .file = file, .size = size };
	struct segment s;

	if (!header_read(&p) || (note && !note_find(&p)))
		return false;
	for (unsigned i = 0; i < p.nr; i++)
		if (!segment_read(&p, i, &s) || !segment_load(&p, &s))
			return false;
	d->entry = p.entry;
	return true;
}
