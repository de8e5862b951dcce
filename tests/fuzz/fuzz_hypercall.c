/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole hypercall layer as a library: three domains, one of them the control domain, make the calls that the input describes, with time, interrupts and scheduling going on
 * between them. Then all are destroyed, and every page and object must be back.
 *
 * Input: three bytes of set-up, then steps of a byte each with what it needs. A call takes its number and the layout of its arguments from a table; each field is by a byte a value
 * that makes sense for it, or (0xf0 and up) as many bytes as they come.
 */
#include <string.h>

#include "two_domains.c"

#include "grant_ops.h"
#include "hardware_domain.h"
#include "hardware_fake.h"

#include <xen/domctl.h>
#include <xen/platform.h>
#include <xen/sysctl.h>
#include <xen/event_channel.h>
#include <xen/hvm/save.h>
#include <xen/hvm/params.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARRAY_AT 0x9000u /* arrays that structs point to; a page, 64 bytes each */
#define BATCH_AT 0xa000u /* structs of calls in a multicall, 256 bytes each */
#define MULTI_AT 0xb000u /* multicall entries */
#define STEPS    96u
#define RESTARTS 12u

/*
 * A struct is a text of fields: kind and size ('x': bytes as they come, '0': zeroes). Behind a bar comes what an array holds that the struct points to.
 *   d domid  g frame  a address of a frame  p pointer to an array  l pointer to data  e port  v vcpu  r grant  h handle  c count  o order  f memory flags
 *   D, S, F command and interface version of a domctl, sysctl, platform_op  y a debug key that the machine survives
 *   s map space  t time  q HVM parameter  b small bits  k offset in a page  w word of small numbers
 * args: how registers are filled. C the command  P pointer to the struct  n elements (the struct is repeated)  and the kinds above.
 */
