// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkelf32 IN OUT: the linked ELF64 image as an ELF32 file that boot loaders take. The loadable parts keep their bytes; addresses become the physical
 * ones, and everything else (sections, symbols) is left out.
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SEGMENTS 8
#define PAGE         4096u

static const char *in_name, *out_name;

static void fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "mkelf32: %s: ", name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (name == out_name)
		remove(out_name);
	exit(1);
}

static unsigned char *read_whole(size_t *size)
{
	FILE *f = fopen(in_name, "rb");
	unsigned char *bytes;
	long end;

	if (!f)
		fail(in_name, "%s", strerror(errno));
	if (fseek(f, 0, SEEK_END) || (end = ftell(f)) < 0 || fseek(f, 0, SEEK_SET))
		fail(in_name, "cannot find its size: %s", strerror(errno));
	bytes = malloc((size_t)end + 1);
	if (!bytes)
		fail(in_name, "no memory for %ld bytes", end);
	if (fread(bytes, 1, (size_t)end, f) != (size_t)end)
		fail(in_name, "cannot be read whole");
	fclose(f);
	*size = (size_t)end;
	return bytes;
}

/* The loadable segments, checked to lie in the file and below 4 GiB. Returns how many. */
static int segments_find(const unsigned char *bytes, size_t size, Elf64_Phdr *out)
{
	Elf64_Ehdr e;
	int n = 0;

	if (size < sizeof(e))
		fail(in_name, "too short for an ELF header");
	memcpy(&e, bytes, sizeof(e));
	if (memcmp(e.e_ident, ELFMAG, SELFMAG) || e.e_ident[EI_CLASS] != ELFCLASS64 ||
	    e.e_ident[EI_DATA] != ELFDATA2LSB || e.e_machine != EM_X86_64)
		fail(in_name, "not an ELF64 file for x86-64");
	if (e.e_phentsize != sizeof(Elf64_Phdr) || e.e_phoff > size ||
	    e.e_phnum > (size - e.e_phoff) / sizeof(Elf64_Phdr))
		fail(in_name, "its program headers lie outside the file");
	for (int i = 0; i < e.e_phnum; i++) {
		Elf64_Phdr p;

		memcpy(&p, bytes + e.e_phoff + (size_t)i * sizeof(p), sizeof(p));
		if (p.p_type != PT_LOAD || !p.p_memsz)
			continue;
		if (n == MAX_SEGMENTS)
			fail(in_name, "more than %d loadable segments", MAX_SEGMENTS);
		if (p.p_offset > size || p.p_filesz > size - p.p_offset || p.p_filesz > p.p_memsz)
			fail(in_name, "segment %d lies outside the file", i);
		if (p.p_paddr >> 32 || p.p_memsz >> 32 || (p.p_paddr + p.p_memsz) >> 32)
			fail(in_name, "segment %d is not below 4 GiB", i);
		out[n++] = p;
	}
	if (!n)
		fail(in_name, "nothing to load in it");
	return n;
}

static Elf32_Ehdr header_make(const unsigned char *bytes, int n)
{
	Elf64_Ehdr from;
	Elf32_Ehdr to = {
		.e_type = ET_EXEC,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = (Elf32_Half)n,
	};

	memcpy(&from, bytes, sizeof(from));
	memcpy(to.e_ident, ELFMAG, SELFMAG);
	to.e_ident[EI_CLASS] = ELFCLASS32;
	to.e_ident[EI_DATA] = ELFDATA2LSB;
	to.e_ident[EI_VERSION] = EV_CURRENT;
	if (from.e_entry >> 32)
		fail(in_name, "its entry is not a physical address");
	to.e_entry = (Elf32_Addr)from.e_entry;
	return to;
}

static void put(FILE *f, const void *bytes, size_t n)
{
	if (n && fwrite(bytes, 1, n, f) != n)
		fail(out_name, "%s", strerror(errno));
}

int main(int argc, char **argv)
{
	static const unsigned char zeroes[PAGE];
	Elf64_Phdr segments[MAX_SEGMENTS];
	Elf32_Phdr headers[MAX_SEGMENTS];
	Elf32_Ehdr header;
	unsigned char *bytes;
	size_t size, at = PAGE;
	FILE *f;
	int n;

	if (argc != 3) {
		fprintf(stderr, "usage: mkelf32 IN OUT\n");
		return 2;
	}
	in_name = argv[1];
	out_name = argv[2];
	bytes = read_whole(&size);
	n = segments_find(bytes, size, segments);
	header = header_make(bytes, n);
	for (int i = 0; i < n; i++) {
		headers[i] = (Elf32_Phdr){
			.p_type = PT_LOAD,
			.p_offset = (Elf32_Off)at,
			.p_vaddr = (Elf32_Addr)segments[i].p_paddr,
			.p_paddr = (Elf32_Addr)segments[i].p_paddr,
			.p_filesz = (Elf32_Word)segments[i].p_filesz,
			.p_memsz = (Elf32_Word)segments[i].p_memsz,
			.p_flags = segments[i].p_flags,
			.p_align = PAGE,
		};
		at += (segments[i].p_filesz + PAGE - 1) / PAGE * PAGE;
	}
	f = fopen(out_name, "wb");
	if (!f)
		fail(out_name, "%s", strerror(errno));
	put(f, &header, sizeof(header));
	put(f, headers, (size_t)n * sizeof(headers[0]));
	put(f, zeroes, PAGE - sizeof(header) - (size_t)n * sizeof(headers[0]));
	for (int i = 0; i < n; i++) {
		put(f, bytes + segments[i].p_offset, segments[i].p_filesz);
		if (i < n - 1)
			put(f, zeroes, (PAGE - segments[i].p_filesz % PAGE) % PAGE);
	}
	if (fclose(f))
		fail(out_name, "%s", strerror(errno));
	free(bytes);
	return 0;
}
