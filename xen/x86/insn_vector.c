// SPDX-License-Identifier: GPL-2.0-or-later
/* SSE moves: one row for each opcode with its prefix. */
#include "insn_vector.h"
#include "errno.h"
#include "string.h"

enum prefix { PREFIX_NONE, PREFIX_66, PREFIX_F3, PREFIX_F2 };

#define STORE   1 /* to memory */
#define CLEARS  2 /* a load clears the rest of the register */
#define ALIGNED 4
#define HIGH    8  /* the register's upper half */
#define BY_W    16 /* 8 bytes with REX.W */

/* clang-format off */
static const struct vector_row {
	uint8_t map, opcode, prefix, size, flags;
} rows[] = {
	{ MAP_0F,   0x10, PREFIX_NONE, 16, 0 },                       /* MOVUPS */
	{ MAP_0F,   0x10, PREFIX_66,   16, 0 },                       /* MOVUPD */
	{ MAP_0F,   0x10, PREFIX_F3,   4,  CLEARS },                  /* MOVSS */
	{ MAP_0F,   0x10, PREFIX_F2,   8,  CLEARS },                  /* MOVSD */
	{ MAP_0F,   0x11, PREFIX_NONE, 16, STORE },
	{ MAP_0F,   0x11, PREFIX_66,   16, STORE },
	{ MAP_0F,   0x11, PREFIX_F3,   4,  STORE },
	{ MAP_0F,   0x11, PREFIX_F2,   8,  STORE },
	{ MAP_0F,   0x12, PREFIX_NONE, 8,  0 },                       /* MOVLPS */
	{ MAP_0F,   0x12, PREFIX_66,   8,  0 },                       /* MOVLPD */
	{ MAP_0F,   0x13, PREFIX_NONE, 8,  STORE },
	{ MAP_0F,   0x13, PREFIX_66,   8,  STORE },
	{ MAP_0F,   0x16, PREFIX_NONE, 8,  HIGH },                    /* MOVHPS */
	{ MAP_0F,   0x16, PREFIX_66,   8,  HIGH },                    /* MOVHPD */
	{ MAP_0F,   0x17, PREFIX_NONE, 8,  HIGH | STORE },
	{ MAP_0F,   0x17, PREFIX_66,   8,  HIGH | STORE },
	{ MAP_0F,   0x28, PREFIX_NONE, 16, ALIGNED },                 /* MOVAPS */
	{ MAP_0F,   0x28, PREFIX_66,   16, ALIGNED },                 /* MOVAPD */
	{ MAP_0F,   0x29, PREFIX_NONE, 16, ALIGNED | STORE },
	{ MAP_0F,   0x29, PREFIX_66,   16, ALIGNED | STORE },
	{ MAP_0F,   0x2b, PREFIX_NONE, 16, ALIGNED | STORE },         /* MOVNTPS */
	{ MAP_0F,   0x2b, PREFIX_66,   16, ALIGNED | STORE },         /* MOVNTPD */
	{ MAP_0F,   0x6e, PREFIX_66,   4,  CLEARS | BY_W },           /* MOVD, MOVQ */
	{ MAP_0F,   0x6f, PREFIX_66,   16, ALIGNED },                 /* MOVDQA */
	{ MAP_0F,   0x6f, PREFIX_F3,   16, 0 },                       /* MOVDQU */
	{ MAP_0F,   0x7e, PREFIX_66,   4,  STORE | BY_W },
	{ MAP_0F,   0x7e, PREFIX_F3,   8,  CLEARS },                  /* MOVQ */
	{ MAP_0F,   0x7f, PREFIX_66,   16, ALIGNED | STORE },
	{ MAP_0F,   0x7f, PREFIX_F3,   16, STORE },
	{ MAP_0F,   0xd6, PREFIX_66,   8,  STORE },                   /* MOVQ */
	{ MAP_0F,   0xe7, PREFIX_66,   16, ALIGNED | STORE },         /* MOVNTDQ */
	{ MAP_0F,   0xf0, PREFIX_F2,   16, 0 },                       /* LDDQU */
	{ MAP_0F38, 0x2a, PREFIX_66,   16, ALIGNED },                 /* MOVNTDQA */
};
/* clang-format on */

int insn_vector_plan(const struct insn *i, struct insn_vector *out)
{
	/* F2 and F3 choose the instruction before 66 does. */
	enum prefix prefix = i->repne           ? PREFIX_F2
	                     : i->rep           ? PREFIX_F3
	                     : i->opsize_prefix ? PREFIX_66
	                                        : PREFIX_NONE;
	const struct vector_row *row = rows, *end = rows + ARRAY_LEN(rows);

	if (!i->has_mem || i->vex || i->lock)
		return -EOPNOTSUPP;
	while (row < end &&
	       (row->map != i->map || row->opcode != i->opcode || row->prefix != prefix))
		row++;
	if (row == end)
		return -EOPNOTSUPP;
	*out = (struct insn_vector){
		.xmm = insn_reg(i),
		.size = row->flags & BY_W && i->rex & 8 ? 8 : row->size,
		.at = row->flags & HIGH ? 8 : 0,
		.write = row->flags & STORE,
		.clears = row->flags & CLEARS,
		.aligned = row->flags & ALIGNED,
	};
	return 0;
}

void insn_vector_load(const struct insn_vector *p, const uint8_t *memory, uint8_t reg[XMM_BYTES])
{
	if (p->clears)
		memset(reg, 0, XMM_BYTES);
	memcpy(reg + p->at, memory, p->size);
}