#define SAME NULL /* the layout of 32-bit callers is that of 64-bit ones */
static const struct call {
	uint8_t number, cmd;
	const char *args, *wide, *compat;
} calls[] = {
	{ 17, 0, "CP", "", "" },
	{ 17, 1, "CP", "", "" },
	{ 17, 2, "CP", "", "" },
	{ 17, 3, "CP", "", "" },
	{ 17, 4, "CP", "", "" },
	{ 17, 5, "CP", "", "" },
	{ 17, 6, "CP", "b4x4", "b4x4" },
	{ 17, 7, "Cb", "", "" },
	{ 17, 8, "CP", "", "" },
	{ 17, 9, "CP", "", "" },
	{ 17, 10, "CP", "", "" },

	{ 12, 0, "CP", "p8c8o4f4d206|g8g8g8g8", "p4c4o4f4d202|g4g4g4g4" },
	{ 12, 1, "CP", "p8c8o4f4d206|g8g8g8g8", "p4c4o4f4d202|g4g4g4g4" },
	{ 12, 6, "CP", "p8c8o4f4d206|g8g8g8g8", "p4c4o4f4d202|g4g4g4g4" },
	{ 12, 2, "CP", "", "" },
	{ 12, 3, "CP", "d2", "d2" },
	{ 12, 4, "CP", "d2", "d2" },
	{ 12, 14, "CP", "d2", "d2" },
	{ 12, 7, "CP", "d2c2s4w8g8", "d2c2s4w4g4" },
	{ 12, 7, "CP", "d2c2s4g8g8", "d2c2s4g4g4" },
	{ 12, 23, "CP", "d2s2c2d2p8p8p8|g8g8g8", "d2s2c2d2p4p4p4|g4g4g4" },
	{ 12, 15, "CP", "d2x6g8", "d2x2g4" },
	{ 12, 9, "CP", "c404p8", "c4p4" },
	{ 12, 13, "CP", "d206c404p8|g8g8b4g8g8b4", "d202c4p4|g8g8b4g8g8b4" },
	{ 12, 11, "CP", "p8c8o4f4d206p8c8o4f4d206c8|g8g8", "p4c4o4f4d202p4c4o4f4d202c4|g4g4" },
	{ 12, 16, "CP", "c8x8x8x8d206", "c8x8x8x8d202" },
	{ 12, 17, "CP", "08080808d206", "08080808d202" },
	{ 12, 18, "CP", "", "" },
	{ 12, 24, "CP", "08c80404d206", "04c40404d202" },
	{ 12, 26, "CP", "d202c4c4c4", "d202c4c4c4" },
	{ 12, 27, "CP", "b4c4", "b4c4" },
	{ 12, 28, "CP", "d2b2b4c404w8p8|g8g8g8g8", "d2b2b4c404w8p4|g4g4g4g4" },
	{ 12, 28, "CP", "d2b2b4c404w808", "d2b2b4c404w804" },

	{ 32, 0, "CP", "d202e4x4", "d202e4x4" },
	{ 32, 1, "CP", "w4v4x4", "w4v4x4" },
	{ 32, 2, "CP", "w4b4x4", "w4b4x4" },
	{ 32, 3, "CP", "e4", "e4" },
	{ 32, 4, "CP", "e4", "e4" },
	{ 32, 5, "CP", "d202e4x8x8", "d202e4x8x8" },
	{ 32, 6, "CP", "d2d2x4", "d2d2x4" },
	{ 32, 7, "CP", "v4x4", "v4x4" },
	{ 32, 8, "CP", "e4v4", "e4v4" },
	{ 32, 9, "CP", "e4", "e4" },
	{ 32, 10, "CP", "d2", "d2" },
	{ 32, 11, "CP", "g8k4v4x808", "g8k4v4x808" },
	{ 32, 12, "CP", "g8", "g8" },
	{ 32, 13, "CP", "e4w4", "e4w4" },
	{ 32, 14, "CP", "d2", "d2" },

	{ 20, 0, "CPn", "a8b4r4d202x4x8", "a8b4r4d202x4x8" },
	{ 20, 1, "CPn", "a808h4x4", "a808h4x4" },
	{ 20, 2, "CPn", "d202c402x202p8", "d202c402x2p4" },
	{ 20, 5, "CPn", "r8d2k204g8d2k204k2b20202", "r4d2k2g4d2k2k2b20202" },
	{ 20, 5, "CPn", "g8d2k204r8d2k204k2b20202", "g4d2k2r4d2k2k2b20202" },
	{ 20, 6, "CPn", "d202x4x4x4", "d202x4x4x4" },
	{ 20, 8, "CPn", "c4", "c4" },
	{ 20, 10, "CPn", "d202x4", "d202x4" },
	{ 20, 11, "CPn", "r4r4x4", "r4r4x4" },

	{ 24, 0, "CvP", "b404x8x8x8x8x8x8x8x8x8x8w8a8x8x8x8x8x8x8",
	  "b404x8x8x8x8x8x8x8x8x8x8w8a8x8x8x8x8x8x8" },
	{ 24, 1, "Cv0", "", "" },
	{ 24, 2, "Cv0", "", "" },
	{ 24, 3, "Cv0", "", "" },
	{ 24, 4, "CvP", "", "" },
	{ 24, 5, "CvP", "l8", "l4x4" },
	{ 24, 6, "CvP", "t8", "t8" },
	{ 24, 7, "Cv0", "", "" },
	{ 24, 8, "CvP", "t8b404", "t8b4" },
	{ 24, 9, "Cv0", "", "" },
	{ 24, 10, "CvP", "g8k4x4", "g8k4x4" },
	{ 24, 11, "Cvb", "", "" },
	{ 24, 12, "CvP", "", "" },
	{ 24, 13, "CvP", "l8", "l4x4" },

	{ 29, 0, "C0", "", "" },
	{ 29, 1, "C0", "", "" },
	{ 29, 2, "CP", "b4", "b4" },
	{ 29, 3, "CP", "p8c404t8|e4e4e4e4", "p4c4t8|e4e4e4e4" },
	{ 29, 4, "CP", "d202b4", "d202b4" },
	{ 29, 5, "CP", "b4", "b4" },
	{ 29, 6, "CP", "c4c4", "c4c4" },
	{ 29, 7, "CP", "v4", "v4" },

	{ 34, 0, "CP", "d202q4t8", "d202q4t8" },
	{ 34, 1, "CP", "d202q4x8", "d202q4x8" },
	{ 34, 5, "Cb", "", "" },
	{ 34, 9, "CP", "d206x8", "d206x8" },
	{ 34, 10, "CP", "x8", "x8" },
	{ 34, 15, "CP", "d206g8", "d206g8" },
	{ 34, 23, "CP", "v4x1", "v4x1" },

	{ 18, 0, "CkP", "x8x8", "x8x8" },
	{ 18, 1, "CkP", "", "" },
	{ 21, 0, "Cw", "", "" },
	{ 21, 1, "Cw", "", "" },
	{ 15, 0, "tt", "", "" },
	{ 33, 0, "wP", "b2b1b1b4x8", SAME },

	{ 36, 1, "P", "D8d20604x8x8b404b4w4b4b4b404b4b404", SAME },
	{ 36, 15, "P", "D8d206b4", SAME },
	{ 36, 2, "P", "D8d206", SAME },
	{ 36, 3, "P", "D8d206", SAME },
	{ 36, 4, "P", "D8d206", SAME },
	{ 36, 27, "P", "D8d206", SAME },
	{ 36, 5, "P", "D8d206", SAME },
	{ 36, 11, "P", "D8d206c8", SAME },
	{ 36, 16, "P", "D8d206b4b4w2w2", SAME },
	{ 36, 17, "P", "D8d206x8x8", SAME },
	{ 36, 24, "P", "D8d206x8", SAME },
	{ 36, 59, "P", "D8d206", SAME },
	{ 36, 60, "P", "D8d206b404x404t8", SAME },
	{ 36, 35, "P", "D8d206w4", SAME },
	{ 36, 36, "P", "D8d206", SAME },
	{ 36, 68, "P", "D8d206p8w404|b1", SAME },
	{ 36, 69, "P", "D8d206p8w404", SAME },
	{ 36, 14, "P", "D8d206v4", SAME },
	{ 36, 9, "P", "D8d206v4b4p8w404p8w404|b1|b1", SAME },
	{ 36, 25, "P", "D8d206v4b4p8w404p8w404", SAME },
	{ 36, 12, "P", "D8d206v404l8", SAME },
	{ 36, 12, "P", "D8d206v40408", SAME },
	{ 36, 13, "P", "D8d206v404l8", SAME },
	{ 36, 28, "P", "D8d206b4v4", SAME },
	{ 36, 33, "P", "D8d206c404l8", SAME },
	{ 36, 34, "P", "D8d206c404l8", SAME },
	{ 36, 55, "P", "D8d206w4v4c8l8", SAME },
	{ 36, 82, "P", "D8d206x4x4l8l8", SAME },
	{ 36, 83, "P", "D8d206b4b4p8p8|b4w4x4x4x4x4b4w4x4x4x4x4|x4b4x8", SAME },
	{ 36, 61, "P", "D8d206c8p8|g8g8g8g8", SAME },
	{ 36, 10, "P", "D8d206w4b4c404l8c8", SAME },
	{ 36, 85, "P", "D8d206", SAME },
	{ 36, 86, "P", "D8d206a8", SAME },
	{ 36, 22, "P", "D8d206g8", SAME },
	{ 36, 19, "P", "D8d206w4b4", SAME },
	{ 36, 20, "P", "D8d206g8c8b8", SAME },
	{ 36, 21, "P", "D8d206w4c4b4", SAME },
	{ 36, 39, "P", "D8d206g8g8c8b404", SAME },
	{ 36, 40, "P", "D8d206w4w4c4b4", SAME },
	{ 36, 45, "P", "D8d206", SAME },

	{ 35, 1, "P", "S8b1b102x4l8c404", SAME },
	{ 35, 3, "P", "S8", SAME },
	{ 35, 4, "P", "S8", SAME },
	{ 35, 6, "P", "S8d202c4l8x4", SAME },
	{ 35, 7, "P", "S8p8c404|y1y1y1y1", SAME },
	{ 35, 8, "P", "S8c404l8x4", SAME },
	{ 35, 9, "P", "S8c4c4b4x4x8", SAME },
	{ 35, 10, "P", "S8x4v4", SAME },
	{ 35, 11, "P", "S8v4b4", SAME },
	{ 35, 12, "P", "S8x4v4x8", SAME },
	{ 35, 14, "P", "S8b4g4g404l8", SAME },
	{ 35, 16, "P", "S8c404l8", SAME },
	{ 35, 17, "P", "S8c404l8l8", SAME },
	{ 35, 18, "P", "S8b4b4b4d4v4x4l8w4", SAME },
	{ 35, 18, "P", "S8b4b4b4d4x4x4l8w4", SAME },
	{ 35, 19, "P", "S8b4b4b4x4", SAME },
	{ 35, 20, "P", "S8", SAME },
	{ 35, 21, "P", "S8b4x4x8", SAME },
	{ 35, 22, "P", "S8c404p8l8|x4x4", SAME },
	{ 35, 23, "P", "S8", SAME },
	{ 35, 25, "P", "S8", SAME },
	{ 35, 26, "P", "S8b4c4l8", SAME },
	{ 35, 29, "P", "S8b4c4c404l8l8", SAME },
	{ 7, 17, "P", "F8x4x4t8", SAME },
	{ 7, 62, "P", "F8x8x4b4t8", SAME },
	{ 7, 48, "P", "F8v4", SAME },
	{ 7, 50, "P", "F8b4b4", SAME },
	{ 7, 51, "P", "F8x2x2b4b4", SAME },
	{ 7, 53, "P", "F8l8w404l8", SAME },
	{ 7, 55, "P", "F8v4", SAME },
	{ 7, 56, "P", "F8v4", SAME },
	{ 7, 57, "P", "F8v4", SAME },
	{ 7, 60, "P", "F8b4b4", SAME },
	{ 7, 61, "P", "F8b4b4p8|b404w8x8", SAME },
	{ 7, 63, "P", "F8c4b4l8", SAME },
	{ 7, 64, "P", "F8", SAME },

	{ 36, 29, "P", "D8d206e4", SAME },
	{ 36, 72, "P", "D8d206v4c4l8", SAME },
	{ 36, 63, "P", "D8d206v404x8w8l8", SAME },
};

