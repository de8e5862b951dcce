/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests and hardware in words. Contract: virt_describe.h. */
#include "virt_describe.h"
#include "domain.h"
#include "format.h"
#include "log.h"

/* RIP, RSP and RFLAGS are said by who asks for a dump. */
static const struct {
	uint8_t reg; /* enum vcpu_reg */
	const char *name;
} reg_rows[] = {
	{ REG_CR0, "cr0" },
	{ REG_CR2, "cr2" },
	{ REG_CR3, "cr3" },
	{ REG_CR4, "cr4" },
	{ REG_CR8, "cr8" },
	{ REG_EFER, "efer" },
	{ REG_DR6, "dr6" },
	{ REG_DR7, "dr7" },
	{ REG_PAT, "pat" },
	{ REG_DEBUGCTL, "debugctl" },
	{ REG_STAR, "star" },
	{ REG_LSTAR, "lstar" },
	{ REG_FMASK, "fmask" },
	{ REG_KERNEL_GS_BASE, "kernel-gs" },
	{ REG_SYSENTER_CS, "sysenter-cs" },
	{ REG_SYSENTER_EIP, "sysenter-eip" },
};

static const char *const segment_names[NR_SEGS] = {
	[SEG_ES] = "es",     [SEG_CS] = "cs",     [SEG_SS] = "ss", [SEG_DS] = "ds",
	[SEG_FS] = "fs",     [SEG_GS] = "gs",     [SEG_TR] = "tr", [SEG_LDTR] = "ldtr",
	[SEG_GDTR] = "gdtr", [SEG_IDTR] = "idtr",
};

void virt_dump_registers(struct vcpu *v)
{
	struct segment s;
	char line[160];
	size_t at = 0;

	for (unsigned i = 0; i < ARRAY_LEN(reg_rows); i++) {
		at += format(line + at, sizeof(line) - at, " %s %llx", reg_rows[i].name,
		             (unsigned long long)virt->get_reg(v, reg_rows[i].reg));
		if (i % 4 != 3)
			continue;
		log_info("d%uv%u%s", v->domain->id, v->id, line);
		at = 0;
	}
	for (unsigned i = 0; i < NR_SEGS; i++) {
		virt->get_segment(v, (enum segment_name)i, &s);
		log_info("d%uv%u %-4s %04x attr %03x limit %08x base %llx", v->domain->id, v->id,
		         segment_names[i], s.selector, s.attr, s.limit, (unsigned long long)s.base);
	}
}

void virt_bad_entry(struct vcpu *v, const char *rule, uint64_t code, uint64_t info1, uint64_t info2)
{
	log_guest(v->domain, LOG_ERROR, "vcpu %u cannot be entered: %s", v->id, rule);
	virt->dump(v);
	v->exit.kind = EXIT_BAD_ENTRY;
	v->exit.insn_len = 0;
	v->exit.raw.code = code;
	v->exit.raw.info1 = info1;
	v->exit.raw.info2 = info2;
}

size_t virt_describe_features(char *buf, size_t size,
                              const char *(*name)(const void *context, unsigned i, bool *is_on),
                              const void *context)
{
	static const char *const words[] = { "; without", "; with" };
	const char *text, *before;
	size_t at = 0;
	bool is_on;

	for (int on = 1; on >= 0; on--) {
		before = words[on];
		for (unsigned i = 0; (text = name(context, i, &is_on)) != NULL && at < size; i++)
			if (is_on == on && *text) {
				at += format(buf + at, size - at, "%s %s", before, text);
				before = ",";
			}
	}
	return at;
}
