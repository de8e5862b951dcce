/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/x86/insn_decode.c: rows by hand, this CPU's LEA for addresses, objdump for lengths of real code. */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>
#include "unit.h"
#include "insn_decode.h"
#include "run_insn.h"
#include "errno.h"

#define B16 (1 << INSN_16BIT)
#define B32 (1 << INSN_32BIT)
#define B64 (1 << INSN_64BIT)
#define ALL (B16 | B32 | B64)

/* clang-format off */
/* The length is that of the text, but for rows that say less or an error. */
static const struct row {
	const char *hex;
	int modes;
	int len; /* 0: all of the text */
} rows[] = {
	/* what exits have */
	{ "0fa2", ALL },
	{ "0f32", ALL },
	{ "0f30", ALL },
	{ "0f31", ALL },
	{ "f4", ALL },
	{ "0f01d9", ALL },
	{ "0f01c1", ALL },
	{ "0f01d1", ALL },
	{ "0f01f9", ALL },
	{ "0f09", ALL },
	{ "0f0b", ALL },
	{ "0f20c0", ALL },
	{ "0f22d8", ALL },
	{ "410f22c0", B64 },
	{ "0f2040", ALL }, /* mod is of no account */
	{ "0f2305", ALL },
	{ "ec", ALL },
	{ "e460", ALL },
	{ "66ef", ALL },
	{ "f36d", ALL },
	{ "0f0138", B64 | B32 }, /* INVLPG [rax] */
	{ "0f06", ALL },
	/* ModRM and SIB */
	{ "8b00", ALL },
	{ "8b4010", ALL },
	{ "8b80", ALL, -ENODATA },
	{ "8b801234", B16 },
	{ "8b8012345678", B32 | B64 },
	{ "8b0512345678", B32 | B64 },
	{ "8b061234", B16 },
	{ "8b042512345678", B32 | B64 },
	{ "8b0424", B32 | B64 },
	{ "8b442410", B32 | B64 },
	{ "8b84c812345678", B32 | B64 },
	{ "67668b0510203040", B16 },
	{ "678b061020", B32 },
	{ "678b042510203040", B64 },
	{ "8bc0", ALL },
	/* immediates */
	{ "04ff", ALL },
	{ "05ffff", B16 },
	{ "05ffffffff", B32 | B64 },
	{ "6605ffff", B32 | B64 },
	{ "6605ffffffff", B16 },
	{ "4805ffffffff", B64 },
	{ "664805ffffffff", B64 },
	{ "b81234", B16 },
	{ "b812345678", B32 | B64 },
	{ "48b81122334455667788", B64 },
	{ "66b81122", B32 | B64 },
	{ "c8123401", ALL },
	{ "c21000", ALL },
	{ "6a01", ALL },
	{ "6800000000", B32 | B64 },
	{ "66680000", B32 | B64 },
	{ "e90000", B16 },
	{ "e900000000", B32 | B64 },
	{ "0f8400000000", B32 | B64 },
	{ "0f840000", B16 },
	{ "7500", ALL },
	{ "9a00000800", B16 },
	{ "9a000000000800", B32 },
	{ "ea000000000800", B32 },
	{ "9a000000000800", B64, -EINVAL },
	{ "a01234", B16 },
	{ "a012345678", B32 },
	{ "a01122334455667788", B64 },
	{ "67a011223344", B64 },
	{ "48a11122334455667788", B64 },
	{ "c6000a", ALL },
	{ "c70011223344", B32 | B64 },
	{ "c7001122", B16 },
	{ "48c70011223344", B64 },
	{ "800005", ALL },
	{ "8100112233 44", B32 | B64 },
	{ "830005", ALL },
	{ "820005", B16 | B32 },
	{ "820005", B64, -EINVAL },
	{ "f60005", ALL },
	{ "f60805", ALL },
	{ "f610", ALL },
	{ "f70011223344", B32 | B64 },
	{ "f7081122", B16 },
	{ "f718", ALL },
	{ "f7d8", ALL },
	{ "66f7001122", B32 | B64 },
	{ "690011223344", B32 | B64 },
	{ "6b0005", ALL },
	{ "c10005", ALL },
	{ "d100", ALL },
	{ "cd80", ALL },
	/* two and three byte maps */
	{ "0fb600", ALL },
	{ "0fba2005", ALL },
	{ "0fb110", ALL },
	{ "f00fb110", ALL },
	{ "0fc708", ALL },
	{ "480fc708", B64 },
	{ "0fa40005", ALL },
	{ "0fc8", ALL },
	{ "0f1f440000", B32 | B64 },
	{ "0fae38", ALL },
	{ "0f05", ALL },
	{ "660f6f00", ALL },
	{ "660f70c005", ALL },
	{ "f20f7800", ALL, -ENODATA },
	{ "f20f78c00102", ALL },
	{ "660f78c00102", ALL },
	{ "0f78c0", ALL },
	{ "660f3800c0", ALL },
	{ "0f38f000", ALL },
	{ "f20f38f1c1", ALL },
	{ "660f3a0fc108", ALL },
	{ "0f77", ALL },
	/* VEX; LES, LDS and BOUND where it is not */
	{ "c5f877", ALL },
	{ "c5f95800", ALL },
	{ "c4e27d1800", B64 | B32 },
	{ "c4e37d18c001", ALL },
	{ "c5f970c001", ALL },
	{ "c4e0fd00c0", ALL, -EINVAL },
	{ "66c5f877", B64, -EINVAL },
	{ "48c5f877", B64, -EINVAL },
	{ "c500", B16 | B32 },
	{ "c440 10", B16 | B32 },
	{ "6200", B16 | B32 },
	{ "62f17c4858c0", ALL, -EINVAL },
	/* only outside 64-bit mode, and bytes that change their meaning there */
	{ "40", B16 | B32 },
	{ "4090", B64 },
	{ "06", B16 | B32 },
	{ "06", B64, -EINVAL },
	{ "27", B64, -EINVAL },
	{ "60", B64, -EINVAL },
	{ "ce", B64, -EINVAL },
	{ "d40a", B16 | B32 },
	{ "d40a", B64, -EINVAL },
	{ "63c0", ALL },
	{ "4863c0", B64 },
	/* POP, and what its other numbers are */
	{ "8f00", ALL },
	{ "8fe87800", ALL, -EINVAL },
	/* prefixes */
	{ "2e3e26366465 8b00", ALL },
	{ "f3f2668b00", ALL },
	{ "f0", ALL, -ENODATA },
	{ "48", B64, -ENODATA },
	{ "666666666666666666666666669090", ALL, 14 },
	{ "66666666666666666666666666668b00", ALL, -EINVAL },
	{ "6666666666666666666666666666 90", ALL },
	{ "666666666666666666666666666666 90", ALL, -EINVAL },
	/* unknown */
	{ "0f0fc0bf", ALL, -EINVAL },
	{ "0f04", ALL, -EINVAL },
	{ "0fa6c0", ALL, -EINVAL },
	{ "0f24c0", ALL, -EINVAL },
	{ "0f", ALL, -ENODATA },
	{ "", ALL, -ENODATA },
};
/* clang-format on */