/* ---- values ---------------------------------------------------------------------------------------- */

static struct vcpu *caller;
static bool is_wide;
static uint32_t command; /* of the call that is made */

static uint64_t domid_value(uint8_t n)
{
	static const uint16_t ids[] = {
		DOMID_SELF, FUZZ_GUEST_A, FUZZ_GUEST_B, FUZZ_CONTROL, DOMID_XEN, DOMID_IO,
		0,          DOMID_INVALID
	};

	return ids[n % ARRAY_LEN(ids)];
}

static uint64_t frame_value(uint8_t n)
{
	static const uint64_t far[] = { 512,        513,        1024,        0x1ffff, 0xfee00,
		                        1ull << 18, 1ull << 28, 0xffffffffu, ~0ull };

	return n < 0xc0 ? n % 48 : far[n % ARRAY_LEN(far)];
}

static uint64_t port_value(uint8_t n)
{
	static const uint32_t far[] = {
		31, 32, 63, 64, 65, 1023, 1024, 4095, 4096, 131071, 131072
	};

	return n < 0xc0 ? n % 12 : far[n % ARRAY_LEN(far)];
}

static uint64_t time_value(uint8_t n)
{
	uint64_t now = machine_now_ns();

	switch (n % 6) {
	case 0: return 0;
	case 1: return 1;
	case 2: return now + n * 10000ull;
	case 3: return n * 100000ull;
	case 4: return 1ull << (n % 64);
	default: return n;
	}
}

