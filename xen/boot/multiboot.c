// SPDX-License-Identifier: GPL-2.0-or-later
/* The boot loader's tables, Multiboot 1 (0.6.96, section 3.3) and Multiboot 2 (2.0, section 3.6). Pure: memory is reached by the caller's map. */
#include "boot_info.h"
#include "errno.h"
#include "string.h"

/* What is being read, and what firmware says of memory before it is sorted out. */
struct reader {
	boot_map map;
	void *arg;
	struct boot_info *out;
	uint32_t nr_raw;
	bool have_e820;
	struct boot_range raw[BOOT_MAX_RANGES];
};

/* Used once, at start; too large for a stack. */
static struct reader reader;

static int raw_add(struct reader *r, uint64_t base, uint64_t size, uint32_t type)
{
	struct boot_range *last = r->nr_raw ? &r->raw[r->nr_raw - 1] : NULL;

	if (!size)
		return 0;
	/* EFI maps come in hundreds of small neighbours. */
	if (last && last->type == type && last->base + last->size == base &&
	    last->size + size > last->size) {
		last->size += size;
		return 0;
	}
	if (r->nr_raw == BOOT_MAX_RANGES)
		return -E2BIG;
	r->raw[r->nr_raw++] = (struct boot_range){ .base = base, .size = size, .type = type };
	return 0;
}

/* A zero-terminated text somewhere in memory; what does not fit is cut. */
static int text_read(struct reader *r, uint64_t phys, char *to, size_t size)
{
	size_t n = 0;

	while (n < size - 1) {
		uint64_t left = PAGE_SIZE - (phys + n) % PAGE_SIZE;
		const char *s = r->map(r->arg, phys + n, left);

		if (!s)
			return -EFAULT;
		for (uint64_t i = 0; i < left && n < size - 1; i++) {
			if (!s[i])
				goto out;
			to[n++] = s[i];
		}
	}
out:
	to[n] = 0;
	return 0;
}

static int module_add(struct reader *r, uint64_t start, uint64_t end, struct boot_module **out)
{
	struct boot_module *m;

	if (r->out->nr_modules == BOOT_MAX_MODULES)
		return -E2BIG;
	if (end < start || !r->map(r->arg, start, end - start))
		return -EFAULT;
	m = &r->out->modules[r->out->nr_modules++];
	m->base = start;
	m->size = end - start;
	m->command_line[0] = 0;
	*out = m;
	return 0;
}

/* ---- Multiboot 1 --------------------------------------------------------------------------------- */

struct mb1_info {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4];
	uint32_t mmap_length, mmap_addr, drives_length, drives_addr, config_table, loader_name;
	uint32_t apm_table, vbe[4];
	uint64_t fb_addr;
	uint32_t fb_pitch, fb_width, fb_height;
	uint8_t fb_bpp, fb_type;
} packed_struct;

#define MB1_MEM     (1u << 0)
#define MB1_CMDLINE (1u << 2)
#define MB1_MODS    (1u << 3)
#define MB1_MMAP    (1u << 6)
#define MB1_LOADER  (1u << 9)
#define MB1_FB      (1u << 12)

struct mb1_mmap {
	uint32_t size; /* of what follows */
	uint64_t base, length;
	uint32_t type;
} packed_struct;

struct mb1_module {
	uint32_t start, end, cmdline, pad;
};

static int mb1_mmap_read(struct reader *r, const struct mb1_info *info)
{
	const uint8_t *bytes = r->map(r->arg, info->mmap_addr, info->mmap_length);
	struct mb1_mmap e;

	if (!bytes)
		return -EFAULT;
	for (uint64_t at = 0; at + sizeof(e) <= info->mmap_length; at += (uint64_t)e.size + 4) {
		int err;

		memcpy(&e, bytes + at, sizeof(e));
		if (e.size < sizeof(e) - 4)
			return -EFAULT;
		err = raw_add(r, e.base, e.length, e.type);
		if (err)
			return err;
	}
	return 0;
}

static int mb1_modules_read(struct reader *r, const struct mb1_info *info)
{
	for (uint32_t i = 0; i < info->mods_count; i++) {
		struct boot_module *m;
		struct mb1_module from;
		uint64_t at = info->mods_addr + (uint64_t)i * sizeof(from);
		const void *p = r->map(r->arg, at, sizeof(from));
		int err;

		if (!p)
			return -EFAULT;
		memcpy(&from, p, sizeof(from));
		err = module_add(r, from.start, from.end, &m);
		if (!err && from.cmdline)
			err = text_read(r, from.cmdline, m->command_line, sizeof(m->command_line));
		if (err)
			return err;
	}
	return 0;
}