static size_t hex_bytes(const char *hex, uint8_t *out)
{
	size_t n = 0;

	while (*hex) {
		unsigned byte;

		if (*hex == ' ') {
			hex++;
			continue;
		}
		if (sscanf(hex, "%2x", &byte) != 1)
			break;
		out[n++] = (uint8_t)byte;
		hex += 2;
	}
	return n;
}

/* The bytes in a block of their own size, so that the sanitizer sees each read past them. */
static int decode_exact(const uint8_t *bytes, size_t n, enum insn_mode mode, struct insn *insn)
{
	uint8_t *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, bytes, n);
	rc = insn_decode(copy, n, mode, insn);
	free(copy);
	return rc;
}

static void check_row(const struct row *row, enum insn_mode mode)
{
	uint8_t bytes[32];
	size_t n = hex_bytes(row->hex, bytes);
	int want = row->len ? row->len : (int)n, rc;
	struct insn insn;

	rc = decode_exact(bytes, n, mode, &insn);
	if ((rc ? rc : insn.len) != want)
		printf("%s in mode %d: %d, length %d, expected %d\n", row->hex, mode, rc, insn.len,
		       want);
	CHECK_EQ(rc ? rc : insn.len, want);
	if (want < 0)
		return;
	/* The same with bytes behind it, and not with one byte less. */
	memset(bytes + n, 0x90, sizeof(bytes) - n);
	CHECK_EQ(decode_exact(bytes, 20, mode, &insn), 0);
	CHECK_EQ(insn.len, want);
	for (int less = 0; less < want; less++)
		CHECK_EQ(decode_exact(bytes, less, mode, &insn), -ENODATA);
}

static void lengths(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int mode = INSN_16BIT; mode <= INSN_64BIT; mode++)
			if (rows[i].modes & 1 << mode)
				check_row(&rows[i], mode);
}

static struct insn decoded(const char *hex, enum insn_mode mode)
{
	uint8_t bytes[32];
	struct insn insn;

	CHECK_EQ(insn_decode(bytes, hex_bytes(hex, bytes), mode, &insn), 0);
	return insn;
}