static uint64_t param_value(uint8_t n)
{
	return n < 64 ? 0 : n % 45;
}

static uint64_t offset_value(uint8_t n)
{
	static const uint16_t offsets[] = { 0,    8,    64,   1,    4032, 4033,
		                            4096, 2048, 4088, 4095, 4024, 128 };

	return offsets[n % ARRAY_LEN(offsets)];
}

/* nth: how many pointers came before in this struct. */
static uint64_t value(char kind, unsigned size, unsigned *nth)
{
	uint8_t n;

	if (kind == 'x')
		return fuzz_raw(size);
	if (kind == '0')
		return 0;
	if (kind == 'D')
		return command | (uint64_t)XEN_DOMCTL_INTERFACE_VERSION << 32;
	if (kind == 'S')
		return command | (uint64_t)XEN_SYSCTL_INTERFACE_VERSION << 32;
	if (kind == 'F')
		return command | (uint64_t)XENPF_INTERFACE_VERSION << 32;
	n = fuzz_byte();
	if (kind == 'y')
		return (uint8_t) "acdeghimpqrt?"[n % 13];
	if (n >= 0xf0)
		return fuzz_raw(size);
	switch (kind) {
	case 'd': return domid_value(n);
	case 'g': return frame_value(n);
	case 'a': return frame_value(n) << 12 | (n & 0x40 ? 8 : 0);
	case 'p': return n < 0xe0 ? ARRAY_AT + 64 * (*nth)++ : offset_value(n) + 0x17000;
	case 'l': return n < 0xc0 ? FUZZ_DATA + n * 24u : offset_value(n) + (n % 32) * PAGE_SIZE;
	case 'e': return port_value(n);
	case 'v': return n < 0xe0 ? n % 3 : (uint64_t) - (n & 3);
	case 'r': return n < 0xd0 ? n % 8 : 505 + n;
	case 'h': return n < 0xe0 ? n % 6 : 127 + n;
	case 'c': return n < 0xe0 ? n % 5 : 1ull << (n % 32);
	case 'o': return n < 0xc0 ? 0 : n < 0xe0 ? 9 : n % 20;
	case 'f': return n < 0xc0 ? 0 : (uint64_t)n << 12 | n % 64;
	case 's': return n % 7;
	case 't': return time_value(n);
	case 'q': return param_value(n);
	case 'k': return offset_value(n);
	case 'b': return n < 0xc0 ? n % 8 : n;
	default: return n % 32;
	}
}

