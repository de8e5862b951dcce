/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes through the decoder and the planner. First byte: mode; the others: an instruction. What is decoded must not depend on what
 * follows it, must not be found in fewer bytes, and must plan to something sane.
 */
#include <stdlib.h>
#include <string.h>
#include "insn_execute.h"
#include "errno.h"

#define MUST(cond)               \
	do {                     \
		if (!(cond))     \
			abort(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int decode_exact(const uint8_t *bytes, size_t n, enum insn_mode mode, struct insn *insn)
{
	uint8_t *copy = malloc(n ? n : 1); /* of this size, so that each byte beyond is seen */
	int rc;

	memcpy(copy, bytes, n);
	rc = insn_decode(copy, n, mode, insn);
	free(copy);
	return rc;
}

static void check_fields(const struct insn *i, enum insn_mode mode)
{
	MUST(i->len >= 1 && i->len <= INSN_MAX_LEN && i->prefix_len < i->len);
	MUST(i->op_size == 2 || i->op_size == 4 || i->op_size == 8);
	MUST(i->addr_size == 2 || i->addr_size == 4 || i->addr_size == 8);
	MUST(mode == INSN_64BIT ||
	     (i->op_size != 8 && i->addr_size != 8 && !i->rip_relative && !i->rex));
	MUST(mode != INSN_64BIT || i->addr_size != 2);
	MUST(i->base == 0xff || i->base < NR_GPRS);
	MUST(i->index == 0xff || i->index < NR_GPRS);
	MUST(i->imm_size <= 8 && (i->imm_size == 8 || i->imm >> (8 * i->imm_size) == 0));
	MUST(i->segment <= SEG_GS);
}

static void check_plan(const struct insn *insn)
{
	struct guest_regs regs = { .rflags = RFLAGS_MBS };
	struct insn_mmio plan;
	uint64_t store;
	bool do_store;

	for (unsigned i = 0; i < NR_GPRS; i++)
		regs.r[i] = 0x0123456789abcdefull * (2 * i + 1);
	(void)insn_mem_offset(insn, &regs);
	if (insn_mmio_plan(insn, &regs, &plan))
		return;
	MUST(insn->has_mem && (plan.read || plan.write));
	MUST(plan.size == 1 || plan.size == 2 || plan.size == 4 || plan.size == 8);
	insn_mmio_finish(insn, &plan, 0xfedcba9876543210ull, &regs, &store, &do_store);
	MUST(do_store == (plan.read && plan.write));
	MUST(!do_store || plan.size == 8 || store >> (8 * plan.size) == 0);
	MUST(!(regs.rflags & ~(RFLAGS_MBS | RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF |
	                       RFLAGS_SF | RFLAGS_OF)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct insn insn, again;
	uint8_t bytes[32];
	enum insn_mode mode;
	int rc;

	if (size < 1 || size > 17)
		return 0;
	mode = data[0] % 3;
	rc = decode_exact(data + 1, size - 1, mode, &insn);
	if (rc == -ENODATA) {
		MUST(size - 1 < INSN_MAX_LEN);
		return 0;
	}
	if (rc) {
		MUST(rc == -EINVAL);
		return 0;
	}
	MUST(insn.len <= size - 1);
	check_fields(&insn, mode);
	for (size_t n = 0; n < insn.len; n++)
		MUST(decode_exact(data + 1, n, mode, &again) == -ENODATA);
	memset(bytes, 0xcc, sizeof(bytes));
	memcpy(bytes, data + 1, insn.len);
	MUST(insn_decode(bytes, sizeof(bytes), mode, &again) == 0 && again.len == insn.len);
	check_plan(&insn);
	return 0;
}
