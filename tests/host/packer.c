/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed files for tests, and what holds for every format: packer.h. */
#include "packer.h"
#include <string.h>
#include <unistd.h>
#include "errno.h"
#include "../unit/unit.h"

static uint32_t seed;

static uint32_t random_get(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static void fill_code(uint8_t *p, size_t size)
{
	FILE *f = fopen("/proc/self/exe", "rb");
	/* behind the headers, where the instructions are */
	size_t n = f && !fseek(f, 0x20000, SEEK_SET) ? fread(p, 1, size, f) : 0;

	CHECK(n);
	for (size_t i = n; i < size; i++)
		p[i] = p[i - n];
	fclose(f);
}

static void fill_text(uint8_t *p, size_t size)
{
	static const char *const words[] = { "the ",   "hypervisor ", "gives ", "a ",
		                             "guest ", "memory; ",    "event ", "channel ",
		                             "of ",    "domain\n",    "0x",     "grants " };

	for (size_t i = 0; i < size;) {
		const char *word = words[random_get() % ARRAY_LEN(words)];

		while (*word && i < size)
			p[i++] = (uint8_t)*word++;
		if (random_get() % 8 == 0 && i < size)
			p[i++] = (uint8_t)('0' + random_get() % 10);
	}
}

static void fill_periods(uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t n = 1 + random_get() % 700, period = random_get() % 20;

		for (size_t j = 0; j < n && i < size; j++, i++)
			p[i] = j < period ? (uint8_t)random_get() : period ? p[i - period] : 0;
	}
}

static void fill_random(uint8_t *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p[i] = (uint8_t)random_get();
}

static void fill(enum packer_kind kind, uint8_t *p, size_t size)
{
	static void (*const fills[])(uint8_t *, size_t) = { fill_code, fill_text, fill_periods,
		                                            fill_random };

	if (kind != PACKER_MIXED) {
		fills[kind](p, size);
		return;
	}
	for (size_t i = 0, n; i < size; i += n) {
		n = MIN(size - i, (size_t)(1 + random_get() % 60000));
		fills[random_get() % ARRAY_LEN(fills)](p + i, n);
	}
}

struct packer_file packer_data(enum packer_kind kind, size_t size)
{
	struct packer_file f = { malloc(size ? size : 1), size };

	seed = (uint32_t)(kind * 7919 + size);
	if (size)
		fill(kind, f.data, size);
	return f;
}

static struct packer_file read_all(FILE *f)
{
	struct packer_file out = { malloc(1), 0 };
	size_t room = 1, n;

	while ((n = fread(out.data + out.size, 1, room - out.size, f)) > 0) {
		out.size += n;
		if (out.size == room) {
			room *= 2;
			out.data = realloc(out.data, room);
		}
	}
	/* exactly, for AddressSanitizer */
	out.data = realloc(out.data, out.size ? out.size : 1);
	return out;
}

struct packer_file packer_run(const char *command, struct packer_file data)
{
	char name[] = "/tmp/zazen-packer.XXXXXX", line[512];
	int fd = mkstemp(name);
	struct packer_file out;
	FILE *f = fdopen(fd, "wb");

	if (!f || fwrite(data.data, 1, data.size, f) != data.size || fclose(f)) {
		perror(name);
		exit(2);
	}
	snprintf(line, sizeof(line), "{ %s; } < %s", command, name);
	f = popen(line, "r");
	out = read_all(f);
	if (pclose(f) || !out.size) {
		fprintf(stderr, "packer: this failed (tools/setup.sh installs the programs): %s\n",
		        command);
		exit(2);
	}
	unlink(name);
	return out;
}

void packer_free(struct packer_file *f)
{
	free(f->data);
	*f = (struct packer_file){ 0 };
}

struct packer_result packer_unpack(struct packer_file packed, uint64_t room)
{
	struct packer_result r = { .why = NULL };
	uint64_t got = 0;
	void *work;

	r.rc = unpack_probe(packed.data, packed.size, &r.info, &r.why);
	CHECK(!r.rc == !r.why);
	if (r.rc)
		return r;
	CHECK(r.info.work_size <= UNPACK_WORK_MAX);
	CHECK(r.info.offset <= packed.size && r.info.size <= packed.size - r.info.offset);
	/* aligned_alloc() wants a whole number of alignments; the tail that nobody may use is then less than one */
	work = aligned_alloc(UNPACK_WORK_ALIGN, align_up(r.info.work_size + 1, UNPACK_WORK_ALIGN));
	memset(work, 0xa5, r.info.work_size);
	r.out.data = malloc(room ? room : 1);
	r.rc = unpack(packed.data, &r.info, r.out.data, room, work, &got, &r.why);
	CHECK(!r.rc == !r.why);
	CHECK(got <= room);
	r.out.size = got;
	free(work);
	return r;
}

static void check_same(const struct packer_result *r, struct packer_file data)
{
	if (r->rc)
		printf("note: %s: %s\n", r->info.format ? r->info.format : "?", r->why);
	CHECK_EQ(r->rc, 0);
	CHECK_EQ(r->out.size, data.size);
	CHECK(!memcmp(r->out.data, data.data, data.size));
}

static void check_round(const char *command, enum packer_kind kind, size_t size, bool one_stream)
{
	struct packer_file data = packer_data(kind, size), packed = packer_run(command, data);
	struct packer_result r = packer_unpack(packed, size);

	check_same(&r, data);
	CHECK(!one_stream || !r.info.unpacked_size || r.info.unpacked_size == size);
	packer_free(&data);
	packer_free(&packed);
	packer_free(&r.out);
}

