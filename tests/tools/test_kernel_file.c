// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels out of files: packed by the real programs, whole, cut, damaged, and what is none. */
#include "unit.h"

#include "kernel_file.h"

#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/elfnote.h>

#define ENTRY 0x1000100u

/* A kernel of one segment with a note; what a file of it is made of. */
struct tiny {
	Elf64_Ehdr head;
	Elf64_Phdr parts[2];
	struct {
		Elf64_Nhdr head;
		char name[4];
		uint32_t entry;
	} note;
	uint8_t text[60000];
};

static struct tiny tiny;
static uint8_t file[200000];
static size_t size;

static void make(bool has_note)
{
	memset(&tiny, 0, sizeof(tiny));
	memcpy(tiny.head.e_ident, ELFMAG, SELFMAG);
	tiny.head.e_ident[EI_CLASS] = ELFCLASS64;
	tiny.head.e_ident[EI_DATA] = ELFDATA2LSB;
	tiny.head.e_machine = EM_X86_64;
	tiny.head.e_phoff = offsetof(struct tiny, parts);
	tiny.head.e_phentsize = sizeof(Elf64_Phdr);
	tiny.head.e_phnum = 2;
	tiny.parts[0] = (Elf64_Phdr){ .p_type = PT_LOAD,
		                      .p_offset = offsetof(struct tiny, text),
		                      .p_paddr = 0x1000000,
		                      .p_filesz = sizeof(tiny.text),
		                      .p_memsz = 100000 };
	tiny.parts[1] = (Elf64_Phdr){ .p_type = has_note ? PT_NOTE : PT_NULL,
		                      .p_offset = offsetof(struct tiny, note),
		                      .p_filesz = sizeof(tiny.note) };
	tiny.note.head = (Elf64_Nhdr){ 4, 4, XEN_ELFNOTE_PHYS32_ENTRY };
	memcpy(tiny.note.name, "Xen", 4);
	tiny.note.entry = ENTRY;
	for (size_t i = 0; i < sizeof(tiny.text); i++)
		tiny.text[i] = (uint8_t)(i * i >> 5);
}

/* Through a program of this computer. */
static void pack(const char *command)
{
	char path[] = "/tmp/zazen-kernel-XXXXXX", line[200];
	int fd = mkstemp(path);
	FILE *f;

	CHECK(fd >= 0);
	f = fdopen(fd, "w");
	CHECK_EQ(fwrite(&tiny, 1, sizeof(tiny), f), sizeof(tiny));
	fclose(f);
	snprintf(line, sizeof(line), "%s < %s", command, path);
	f = popen(line, "r");
	size = f ? fread(file, 1, sizeof(file), f) : 0;
	CHECK_EQ(pclose(f), 0);
	remove(path);
	CHECK(size > 1000);
}

/* A bzImage around what is in file: one sector of set-up code, then the payload, which ends with the unpacked size. */
static void wrap(void)
{
	static uint8_t packed[sizeof(file)];
	uint32_t offset = 0, length = (uint32_t)size + 4, unpacked = sizeof(tiny);

	memcpy(packed, file, size);
	memset(file, 0, 1024);
	file[0x1f1] = 1;
	memcpy(file + 0x1fe, "\x55\xaa", 2);
	memcpy(file + 0x202, "HdrS\x0f\x02", 6);
	memcpy(file + 0x248, &offset, 4);
	memcpy(file + 0x24c, &length, 4);
	memcpy(file + 1024, packed, size);
	memcpy(file + 1024 + size, &unpacked, 4);
	size += 1024 + 4;
}

static bool opens(char *why, size_t room)
{
	struct kernel_file_fault fault = { "" };
	uint8_t *exact = malloc(size); /* so that a read beyond its end is seen */
	struct kernel_file k;
	bool done;

	memcpy(exact, file, size);
	done = kernel_file_open(&k, exact, size, &fault);
	if (done) {
		CHECK_EQ(k.image.entry, ENTRY);
		CHECK_EQ(k.image.nr_segments, 1);
		CHECK_EQ(k.image.high, 0x1000000 + 100000);
		CHECK(k.size >= sizeof(tiny) &&
		      k.size <= sizeof(tiny) + 4); /* Linux appends the size */
		CHECK(!memcmp(k.bytes, &tiny, sizeof(tiny)));
		kernel_file_close(&k);
	}
	free(exact);
	snprintf(why, room, "%s", fault.text);
	return done;
}

static bool refused(const char *words)
{
	char why[300];

	if (opens(why, sizeof(why)))
		return false;
	if (!strstr(why, words))
		printf("it says: %s\n", why);
	/* a sentence, and what to do */
	return strstr(why, words) && strstr(why, ". ");
}

static bool accepted(void)
{
	char why[300];

	return opens(why, sizeof(why)) || (printf("it says: %s\n", why), false);
}

static const struct {
	const char *command;
	bool has_checksum;
} packers[] = {
	{ "cat", false },
	{ "gzip -9", true },
	{ "bzip2", true },
	{ "xz --check=crc32 --x86 --lzma2=preset=6", true },
	{ "xz --format=lzma", false },
	{ "lzop", true },
	{ "lz4 -l -c", false },
	{ "zstd -19 -q", true },
};

static void every_compression(void)
{
	make(true);
	for (size_t i = 0; i < sizeof(packers) / sizeof(packers[0]); i++) {
		pack(packers[i].command);
		CHECK(accepted());
		wrap();
		CHECK(accepted());
	}
}

static void cut_and_damaged(void)
{
	make(true);
	for (size_t i = 1; i < sizeof(packers) / sizeof(packers[0]); i++) {
		pack(packers[i].command);
		size -= 500;
		CHECK(refused("its "));
		if (!packers[i].has_checksum)
			continue;
		pack(packers[i].command);
		file[size / 2] ^= 0x10;
		CHECK(refused("its "));
	}
	pack("gzip");
	wrap();
	size -= 500;
	CHECK(refused("cut"));
	pack("cat");
	size -= 500;
	CHECK(refused("cut"));
}

static void no_kernels(void)
{
	make(true);
	pack("cat");
	memcpy(file, "#!/bin/sh", 9);
	CHECK(refused("neither an ELF file, nor a bzImage"));
	size = 3;
	CHECK(refused("neither an ELF file"));
	make(false);
	pack("gzip");
	wrap();
	CHECK(refused("no PVH entry"));
	pack("cat");
	CHECK(refused("no PVH entry"));
	/* packed, but something else is in it */
	memcpy(tiny.head.e_ident, "none", 4);
	pack("xz");
	CHECK(refused("it is not an ELF file"));
}

/* A file that says it grows beyond measure is not tried. */
static void a_bomb(void)
{
	const uint32_t huge = 0x7fffffff;

	make(true);
	pack("gzip");
	wrap();
	memcpy(file + size - 4, &huge, 4);
	CHECK(refused("impossibly large"));
}

UNIT_MAIN(UNIT(every_compression), UNIT(cut_and_damaged), UNIT(no_kernels), UNIT(a_bomb))