static int mb1_memory_read(struct reader *r, const struct mb1_info *info)
{
	int err = 0;

	if (info->flags & MB1_MMAP)
		return mb1_mmap_read(r, info);
	if (info->flags & MB1_MEM) {
		err = raw_add(r, 0, (uint64_t)info->mem_lower << 10, RANGE_RAM);
		if (!err)
			err = raw_add(r, MIB(1), (uint64_t)info->mem_upper << 10, RANGE_RAM);
	}
	return err;
}

static int mb1_read(struct reader *r, uint64_t phys)
{
	struct boot_info *out = r->out;
	const void *p = r->map(r->arg, phys, sizeof(struct mb1_info));
	struct mb1_info info;
	int err;

	if (!p)
		return -EFAULT;
	memcpy(&info, p, sizeof(info));
	err = mb1_memory_read(r, &info);
	if (!err && (info.flags & MB1_CMDLINE))
		err = text_read(r, info.cmdline, out->command_line, sizeof(out->command_line));
	if (!err && (info.flags & MB1_LOADER))
		err = text_read(r, info.loader_name, out->loader, sizeof(out->loader));
	if (!err && (info.flags & MB1_MODS))
		err = mb1_modules_read(r, &info);
	if (!err && (info.flags & MB1_FB))
		out->framebuffer = (struct boot_framebuffer){
			.base = info.fb_addr,
			.pitch = info.fb_pitch,
			.width = info.fb_width,
			.height = info.fb_height,
			.bpp = info.fb_bpp,
			.type = info.fb_type,
		};
	return err;
}

/* ---- Multiboot 2 --------------------------------------------------------------------------------- */

#define MB2_MAX_SIZE MIB(16)

struct mb2_tag {
	uint32_t type, size;
};

/* A tag's contents: what comes after type and size, already known to lie in memory. */
struct span {
	const uint8_t *bytes;
	uint32_t size;
};

static uint32_t span_u32(const struct span *s, uint32_t at)
{
	uint32_t v = 0;

	if (at <= s->size && s->size - at >= sizeof(v))
		memcpy(&v, s->bytes + at, sizeof(v));
	return v;
}

static uint64_t span_u64(const struct span *s, uint32_t at)
{
	return span_u32(s, at) | (uint64_t)span_u32(s, at + 4) << 32;
}

static void span_text(const struct span *s, uint32_t at, char *to, size_t size)
{
	size_t n = at < s->size ? strnlen((const char *)s->bytes + at, s->size - at) : 0;

	n = MIN(n, size - 1);
	memcpy(to, s->bytes + at, n);
	to[n] = 0;
}

static int tag_command_line(struct reader *r, const struct span *s)
{
	span_text(s, 0, r->out->command_line, sizeof(r->out->command_line));
	return 0;
}

static int tag_loader(struct reader *r, const struct span *s)
{
	span_text(s, 0, r->out->loader, sizeof(r->out->loader));
	return 0;
}

static int tag_module(struct reader *r, const struct span *s)
{
	struct boot_module *m;
	int err;

	if (s->size < 8)
		return -EFAULT;
	err = module_add(r, span_u32(s, 0), span_u32(s, 4), &m);
	if (!err)
		span_text(s, 8, m->command_line, sizeof(m->command_line));
	return err;
}

static int tag_mmap(struct reader *r, const struct span *s)
{
	uint32_t step = span_u32(s, 0);

	if (step < 24 || s->size < 8)
		return -EFAULT;
	/* The loader's own map is better than a raw EFI one that came before it. */
	r->nr_raw = 0;
	r->have_e820 = true;
	for (uint64_t at = 8; at + step <= s->size; at += step) {
		uint32_t i = (uint32_t)at;
		int err = raw_add(r, span_u64(s, i), span_u64(s, i + 8), span_u32(s, i + 16));

		if (err)
			return err;
	}
	return 0;
}