void packer_check_round(const char *command, enum packer_kind kind, size_t size)
{
	check_round(command, kind, size, true);
}

void packer_check_row(const char *command)
{
	check_round(command, PACKER_TEXT, 5000, false);
}

void packer_check_rounds(const char *command, size_t size)
{
	for (enum packer_kind kind = 0; kind < PACKER_KINDS; kind++)
		packer_check_round(command, kind, size);
	for (size_t n = 1; n < 12; n++)
		packer_check_round(command, PACKER_TEXT, n);
}

void packer_check_cuts(const char *command, const char *format, enum packer_kind kind, size_t size)
{
	struct packer_file data = packer_data(kind, size), packed = packer_run(command, data);
	struct packer_result whole = packer_unpack(packed, size);

	check_same(&whole, data);
	CHECK(!strcmp(whole.info.format, format));
	for (size_t n = 0; n < packed.size; n++) {
		struct packer_file cut = { malloc(n ? n : 1), n };
		struct packer_result r;

		memcpy(cut.data, packed.data, n);
		r = packer_unpack(cut, size);
		if (r.rc != -EBADMSG && !(r.rc == -ENOEXEC && n < 9))
			printf("note: %zu of %zu bytes: %d, %s\n", n, packed.size, r.rc,
			       r.rc ? r.why : "no error");
		CHECK(r.rc == -EBADMSG || (r.rc == -ENOEXEC && n < 9));
		packer_free(&cut);
		packer_free(&r.out);
	}
	packer_free(&data);
	packer_free(&packed);
	packer_free(&whole.out);
}

void packer_check_flips(const char *command, enum packer_kind kind, size_t size, bool checked)
{
	static const uint8_t masks[] = { 0x01, 0x80, 0xff, 0x10 };
	struct packer_file data = packer_data(kind, size), packed = packer_run(command, data);

	for (size_t i = 0; i < packed.size * ARRAY_LEN(masks); i++) {
		struct packer_result r;
		uint8_t *byte = &packed.data[i / ARRAY_LEN(masks)],
			mask = masks[i % ARRAY_LEN(masks)];

		*byte ^= mask;
		r = packer_unpack(packed, size);
		if (checked && !r.rc)
			check_same(&r, data);
		*byte ^= mask;
		packer_free(&r.out);
	}
	packer_free(&data);
	packer_free(&packed);
}

void packer_check_room(const char *command, enum packer_kind kind, size_t size)
{
	struct packer_file data = packer_data(kind, size), packed = packer_run(command, data);

	for (size_t room = 0; room < size; room += room + 40 < size ? 1 + size / 40 : 1) {
		struct packer_result r = packer_unpack(packed, room);

		CHECK_EQ(r.rc, -ENOSPC);
		packer_free(&r.out);
	}
	packer_free(&data);
	packer_free(&packed);
}

struct packer_file packer_bzimage(struct packer_file payload, bool append, uint32_t appended)
{
	const size_t at = 3 * 512 + 0x123;
	struct packer_file f = { calloc(1, at + payload.size + 4 + 77), at + payload.size + 77 };
	uint32_t offset = 0x123, length = (uint32_t)payload.size;

	f.data[0x1f1] = 2;
	memcpy(f.data + 0x1fe, "\x55\xaa", 2);
	memcpy(f.data + 0x202, "HdrS\x0f\x02", 6);
	memcpy(f.data + at, payload.data, payload.size);
	if (append) {
		memcpy(f.data + at + payload.size, &appended, 4);
		length += 4;
		f.size += 4;
	}
	memcpy(f.data + 0x248, &offset, 4);
	memcpy(f.data + 0x24c, &length, 4);
	return f;
}

void packer_check_bzimage(const char *command, bool append_size)
{
	const size_t size = 30000;
	struct packer_file data = packer_data(PACKER_CODE, size),
			   packed = packer_run(command, data);
	struct packer_file image = packer_bzimage(packed, append_size, size);
	struct packer_result r = packer_unpack(image, size);

	CHECK(r.info.is_bzimage && r.info.is_packed);
	CHECK_EQ(r.info.unpacked_size, size);
	check_same(&r, data);
	packer_free(&r.out);
	packer_free(&image);
	if (append_size) {
		image = packer_bzimage(packed, true, size + 1);
		r = packer_unpack(image, size + 1);
		CHECK_EQ(r.rc, -EBADMSG);
		packer_free(&r.out);
		packer_free(&image);
	}
	packer_free(&data);
	packer_free(&packed);
}

void packer_check_format(const char *command, const char *format, bool checked, bool append_size)
{
	packer_check_rounds(command, 300000);
	/* nothing packed by legacy LZ4 is only the magic: no different from a file that is cut */
	if (strcmp(format, "LZ4 (legacy)"))
		packer_check_round(command, PACKER_TEXT, 0);
	packer_check_cuts(command, format, PACKER_CODE, 3000);
	packer_check_cuts(command, format, PACKER_TEXT, 1500);
	packer_check_cuts(command, format, PACKER_RANDOM, 300);
	packer_check_flips(command, PACKER_CODE, 2000, checked);
	packer_check_flips(command, PACKER_MIXED, 1500, checked);
	packer_check_flips(command, PACKER_ZEROES, 4000, checked);
	packer_check_room(command, PACKER_CODE, 3000);
	packer_check_room(command, PACKER_ZEROES, 5000);
	packer_check_room(command, PACKER_RANDOM, 300);
	packer_check_bzimage(command, append_size);
}
