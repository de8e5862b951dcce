// SPDX-License-Identifier: GPL-2.0-or-later
/* PVH guests as they are built, into memory of the test's: what lies where, what the kernel is told, and what cannot start. */
#include "unit.h"

#include "domain_image.h"

#include <stdlib.h>
#include <string.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/elfnote.h>

#define MEMORY  (64ull << 20) /* of which there is a place here; guests may have more */
#define KERNEL  0x1000000u
#define ENTRY   0x1000010u
#define RAMDISK 70000u

/* A 32-bit ELF file with one segment and Xen's note behind it. */
struct kernel {
	struct {
		uint8_t ident[16];
		uint16_t type, machine;
		uint32_t version, entry, phoff, shoff, flags;
		uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	} head;
	struct {
		uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
	} load, note;
	uint32_t note_head[3];
	char note_name[4];
	uint32_t note_entry;
	uint8_t text[5000];
};

static struct kernel kernel;
static uint8_t ramdisk[RAMDISK];
static uint8_t *memory;
static bool has_state, is_backed_below_1m;
static struct failure failure;
static struct built built;
static struct build_plan plan;
static struct domain_image d;

/* ---- the domain's memory, instead of tools/builder/guest_ram.c ---- */

void ram_row(struct domain_image *image, uint64_t start, uint64_t end, uint32_t type)
{
	if (end > start)
		image->map[image->nr_map++] = (struct map_row){ start, end, type };
}

bool ram_populate(struct domain_image *image)
{
	return true;
}

bool ram_populate_range(struct domain_image *image, uint64_t start, uint64_t end)
{
	is_backed_below_1m = start == 0xa0000 && end == 0x100000;
	return true;
}

bool ram_write(struct domain_image *image, uint64_t at, const void *from, uint64_t size,
               const char *what)
{
	CHECK(at < MEMORY && size <= MEMORY - at);
	memcpy(memory + at, from, size);
	return true;
}

bool ram_zero(struct domain_image *image, uint64_t at, uint64_t size, const char *what)
{
	CHECK(at < MEMORY && size <= MEMORY - at);
	memset(memory + at, 0, size);
	return true;
}

bool ram_covers(const struct domain_image *image, uint64_t at, uint64_t size)
{
	for (unsigned i = 0; i < image->nr_map; i++)
		if (image->map[i].type == 1 && at >= image->map[i].start &&
		    at + size <= image->map[i].end)
			return true;
	return false;
}

bool vcpu_start_state(struct domain_image *image)
{
	has_state = true;
	return true;
}

uint8_t *file_read(struct domain_image *image, const char *what, const char *path, size_t *size)
{
	const void *from = strcmp(path, "kernel") == 0 ? (void *)&kernel : ramdisk;
	uint8_t *bytes;

	if (strcmp(path, "nothing") == 0) {
		fail(image->failure, "%s: no such file", path);
		return NULL;
	}
	*size = from == ramdisk ? sizeof(ramdisk) : sizeof(kernel);
	bytes = malloc(*size);
	memcpy(bytes, from, *size);
	return bytes;
}

/* ---- tests ---- */

static void plan_make(void)
{
	memset(&kernel, 0, sizeof(kernel));
	memcpy(kernel.head.ident, "\177ELF\1\1\1", 7);
	kernel.head.machine = 3;
	kernel.head.phoff = offsetof(struct kernel, load);
	kernel.head.phentsize = sizeof(kernel.load);
	kernel.head.phnum = 2;
	kernel.load.type = 1;
	kernel.load.offset = offsetof(struct kernel, text);
	kernel.load.paddr = KERNEL;
	kernel.load.filesz = sizeof(kernel.text);
	kernel.load.memsz = 9000;
	kernel.note.type = 4;
	kernel.note.offset = offsetof(struct kernel, note_head);
	kernel.note.filesz = sizeof(kernel.note_head) + 8;
	memcpy(kernel.note_head, (uint32_t[]){ 4, 4, XEN_ELFNOTE_PHYS32_ENTRY }, 12);
	memcpy(kernel.note_name, "Xen", 4);
	kernel.note_entry = ENTRY;
	memset(kernel.text, 0x5a, sizeof(kernel.text));
	for (size_t i = 0; i < sizeof(ramdisk); i++)
		ramdisk[i] = (uint8_t)(i * 7);
	free(memory);
	memory = malloc(MEMORY);
	memset(memory, 0xee, MEMORY);
	failure.text[0] = 0;
	has_state = is_backed_below_1m = false;
	plan = (struct build_plan){ .name = "small",
		                    .memory_kib = 65536,
		                    .max_memory_kib = 65536,
		                    .vcpus = 1,
		                    .max_vcpus = 2,
		                    .kernel = "kernel",
		                    .ramdisk = "ramdisk",
		                    .command_line = "root=/dev/xvda console=hvc0" };
	d = (struct domain_image){ .plan = &plan, .built = &built, .failure = &failure };
}

static bool furnish(void)
{
	bool done = pvh_furnish(&d);

	if (!done && !strstr(failure.text, "small"))
		printf("it says: %s\n", failure.text);
	return done;
}

static uint8_t sum(uint64_t at, size_t n)
{
	uint8_t total = 0;

	while (n--)
		total = (uint8_t)(total + memory[at++]);
	return total;
}

