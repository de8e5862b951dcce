/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mkstart KERNEL COMMAND-LINE [FILE ARGUMENTS]... > DISK
 *
 * A disk whose content is to lie in memory at the address BASE (-DBASE), for rom.S, which starts KERNEL as a multiboot loader does: the information structure in the first page, then the
 * kernel's file, strings, and the modules, each at a page of its own. Multiboot specification 0.6.96, 3.3; rom.S adds the map of memory, and loads the kernel.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE        4096u
#define PIECE       65536u          /* what rom.S reads at once */
#define CYLINDER    (16 * 63 * 512) /* bochs wants whole ones */
#define MODULES_MAX 8
#define HAS_CMDLINE (1u << 2)
#define HAS_MODULES (1u << 3)
#define HAS_LOADER  (1u << 9)

struct info {
	uint32_t flags, memory[2], device, cmdline, nr_modules, modules, symbols[4], map[2],
		drives[2], config, loader, others[5], pieces;
};

struct module {
	uint32_t begin, end, words, reserved;
};

static uint8_t *image;
static size_t size;

/* Zeroed room in the image; where it is there. */
static size_t room(size_t n, size_t align)
{
	size_t at = (size + align - 1) / align * align;

	image = realloc(image, at + n);
	if (!image) {
		perror("mkstart");
		exit(1);
	}
	memset(image + size, 0, at + n - size);
	size = at + n;
	return at;
}

static void characters(const char *s, size_t n)
{
	size_t at = room(n, 1);

	memcpy(image + at, s, n);
}

/* A file's name and what it is told: the first word of such a string is the name. */
static uint32_t words(const char *file, const char *rest)
{
	size_t at = size;

	characters(file, strlen(file));
	characters(" ", 1);
	characters(rest, strlen(rest) + 1);
	return (uint32_t)(BASE + at);
}

/* A file at a page. */
static struct module file_put(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t at = room(0, PAGE), n;
	uint8_t piece[65536];

	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0) {
		size_t to = room(n, 1);

		memcpy(image + to, piece, n);
	}
	if (!f || ferror(f)) {
		fprintf(stderr, "mkstart: ");
		perror(path);
		exit(1);
	}
	fclose(f);
	return (struct module){ (uint32_t)(BASE + at), (uint32_t)(BASE + size), 0, 0 };
}

int main(int argc, char **argv)
{
	struct info i = { .flags = HAS_CMDLINE | HAS_MODULES | HAS_LOADER };
	struct module modules[MODULES_MAX];
	size_t info_at = room(sizeof(i), 1), modules_at = room(sizeof(modules), 1);

	if (argc < 3 || argc % 2 == 0 || argc > 3 + 2 * MODULES_MAX) {
		fprintf(stderr, "usage: mkstart KERNEL COMMAND-LINE [FILE ARGUMENTS]...\n");
		return 2;
	}
	(void)file_put(argv[1]);
	i.cmdline = words(argv[1], argv[2]);
	i.loader = (uint32_t)(BASE + size);
	characters("the option ROM of the tests", 28);
	i.modules = (uint32_t)(BASE + modules_at);
	for (int at = 3; at < argc; at += 2) {
		modules[i.nr_modules] = file_put(argv[at]);
		modules[i.nr_modules++].words = words(argv[at], argv[at + 1]);
	}
	i.pieces = (uint32_t)((size + PIECE - 1) / PIECE);
	memcpy(image + info_at, &i, sizeof(i));
	memcpy(image + modules_at, modules, i.nr_modules * sizeof(modules[0]));
	(void)room(0, CYLINDER);
	return fwrite(image, size, 1, stdout) == 1 && fflush(stdout) == 0 ? 0 : 1;
}