static void fields(void)
{
	struct insn i = decoded("f0 66 64 4c 0f b1 54 88 f0", INSN_64BIT);

	CHECK(i.lock && i.opsize_prefix && i.has_modrm && i.has_mem && i.segment_override);
	CHECK_EQ(i.map, MAP_0F);
	CHECK_EQ(i.opcode, 0xb1);
	CHECK_EQ(i.op_size, 8);
	CHECK_EQ(i.segment, SEG_FS);
	CHECK_EQ(insn_reg(&i), 10);
	CHECK_EQ(i.base, GPR_RAX);
	CHECK_EQ(i.index, GPR_RCX);
	CHECK_EQ(i.scale, 4);
	CHECK_EQ(i.disp, -16);
	CHECK_EQ(i.prefix_len, 4);
	i = decoded("2e 48 8b 45 00", INSN_64BIT);
	CHECK_EQ(i.segment, SEG_SS);
	CHECK(!i.segment_override);
	i = decoded("2e 8b 45 00", INSN_32BIT);
	CHECK_EQ(i.segment, SEG_CS);
	i = decoded("8b 02", INSN_16BIT);
	CHECK_EQ(i.segment, SEG_SS);
	CHECK_EQ(i.addr_size, 2);
	CHECK_EQ(i.op_size, 2);
	i = decoded("c8 34 12 05", INSN_64BIT);
	CHECK_EQ(i.imm, 0x51234);
	CHECK_EQ(i.imm_size, 3);
	CHECK_EQ(i.op_size, 8);
	i = decoded("81 c1 f0 ff ff ff", INSN_64BIT);
	CHECK_EQ(i.imm, 0xfffffff0);
	i = decoded("48 66 8b 00", INSN_64BIT); /* REX not just before the opcode: none */
	CHECK_EQ(i.rex, 0);
	CHECK_EQ(i.op_size, 2);
	i = decoded("f2 f3 a4", INSN_32BIT);
	CHECK(i.rep && !i.repne);
	i = decoded("50", INSN_64BIT);
	CHECK_EQ(i.op_size, 8);
	i = decoded("66 50", INSN_64BIT);
	CHECK_EQ(i.op_size, 2);
	i = decoded("ff 10", INSN_64BIT);
	CHECK_EQ(i.op_size, 8);
	i = decoded("0f 20 c0", INSN_16BIT);
	CHECK_EQ(i.op_size, 4);
	i = decoded("0f 20 c0", INSN_64BIT);
	CHECK_EQ(i.op_size, 8);
	CHECK_EQ(i.modrm, 0xc0);
	i = decoded("c4 62 fd 18 00", INSN_64BIT);
	CHECK(i.vex);
	CHECK_EQ(i.map, MAP_0F38);
	CHECK_EQ(insn_reg(&i), 8);
	CHECK_EQ(i.op_size, 8);
}

/* Every path through insn_decode() fills the same structure: the short one and the long one agree. */
static void short_path_agrees(void)
{
	for (int mode = INSN_16BIT; mode <= INSN_64BIT; mode++) {
		for (int opcode = 0; opcode < 512; opcode++) {
			uint8_t bytes[3] = { opcode & 0xff, 0xd9, 0xd9 };
			struct insn with, without;
			size_t n;

			memset(&with, 0x55, sizeof(with));
			memset(&without, 0xaa, sizeof(without));
			if (opcode >= 256) {
				bytes[0] = 0x0f;
				bytes[1] = opcode & 0xff;
			}
			if (insn_decode(bytes, 3, mode, &with) || with.len > 2)
				continue;
			n = with.len; /* fewer than three bytes take the long way */
			CHECK_EQ(insn_decode(bytes, n, mode, &without), 0);
#define SAME(f) CHECK_EQ(with.f, without.f)
			SAME(len);
			SAME(opcode);
			SAME(map);
			SAME(prefix_len);
			SAME(op_size);
			SAME(addr_size);
			SAME(rex);
			SAME(lock);
			SAME(rep);
			SAME(repne);
			SAME(opsize_prefix);
			SAME(has_modrm);
			SAME(vex);
			SAME(modrm);
			SAME(segment);
			SAME(segment_override);
			SAME(base);
			SAME(index);
			SAME(scale);
			SAME(rip_relative);
			SAME(has_mem);
			SAME(disp);
			SAME(imm);
			SAME(imm_size);
		}
	}
}

static uint64_t random64(void)
{
	return (uint64_t)rand() << 42 ^ (uint64_t)rand() << 21 ^ (uint64_t)rand();
}

