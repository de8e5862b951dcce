/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of a guest's registers: each broken alone, and named. What each backend makes of its own fields: test_vmcb.c, test_vmcs.c. */
#include <string.h>

#include "unit.h"
#include "virt_rules.h"

static const struct virt_limits limits = {
	.cr0_must = CR0_NE,
	.cr0_may = 0xffffffff,
	.cr4_must = CR4_VMXE,
	.cr4_may = 0x3767ff,
	.efer_may = EFER_SCE | EFER_LME | EFER_LMA | EFER_NXE,
	.physical_bits = 40,
};

static struct virt_registers r;

static void good(void)
{
	memset(&r, 0, sizeof(r));
	r.cr0 = CR0_PE | CR0_PG | CR0_NE | CR0_ET | CR0_WP;
	r.cr3 = 0x1000;
	r.cr4 = CR4_PAE | CR4_VMXE;
	r.efer = EFER_LME | EFER_LMA;
	r.dr7 = 0x400;
	r.pat = 0x0007040600070406ull;
	r.is_long = true;
	r.cs_attr = 0xa9b;
	r.rflags = RFLAGS_MBS;
	for (unsigned s = SEG_ES; s <= SEG_GS; s++)
		r.segment[s] = (struct segment){ .attr = 0xc93, .limit = 0xffffffff };
	r.segment[SEG_CS].attr = 0xa9b;
	r.segment[SEG_TR] = (struct segment){ .attr = 0x8b, .limit = 0x67 };
	r.unusable = 1u << SEG_LDTR;
}

static void v86(void)
{
	good();
	r.is_long = false;
	r.rflags = RFLAGS_MBS | RFLAGS_VM;
	for (unsigned s = SEG_ES; s <= SEG_GS; s++)
		r.segment[s] = (struct segment){
			.selector = 0x1234, .attr = 0xf3, .limit = 0xffff, .base = 0x12340
		};
}

static bool names(const char *rule, const char *words)
{
	return rule && strstr(rule, words);
}

static void test_good(void)
{
	good();
	CHECK(!virt_registers_check(&r, &limits));
	CHECK(!virt_segments_check(&r));
	v86();
	CHECK(!virt_segments_check(&r));
}

#define REGISTERS(words, statement)                                       \
	do {                                                              \
		good();                                                   \
		statement;                                                \
		CHECK(names(virt_registers_check(&r, &limits), (words))); \
	} while (0)

static void test_registers(void)
{
	REGISTERS("CR0.PG is set without", r.cr0 &= ~CR0_PE);
	REGISTERS("CR0 has", r.cr0 &= ~CR0_NE);
	REGISTERS("CR0 has", r.cr0 |= BIT(32));
	REGISTERS("CR3", r.cr3 = 1ull << 40);
	REGISTERS("CR4 has", r.cr4 &= ~CR4_VMXE);
	REGISTERS("CR4 has", r.cr4 |= BIT(31));
	REGISTERS("CR4.PAE", r.cr4 &= ~CR4_PAE);
	REGISTERS("CR4.PCIDE", (r.cr4 |= CR4_PCIDE, r.is_long = false));
	REGISTERS("DR7", r.dr7 |= BIT(32));
	REGISTERS("EFER has", r.efer |= EFER_SVME);
	REGISTERS("EFER.LMA", r.efer &= ~EFER_LMA);
	REGISTERS("EFER.LMA", r.efer &= ~EFER_LME);
	REGISTERS("EFER.LMA", r.cr0 &= ~CR0_PG);
	REGISTERS("CS.L and CS.D", r.cs_attr |= SEG_ATTR_DB);
	REGISTERS("PAT", r.pat = 2);
}

#define SEGMENTS(words, statement)                              \
	do {                                                    \
		good();                                         \
		statement;                                      \
		CHECK(names(virt_segments_check(&r), (words))); \
	} while (0)

static void test_segments(void)
{
	SEGMENTS("TR", r.segment[SEG_TR].attr = 0x89);
	SEGMENTS("TR", r.segment[SEG_TR].attr = 0x83); /* a 16-bit one in long mode */
	SEGMENTS("TR", r.unusable |= 1u << SEG_TR);
	SEGMENTS("LDTR", (r.unusable = 0, r.segment[SEG_LDTR].attr = 0x89));
	SEGMENTS("CS is no code", r.segment[SEG_CS].attr = 0xa97);
	SEGMENTS("privilege", r.segment[SEG_CS].attr = 0xafb);
	SEGMENTS("SS is no stack", r.segment[SEG_SS].attr = 0xc91);
	SEGMENTS("data segment", r.segment[SEG_ES].attr = 0xc92);
	SEGMENTS("data segment", r.segment[SEG_DS].attr = 0xc99); /* code that cannot be read */
	SEGMENTS("granularity", r.segment[SEG_FS].attr &= ~SEG_ATTR_G);
	SEGMENTS("not present", r.segment[SEG_FS].attr &= ~SEG_ATTR_P);
	SEGMENTS("base", r.segment[SEG_GS].base = 1ull << 47);
	SEGMENTS("base", r.segment[SEG_DS].base = 1ull << 32);
	SEGMENTS("GDTR", r.segment[SEG_GDTR].limit = 0x10000);
	SEGMENTS("GDTR", r.segment[SEG_IDTR].base = 1ull << 50);
	SEGMENTS("RIP", r.rip = 1ull << 47);
	SEGMENTS("RIP", (r.segment[SEG_CS].attr = 0xc9b, r.rip = 1ull << 32));
	SEGMENTS("RFLAGS", r.rflags = 0);
	SEGMENTS("RFLAGS", r.rflags |= BIT(3));
	SEGMENTS("virtual-8086", r.rflags |= RFLAGS_VM);
	/* five levels: addresses are wider */
	good();
	r.cr4 |= CR4_LA57;
	r.segment[SEG_GS].base = 1ull << 47;
	CHECK(!virt_segments_check(&r));
	good();
	r.cr0 &= ~CR0_PE;
	r.segment[SEG_CS].attr = 0x93;
	r.segment[SEG_SS].attr = 0xcf3;
	CHECK(names(virt_segments_check(&r), "SS has a privilege"));
	v86();
	r.segment[SEG_GS].base = 0;
	CHECK(names(virt_segments_check(&r), "virtual-8086"));
	v86();
	r.cr0 &= ~CR0_PE;
	CHECK(names(virt_segments_check(&r), "virtual-8086 mode in long mode or real mode"));
}

UNIT_MAIN(UNIT(test_good), UNIT(test_registers), UNIT(test_segments))