/* Fields of a text into memory, to its end or the bar. Bytes written; *text is moved. */
static unsigned fields_write(const char **text, uint8_t *to)
{
	unsigned at = 0, nth = 0;

	while (**text && **text != '|') {
		char kind = (*text)[0];
		unsigned size = (unsigned)((*text)[1] - '0');
		uint64_t v = value(kind, size, &nth);

		memcpy(to + at, &v, size);
		at += size;
		*text += 2;
	}
	return at;
}

/* Where a struct goes: mostly where there is memory, sometimes over the border of pages or where there is none. */
static uint64_t struct_address(uint64_t usual)
{
	static const uint64_t odd[] = { 0x8ff8,     0x9ff4,   FUZZ_PAGES * PAGE_SIZE - 8,
		                        0xffffffff, 0x3ffff8, 0x100000000,
		                        1ull << 47, ~0ull - 7 };
	uint8_t n = fuzz_byte();

	return n < 0xe8 ? usual : odd[n % ARRAY_LEN(odd)];
}

/* The struct (count times) and its arrays into the guest's memory. */
static void struct_store(const char *text, uint64_t at, unsigned count)
{
	uint8_t buffer[256];
	const char *p = text;
	unsigned n;

	for (unsigned i = 0; i < count; i++) {
		p = text;
		n = fields_write(&p, buffer);
		fuzz_guest_store(caller->domain, at, buffer, n);
		at += n;
	}
	for (unsigned i = 0; *p++ == '|' && i < 3; i++) {
		const char *elements = p;

		n = fields_write(&elements, buffer);
		fuzz_guest_store(caller->domain, ARRAY_AT + 64 * i, buffer, n);
		p--;
	}
}

