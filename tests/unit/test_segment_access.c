/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xen/core/segment_access.c: each rule of SDM 5.3, one row a case. */
#include "exit_handlers.h"
#include "fake_domain.h"
#include "unit.h"
#include "virt_script.h"

enum mode { REAL, PROTECTED, LONG };

#define DATA        0xc93 /* writable data, 32-bit */
#define DATA_RO     0xc91
#define DATA_DOWN   0xc97 /* expand-down */
#define DATA_DOWN16 0x097
#define CODE        0xc9b /* readable */
#define CODE_ONLY   0xc99 /* execute only */
#define ABSENT      0xc13

static const struct row {
	int line;
	enum mode mode;
	enum segment_name name;
	uint16_t attr;
	uint32_t limit;
	uint64_t base, offset;
	unsigned size;
	bool is_write;
	uint8_t fault; /* 0: none */
	uint64_t linear;
} rows[] = {
	/* protected mode: base, limit to the last byte */
	{ __LINE__, PROTECTED, SEG_DS, DATA, 0xfff, 0x5000, 0x10, 4, true, 0, 0x5010 },
	{ __LINE__, PROTECTED, SEG_DS, DATA, 0xfff, 0x5000, 0xffc, 4, true, 0, 0x5ffc },
	{ __LINE__, PROTECTED, SEG_DS, DATA, 0xfff, 0x5000, 0xffd, 4, true, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_SS, DATA, 0xfff, 0x5000, 0x1000, 1, false, X86_SS, 0 },
	{ __LINE__, PROTECTED, SEG_ES, DATA, 0xffffffff, 0, 0xffffffff, 2, false, X86_GP, 0 },
	/* the sum wraps at 4 GiB */
	{ __LINE__, PROTECTED, SEG_DS, DATA, 0xffffffff, 0xfffff000, 0x2000, 4, false, 0, 0x1000 },
	/* types */
	{ __LINE__, PROTECTED, SEG_DS, DATA_RO, 0xfff, 0, 0, 4, false, 0, 0 },
	{ __LINE__, PROTECTED, SEG_DS, DATA_RO, 0xfff, 0, 0, 4, true, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_CS, CODE, 0xfff, 0, 8, 4, false, 0, 8 },
	{ __LINE__, PROTECTED, SEG_CS, CODE, 0xfff, 0, 8, 4, true, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_CS, CODE_ONLY, 0xfff, 0, 8, 4, false, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_FS, ABSENT, 0xfff, 0, 0, 1, false, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_SS, ABSENT, 0xfff, 0, 0, 1, false, X86_SS, 0 },
	/* expand-down: what is above the limit */
	{ __LINE__, PROTECTED, SEG_DS, DATA_DOWN, 0xfff, 0, 0xfff, 1, true, X86_GP, 0 },
	{ __LINE__, PROTECTED, SEG_DS, DATA_DOWN, 0xfff, 0, 0x1000, 4, true, 0, 0x1000 },
	{ __LINE__, PROTECTED, SEG_DS, DATA_DOWN16, 0xfff, 0, 0xfffe, 2, true, 0, 0xfffe },
	{ __LINE__, PROTECTED, SEG_DS, DATA_DOWN16, 0xfff, 0, 0xffff, 2, true, X86_GP, 0 },
	/* real mode: the limit only */
	{ __LINE__, REAL, SEG_DS, DATA_RO, 0xffff, 0x12340, 0xffff, 1, true, 0, 0x2233f },
	{ __LINE__, REAL, SEG_DS, DATA, 0xffff, 0x12340, 0xffff, 2, true, X86_GP, 0 },
	{ __LINE__, REAL, SEG_SS, DATA, 0xffff, 0x12340, 0x10000, 1, false, X86_SS, 0 },
	/* 64-bit: FS and GS have a base, nothing has a limit, addresses are canonical */
	{ __LINE__, LONG, SEG_DS, DATA_RO, 0, 0x5000, 0x123456789a, 8, true, 0, 0x123456789a },
	{ __LINE__, LONG, SEG_GS, DATA, 0, 0xffff888000000000, 8, 8, true, 0, 0xffff888000000008 },
	{ __LINE__, LONG, SEG_FS, ABSENT, 0, 0x1000, 8, 8, true, 0, 0x1008 },
	{ __LINE__, LONG, SEG_DS, DATA, 0, 0, 0x7ffffffffffc, 4, true, 0, 0x7ffffffffffc },
	{ __LINE__, LONG, SEG_DS, DATA, 0, 0, 0x7ffffffffffd, 4, true, X86_GP, 0 },
	{ __LINE__, LONG, SEG_SS, DATA, 0, 0, 1ull << 63, 8, true, X86_SS, 0 },
};

static void mode_set(struct vcpu *v, enum mode mode)
{
	if (mode == LONG)
		script_set_long_mode(v, 0);
	else
		script_set_flat32(v);
	if (mode == REAL)
		script_of(v)->reg[REG_CR0] &= ~CR0_PE;
	guest_walk_cache_reset(&v->walk);
}

static void each_rule(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];

	for (const struct row *r = rows; r < rows + ARRAY_LEN(rows); r++) {
		struct segment s = { .attr = r->attr, .limit = r->limit, .base = r->base };
		struct event fault = { .type = EVENT_NONE };
		uint64_t linear = 0;
		int err;

		mode_set(v, r->mode);
		if (r->mode != LONG || r->name != SEG_CS)
			virt->set_segment(v, r->name, &s);
		err = segment_linear(v, r->name, r->offset, r->size, r->is_write, &linear, &fault);
		if (!err != !r->fault)
			printf("the row of line %d\n", r->line);
		CHECK_EQ(!err, !r->fault);
		if (err) {
			CHECK_EQ(fault.type, EVENT_EXCEPTION);
			CHECK_EQ(fault.vector, r->fault);
			CHECK(fault.has_error && !fault.error_code);
		} else {
			CHECK_EQ(linear, r->linear);
		}
	}
}

/* Virtual-8086 mode has real mode's rules. */
static void virtual_8086(void)
{
	struct vcpu *v = fake_domain_machine(1, 1, 8)->vcpus[0];
	struct segment s = { .attr = DATA_RO, .limit = 0xffff, .base = 0x10 };
	struct event fault;
	uint64_t linear;

	virt->set_segment(v, SEG_DS, &s);
	CHECK(segment_linear(v, SEG_DS, 4, 4, true, &linear, &fault));
	v->regs.rflags |= RFLAGS_VM;
	guest_walk_cache_reset(&v->walk);
	CHECK_EQ(segment_linear(v, SEG_DS, 4, 4, true, &linear, &fault), 0);
	CHECK_EQ(linear, 0x14);
}

UNIT_MAIN(UNIT(each_rule), UNIT(virtual_8086))
