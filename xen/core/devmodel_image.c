/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device model's program: a static ELF-64 file (System V ABI, chapters 4 and 5), of which nothing is believed. */
#include "devmodel.h"

#include "errno.h"
#include "heap.h"
#include "page_alloc.h"
#include "string.h"

#define ELF_IDENT \
	"\x7f"    \
	"ELF\2\1\1" /* 64 bits, little-endian */
#define ELF_EXEC    2
#define ELF_X86_64  62
#define ELF_LOAD    1
#define ELF_EXECUTE 1u
#define ELF_WRITE   2u

struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
struct elf_segment64 {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, file_size, memory_size, align;
};
_Static_assert(sizeof(struct elf_header) == 64 && sizeof(struct elf_segment64) == 56,
               "figures 4-3, 5-1");

/* Segments begin with a page of their own (the linker script sees to it): a page has one kind of access. */
static const char *segment_add(struct devmodel_space *s, const uint8_t *image, uint64_t size,
                               const struct elf_segment64 *p)
{
	struct devmodel_region r = {
		.base = p->vaddr,
		.size = align_up(p->memory_size, PAGE_SIZE),
		.backing = DEVMODEL_OWN,
		.is_writable = p->flags & ELF_WRITE,
		.is_code = p->flags & ELF_EXECUTE,
		.from = image + p->offset,
		.from_size = p->file_size,
	};

	if (p->offset > size || p->file_size > size - p->offset || p->file_size > p->memory_size)
		return "a segment lies outside of the file";
	if (p->vaddr < DEVMODEL_IMAGE || p->vaddr >= DEVMODEL_IMAGE_END ||
	    p->memory_size > DEVMODEL_IMAGE_END - p->vaddr)
		return "a segment lies outside of the place for programs";
	if (!is_aligned(p->vaddr, PAGE_SIZE))
		return "a segment does not begin with a page";
	if (r.is_writable && r.is_code)
		return "a segment is code and may be written";
	return devmodel_space_add(s, &r) ? "too many segments" : NULL;
}

int devmodel_space_load(struct devmodel_space *s, const void *image, uint64_t size, uint64_t *entry,
                        const char **why)
{
	struct elf_header h;
	struct elf_segment64 p;

	*why = "not a static ELF program for x86-64";
	if (size < sizeof(h))
		return -ENOEXEC;
	memcpy(&h, image, sizeof(h));
	if (memcmp(h.ident, ELF_IDENT, 7) || h.type != ELF_EXEC || h.machine != ELF_X86_64 ||
	    h.phentsize != sizeof(p))
		return -ENOEXEC;
	*why = "its program headers lie outside of the file";
	if (h.phoff > size || h.phnum > (size - h.phoff) / sizeof(p))
		return -ENOEXEC;
	for (uint16_t i = 0; i < h.phnum; i++) {
		memcpy(&p, (const uint8_t *)image + h.phoff + i * sizeof(p), sizeof(p));
		*why = p.type == ELF_LOAD && p.memory_size ? segment_add(s, image, size, &p) : NULL;
		if (*why)
			return -ENOEXEC;
	}
	*entry = h.entry;
	return 0;
}

/* ---- images of toolstacks: one in memory for all guests that have the same ---- */

static struct spinlock lock =
	SPINLOCK_INIT; /* of the list. Inside devmodel.lock, outside of the heap's */
static struct devmodel_image *images;

/* Lock held. */
static struct devmodel_image *find(const void *bytes, uint64_t size)
{
	struct devmodel_image *i = images;

	while (i && (i->size != size || memcmp(i->bytes, bytes, size)))
		i = i->next;
	return i;
}

struct devmodel_image *devmodel_image_get(void *bytes, uint64_t size, unsigned order)
{
	struct devmodel_image *i;
	bool is_known;

	spin_lock(&lock);
	i = find(bytes, size);
	is_known = i != NULL;
	if (!i)
		i = heap_alloc(sizeof(*i));
	if (i && !is_known) {
		*i = (struct devmodel_image){
			.next = images, .bytes = bytes, .size = size, .order = order
		};
		images = i;
	}
	if (i)
		i->users++;
	spin_unlock(&lock);
	if (!i || is_known)
		page_free_virt(bytes, order);
	return i;
}

void devmodel_image_put(struct devmodel_image *i)
{
	struct devmodel_image **p = &images;

	spin_lock(&lock);
	if (--i->users) {
		spin_unlock(&lock);
		return;
	}
	while (*p != i)
		p = &(*p)->next;
	*p = i->next;
	spin_unlock(&lock);
	page_free_virt((void *)(uintptr_t)i->bytes, i->order);
	heap_free(i);
}