struct registers {
	uint64_t number, args[5];
};

static void call_make(struct registers *r, uint64_t usual)
{
	const struct call *c = &calls[fuzz_byte() % ARRAY_LEN(calls)];
	unsigned nth = 0, count = 1;
	uint64_t at = 0;

	command = c->cmd;
	*r = (struct registers){ .number = c->number };
	if (strchr(c->args, 'n')) {
		count = fuzz_byte();
		count = count < 0xf0 ? 1 + count % 3 : count;
	}
	if (strchr(c->args, 'P')) {
		at = struct_address(usual);
		struct_store(is_wide || !c->compat ? c->wide : c->compat, at, MIN(count, 4u));
	}
	for (unsigned i = 0; c->args[i]; i++)
		r->args[i] = c->args[i] == 'C'   ? c->cmd
		             : c->args[i] == 'P' ? at
		             : c->args[i] == 'n' ? count
		                                 : value(c->args[i], 8, &nth);
}

/* ---- steps ------------------------------------------------------------------------------------------ */

static void call_do(const struct registers *r)
{
	static const uint8_t wide[5] = { GPR_RDI, GPR_RSI, GPR_RDX, GPR_R8 + 2, GPR_R8 };
	static const uint8_t compat[5] = { GPR_RBX, GPR_RCX, GPR_RDX, GPR_RSI, GPR_RDI };
	struct vcpu_exit e = { .kind = EXIT_HYPERCALL, .insn_len = 3 };

	if (caller->sched.running && caller->event.type != EVENT_NONE)
		return;
	caller->regs.r[GPR_RAX] = r->number;
	for (unsigned i = 0; i < 5; i++)
		caller->regs.r[is_wide ? wide[i] : compat[i]] = r->args[i];
	for (unsigned i = 0; i < RESTARTS; i++) {
		caller->regs.rip = 0x1000;
		if (!fuzz_exit(caller, &e) || caller->regs.rip != 0x1000)
			break;
	}
}

static void step_call(void)
{
	struct registers r;

	call_make(&r, FUZZ_DATA);
	call_do(&r);
}

static void step_multicall(void)
{
	unsigned n = 1 + fuzz_byte() % 4;
	struct registers r;

	for (unsigned i = 0; i < n; i++) {
		uint64_t entry[8] = { 0 };

		call_make(&r, BATCH_AT + 256 * i);
		entry[0] = r.number;
		memcpy(entry + 2, r.args, sizeof(r.args));
		if (!is_wide)
			for (unsigned k = 0; k < 8; k++)
				((uint32_t *)entry)[k] = (uint32_t)entry[k];
		fuzz_guest_store(caller->domain, MULTI_AT + i * (is_wide ? 64 : 32), entry,
		                 is_wide ? 64 : 32);
	}
	r = (struct registers){ 13, { MULTI_AT, n } };
	call_do(&r);
}

static void step_raw_call(void)
{
	struct registers r = { .number = fuzz_byte() % 48 };
	unsigned nth = 0;

	for (unsigned i = 0; i < 5; i++)
		r.args[i] = value("wlgct"[i], 8, &nth);
	call_do(&r);
}

static void step_time(void)
{
	fuzz_let_run(1ull << (fuzz_byte() % 34));
}

static void step_store(void)
{
	uint8_t bytes[16];
	uint64_t at = frame_value(fuzz_byte()) << 12 | offset_value(fuzz_byte());

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = fuzz_byte();
	fuzz_guest_store(caller->domain, at, bytes, sizeof(bytes));
}