/* UEFI 2.10, 7.2.3: what is the system's own after ExitBootServices. */
static const uint8_t efi_types[] = {
	[0] = RANGE_RESERVED, [1] = RANGE_RAM, /* loader code and data */
	[2] = RANGE_RAM,      [3] = RANGE_RAM, /* boot services code and data */
	[4] = RANGE_RAM,      [5] = RANGE_RESERVED, [6] = RANGE_RESERVED, [7] = RANGE_RAM,
	[8] = RANGE_BAD,      [9] = RANGE_ACPI,     [10] = RANGE_NVS,
};

static int tag_efi_mmap(struct reader *r, const struct span *s)
{
	uint32_t step = span_u32(s, 0);

	r->out->efi = true;
	if (r->have_e820)
		return 0;
	if (step < 40 || s->size < 8)
		return -EFAULT;
	r->nr_raw = 0;
	for (uint64_t at = 8; at + step <= s->size; at += step) {
		uint32_t i = (uint32_t)at, type = span_u32(s, i);
		uint64_t pages = MIN(span_u64(s, i + 24), 1ull << 40);
		int err = raw_add(r, span_u64(s, i + 8), pages << PAGE_SHIFT,
		                  type < ARRAY_LEN(efi_types) ? efi_types[type] : RANGE_RESERVED);

		if (err)
			return err;
	}
	return 0;
}

static int tag_framebuffer(struct reader *r, const struct span *s)
{
	if (s->size < 22)
		return -EFAULT;
	r->out->framebuffer = (struct boot_framebuffer){
		.base = span_u64(s, 0),
		.pitch = span_u32(s, 8),
		.width = span_u32(s, 12),
		.height = span_u32(s, 16),
		.bpp = s->bytes[20],
		.type = s->bytes[21],
	};
	return 0;
}

static int tag_efi_system(struct reader *r, const struct span *s)
{
	r->out->efi = true;
	return 0;
}

static int tag_rsdp(struct reader *r, const struct span *s)
{
	uint32_t n = MIN(s->size, (uint32_t)sizeof(r->out->rsdp_copy));

	/* The newer form (36 bytes) says all that the older (20 bytes) does. */
	if (n < 20 || n < r->out->rsdp_length)
		return 0;
	memcpy(r->out->rsdp_copy, s->bytes, n);
	r->out->rsdp_length = n;
	return 0;
}

static int (*const tag_readers[])(struct reader *r, const struct span *s) = {
	[1] = tag_command_line, [2] = tag_loader,      [3] = tag_module,      [6] = tag_mmap,
	[8] = tag_framebuffer,  [11] = tag_efi_system, [12] = tag_efi_system, [14] = tag_rsdp,
	[15] = tag_rsdp,        [17] = tag_efi_mmap,
};

static int mb2_read(struct reader *r, uint64_t phys)
{
	const void *head = r->map(r->arg, phys, 8);
	const uint8_t *bytes;
	uint32_t total;

	if (!head)
		return -EFAULT;
	memcpy(&total, head, sizeof(total));
	if (total < 16 || total > MB2_MAX_SIZE)
		return -EFAULT;
	bytes = r->map(r->arg, phys, total);
	if (!bytes)
		return -EFAULT;
	for (uint64_t at = 8; at + sizeof(struct mb2_tag) <= total;) {
		struct mb2_tag tag;
		struct span s;
		int err = 0;

		memcpy(&tag, bytes + at, sizeof(tag));
		if (!tag.type)
			return 0;
		if (tag.size < sizeof(tag) || tag.size > total - at)
			return -EFAULT;
		s.bytes = bytes + at + sizeof(tag);
		s.size = tag.size - (uint32_t)sizeof(tag);
		if (tag.type < ARRAY_LEN(tag_readers) && tag_readers[tag.type])
			err = tag_readers[tag.type](r, &s);
		if (err)
			return err;
		at = align_up(at + tag.size, 8);
	}
	return -EFAULT; /* the closing tag is missing */
}

int boot_info_read(uint32_t magic, uint64_t phys, boot_map map, void *arg, struct boot_info *out)
{
	struct reader *r = &reader;
	int err;

	memset(out, 0, sizeof(*out));
	out->framebuffer.type = 0xff;
	memset(r, 0, sizeof(*r));
	r->map = map;
	r->arg = arg;
	r->out = out;
	if (magic == MULTIBOOT1_LOADER)
		err = mb1_read(r, phys);
	else if (magic == MULTIBOOT2_LOADER)
		err = mb2_read(r, phys);
	else
		err = -EINVAL;
	return err ? err : boot_ranges_resolve(r->raw, r->nr_raw, out);
}
