/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operands in memory of instructions that we carry out ourselves: RAM, device memory, or some of both in two pages; and the instructions that have files of their own. */
#ifndef CORE_MMIO_OPERAND_H
#define CORE_MMIO_OPERAND_H

#include "vcpu.h"

#define MMIO_OPERAND_MAX 16

/* A translated page, kept for an exit at most: of string instructions nearly all elements lie in the page of the one before. */
struct mmio_page {
	bool is_valid;
	uint64_t linear; /* of its first byte */
	gpa_t gpa;
};

/* Translated and its rights judged, not touched yet: so an instruction finds all its faults before it has effects. */
struct mmio_operand {
	gpa_t first, second; /* second: the part in the next page */
	uint8_t size;
	uint8_t head; /* bytes in the first page; size: all */
};

/*
 * The operand of size bytes at linear. rights: WALK_READ, or WALK_WRITE for all that will be written. page: what was found last with the same rights; updated.
 * 0, or -EFAULT with *fault.
 */
int must_check mmio_operand_find(struct vcpu *v, struct mmio_page *page, uint64_t linear,
                                 unsigned size, unsigned rights, struct mmio_operand *out,
                                 struct event *fault);

/* Moves o->size bytes. Nobody there: reads give ones, writes are lost; so are writes to read-only memory. True: it was all RAM that holds what was written. */
bool mmio_operand_read(struct vcpu *v, const struct mmio_operand *o, void *to);
bool mmio_operand_write(struct vcpu *v, const struct mmio_operand *o, const void *from);

/* The same for an operand of at most 8 bytes, in one register. */
void mmio_operand_load(struct vcpu *v, const struct mmio_operand *o, uint64_t *value);
void mmio_operand_store(struct vcpu *v, const struct mmio_operand *o, uint64_t value);

struct insn;
struct insn_string;
struct insn_vector;

/*
 * exit_mmio_bulk.c: MOVS or STOS with repetitions, as many elements from the next one on as lie in one page each side and the device model answers alone: memory is written,
 * registers are as before. How many; 0: it is not of that kind, or one element has to be tried by itself.
 */
unsigned mmio_bulk(struct vcpu *v, const struct insn_string *s);

/* exit_mmio_push.c, exit_mmio_string.c, exit_mmio_vector.c: a planned instruction, as far as NEXT_*; faults are raised. */
bool mmio_is_push(const struct insn *insn);
enum exit_next mmio_push(struct vcpu *v, const struct insn *insn);
enum exit_next mmio_string(struct vcpu *v, const struct insn_string *s);
enum exit_next mmio_vector(struct vcpu *v, const struct insn *insn, const struct insn_vector *p);

#endif