/* A grant entry as the guest writes it. */
static void step_grant(void)
{
	struct grant_table *t = &caller->domain->grants;
	uint32_t ref = fuzz_byte() % 8;
	unsigned nth = 0;
	struct grant_entry_v1 e = { .flags = GTF_permit_access };
	uint8_t flags = fuzz_byte();

	if (flags & 1)
		e.flags |= GTF_readonly;
	if (flags >= 0xe0)
		e.flags = flags | (uint16_t)(fuzz_byte() << 8);
	e.domid = (uint16_t)domid_value(fuzz_byte());
	e.frame = (uint32_t)value('g', 4, &nth);
	if (t->nr_frames)
		t->frames[0][ref] = e;
}

static void step_mode(void)
{
	uint8_t n = fuzz_byte();

	fuzz_set_mode(caller, n & 0x80 ? n % 5 : n & 1);
	caller->regs.rflags = n & 2 ? RFLAGS_MBS : RFLAGS_MBS | RFLAGS_IF;
	script_of(caller)->shadow = n & 4 ? SHADOW_STI_MOV_SS : 0;
}

/* What a guest does with its vcpu_info and shared_info without us. */
static void step_info(void)
{
	uint8_t n = fuzz_byte(), *shared = caller->domain->shared_info;

	caller->info[0] = n & 1;
	caller->info[1] = n >> 1 & 1;
	if (n & 4)
		memset(shared + (n & 8 ? 0x880 : 0xa00), n & 16 ? 0xff : 0, 128);
	if (n & 32)
		memset(shared + 0x800, n & 64 ? 0xff : 0, 512);
}

static void step_exit(void)
{
	static const struct vcpu_exit exits[] = {
		{ .kind = EXIT_HALT, .insn_len = 1 }, { .kind = EXIT_WINDOW_OPEN },
		{ .kind = EXIT_HOST_EVENT },          { .kind = EXIT_PAUSE, .insn_len = 2 },
		{ .kind = EXIT_TRIPLE_FAULT },        { .kind = EXIT_RDTSC, .insn_len = 2 },
		{ .kind = EXIT_HALT, .insn_len = 1 },
	};

	fuzz_exit(caller, &fuzz_pick(exits));
}

static void step_hypercall_page(void)
{
	struct vcpu_exit e = { .kind = EXIT_MSR_WRITE, .insn_len = 2 };
	uint64_t to = frame_value(fuzz_byte()) << 12;

	caller->regs.r[GPR_RCX] = MSR_XEN_HYPERCALL;
	caller->regs.r[GPR_RAX] = (uint32_t)to;
	caller->regs.r[GPR_RDX] = to >> 32;
	fuzz_exit(caller, &e);
}

