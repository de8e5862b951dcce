/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/boot/elf.c: small files of both classes, whole and damaged. */
#include <elf.h>
#include <string.h>
#include "unit.h"
#include "elf.h"
#include "errno.h"

static uint8_t file[0x1000];
static struct elf_image image;
static const char *why;

static void note_put(size_t at, const char *name, uint32_t type, uint32_t value, uint32_t size,
                     size_t align)
{
	uint32_t head[3] = { (uint32_t)strlen(name) + 1, size, type };

	memcpy(file + at, head, sizeof(head));
	memcpy(file + at + 12, name, head[0]);
	memcpy(file + at + ((12 + head[0] + align - 1) & ~(align - 1)), &value, 4);
}

/* Two segments and a note at 0x800. */
static Elf64_Ehdr *make64(void)
{
	Elf64_Ehdr *e = (void *)file;
	Elf64_Phdr *p = (void *)(file + 0x40);

	memset(file, 0, sizeof(file));
	memcpy(e->e_ident, ELFMAG "\2\1\1", 7);
	e->e_machine = EM_X86_64;
	e->e_phoff = 0x40;
	e->e_phentsize = sizeof(*p);
	e->e_phnum = 3;
	p[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		             .p_offset = 0x400,
		             .p_paddr = 0x200000,
		             .p_filesz = 0x100,
		             .p_memsz = 0x1000 };
	p[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		             .p_offset = 0x500,
		             .p_paddr = 0x100000,
		             .p_filesz = 0x80,
		             .p_memsz = 0x80 };
	p[2] = (Elf64_Phdr){
		.p_type = PT_NOTE, .p_offset = 0x800, .p_filesz = 0x100, .p_align = 4
	};
	note_put(0x800, "GNU", 18, 5, 4, 4);
	note_put(0x814, "Xen", 18, 0x100010, 4, 4);
	return e;
}

static Elf32_Ehdr *make32(void)
{
	Elf32_Ehdr *e = (void *)file;
	Elf32_Phdr *p = (void *)(file + 0x40);

	memset(file, 0, sizeof(file));
	memcpy(e->e_ident, ELFMAG "\1\1\1", 7);
	e->e_machine = EM_386;
	e->e_phoff = 0x40;
	e->e_phentsize = sizeof(*p);
	e->e_phnum = 2;
	p[0] = (Elf32_Phdr){ .p_type = PT_LOAD,
		             .p_offset = 0x400,
		             .p_paddr = 0x100000,
		             .p_filesz = 0x100,
		             .p_memsz = 0x1000 };
	p[1] = (Elf32_Phdr){
		.p_type = PT_NOTE, .p_offset = 0x800, .p_filesz = 0x100, .p_align = 4
	};
	note_put(0x800, "Xen", 18, 0x100010, 4, 4);
	return e;
}

static int parse(void)
{
	return elf_parse(file, sizeof(file), &image, &why);
}

static void whole64(void)
{
	make64();
	CHECK_EQ(parse(), 0);
	CHECK(image.is_64);
	CHECK_EQ(image.nr_segments, 2);
	CHECK_EQ(image.segments[0].paddr, 0x200000);
	CHECK_EQ(image.segments[0].memory_size, 0x1000);
	CHECK_EQ(image.segments[1].offset, 0x500);
	CHECK_EQ(image.low, 0x100000);
	CHECK_EQ(image.high, 0x201000);
	CHECK_EQ(image.entry, 0x100010);
}

static void whole32(void)
{
	make32();
	CHECK_EQ(parse(), 0);
	CHECK(!image.is_64);
	CHECK_EQ(image.nr_segments, 1);
	CHECK_EQ(image.entry, 0x100010);
}

static void note_by_section(void)
{
	Elf64_Ehdr *e = make64();
	Elf64_Shdr *s = (void *)(file + 0x600);

	((Elf64_Phdr *)(file + 0x40))[2].p_type = PT_NULL;
	CHECK_EQ(parse(), -ENOEXEC);
	e->e_shoff = 0x600;
	e->e_shnum = 2;
	e->e_shentsize = sizeof(*s);
	s[1] = (Elf64_Shdr){ .sh_type = SHT_NOTE, .sh_offset = 0x800, .sh_size = 0x100 };
	CHECK_EQ(parse(), 0);
	CHECK_EQ(image.entry, 0x100010);
	s[1].sh_size = 0x10000;
	CHECK_EQ(parse(), -ENOEXEC);
	e->e_shoff = ~0ull - 10;
	CHECK_EQ(parse(), -ENOEXEC);
}