static void what_the_kernel_is_told(void)
{
	const struct hvm_start_info *info;
	const struct hvm_modlist_entry *module;
	const struct hvm_memmap_table_entry *map;

	plan_make();
	CHECK(furnish());
	CHECK(has_state);
	CHECK_EQ(d.entry, ENTRY);
	CHECK(d.start_info >= KERNEL + 9000 && d.start_info < MEMORY);
	info = (const void *)(memory + d.start_info);
	CHECK_EQ(info->magic, XEN_HVM_START_MAGIC_VALUE);
	CHECK_EQ(info->version, 1);
	CHECK_EQ(info->flags, 0);
	CHECK_EQ(info->nr_modules, 1);
	CHECK(!strcmp((char *)memory + info->cmdline_paddr, plan.command_line));
	module = (const void *)(memory + info->modlist_paddr);
	CHECK_EQ(module->size, RAMDISK);
	CHECK_EQ(module->paddr % 4096, 0);
	CHECK(!memcmp(memory + module->paddr, ramdisk, RAMDISK));
	CHECK(!memcmp(memory + KERNEL, kernel.text, sizeof(kernel.text)));
	CHECK_EQ(memory[KERNEL + sizeof(kernel.text)], 0);
	CHECK_EQ(memory[KERNEL + 8999], 0);
	/* the map: low RAM, the hole for ACPI, RAM, the pages of console and store */
	CHECK_EQ(info->memmap_entries, 4);
	map = (const void *)(memory + info->memmap_paddr);
	CHECK_EQ(map[0].type, XEN_HVM_MEMMAP_TYPE_RAM);
	CHECK_EQ(map[0].size, 0xa0000);
	CHECK_EQ(map[1].type, XEN_HVM_MEMMAP_TYPE_RESERVED);
	CHECK_EQ(map[2].addr + map[2].size, MEMORY);
	CHECK_EQ(map[3].addr, CONSOLE_GFN << PAGE_SHIFT);
	CHECK_EQ(map[3].type, XEN_HVM_MEMMAP_TYPE_RESERVED);
	CHECK(is_backed_below_1m);
}

static void acpi_tables(void)
{
	const struct hvm_start_info *info;
	uint64_t xsdt, table;
	uint32_t length;
	unsigned madts = 0;

	plan_make();
	CHECK(furnish());
	info = (const void *)(memory + d.start_info);
	CHECK(info->rsdp_paddr >= 0xa0000 && info->rsdp_paddr < 0x100000);
	CHECK(!memcmp(memory + info->rsdp_paddr, "RSD PTR ", 8));
	CHECK_EQ(sum(info->rsdp_paddr, 20), 0);
	CHECK_EQ(sum(info->rsdp_paddr, 36), 0);
	memcpy(&xsdt, memory + info->rsdp_paddr + 24, 8);
	memcpy(&length, memory + xsdt + 4, 4);
	CHECK_EQ(sum(xsdt, length), 0);
	for (uint32_t at = 36; at < length; at += 8) {
		uint32_t size;

		memcpy(&table, memory + xsdt + at, 8);
		memcpy(&size, memory + table + 4, 4);
		CHECK_EQ(sum(table, size), 0);
		if (memcmp(memory + table, "APIC", 4) != 0)
			continue;
		madts++;
		CHECK_EQ(size, 44 + 2 * 8); /* a local APIC for each vcpu that it may have */
	}
	CHECK_EQ(madts, 1);
}

static void much_memory(void)
{
	const struct map_row *last;

	plan_make();
	plan.memory_kib = 5ull << 20;
	CHECK(furnish());
	last = &d.map[d.nr_map - 1];
	CHECK_EQ(last->start, HOLE_END);
	CHECK_EQ(last->end - last->start, 2ull << 30); /* 3 GiB are below the hole */
	CHECK_EQ(last->type, 1);
}

static void without_a_ramdisk(void)
{
	const struct hvm_start_info *info;

	plan_make();
	plan.ramdisk = NULL;
	CHECK(furnish());
	info = (const void *)(memory + d.start_info);
	CHECK_EQ(info->nr_modules, 0);
	CHECK_EQ(info->modlist_paddr, 0);
}

static bool refused(const char *words)
{
	if (furnish())
		return false;
	if (!strstr(failure.text, words))
		printf("it says: %s\n", failure.text);
	return strstr(failure.text, words) && !has_state;
}

static void refusals(void)
{
	plan_make();
	plan.memory_kib = 1024;
	CHECK(refused("less than 2 MiB"));
	plan_make();
	plan.memory_kib = 8192; /* the kernel wants to lie at 16 MiB */
	CHECK(refused("give it more (memory=)"));
	plan_make();
	plan.memory_kib = 16 * 1024 + 32; /* it fits, but what goes with it does not */
	CHECK(refused("kernel and ramdisk do not fit"));
	plan_make();
	plan.ramdisk = "nothing";
	CHECK(refused("nothing: no such file"));
	plan_make();
	kernel.note_name[0] = 'Y';
	CHECK(refused("kernel \"kernel\": no PVH guest can start from it"));
	plan_make();
	plan.max_vcpus = 5000;
	CHECK(refused("no ACPI tables for 5000 vcpus"));
	free(memory);
	memory = NULL;
}

UNIT_MAIN(UNIT(what_the_kernel_is_told), UNIT(acpi_tables), UNIT(much_memory),
          UNIT(without_a_ramdisk), UNIT(refusals))