/* Hardware state as Xen's records: what the hypervisor gave of the target, one of them changed, goes back; or one made of bytes as they come. */
static void step_context(void)
{
	static const struct {
		uint16_t type, length;
	} records[] = {
		{ HVM_SAVE_CODE(CPU), sizeof(struct hvm_hw_cpu) },
		{ HVM_SAVE_CODE(LAPIC), sizeof(struct hvm_hw_lapic) },
		{ HVM_SAVE_CODE(LAPIC_REGS), sizeof(struct hvm_hw_lapic_regs) },
		{ HVM_SAVE_CODE(MTRR), sizeof(struct hvm_hw_mtrr) },
		{ CPU_XSAVE_CODE, sizeof(struct hvm_hw_cpu_xsave) },
		{ HVM_SAVE_CODE(TSC_ADJUST), sizeof(struct hvm_tsc_adjust) },
		{ CPU_MSR_CODE, 24 },
	};
	struct {
		struct hvm_save_descriptor header_d;
		struct hvm_save_header header;
		struct hvm_save_descriptor record_d;
		uint8_t record[1500];
	} row = {
		.header_d = { HVM_SAVE_CODE(HEADER), 0, sizeof(row.header) },
		.header = { .magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION },
	};
	struct xen_domctl op = { .interface_version = XEN_DOMCTL_INTERFACE_VERSION };
	uint8_t which = fuzz_byte() % ARRAY_LEN(records), where = fuzz_byte();
	uint32_t length = records[which].length;

	row.record_d.typecode = records[which].type;
	row.record_d.instance = fuzz_byte() % 3;
	row.record_d.length = length + (where >= 0xf0 ? where - 0xf8 : 0);
	op.domain = (domid_t)domid_value(fuzz_byte());
	op.cmd = XEN_DOMCTL_gethvmcontext_partial;
	op.u.hvmcontext_partial.type = row.record_d.typecode;
	op.u.hvmcontext_partial.instance = row.record_d.instance;
	op.u.hvmcontext_partial.bufsz = sizeof(row.record);
	op.u.hvmcontext_partial.buffer.p = (void *)(uintptr_t)(FUZZ_DATA + 512);
	fuzz_guest_store(caller->domain, ARRAY_AT, &op, sizeof(op));
	call_do(&(struct registers){ 36, { ARRAY_AT } });
	(void)!guest_read_gpa(caller->domain, row.record, gpa(FUZZ_DATA + 512), sizeof(row.record));
	for (unsigned i = 0; i < 4; i++)
		row.record[(fuzz_raw(2) % (length / 8) * 8 + i) % sizeof(row.record)] = fuzz_byte();
	memset(row.record + MIN(row.record_d.length, (uint32_t)sizeof(row.record) - 8), 0, 8);
	fuzz_guest_store(caller->domain, FUZZ_DATA, &row, sizeof(row));
	op.cmd = XEN_DOMCTL_sethvmcontext;
	op.u.hvmcontext.size = sizeof(row);
	op.u.hvmcontext.buffer.p = (void *)(uintptr_t)FUZZ_DATA;
	fuzz_guest_store(caller->domain, ARRAY_AT, &op, sizeof(op));
	call_do(&(struct registers){ 36, { ARRAY_AT } });
}

static void (*const step_kinds[16])(void) = {
	step_call,  step_call,  step_call,           step_call,      step_call, step_context,
	step_grant, step_store, step_raw_call,       step_multicall, step_time, step_mode,
	step_info,  step_exit,  step_hypercall_page, step_grant,
};

static bool caller_choose(uint8_t n)
{
	struct domain *d = fuzz_domains[n % FUZZ_NR_DOMAINS];
	struct paging_mode mode;

	caller = d->vcpus[n / FUZZ_NR_DOMAINS % FUZZ_VCPUS];
	if (!caller || d->state != DOMAIN_RUNNING)
		return false;
	virt->get_paging(caller, &mode);
	is_wide = paging_64bit_code(&mode);
	return true;
}

/* The control domain has the hardware: two devices, and no memory for them perhaps. */
static void hardware_make(void)
{
	fake_hardware_reset();
	fake_pci_add(0, 0, 0x12378086);
	fake_pci_add(1, 1, 0x10001af4);
	(void)!hardware_domain_devices_create(fuzz_domains[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t wide, fail, left;

	if (size < 8)
		return 0;
	fuzz_input(data, size);
	wide = fuzz_byte();
	fail = fuzz_byte();
	left = fuzz_byte();
	fuzz_start(wide, fail < 0xc0 ? 0 : fail - 0xbe, left < 0xc0 ? 4096 : (left - 0xc0u) * 2);
	hardware_make();
	/* Device memory that the control domain may give to others. */
	(void)!direct_frames_give(fuzz_domains[0], 0x1fff0, 0x2000f);
	(void)!direct_ports_give(fuzz_domains[0], 0, 20);
	for (unsigned i = 0; i < STEPS && !fuzz_input_over(); i++) {
		uint8_t step = fuzz_byte();

		if (caller_choose(step >> 4))
			step_kinds[step & 15]();
	}
	fuzz_end();
	return 0;
}