static void addresses_match_cpu(void)
{
	srand(2);
	for (int round = 0; round < 50000; round++) {
		struct guest_regs regs = { .rflags = 0 }, after;
		struct insn insn;
		uint8_t code[20];
		unsigned n = 0;

		for (int i = 0; i < NR_GPRS; i++)
			regs.r[i] = random64();
		if (rand() & 1)
			code[n++] = 0x67;
		code[n++] = 0x48 | (rand() & 3); /* not R: the destination stays RAX */
		code[n++] = 0x8d;
		code[n] = rand() & 0xc7;
		if (code[n++] >= 0xc0)
			continue;
		for (int i = 0; i < 8; i++)
			code[n++] = (uint8_t)(rand() >> 4);
		CHECK_EQ(insn_decode(code, n, INSN_64BIT, &insn), 0);
		if (insn.base == GPR_RSP)
			continue;
		after = regs;
		run_insn(code, insn.len, &after);
		regs.rip = after.rip;
		CHECK_EQ(insn_mem_offset(&insn, &regs), after.r[GPR_RAX]);
	}
}

static void addresses_16(void)
{
	struct guest_regs regs = { .r = { [GPR_RBX] = 0xffff1000,
		                          [GPR_RBP] = 0x2000,
		                          [GPR_RSI] = 0x30,
		                          [GPR_RDI] = 0x400 } };
	static const struct {
		const char *hex;
		uint64_t offset;
	} forms[] = {
		{ "8b00", 0x1030 },     { "8b01", 0x1400 },   { "8b02", 0x2030 },
		{ "8b03", 0x2400 },     { "8b04", 0x30 },     { "8b05", 0x400 },
		{ "8b063412", 0x1234 }, { "8b07", 0x1000 },   { "8b46ff", 0x1fff },
		{ "8b8700f0", 0x0000 }, { "a13412", 0x1234 },
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct insn insn = decoded(forms[i].hex, INSN_16BIT);

		CHECK_EQ(insn_mem_offset(&insn, &regs), forms[i].offset);
	}
}

/* Compares with one line of objdump: "  addr:\tbytes\ttext". Returns 1 when it was an instruction to compare. */
static int check_objdump_line(const char *line)
{
	const char *hex = strchr(line, '\t'), *text = hex ? strchr(hex + 1, '\t') : NULL;
	char bytes_text[64];
	uint8_t bytes[32] = { 0 };
	struct insn insn;
	size_t n;
	int rc;

	if (!text || text - hex >= (int)sizeof(bytes_text) || strstr(text, "(bad)") ||
	    strstr(text, ".byte"))
		return 0;
	memcpy(bytes_text, hex + 1, text - hex - 1);
	bytes_text[text - hex - 1] = 0;
	n = hex_bytes(bytes_text, bytes);
	/* FWAIT is shown as part of the next one; EVEX is refused. */
	if (n == 0 || n > INSN_MAX_LEN || bytes[0] == 0x9b)
		return 0;
	rc = insn_decode(bytes, sizeof(bytes), INSN_64BIT, &insn);
	if (bytes[0] == 0x62) {
		CHECK_EQ(rc, -EINVAL);
		return 0;
	}
	if (rc || insn.len != n)
		printf("%s: %d, length %d\n", line, rc, insn.len);
	CHECK_EQ(rc, 0);
	CHECK_EQ(insn.len, n);
	return 1;
}

static int check_objdump_of(const char *file)
{
	char command[400], line[400];
	int compared = 0;
	FILE *p;

	snprintf(command, sizeof(command), "objdump -d --insn-width=16 '%s' 2>/dev/null", file);
	p = popen(command, "r");
	CHECK(p != NULL);
	while (compared < 100000 && fgets(line, sizeof(line), p))
		compared += check_objdump_line(line);
	pclose(p);
	return compared;
}

static void objdump_agrees(void)
{
	char line[500], libc[400] = "", self[300];
	ssize_t n;
	FILE *maps = fopen("/proc/self/maps", "r");

	if (system("objdump --version >/dev/null 2>&1") != 0) {
		printf("note: no objdump here, lengths of real code not compared\n");
		return;
	}
	CHECK(maps != NULL);
	while (fgets(line, sizeof(line), maps))
		if (strstr(line, "/libc.so") || strstr(line, "/libc-"))
			sscanf(strchr(line, '/'), "%399[^\n]", libc);
	fclose(maps);
	n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	CHECK(n > 0);
	self[n] = 0;
	CHECK(check_objdump_of(self) > 3000);
	if (libc[0])
		CHECK(check_objdump_of(libc) > 50000);
}

UNIT_MAIN(UNIT(lengths), UNIT(fields), UNIT(short_path_agrees), UNIT(addresses_match_cpu),
          UNIT(addresses_16), UNIT(objdump_agrees))