static void note_forms(void)
{
	Elf64_Phdr *p = (void *)(file + 0x40);

	/* eight bytes of value; its upper half must be zero */
	make64();
	note_put(0x814, "Xen", 18, 0x200010, 8, 4);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(image.entry, 0x200010);
	file[0x814 + 16 + 4] = 1;
	CHECK_EQ(parse(), -ENOEXEC);
	/* a note before it that is padded to eight */
	make64();
	memset(file + 0x800, 0, 0x100);
	p[2].p_align = 8;
	note_put(0x800, "GNU", 5, 0, 12, 8);
	note_put(0x820, "Xen", 18, 0x100020, 4, 8);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(image.entry, 0x100020);
	/* another's note of the same number does not count */
	make64();
	file[0x814 + 12] = 'Y';
	CHECK_EQ(parse(), -ENOEXEC);
	CHECK(strstr(why, "PHYS32_ENTRY"));
}

static void note_damaged(void)
{
	uint32_t huge[] = { 0xffffffff, 0xfffffff0, 0x1000, 0xec };

	for (unsigned i = 0; i < 4; i++) {
		make64();
		memcpy(file + 0x800, &huge[i], 4);
		CHECK_EQ(parse(), -ENOEXEC);
		make64();
		memcpy(file + 0x804, &huge[i], 4);
		CHECK_EQ(parse(), -ENOEXEC);
	}
}

static void entry_outside(void)
{
	make64();
	note_put(0x814, "Xen", 18, 0x100080, 4, 4);
	CHECK_EQ(parse(), -ENOEXEC);
	CHECK(strstr(why, "outside"));
	note_put(0x814, "Xen", 18, 0x10007f, 4, 4);
	CHECK_EQ(parse(), 0);
}

static void strangers(void)
{
	make64();
	file[0] = 0;
	CHECK_EQ(parse(), -ENOEXEC);
	CHECK(strstr(why, "not an ELF"));
	make64()->e_machine = EM_AARCH64;
	CHECK_EQ(parse(), -ENOEXEC);
	make64()->e_ident[EI_DATA] = ELFDATA2MSB;
	CHECK_EQ(parse(), -ENOEXEC);
	make64()->e_ident[EI_CLASS] = 3;
	CHECK_EQ(parse(), -ENOEXEC);
}

static void headers_damaged(void)
{
	Elf64_Phdr *p = (void *)(file + 0x40);

	make64()->e_phnum = 0;
	CHECK_EQ(parse(), -ENOEXEC);
	make64()->e_phnum = 0xffff;
	CHECK_EQ(parse(), -ENOEXEC);
	make64()->e_phoff = ~0ull;
	CHECK_EQ(parse(), -ENOEXEC);
	make64()->e_phentsize = 8;
	CHECK_EQ(parse(), -ENOEXEC);
	make64();
	p[0].p_filesz = 0x1001;
	CHECK_EQ(parse(), -ENOEXEC);
	make64();
	p[0].p_paddr = ~0ull - 10;
	CHECK_EQ(parse(), -ENOEXEC);
	make64();
	p[0].p_offset = sizeof(file) - 0xff;
	CHECK_EQ(parse(), -ENOEXEC);
	CHECK(strstr(why, "cut"));
	make64();
	p[0].p_type = p[1].p_type = PT_NULL;
	CHECK_EQ(parse(), -ENOEXEC);
}

static void every_length(void)
{
	uint8_t *copy;

	make64();
	/* each byte that is missing is really missing: the sanitizer would see a read past the end */
	for (size_t n = 0; n < 0x900; n++) {
		copy = malloc(n ? n : 1);
		memcpy(copy, file, n);
		CHECK_EQ(elf_parse(copy, n, &image, &why), -ENOEXEC);
		free(copy);
	}
	CHECK_EQ(elf_parse(file, 0x900, &image, &why), 0);
}

UNIT_MAIN(UNIT(whole64), UNIT(whole32), UNIT(note_by_section), UNIT(note_forms), UNIT(note_damaged),
          UNIT(entry_outside), UNIT(strangers), UNIT(headers_damaged), UNIT(every_length))
